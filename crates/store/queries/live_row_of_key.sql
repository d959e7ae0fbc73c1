-- The live row of a natural key, and whom it is about. $1 county, $2 natural_key
select s.row_id, l.person_id
  from source_row s
  left join row_link l on l.county = s.county and l.row_id = s.row_id
 where s.county = $1 and s.natural_key = $2 and s.superseded_by is null
