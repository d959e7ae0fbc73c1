//! Corrections: a fact is put right with a reason and, where it decides who somebody is or what they are paid, by two people.
//!
//! What an office sent stays as it was sent: a correction is laid over it by natural key and field, so the next edition of
//! the roster does not undo it (`Overlay`).

mod overlay;

use fujiao_model::{Field, Value};
use fujiao_store::{Correction, Event, NewCorrection, Signed, StoreError, Tx};

use crate::access::{About, Access, Actor, Right};
use crate::desk::{masked_text, shown};
use crate::once::Once;
use crate::{Office, OfficeError};
pub use fujiao_store::CorrectionState;
pub(crate) use overlay::{Overlay, lay_over};

/// Why a correction cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// No such row, or none that is theirs to see.
    #[error("没有这一行，或不归你管；从人的页面上点“更正”")]
    NoSuchRow,
    /// Rosters of the kind have no such field.
    #[error("这种名册没有“{}”一栏；换一栏", .0.chinese())]
    NoSuchField(Field),
    /// The value does not read.
    #[error("{reason}；{remedy}")]
    Value {
        /// What is wrong with it.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// It says that already.
    #[error("和现在的一样，不用更正")]
    Same,
    /// No reason was given.
    #[error("写上为什么要改")]
    NoReason,
    /// Nothing shows it.
    #[error("写上凭什么改：哪份证件、哪天家访")]
    NoEvidence,
    /// Another correction of the same cell waits.
    #[error("这一格已有一条更正在等复核（第 {0} 号）；先复核或撤回那一条")]
    Waits(u64),
    /// There is no such correction, or it does not wait.
    #[error("没有这条更正，或已经办过；看看更正清单")]
    NotWaiting,
    /// The author cannot be the second person.
    #[error("自己提的更正要别人复核；请同事来办")]
    OwnWork,
}

impl CorrectionError {
    /// The field of the form that it is about: `now`, `reason`, `evidence`; `None`: the whole.
    pub fn at(&self) -> Option<&'static str> {
        match self {
            Self::Value { .. } | Self::Same => Some("now"),
            Self::NoReason => Some("reason"),
            Self::NoEvidence => Some("evidence"),
            _ => None,
        }
    }
}

/// What somebody says that a cell should say, as they typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The right value.
    pub now: String,
    /// Why.
    pub reason: String,
    /// What shows it.
    pub evidence: String,
}

/// Longest reason, evidence or note, in characters.
const LONGEST: usize = 400;

impl Office {
    /// Puts one cell of a source row right; the correction's id and where it stands. It is in force at once, or waits for a
    /// second person where `access.toml` asks for one ([`Access::second_of`]).
    ///
    /// # Errors
    /// [`CorrectionError`], with nothing written.
    pub fn correct(
        &self,
        actor: &Actor,
        row_id: u64,
        field: Field,
        said: &Proposal,
    ) -> Result<(u64, CorrectionState), OfficeError> {
        let county = self.county_code()?;
        self.store.write(|tx| correct_in(tx, county, actor, row_id, field, said))
    }

    /// As [`Office::correct`], for a program: asked again under the same key it changes nothing and answers the same.
    ///
    /// # Errors
    /// As [`Office::correct`]; [`OnceError::Other`](crate::once::OnceError::Other) for a key that came with something else.
    pub fn correct_once(
        &self,
        actor: &Actor,
        once: &Once,
        row_id: u64,
        field: Field,
        said: &Proposal,
    ) -> Result<(u64, CorrectionState), OfficeError> {
        let county = self.county_code()?;
        let answer = self.store.write(|tx| {
            once.answer(tx, county, actor, |tx| {
                let (id, state) = correct_in(tx, county, actor, row_id, field, said)?;
                Ok(format!("{id} {}", state.code()))
            })
        })?;
        let (id, state) = answer.split_once(' ').expect("we wrote both");
        let state = CorrectionState::parse(state).expect("we wrote it");
        Ok((id.parse().expect("we wrote a number"), state))
    }

    /// A second person says that a correction is right: it is in force.
    ///
    /// # Errors
    /// [`CorrectionError::OwnWork`] for its author; [`CorrectionError::NotWaiting`] where none waits for them.
    pub fn confirm_correction(&self, actor: &Actor, id: u64) -> Result<(), OfficeError> {
        self.second(actor, id, true, "")
    }

    /// A second person says that a correction is not right: it never comes into force.
    ///
    /// # Errors
    /// As for [`Office::confirm_correction`]; [`CorrectionError::NoReason`] without one.
    pub fn refuse_correction(&self, actor: &Actor, id: u64, why: &str) -> Result<(), OfficeError> {
        let why = written(why).ok_or(CorrectionError::NoReason)?;
        self.second(actor, id, false, &why)
    }

