-- What became of those who were aided, by the school year of the first aid and by town. Types in braces as in 0001.
create table generation (
    county  {int} not null,
    run_id  {int} not null,
    cohort  {int} not null,                   -- calendar year in which the school year begins
    town    {int} not null,                   -- 0: nowhere in the county
    stage   {int} not null,                   -- place in fujiao_watch::funnel::Stage::ALL; 0: began
    reached {int} not null,
    missed  {int} not null,                   -- known not to have
    unknown {int} not null,                   -- not known, or not yet due
    primary key (county, cohort, town, stage)
) {keyed};
