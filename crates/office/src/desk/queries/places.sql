-- Towns and villages by code. $1 county
select code, name, level, longitude, latitude
  from place
 where county = $1
 order by code
