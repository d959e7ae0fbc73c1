-- Duties in words. $1 county, $2 run; the query of a page gives the duty ids.
select d.duty_id, d.area, d.kind, d.subject_kind, d.subject_id, d.period, d.unit, d.quantity, d.done, d.gap,
       d.due_on, d.bearer, d.place, d.facts, d.sources, r.rule, r.basis,
       p.name, p.sealed, p.grade, p.class, h.head_name, h.number, s.school_id, s.name, s.code,
       null as fund_name, null as fund_no
  from duty d
  join rule r on r.county = d.county and r.run_id = d.run_id and r.rule_no = d.rule_no
  left join person p on d.subject_kind = 'person' and p.county = d.county and p.person_id = d.subject_id
  left join household h on d.subject_kind = 'household' and h.county = d.county and h.household_id = d.subject_id
  left join school s on s.county = d.county
       and s.school_id = case when d.subject_kind = 'school' then d.subject_id else p.school_id end
 where d.county = $1 and d.run_id = $2 and d.duty_id in ({page})
 order by {order}
