-- 关爱: what is known of contacts with children who need somebody, and care files for those on the case. Types in braces as in 0001.

-- Contacts with each child this term, of the live assessment: what rosters and hands wrote, by kind.
create table contact_sum (
    county    {int} not null,
    person_id {int} not null,
    run_id    {int} not null,
    met       {int} not null,                 -- that count as a contact
    material  {int} not null,                 -- goods and help in the household alone
    kinds     {text} not null,                -- JSON: kind of contact, how often
    last_on   {text},                         -- the last that counts
    month_met {int} not null,                 -- that count, in the month of the assessment
    primary key (county, person_id)
) {keyed};

-- What stands of a child's care follows from its steps; these columns repeat it for lists of those on the case.
create table care_file (
    county    {int} not null,
    person_id {int} not null,                 -- as known when it was begun; person_event leads on
    steps     {int} not null,
    state     {text} not null,                -- quiet, asked, planned, referred
    next_act  {text},                         -- watch, plan, refer
    next_by   {text},
    screened  {int} not null,                 -- school year of the last screening; 0: none
    primary key (county, person_id),
    check (steps >= 1),
    check ((next_act is null) = (next_by is null))
) {keyed};

-- Steps are numbered from 1 without a gap; none is changed or taken back. All that they say is sealed.
create table care_step (
    county    {int} not null,
    person_id {int} not null,
    step_no   {int} not null,
    prev      {int},
    on_day    {text} not null,
    code      {text} not null,                -- screening, note, plan, refer, answer, close
    sealed    {bytes} not null,
    user_id   {int} not null,
    login     {text} not null,
    name      {text} not null,
    at        {text} not null,
    primary key (county, person_id, step_no),
    foreign key (county, person_id) references care_file (county, person_id),
    foreign key (county, person_id, prev) references care_step (county, person_id, step_no),
    check (step_no >= 1),
    check ((step_no = 1) = (prev is null)),
    check (prev is null or prev = step_no - 1)
) {keyed};
{append_only} care_step

-- Open cases are few and are read together; closed ones are paged by their last day.
create index watch_case_state on watch_case (county, state, case_no);
