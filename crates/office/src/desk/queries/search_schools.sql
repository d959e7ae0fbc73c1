-- Schools by part of a name or of a name that people write. $1 county, $2 pattern
select school_id, name, coalesce(village, town)
  from school
 where county = $1 and (name like $2 escape '!' or aliases like $2 escape '!')
 order by name, school_id
 limit 200
