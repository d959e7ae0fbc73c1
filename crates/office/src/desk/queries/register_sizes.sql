-- How much the registers hold. $1 county
select (select count(*) from person where county = $1), (select count(*) from household where county = $1),
       (select count(*) from school where county = $1), (select count(*) from link_ask where county = $1)
