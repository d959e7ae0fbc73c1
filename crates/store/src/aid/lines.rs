//! Whom a batch pays, and what.

use fujiao_model::Division;
use jiff::Timestamp;

use super::{AidBatch, day};
use crate::{Row, Signed, StoreError, Tx, V};

/// Who is still owed what of a programme and period.
pub(super) const LEFT: &str = include_str!("../../queries/aid_left.sql");

/// A line of a batch with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidLine {
    /// Its number, which is that of its payment too.
    pub id: u64,
    /// The batch.
    pub batch: u64,
    /// Whom it pays.
    pub person: u64,
    /// 1: the first payment; 2 …: supplements.
    pub part: u64,
    /// The whole duty, in fen.
    pub owed: i64,
    /// What this line pays, in fen.
    pub amount: i64,
    /// The version of the rule.
    pub rule: String,
    /// Its legal basis.
    pub basis: String,
    /// The facts in words.
    pub facts: String,
    /// Village or town.
    pub place: Option<Division>,
    /// As the register had it then.
    pub name: String,
    /// The school.
    pub school: Option<u64>,
    /// Its name.
    pub school_name: String,
    /// Code of the grade.
    pub grade: String,
    /// The class.
    pub class: String,
    /// Why it was left out; `None`: it is in.
    pub out: Option<String>,
    /// Code of the payment's state; `None`: not approved.
    pub payment: Option<String>,
    /// When it was paid.
    pub paid_on: Option<jiff::civil::Date>,
    /// Why its last line came back, or why it was stopped.
    pub trouble: Option<String>,
}

/// Which lines of a batch are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineFilter<'a> {
    /// Those that were left out instead of those that are in.
    pub out: bool,
    /// Of a state of payment.
    pub payment: Option<&'a str>,
    /// Of a school.
    pub school: Option<u64>,
    /// With a name that holds this; a pattern of `like` with `!` as the escape.
    pub name: Option<&'a str>,
    /// After this line.
    pub after: u64,
    /// So many at most; 0: all.
    pub limit: u32,
}

/// Sums over lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AidTally {
    /// Lines that are in.
    pub lines: u64,
    /// Their amount in fen.
    pub total: i64,
    /// Lines that were left out.
    pub out: u64,
    /// Payments that are due, and fen.
    pub due: (u64, i64),
    /// Under way.
    pub sent: (u64, i64),
    /// Paid.
    pub paid: (u64, i64),
    /// Stopped.
    pub stopped: (u64, i64),
}

const LINE: &str = "e.entitlement_id, e.batch_id, e.person_id, e.part, e.owed, e.amount, e.rule, e.basis, e.facts, \
     e.place, e.name, e.school_id, e.school, e.grade, e.class, e.out_why, y.state, y.paid_on, \
     coalesce(y.stopped_why, (select l.reason from aid_line l where l.county = e.county \
       and l.payment_id = e.entitlement_id and l.state = 'returned' order by l.file_id desc limit 1))";

/// Who leaves lines out when a batch is brought in line with an assessment.
pub(super) const MENDER: &str = "fujiao:mend";

