use fujiao_ledger::batch::{BatchStep, Hold, advance};
use fujiao_model::Money;
use fujiao_store::{AidTally, FindingList, NewFinding};

use super::export::is_account;
use super::{ALL, AidError, batch_of, everyone, facts_of, must_hold_the_county, note, reason};
use crate::access::{Actor, Right};
use crate::corrections::signed;
use crate::{Office, OfficeError, Progress};

/// A batch that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its number in the county.
    pub batch: u64,
    /// Its number in its cycle: 1 is the first payment, others are supplements.
    pub number: u64,
    /// Lines.
    pub lines: u64,
    /// Their sum.
    pub total: Money,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Lists with how many findings wait and how many are decided.
    pub lists: Vec<(FindingList, u64, u64)>,
    /// Sums.
    pub tally: AidTally,
    /// Signatures that its amount asks for.
    pub signatures: u8,
    /// What funds can pay of it now.
    pub funded: Money,
    /// What no fund can pay.
    pub short: Money,
}

/// What was brought in line with the live assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Lines that were left out.
    pub gone: u64,
    /// Lines that were taken.
    pub come: u64,
}

/// What somebody decides about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 照发: the line stays, or the one who was missed stays out.
    Keep,
    /// 剔除: the line is left out.
    LeaveOut,
}

