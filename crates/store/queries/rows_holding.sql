-- Live rows of one roster whose open fields hold a text, in the order in which they came in. $1 county, $2 kind, $3 pattern
select row_id, file_id, sheet_no, row_no, kind, verdict, fields, sealed
  from source_row
 where county = $1 and kind = $2 and superseded_by is null and fields like $3
 order by row_id
