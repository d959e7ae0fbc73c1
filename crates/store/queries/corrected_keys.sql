-- Natural keys of the live rows of whose cells anything was ever said, and the rows. $1 county
select natural_key, row_id
  from source_row
 where county = $1 and superseded_by is null
   and natural_key in (select natural_key from correction where county = $1)
