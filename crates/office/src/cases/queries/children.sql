-- The children of all cases, as the register has them. $1 county
select p.person_id, p.name, p.town, p.village, p.school_id, p.grade, p.class, p.guardian_name
  from person p
 where p.county = $1
   and p.person_id in (select c.person_id from watch_case c where c.county = $1)
