//! 关爱: screenings, notes, plans and referrals of a child, for those on the case and nobody else.
//!
//! `fujiao_watch::screen` says what may follow what and what is to be done by when; who may see and write is [`Right::Care`] on the
//! child's ground. All that a step says is sealed; nothing of it leaves this circle: not in lists, not in files, not in the rosters
//! that entries become (ADR 0051).

pub(crate) mod contacts;
pub(crate) mod duties;

use fujiao_model::Term;
use fujiao_store::{CareFile, CareStep, Event, StoreError, Tx};
use fujiao_watch::screen::{Care, Refusal, Rules, Step};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::access::{Actor, Right};
use crate::corrections::{signed, written};
use crate::disclosure::stands;
use crate::entries::ClassRef;
use crate::{Office, OfficeError};

pub use fujiao_watch::screen::{Act as CareAct, Instrument, Rules as ScreeningRules};

/// Why a step of care is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CareError {
    /// No such child, or not theirs.
    #[error("没有这个孩子，或不归你管；回“关爱”看自己的")]
    NoChild,
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was said.
    #[error("写清{0}再存")]
    Empty(&'static str),
    /// Somebody else wrote a step since the page was read.
    #[error("别人刚记了一条；刷新看看，再存")]
    Taken,
    /// No score at all.
    #[error("一个分数也没填；填了再存")]
    NoScores,
}

/// What somebody writes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CareSaid {
    /// A screening.
    Screening {
        /// Key of the instrument.
        instrument: String,
        /// The total score.
        score: u32,
        /// Whether the guardian was told before.
        informed: bool,
    },
    /// A talk or an observation.
    Note,
    /// A plan: what is done for the child, and when it is looked at again.
    Plan {
        /// That day.
        review_on: Date,
    },
    /// A referral.
    Refer {
        /// To whom.
        to: String,
        /// Whether the guardian was told.
        informed: bool,
    },
    /// What the service answered.
    Answer,
    /// No care is needed any more.
    Close,
}

/// A step that somebody writes down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCare {
    /// When it happened.
    pub on: Date,
    /// What.
    pub said: CareSaid,
    /// In their own words.
    pub text: String,
}

/// What a step says, as JSON under the seal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Said {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instrument: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) review_on: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
}

/// Instrument and score of a screening of the books.
pub(crate) fn screened(said: &str) -> Option<(String, u32)> {
    let said: Said = serde_json::from_str(said).ok()?;
    said.instrument.zip(said.score)
}

/// A step of the books as `watch` knows it; `None` if it does not read.
pub(crate) fn step_of(stored: &CareStep) -> Option<(Step, Said)> {
    let said: Said = serde_json::from_str(&stored.said).ok()?;
    let step = match stored.code.as_str() {
        "screening" => Step::Screening {
            instrument: said.instrument.clone()?,
            score: said.score?,
            age: None,
            informed: true,
        },
        "note" => Step::Note,
        "plan" => Step::Plan { review_on: said.review_on.as_deref()?.parse().ok()? },
        "refer" => Step::Refer { to: said.to.clone()?, informed: true },
        "answer" => Step::Answer,
        "close" => Step::Close,
        _ => return None,
    };
    Some((step, said))
}

/// The care of a child as its steps leave it.
pub(crate) fn recall(steps: &[CareStep], rules: &Rules) -> Care {
    let read: Vec<(Date, Step)> =
        steps.iter().filter_map(|s| Some((s.on, step_of(s)?.0))).collect();
    Care::recall(read.iter().map(|(on, step)| (*on, step)), rules)
}

