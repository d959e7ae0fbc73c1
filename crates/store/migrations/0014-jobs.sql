-- Long jobs, the workbooks that wait for them, and corrections. Types in braces as in 0001.

-- Something that takes longer than a page. Done by whoever holds the lease; taken again when a lease runs out.
create table job (
    county      {int} not null,
    job_id      {int} not null,               -- from 1
    kind        {text} not null,              -- check, import, assess, report
    state       {text} not null,              -- queued, running, done, failed, stopped
    input       {text} not null,              -- what it is about: a batch, a day
    step        {text} not null default '',   -- progress: what it does …
    step_done   {int} not null default 0,     -- … how far it is
    step_of     {int} not null default 0,     -- … and how far it goes
    stop        {int} not null default 0,     -- 1: somebody asked it to stop
    attempts    {int} not null default 0,     -- how often it was begun
    lease_owner {text},
    lease_until {text},
    result      {text},                       -- JSON, by kind
    failure     {text},                       -- why it failed, without personal data
    author      {text} not null,              -- login
    author_name {text} not null,
    made_at     {text} not null,
    started_at  {text},
    ended_at    {text},
    primary key (county, job_id)
) {keyed};

create index job_open on job (county, job_id) where ended_at is null;

-- Workbooks that somebody brought together.
create table batch (
    county     {int} not null,
    batch_id   {int} not null,                -- from 1
    state      {text} not null,               -- waiting, taken, dropped
    unit       {text} not null,               -- the office that they come from
    author     {text} not null,
    author_name {text} not null,
    made_at    {text} not null,
    check_job  {int},                         -- the job that says what would become of each row
    import_job {int},                         -- the job that takes them in
    primary key (county, batch_id)
) {keyed};

-- One of them. Its bytes stay until the batch is taken or dropped.
create table upload (
    county   {int} not null,
    batch_id {int} not null,
    file_no  {int} not null,                  -- from 1
    name     {text} not null,                 -- file name without folders
    sha256   {bytes} not null,
    size     {int} not null,
    sealed   {bytes},                         -- its bytes, sealed; null: taken or dropped
    returned {bytes},                         -- the copy with reasons and remedies, sealed
    primary key (county, batch_id, file_no),
    foreign key (county, batch_id) references batch (county, batch_id)
) {keyed};

-- What a person says that one cell should say. By natural key, so that it outlives the roster's next edition. Never changed
-- but for state, second_* and ended_*.
create table correction (
    county        {int} not null,
    correction_id {int} not null,             -- from 1
    natural_key   {bytes} not null,
    row_id        {int} not null,             -- the row that was looked at
    field         {text} not null,
    was           {text},                     -- stored values; null where the field is secret, or nothing stood there
    now           {text},
    sealed        {bytes},                    -- both, of a secret field
    reason        {text} not null,
    evidence      {text} not null,
    state         {text} not null,            -- waiting, in_force, refused, withdrawn, replaced
    author        {text} not null,
    author_name   {text} not null,
    at            {text} not null,
    second        {text},                     -- who confirmed or refused it
    second_name   {text},
    second_at     {text},
    second_note   {text},
    ended_by      {text},                     -- who withdrew or replaced it
    ended_name    {text},
    ended_at      {text},
    ended_why     {text},
    primary key (county, correction_id),
    foreign key (county, row_id) references source_row (county, row_id),
    check (second is null or second <> author),
    check (state in ('waiting', 'in_force', 'refused', 'withdrawn', 'replaced'))
) {keyed};

-- One word stands about one cell, and one waits.
create unique index correction_stands on correction (county, natural_key, field) where state = 'in_force';
create unique index correction_waits on correction (county, natural_key, field) where state = 'waiting';
create index correction_key on correction (county, natural_key, correction_id);
create index correction_state on correction (county, state, correction_id);
