-- A person and the others of the household. $1 county, $2 person, $3 run
select p.person_id, p.name, p.sealed, p.sex, p.born_on, p.grade, p.school_id, s.name as school,
       (select count(*) from duty d where d.county = p.county and d.run_id = $3 and d.gap > 0 and d.duty_id in
           (select x.duty_id from duty x where x.county = p.county and x.run_id = $3 and x.subject_kind = 'person'
               and x.subject_id = p.person_id)) as open_duties,
       p.household_id, h.number, p.town, p.class, p.rows
  from person p
  left join school s on s.county = p.county and s.school_id = p.school_id
  left join household h on h.county = p.county and h.household_id = p.household_id
 where p.county = $1 and p.person_id in
       (select cast($2 as bigint)
        union
        select m.person_id from person m where m.county = $1 and m.household_id =
               (select o.household_id from person o where o.county = $1 and o.person_id = $2))
 order by p.born_on, p.person_id
