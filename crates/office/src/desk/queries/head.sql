-- The county of these books and its live assessment.
select c.county, c.name, c.made, c.live_run, r.as_of
  from county c
  left join run r on r.county = c.county and r.run_id = c.live_run
 order by c.county
 limit 1
