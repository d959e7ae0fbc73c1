-- The live row at a place of a file. $1 county, $2 and $3 first and last row id of the file, $4 sheet from 0, $5 row number
select row_id
  from source_row
 where county = $1 and row_id between $2 and $3 and sheet_no = $4 and row_no = $5 and superseded_by is null
