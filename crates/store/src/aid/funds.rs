//! What came in, for what, and where it went.

use fujiao_model::Division;
use jiff::civil::Date;

use super::{day, hand, time};
use crate::registers::division;
use crate::{Row, Signed, StoreError, Tx};

/// What money may be spent on; `None` means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earmark {
    /// Key of a programme.
    pub programme: Option<String>,
    /// A school.
    pub school: Option<u64>,
    /// A town or village.
    pub place: Option<Division>,
    /// The last day.
    pub until: Option<Date>,
}

/// An appropriation or a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidFund {
    /// From 1 within the county.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// Whether somebody gave it; otherwise it was appropriated.
    pub gift: bool,
    /// The treasury, or who gave.
    pub giver: String,
    /// The donor's account.
    pub donor: Option<u64>,
    /// 文号, or the receipt.
    pub document: String,
    /// What it may be spent on.
    pub earmark: Earmark,
    /// When it came.
    pub arrived_on: Date,
    /// Fen.
    pub amount: i64,
    /// Fen not allocated yet.
    pub free: i64,
    /// Giver and children agreed to know each other.
    pub pairing: bool,
}

/// Money that came in.
#[derive(Clone, Debug)]
pub struct NewAidFund<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Whether somebody gave it.
    pub gift: bool,
    /// The treasury, or who gave.
    pub giver: &'a str,
    /// The donor's account.
    pub donor: Option<u64>,
    /// 文号, or the receipt.
    pub document: &'a str,
    /// What it may be spent on.
    pub earmark: &'a Earmark,
    /// When it came.
    pub arrived_on: Date,
    /// Fen.
    pub amount: i64,
    /// Giver and children agreed to know each other.
    pub pairing: bool,
}

/// An amount that moves from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMovement {
    /// Where it goes to, in the words of bookkeeping: debited.
    pub debit: String,
    /// Where it comes from: credited.
    pub credit: String,
    /// Fen, above zero.
    pub amount: i64,
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// From 1; lines of one entry share it.
    pub entry: u64,
    /// What happened.
    pub kind: String,
    /// To what: `fund 3`, `batch 7` …
    pub about: String,
    /// The movement.
    pub moved: NewMovement,
    /// When.
    pub at: jiff::Timestamp,
    /// Who.
    pub login: String,
}

/// What was done with a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundUse {
    /// The fund.
    pub fund: u64,
    /// Key of the programme.
    pub programme: String,
    /// The period.
    pub period: String,
    /// State of the payments.
    pub state: String,
    /// The school's name.
    pub school: String,
    /// Persons.
    pub persons: u64,
    /// Payments.
    pub payments: u64,
    /// Fen.
    pub amount: i64,
}

/// Where a recovery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryState {
    /// 待追回
    Asked,
    /// 已追回
    Repaid,
    /// 免追回
    Waived,
}

impl RecoveryState {
    /// The word in the books.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Repaid => "repaid",
            Self::Waived => "waived",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Asked, Self::Repaid, Self::Waived].into_iter().find(|s| s.code() == code)
    }
}

/// Money to come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// From 1 within the county.
    pub id: u64,
    /// The payment of which it is a part.
    pub payment: u64,
    /// To whom that went.
    pub person: u64,
    /// Their name then.
    pub name: String,
    /// Key of the programme.
    pub programme: String,
    /// The period.
    pub period: String,
    /// Fen.
    pub amount: i64,
    /// Why.
    pub why: String,
    /// Who asked for it.
    pub asked: Signed,
    /// Where it stands.
    pub state: RecoveryState,
    /// When it came, or was waived.
    pub on: Option<Date>,
}

/// What a line of a batch asks for: number, fen, school, place.
pub type AidNeed = (u64, i64, Option<u64>, Option<Division>);

const FUND: &str = "fund_id, name, kind, giver, donor, document, programme, school_id, place, until_day, arrived_on, \
     amount, free, pairing";

