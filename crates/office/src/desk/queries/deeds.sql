-- Deeds in words, with the rows that prove them. $1 county, $2 run; the query of a page gives the deed ids.
select d.deed_id, d.area, d.kind, d.subject_kind, d.subject_id, d.period, d.unit, d.quantity, d.excess,
       d.excess_kind, d.done_on, d.place, d.evidence, f.name as file, t.name as sheet, e.row_no, e.kind as roster,
       p.name, p.sealed, p.grade, p.class, h.head_name, h.number, s.school_id, s.name, s.code,
       null as fund_name, null as fund_no
  from deed d
  left join source_row e on e.county = d.county and e.row_id = d.evidence
  left join file f on f.county = e.county and f.file_id = e.file_id
  left join sheet t on t.county = e.county and t.file_id = e.file_id and t.sheet_no = e.sheet_no
  left join person p on d.subject_kind = 'person' and p.county = d.county and p.person_id = d.subject_id
  left join household h on d.subject_kind = 'household' and h.county = d.county and h.household_id = d.subject_id
  left join school s on s.county = d.county
       and s.school_id = case when d.subject_kind = 'school' then d.subject_id else p.school_id end
 where d.county = $1 and d.run_id = $2 and d.deed_id in ({page})
 order by {order}
