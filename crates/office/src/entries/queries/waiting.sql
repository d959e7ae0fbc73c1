-- Whom to see: who is missing from school this term, and pupils to whom contacts are owed and nobody wrote one this month.
-- $1 county, $2 term, $3 school year, $4 this month, $5 the month before, $6 first day of this month; {theirs}: the ground
select p.person_id,
       min(case when d.area = 'schooling' then 0 when d.period = $5 and d.gap > 0 then 1 else 2 end) as urgency,
       min(case when d.area = 'schooling' then 0 else 1 end) as contact
  from duty d
  join county c on c.county = d.county and c.live_run = d.run_id
  join person p on p.county = d.county and p.person_id = d.subject_id
 where d.county = $1 and d.subject_kind = 'person'
   and ((d.area = 'schooling' and d.period = $2 and d.gap > 0)
     or (d.area = 'pairing' and d.period in ($3, $4, $5)
         and not exists
             (select 1 from entry e
               where e.county = $1 and e.subject_kind = 'person' and e.subject_id = p.person_id and e.on_day >= $6
                 and e.kind in ('visit', 'contact') and e.state in ('in_force', 'conflict'))))
   and {theirs}
 group by p.person_id, p.town, p.village, p.name
 order by urgency, p.town, p.village, p.name, p.person_id
