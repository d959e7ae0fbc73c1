//! Pairs in doubt as an official sees them: those of which a row is on their ground.

use fujiao_store::{AskedPair, Tx, Undone};

use super::{
    Answer, DecisionState, History, ReviewError, ReviewPair, RowReader, Taking, key_of, pair,
    review_pair,
};
use crate::access::{About, Actor, Right, Scope};
use crate::corrections::written;
use crate::{Office, OfficeError};

/// Pairs behind the one that is shown.
const QUEUE: usize = 8;

/// One pair to decide, and how far the work is.
#[derive(Clone, Debug, PartialEq)]
pub struct MyReview {
    /// The pair; `None`: none waits, or the one that was asked for does not wait.
    pub pair: Option<ReviewPair>,
    /// Keys of the pairs before and behind it.
    pub before: Option<String>,
    /// See [`MyReview::before`].
    pub behind: Option<String>,
    /// From 1: which of those that wait it is.
    pub position: usize,
    /// How many wait.
    pub waiting: i64,
    /// How many decisions stand that are on their ground.
    pub decided: i64,
    /// The next ones.
    pub queue: Vec<InLine>,
}

/// A pair that waits in line.
#[derive(Clone, Debug, PartialEq)]
pub struct InLine {
    /// What it is called.
    pub key: String,
    /// The names that its rows say.
    pub names: [String; 2],
    /// Match weight, log₂ of the odds.
    pub weight: f64,
}

