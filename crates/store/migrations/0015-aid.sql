-- Student aid, from who is owed to the line of the bank. Types in braces as in 0001; `{append_only} x` stands for triggers that
-- refuse to change or remove a line of x. Cycle, entitlement, payment and bank line are four things: each is refused before
-- the one that it hangs on, by reference.

-- One programme's payments for one period.
create table aid_cycle (
    county      {int} not null,
    cycle_id    {int} not null,               -- from 1
    programme   {text} not null,
    period      {text} not null,
    opened_at   {text} not null,
    opened_by   {text} not null,
    opened_name {text} not null,
    closed_at   {text},
    closed_by   {text},
    primary key (county, cycle_id),
    unique (county, programme, period),
    unique (county, cycle_id, programme, period)
) {keyed};

-- Lines that are decided together. The first of a cycle pays what is owed, later ones what was missed or rose.
create table aid_batch (
    county         {int} not null,
    batch_id       {int} not null,            -- from 1
    cycle_id       {int} not null,
    number         {int} not null,            -- within the cycle, from 1
    run_id         {int} not null,            -- the assessment whose duties it takes
    as_of          {text} not null,
    policies_hash  {text} not null,
    registers_hash {text} not null,
    checked_run    {int},                     -- the assessment that it was last checked against
    signatures     {int},                     -- how many are needed, by its amount; null: not checked yet
    maker          {text} not null,           -- login
    maker_name     {text} not null,
    made_at        {text} not null,
    withdrawn_at   {text},
    withdrawn_by   {text},
    withdrawn_why  {text},
    primary key (county, batch_id),
    unique (county, cycle_id, number),
    unique (county, batch_id, cycle_id),
    unique (county, batch_id, maker),
    unique (county, batch_id, signatures),
    foreign key (county, cycle_id) references aid_cycle (county, cycle_id),
    check (signatures is null or signatures between 1 and 9),
    check ((withdrawn_at is null) = (withdrawn_why is null))
) {keyed};

-- The life of a batch: 1 draft, 2 checked, 3 published, 4 approved, 5 exported, 6 reconciled, 7 closed. None is skipped, since
-- each refers to the one before; none is taken back.
create table aid_step (
    county   {int} not null,
    batch_id {int} not null,
    step     {int} not null,
    prev     {int},
    login    {text} not null,
    name     {text} not null,
    at       {text} not null,
    note     {text} not null,
    primary key (county, batch_id, step),
    foreign key (county, batch_id) references aid_batch (county, batch_id),
    foreign key (county, batch_id, prev) references aid_step (county, batch_id, step),
    check (step between 1 and 7),
    check ((step = 1) = (prev is null)),
    check (prev is null or prev = step - 1)
) {keyed};
{append_only} aid_step

-- Whom a batch pays, for what and why, as it stood when it was opened. Never changed but for state.
create table aid_entitlement (
    county         {int} not null,
    entitlement_id {int} not null,
    batch_id       {int} not null,
    cycle_id       {int} not null,
    person_id      {int} not null,
    programme      {text} not null,
    period         {text} not null,
    part           {int} not null,            -- 1: the first payment; 2 …: supplements
    owed           {int} not null,            -- fen: the whole duty
    amount         {int} not null,            -- fen: what this line pays
    rule           {text} not null,
    basis          {text} not null,
    facts          {text} not null,
    sources        {text} not null,           -- row ids, separated by blanks
    due_on         {text} not null,
    bearer         {text} not null,
    place          {int},
    household_id   {int},
    name           {text} not null,
    school_id      {int},
    school         {text} not null,
    grade          {text} not null,
    class          {text} not null,
    state          {text} not null,           -- in, out
    out_why        {text},
    out_by         {text},
    out_at         {text},
    primary key (county, entitlement_id),
    unique (county, batch_id, entitlement_id),
    foreign key (county, batch_id, cycle_id) references aid_batch (county, batch_id, cycle_id),
    foreign key (county, cycle_id, programme, period) references aid_cycle (county, cycle_id, programme, period),
    check (amount > 0 and owed >= amount and part > 0),
    check ((state = 'in' and out_why is null) or (state = 'out' and out_why is not null))
) {keyed};

-- One line for one person, programme, term and part, whatever the program thinks.
create unique index aid_entitlement_key on aid_entitlement (county, person_id, programme, period, part) where state = 'in';

