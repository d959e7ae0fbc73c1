-- The figures of an assessment. $1 county, $2 run_id, $3 place: 0 = the whole county
select area, kind, unit, due, done, gap, excess, subjects_due, subjects_gap, subjects_excess
  from summary
 where county = $1 and run_id = $2 and place = $3
 order by area, kind, unit
