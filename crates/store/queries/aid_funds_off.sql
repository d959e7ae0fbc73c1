-- Funds whose free money is not what the journal says.
select cast(count(*) as bigint)
  from aid_fund f
 where f.free <> (select coalesce(sum(j.amount), 0) from aid_journal j
                   where j.county = f.county and j.credit = 'fund ' || cast(f.fund_id as text))
               - (select coalesce(sum(j.amount), 0) from aid_journal j
                   where j.county = f.county and j.debit = 'fund ' || cast(f.fund_id as text))
