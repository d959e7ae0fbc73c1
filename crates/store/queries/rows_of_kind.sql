-- Live rows of one kind, in the order in which they came in, with whom they are about. $1 county, $2 kind; where rows must hold a
-- text: $3 pattern
select s.row_id, s.file_id, s.sheet_no, s.row_no, s.kind, s.verdict, s.fields, s.sealed, l.person_id, l.household_id, l.school_id
  from source_row s /*index*/
  left join row_link l on l.county = s.county and l.row_id = s.row_id
 where s.county = $1 and s.kind = $2 and s.superseded_by is null/*holding*/
 order by s.row_id
