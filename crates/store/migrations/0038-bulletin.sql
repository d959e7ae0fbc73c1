-- 各学段学生资助情况统计表: what was paid in a calendar year, by stage, programme, half and class of hardship, as the live assessment
-- counts it; persons and person-times apart. Types in braces as in 0001.
create table bulletin (
    county  {int} not null,
    year    {int} not null,
    stage   {text} not null,
    kind    {text} not null,
    half    {text} not null,                  -- S spring, A autumn, Y the whole year
    class   {int} not null,                   -- 0 all, 1, 2
    run_id  {int} not null,
    persons {int} not null,                   -- each once
    times   {int} not null,                   -- 人次
    amount  {int} not null,                   -- fen
    primary key (county, year, stage, kind, half, class),
    check (persons <= times)
) {keyed};
