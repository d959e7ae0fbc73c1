-- $1 county, $2 school
select name from school where county = $1 and school_id = $2
