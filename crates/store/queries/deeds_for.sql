-- The deeds for one subject. $1 county, $2 run_id, $3 subject_kind, $4 subject_id
select deed_id, area, kind, subject_kind, subject_id, period, quantity, unit, done_on, place, evidence,
       counted, excess, excess_kind
  from deed
 where county = $1 and run_id = $2 and subject_kind = $3 and subject_id = $4
 order by deed_id
