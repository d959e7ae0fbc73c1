-- Many taps, one pool, one outlet: what came in, for what, and where it went. Types in braces as in 0001.

-- An appropriation or a gift, with what it may be spent on.
create table aid_fund (
    county      {int} not null,
    fund_id     {int} not null,               -- from 1
    name        {text} not null,
    kind        {text} not null,              -- appropriation, gift
    giver       {text} not null,              -- the treasury, or who gave
    donor       {int},                        -- account of the donor, for their page
    document    {text} not null,              -- 文号, or the receipt
    programme   {text},                       -- earmarks; null: any
    school_id   {int},
    place       {int},
    until_day   {text},
    arrived_on  {text} not null,
    amount      {int} not null,               -- fen
    free        {int} not null,               -- fen not allocated yet: the journal's balance, which may not fall below nothing
    pairing     {int} not null,               -- 1: giver and children agreed to know each other
    made_at     {text} not null,
    made_by     {text} not null,
    primary key (county, fund_id),
    check (kind in ('appropriation', 'gift')),
    check (amount > 0 and free >= 0)
) {keyed};

-- Which fund pays which payment, and how much of it.
create table aid_allocation (
    county     {int} not null,
    payment_id {int} not null,
    fund_id    {int} not null,
    amount     {int} not null,
    primary key (county, payment_id, fund_id),
    foreign key (county, payment_id) references aid_payment (county, payment_id),
    foreign key (county, fund_id) references aid_fund (county, fund_id),
    check (amount > 0)
) {keyed};

create index aid_allocation_fund on aid_allocation (county, fund_id, payment_id);

-- The journal. One line moves one amount from one account to another, so that every entry balances whoever writes it.
create table aid_journal (
    county   {int} not null,
    entry_no {int} not null,                  -- from 1
    line     {int} not null,                  -- from 1
    kind     {text} not null,                 -- arrive, allocate, send, pay, return, stop, recover
    about    {text} not null,                 -- fund 3, batch 7, file 2, return 4, payment 9
    debit    {text} not null,
    credit   {text} not null,
    amount   {int} not null,                  -- fen
    at       {text} not null,
    login    {text} not null,
    primary key (county, entry_no, line),
    unique (county, kind, about, line),
    check (amount > 0),
    check (debit <> credit)
) {keyed};
{append_only} aid_journal

create index aid_journal_debit on aid_journal (county, debit, entry_no);
create index aid_journal_credit on aid_journal (county, credit, entry_no);

-- Money to come back: a later assessment owes less than was paid.
create table aid_recovery (
    county      {int} not null,
    recovery_id {int} not null,
    payment_id  {int} not null,
    amount      {int} not null,
    why         {text} not null,
    asked_at    {text} not null,
    asked_by    {text} not null,
    asked_name  {text} not null,
    state       {text} not null,              -- asked, repaid, waived
    on_day      {text},
    ended_why   {text},
    ended_by    {text},
    ended_at    {text},
    primary key (county, recovery_id),
    foreign key (county, payment_id) references aid_payment (county, payment_id),
    check (amount > 0),
    check (state in ('asked', 'repaid', 'waived')),
    check (state <> 'waived' or ended_by <> asked_by)
) {keyed};
