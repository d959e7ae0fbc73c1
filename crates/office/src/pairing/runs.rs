//! Runs of pairing: reckoned, proven, kept with their reasons, and accepted or dropped.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_store::{Mentor, Pair, PairLine, PairRun, Person, Tx};
use fujiao_watch::pair::{Keeping, LeftOut, Pairs, Problem, Rules, fit, left_out};
use jiff::civil::Date;

use super::inputs::{Inputs, live_pairs, school_names};
use super::mentors::{note, regrant};
use super::rows::{Written, key_of, write};
use super::{PairError, best_pairs, roster, whole};
use crate::access::{Actor, Right};
use crate::corrections::written;
use crate::{Office, OfficeError};

/// What an accepted run changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Pairs that are new.
    pub made: usize,
    /// Pairs that ended.
    pub ended: usize,
    /// Pairs that stay.
    pub kept: usize,
}

impl Office {
    /// Reckons the best pairs for all pupils to whom a mentor or contacts are owed, and keeps them with the reasons for each pair, and
    /// for each pupil left without one; the run's number. Rosters are read first. Nothing changes until it is accepted.
    ///
    /// With [`Keeping::First`] what stands is kept before all else but pairing everybody: for when a mentor leaves.
    ///
    /// # Errors
    /// [`PairError`]; what the store says.
    pub fn pair_run(&self, actor: &Actor, keeping: Keeping, why: &str) -> Result<u64, OfficeError> {
        whole(actor)?;
        let why = written(why).ok_or(PairError::Unread("为什么结对"))?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            roster::refresh(tx, county, actor, day)
        })?;
        let rules = &self.rules.pairing;
        let inputs = self.store.read(|tx| {
            let day = crate::entries::today(tx, county, actor)?;
            Ok::<_, OfficeError>(Inputs::read(tx, county, day, rules)?)
        })?;
        if inputs.pupils.is_empty() {
            return Err(PairError::NoPupils.into());
        }
        if !inputs.able.iter().any(|m| m.signed && m.capacity > 0) {
            return Err(PairError::NobodySigned.into());
        }
        let problem = Problem::build(rules, &inputs.pupils, &inputs.able, keeping);
        let (pairs, cost) = best_pairs(&problem).map_err(|e| PairError::Unproven(e.to_string()))?;
        let lines = lines(rules, &problem, &pairs, &inputs, keeping);
        let of = |n: usize| n as u64;
        let run = PairRun {
            number: 0,
            as_of: inputs.day,
            keeping: if keeping == Keeping::First { "first" } else { "weighed" }.to_owned(),
            why,
            base: inputs.base,
            pupils: of(inputs.pupils.len()),
            mentors: of(inputs.able.iter().filter(|m| m.signed && m.capacity > 0).count()),
            places: inputs.able.iter().filter(|m| m.signed).map(|m| u64::from(m.capacity)).sum(),
            paired: of(lines.iter().filter(|l| l.mentor.is_some()).count()),
            points: lines.iter().map(|l| u64::from(l.points)).sum(),
            cost: cost.to_string(),
            verdict: "ok".to_owned(),
            state: "proposed".to_owned(),
            login: actor.login.clone(),
            name: actor.name.clone(),
            at: actor.at,
            decided: None,
        };
        self.store.write(|tx| {
            if tx.pair_base(county)? != run.base {
                return Err(PairError::Outdated.into());
            }
            let number = tx.add_pair_run(county, &run, &lines)?;
            let detail = format!("pupils {} paired {} {}", run.pupils, run.paired, run.keeping);
            note(tx, county, actor, "pair run", &format!("run {number}"), &detail)?;
            Ok(number)
        })
    }

    /// Accepts a run that is proposed: what it changes becomes pairs that stand, and rows of the books.
    ///
    /// # Errors
    /// [`PairError::Outdated`] if pairs changed since; [`PairError::Decided`].
    pub fn pair_accept(&self, actor: &Actor, number: u64) -> Result<Accepted, OfficeError> {
        whole(actor)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let run = tx.pair_run(county, number)?.ok_or(PairError::NoRun)?;
            if run.state != "proposed" {
                return Err(PairError::Decided.into());
            }
            if tx.pair_base(county)? != run.base {
                return Err(PairError::Outdated.into());
            }
            let day = crate::entries::today(tx, county, actor)?;
            let accepted = carry_out(tx, county, actor, &run, day)?;
            tx.decide_pair_run(county, number, "accepted", (&actor.login, actor.at))?;
            let detail =
                format!("made {} ended {} kept {}", accepted.made, accepted.ended, accepted.kept);
            note(tx, county, actor, "accept pairs", &format!("run {number}"), &detail)?;
            Ok(accepted)
        })
    }

    /// Drops a run that is proposed.
    ///
    /// # Errors
    /// [`PairError::NoRun`], [`PairError::Decided`].
    pub fn pair_drop(&self, actor: &Actor, number: u64) -> Result<(), OfficeError> {
        whole(actor)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            tx.pair_run(county, number)?.ok_or(PairError::NoRun)?;
            if !tx.decide_pair_run(county, number, "dropped", (&actor.login, actor.at))? {
                return Err(PairError::Decided.into());
            }
            note(tx, county, actor, "drop pairs", &format!("run {number}"), "")
        })
    }

    /// A mentor leaves. Where the actor pairs the county, the least change that finds their pupils another is reckoned: the number of
    /// that run, which waits to be accepted. Until then the pairs stand.
    ///
    /// # Errors
    /// [`PairError`] with what is wrong.
    pub fn mentor_leaves(
        &self,
        actor: &Actor,
        number: u64,
        on: Date,
        why: &str,
    ) -> Result<Option<u64>, OfficeError> {
        actor.must(Right::Pair)?;
        let why = written(why).ok_or(PairError::Unread("为什么不再帮扶"))?;
        let county = self.county_code()?;
        let (name, any) = self.store.write(|tx| {
            let mut mentor = super::mentors::theirs(tx, county, actor, number)?;
            let today = crate::entries::today(tx, county, actor)?;
            if on > today {
                return Err(PairError::Tomorrow(on).into());
            }
            if mentor.left.is_some() {
                return Err(PairError::Left(mentor.name).into());
            }
            mentor.left = Some((on, why.clone()));
            tx.set_mentor(county, &mentor)?;
            let any = !tx.pairs_of_mentor(county, number)?.is_empty();
            note(tx, county, actor, "mentor leaves", &format!("mentor {number}"), &why)?;
            Ok::<_, OfficeError>((mentor.name, any))
        })?;
        if any && actor.scope(Right::Pair).is_whole() {
            let why = format!("{name}不再帮扶：{why}");
            return self.pair_run(actor, Keeping::First, &why).map(Some);
        }
        Ok(None)
    }
}

