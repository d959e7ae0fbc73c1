-- The frozen duties of a county. $1 county
select area, kind, subject_kind, subject_id, period, quantity, unit, due_on, bearer, place,
       rule, basis, facts, sources, as_of, policies_hash, registers_hash
  from frozen_duty
 where county = $1
 order by kind, subject_kind, subject_id, period
