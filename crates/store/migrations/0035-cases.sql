-- 一生一案: the case of a child out of school, and what happens in it. Types in braces as in 0001, `{append_only} x` as in 0015.
-- Where a case stands follows from its steps; the columns of watch_case that repeat it are for lists and constraints.

create table watch_case (
    county      {int} not null,
    case_no     {int} not null,               -- from 1
    person_id   {int} not null,               -- as known when it was opened; person_event leads on
    kind        {text} not null,              -- of the duty that was not done
    facts       {text} not null,              -- why the child was found
    run_id      {int} not null,               -- the assessment that found it
    opened_on   {text} not null,
    found_town    {int},                      -- where the child stood then
    found_village {int},
    found_school  {int},                      -- enrolled there, or last
    grade       {text},                       -- there
    class       {text} not null,
    state       {text} not null,              -- of the last step
    steps       {int} not null,               -- how many
    town        {int},                        -- where it stands now
    village     {int},
    school_id   {int},
    officer     {int},                        -- account that it is assigned to now
    opened_at   {text} not null,
    opened_by   {text} not null,
    primary key (county, case_no),
    check (steps >= 0),
    check (state in ('found', 'verified', 'visited', 'noticed', 'ordered', 'referred', 'transferring', 'exempt',
                     'follow_up', 'closed')),
    check (steps > 0 or state = 'found')
) {keyed};

-- One open case a child, whatever the program thinks.
create unique index watch_case_open on watch_case (county, person_id) where state <> 'closed';

-- Steps are numbered from 1 without a gap, since each refers to the one before; of two who write the same number one is
-- refused; none is changed or taken back.
create table watch_step (
    county    {int} not null,
    case_no   {int} not null,
    step_no   {int} not null,
    prev      {int},
    on_day    {text} not null,                -- when it happened
    code      {text} not null,
    fields    {text} not null,                -- JSON
    note      {text} not null,
    state     {text} not null,                -- after it
    town      {int},                          -- of the case, after it
    village   {int},
    school_id {int},
    user_id   {int} not null,
    login     {text} not null,
    name      {text} not null,
    at        {text} not null,                -- when it was written down
    primary key (county, case_no, step_no),
    foreign key (county, case_no) references watch_case (county, case_no),
    foreign key (county, case_no, prev) references watch_step (county, case_no, step_no),
    check (step_no >= 1),
    check ((step_no = 1) = (prev is null)),
    check (prev is null or prev = step_no - 1)
) {keyed};
{append_only} watch_step
