-- Children in the household register by place and month of birth. $1 county, $2 first year
select coalesce(village, town), substr(born_on, 1, 7), count(*)
  from person
 where county = $1 and born_on >= $2 and residence is not null
 group by coalesce(village, town), substr(born_on, 1, 7)
 order by 1, 2
