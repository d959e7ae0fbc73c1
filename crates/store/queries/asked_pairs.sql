-- Pairs that wait for a person and are not decided yet, likeliest first, with the natural keys of their rows. $1 county
select a.left_row, a.right_row, a.weight, a.why, l.natural_key, r.natural_key
  from link_ask a
  join source_row l on l.county = a.county and l.row_id = a.left_row
  join source_row r on r.county = a.county and r.row_id = a.right_row
 where a.county = $1
   and not exists (select 1 from link_decision d
                    where d.county = a.county and d.undone_at is null
                      and ((d.left_key = l.natural_key and d.right_key = r.natural_key)
                        or (d.left_key = r.natural_key and d.right_key = l.natural_key)))
 order by a.weight desc, a.left_row, a.right_row
