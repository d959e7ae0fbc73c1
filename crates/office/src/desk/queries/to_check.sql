-- Rows that wait for a person: parked or refused. $1 county
select cast(coalesce(sum(parked + refused), 0) as bigint) from file where county = $1
