-- Whom live rows of one kind are about, with what the register has of them. $1 county, $2 kind
select l.row_id, l.person_id, l.household_id, l.school_id,
       p.sex, p.born_on, p.town, p.village, p.school_id, p.stage, p.grade
  from row_link l
  join source_row s on s.county = l.county and s.row_id = l.row_id
  left join person p on p.county = l.county and p.person_id = l.person_id
 where l.county = $1 and s.kind = $2 and s.superseded_by is null
 order by l.row_id
