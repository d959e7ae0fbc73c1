-- Who lives here against who is enrolled, of the live assessment. Types in braces as in 0001.
create table two_line (
    county     {int} not null,
    finding_no {int} not null,                -- from 1, by kind and person
    run_id     {int} not null,
    person_id  {int} not null,
    found      {text} not null,               -- the words of fujiao_watch::lines::Found
    since      {text},                        -- a day that goes with it
    days       {int},                         -- a number of days that goes with it
    evidence   {text} not null,               -- rows, separated by blanks
    primary key (county, finding_no)
) {keyed};

create index two_line_kind on two_line (county, found, finding_no);
create index two_line_person on two_line (county, person_id);
