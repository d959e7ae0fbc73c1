-- The county's reports as they were written, and the requests of programs that may come twice. Types in braces as in 0001.

-- The report of an assessment: its blocks as JSON, from which pages and Word files are made. It names no child.
create table report (
    county   {int} not null,
    run_id   {int} not null,
    made_at  {text} not null,
    document {text} not null,
    primary key (county, run_id),
    foreign key (county, run_id) references run (county, run_id)
) {keyed};

-- What a program asked for under a key of its own, and what came of it: asking again changes nothing.
create table api_answer (
    county      {int} not null,
    login       {text} not null,
    request_key {text} not null,
    asked       {bytes} not null,             -- SHA-256 of the request
    answer      {text} not null,
    at          {text} not null,
    primary key (county, login, request_key)
) {keyed};

create index api_answer_at on api_answer (county, at);
