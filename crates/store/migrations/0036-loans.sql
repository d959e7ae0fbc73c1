-- 生源地信用助学贷款: who applied for a school year, and what happened to it. What is due and when is reckoned from here and never
-- kept. Types in braces as in 0001, `{append_only} x` as in 0015.
create table loan (
    county      {int} not null,
    loan_id     {int} not null,               -- from 1
    person_id   {int} not null,               -- as known when it was applied for
    holder      {int} not null,               -- who that person is now, when registers have been merged or parted since
    school_year {int} not null,               -- in which it begins
    level       {text} not null,              -- ug, pg
    university  {text} not null,
    remaining   {int} not null,               -- school years from this one on
    amount      {int} not null,               -- fen
    tuition     {int},                        -- of the year, fen; null: not on file, as below
    lodging     {int},
    full_time   {int},                        -- 0, 1
    hukou_here  {int},
    other_loan  {int},
    co_name     {text} not null,              -- 共同借款人
    co_guardian {int},
    co_age      {int},
    co_capable  {int},
    co_hukou    {int},
    co_loan     {int},
    sealed      {bytes},                      -- the co-borrower's id and phone
    applied_on  {text} not null,
    applied_by  {text} not null,              -- login
    ended       {text},                       -- refused, lapsed: the year is free for another application
    primary key (county, loan_id),
    unique (county, loan_id, applied_by),
    check (level in ('ug', 'pg')),
    check (amount > 0 and remaining between 1 and 10),
    check (ended in ('refused', 'lapsed'))
) {keyed};

-- One loan for a student and school year, whatever the program thinks.
create unique index loan_year on loan (county, person_id, school_year) where ended is null;
create index loan_holder on loan (county, holder, school_year);

-- What happened, numbered from 1 without a gap. Money moves only after qualification by somebody who did not take the
-- application, signature and receipt: each step refers to the state that the one before left.
create table loan_step (
    county     {int} not null,
    loan_id    {int} not null,
    step       {int} not null,
    prev       {int},
    from_state {text},
    state      {text} not null,               -- after it
    code       {text} not null,
    on_day     {text} not null,
    amount     {int},                         -- fen
    number     {int},                         -- a year, basis points, years of service
    word       {text},                        -- base of a rate, kind of service, who paid
    note       {text} not null,
    maker      {text},                        -- of a qualification: who took the application
    login      {text} not null,
    name       {text} not null,
    at         {text} not null,
    primary key (county, loan_id, step),
    unique (county, loan_id, step, state),
    foreign key (county, loan_id) references loan (county, loan_id),
    foreign key (county, loan_id, prev, from_state) references loan_step (county, loan_id, step, state),
    foreign key (county, loan_id, maker) references loan (county, loan_id, applied_by),
    check (step >= 1),
    check ((step = 1) = (prev is null)),
    check ((prev is null) = (from_state is null)),
    check (prev is null or prev = step - 1),
    check ((code = 'qualify') = (maker is not null)),
    check (maker is null or login <> maker),
    check ((code = 'apply' and from_state is null and state = 'applied')
        or (code = 'qualify' and from_state = 'applied' and state = 'qualified')
        or (code = 'refuse' and from_state = 'applied' and state = 'refused')
        or (code = 'sign' and from_state = 'qualified' and state = 'signed')
        or (code = 'confirm' and from_state = 'signed' and state = 'confirmed')
        or (code = 'lapse' and from_state in ('applied', 'qualified', 'signed', 'confirmed') and state = 'lapsed')
        or (code = 'disburse' and from_state = 'confirmed' and state = 'disbursed')
        or (code = 'repay' and from_state = 'disbursed' and state = 'repaid')
        or (code in ('graduate', 'leave', 'study', 'rate', 'defer', 'early', 'paid', 'serve')
            and from_state = 'disbursed' and state = 'disbursed'))
) {keyed};
{append_only} loan_step
