-- How many persons have a name like this. $1 county, $2 pattern; {within}: who is in reach
select count(*) from person q where q.county = $1 and q.name like $2 escape '!' and {within}
