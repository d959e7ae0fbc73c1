-- Where the live assessment differs from what is frozen. $1 county
select kind, subject_kind, subject_id, period, unit, frozen, computed, facts_frozen, facts_now,
       rule_frozen, rule_now, frozen_as_of
  from difference
 where county = $1
 order by kind, subject_kind, subject_id, period
