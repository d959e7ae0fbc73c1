 and ((d.subject_kind = 'person' and d.subject_id in
        (select q.person_id from person q where q.county = $1 and q.name like $a escape '!'
         union
         select q.person_id from school z join person q on q.county = z.county and q.school_id = z.school_id
          where z.county = $1 and z.name like $a escape '!'))
   or (d.subject_kind = 'household' and d.subject_id in
        (select q.household_id from household q where q.county = $1 and q.head_name like $a escape '!'))
   or (d.subject_kind = 'school' and d.subject_id in
        (select q.school_id from school q where q.county = $1 and q.name like $a escape '!')))
