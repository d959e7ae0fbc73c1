-- Rows that were corrected, each with what corrected it. $1 county
select row_id, superseded_by, natural_key, fingerprint
  from source_row
 where county = $1 and superseded_by is not null
 order by row_id
