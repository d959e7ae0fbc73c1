-- What was found in one file. $1 county, $2 file_id
select finding_no, file_id, sheet_no, row_no, column_no, field, kind, reason, remedy, verdict, state
  from finding
 where county = $1 and file_id = $2
 order by finding_no
