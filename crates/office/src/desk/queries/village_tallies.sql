-- Duties of one area by village and unit. $1 county, $2 run, $3 as-of day, $4 area; {within}: what is in reach
select place, unit, count(*),
       cast(sum(quantity) as bigint), cast(sum(done) as bigint), cast(sum(gap) as bigint),
       cast(sum(case when gap > 0 then 1 else 0 end) as bigint),
       cast(sum(case when gap > 0 and due_on < $3 then 1 else 0 end) as bigint),
       min(case when gap > 0 and due_on >= $3 then due_on end)
  from duty d
 where county = $1 and run_id = $2 and area = $4 and {within}
 group by place, unit
 order by place, unit
