-- What people decided, in the order in which they said it, whether it stands or was taken back. $1 county
select decision_no, left_key, right_key, same, weight, at, actor, note, undone_at, undone_by, undone_why
  from link_decision
 where county = $1
 order by decision_no
