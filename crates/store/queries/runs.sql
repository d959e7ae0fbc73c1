-- The assessments of a county, in order. $1 county
select run_id, as_of, policies_hash, registers_hash, started_at, ended_at, sizes, kept
  from run
 where county = $1
 order by run_id
