-- One person. $1 county, $2 person_id
select person_id, name, sealed, sex, born_on, ethnicity, town, village, household_id, relation,
       guardian_name, school_id, stage, grade, class, boarding, residence, flags, rows
  from person
 where county = $1 and person_id = $2
