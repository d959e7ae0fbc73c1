-- How many figures of the counties are not the sums of the live lists. A kind counts its parts: `places.class:P3.2`
-- under `places.class`.
select cast(count(*) as bigint)
  from (select s.due as said_due, s.gap as said_gap,
               cast(coalesce(sum(d.due), 0) as bigint) as due, cast(coalesce(sum(d.gap), 0) as bigint) as gap
          from county c
          join summary s on s.county = c.county and s.run_id = c.live_run and s.place = 0
          left join (select county, run_id, area, kind, unit,
                            cast(sum(quantity) as bigint) as due, cast(sum(gap) as bigint) as gap
                       from duty
                      group by county, run_id, area, kind, unit) d
            on d.county = s.county and d.run_id = s.run_id and d.area = s.area and d.unit = s.unit
           and (d.kind = s.kind or d.kind like s.kind || ':%')
         group by s.county, s.area, s.kind, s.unit, s.due, s.gap) sums
 where said_due <> due or said_gap <> gap
