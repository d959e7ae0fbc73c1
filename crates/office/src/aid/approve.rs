use std::collections::BTreeMap;

use fujiao_ledger::allocate::{Need, Part, allocate};
use fujiao_ledger::batch::{BatchStep, Hold, advance};
use fujiao_model::{Division, Money};
use fujiao_store::{AidBatch, AidFund, NewMovement, Tx};
use jiff::civil::Date;

use super::{AidError, batch_of, facts_of, must_hold_the_county, note};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError, Progress};

/// A batch that somebody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Signatures now.
    pub signed: u8,
    /// Signatures that its amount asks for.
    pub needed: u8,
    /// Lines and money that are due from now on, if it has all its signatures.
    pub released: Option<(u64, Money)>,
}

/// Which fund pays what: payment, fund, fen.
pub(super) type Allocation = Vec<(u64, u64, i64)>;

impl Office {
    /// Signs a batch after its notice. With the last signature it is released: its lines become payments, funds are allocated
    /// to them, and what was decided is frozen.
    ///
    /// # Errors
    /// [`AidError`]: all that holds it, or [`AidError::OwnWork`] for its maker.
    pub fn aid_approve(
        &self,
        actor: &Actor,
        batch: u64,
        word: &str,
        progress: &Progress<'_>,
    ) -> Result<Approved, OfficeError> {
        let by = must_hold_the_county(actor, Right::Approve)?;
        let county = self.county_code()?;
        let today = actor.today();
        self.store.write(|tx| {
            progress("审批", 0, 3);
            let of = batch_of(tx, county, batch)?;
            let mut facts = facts_of(tx, county, &of)?;
            if facts.step != BatchStep::Published {
                return Err(AidError::NotNow { at: facts.step, asked: "审批" }.into());
            }
            if of.maker.login == actor.login {
                return Err(AidError::OwnWork.into());
            }
            if tx.aid_approvals(county, batch)?.iter().any(|s| s.login == actor.login) {
                return Err(AidError::SignedAlready.into());
            }
            facts.signed += 1;
            let last = facts.signed >= facts.needed;
            let mut parts = Vec::new();
            if last {
                // Somebody may have been paid by another programme since the batch was checked.
                let apart = self.aid_apart(&of.programme);
                let run = of.checked_run.unwrap_or(of.run);
                tx.find_aid_stacked(county, &of, run, &apart, actor.at)?;
                facts.undecided = facts_of(tx, county, &of)?.undecided;
                (parts, facts.short) = Self::aid_allocation(tx, county, &of, today)?;
            }
            progress("审批", 1, 3);
            match advance(&facts, today) {
                Ok(_) => {}
                // Missing signatures alone hold nobody from signing.
                Err(holds) if holds.iter().all(|h| matches!(h, Hold::Signatures { .. })) => {}
                Err(holds) => return Err(AidError::Holds(holds).into()),
            }
            let note_of = crate::corrections::written(word).unwrap_or_default();
            tx.add_aid_approval(county, batch, today, &by, &note_of)?;
            let mut released = None;
            if last {
                tx.add_aid_step(county, batch, BatchStep::Approved.number(), &by, &note_of)?;
                let (lines, total) = tx.release_aid_batch(county, batch, facts.needed)?;
                progress("审批", 2, 3);
                tx.add_aid_allocations(county, &parts)?;
                let mut by_fund: BTreeMap<u64, i64> = BTreeMap::new();
                for (_, fund, amount) in &parts {
                    *by_fund.entry(*fund).or_default() += amount;
                }
                let moved: Vec<NewMovement> = by_fund
                    .into_iter()
                    .map(|(fund, amount)| movement("fund", "owed", fund, amount))
                    .collect();
                tx.add_aid_entry(county, "allocate", &format!("batch {batch}"), &moved, &by)?;
                released = Some((lines, Money::fen(total)));
            }
            let detail = format!("signature {} of {}", facts.signed, facts.needed);
            note(tx, county, actor, "aid approve", &format!("batch {batch}"), &detail)?;
            progress("审批", 3, 3);
            Ok(Approved { signed: facts.signed, needed: facts.needed, released })
        })
    }

    /// Which funds could pay a batch on a day, and what none can.
    pub(super) fn aid_allocation(
        tx: &mut Tx,
        county: u32,
        batch: &AidBatch,
        today: Date,
    ) -> Result<(Allocation, Money), OfficeError> {
        let mut funds = tx.aid_funds(county)?;
        funds.retain(|f| f.free > 0 && may_pay(f, &batch.programme, today));
        // Narrow earmarks first, then those that end first, then those that came first.
        funds.sort_by_key(|f| {
            let e = &f.earmark;
            let wide = [e.school.is_none(), e.place.is_none(), e.programme.is_none()];
            (wide, e.until.is_none(), e.until, f.arrived_on, f.id)
        });
        let lines = tx.aid_needs(county, batch.id)?;
        let mut known: BTreeMap<(Option<u64>, Option<Division>), Vec<u32>> = BTreeMap::new();
        let needs: Vec<Need> = lines
            .iter()
            .map(|(_, amount, school, place)| {
                let of = known.entry((*school, *place)).or_insert_with(|| {
                    (0_u32..)
                        .zip(&funds)
                        .filter(|(_, f)| reaches(f, *school, *place))
                        .map(|(at, _)| at)
                        .collect()
                });
                Need { amount: Money::fen(*amount), funds: of.clone() }
            })
            .collect();
        let free: Vec<Money> = funds.iter().map(|f| Money::fen(f.free)).collect();
        let (parts, short) = allocate(&needs, &free);
        let part = |p: &Part| (lines[p.need].0, funds[p.fund as usize].id, p.amount.as_fen());
        Ok((parts.iter().map(part).collect(), short))
    }
}

/// Money of a fund from one of its accounts to another.
pub(super) fn movement(from: &str, to: &str, fund: u64, amount: i64) -> NewMovement {
    NewMovement { debit: format!("{from} {fund}"), credit: format!("{to} {fund}"), amount }
}

fn may_pay(fund: &AidFund, programme: &str, today: Date) -> bool {
    let e = &fund.earmark;
    e.programme.as_deref().is_none_or(|p| p == programme)
        && e.until.is_none_or(|last| today <= last)
}

fn reaches(fund: &AidFund, school: Option<u64>, place: Option<Division>) -> bool {
    let e = &fund.earmark;
    e.school.is_none_or(|s| school == Some(s))
        && e.place.is_none_or(|of| place.is_some_and(|at| of.contains(at)))
}
