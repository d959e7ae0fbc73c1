-- One file. $1 county, $2 file
select file_id, name, office, kinds, imported_at, rows_read, created, updated, unchanged, parked, refused
  from file
 where county = $1 and file_id = $2