impl Office {
    /// The pair of a key, or the likeliest that waits.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn my_review(&self, actor: &Actor, key: Option<&str>) -> Result<MyReview, OfficeError> {
        actor.must(Right::Review)?;
        let county = self.county_code()?;
        let scope = actor.scope(Right::Review);
        self.store.read(|tx| {
            let asked = theirs(tx, county, &scope)?;
            let keys: Vec<String> = asked.iter().map(name).collect();
            let at = match key {
                Some(key) => keys.iter().position(|k| k == key),
                None => (!keys.is_empty()).then_some(0),
            };
            let reader = RowReader::new(tx, county)?;
            let pair = match at {
                Some(at) => Some(review_pair(tx, &reader, asked[at].clone())?),
                None => None,
            };
            let near = |at: Option<usize>| at.and_then(|at| keys.get(at).cloned());
            let mut queue = Vec::new();
            for (key, asked) in keys.iter().zip(&asked).skip(at.unwrap_or(0)).take(QUEUE) {
                let mut name = |row| {
                    reader.row(tx, row).map(|row| row.map_or_else(String::new, |row| row.name))
                };
                let names = [name(asked.ask.left)?, name(asked.ask.right)?];
                queue.push(InLine { key: key.clone(), names, weight: asked.ask.weight });
            }
            let mut decided = 0;
            for d in tx.decisions(county)?.iter().filter(|d| d.undone.is_none()) {
                decided += i64::from(decision_in(tx, county, &scope, [&d.left, &d.right])?);
            }
            Ok(MyReview {
                before: near(at.and_then(|at| at.checked_sub(1))),
                behind: near(at.map(|at| at + 1)),
                position: at.map_or(0, |at| at + 1),
                waiting: i64::try_from(keys.len()).unwrap_or(i64::MAX),
                pair,
                decided,
                queue,
            })
        })
    }

    /// Takes the actor's word about a pair that waits, by its key.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchPair`] if it does not wait for them; [`ReviewError::Contradicts`] if others say otherwise.
    pub fn decide_mine(
        &self,
        actor: &Actor,
        key: &str,
        answer: Answer,
        why: &str,
    ) -> Result<(), OfficeError> {
        actor.must(Right::Review)?;
        let county = self.county_code()?;
        let scope = actor.scope(Right::Review);
        let why = written(why);
        self.store.write(|tx| {
            let asked = theirs(tx, county, &scope)?.into_iter().find(|asked| name(asked) == key);
            let asked = asked.ok_or_else(|| ReviewError::NoSuchPair(key.to_owned()))?;
            let mut taking = Taking::new(tx, county, &actor.login, actor.at)?;
            let rows = pair(asked.left_key, asked.right_key);
            if taking.take(rows, answer, why.as_deref())? {
                taking.audit("decide", &format!("pair {key}"), answer.code())?;
            }
            Ok(())
        })
    }

    /// Takes a decision back that is on the actor's ground, by the key of its pair.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchDecision`] if none stands there.
    pub fn undo_mine(&self, actor: &Actor, key: &str, why: &str) -> Result<(), OfficeError> {
        actor.must(Right::Review)?;
        let county = self.county_code()?;
        let scope = actor.scope(Right::Review);
        let why = written(why);
        self.store.write(|tx| {
            let none = || ReviewError::NoSuchDecision(key.to_owned());
            let decision = tx
                .decisions(county)?
                .into_iter()
                .find(|d| d.undone.is_none() && key_of((d.left, d.right)) == key)
                .ok_or_else(none)?;
            if !decision_in(tx, county, &scope, [&decision.left, &decision.right])? {
                return Err(none().into());
            }
            let undone = Undone { at: actor.at, actor: actor.login.clone(), why };
            tx.undo_decision(county, decision.number, &undone)?;
            let mut taking = Taking::new(tx, county, &actor.login, actor.at)?;
            let answer = Answer::of(decision.same);
            taking.audit("undo decision", &format!("pair {key}"), answer.code())
        })
    }

    /// What was decided on the actor's ground, newest first; without what assessments did to persons.
    ///
    /// # Errors
    /// Not theirs to do; what the store says.
    pub fn my_history(&self, actor: &Actor) -> Result<History, OfficeError> {
        actor.must(Right::Review)?;
        let county = self.county_code()?;
        let scope = actor.scope(Right::Review);
        let mut history = self.decision_history()?;
        history.events.clear();
        history.decisions.reverse();
        if scope.is_whole() {
            return Ok(history);
        }
        let rows = history.decisions.iter().flat_map(|d| d.rows.iter().flatten());
        let rows = rows.map(|row| row.row_id);
        let about = self.store.read(|tx| About::of_rows(tx, county, rows))?;
        let theirs = |row: u64| about.get(&row).is_some_and(|about| about.is_in(&scope));
        history.decisions.retain(|d| d.rows.iter().flatten().any(|row| theirs(row.row_id)));
        Ok(history)
    }
}

impl DecisionState {
    /// Whether it can be taken back.
    pub fn stands(self) -> bool {
        self != Self::Undone
    }
}

fn name(asked: &AskedPair) -> String {
    key_of(pair(asked.left_key, asked.right_key))
}

/// The pairs that wait of which a row is in a scope.
fn theirs(tx: &mut Tx, county: u32, scope: &Scope) -> Result<Vec<AskedPair>, OfficeError> {
    let asked = tx.asked_pairs(county)?;
    if scope.is_whole() {
        return Ok(asked);
    }
    let rows = asked.iter().flat_map(|asked| [asked.ask.left, asked.ask.right]);
    let about = About::of_rows(tx, county, rows)?;
    let theirs = |row| about.get(&row).is_some_and(|about: &About| about.is_in(scope));
    Ok(asked.into_iter().filter(|a| theirs(a.ask.left) || theirs(a.ask.right)).collect())
}

/// Whether one of the rows of a decision is in a scope.
fn decision_in(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    keys: [&[u8; 16]; 2],
) -> Result<bool, OfficeError> {
    if scope.is_whole() {
        return Ok(true);
    }
    for key in keys {
        if let Some((row, _)) = tx.live_row_of_key(county, key)?
            && About::of_row(tx, county, row)?.is_some_and(|about| about.is_in(scope))
        {
            return Ok(true);
        }
    }
    Ok(false)
}
