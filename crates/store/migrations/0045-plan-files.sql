-- What plans are reckoned from beside the registers: roads, heights, and tables that somebody brought for one question; and
-- what a long plan has found so far. Types in braces as in 0001.

create table plan_file (
    county      {int} not null,
    file_id     {int} not null,               -- from 1
    kind        {text} not null,              -- roads, heights, teachers, places, money, changes
    name        {text} not null,              -- file name without folders
    sha256      {bytes} not null,
    size        {int} not null,
    sealed      {bytes} not null,             -- its bytes, sealed: tables of teachers and families name persons
    holds       {text} not null,              -- what it holds, in one line
    author      {text} not null,              -- login
    author_name {text} not null,
    made_at     {text} not null,
    ended_at    {text},                       -- when another took its place, or somebody took it away
    primary key (county, file_id)
) {keyed};

-- Replaced where the inputs are others.
create table plan_step (
    county      {int} not null,
    scenario_id {int} not null,
    step        {text} not null,              -- plan, none, curve 25 …
    inputs_hash {text} not null,
    found       {text} not null,              -- JSON
    primary key (county, scenario_id, step),
    foreign key (county, scenario_id) references scenario (county, scenario_id)
) {keyed};
