-- Where somebody stands. $1 county, $2 person
select person_id, town, village, school_id, grade, class, household_id
  from person
 where county = $1 and person_id = $2
