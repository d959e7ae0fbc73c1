-- What accepted plans ask. $1 county, $2 scenario, 0: of all that stand
select d.scenario_id, d.line_no, d.area, d.kind, d.subject_kind, d.subject_id, d.place, d.quantity, d.unit,
       d.due_on, d.bearer, d.facts, d.done_on, d.done_name
  from plan_duty d
  join scenario s on s.county = d.county and s.scenario_id = d.scenario_id
 where d.county = $1 and s.state = 'accepted' and ($2 = 0 or d.scenario_id = $2)
 order by d.scenario_id, d.line_no
