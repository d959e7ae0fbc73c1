-- Live rows of whose cells anything was ever said: from the corrections, which are few, to the rows. $1 county
select s.row_id, s.file_id, s.sheet_no, s.row_no, s.kind, s.verdict, s.fields, s.sealed
  from (select distinct natural_key from correction where county = $1) c
 cross join source_row s
 where s.county = $1 and s.natural_key = c.natural_key and s.superseded_by is null
 order by s.row_id
