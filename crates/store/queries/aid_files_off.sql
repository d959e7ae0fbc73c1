-- Files whose sums are not those of their lines.
select cast(count(*) as bigint)
  from (select f.file_id, f.lines, f.total, f.paid_lines, f.paid, f.returned_lines, f.returned,
               count(*) as n, sum(l.amount) as amount,
               sum(case when l.state = 'paid' then 1 else 0 end) as np,
               sum(case when l.state = 'paid' then l.amount else 0 end) as p,
               sum(case when l.state = 'returned' then 1 else 0 end) as nr,
               sum(case when l.state = 'returned' then l.amount else 0 end) as r
          from aid_file f
          join aid_line l on l.county = f.county and l.file_id = f.file_id
         group by f.county, f.file_id, f.lines, f.total, f.paid_lines, f.paid, f.returned_lines, f.returned) x
 where lines <> n or total <> amount or paid_lines <> np or paid <> p or returned_lines <> nr or returned <> r
