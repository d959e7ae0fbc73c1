-- What assessments did to persons, in that order. $1 county
select event_no, at, kind, person_id, other_id, count, rows
  from person_event
 where county = $1
 order by event_no
