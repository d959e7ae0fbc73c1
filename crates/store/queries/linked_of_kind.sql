-- Whom each live row of one kind is about, in the order of rows_of_kind. $1 county, $2 kind
select l.person_id, l.school_id
  from file f cross join source_row s
  left join row_link l on l.county = s.county and l.row_id = s.row_id
 where f.county = $1 and ' ' || f.kinds || ' ' like '% ' || $2 || ' %'
   and s.county = f.county and s.row_id >= f.first_row and s.row_id <= f.last_row and s.file_id = f.file_id
   and s.kind = $2 and s.superseded_by is null
 order by s.row_id
