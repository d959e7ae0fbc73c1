-- The overdue duties to begin with: in each area the one that waits longest, of schooling four. $1 county, $2 run, $3 as-of day; {within}: what is in reach
select u.duty_id
  from (select g.duty_id, g.area, row_number() over (partition by g.area order by g.due_on, g.gap desc, g.duty_id) as nth
          from duty g
         where g.county = $1 and g.run_id = $2 and g.gap > 0 and g.due_on < $3 and {within}) u
 where u.nth <= case u.area when 'schooling' then 4 else 1 end