impl Office {
    /// Begins a batch of a programme and period over the live assessment: whoever is owed anything of it and is in no batch that
    /// waits. The first batch of a cycle pays what is owed, later ones what was missed or rose.
    ///
    /// # Errors
    /// [`AidError`]; nothing is begun where nobody is owed anything.
    pub fn aid_open(
        &self,
        actor: &Actor,
        programme: &str,
        period: &str,
    ) -> Result<Opened, OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let (programme, period) = self.aid_asked(programme, period)?;
        let period = period.to_string();
        let county = self.county_code()?;
        self.store.write(|tx| {
            let run = tx.live_run(county)?.ok_or(AidError::NoRun)?;
            let cycle = tx.aid_cycle_of(county, &programme, &period, &by)?;
            if cycle.closed_at.is_some() {
                return Err(AidError::OutOfTurn("这个项目这一期已经关账".into()).into());
            }
            let waits = tx.aid_batches(county)?.into_iter().find(|b| {
                b.cycle == cycle.id
                    && b.withdrawn.is_none()
                    && b.step < BatchStep::Approved.number()
            });
            if let Some(other) = waits {
                return Err(AidError::Waits(other.id).into());
            }
            let id = tx.add_aid_batch(county, cycle.id, &run, &by)?;
            let batch = batch_of(tx, county, id)?;
            let lines = tx.take_aid_lines(county, &batch, run.id)?;
            if lines == 0 {
                return Err(AidError::Nothing.into());
            }
            let tally = tx.aid_tally(county, id, ALL)?;
            let total = Money::fen(tally.total);
            let detail = format!("{programme} {period} lines {lines} fen {}", tally.total);
            note(tx, county, actor, "aid open", &format!("batch {id}"), &detail)?;
            Ok(Opened { batch: id, number: batch.number, lines, total })
        })
    }

    /// Lists what is missed, wrong, double, stacked, and who has no account; says how many signatures the amount asks for and
    /// what the funds can pay. May be done again at any time before the batch is approved.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn aid_check(
        &self,
        actor: &Actor,
        batch: u64,
        progress: &Progress<'_>,
    ) -> Result<Checked, OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            progress("核对", 0, 4);
            let of = batch_of(tx, county, batch)?;
            let facts = facts_of(tx, county, &of)?;
            if facts.withdrawn || facts.step >= BatchStep::Approved {
                return Err(AidError::NotNow { at: facts.step, asked: "核对" }.into());
            }
            let run = tx.live_run(county)?.ok_or(AidError::NoRun)?;
            let apart = self.aid_apart(&of.programme);
            tx.check_aid_batch(county, &of, run.id, &apart, actor.at)?;
            progress("核对", 1, 4);
            let accounts = tx.aid_accounts(county, batch)?;
            let without: Vec<NewFinding> = accounts
                .iter()
                .filter(|l| !is_account(&l.account))
                .map(|l| NewFinding { person: l.line, line: l.payment, amount: l.amount })
                .collect();
            tx.add_aid_accountless(county, batch, &without, actor.at)?;
            progress("核对", 2, 4);
            let tally = tx.aid_tally(county, batch, ALL)?;
            let total = Money::fen(tally.total);
            let signatures = self.aid_bands(actor.today()).signatures(total);
            let signed = tx.aid_approvals(county, batch)?.len();
            if signed == 0 {
                tx.set_aid_checked(county, batch, run.id, signatures)?;
            }
            if facts.step == BatchStep::Draft {
                advance(&facts, actor.today()).map_err(AidError::Holds)?;
                tx.add_aid_step(county, batch, BatchStep::Checked.number(), &by, "")?;
            }
            let (_, short) = Self::aid_allocation(tx, county, &of, actor.today())?;
            progress("核对", 3, 4);
            let lists = tx.count_aid_findings(county, batch)?;
            let found: Vec<String> =
                lists.iter().map(|(list, waits, _)| format!("{} {waits}", list.code())).collect();
            note(tx, county, actor, "aid check", &format!("batch {batch}"), &found.join(" "))?;
            progress("核对", 4, 4);
            Ok(Checked { lists, tally, signatures, funded: total - short, short })
        })
    }

    /// Brings a batch in line with the live assessment: what is wrong goes, what is missed comes. Not after its notice began.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn aid_mend(&self, actor: &Actor, batch: u64) -> Result<Mended, OfficeError> {
        must_hold_the_county(actor, Right::Prepare)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            let facts = facts_of(tx, county, &of)?;
            if facts.withdrawn || facts.step >= BatchStep::Published {
                return Err(AidError::NotNow { at: facts.step, asked: "改名单" }.into());
            }
            let run = tx.live_run(county)?.ok_or(AidError::NoRun)?;
            let (gone, come) = tx.mend_aid_lines(county, &of, run.id, actor.at)?;
            note(
                tx,
                county,
                actor,
                "aid mend",
                &format!("batch {batch}"),
                &format!("out {gone} in {come}"),
            )?;
            Ok(Mended { gone, come })
        })
    }

    /// Decides about something that a check found, with a reason.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] where nothing waits.
    pub fn aid_decide(
        &self,
        actor: &Actor,
        batch: u64,
        about: (FindingList, u64, &str),
        decision: Decision,
        why: &str,
    ) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            let found = tx
                .aid_findings(county, batch, Some(about.0), 0, ALL)?
                .into_iter()
                .find(|f| f.person == about.1 && f.other == about.2 && f.decided.is_none())
                .ok_or(AidError::NoSuchLine)?;
            let word = match (decision, found.line) {
                (Decision::LeaveOut, Some(line)) => {
                    if of.step >= BatchStep::Approved.number()
                        || !tx.leave_aid_line_out(county, batch, line, &by, &why)?
                    {
                        return Err(AidError::NoSuchLine.into());
                    }
                    "left_out"
                }
                _ => "kept",
            };
            tx.decide_aid_finding(county, batch, about, word, &why, &by)?;
            let object = format!("batch {batch} {} {:016x}", about.0.code(), about.1);
            note(tx, county, actor, "aid decide", &object, word)?;
            Ok(())
        })
    }

    /// Leaves a line out before the batch is approved.
    ///
    /// # Errors
    /// [`AidError::NoSuchLine`] if it is not in, or the batch is approved.
    pub fn aid_leave_out(
        &self,
        actor: &Actor,
        batch: u64,
        line: u64,
        why: &str,
    ) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Prepare)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            if !tx.leave_aid_line_out(county, batch, line, &by, &why)? {
                return Err(AidError::NoSuchLine.into());
            }
            note(tx, county, actor, "aid leave out", &format!("batch {batch} line {line}"), &why)?;
            Ok(())
        })
    }

    /// Takes a batch back before it is approved.
    ///
    /// # Errors
    /// [`AidError`].
    pub fn aid_withdraw(&self, actor: &Actor, batch: u64, why: &str) -> Result<(), OfficeError> {
        must_hold_the_county(actor, Right::Prepare)?;
        let why = reason(why)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            if !tx.withdraw_aid_batch(county, batch, &signed(actor), &why)? {
                let at = BatchStep::of(of.step).ok_or(AidError::NoSuchBatch)?;
                return Err(AidError::NotNow { at, asked: "撤回" }.into());
            }
            note(tx, county, actor, "aid withdraw", &format!("batch {batch}"), &why)?;
            Ok(())
        })
    }

    /// Takes a batch to its end: every payment is paid or was given up, every file balances.
    ///
    /// # Errors
    /// [`AidError::Holds`] with all that holds it.
    pub fn aid_close(&self, actor: &Actor, batch: u64) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = batch_of(tx, county, batch)?;
            let mut facts = facts_of(tx, county, &of)?;
            if facts.step < BatchStep::Exported {
                return Err(AidError::NotNow { at: facts.step, asked: "办结" }.into());
            }
            if facts.step == BatchStep::Closed {
                return Err(AidError::Holds(vec![Hold::Closed]).into());
            }
            while facts.step < BatchStep::Closed {
                facts.step = advance(&facts, actor.today()).map_err(AidError::Holds)?;
                tx.add_aid_step(county, batch, facts.step.number(), &by, "")?;
            }
            note(tx, county, actor, "aid close", &format!("batch {batch}"), "")?;
            Ok(())
        })
    }

    /// The number of the cycle of a programme and period.
    ///
    /// # Errors
    /// [`AidError::OutOfTurn`] if it was never opened.
    pub fn aid_cycle(
        &self,
        actor: &Actor,
        programme: &str,
        period: &str,
    ) -> Result<u64, OfficeError> {
        actor.must(Right::Aid)?;
        let (programme, period) = self.aid_asked(programme, period)?;
        let period = period.to_string();
        let county = self.county_code()?;
        let cycles = self.store.read(|tx| tx.aid_cycles(county))?;
        let of = cycles.into_iter().find(|c| c.programme == programme && c.period == period);
        let none = || AidError::OutOfTurn("这个项目这一期还没有起草过".into());
        Ok(of.ok_or_else(none)?.id)
    }

    /// Closes a cycle: no batch of it can be begun any more. What comes to light later is of the next.
    ///
    /// # Errors
    /// [`AidError::OutOfTurn`] while a batch of it is under way, or if it is closed.
    pub fn aid_close_cycle(&self, actor: &Actor, cycle: u64) -> Result<(), OfficeError> {
        let by = must_hold_the_county(actor, Right::Pay)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let of = tx.aid_batches(county)?.into_iter().filter(|b| b.cycle == cycle);
            let open: Vec<String> = of
                .filter(|b| b.withdrawn.is_none() && b.step < BatchStep::Closed.number())
                .map(|b| b.id.to_string())
                .collect();
            if !open.is_empty() {
                let why = format!("第 {} 批还没有办结；办结或撤回以后再关账", open.join("、"));
                return Err(AidError::OutOfTurn(why).into());
            }
            if !tx.close_aid_cycle(county, cycle, &by)? {
                return Err(AidError::OutOfTurn("没有这一期，或已经关账".into()).into());
            }
            note(tx, county, actor, "aid close cycle", &format!("cycle {cycle}"), "")?;
            Ok(())
        })
    }

    /// The persons of a batch's lines, for tests and lists of the office.
    ///
    /// # Errors
    /// What the store says.
    pub fn aid_line_ids(&self, batch: u64) -> Result<Vec<(u64, u64, Money)>, OfficeError> {
        let county = self.county_code()?;
        let lines = self.store.read(|tx| tx.aid_lines(county, batch, &everyone(), ALL))?;
        Ok(lines.into_iter().map(|l| (l.id, l.person, Money::fen(l.amount))).collect())
    }
}
