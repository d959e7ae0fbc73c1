 and ((d.subject_kind = 'school' and d.subject_id = $a)
   or (d.subject_kind = 'person' and d.subject_id in
        (select q.person_id from person q where q.county = $1 and q.school_id = $a)))
