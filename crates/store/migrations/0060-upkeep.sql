-- What keeps the books running: who serves them, and what was done for them. These lines are of the books, not of a county,
-- and so lead with no county. Types in braces as in 0001.

-- A program that serves these books. One that went away without saying so has no stopped_at.
create table server (
    place      {text} not null primary key,   -- machine and address
    version    {text} not null,
    begun_at   {text} not null,
    seen_at    {text} not null,               -- the last sign of life
    stopped_at {text}                         -- null: serves, or was cut off
) {keyed};

-- Backups, drills, restores, upgrades, moves, starts after a cut, and errors of the program, newest last.
create table upkeep (
    upkeep_id {int} not null primary key,     -- from 1
    at        {text} not null,
    kind      {text} not null,                -- backup, drill, restore, upgrade, move, cut, error
    ok        {int} not null,                 -- 0: failed
    seconds   {real} not null,                -- how long it took
    bytes     {int} not null,                 -- how large it became; 0: of no size
    place     {text} not null,                -- machine and address, or the command's machine
    detail    {text} not null                 -- in words without personal data
) {keyed};

create index upkeep_kind on upkeep (kind, upkeep_id);
