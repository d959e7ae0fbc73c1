-- Who is still owed what of a programme and period. $1 county, $2 run, $3 programme, $4 period.
-- What a run has not seen is taken off what it found missing; all that is booked is taken off the duty: the less of both
-- is left, so that nothing is paid on top of what is under way.
select d.duty_id, d.subject_id as person_id, d.quantity as owed, d.due_on, d.bearer, d.place, d.facts, d.sources, d.rule_no,
       coalesce(b.part, 0) + 1 as part,
       case when d.gap - coalesce(b.unseen, 0) < d.quantity - coalesce(b.booked, 0)
            then d.gap - coalesce(b.unseen, 0) else d.quantity - coalesce(b.booked, 0) end as remaining
  from duty d
  left join (select p.holder, max(p.part) as part,
                    cast(sum(case when p.state <> 'stopped' then p.amount - coalesce(q.repaid, 0) else 0 end) as bigint) as booked,
                    cast(sum(case when p.state in ('due', 'sent')
                                    or (p.state = 'paid' and p.return_id > coalesce(s.return_id, 0))
                                  then p.amount else 0 end) as bigint) as unseen
               from aid_payment p
               left join (select payment_id, cast(sum(amount) as bigint) as repaid from aid_recovery
                           where county = $1 and state = 'repaid' group by payment_id) q on q.payment_id = p.payment_id
               left join aid_seen s on s.county = p.county and s.run_id = $2
              where p.county = $1 and p.programme = $3 and p.period = $4
              group by p.holder) b on b.holder = d.subject_id
 where d.county = $1 and d.run_id = $2 and d.area = 'aid' and d.kind = $3 and d.period = $4
   and d.subject_kind = 'person' and d.unit = 'fen'
