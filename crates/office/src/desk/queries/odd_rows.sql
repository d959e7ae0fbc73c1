-- The rows of a file that something was found in. $1 county, $2 file
select r.sheet_no, r.row_no, r.row_id
  from file f
  join source_row r on r.county = f.county and r.row_id between f.first_row and f.last_row
       and r.file_id = f.file_id
 where f.county = $1 and f.file_id = $2
   and (r.sheet_no, r.row_no) in
       (select g.sheet_no, g.row_no from finding g where g.county = $1 and g.file_id = $2)