impl Tx<'_> {
    /// Takes into a batch whoever is owed something of its programme and period by an assessment, is not in another batch
    /// that waits, and was not left out of this one by a person; the number of lines taken.
    ///
    /// # Errors
    /// What the engine says.
    pub fn take_aid_lines(
        &mut self,
        county: u32,
        batch: &AidBatch,
        run: u64,
    ) -> Result<u64, StoreError> {
        let base = self.next(county, "aid_entitlement", "entitlement_id")? - 1;
        let sql = format!(
            "insert into aid_entitlement (county, entitlement_id, batch_id, cycle_id, person_id, programme, period, part,
                                          owed, amount, rule, basis, facts, sources, due_on, bearer, place, household_id,
                                          name, school_id, school, grade, class, state)
             select cast($1 as bigint), cast($5 as bigint) + row_number() over (order by x.duty_id),
                    cast($6 as bigint), cast($7 as bigint), x.person_id, $3, $4, x.part, x.owed, x.remaining, r.rule, r.basis,
                    x.facts, x.sources, x.due_on, x.bearer, x.place, p.household_id, p.name, p.school_id,
                    coalesce(s.name, ''), coalesce(p.grade, ''), coalesce(p.class, ''), 'in'
               from ({LEFT}) x
               join rule r on r.county = $1 and r.run_id = $2 and r.rule_no = x.rule_no
               join person p on p.county = $1 and p.person_id = x.person_id
               left join school s on s.county = $1 and s.school_id = p.school_id
              where x.remaining > 0
                and not exists (select 1 from aid_entitlement e
                                 where e.county = $1 and e.person_id = x.person_id and e.programme = $3
                                   and e.period = $4 and e.part = x.part and e.state = 'in')
                and not exists (select 1 from aid_entitlement o
                                 where o.county = $1 and o.batch_id = $6 and o.person_id = x.person_id
                                   and o.state = 'out' and o.out_by <> '{MENDER}')
             on conflict do nothing"
        );
        self.execute(
            &sql,
            &[
                county.into(),
                run.into(),
                (&batch.programme).into(),
                (&batch.period).into(),
                base.into(),
                batch.id.into(),
                batch.cycle.into(),
            ],
        )
    }

    /// Brings a batch in line with an assessment: lines that it owes otherwise are left out, and taken anew as it owes them;
    /// how many went and came.
    ///
    /// # Errors
    /// What the engine says.
    pub fn mend_aid_lines(
        &mut self,
        county: u32,
        batch: &AidBatch,
        run: u64,
        at: Timestamp,
    ) -> Result<(u64, u64), StoreError> {
        let sql = format!(
            "update aid_entitlement set state = 'out', out_why = '按最新核算更正', out_by = '{MENDER}', out_at = $6
              where county = $1 and batch_id = $5 and state = 'in'
                and entitlement_id not in
                    (select e.entitlement_id from ({LEFT}) x
                       join aid_entitlement e on e.county = $1 and e.batch_id = $5 and e.person_id = x.person_id
                        and e.state = 'in' and e.part = x.part and e.amount = x.remaining)"
        );
        let gone = self.execute(
            &sql,
            &[
                county.into(),
                run.into(),
                (&batch.programme).into(),
                (&batch.period).into(),
                batch.id.into(),
                at.to_string().into(),
            ],
        )?;
        let come = self.take_aid_lines(county, batch, run)?;
        self.execute(
            "update aid_finding set decided = 'mended', decided_why = '按最新核算更正', decided_by = '', decided_at = $3
              where county = $1 and batch_id = $2 and list in ('missed', 'wrong') and decided is null",
            &[county.into(), batch.id.into(), at.to_string().into()],
        )?;
        Ok((gone, come))
    }

    /// Leaves a line out; `false` if it is not in, or the batch is released.
    ///
    /// # Errors
    /// What the engine says.
    pub fn leave_aid_line_out(
        &mut self,
        county: u32,
        batch: u64,
        line: u64,
        by: &Signed,
        why: &str,
    ) -> Result<bool, StoreError> {
        let gone = self.execute(
            "update aid_entitlement set state = 'out', out_why = $4, out_by = $5, out_at = $6
              where county = $1 and batch_id = $2 and entitlement_id = $3 and state = 'in'
                and not exists (select 1 from aid_release r where r.county = $1 and r.batch_id = $2)",
            &[
                county.into(),
                batch.into(),
                line.into(),
                why.into(),
                (&by.login).into(),
                by.at.to_string().into(),
            ],
        )?;
        Ok(gone == 1)
    }

    /// Lines of a batch, by number. `within`: as for [`Tx::aid_findings`].
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_lines(
        &mut self,
        county: u32,
        batch: u64,
        filter: &LineFilter,
        within: (&str, &[V<'static>]),
    ) -> Result<Vec<AidLine>, StoreError> {
        let mut args: Vec<V> = vec![county.into(), batch.into()];
        args.extend_from_slice(within.1);
        let mut more = String::new();
        let mut arg = |text: &str, value: V<'static>| {
            args.push(value);
            more += &text.replace('?', &format!("${}", args.len()));
        };
        arg(" and e.entitlement_id > ?", filter.after.into());
        if let Some(state) = filter.payment {
            arg(" and y.state = ?", state.to_owned().into());
        }
        if let Some(school) = filter.school {
            arg(" and e.school_id = ?", school.into());
        }
        if let Some(name) = filter.name {
            arg(" and e.name like ? escape '!'", name.to_owned().into());
        }
        let state = if filter.out { "out" } else { "in" };
        let limit =
            if filter.limit == 0 { String::new() } else { format!("limit {}", filter.limit) };
        let sql = format!(
            "select {LINE} from aid_entitlement e
               left join aid_payment y on y.county = e.county and y.payment_id = e.entitlement_id
               left join person p on p.county = e.county and p.person_id = e.person_id
              where e.county = $1 and e.batch_id = $2 and e.state = '{state}' and {} {more}
              order by e.entitlement_id {limit}",
            within.0
        );
        self.query(&sql, &args, line)
    }

    /// All that the books hold about a person's aid, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_lines_of(&mut self, county: u32, person: u64) -> Result<Vec<AidLine>, StoreError> {
        let sql = format!(
            "select {LINE} from aid_entitlement e
               left join aid_payment y on y.county = e.county and y.payment_id = e.entitlement_id
              where e.county = $1 and e.person_id = $2 and e.state = 'in'
              order by e.entitlement_id desc"
        );
        self.query(&sql, &[county.into(), person.into()], line)
    }

    /// Sums over the lines of a batch. `within`: as for [`Tx::aid_findings`].
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_tally(
        &mut self,
        county: u32,
        batch: u64,
        within: (&str, &[V<'static>]),
    ) -> Result<AidTally, StoreError> {
        let mut args: Vec<V> = vec![county.into(), batch.into()];
        args.extend_from_slice(within.1);
        // Who sees the whole county needs no look at each person.
        let person = if within.0 == "1 = 1" {
            ""
        } else {
            "join person p on p.county = e.county and p.person_id = e.person_id"
        };
        let sql = format!(
            "select e.state, coalesce(y.state, ''), count(*), cast(sum(e.amount) as bigint)
               from aid_entitlement e
               left join aid_payment y on y.county = e.county and y.payment_id = e.entitlement_id
               {person}
              where e.county = $1 and e.batch_id = $2 and {}
              group by e.state, coalesce(y.state, '')",
            within.0
        );
        let mut out = AidTally::default();
        self.each(&sql, &args, |r| {
            let (lines, total) = (r.get::<u64>(2)?, r.get::<i64>(3)?);
            if r.get::<&str>(0)? == "out" {
                out.out += lines;
                return Ok(());
            }
            out.lines += lines;
            out.total += total;
            match r.get::<&str>(1)? {
                "due" => out.due = (lines, total),
                "sent" => out.sent = (lines, total),
                "paid" => out.paid = (lines, total),
                "stopped" => out.stopped = (lines, total),
                _ => {}
            }
            Ok(())
        })?;
        Ok(out)
    }
}

fn line(r: &Row) -> Result<AidLine, StoreError> {
    Ok(AidLine {
        id: r.get(0)?,
        batch: r.get(1)?,
        person: r.get(2)?,
        part: r.get(3)?,
        owed: r.get(4)?,
        amount: r.get(5)?,
        rule: r.get(6)?,
        basis: r.get(7)?,
        facts: r.get(8)?,
        place: crate::registers::division(r, 9)?,
        name: r.get(10)?,
        school: r.get(11)?,
        school_name: r.get(12)?,
        grade: r.get(13)?,
        class: r.get(14)?,
        out: r.get(15)?,
        payment: r.get(16)?,
        paid_on: day(r, 17)?,
        trouble: r.get(18)?,
    })
}
