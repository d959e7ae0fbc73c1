-- Payments that funds do not pay to the fen.
select cast(count(*) as bigint)
  from (select p.county, p.payment_id, p.amount, p.state, coalesce(sum(a.amount), 0) as from_funds
          from aid_payment p
          left join aid_allocation a on a.county = p.county and a.payment_id = p.payment_id
         group by p.county, p.payment_id, p.amount, p.state) x
 where x.amount <> x.from_funds
