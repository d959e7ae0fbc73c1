-- Duties of an assessment summed by area, kind, unit, period and town. $1 county, $2 run, $3 as-of day; {within}: what is in reach
select area, kind, unit, period, place / 1000 * 1000 as town,
       count(*),
       cast(sum(quantity) as bigint), cast(sum(done) as bigint), cast(sum(gap) as bigint),
       cast(sum(case when gap > 0 then 1 else 0 end) as bigint),
       cast(sum(case when gap > 0 and due_on < $3 then 1 else 0 end) as bigint),
       min(case when gap > 0 and due_on >= $3 then due_on end)
  from duty d
 where county = $1 and run_id = $2 and {within}
 group by area, kind, unit, period, place / 1000
 order by area, kind, unit, period, place / 1000
