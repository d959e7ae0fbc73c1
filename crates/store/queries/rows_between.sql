-- Source rows from one id to another, superseded or not. $1 county, $2 first, $3 last
select row_id, file_id, sheet_no, row_no, kind, verdict, fields, sealed
  from source_row
 where county = $1 and row_id between $2 and $3
 order by row_id
