-- Natural keys of the live rows of whose cells anything was ever said, and the rows. $1 county
select s.natural_key, s.row_id
  from (select distinct natural_key from correction where county = $1) c
 cross join source_row s
 where s.county = $1 and s.natural_key = c.natural_key and s.superseded_by is null
