-- Reasons to look after a child before it leaves, of the live assessment. Types in braces as in 0001.
create table risk (
    county    {int} not null,
    person_id {int} not null,
    run_id    {int} not null,
    school_id {int},                          -- where the child is enrolled
    points    {int} not null,
    listed    {int} not null,                 -- 1: among as many as its school can act on
    reasons   {text} not null,                -- JSON: key, points, what is said, what to do
    primary key (county, person_id),
    check (points > 0)
) {keyed};

create index risk_points on risk (county, points, person_id);
