-- What is due to the pupils of a school, by area and unit. $1 county, $2 school, $3 run, $4 as-of day
select d.area, d.unit, count(*),
       cast(sum(d.quantity) as bigint), cast(sum(d.done) as bigint), cast(sum(d.gap) as bigint),
       cast(sum(case when d.gap > 0 then 1 else 0 end) as bigint),
       cast(sum(case when d.gap > 0 and d.due_on < $4 then 1 else 0 end) as bigint),
       min(case when d.gap > 0 and d.due_on >= $4 then d.due_on end)
  from person p
 cross join duty x -- in this order: pupils first, then by subject, then whole rows
 cross join duty d
 where p.county = $1 and p.school_id = $2
   and x.county = p.county and x.run_id = $3 and x.subject_kind = 'person' and x.subject_id = p.person_id
   and d.county = x.county and d.run_id = x.run_id and d.duty_id = x.duty_id
 group by d.area, d.unit
 order by d.area, d.unit
