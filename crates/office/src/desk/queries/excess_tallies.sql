-- Deeds against no duty, counted by area, kind, period and town. $1 county, $2 run; {within}: what is in reach
select area, kind, period, place / 1000 * 1000 as town, count(*)
  from deed d
 where county = $1 and run_id = $2 and excess > 0 and {within}
 group by area, kind, period, place / 1000
 order by area, kind, period, place / 1000
