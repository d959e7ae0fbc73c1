-- Live rows about one person, in the order in which they came in. $1 county, $2 person_id
select s.row_id, s.file_id, s.sheet_no, s.row_no, s.kind, s.verdict, s.fields, s.sealed
  from row_link l
  join source_row s on s.county = l.county and s.row_id = l.row_id
 where l.county = $1 and l.person_id = $2 and s.superseded_by is null
 order by s.row_id