/// What a plan says of each pupil.
fn lines(
    rules: &Rules,
    problem: &Problem,
    pairs: &Pairs,
    inputs: &Inputs,
    keeping: Keeping,
) -> Vec<PairLine> {
    let number = |at: u32| inputs.mentors[at as usize].number;
    inputs
        .pupils
        .iter()
        .enumerate()
        .map(|(at, pupil)| {
            let (to, before) = (pairs.mentor_of[at], pupil.mentor);
            let gone = before.is_some_and(|m| inputs.mentors[m as usize].left.is_some());
            let change = match (before, to) {
                (Some(a), Some(b)) if a == b => "kept",
                (Some(_), Some(_)) if gone => "left",
                (Some(_), Some(_)) if keeping == Keeping::First => "must",
                (Some(_), Some(_)) => "moved",
                (None, Some(_)) => "new",
                (Some(_), None) => "lost",
                (None, None) => "none",
            };
            let reasons: Vec<(&str, usize)>;
            let mut points = 0;
            if let Some(mentor) = to {
                let able = &inputs.able[mentor as usize];
                let found = fit(rules, pupil, able, before == to)
                    .expect("a pair of the plan is a candidate");
                points = found.iter().map(|(_, p)| p).sum();
                reasons = found.iter().map(|(why, p)| (why.code(), *p as usize)).collect();
            } else {
                let why = left_out(rules, problem, pairs, &inputs.pupils, &inputs.able, at);
                reasons = match why.expect("a pupil without a mentor") {
                    LeftOut::Nobody(bars) => {
                        bars.into_iter().map(|(bar, n)| (bar.code(), n)).collect()
                    }
                    LeftOut::AllFull(who) => vec![("all_full", who.len())],
                };
            }
            PairLine {
                person: inputs.persons[at].id,
                mentor: to.map(number),
                before: before.map(number),
                change: change.to_owned(),
                points,
                reasons: serde_json::to_string(&reasons).expect("words and numbers always write"),
            }
        })
        .collect()
}

