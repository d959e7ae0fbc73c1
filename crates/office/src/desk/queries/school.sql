-- One school. $1 county, $2 school
select name, code, kind, rural, closed_on, coalesce(village, town), row_id
  from school
 where county = $1 and school_id = $2
