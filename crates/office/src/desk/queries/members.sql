-- The members of a household. $1 county, $2 household, $3 run
select p.person_id, p.name, p.sealed, p.sex, p.born_on, p.grade, p.school_id, s.name as school,
       (select count(*) from duty d where d.county = p.county and d.run_id = $3 and d.subject_kind = 'person'
           and d.subject_id = p.person_id and d.gap > 0) as open_duties
  from person p
  left join school s on s.county = p.county and s.school_id = p.school_id
 where p.county = $1 and p.household_id = $2
 order by p.born_on, p.person_id
