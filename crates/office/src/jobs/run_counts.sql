-- What the books hold of an assessment. $1 county, $2 run_id
select r.as_of,
       (select cast(count(*) as bigint) from person where county = $1),
       (select cast(count(*) as bigint) from duty where county = $1 and run_id = $2),
       (select cast(count(*) as bigint) from duty where county = $1 and run_id = $2 and gap > 0),
       (select cast(count(*) as bigint) from deed where county = $1 and run_id = $2)
  from run r
 where r.county = $1 and r.run_id = $2
