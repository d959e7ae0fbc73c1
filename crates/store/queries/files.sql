-- The files that came in, in that order. $1 county
select file_id, sha256, name, office, imported_at, kinds, first_row, last_row,
       rows_read, created, updated, unchanged, parked, refused
  from file
 where county = $1
 order by file_id
