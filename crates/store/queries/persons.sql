-- The persons of a county. $1 county
select person_id, name, sealed, sex, born_on, ethnicity, town, village, household_id, relation,
       guardian_name, school_id, stage, grade, class, boarding, residence, flags, rows
  from person
 where county = $1
 order by person_id
