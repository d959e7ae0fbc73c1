-- Whom a row is about, and the file that it came in. $1 county, $2 row
select f.office, f.imported_at, case when r.superseded_by is null then 0 else 1 end,
       l.person_id, p.name, l.household_id, l.school_id, s.name
  from source_row r
  join file f on f.county = r.county and f.file_id = r.file_id
  left join row_link l on l.county = r.county and l.row_id = r.row_id
  left join person p on p.county = l.county and p.person_id = l.person_id
  left join school s on s.county = l.county and s.school_id = l.school_id
 where r.county = $1 and r.row_id = $2
