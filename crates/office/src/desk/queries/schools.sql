-- Schools with pupils and their own duties. $1 county, $2 run, $3 pattern of names
select s.school_id, s.name, s.kind, coalesce(s.village, s.town), s.closed_on,
       coalesce(n.pupils, 0), coalesce(t.duties, 0), coalesce(t.open_duties, 0)
  from school s
  left join (select school_id, count(*) as pupils
               from person
              where county = $1 and school_id is not null
              group by school_id) n on n.school_id = s.school_id
  left join (select subject_id, count(*) as duties,
                    cast(sum(case when gap > 0 then 1 else 0 end) as bigint) as open_duties
               from duty
              where county = $1 and run_id = $2 and subject_kind = 'school'
              group by subject_id) t on t.subject_id = s.school_id
 where s.county = $1 and s.name like $3 escape '!'
 order by s.school_id
