-- What concerns one subject. $1 county, $2 run
select x.{table}_id from {table} x where x.county = $1 and x.run_id = $2 and x.subject_kind = {kind} and x.subject_id = {id}
