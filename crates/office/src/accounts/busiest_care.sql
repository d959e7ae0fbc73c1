-- The school whose pupils have most care files with something to be done. $1 county
select p.school_id, min(p.grade), min(p.class)
  from care_file f
  join person p on p.county = f.county and p.person_id = f.person_id
 where f.county = $1 and p.school_id is not null
 group by p.school_id
 order by sum(case when f.next_by is null then 0 else 1 end) desc, count(*) desc, p.school_id
 limit 1
