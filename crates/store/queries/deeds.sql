-- The deeds of an assessment. $1 county, $2 run_id
select deed_id, area, kind, subject_kind, subject_id, period, quantity, unit, done_on, place, evidence,
       counted, excess, excess_kind
  from deed
 where county = $1 and run_id = $2
 order by deed_id
