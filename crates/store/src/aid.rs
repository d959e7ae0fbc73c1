//! Student aid from who is owed to the line of the bank: cycles, batches and their steps.
//!
//! What may follow what is held by references of the database; what is kept here is what happened, by whom and when.

mod counted;
mod findings;
mod funds;
mod lines;
mod notices;
mod pay;
mod people;
mod returns;

pub use counted::PaidAid;
pub use findings::{AidFinding, FindingList, NewFinding};
pub use funds::{
    AidFund, AidNeed, Earmark, FundUse, JournalLine, NewAidFund, NewMovement, Recovery,
    RecoveryState,
};
pub use lines::{AidLine, AidTally, LineFilter};
pub use notices::{Objection, Publication};
pub use pay::{AidFile, AidPayer, NewAidFile, SentLine};
pub use people::{Grievance, NewGrievance, Recognition, RecognitionStep, Sample, SampleLine};
pub use returns::{AidReturn, NewAidReturn, Told, ToldState};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Row, Signed, StoreError, Tx};

/// One programme's payments for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidCycle {
    /// From 1 within the county.
    pub id: u64,
    /// Key of the programme.
    pub programme: String,
    /// The period, as the books write it: `2025A`.
    pub period: String,
    /// Who opened it.
    pub opened: Signed,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// Lines that are decided together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidBatch {
    /// From 1 within the county.
    pub id: u64,
    /// The cycle.
    pub cycle: u64,
    /// Key of the programme.
    pub programme: String,
    /// The period.
    pub period: String,
    /// Within the cycle, from 1.
    pub number: u64,
    /// The assessment whose duties it takes.
    pub run: u64,
    /// The day of that assessment.
    pub as_of: Date,
    /// The assessment that it was last checked against; `None`: not checked.
    pub checked_run: Option<u64>,
    /// How many signatures it takes; `None`: not checked.
    pub signatures: Option<u8>,
    /// Who made it.
    pub maker: Signed,
    /// Who took it back, and why.
    pub withdrawn: Option<(Signed, String)>,
    /// The number of its last step, 1 to 7.
    pub step: u8,
}

/// A step that a batch took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AidStep {
    /// 1 to 7.
    pub step: u8,
    /// Who did it.
    pub by: Signed,
    /// What they said of it.
    pub note: String,
}

const BATCH: &str = "b.batch_id, b.cycle_id, c.programme, c.period, b.number, b.run_id, b.as_of, b.checked_run, \
     b.signatures, b.maker, b.maker_name, b.made_at, b.withdrawn_by, b.withdrawn_at, b.withdrawn_why, \
     (select max(s.step) from aid_step s where s.county = b.county and s.batch_id = b.batch_id)";

