-- The duties of one area. $1 county, $2 run_id, $3 area
select d.duty_id, d.area, d.kind, d.subject_kind, d.subject_id, d.period, d.quantity, d.unit, d.done, d.gap,
       d.due_on, d.bearer, d.place, r.rule, r.basis, d.facts, d.sources
  from duty d
  join rule r on r.county = d.county and r.run_id = d.run_id and r.rule_no = d.rule_no
 where d.county = $1 and d.run_id = $2 and d.area = $3
 order by d.duty_id
