-- The assessment that pages show. $1 county
select r.run_id, r.as_of, r.policies_hash, r.registers_hash, r.started_at, r.ended_at, r.sizes, r.kept
  from county c
  join run r on r.county = c.county and r.run_id = c.live_run
 where c.county = $1
