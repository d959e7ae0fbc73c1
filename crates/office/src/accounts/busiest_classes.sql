-- The classes of compulsory school, of ten pupils and more, whose pupils have most open duties. $1 county
select p.school_id, p.grade, p.class
  from duty d
  join county c on c.county = d.county and c.live_run = d.run_id
  join person p on p.county = d.county and p.person_id = d.subject_id
 where d.county = $1 and d.gap > 0 and d.subject_kind = 'person'
   and p.stage in ('primary', 'junior') and p.school_id is not null and p.class is not null
 group by p.school_id, p.grade, p.class
 order by case when count(distinct p.person_id) >= 10 then 0 else 1 end, count(*) desc, p.school_id, p.grade, p.class
 limit 1
