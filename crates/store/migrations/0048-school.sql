-- Schools: meals by three counts, inspections, what becomes of gaps, the lives of schools. Types in braces as in 0001,
-- `{append_only} x` as in 0015.

-- A month's rows of one roster are found without a walk through all.
create index source_row_kind on source_row (county, kind, row_id) where superseded_by is null;

-- Months locked and unlocked: acts with an author, in turn.
create table meal_lock (
    county  {int} not null,
    month   {text} not null,                  -- 2025-09
    lock_no {int} not null,                   -- from 1; odd ones lock, even ones unlock
    state   {text} not null,
    why     {text} not null,
    user_id {int} not null,
    login   {text} not null,
    name    {text} not null,
    at      {text} not null,
    primary key (county, month, lock_no),
    check (lock_no >= 1),
    check (state in ('locked', 'unlocked')),
    check ((state = 'locked') = (lock_no % 2 = 1)),
    check (state = 'locked' or why <> '')
) {keyed};
{append_only} meal_lock

-- What a month's counts come to, by school: the working close, made anew whenever somebody closes the month.
create table meal_close (
    county     {int} not null,
    month      {text} not null,
    school_id  {int} not null,
    town       {int},
    enrolled   {int} not null,
    due        {int} not null,
    present    {int} not null,
    served     {int} not null,
    claimed    {int} not null,
    backed     {int} not null,
    proved     {int} not null,
    over       {int} not null,
    unproven   {int} not null,
    unclaimed  {int} not null,
    class_days {int} not null,
    marked     {int} not null,
    named      {int} not null,
    named_over {int} not null,
    payable    {int} not null,
    price      {int} not null,                -- fen a meal
    closed_at  {text} not null,
    primary key (county, month, school_id)
) {keyed};

-- The close as it was when the month was locked: what is paid on.
create table meal_frozen (
    county     {int} not null,
    month      {text} not null,
    lock_no    {int} not null,
    school_id  {int} not null,
    claimed    {int} not null,
    proved     {int} not null,
    over       {int} not null,
    unproven   {int} not null,
    named      {int} not null,
    named_over {int} not null,
    payable    {int} not null,
    price      {int} not null,
    primary key (county, month, lock_no, school_id),
    foreign key (county, month, lock_no) references meal_lock (county, month, lock_no)
) {keyed};
{append_only} meal_frozen

-- Claimed and not proved, of the working close.
create table meal_finding (
    county     {int} not null,
    month      {text} not null,
    finding_no {int} not null,                -- from 1
    school_id  {int} not null,
    class      {text} not null,               -- as people call it; empty: found by name
    day        {int},
    person_id  {int},
    why        {text} not null,               -- the words of fujiao_school::meals::Over
    meals      {int} not null,
    enrolled   {int},
    present    {int},
    served     {int},
    claimed    {int},
    row_id     {int} not null,
    primary key (county, month, finding_no)
) {keyed};

create index meal_finding_school on meal_finding (county, school_id, month, finding_no);

-- Class days that nobody marked, of the working close.
create table meal_unmarked (
    county    {int} not null,
    month     {text} not null,
    school_id {int} not null,
    class     {text} not null,
    days      {text} not null,                -- 1-5,8
    primary key (county, month, school_id, class)
) {keyed};

-- Inspections: who went where, when, and what they found.
create table inspection (
    county        {int} not null,
    inspection_no {int} not null,             -- from 1
    inspection_key {text} not null,           -- made on the device: the same inspection comes in once
    school_id     {int} not null,
    on_day        {text} not null,
    counted       {int},                      -- children counted on the spot
    note          {text} not null,
    user_id       {int} not null,
    login         {text} not null,
    name          {text} not null,
    at            {text} not null,
    primary key (county, inspection_no),
    unique (county, inspection_key)
) {keyed};
{append_only} inspection

create index inspection_school on inspection (county, school_id, on_day);

