select x.{table}_id from {table} x where x.county = $1 and x.run_id = $2 and ({subjects})
