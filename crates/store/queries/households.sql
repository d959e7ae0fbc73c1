-- The households of a county. $1 county
select household_id, number, head_person_id, head_name, kind, monitored, town, village, size,
       relocation_site, row_id
  from household
 where county = $1
 order by household_id