impl Office {
    /// Takes a step of a child's care; its number.
    ///
    /// # Errors
    /// [`CareError`] with what is wrong; as if there were no such child out of reach.
    pub fn care_step(&self, actor: &Actor, person: u64, new: &NewCare) -> Result<u32, OfficeError> {
        actor.must(Right::Care)?;
        let county = self.county_code()?;
        let taken = self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            take(&self.rules.screening, tx, county, actor, person, new, today)
        });
        match taken {
            Err(OfficeError::Store(StoreError::Unique(_))) => Err(CareError::Taken.into()),
            other => other,
        }
    }

    /// Writes down a screening of a class; how many scores. A score that cannot be is named with the child, and then nothing is written.
    ///
    /// # Errors
    /// [`CareError`]; as if there were no such child out of reach.
    pub fn care_screen(
        &self,
        actor: &Actor,
        instrument: &str,
        (on, informed): (Date, bool),
        scores: &[(u64, u32)],
    ) -> Result<usize, OfficeError> {
        actor.must(Right::Care)?;
        if scores.is_empty() {
            return Err(CareError::NoScores.into());
        }
        let county = self.county_code()?;
        self.store.write(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            for (person, score) in scores {
                let said = CareSaid::Screening {
                    instrument: instrument.to_owned(),
                    score: *score,
                    informed,
                };
                let new = NewCare { on, said, text: String::new() };
                take(&self.rules.screening, tx, county, actor, *person, &new, today)?;
            }
            Ok(scores.len())
        })
    }

    /// The pupils of a class whom somebody may screen, by name; `None` if it is not theirs.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn care_class(
        &self,
        actor: &Actor,
        class: &ClassRef,
    ) -> Result<Option<Vec<(u64, String)>>, OfficeError> {
        actor.must(Right::Care)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let found = crate::entries::class_mates(tx, county, &actor.scope(Right::Care), class)?;
            Ok(found)
        })
    }
}

fn take(
    rules: &Rules,
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    person: u64,
    new: &NewCare,
    today: Date,
) -> Result<u32, OfficeError> {
    let now = tx.current_person(county, person)?.ok_or(CareError::NoChild)?;
    let who = stands(tx, county, now)?.ok_or(CareError::NoChild)?;
    if !actor.scope(Right::Care).reaches(&who) {
        return Err(CareError::NoChild.into());
    }
    let text = written(&new.text).unwrap_or_default();
    let need = |what: &'static str| {
        if text.is_empty() { Err(CareError::Empty(what)) } else { Ok(()) }
    };
    let mut said = Said { text: text.clone(), ..Said::default() };
    let step = match &new.said {
        CareSaid::Screening { instrument, score, informed } => {
            said.instrument = Some(instrument.clone());
            said.score = Some(*score);
            let born = tx.person(county, now)?.and_then(|p| p.born_on);
            let age = born.map(|born| years(born.latest(), new.on));
            Step::Screening {
                instrument: instrument.clone(),
                score: *score,
                age,
                informed: *informed,
            }
        }
        CareSaid::Note => {
            need("谈了什么、看到什么")?;
            Step::Note
        }
        CareSaid::Plan { review_on } => {
            need("计划做什么、谁来做")?;
            said.review_on = Some(review_on.to_string());
            Step::Plan { review_on: *review_on }
        }
        CareSaid::Refer { to, informed } => {
            need("为什么转介")?;
            said.to = written(to);
            Step::Refer { to: to.clone(), informed: *informed }
        }
        CareSaid::Answer => {
            need("对方怎么说")?;
            Step::Answer
        }
        CareSaid::Close => {
            need("为什么不再需要")?;
            Step::Close
        }
    };
    let file = tx.care_file(county, now)?;
    let mut care = recall(&tx.care_steps(county, now)?, rules);
    care.take(&step, new.on, today, rules).map_err(CareError::from)?;
    let number = file.as_ref().map_or(0, |f| f.steps) + 1;
    let year = |on: Date| i32::from(Term::of(on).school_year());
    let screened = match &step {
        Step::Screening { .. } => year(new.on),
        _ => file.as_ref().map_or(0, |f| f.screened),
    };
    let after = CareFile {
        person: now,
        steps: number,
        state: care.state().to_owned(),
        next: care.next().map(|next| (next.act.code().to_owned(), next.by)),
        screened,
    };
    let stored = CareStep {
        person: now,
        number,
        on: new.on,
        code: step.code().to_owned(),
        said: serde_json::to_string(&said).expect("texts and numbers always write"),
        user: actor.user,
        author: signed(actor),
    };
    tx.add_care_step(county, &stored, &after)?;
    tx.audit(&Event {
        county,
        at: actor.at,
        actor: &actor.login,
        action: "care step",
        object: &format!("person {now:016x}"),
        // What it was stays with those on the case.
        detail: &format!("step {number}"),
    })?;
    Ok(number)
}

/// Whole years from one day to another.
fn years(from: Date, to: Date) -> i16 {
    let had = (to.month(), to.day()) >= (from.month(), from.day());
    to.year() - from.year() - i16::from(!had)
}
