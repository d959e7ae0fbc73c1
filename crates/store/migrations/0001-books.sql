-- The books of a county. One text for both engines; the words in braces are types of the engine:
--   {int} 64-bit whole number (0/1 for a flag, u64 ids by their bits)   {text} text, ordered by bytes
--   {real} double   {bytes} bytes   {keyed} a table stored in the order of its key
-- Dates are ISO text, money is fen, codes are the stable codes of `model`. The county's six digits lead every key.

-- What holds for the whole database: schema, check of the key, head of the audit chain.
create table meta (
    name  {text} not null primary key,
    value {text} not null
) {keyed};

-- A county in these books and the assessment that its pages show.
create table county (
    county   {int} not null primary key,
    name     {text} not null,
    made     {int} not null default 0,        -- 1: a made county (示例数据)
    live_run {int}                            -- null: not assessed yet
) {keyed};

-- A workbook that came in. The same bytes come in once.
create table file (
    county      {int} not null,
    file_id     {int} not null,
    sha256      {bytes} not null,
    name        {text} not null,              -- as the office named it, without folders
    office      {text},                       -- folder that it came in, by which offices are told apart
    imported_at {text} not null,
    kinds       {text} not null,              -- codes of RosterKind, separated by blanks
    first_row   {int},                        -- its source rows are first_row .. last_row
    last_row    {int},
    rows_read   {int} not null,
    created     {int} not null,
    updated     {int} not null,
    unchanged   {int} not null,
    parked      {int} not null,
    refused     {int} not null,
    primary key (county, file_id),
    unique (county, sha256)
) {keyed};

create table sheet (
    county    {int} not null,
    file_id   {int} not null,
    sheet_no  {int} not null,                 -- from 0
    name      {text} not null,
    kind      {text},                         -- null: not recognised
    rows_read {int} not null,
    primary key (county, file_id, sheet_no),
    foreign key (county, file_id) references file (county, file_id)
) {keyed};

-- What an office said. Never changed but for superseded_by: a correction is a new row that supersedes.
create table source_row (
    county        {int} not null,
    row_id        {int} not null,
    file_id       {int} not null,
    sheet_no      {int} not null,
    row_no        {int} not null,             -- as the spreadsheet shows it, from 1
    kind          {text} not null,
    verdict       {text} not null,            -- good, parked, refused
    natural_key   {bytes} not null,           -- keyed hash of kind and natural key
    fingerprint   {bytes} not null,           -- keyed hash of the content
    superseded_by {int},                      -- row_id of the correction; null: live
    fields        {text} not null,            -- {"field code": "stored value"} without secret fields
    sealed        {bytes},                    -- secret fields and columns that no field is known for
    primary key (county, row_id),
    foreign key (county, file_id) references file (county, file_id)
) {keyed};

-- One live row for one natural key, whatever the program thinks: no payment line is booked twice.
create unique index source_row_live on source_row (county, natural_key) where superseded_by is null;

-- Whom a row is about, as the last linking found. Replaced as a whole by each linking.
create table row_link (
    county       {int} not null,
    row_id       {int} not null,
    person_id    {int},
    household_id {int},
    school_id    {int},
    primary key (county, row_id),
    foreign key (county, row_id) references source_row (county, row_id)
) {keyed};

create index row_link_person on row_link (county, person_id, row_id) where person_id is not null;

-- What a person should look at.
create table finding (
    county     {int} not null,
    file_id    {int} not null,
    finding_no {int} not null,                -- from 0 within the file
    sheet_no   {int} not null,
    row_no     {int} not null,                -- 0: the whole sheet
    column_no  {int},                         -- from 0; null: the whole row
    field      {text},
    kind       {text} not null,
    reason     {text} not null,
    remedy     {text} not null,
    verdict    {text} not null,
    state      {text} not null,               -- open, closed
    primary key (county, file_id, finding_no),
    foreign key (county, file_id) references file (county, file_id)
) {keyed};

-- A header that a person confirmed once.
create table header_word (
    county {int} not null,
    kind   {text} not null,
    header {text} not null,
    field  {text} not null,
    at     {text} not null,
    actor  {text} not null,
    primary key (county, kind, header)
) {keyed};

create table place (
    county    {int} not null,
    code      {int} not null,                 -- 12 digits
    name      {text} not null,
    level     {text} not null,                -- province, city, county, town, village
    parent    {int},
    longitude {real},
    latitude  {real},
    made      {int} not null default 0,       -- 1: coordinates are made
    primary key (county, code)
) {keyed};

create table school (
    county    {int} not null,
    school_id {int} not null,
    code      {text},                         -- 学校标识码; null for a teaching point
    name      {text} not null,
    aliases   {text} not null,                -- JSON array of names as people write them
    kind      {text},                         -- 办学类型
    stages    {text} not null,                -- codes of Stage, separated by blanks
    parent_id {int},
    town      {int},
    village   {int},
    rural     {int},                          -- null: not on file
    longitude {real},
    latitude  {real},
    closed_on {text},
    row_id    {int},                          -- the source row of its conditions
    primary key (county, school_id)
) {keyed};

create table household (
    county         {int} not null,
    household_id   {int} not null,
    number         {text},                    -- 户编号
    head_person_id {int},
    head_name      {text},
    kind           {text} not null,           -- code of HouseholdKind
    monitored      {int} not null,            -- 1: monitored, risk not cleared
    town           {int},
    village        {int},
    size           {int} not null,
    relocation_site {text},
    row_id         {int},
    primary key (county, household_id)
) {keyed};

