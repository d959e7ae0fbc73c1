-- How many persons have a name like this. $1 county, $2 pattern
select count(*) from person where county = $1 and name like $2 escape '!'
