-- Pupils whom somebody should see, for a mentor. $1 county
select p.person_id, null, null
  from duty d
  join county c on c.county = d.county and c.live_run = d.run_id
  join person p on p.county = d.county and p.person_id = d.subject_id
 where d.county = $1 and d.gap > 0 and d.subject_kind = 'person' and d.area = 'pairing'
 group by p.person_id
 order by count(*) desc, p.person_id
 limit 5
