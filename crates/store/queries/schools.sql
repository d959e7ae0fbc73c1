-- The schools of a county. $1 county
select school_id, code, name, aliases, kind, stages, parent_id, town, village,
       rural,   -- 0, 1, null = not on file
       longitude, latitude, closed_on, row_id
  from school
 where county = $1
 order by school_id