/// Why a pair ended, by what a run says.
fn end_reason(change: &str) -> &'static str {
    match change {
        "left" => "帮扶人不再帮扶",
        "must" => "给没有人带的孩子让出名额",
        "moved" => "换到更合适的帮扶人",
        _ => "没有能带的帮扶人",
    }
}

/// Ends what a run ends, makes what it makes, and writes both down.
fn carry_out(
    tx: &mut Tx,
    county: u32,
    actor: &Actor,
    run: &PairRun,
    day: Date,
) -> Result<Accepted, OfficeError> {
    let lines = tx.pair_lines(county, run.number)?;
    let live = live_pairs(tx, county)?;
    let mentors: BTreeMap<u64, Mentor> =
        tx.mentors(county)?.into_iter().map(|m| (m.number, m)).collect();
    let schools = school_names(tx, county)?;
    let changed: Vec<u64> = lines.iter().filter(|l| l.change != "kept").map(|l| l.person).collect();
    let persons: BTreeMap<u64, Person> =
        tx.persons_of(county, &changed)?.into_iter().map(|p| (p.id, p)).collect();
    let mut ended: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let (mut over, mut made, mut kept) = (Vec::new(), Vec::new(), 0);
    for line in &lines {
        if line.change == "kept" {
            kept += 1;
            continue;
        }
        // Nobody of that id any more: somebody else of the list since, or gone.
        let Some(person) = persons.get(&line.person) else { continue };
        if let Some(pair) = live.get(&line.person) {
            ended.entry(end_reason(&line.change)).or_default().push(pair.number);
            over.push((pair, person));
        }
        if let Some(mentor) = line.mentor {
            made.push((
                Pair {
                    number: 0,
                    person: line.person,
                    mentor,
                    from: day,
                    ended: None,
                    run: Some(run.number),
                    row_key: key_of(tx.keys(), line.person, mentor, day),
                },
                person,
            ));
        }
    }
    for (why, numbers) in &ended {
        tx.end_pairs(county, numbers, day, why)?;
    }
    let pairs: Vec<Pair> = made.iter().map(|(pair, _)| pair.clone()).collect();
    tx.add_pairs(county, &pairs)?;
    let mut rows = Vec::with_capacity(over.len() + made.len());
    let mut touched = BTreeSet::new();
    for (pair, person, ended_on) in over
        .iter()
        .map(|(pair, person)| (*pair, *person, Some(day)))
        .chain(made.iter().map(|(pair, person)| (pair, *person, None)))
    {
        touched.insert(pair.mentor);
        if let Some(mentor) = mentors.get(&pair.mentor) {
            rows.push(Written { pair, person, mentor, ended_on });
        }
    }
    // A pair that ended on the day on which the same two are paired again has the same key: the later word counts.
    rows.dedup_by(|later, first| later.pair.row_key == first.pair.row_key);
    write(tx, county, actor, day, &rows, &schools)?;
    for number in touched {
        if let Some(mentor) = mentors.get(&number) {
            regrant(tx, county, actor, mentor, day)?;
        }
    }
    Ok(Accepted { made: made.len(), ended: over.len(), kept })
}