impl Tx<'_> {
    /// Books money that came in; its id. The journal's line is for the caller to write.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_aid_fund(
        &mut self,
        county: u32,
        new: &NewAidFund,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_fund", "fund_id")?;
        self.execute(
            "insert into aid_fund (county, fund_id, name, kind, giver, donor, document, programme, school_id, place,
                                   until_day, arrived_on, amount, free, pairing, made_at, made_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16)",
            &[
                county.into(),
                id.into(),
                new.name.into(),
                (if new.gift { "gift" } else { "appropriation" }).into(),
                new.giver.into(),
                new.donor.into(),
                new.document.into(),
                new.earmark.programme.as_deref().into(),
                new.earmark.school.into(),
                new.earmark.place.map(Division::code).into(),
                new.earmark.until.map(|d| d.to_string()).into(),
                new.arrived_on.to_string().into(),
                new.amount.into(),
                new.pairing.into(),
                by.at.to_string().into(),
                (&by.login).into(),
            ],
        )?;
        Ok(id)
    }

    /// All funds, by number.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_funds(&mut self, county: u32) -> Result<Vec<AidFund>, StoreError> {
        let sql = format!("select {FUND} from aid_fund where county = $1 order by fund_id");
        self.query(&sql, &[county.into()], fund)
    }

    /// Writes an entry of the journal: movements that belong together. What is free of a fund follows. `false`, with nothing
    /// written, if the same entry stands already.
    ///
    /// # Errors
    /// The engine refuses to spend more of a fund than is free.
    pub fn add_aid_entry(
        &mut self,
        county: u32,
        kind: &str,
        about: &str,
        moved: &[NewMovement],
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let stands = self.query_one(
            "select 1 from aid_journal where county = $1 and kind = $2 and about = $3 limit 1",
            &[county.into(), kind.into(), about.into()],
            |_| Ok(()),
        )?;
        if stands.is_some() {
            return Ok(false);
        }
        let entry = self.next(county, "aid_journal", "entry_no")?;
        let at = by.at.to_string();
        self.bulk(
            "aid_journal",
            [
                "county", "entry_no", "line", "kind", "about", "debit", "credit", "amount", "at",
                "login",
            ],
            (1_u64..).zip(moved).map(|(line, m)| {
                [
                    county.into(),
                    entry.into(),
                    line.into(),
                    kind.into(),
                    about.into(),
                    (&m.debit).into(),
                    (&m.credit).into(),
                    m.amount.into(),
                    (&at).into(),
                    (&by.login).into(),
                ]
            }),
        )?;
        for movement in moved {
            for (account, sign) in [(&movement.debit, -1), (&movement.credit, 1)] {
                let Some(id) = account.strip_prefix("fund ").and_then(|n| n.parse::<u64>().ok())
                else {
                    continue;
                };
                self.execute(
                    "update aid_fund set free = free + $3 where county = $1 and fund_id = $2",
                    &[county.into(), id.into(), (sign * movement.amount).into()],
                )?;
            }
        }
        Ok(true)
    }

    /// The journal, newest first: lines about an account where one is named.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_journal(
        &mut self,
        county: u32,
        account: Option<&str>,
        limit: u32,
    ) -> Result<Vec<JournalLine>, StoreError> {
        let mut args = vec![county.into(), limit.into()];
        let of = match account {
            None => "",
            Some(account) => {
                args.push(account.into());
                "and (debit = $3 or credit = $3)"
            }
        };
        let sql = format!(
            "select entry_no, kind, about, debit, credit, amount, at, login from aid_journal
              where county = $1 {of} order by entry_no desc, line limit $2"
        );
        self.query(&sql, &args, |r| {
            Ok(JournalLine {
                entry: r.get(0)?,
                kind: r.get(1)?,
                about: r.get(2)?,
                moved: NewMovement { debit: r.get(3)?, credit: r.get(4)?, amount: r.get(5)? },
                at: time(r, 6)?.ok_or_else(|| r.bad(6))?,
                login: r.get(7)?,
            })
        })
    }

    /// The balance of every account: credits less debits, in fen.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_balances(&mut self, county: u32) -> Result<Vec<(String, i64)>, StoreError> {
        self.query(
            "select account, cast(sum(amount) as bigint)
               from (select credit as account, amount from aid_journal where county = $1
                     union all
                     select debit, -amount from aid_journal where county = $1) m
              group by account order by account",
            &[county.into()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    /// What a batch asks for, line by line: number, fen, school, place.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_needs(&mut self, county: u32, batch: u64) -> Result<Vec<AidNeed>, StoreError> {
        self.query(
            "select entitlement_id, amount, school_id, place from aid_entitlement
              where county = $1 and batch_id = $2 and state = 'in' order by entitlement_id",
            &[county.into(), batch.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, division(r, 3)?)),
        )
    }

    /// Keeps which fund pays what: payment, fund, fen.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_aid_allocations(
        &mut self,
        county: u32,
        parts: &[(u64, u64, i64)],
    ) -> Result<(), StoreError> {
        self.bulk(
            "aid_allocation",
            ["county", "payment_id", "fund_id", "amount"],
            parts.iter().map(|(payment, fund, amount)| {
                [county.into(), (*payment).into(), (*fund).into(), (*amount).into()]
            }),
        )?;
        Ok(())
    }

    // SQLite keeps to the order of a cross join: without it, it walks all allocations to save a sort, and finds each line anew.

    /// Sums by fund of the payments in a file.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_file_by_fund(
        &mut self,
        county: u32,
        file: u64,
    ) -> Result<Vec<(u64, i64)>, StoreError> {
        self.query(
            "select a.fund_id, cast(sum(a.amount) as bigint)
               from aid_line l
              cross join aid_allocation a
              where l.county = $1 and l.file_id = $2 and a.county = l.county and a.payment_id = l.payment_id
              group by a.fund_id order by a.fund_id",
            &[county.into(), file.into()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    /// Sums by fund of what a return said was paid, and of what it said came back.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_return_by_fund(
        &mut self,
        county: u32,
        id: u64,
    ) -> Result<Vec<(u64, i64, i64)>, StoreError> {
        self.query(
            "select a.fund_id, cast(sum(case when r.state = 'paid' then a.amount else 0 end) as bigint),
                    cast(sum(case when r.state = 'returned' then a.amount else 0 end) as bigint)
               from aid_return t
              cross join aid_return_line r
              cross join aid_line l
              cross join aid_allocation a
              where t.county = $1 and t.return_id = $2
                and r.county = t.county and r.return_id = t.return_id and r.state in ('paid', 'returned')
                and l.county = t.county and l.file_id = t.file_id and l.line = r.line
                and a.county = l.county and a.payment_id = l.payment_id
              group by a.fund_id order by a.fund_id",
            &[county.into(), id.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
    }

    /// Sums by fund of one payment.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_payment_by_fund(
        &mut self,
        county: u32,
        payment: u64,
    ) -> Result<Vec<(u64, i64)>, StoreError> {
        self.query(
            "select fund_id, amount from aid_allocation where county = $1 and payment_id = $2 order by fund_id",
            &[county.into(), payment.into()],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    /// What was done with funds: those of one donor where one is named.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_fund_uses(
        &mut self,
        county: u32,
        donor: Option<u64>,
    ) -> Result<Vec<FundUse>, StoreError> {
        let mut args = vec![county.into()];
        let of = match donor {
            None => "",
            Some(donor) => {
                args.push(donor.into());
                "and f.donor = $2"
            }
        };
        let sql = format!(
            "select a.fund_id, y.programme, y.period, y.state, e.school, count(distinct y.holder), count(*),
                    cast(sum(a.amount) as bigint)
               from aid_fund f
               join aid_allocation a on a.county = f.county and a.fund_id = f.fund_id
               join aid_payment y on y.county = a.county and y.payment_id = a.payment_id
               join aid_entitlement e on e.county = y.county and e.entitlement_id = y.payment_id
              where f.county = $1 {of}
              group by a.fund_id, y.programme, y.period, y.state, e.school
              order by a.fund_id, y.period, y.programme, y.state, e.school"
        );
        self.query(&sql, &args, |r| {
            Ok(FundUse {
                fund: r.get(0)?,
                programme: r.get(1)?,
                period: r.get(2)?,
                state: r.get(3)?,
                school: r.get(4)?,
                persons: r.get(5)?,
                payments: r.get(6)?,
                amount: r.get(7)?,
            })
        })
    }

    /// Children whom a fund pays and whom its giver may know, by name: only where both agreed.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_paired(
        &mut self,
        county: u32,
        donor: u64,
    ) -> Result<Vec<(u64, u64, String)>, StoreError> {
        self.query(
            "select distinct f.fund_id, y.holder, e.name
               from aid_fund f
               join aid_allocation a on a.county = f.county and a.fund_id = f.fund_id
               join aid_payment y on y.county = a.county and y.payment_id = a.payment_id
               join aid_entitlement e on e.county = y.county and e.entitlement_id = y.payment_id
              where f.county = $1 and f.donor = $2 and f.pairing = 1 and f.kind = 'gift'
              order by f.fund_id, y.holder",
            &[county.into(), donor.into()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
        )
    }

    /// Asks for money back; the recovery's id, `None` if so much was not paid by this payment, or is asked back already.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_aid_recovery(
        &mut self,
        county: u32,
        payment: u64,
        amount: i64,
        why: &str,
        by: &Signed,
    ) -> Result<Option<u64>, StoreError> {
        let id = self.next(county, "aid_recovery", "recovery_id")?;
        let added = self.execute(
            "insert into aid_recovery (county, recovery_id, payment_id, amount, why, asked_at, asked_by, asked_name, state)
             select y.county, cast($3 as bigint), y.payment_id, cast($4 as bigint), $5, $6, $7, $8, 'asked'
               from aid_payment y
              where y.county = $1 and y.payment_id = $2 and y.state = 'paid'
                and y.amount >= cast($4 as bigint) + coalesce(
                    (select cast(sum(r.amount) as bigint) from aid_recovery r
                      where r.county = $1 and r.payment_id = $2 and r.state <> 'waived'), 0)",
            &[
                county.into(),
                payment.into(),
                id.into(),
                amount.into(),
                why.into(),
                by.at.to_string().into(),
                (&by.login).into(),
                (&by.name).into(),
            ],
        )?;
        Ok((added == 1).then_some(id))
    }

    /// Ends a recovery; `false` if it is ended already. What was repaid is owed no more: the frozen duty follows.
    ///
    /// # Errors
    /// The engine refuses that who asked waives it.
    pub fn end_aid_recovery(
        &mut self,
        county: u32,
        id: u64,
        state: RecoveryState,
        on: Date,
        why: &str,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let ended = self.execute(
            "update aid_recovery set state = $3, on_day = $4, ended_why = $5, ended_by = $6, ended_at = $7
              where county = $1 and recovery_id = $2 and state = 'asked'",
            &[
                county.into(),
                id.into(),
                state.code().into(),
                on.to_string().into(),
                why.into(),
                (&by.login).into(),
                by.at.to_string().into(),
            ],
        )?;
        if ended == 1 && state == RecoveryState::Repaid {
            let args = [county.into(), id.into()];
            self.execute(
                "update frozen_duty set quantity = quantity - r.amount
                   from aid_recovery r
                   join aid_payment y on y.county = r.county and y.payment_id = r.payment_id
                  where r.county = $1 and r.recovery_id = $2 and frozen_duty.county = $1
                    and frozen_duty.kind = y.programme and frozen_duty.subject_kind = 'person'
                    and frozen_duty.subject_id = y.person_id and frozen_duty.period = y.period",
                &args,
            )?;
            self.execute(
                "delete from frozen_duty where county = $1 and quantity <= 0",
                &[county.into()],
            )?;
        }
        Ok(ended == 1)
    }

    /// Recoveries, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_recoveries(&mut self, county: u32) -> Result<Vec<Recovery>, StoreError> {
        self.query(
            "select r.recovery_id, r.payment_id, y.holder, e.name, y.programme, y.period, r.amount, r.why, r.asked_by,
                    r.asked_name, r.asked_at, r.state, r.on_day
               from aid_recovery r
               join aid_payment y on y.county = r.county and y.payment_id = r.payment_id
               join aid_entitlement e on e.county = r.county and e.entitlement_id = r.payment_id
              where r.county = $1 order by r.recovery_id desc",
            &[county.into()],
            |r| {
                Ok(Recovery {
                    id: r.get(0)?,
                    payment: r.get(1)?,
                    person: r.get(2)?,
                    name: r.get(3)?,
                    programme: r.get(4)?,
                    period: r.get(5)?,
                    amount: r.get(6)?,
                    why: r.get(7)?,
                    asked: hand(r, 8)?.ok_or_else(|| r.bad(8))?,
                    state: r.parse(11, RecoveryState::parse)?.ok_or_else(|| r.bad(11))?,
                    on: day(r, 12)?,
                })
            },
        )
    }
}

fn fund(r: &Row) -> Result<AidFund, StoreError> {
    Ok(AidFund {
        id: r.get(0)?,
        name: r.get(1)?,
        gift: r.get::<&str>(2)? == "gift",
        giver: r.get(3)?,
        donor: r.get(4)?,
        document: r.get(5)?,
        earmark: Earmark {
            programme: r.get(6)?,
            school: r.get(7)?,
            place: division(r, 8)?,
            until: day(r, 9)?,
        },
        arrived_on: day(r, 10)?.ok_or_else(|| r.bad(10))?,
        amount: r.get(11)?,
        free: r.get(12)?,
        pairing: r.get(13)?,
    })
}
