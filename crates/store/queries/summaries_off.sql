-- How many figures of the counties are not the sums of the live lists.
select cast(count(*) as bigint)
  from county c
  join summary s on s.county = c.county and s.run_id = c.live_run and s.place = 0
  left join (select county, run_id, area, kind, unit,
                    cast(sum(quantity) as bigint) as due, cast(sum(gap) as bigint) as gap
               from duty
              group by county, run_id, area, kind, unit) d
    on d.county = s.county and d.run_id = s.run_id
   and d.area = s.area and d.kind = s.kind and d.unit = s.unit
 where s.due <> coalesce(d.due, 0) or s.gap <> coalesce(d.gap, 0)
