-- Pupils over the years, and plans. Types in braces as in 0001.

-- Pupils who counted in each school year, by where they live and learn. Replaced as a whole by each linking.
create table grade_count (
    county      {int} not null,
    school_year {int} not null,               -- the calendar year in which it begins
    place       {int} not null,               -- village, else town; 0: not known
    school_id   {int} not null,               -- 0: not known
    stage       {text} not null,
    grade       {text} not null,
    pupils      {int} not null,
    boarders    {int} not null,
    primary key (county, school_year, place, school_id, grade)
) {keyed};

-- A question put to the planner, and what came of it. Never changed once it is solved but for state and decided_*.
create table scenario (
    county       {int} not null,
    scenario_id  {int} not null,              -- from 1
    question     {text} not null,             -- sites, forecast
    title        {text} not null,
    asked        {text} not null,             -- JSON: what was asked
    state        {text} not null,             -- waiting, solved, failed, accepted, dropped
    run_id       {int},                       -- the assessment whose registers it rests on
    inputs_hash  {text},                      -- SHA-256 of all that it was reckoned from
    result       {text},                      -- JSON, by question
    objective    {real},
    bound        {real},
    verdict      {text},                      -- what the checker says: ok, or the fault; null: nothing to check
    failure      {text},                      -- why there is no plan
    author       {text} not null,
    author_name  {text} not null,
    made_at      {text} not null,
    solved_at    {text},
    decided      {text},                      -- login of who accepted or dropped it
    decided_name {text},
    decided_at   {text},
    note         {text},                      -- the meeting that decided, or why not
    primary key (county, scenario_id),
    check (state in ('waiting', 'solved', 'failed', 'accepted', 'dropped'))
) {keyed};

-- What an accepted plan asks of somebody by a day. Each assessment takes them in as duties.
create table plan_duty (
    county       {int} not null,
    scenario_id  {int} not null,
    line_no      {int} not null,              -- from 1
    area         {text} not null,
    kind         {text} not null,             -- plan.beds, plan.classes …
    subject_kind {text} not null,             -- school, place
    subject_id   {int} not null,
    place        {int},
    quantity     {int} not null,
    unit         {text} not null,
    due_on       {text} not null,
    bearer       {text} not null,
    facts        {text} not null,
    done_on      {text},                      -- null: not yet
    done_by      {text},                      -- login of who said so
    done_name    {text},
    primary key (county, scenario_id, line_no),
    foreign key (county, scenario_id) references scenario (county, scenario_id)
) {keyed};