create index aid_entitlement_batch on aid_entitlement (county, batch_id, person_id);

-- What a check found, and what somebody decided about it.
create table aid_finding (
    county         {int} not null,
    batch_id       {int} not null,
    list           {text} not null,           -- missed, wrong, double, stacked, account
    person_id      {int} not null,
    other          {text} not null,           -- double: the other person's id; stacked: the other programme; else empty
    entitlement_id {int},
    owed           {int} not null,            -- fen
    amount         {int} not null,            -- fen in the batch
    why            {text} not null,
    found_at       {text} not null,
    decided        {text},                    -- kept, left_out, mended, gone; null: it waits
    decided_why    {text},
    decided_by     {text},
    decided_at     {text},
    primary key (county, batch_id, list, person_id, other),
    foreign key (county, batch_id) references aid_batch (county, batch_id),
    check ((decided is null) = (decided_why is null))
) {keyed};

-- 公示: what hangs on the wall, from when until when.
create table aid_publication (
    county         {int} not null,
    publication_id {int} not null,            -- from 1
    batch_id       {int} not null,
    step           {int} not null,            -- 3
    token          {text} not null,           -- the address of its page; not to be guessed
    from_day       {text} not null,
    until_day      {text} not null,           -- the last day
    working_days   {int} not null,
    shows          {text} not null,           -- columns, separated by blanks
    masked         {int} not null,            -- 1: names are masked
    lines          {int} not null,
    sha256         {bytes} not null,          -- of what it shows
    primary key (county, publication_id),
    unique (county, batch_id),
    unique (county, batch_id, until_day),
    unique (county, token),
    foreign key (county, batch_id, step) references aid_step (county, batch_id, step),
    check (step = 3),
    check (until_day >= from_day)
) {keyed};
{append_only} aid_publication

-- Somebody says that a line should not be there, or that one is missing.
create table aid_objection (
    county       {int} not null,
    objection_id {int} not null,
    batch_id     {int} not null,
    entitlement_id {int},
    said_on      {text} not null,
    channel      {text} not null,             -- visit, phone, letter, web
    said         {text} not null,             -- without whole numbers
    taken_by     {text} not null,
    decided      {text},                      -- upheld, dismissed
    decided_why  {text},
    decided_by   {text},
    decided_at   {text},
    primary key (county, objection_id),
    foreign key (county, batch_id) references aid_publication (county, batch_id),
    check ((decided is null) = (decided_why is null))
) {keyed};

-- A signature of somebody who did not make the batch, after the notice was over.
create table aid_approval (
    county       {int} not null,
    batch_id     {int} not null,
    signature    {int} not null,              -- from 1, without holes
    prev         {int},
    maker        {text} not null,
    until_day    {text} not null,             -- of the notice
    on_day       {text} not null,
    login        {text} not null,
    name         {text} not null,
    at           {text} not null,
    note         {text} not null,
    primary key (county, batch_id, signature),
    unique (county, batch_id, login),
    foreign key (county, batch_id, prev) references aid_approval (county, batch_id, signature),
    foreign key (county, batch_id, maker) references aid_batch (county, batch_id, maker),
    foreign key (county, batch_id, until_day) references aid_publication (county, batch_id, until_day),
    check (login <> maker),
    check (on_day > until_day),
    check ((signature = 1) = (prev is null)),
    check (prev is null or prev = signature - 1)
) {keyed};
{append_only} aid_approval

-- The batch may be paid: it has as many signatures as its amount asks for.
create table aid_release (
    county     {int} not null,
    batch_id   {int} not null,
    step       {int} not null,                -- 4
    signatures {int} not null,
    lines      {int} not null,
    total      {int} not null,                -- fen
    primary key (county, batch_id),
    foreign key (county, batch_id, step) references aid_step (county, batch_id, step),
    foreign key (county, batch_id, signatures) references aid_batch (county, batch_id, signatures),
    foreign key (county, batch_id, signatures) references aid_approval (county, batch_id, signature),
    check (step = 4)
) {keyed};
{append_only} aid_release