    /// Takes back a correction that waits or is in force: what the office sent stands again. Its author may, and whoever may
    /// confirm.
    ///
    /// # Errors
    /// [`CorrectionError::NotWaiting`] where there is none to take back; [`CorrectionError::NoReason`] without one.
    pub fn withdraw_correction(
        &self,
        actor: &Actor,
        id: u64,
        why: &str,
    ) -> Result<(), OfficeError> {
        let why = written(why).ok_or(CorrectionError::NoReason)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let correction = tx.correction(county, id)?.ok_or(CorrectionError::NotWaiting)?;
            let own = correction.author.login == actor.login;
            let right = if own { Right::Correct } else { Right::Confirm };
            actor.must(right)?;
            if !own {
                in_reach(tx, county, actor, right, &correction)?;
            }
            if !tx.withdraw_correction(county, id, &signed(actor), &why)? {
                return Err(CorrectionError::NotWaiting.into());
            }
            note(tx, county, actor, "withdraw correction", id, correction.field.code())?;
            Ok(())
        })
    }

    fn second(
        &self,
        actor: &Actor,
        id: u64,
        confirmed: bool,
        why: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Confirm)?;
        let county = self.county_code()?;
        self.store.write(|tx| second_in(tx, county, actor, id, confirmed, why))
    }

    /// A second person decides several corrections at once: confirms them, or refuses them with `why`. What cannot be decided
    /// stays as it is and is told; the rest is decided, all or none of it.
    ///
    /// # Errors
    /// [`CorrectionError::NoReason`] for a refusal without one; not theirs to do; what the store says.
    pub fn second_corrections(
        &self,
        actor: &Actor,
        ids: &[u64],
        refuse: Option<&str>,
    ) -> Result<Seconded, OfficeError> {
        actor.must(Right::Confirm)?;
        let why = match refuse {
            Some(why) => written(why).ok_or(CorrectionError::NoReason)?,
            None => String::new(),
        };
        let county = self.county_code()?;
        self.store.write(|tx| {
            let mut seconded = Seconded::default();
            for &id in ids {
                match second_in(tx, county, actor, id, refuse.is_none(), &why) {
                    Ok(()) => seconded.decided += 1,
                    Err(OfficeError::Correction(error)) => seconded.left.push((id, error)),
                    Err(error) => return Err(error),
                }
            }
            Ok(seconded)
        })
    }
}

/// What came of deciding several corrections at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seconded {
    /// How many were decided.
    pub decided: usize,
    /// Those that stay as they were, and why.
    pub left: Vec<(u64, CorrectionError)>,
}

/// A second person's word about one correction. Looks at everything before it writes.
fn second_in(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    id: u64,
    confirmed: bool,
    why: &str,
) -> Result<(), OfficeError> {
    let correction = tx
        .correction(county, id)?
        .filter(|c| c.state == CorrectionState::Waiting)
        .ok_or(CorrectionError::NotWaiting)?;
    in_reach(tx, county, actor, Right::Confirm, &correction)?;
    if correction.author.login == actor.login {
        return Err(CorrectionError::OwnWork.into());
    }
    tx.second_correction(county, &correction, confirmed, &signed(actor), why)?;
    let action = if confirmed { "confirm correction" } else { "refuse correction" };
    note(tx, county, actor, action, id, correction.field.code())?;
    Ok(())
}

/// Books a correction; its id and where it stands.
fn correct_in(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    row_id: u64,
    field: Field,
    said: &Proposal,
) -> Result<(u64, CorrectionState), OfficeError> {
    actor.must(Right::Correct)?;
    let cell = Cell::find(tx, county, row_id, field)?
        .filter(|cell| cell.about.is_in(&actor.scope(Right::Correct)))
        .ok_or(CorrectionError::NoSuchRow)?;
    if !fujiao_intake::fields_of(cell.kind).contains(&field) {
        return Err(CorrectionError::NoSuchField(field).into());
    }
    let now = fujiao_intake::read_value(cell.kind, field, &said.now, &cell.fields)
        .map_err(|f| CorrectionError::Value { reason: f.reason, remedy: f.remedy })?;
    if cell.stands() == Some(&now) && !cell.disagrees() {
        return Err(CorrectionError::Same.into());
    }
    let reason = written(&said.reason).ok_or(CorrectionError::NoReason)?;
    let evidence = written(&said.evidence).ok_or(CorrectionError::NoEvidence)?;
    if let Some(other) = cell.history.iter().find(|c| c.state == CorrectionState::Waiting) {
        return Err(CorrectionError::Waits(other.id).into());
    }
    let waits = Access::builtin().second_of(field).is_some();
    let new = NewCorrection {
        natural_key: cell.natural_key,
        row_id: cell.row_id,
        field,
        was: cell.fields.get(field),
        now: &now,
        reason: &reason,
        evidence: &evidence,
        waits,
        author: &signed(actor),
    };
    let id = tx.add_correction(county, &new)?;
    let state = if waits { CorrectionState::Waiting } else { CorrectionState::InForce };
    note(tx, county, actor, "correct", id, &new_detail(&cell, field, state))?;
    Ok((id, state))
}

