-- Whom and what source rows are about. $1 county, and a list of row ids
select l.person_id, p.name, p.town, p.village, p.school_id, p.grade, p.class,
       h.town, h.village, l.school_id, s.town, s.village, r.row_id
  from source_row r
  left join row_link l on l.county = r.county and l.row_id = r.row_id
  left join person p on p.county = l.county and p.person_id = l.person_id
  left join household h on h.county = l.county and h.household_id = coalesce(l.household_id, p.household_id)
  left join school s on s.county = l.county and s.school_id = l.school_id
 where r.county = $1 and r.row_id in ({ids})
