-- Files of a page, those with most to check first. $1 county, $2 pattern, $3 how many, $4 from
select file_id, name, office, kinds, imported_at, rows_read, created, updated, unchanged, parked, refused
  from file
 where county = $1 and (name like $2 escape '!' or coalesce(office, '') like $2 escape '!')
 order by parked + refused desc, file_id
 limit $3 offset $4
