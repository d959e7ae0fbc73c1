-- Natural keys and fingerprints of live rows. $1 county
select row_id, kind, natural_key, fingerprint
  from source_row
 where county = $1 and superseded_by is null
 order by row_id
