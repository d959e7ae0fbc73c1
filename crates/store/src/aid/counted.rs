//! What was paid out of the books, as an assessment counts it.

use jiff::civil::Date;

use super::day;
use crate::{StoreError, Tx};

/// Something that was paid out of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidAid {
    /// The payment.
    pub payment: u64,
    /// To whom, as they are called now.
    pub person: u64,
    /// Key of the programme.
    pub programme: std::sync::Arc<str>,
    /// The period.
    pub period: std::sync::Arc<str>,
    /// Fen.
    pub amount: i64,
    /// When.
    pub on: Date,
}

impl Tx<'_> {
    /// What was paid, for the assessment: payment, who they are now, programme, period, fen, day, place; and the last return.
    /// A recovery that was repaid takes back as much.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_paid(&mut self, county: u32) -> Result<(Vec<PaidAid>, u64), StoreError> {
        let paid = self.query(
            "select payment_id, holder, programme, period,
                    amount - coalesce((select cast(sum(r.amount) as bigint) from aid_recovery r
                                        where r.county = y.county and r.payment_id = y.payment_id
                                          and r.state = 'repaid'), 0), paid_on
               from aid_payment y
              where county = $1 and state = 'paid' order by payment_id",
            &[county.into()],
            |r| {
                Ok(PaidAid {
                    payment: r.get(0)?,
                    person: r.get(1)?,
                    programme: r.get::<&str>(2)?.into(),
                    period: r.get::<&str>(3)?.into(),
                    amount: r.get(4)?,
                    on: day(r, 5)?.ok_or_else(|| r.bad(5))?,
                })
            },
        )?;
        let last = self.query_one(
            "select coalesce(max(return_id), 0) from aid_return where county = $1",
            &[county.into()],
            |r| r.get(0),
        )?;
        Ok((paid, last.unwrap_or_default()))
    }

    /// Notes up to which return an assessment has seen what was paid.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_aid_seen(
        &mut self,
        county: u32,
        run: u64,
        last_return: u64,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into aid_seen (county, run_id, return_id) values ($1, $2, $3)",
            &[county.into(), run.into(), last_return.into()],
        )?;
        Ok(())
    }

    /// Lets payments follow persons whom the registers merged or parted: `from` is `to` now.
    ///
    /// # Errors
    /// What the engine says.
    pub fn move_aid_holder(&mut self, county: u32, from: u64, to: u64) -> Result<(), StoreError> {
        self.execute(
            "update aid_payment set holder = $3 where county = $1 and holder = $2",
            &[county.into(), from.into(), to.into()],
        )?;
        Ok(())
    }

    /// Gives a person who came out of another the payments that were made to them under their own id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn return_aid_holder(&mut self, county: u32, person: u64) -> Result<(), StoreError> {
        self.execute(
            "update aid_payment set holder = person_id where county = $1 and person_id = $2",
            &[county.into(), person.into()],
        )?;
        Ok(())
    }

    /// Whether the books hold any payment or loan: most have none, and need not look further.
    ///
    /// # Errors
    /// What the engine says.
    pub fn any_aid(&mut self, county: u32) -> Result<bool, StoreError> {
        let sql = "select 1 where exists (select 1 from aid_payment where county = $1)
                      or exists (select 1 from loan where county = $1)";
        Ok(self.query_one(sql, &[county.into()], |_| Ok(()))?.is_some())
    }
}
