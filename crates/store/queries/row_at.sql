-- The live row at a place of a file. $1 county, $2 file, $3 and $4 first and last row id of the file, $5 sheet from 0, $6 row
-- number
select row_id
  from source_row
 where county = $1 and file_id = $2 and row_id between $3 and $4 and sheet_no = $5 and row_no = $6
   and superseded_by is null
