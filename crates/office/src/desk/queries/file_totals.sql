-- All files with a name or office like this, in sums. $1 county, $2 pattern
select count(*), cast(coalesce(sum(rows_read), 0) as bigint), cast(coalesce(sum(created), 0) as bigint),
       cast(coalesce(sum(updated), 0) as bigint), cast(coalesce(sum(unchanged), 0) as bigint),
       cast(coalesce(sum(parked), 0) as bigint), cast(coalesce(sum(refused), 0) as bigint)
  from file
 where county = $1 and (name like $2 escape '!' or coalesce(office, '') like $2 escape '!')
