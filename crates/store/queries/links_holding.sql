-- Whom live rows of one roster are about, as far as they were linked. $1 county, $2 kind, $3 pattern
select s.row_id, l.person_id, l.household_id, l.school_id
  from source_row s
  join row_link l on l.county = s.county and l.row_id = s.row_id
 where s.county = $1 and s.kind = $2 and s.superseded_by is null and s.fields like $3
 order by s.row_id
