-- The rows of a file that something was found in. $1 county, $2 file. The file's rows are walked once, whatever a planner thinks of what was
-- found in it.
select r.sheet_no, r.row_no, r.row_id
  from source_row r
 where r.county = $1 and r.file_id = $2
   and r.row_id between (select f.first_row from file f where f.county = $1 and f.file_id = $2)
                    and (select f.last_row from file f where f.county = $1 and f.file_id = $2)
   and (r.sheet_no, r.row_no) in
       (select g.sheet_no, g.row_no from finding g where g.county = $1 and g.file_id = $2)
