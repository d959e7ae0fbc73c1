-- Whose account pays. A new line takes the place of the one before; files keep the one that they were made with. Types in
-- braces as in 0001.
create table aid_payer (
    county   {int} not null,
    payer_id {int} not null,                  -- from 1; the last one pays
    name     {text} not null,
    sealed   {bytes} not null,                -- account, bank, its code
    set_at   {text} not null,
    set_by   {text} not null,
    primary key (county, payer_id)
) {keyed};
{append_only} aid_payer

alter table aid_file add column payer_id {int};
alter table aid_file add column pay_on {text};
