-- Live rows of whose cells anything was ever said. $1 county
select row_id, file_id, sheet_no, row_no, kind, verdict, fields, sealed
  from source_row
 where county = $1 and superseded_by is null
   and natural_key in (select natural_key from correction where county = $1)
 order by row_id
