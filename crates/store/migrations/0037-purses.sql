-- 大学生多部门资助: what several purses give one student for a school year, as the live assessment lays them over each other. Made
-- again by each assessment. Types in braces as in 0001.
create table uni_gift (
    county      {int} not null,
    person_id   {int} not null,
    school_year {int} not null,
    gift        {int} not null,               -- from 1, in the order of their days
    run_id      {int} not null,
    purse       {text} not null,
    department  {text} not null,
    amount      {int} not null,               -- fen
    stands      {int} not null,               -- fen: what of it may stand
    paid        {int} not null,               -- 1: paid; 0: planned
    on_day      {text},
    conflict    {text},                       -- unknown, excluded, beyond, no_need
    over        {int} not null,               -- fen that should not be
    by_gift     {int},                        -- the gift that excludes it
    basis       {text} not null,
    row_id      {int},                        -- the row that says so; null: the books of loans
    primary key (county, person_id, school_year, gift)
) {keyed};

-- What the year costs a student, and who pays what of it.
create table uni_need (
    county      {int} not null,
    person_id   {int} not null,
    school_year {int} not null,
    purpose     {text} not null,
    run_id      {int} not null,
    university  {text} not null,
    estimated   {int} not null,               -- 1: the cost is the data file's, not the student's
    cost        {int} not null,               -- fen, as below
    granted     {int} not null,
    lent        {int} not null,
    unmet       {int} not null,
    primary key (county, person_id, school_year, purpose),
    check (granted + lent + unmet = cost and granted >= 0 and lent >= 0 and unmet >= 0)
) {keyed};
