-- What was owed when money was paid on it, and what later assessments made of it.

-- A duty of money as it stood in the assessment that first found money paid on it. Later edits of registers or rules do not
-- change it: they make a difference.
create table frozen_duty (
    county         {int} not null,
    kind           {text} not null,
    subject_kind   {text} not null,
    subject_id     {int} not null,
    period         {text} not null,
    area           {text} not null,
    quantity       {int} not null,
    unit           {text} not null,
    due_on         {text} not null,
    bearer         {text} not null,
    place          {int},
    rule           {text} not null,
    basis          {text} not null,
    facts          {text} not null,
    sources        {text} not null,           -- row ids, separated by blanks
    run_id         {int} not null,            -- the assessment that froze it
    as_of          {text} not null,
    policies_hash  {text} not null,
    registers_hash {text} not null,
    primary key (county, kind, subject_kind, subject_id, period)
) {keyed};

-- Where the rules and registers of the live assessment give another answer than the frozen one.
create table difference (
    county       {int} not null,
    kind         {text} not null,
    subject_kind {text} not null,
    subject_id   {int} not null,
    period       {text} not null,
    run_id       {int} not null,
    unit         {text} not null,
    frozen       {int} not null,
    computed     {int} not null,              -- 0: not owed any more
    facts_frozen {text} not null,
    facts_now    {text} not null,             -- empty: not owed any more
    rule_frozen  {text} not null,
    rule_now     {text} not null,
    frozen_as_of {text} not null,
    primary key (county, kind, subject_kind, subject_id, period)
) {keyed};
