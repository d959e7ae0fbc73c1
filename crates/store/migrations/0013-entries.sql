-- What people write down by hand: visits, contacts, attendance, meal counts. Types in braces as in 0001.

-- One thing that somebody wrote, under the key that their device made: the same key comes in once. Never changed but for
-- state: an edit is an entry of its own that supersedes.
create table entry (
    county      {int} not null,
    entry_no    {int} not null,               -- from 1, in the order in which they came in
    entry_key   {bytes} not null,             -- 128 bits
    root_key    {bytes} not null,             -- of the first of its edits
    print       {bytes} not null,             -- keyed hash of what was sent under the key
    kind        {text} not null,              -- visit, contact, attendance, meal_count
    subject_kind {text} not null,             -- person; school, for what is of a class
    subject_id  {int} not null,
    class       {text} not null,              -- grade code, blank, class; empty for a person
    on_day      {text} not null,
    payload     {text} not null,              -- JSON without texts, phones and names
    sealed      {bytes},                      -- what was said, and the phone that was given
    care        {int} not null,               -- 1: a care record, for those on the case alone
    user_id     {int} not null,
    author      {text} not null,
    written_at  {text} not null,              -- by the device's clock
    received_at {text} not null,
    state       {text} not null,              -- in_force, conflict, superseded, withdrawn
    state_by    {text},
    state_why   {text},
    receipt     {text} not null,              -- JSON: the answer, to be given again
    primary key (county, entry_no),
    unique (county, entry_key)
) {keyed};

create index entry_subject on entry (county, subject_kind, subject_id, on_day, entry_no);
create index entry_user on entry (county, user_id, entry_no);
create index entry_root on entry (county, root_key, entry_no);

-- What an entry says that another can gainsay: one value of one field of one subject on one day.
create table entry_fact (
    county       {int} not null,
    entry_no     {int} not null,
    subject_kind {text} not null,
    subject_id   {int} not null,
    class        {text} not null,
    on_day       {text} not null,
    field        {text} not null,             -- attendance, meals, schooling, guardian_phone
    value        {bytes} not null,            -- keyed hash
    state        {text} not null,             -- in_force, waiting, lost, superseded
    primary key (county, entry_no, subject_kind, subject_id, field),
    foreign key (county, entry_no) references entry (county, entry_no)
) {keyed};

create index entry_fact_subject on entry_fact (county, subject_kind, subject_id, class, on_day, field, entry_no)
 where state in ('in_force', 'waiting');

-- Two people said two things: a task for somebody with the right.
create table entry_conflict (
    county      {int} not null,
    conflict_no {int} not null,               -- from 1
    first_no    {int} not null,               -- the entry that stood
    second_no   {int} not null,               -- the entry that says otherwise
    subject_kind {text} not null,
    subject_id  {int} not null,
    class       {text} not null,
    on_day      {text} not null,
    field       {text} not null,
    made_at     {text} not null,
    decided     {text},                       -- first, second, gone (one of the two was taken back); null: it waits
    decided_at  {text},
    decided_by  {text},
    decided_why {text},
    primary key (county, conflict_no)
) {keyed};

create index entry_conflict_open on entry_conflict (county, conflict_no) where decided is null;

-- Pictures, apart from what they belong to.
create table entry_photo (
    county      {int} not null,
    photo_key   {bytes} not null,             -- 128 bits, made on the device
    entry_no    {int} not null,
    sha256      {bytes} not null,
    kind        {text} not null,              -- jpeg, png, webp
    sealed      {bytes} not null,
    user_id     {int} not null,
    received_at {text} not null,
    primary key (county, photo_key),
    foreign key (county, entry_no) references entry (county, entry_no)
) {keyed};

create index entry_photo_entry on entry_photo (county, entry_no);
