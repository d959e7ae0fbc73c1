-- Where source rows stand. $1 county, and a list of row ids
select r.row_id, f.name, t.name, r.row_no, r.kind
  from source_row r
  join file f on f.county = r.county and f.file_id = r.file_id
  left join sheet t on t.county = r.county and t.file_id = r.file_id and t.sheet_no = r.sheet_no
 where r.county = $1 and r.row_id in ({ids})
 order by r.row_id
