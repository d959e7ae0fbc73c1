-- Live rows of one kind, in the order in which they came in: by the files that hold such rows, whose stretches of rows are read by
-- their key. $1 county, $2 kind
select s.row_id, s.file_id, s.sheet_no, s.row_no, s.kind, s.verdict, s.fields, s.sealed
  from file f cross join source_row s
 where f.county = $1 and ' ' || f.kinds || ' ' like '% ' || $2 || ' %'
   and s.county = f.county and s.row_id >= f.first_row and s.row_id <= f.last_row and s.file_id = f.file_id
   and s.kind = $2 and s.superseded_by is null
 order by s.row_id