create table inspection_item (
    county        {int} not null,
    inspection_no {int} not null,
    check_key     {text} not null,
    ok            {int} not null,
    fault         {text} not null,
    due_on        {text},
    primary key (county, inspection_no, check_key),
    foreign key (county, inspection_no) references inspection (county, inspection_no),
    check (ok in (0, 1)),
    check ((ok = 0) = (due_on is not null))
) {keyed};
{append_only} inspection_item

create table inspection_recheck (
    county        {int} not null,
    inspection_no {int} not null,
    check_key     {text} not null,
    recheck_no    {int} not null,             -- from 1
    on_day        {text} not null,
    ok            {int} not null,
    note          {text} not null,
    user_id       {int} not null,
    login         {text} not null,
    name          {text} not null,
    at            {text} not null,
    primary key (county, inspection_no, check_key, recheck_no),
    foreign key (county, inspection_no, check_key) references inspection_item (county, inspection_no, check_key)
) {keyed};
{append_only} inspection_recheck

-- Pictures of inspections, measurements and projects, apart from what they belong to.
create table school_photo (
    county      {int} not null,
    photo_key   {bytes} not null,             -- 128 bits, made on the device
    school_id   {int} not null,
    about       {text} not null,              -- inspection, measure, project
    number      {int} not null,               -- of the inspection, source row or project
    part        {text} not null,              -- the check, the step, or empty
    sha256      {bytes} not null,
    kind        {text} not null,              -- jpeg, png, webp
    sealed      {bytes} not null,
    login       {text} not null,
    at          {text} not null,
    primary key (county, photo_key)
) {keyed};

create index school_photo_about on school_photo (county, about, number);

-- From a gap to its acceptance: a project for a school and a standard.
create table school_project (
    county     {int} not null,
    project_no {int} not null,                -- from 1
    school_id  {int} not null,
    standard   {text} not null,               -- the kind of the duty that it makes good
    title      {text} not null,
    need       {int} not null,                -- in units of the duty
    unit       {text} not null,
    cost       {int} not null,                -- fen, by the table of prices
    login      {text} not null,
    name       {text} not null,
    at         {text} not null,
    primary key (county, project_no)
) {keyed};
{append_only} school_project

create index school_project_school on school_project (county, school_id, standard);

create table school_step (
    county     {int} not null,
    project_no {int} not null,
    step_no    {int} not null,
    prev       {int},
    on_day     {text} not null,
    code       {text} not null,
    amount     {int},                         -- fen: granted, contracted, paid
    quantity   {int},                         -- made good, in units of the duty
    percent    {int},                         -- of the work
    party      {text} not null,               -- the fund, or who builds
    note       {text} not null,
    user_id    {int} not null,
    login      {text} not null,
    name       {text} not null,
    at         {text} not null,
    primary key (county, project_no, step_no),
    foreign key (county, project_no) references school_project (county, project_no),
    foreign key (county, project_no, prev) references school_step (county, project_no, step_no),
    check (step_no >= 1),
    check ((step_no = 1) = (prev is null)),
    check (prev is null or prev = step_no - 1),
    check (code in ('funded', 'contracted', 'progress', 'accepted', 'dropped')),
    check (percent is null or (percent >= 0 and percent <= 100))
) {keyed};
{append_only} school_step

-- What happened to schools: opened, merged, closed, reopened, split. Days before stay what they were.
create table school_turn (
    county    {int} not null,
    turn_no   {int} not null,                 -- from 1
    school_id {int} not null,
    on_day    {text} not null,
    turn      {text} not null,                -- the words of fujiao_school::days::Turn
    other_id  {int},
    note      {text} not null,
    login     {text} not null,
    name      {text} not null,
    at        {text} not null,
    primary key (county, turn_no),
    check (turn in ('opened', 'merged', 'closed', 'reopened', 'split'))
) {keyed};
{append_only} school_turn

-- Additions to the posts, switched on and off.
create table post_switch (
    county    {int} not null,
    switch_no {int} not null,                 -- from 1
    addition  {text} not null,
    is_on     {int} not null,
    why       {text} not null,
    login     {text} not null,
    name      {text} not null,
    at        {text} not null,
    primary key (county, switch_no),
    check (is_on in (0, 1)),
    check (why <> '')
) {keyed};
{append_only} post_switch
