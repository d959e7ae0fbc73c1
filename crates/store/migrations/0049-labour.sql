-- Labour: who of working age can and wishes to do what, what of training and work does not hold, and runs that match people to
-- vacancies. Types in braces as in 0001.

-- The labour register of the live assessment (贫困家庭劳动力数据库).
create table worker (
    county       {int} not null,
    person_id    {int} not null,
    run_id       {int} not null,
    household_id {int},
    town         {int},
    village      {int},
    age          {int} not null,
    ability      {text} not null,             -- code of the engine's table
    able         {int} not null,              -- 1: counts as labour
    why          {text} not null,             -- in one sentence
    leaver       {int} not null,              -- 1: 两后生
    education    {text} not null,
    skill        {text} not null,             -- as the roster writes it
    skill_code   {text} not null,             -- 职业分类大典 2022; empty: none
    working      {int},                       -- null: nobody says
    trade        {text} not null,
    trade_code   {text} not null,
    work_place   {text} not null,
    months       {int},
    wage         {int},                       -- fen a month
    wish         {text} not null,
    wished       {text} not null,
    wished_code  {text} not null,
    wished_place {text} not null,
    wished_wage  {int},                       -- fen a month
    to_learn     {text} not null,
    care         {text} not null,             -- who needs them at home
    taken        {int} not null,              -- sessions taken: person-times
    completed    {int} not null,              -- of them completed
    course       {text} not null,             -- the latest
    trained_to   {text},
    untrained    {int} not null,              -- 1: their household is owed a trained member and has none
    job          {text} not null,             -- none, working, silent, ended
    employer     {text} not null,
    row_id       {int},                       -- where most of it was said
    primary key (county, person_id),
    check (completed <= taken)
) {keyed};

create index worker_place on worker (county, town, village, person_id);

-- What of training and work does not hold, of the live assessment.
create table labour_finding (
    county       {int} not null,
    finding_no   {int} not null,              -- from 1
    run_id       {int} not null,
    kind         {text} not null,
    person_id    {int},
    household_id {int},
    town         {int},
    village      {int},
    day          {text} not null,
    facts        {text} not null,
    row_ids      {text} not null,             -- JSON: the source rows that say so
    primary key (county, finding_no)
) {keyed};

-- A run that matches people to vacancies.
create table match_run (
    county     {int} not null,
    run_no     {int} not null,                -- from 1
    as_of      {text} not null,
    how        {text} not null,               -- weight, stable
    why        {text} not null,
    people     {int} not null,
    posts      {int} not null,                -- openings of all vacancies
    matched    {int} not null,
    points     {int} not null,
    verdict    {text} not null,               -- ok: the checker agrees
    inputs     {text} not null,               -- SHA-256 of what it was reckoned from
    state      {text} not null,
    login      {text} not null,
    name       {text} not null,
    at         {text} not null,
    decided_by {text},
    decided_at {text},
    primary key (county, run_no),
    check (how in ('weight', 'stable')),
    check (state in ('proposed', 'accepted', 'dropped')),
    check (state <> 'accepted' or verdict = 'ok'),
    check ((state = 'proposed') = (decided_at is null)),
    check (matched <= people)
) {keyed};

-- What a run says of each person: which vacancy and why, or why none; and what became of the offer.
create table match_line (
    county     {int} not null,
    run_no     {int} not null,
    person_id  {int} not null,
    vacancy    {text} not null,               -- key of the vacancy; empty: none
    employer   {text} not null,
    occupation {text} not null,
    work_place {text} not null,
    wage       {int},                         -- fen a month
    points     {int} not null,
    reasons    {text} not null,               -- JSON: of the match [word, points]; of none [word, vacancies]
    outcome    {text} not null,               -- open, placed, declined
    why        {text} not null,
    done_by    {text},
    done_at    {text},
    primary key (county, run_no, person_id),
    foreign key (county, run_no) references match_run (county, run_no),
    check (outcome in ('open', 'placed', 'declined')),
    check ((outcome = 'open') = (done_at is null)),
    check (outcome = 'open' or vacancy <> ''),
    check (outcome <> 'declined' or why <> '')
) {keyed};
