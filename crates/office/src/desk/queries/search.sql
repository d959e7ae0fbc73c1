-- Persons by part of a name, equal names first. $1 county, $2 pattern, $3 run, $4 name, $5 how many; {within}: who is in reach
select p.person_id, p.name, p.sealed, p.sex, p.born_on, p.grade, p.school_id, s.name as school,
       (select count(*) from duty d where d.county = p.county and d.run_id = $3 and d.gap > 0 and d.duty_id in
           (select x.duty_id from duty x where x.county = p.county and x.run_id = $3 and x.subject_kind = 'person'
               and x.subject_id = p.person_id)) as open_duties
  from (select q.county, q.person_id, q.name, q.sealed, q.sex, q.born_on, q.grade, q.school_id
          from person q
         where q.county = $1 and q.name like $2 escape '!' and {within}
         order by case when q.name = $4 then 0 else 1 end, q.name, q.person_id
         limit $5) p
  left join school s on s.county = p.county and s.school_id = p.school_id
 order by case when p.name = $4 then 0 else 1 end, p.name, p.person_id
