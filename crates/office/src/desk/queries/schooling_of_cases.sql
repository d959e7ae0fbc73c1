-- This term's schooling of the children of open cases, or of one child: what is missing, and the row that shows them in school.
-- $1 county, $2 run, $3 one child, 0: all. Read in this order, from the few cases on: each child's duties and deeds are found by
-- the index of subjects alone, then read by their own key.
select d.subject_id, d.gap,
       (select min(e.evidence)
          from deed y cross join deed e
         where y.county = d.county and y.run_id = d.run_id and y.subject_kind = 'person' and y.subject_id = d.subject_id
           and e.county = y.county and e.run_id = y.run_id and e.deed_id = y.deed_id
           and e.area = 'schooling' and e.counted > 0) as row_id
  from watch_case c cross join duty x cross join duty d
 where c.county = $1 and (($3 = 0 and c.state <> 'closed') or c.person_id = $3)
   and x.county = c.county and x.run_id = $2 and x.subject_kind = 'person' and x.subject_id = c.person_id
   and d.county = x.county and d.run_id = x.run_id and d.duty_id = x.duty_id
   and d.area = 'schooling'
