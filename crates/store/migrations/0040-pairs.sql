-- 一对一结对: who looks after pupils, runs of pairing with their reasons, and the pairs that stand. Types in braces as in 0001.

-- Somebody who looks after pupils, or could. Nobody is taken away: who leaves has a day and a reason.
create table mentor (
    county      {int} not null,
    mentor_no   {int} not null,               -- from 1
    kind        {text} not null,              -- key of the rules: teacher, official, volunteer, donor
    name        {text} not null,
    sex         {text},                       -- null: not on file
    unit        {text} not null,              -- where they work, in words
    school_id   {int},
    town        {int},
    village     {int},
    languages   {text} not null,              -- words, a blank between
    subjects    {text} not null,              -- words, a blank between
    boards_duty {int} not null,               -- 1: on duty where pupils board
    cap         {int},                        -- null: as the rules say
    person_id   {int},                        -- in the register; null: not there
    user_id     {int},                        -- their account
    source      {text} not null,              -- teachers, pairings, hand
    signed_on   {text},                       -- 行为守则
    left_on     {text},
    left_why    {text},
    sealed      {bytes},                      -- phone
    made_at     {text} not null,
    made_by     {text} not null,
    primary key (county, mentor_no),
    check (source in ('teachers', 'pairings', 'hand')),
    check (cap is null or cap >= 0),
    check ((left_on is null) = (left_why is null))
) {keyed};

create unique index mentor_person on mentor (county, person_id) where person_id is not null;
create unique index mentor_user on mentor (county, user_id) where user_id is not null;

-- One reckoning of pairs: what it started from, what the checker says, and what became of it.
create table pair_run (
    county     {int} not null,
    run_no     {int} not null,                -- from 1
    as_of      {text} not null,
    keeping    {text} not null,               -- weighed, first
    why        {text} not null,
    base       {text} not null,               -- the state of the pairs that it starts from
    pupils     {int} not null,
    mentors    {int} not null,
    places     {int} not null,                -- how many pupils they can look after
    paired     {int} not null,
    points     {int} not null,
    cost       {text} not null,
    verdict    {text} not null,               -- ok: the checker proved that no plan costs less
    state      {text} not null,
    login      {text} not null,
    name       {text} not null,
    at         {text} not null,
    decided_by {text},
    decided_at {text},
    primary key (county, run_no),
    check (keeping in ('weighed', 'first')),
    check (state in ('proposed', 'accepted', 'dropped')),
    check (state <> 'accepted' or verdict = 'ok'),
    check ((state = 'proposed') = (decided_at is null)),
    check (paired <= pupils)
) {keyed};

-- What a run says of each pupil: with whom and why, or why with nobody.
create table pair_line (
    county    {int} not null,
    run_no    {int} not null,
    person_id {int} not null,
    mentor_no {int},
    before_no {int},                          -- the mentor before
    change    {text} not null,                -- kept, new, left, must, moved, lost, none
    points    {int} not null,
    reasons   {text} not null,                -- JSON: of the pair [word, points]; of none [word, mentors]
    primary key (county, run_no, person_id),
    foreign key (county, run_no) references pair_run (county, run_no),
    foreign key (county, mentor_no) references mentor (county, mentor_no),
    check (change in ('kept', 'new', 'left', 'must', 'moved', 'lost', 'none')),
    check ((change in ('lost', 'none')) = (mentor_no is null))
) {keyed};

-- Pairs, those that stand and those that ended.
create table pair (
    county    {int} not null,
    pair_no   {int} not null,                 -- from 1
    person_id {int} not null,
    mentor_no {int} not null,
    from_day  {text} not null,
    to_day    {text},                         -- null: it stands
    end_why   {text},
    run_no    {int},                          -- null: a roster says so
    row_key   {bytes} not null,               -- natural key of the source row that says so
    primary key (county, pair_no),
    foreign key (county, mentor_no) references mentor (county, mentor_no),
    check ((to_day is null) = (end_why is null))
) {keyed};

-- One mentor a child, whatever the program thinks.
create unique index pair_live on pair (county, person_id) where to_day is null;
create index pair_mentor on pair (county, mentor_no);
