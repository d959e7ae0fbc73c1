-- Pupils by school year, place, school and grade. $1 county
select school_year, place, school_id, stage, grade, pupils, boarders
  from grade_count
 where county = $1
 order by school_year, place, school_id, grade
