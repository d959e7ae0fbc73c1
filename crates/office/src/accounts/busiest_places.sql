-- The villages with most open duties. $1 county
select d.place, null, null
  from duty d
  join county c on c.county = d.county and c.live_run = d.run_id
 where d.county = $1 and d.gap > 0 and d.area in ('aid', 'schooling') and d.place / 1000 * 1000 <> d.place
 group by d.place
 order by count(*) desc, d.place
 limit 1