create table person (
    county        {int} not null,
    person_id     {int} not null,
    name          {text} not null,
    sealed        {bytes},                    -- citizen id, phones, account
    id_blind      {bytes},                    -- keyed hash of the citizen id
    sex           {text},
    born_on       {text},                     -- 2012-09-01, 2012-09 or 2012
    ethnicity     {text},
    town          {int},
    village       {int},
    household_id  {int},
    relation      {text},
    guardian_name {text},
    school_id     {int},                      -- where the person is enrolled now
    stage         {text},
    grade         {text},
    class         {text},
    boarding      {text},
    residence     {text},
    flags         {text} not null,            -- what the person counts as, codes separated by blanks
    rows          {int} not null,             -- how many source rows speak of the person
    primary key (county, person_id)
) {keyed};

create index person_name on person (county, name, person_id);
create index person_id_blind on person (county, id_blind) where id_blind is not null;
create index person_household on person (county, household_id, person_id) where household_id is not null;
create index person_school on person (county, school_id, grade, class, person_id) where school_id is not null;

-- Pairs of rows that wait for a person, as the last linking found.
create table link_ask (
    county    {int} not null,
    left_row  {int} not null,
    right_row {int} not null,
    weight    {real} not null,                -- log2
    primary key (county, left_row, right_row)
) {keyed};

-- What a person decided. Kept for ever, by natural keys: rows may be superseded.
create table link_decision (
    county    {int} not null,
    left_key  {bytes} not null,
    right_key {bytes} not null,
    same      {int} not null,
    at        {text} not null,
    actor     {text} not null,
    note      {text},
    primary key (county, left_key, right_key)
) {keyed};

-- An assessment. The line is kept when its duties and deeds are dropped.
create table run (
    county         {int} not null,
    run_id         {int} not null,
    as_of          {text} not null,
    policies_hash  {text} not null,
    registers_hash {text} not null,
    started_at     {text} not null,
    ended_at       {text} not null,
    sizes          {text} not null,           -- JSON: seconds by step, rows, persons, households …
    kept           {int} not null,            -- 1: its duties and deeds are here
    primary key (county, run_id)
) {keyed};

-- A rule as it stood in a run.
create table rule (
    county  {int} not null,
    run_id  {int} not null,
    rule_no {int} not null,
    rule    {text} not null,                  -- comp.living.boarder@2024S
    basis   {text} not null,                  -- the legal basis, as the policy file cites it
    primary key (county, run_id, rule_no),
    foreign key (county, run_id) references run (county, run_id)
) {keyed};

-- 应, with what was done on it and what is missing: quantity = done + gap.
create table duty (
    county       {int} not null,
    run_id       {int} not null,
    duty_id      {int} not null,              -- position in the settled slice
    area         {text} not null,
    kind         {text} not null,
    subject_kind {text} not null,             -- person, household, school, place, fund
    subject_id   {int} not null,
    period       {text} not null,
    quantity     {int} not null,
    unit         {text} not null,
    done         {int} not null,
    gap          {int} not null,
    due_on       {text} not null,
    bearer       {text} not null,
    place        {int},                       -- 12 digits of a village or town
    rule_no      {int} not null,
    facts        {text} not null,
    sources      {text} not null,             -- row ids, separated by blanks
    primary key (county, run_id, duty_id),
    foreign key (county, run_id, rule_no) references rule (county, run_id, rule_no)
) {keyed};

create index duty_area on duty (county, run_id, area, place, duty_id);
create index duty_gap on duty (county, run_id, area, place, due_on, duty_id) where gap > 0;
create index duty_subject on duty (county, run_id, subject_kind, subject_id, duty_id);

-- 已, with what counted for a duty and what is beyond any: quantity = counted + excess.
create table deed (
    county       {int} not null,
    run_id       {int} not null,
    deed_id      {int} not null,
    area         {text} not null,
    kind         {text} not null,
    subject_kind {text} not null,
    subject_id   {int} not null,
    period       {text} not null,
    quantity     {int} not null,
    unit         {text} not null,
    done_on      {text} not null,
    place        {int},
    evidence     {int} not null,              -- row_id
    counted      {int} not null,
    excess       {int} not null,
    excess_kind  {text},                      -- unfounded, repeated, over; null: no excess
    primary key (county, run_id, deed_id),
    foreign key (county, run_id) references run (county, run_id)
) {keyed};

create index deed_excess on deed (county, run_id, area, place, deed_id) where excess > 0;
create index deed_subject on deed (county, run_id, subject_kind, subject_id, deed_id);

-- The figures: one line a kind for the county (place 0) and one a kind and town.
create table summary (
    county       {int} not null,
    run_id       {int} not null,
    place        {int} not null,              -- 0: the whole county; else 12 digits of a town
    area         {text} not null,
    kind         {text} not null,
    unit         {text} not null,
    due          {int} not null,
    done         {int} not null,
    gap          {int} not null,
    excess       {int} not null,
    subjects_due    {int} not null,
    subjects_gap    {int} not null,
    subjects_excess {int} not null,
    primary key (county, run_id, place, area, kind, unit),
    foreign key (county, run_id) references run (county, run_id)
) {keyed};

-- Who did what when. Each line carries the hash of the line before.
create table audit (
    seq    {int} not null primary key,        -- from 1, without holes
    county {int} not null,
    at     {text} not null,
    actor  {text} not null,
    action {text} not null,
    object {text} not null,
    detail {text} not null,
    prev   {bytes} not null,
    hash   {bytes} not null
) {keyed};
