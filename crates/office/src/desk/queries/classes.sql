-- The classes of a school now. $1 county, $2 school
select grade, class, count(*), cast(sum(case when boarding = 'boards' then 1 else 0 end) as bigint)
  from person
 where county = $1 and school_id = $2
 group by grade, class
 order by grade, class
