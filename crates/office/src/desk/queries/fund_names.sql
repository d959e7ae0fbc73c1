-- What finance's rosters say of sums of money. $1 county, and a list of row ids
select row_id, fields
  from source_row
 where county = $1 and kind in ('appropriations', 'spending') and row_id in ({ids})
