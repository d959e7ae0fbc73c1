-- This term's schooling of the children of cases, or of one child: what is missing, and the row that shows them in school.
-- $1 county, $2 run, $3 one child, 0: all. The area is no key here: children of cases are few, and found by who they are.
select d.subject_id, d.gap,
       (select min(e.evidence) from deed e
         where e.county = d.county and e.run_id = d.run_id and e.subject_kind = 'person' and e.subject_id = d.subject_id
           and e.area || '' = 'schooling' and e.counted > 0) as row_id
  from watch_case c
  join duty d on d.county = c.county and d.run_id = $2 and d.subject_kind = 'person' and d.subject_id = c.person_id
 where c.county = $1 and ($3 = 0 or c.person_id = $3) and d.area || '' = 'schooling'
