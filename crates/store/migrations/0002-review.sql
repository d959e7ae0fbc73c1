-- What people decide about pairs of rows, with its history, and what linking did to persons.
-- Types in braces as in 0001.

-- Why the two may be one: the waterfall of weights as JSON; empty for pairs asked before there was one.
alter table link_ask add column why {text} not null default '';

-- How many pairs each threshold would ask about, as the last linking found. Replaced as a whole by each linking.
create table link_band (
    county   {int} not null,
    ask_from {real} not null,                 -- probability
    asks     {int} not null,
    primary key (county, ask_from)
) {keyed};

-- What a person decided. Kept for ever, by natural keys: rows may be superseded. Never changed but for undone_*.
create table link_decision_of_0001 as select * from link_decision;
drop table link_decision;

create table link_decision (
    county      {int} not null,
    decision_no {int} not null,               -- from 1, in the order in which they were said
    left_key    {bytes} not null,             -- the smaller natural key
    right_key   {bytes} not null,
    same        {int} not null,
    weight      {real},                       -- match weight when it was asked, log2; null: nobody had asked
    at          {text} not null,
    actor       {text} not null,
    note        {text},
    undone_at   {text},                       -- null: it stands
    undone_by   {text},
    undone_why  {text},
    primary key (county, decision_no)
) {keyed};

insert into link_decision (county, decision_no, left_key, right_key, same, at, actor, note)
select county, row_number() over (partition by county order by at, left_key, right_key),
       left_key, right_key, same, at, actor, note
  from link_decision_of_0001;

drop table link_decision_of_0001;

-- One word stands about one pair.
create unique index link_decision_stands on link_decision (county, left_key, right_key) where undone_at is null;

-- What an assessment did to persons that an earlier one knew.
create table person_event (
    county    {int} not null,
    event_no  {int} not null,                 -- from 1
    at        {text} not null,                -- of the assessment
    kind      {text} not null,                -- merged, split, moved, new
    person_id {int},                          -- who stays; null for new, who are only counted
    other_id  {int},                          -- merged: who went into them; split: who came out; moved: who has the rows now
    count     {int} not null,                 -- rows; for new: persons
    rows      {text} not null,                -- row ids, separated by blanks
    primary key (county, event_no)
) {keyed};

create index person_event_merged on person_event (county, other_id, event_no) where kind = 'merged';

-- Rows that a correction superseded, to follow a row to its correction and to know an old file again.
create index source_row_superseded on source_row (county, natural_key, fingerprint, superseded_by)
 where superseded_by is not null;
