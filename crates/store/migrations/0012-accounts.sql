-- Who may sign in, what they hold, and what they were shown. Types in braces as in 0001.

create table account (
    county       {int} not null,
    user_id      {int} not null,              -- from 1
    login        {text} not null,             -- lower case
    name         {text} not null,
    unit         {text} not null,             -- where they work
    password     {text},                      -- argon2id, PHC format; null: none set yet
    password_at  {text},
    earlier      {text} not null default '',  -- hashes of the last ones, by line
    totp         {bytes},                     -- sealed secret; null: no second factor
    totp_step    {int} not null default 0,    -- the last time step that was used: a code counts once
    failures     {int} not null default 0,    -- wrong passwords in a row
    locked_until {text},
    closed_at    {text},                      -- null: open
    made_at      {text} not null,
    made_by      {text} not null,
    primary key (county, user_id),
    unique (county, login)
) {keyed};

-- A role on a ground for a time. Ended, never removed.
create table account_grant (
    county   {int} not null,
    grant_id {int} not null,                  -- from 1
    user_id  {int} not null,
    role     {text} not null,
    ground   {text} not null,                 -- county; place 12 digits; school id; class id grade name; persons ids
    from_day {text} not null,
    to_day   {text},                          -- the last day; null: open
    made_at  {text} not null,
    made_by  {text} not null,
    ended_at {text},
    ended_by {text},
    primary key (county, grant_id),
    foreign key (county, user_id) references account (county, user_id)
) {keyed};

create index account_grant_user on account_grant (county, user_id, grant_id);

-- Somebody signed in. The key is a hash: who reads this table cannot use it.
create table session (
    county     {int} not null,
    token      {bytes} not null,              -- SHA-256 of what the browser keeps
    user_id    {int} not null,
    made_at    {text} not null,
    seen_at    {text} not null,
    ends_at    {text} not null,
    device     {text} not null,               -- kind of browser, in words
    second     {int} not null,                -- 1: with a second factor
    own_phone  {int} not null,
    primary key (county, token),
    foreign key (county, user_id) references account (county, user_id)
) {keyed};

create index session_of_user on session (county, user_id);

-- A link that lets somebody in without a password, once: to set one, or to look around a made county.
create table entry_link (
    county  {int} not null,
    token   {bytes} not null,
    user_id {int} not null,
    purpose {text} not null,                  -- password, demo
    ends_at {text} not null,
    used_at {text},
    primary key (county, token),
    foreign key (county, user_id) references account (county, user_id)
) {keyed};

-- A token for a program.
create table api_token (
    county   {int} not null,
    token_id {int} not null,
    token    {bytes} not null,                -- SHA-256
    user_id  {int} not null,
    name     {text} not null,
    rights   {text} not null,                 -- codes of rights, separated by blanks: no more than the user's own
    made_at  {text} not null,
    ends_at  {text} not null,
    ended_at {text},
    used_at  {text},
    primary key (county, token_id),
    unique (county, token),
    foreign key (county, user_id) references account (county, user_id)
) {keyed};

-- Whole numbers that somebody asked to see, with the reason.
create table reveal (
    county    {int} not null,
    reveal_id {int} not null,
    user_id   {int} not null,
    person_id {int} not null,
    secret    {text} not null,                -- number, phone, account
    reason    {text} not null,
    at        {text} not null,
    ends_at   {text} not null,
    primary key (county, reveal_id)
) {keyed};

create index reveal_user on reveal (county, user_id, person_id, ends_at);

-- A case outside somebody's ground that they opened in an emergency, and what the review said.
create table glass (
    county      {int} not null,
    glass_id    {int} not null,
    user_id     {int} not null,
    person_id   {int} not null,
    reason      {text} not null,
    at          {text} not null,
    ends_at     {text} not null,
    reviewed_at {text},
    reviewed_by {text},
    justified   {int},
    verdict     {text},
    primary key (county, glass_id)
) {keyed};

create index glass_user on glass (county, user_id, ends_at);
