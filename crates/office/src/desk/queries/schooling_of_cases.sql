-- This term's schooling of the children of cases: what is missing, and the row that shows them in school. $1 county, $2 run
select d.subject_id, d.gap,
       (select min(e.evidence) from deed e
         where e.county = d.county and e.run_id = d.run_id and e.subject_kind = 'person' and e.subject_id = d.subject_id
           and e.area = 'schooling' and e.counted > 0) as row_id
  from duty d
 where d.county = $1 and d.run_id = $2 and d.area = 'schooling' and d.subject_kind = 'person'
   and d.subject_id in (select c.person_id from watch_case c where c.county = $1)
