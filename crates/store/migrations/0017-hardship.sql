-- 认定: whether a pupil's family is in hardship, for a school year. Each step is dated, and none comes before the one that it
-- rests on. Types in braces as in 0001.
create table aid_recognition (
    county         {int} not null,
    recognition_id {int} not null,            -- from 1
    person_id      {int} not null,
    school_year    {int} not null,            -- in which it begins
    route          {text} not null,           -- application, certificate
    document       {text} not null,           -- of the department, for a certificate
    applied_on     {text} not null,
    applied_by     {text} not null,
    class_on       {text},
    class_by       {text},
    class_level    {text},                    -- severe, moderate, general, none
    school_on      {text},
    school_by      {text},
    school_level   {text},
    published_on   {text},
    published_until {text},
    published_by   {text},
    appealed_on    {text},
    appealed_by    {text},                    -- who took it down
    appeal         {text},
    decided_on     {text},
    decided_by     {text},
    level          {text},
    decided_why    {text},
    primary key (county, recognition_id),
    unique (county, person_id, school_year),
    check (route in ('application', 'certificate')),
    check (class_on is null or class_on >= applied_on),
    check (school_on is null or (class_on is not null and school_on >= class_on and school_by <> class_by)),
    check (published_on is null or (school_on is not null and published_on >= school_on and published_until >= published_on)),
    check (appealed_on is null or (published_on is not null and appealed_on >= published_on)),
    check (decided_on is null or (published_on is not null and decided_on > published_until and level is not null))
) {keyed};

-- Complaints and questions, each with a clock by its category.
create table aid_grievance (
    county       {int} not null,
    grievance_id {int} not null,              -- from 1
    category     {text} not null,
    person_id    {int},
    payment_id   {int},
    said         {text} not null,             -- without whole numbers
    sealed       {bytes},                     -- who said it and their phone
    received_on  {text} not null,
    due_on       {text} not null,
    taken_by     {text} not null,
    answered_on  {text},
    answer       {text},
    answered_by  {text},
    primary key (county, grievance_id),
    check ((answered_on is null) = (answer is null))
) {keyed};

create index aid_grievance_open on aid_grievance (county, due_on, grievance_id) where answered_on is null;

-- A random sample of those who were paid, who are asked whether the money came.
create table aid_sample (
    county     {int} not null,
    sample_id  {int} not null,                -- from 1
    batch_id   {int} not null,
    seed       {int} not null,
    confidence {real} not null,
    margin     {real} not null,
    population {int} not null,
    size       {int} not null,
    made_at    {text} not null,
    made_by    {text} not null,
    primary key (county, sample_id),
    foreign key (county, batch_id) references aid_release (county, batch_id)
) {keyed};

create table aid_sample_line (
    county     {int} not null,
    sample_id  {int} not null,
    payment_id {int} not null,
    answer     {text},                        -- came, not_came, other_amount, unreached
    asked_on   {text},
    asked_by   {text},
    primary key (county, sample_id, payment_id),
    foreign key (county, sample_id) references aid_sample (county, sample_id),
    foreign key (county, payment_id) references aid_payment (county, payment_id)
) {keyed};
