-- Whom to see: who is missing from school this term, and pupils to whom contacts are owed and nobody wrote one this month.
-- $1 county, $2 term, $3 school year, $4 this month, $5 the month before, $6 first day of this month; {theirs}: the ground;
-- {open}, {area}: the indexes of open duties and of areas, as the two kinds are found by one each
select p.person_id, min(w.urgency) as urgency, min(w.contact) as contact
  from (select d.county, d.subject_id, 0 as urgency, 0 as contact
          from county c cross join duty d {open}
         where c.county = $1 and d.county = c.county and d.run_id = c.live_run
           and d.area = 'schooling' and d.gap > 0 and d.subject_kind = 'person' and d.period = $2
         union all
        select d.county, d.subject_id, case when d.period = $5 and d.gap > 0 then 1 else 2 end, 1
          from county c cross join duty d {area}
         where c.county = $1 and d.county = c.county and d.run_id = c.live_run
           and d.area = 'pairing' and d.subject_kind = 'person' and d.period in ($3, $4, $5)) w
  join person p on p.county = w.county and p.person_id = w.subject_id
 where (w.contact = 0
        or not exists
           (select 1 from entry e
             where e.county = $1 and e.subject_kind = 'person' and e.subject_id = p.person_id and e.on_day >= $6
               and e.kind in ('visit', 'contact') and e.state in ('in_force', 'conflict')))
   and {theirs}
 group by p.person_id, p.town, p.village, p.name
 order by urgency, p.town, p.village, p.name, p.person_id
