-- Payments whose state is not what their lines at the bank say.
select cast(count(*) as bigint)
  from aid_payment p
  left join aid_line l on l.county = p.county and l.payment_id = p.payment_id and l.state <> 'returned'
 where p.state <> case when l.state is not null then l.state when p.state = 'stopped' then 'stopped' else 'due' end
    or l.amount <> p.amount
