-- The file with these bytes. $1 county, $2 sha256
select file_id, sha256, name, office, imported_at, kinds, first_row, last_row,
       rows_read, created, updated, unchanged, parked, refused
  from file
 where county = $1 and sha256 = $2
