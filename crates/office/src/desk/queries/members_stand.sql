-- Where the members of a household stand. $1 county, $2 household
select person_id, town, village, school_id, grade, class, household_id
  from person
 where county = $1 and household_id = $2
