-- One household. $1 county, $2 household
select number, head_name, kind, coalesce(village, town), row_id
  from household
 where county = $1 and household_id = $2