-- What is to be paid, once. Never removed; its number is that of its entitlement.
create table aid_payment (
    county     {int} not null,
    payment_id {int} not null,
    batch_id   {int} not null,
    person_id  {int} not null,
    holder     {int} not null,                -- who that person is now, when registers have been merged or parted since
    programme  {text} not null,
    period     {text} not null,
    part       {int} not null,
    amount     {int} not null,
    state      {text} not null,               -- due, sent, paid, stopped
    paid_on    {text},
    return_id  {int},                         -- the return that said so
    stopped_why {text},
    stopped_by {text},
    stopped_at {text},
    primary key (county, payment_id),
    unique (county, person_id, programme, period, part),
    foreign key (county, batch_id) references aid_release (county, batch_id),
    foreign key (county, batch_id, payment_id) references aid_entitlement (county, batch_id, entitlement_id),
    check (amount > 0),
    check (state in ('due', 'sent', 'paid', 'stopped')),
    check ((state = 'paid') = (paid_on is not null)),
    check ((state = 'stopped') = (stopped_why is not null))
) {keyed};

create index aid_payment_holder on aid_payment (county, programme, period, holder);
create index aid_payment_batch on aid_payment (county, batch_id, state, payment_id);

-- A file for the bank, or for the schools. It closes only when its sums balance.
create table aid_file (
    county         {int} not null,
    file_id        {int} not null,            -- from 1
    batch_id       {int} not null,
    round          {int} not null,            -- 1: all; 2 …: those that came back
    channel        {text} not null,
    lines          {int} not null,
    total          {int} not null,            -- fen
    sha256         {bytes} not null,          -- of the bytes, which are made again from the lines
    made_at        {text} not null,
    made_by        {text} not null,
    made_name      {text} not null,
    paid_lines     {int} not null default 0,
    paid           {int} not null default 0,
    returned_lines {int} not null default 0,
    returned       {int} not null default 0,
    closed_at      {text},
    primary key (county, file_id),
    unique (county, batch_id, channel, round),
    foreign key (county, batch_id) references aid_release (county, batch_id),
    check (lines > 0 and total > 0),
    check (closed_at is null or (paid_lines + returned_lines = lines and paid + returned = total))
) {keyed};

-- A line of it. One that came back stays as it is; the payment gets another one in a later file.
create table aid_line (
    county      {int} not null,
    file_id     {int} not null,
    line        {int} not null,               -- from 1
    payment_id  {int} not null,
    amount      {int} not null,
    sealed      {bytes} not null,             -- account and holder
    state       {text} not null,              -- sent, paid, returned
    on_day      {text},
    reason      {text},                       -- why it came back, in the bank's words
    primary key (county, file_id, line),
    foreign key (county, file_id) references aid_file (county, file_id),
    foreign key (county, payment_id) references aid_payment (county, payment_id),
    check (state in ('sent', 'paid', 'returned'))
) {keyed};

-- A payment is under way or paid at most once.
create unique index aid_line_live on aid_line (county, payment_id) where state <> 'returned';

-- What a bank sent back. The same bytes count once.
create table aid_return (
    county    {int} not null,
    return_id {int} not null,                 -- from 1
    file_id   {int} not null,
    sha256    {bytes} not null,
    name      {text} not null,
    lines     {int} not null,
    paid_lines     {int} not null,
    paid           {int} not null,
    returned_lines {int} not null,
    returned       {int} not null,
    again          {int} not null,            -- lines that an earlier return had told already
    unknown        {int} not null,            -- lines of the file that nobody told of yet
    extra          {int} not null,            -- lines of the return that are in no file
    taken_at  {text} not null,
    taken_by  {text} not null,
    taken_name {text} not null,
    primary key (county, return_id),
    unique (county, sha256),
    foreign key (county, file_id) references aid_file (county, file_id)
) {keyed};
{append_only} aid_return

-- What it said, line by line.
create table aid_return_line (
    county    {int} not null,
    return_id {int} not null,
    row_no    {int} not null,
    state     {text} not null,                -- paid, returned, extra, again
    line      {int},                          -- of the file; null for extra
    amount    {int} not null,
    on_day    {text},
    said      {text},                         -- the bank's words, without whole numbers
    primary key (county, return_id, row_no),
    foreign key (county, return_id) references aid_return (county, return_id),
    check ((state = 'extra') = (line is null))
) {keyed};
{append_only} aid_return_line

-- The last return that an assessment has seen: what was paid later is not in its figures.
create table aid_seen (
    county    {int} not null,
    run_id    {int} not null,
    return_id {int} not null,                 -- 0: none
    primary key (county, run_id)
) {keyed};