impl Tx<'_> {
    /// The cycle of a programme and period; begun if there is none.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_cycle_of(
        &mut self,
        county: u32,
        programme: &str,
        period: &str,
        by: &Signed,
    ) -> Result<AidCycle, StoreError> {
        let cycles = self.aid_cycles(county)?;
        if let Some(found) =
            cycles.into_iter().find(|c| c.programme == programme && c.period == period)
        {
            return Ok(found);
        }
        let id = self.next(county, "aid_cycle", "cycle_id")?;
        self.execute(
            "insert into aid_cycle (county, cycle_id, programme, period, opened_at, opened_by, opened_name)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                county.into(),
                id.into(),
                programme.into(),
                period.into(),
                by.at.to_string().into(),
                (&by.login).into(),
                (&by.name).into(),
            ],
        )?;
        let (programme, period) = (programme.to_owned(), period.to_owned());
        Ok(AidCycle { id, programme, period, opened: by.clone(), closed_at: None })
    }

    /// All cycles, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_cycles(&mut self, county: u32) -> Result<Vec<AidCycle>, StoreError> {
        self.query(
            "select cycle_id, programme, period, opened_by, opened_name, opened_at, closed_at
               from aid_cycle where county = $1 order by cycle_id desc",
            &[county.into()],
            |r| {
                Ok(AidCycle {
                    id: r.get(0)?,
                    programme: r.get(1)?,
                    period: r.get(2)?,
                    opened: hand(r, 3)?.ok_or_else(|| r.bad(3))?,
                    closed_at: time(r, 6)?,
                })
            },
        )
    }

    /// Closes a cycle; `false` if it is closed already.
    ///
    /// # Errors
    /// What the engine says.
    pub fn close_aid_cycle(
        &mut self,
        county: u32,
        id: u64,
        by: &Signed,
    ) -> Result<bool, StoreError> {
        let closed = self.execute(
            "update aid_cycle set closed_at = $3, closed_by = $4
              where county = $1 and cycle_id = $2 and closed_at is null",
            &[county.into(), id.into(), by.at.to_string().into(), (&by.login).into()],
        )?;
        Ok(closed == 1)
    }

    /// Begins a batch of a cycle over an assessment, as a draft without lines; its id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn add_aid_batch(
        &mut self,
        county: u32,
        cycle: u64,
        run: &crate::Run,
        by: &Signed,
    ) -> Result<u64, StoreError> {
        let id = self.next(county, "aid_batch", "batch_id")?;
        self.execute(
            "insert into aid_batch (county, batch_id, cycle_id, number, run_id, as_of, policies_hash, registers_hash,
                                    maker, maker_name, made_at)
             select cast($1 as bigint), cast($2 as bigint), cast($3 as bigint), count(*) + 1, cast($4 as bigint), $5,
                    $6, $7, $8, $9, $10
               from aid_batch where county = $1 and cycle_id = $3",
            &[
                county.into(),
                id.into(),
                cycle.into(),
                run.id.into(),
                run.as_of.to_string().into(),
                (&run.policies_hash).into(),
                (&run.registers_hash).into(),
                (&by.login).into(),
                (&by.name).into(),
                by.at.to_string().into(),
            ],
        )?;
        self.add_aid_step(county, id, 1, by, "")?;
        Ok(id)
    }

    /// A batch; `None` if there is none of that id.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_batch(&mut self, county: u32, id: u64) -> Result<Option<AidBatch>, StoreError> {
        let sql = format!(
            "select {BATCH} from aid_batch b join aid_cycle c on c.county = b.county and c.cycle_id = b.cycle_id
              where b.county = $1 and b.batch_id = $2"
        );
        self.query_one(&sql, &[county.into(), id.into()], batch)
    }

    /// All batches, newest first.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_batches(&mut self, county: u32) -> Result<Vec<AidBatch>, StoreError> {
        let sql = format!(
            "select {BATCH} from aid_batch b join aid_cycle c on c.county = b.county and c.cycle_id = b.cycle_id
              where b.county = $1 order by b.batch_id desc"
        );
        self.query(&sql, &[county.into()], batch)
    }

    /// Writes a step of a batch.
    ///
    /// # Errors
    /// [`StoreError::ForeignKey`] if the step before was not taken; [`StoreError::Unique`] if this one was.
    pub fn add_aid_step(
        &mut self,
        county: u32,
        batch: u64,
        step: u8,
        by: &Signed,
        note: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into aid_step (county, batch_id, step, prev, login, name, at, note)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                county.into(),
                batch.into(),
                step.into(),
                (step > 1).then(|| step - 1).into(),
                (&by.login).into(),
                (&by.name).into(),
                by.at.to_string().into(),
                note.into(),
            ],
        )?;
        Ok(())
    }

    /// The steps that a batch took, in order.
    ///
    /// # Errors
    /// What the engine says.
    pub fn aid_steps(&mut self, county: u32, batch: u64) -> Result<Vec<AidStep>, StoreError> {
        self.query(
            "select step, login, name, at, note from aid_step where county = $1 and batch_id = $2 order by step",
            &[county.into(), batch.into()],
            |r| {
                let step = small(r, 0)?;
                let by = hand(r, 1)?.ok_or_else(|| r.bad(1))?;
                Ok(AidStep { step, by, note: r.get(4)? })
            },
        )
    }

    /// Notes that a batch was checked against an assessment, and how many signatures its amount asks for.
    ///
    /// # Errors
    /// What the engine says.
    pub fn set_aid_checked(
        &mut self,
        county: u32,
        batch: u64,
        run: u64,
        signatures: u8,
    ) -> Result<(), StoreError> {
        self.execute(
            "update aid_batch set checked_run = $3, signatures = $4 where county = $1 and batch_id = $2",
            &[county.into(), batch.into(), run.into(), signatures.into()],
        )?;
        Ok(())
    }

    /// Takes back a batch that is not released: none of its lines stands any more. `false` if it is released or was taken
    /// back.
    ///
    /// # Errors
    /// What the engine says.
    pub fn withdraw_aid_batch(
        &mut self,
        county: u32,
        batch: u64,
        by: &Signed,
        why: &str,
    ) -> Result<bool, StoreError> {
        let args =
            [county.into(), batch.into(), by.at.to_string().into(), (&by.login).into(), why.into()];
        let gone = self.execute(
            "update aid_batch set withdrawn_at = $3, withdrawn_by = $4, withdrawn_why = $5
              where county = $1 and batch_id = $2 and withdrawn_at is null
                and not exists (select 1 from aid_release r where r.county = $1 and r.batch_id = $2)",
            &args,
        )?;
        if gone == 1 {
            self.execute(
                "update aid_entitlement set state = 'out', out_at = $3, out_by = $4, out_why = $5
                  where county = $1 and batch_id = $2 and state = 'in'",
                &args,
            )?;
        }
        Ok(gone == 1)
    }
}

fn batch(r: &Row) -> Result<AidBatch, StoreError> {
    let withdrawn = match r.get::<Option<String>>(12)? {
        None => None,
        Some(login) => {
            let at = time(r, 13)?.ok_or_else(|| r.bad(13))?;
            Some((Signed { name: login.clone(), login, at }, r.get(14)?))
        }
    };
    Ok(AidBatch {
        id: r.get(0)?,
        cycle: r.get(1)?,
        programme: r.get(2)?,
        period: r.get(3)?,
        number: r.get(4)?,
        run: r.get(5)?,
        as_of: day(r, 6)?.ok_or_else(|| r.bad(6))?,
        checked_run: r.get(7)?,
        signatures: r
            .get::<Option<u16>>(8)?
            .map(|n| u8::try_from(n).map_err(|_| r.bad(8)))
            .transpose()?,
        maker: hand(r, 9)?.ok_or_else(|| r.bad(9))?,
        withdrawn,
        step: small(r, 15)?,
    })
}

/// A small number.
fn small(r: &Row, column: usize) -> Result<u8, StoreError> {
    u8::try_from(r.get::<u16>(column)?).map_err(|_| r.bad(column))
}

fn time(r: &Row, column: usize) -> Result<Option<Timestamp>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}

fn day(r: &Row, column: usize) -> Result<Option<Date>, StoreError> {
    r.parse(column, |text| text.parse().ok())
}

/// Login, name and time from a column on; `None` if there is no login.
fn hand(r: &Row, at: usize) -> Result<Option<Signed>, StoreError> {
    let Some(login) = r.get(at)? else { return Ok(None) };
    let when = time(r, at + 2)?.ok_or_else(|| r.bad(at + 2))?;
    Ok(Some(Signed { login, name: r.get(at + 1)?, at: when }))
}