/// One cell of a live row, with all that was said of it.
pub(crate) struct Cell {
    pub(crate) about: About,
    pub(crate) row_id: u64,
    pub(crate) kind: fujiao_model::RosterKind,
    pub(crate) natural_key: [u8; 16],
    pub(crate) field: Field,
    /// As the office sent it.
    pub(crate) fields: fujiao_model::Fields,
    /// Corrections of this very cell, oldest first.
    pub(crate) history: Vec<Correction>,
}

impl Cell {
    /// The cell of a row, or of the row that superseded it; `None` if there is no such row.
    pub(crate) fn find(
        tx: &mut Tx,
        county: u32,
        row_id: u64,
        field: Field,
    ) -> Result<Option<Self>, StoreError> {
        let Some(natural_key) = tx.natural_key_of(county, row_id)? else { return Ok(None) };
        let Some((row_id, _)) = tx.live_row_of_key(county, &natural_key)? else { return Ok(None) };
        let Some(stored) = tx.rows_between(county, row_id, row_id)?.pop() else { return Ok(None) };
        let about = About::of_row(tx, county, row_id)?.unwrap_or_default();
        let mut history = tx.corrections_of(county, &natural_key)?;
        history.retain(|c| c.field == field);
        let (kind, fields) = (stored.row.kind, stored.row.fields);
        Ok(Some(Self { about, row_id, kind, natural_key, field, fields, history }))
    }

    /// What is in force about it.
    pub(crate) fn in_force(&self) -> Option<&Correction> {
        self.history.iter().find(|c| c.state == CorrectionState::InForce)
    }

    /// What the county takes for true.
    pub(crate) fn stands(&self) -> Option<&Value> {
        self.in_force().map(|c| &c.now).or_else(|| self.fields.get(self.field))
    }

    /// Whether the office says a third thing since: neither what was corrected nor what it was corrected to.
    pub(crate) fn disagrees(&self) -> bool {
        self.in_force().is_some_and(|c| disagrees(c, self.fields.get(self.field)))
    }
}

/// Whether an office says a third thing: neither what was corrected nor what it was corrected to.
pub(crate) fn disagrees(correction: &Correction, sent: Option<&Value>) -> bool {
    sent != correction.was.as_ref() && sent != Some(&correction.now)
}

/// Somebody's hand, as the books keep it.
pub(crate) fn signed(actor: &Actor) -> Signed {
    Signed { login: actor.login.clone(), name: actor.name.clone(), at: actor.at }
}

/// What somebody wrote, trimmed and without whole personal numbers; `None` if it is nothing.
pub(crate) fn written(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    (!text.is_empty()).then(|| masked_text(&text))
}

fn in_reach(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    right: Right,
    correction: &Correction,
) -> Result<(), OfficeError> {
    let (row, _) =
        tx.live_row_of_key(county, &correction.natural_key)?.ok_or(CorrectionError::NotWaiting)?;
    let scope = actor.scope(right);
    let theirs =
        scope.is_whole() || About::of_row(tx, county, row)?.unwrap_or_default().is_in(&scope);
    if theirs { Ok(()) } else { Err(CorrectionError::NotWaiting.into()) }
}

fn new_detail(cell: &Cell, field: Field, state: CorrectionState) -> String {
    format!("row {} {} {}", cell.row_id, field.code(), state.code())
}

fn note(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    action: &str,
    id: u64,
    detail: &str,
) -> Result<(), StoreError> {
    let (at, by) = (actor.at, actor.login.as_str());
    let object = format!("correction {id}");
    tx.audit(&Event { county, at, actor: by, action, object: &object, detail })
}

/// A value as lists show it, or nothing.
pub(crate) fn as_shown(field: Field, value: Option<&Value>) -> String {
    value.map_or_else(String::new, |value| shown(field, value))
}
