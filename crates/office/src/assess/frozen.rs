//! What was owed when money was paid on it stands; what registers and rules make of it today is told beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fujiao_model::{Area, Duty, Period, Subject, SubjectKind, Unit};
use fujiao_policy::PolicySet;
use fujiao_store::{Difference, FrozenDuty};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::Registers;
use super::duties::Owed;

type Key = (Arc<str>, Subject, Period);

/// Kinds that do not go beside what was restored for a subject and period, and the day of the assessment that froze it.
type Restored = BTreeMap<(Subject, Period), (Vec<Arc<str>>, Date)>;

fn key(duty: &Duty) -> Key {
    (Arc::clone(&duty.kind), duty.subject, duty.period)
}

/// The frozen duties of a county beside those of an assessment.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    frozen: BTreeSet<Key>,
    pub(crate) differences: Vec<Difference>,
}

impl Kept {
    /// Puts frozen duties in the place of those worked out anew, where the two are not the same, and notes the difference.
    ///
    /// A frozen duty whose person is no longer in the registers under that id is noted alone: nobody's list could show it.
    ///
    /// What a restored duty excludes, or is excluded by, is not owed beside it: nobody is paid twice because a register was
    /// corrected. That, too, is noted.
    pub(super) fn keep(
        frozen: Vec<FrozenDuty>,
        registers: &Registers,
        policies: &PolicySet,
        owed: &mut Owed,
    ) -> Self {
        let mut out = Self::default();
        if frozen.is_empty() {
            return out;
        }
        let place_of: BTreeMap<Key, usize> = owed
            .duties
            .iter()
            .enumerate()
            .filter(|(_, d)| may_freeze(d))
            .map(|(at, d)| (key(d), at))
            .collect();
        let mut restored = Restored::new();
        let persons: BTreeSet<u64> = registers.persons.iter().map(|p| p.id).collect();
        for kept in frozen {
            let of = key(&kept.duty);
            let now = place_of.get(&of).copied();
            let same = now.is_some_and(|at| {
                let now = &owed.duties[at];
                now.quantity == kept.duty.quantity && now.because.facts == kept.duty.because.facts
            });
            if !same {
                out.differences.push(difference(&kept, now.map(|at| &owed.duties[at])));
                let known = kept.duty.subject.kind != SubjectKind::Person
                    || persons.contains(&kept.duty.subject.id);
                match now {
                    Some(at) => owed.duties[at] = kept.duty,
                    None if known => {
                        if let Some(programme) = policies.programme(&kept.duty.kind) {
                            let beside = restored
                                .entry((kept.duty.subject, kept.duty.period))
                                .or_insert_with(|| (Vec::new(), kept.as_of));
                            beside.0.extend(programme.excludes.iter().map(Arc::clone));
                            beside.0.extend(programme.excluded_by.iter().map(Arc::clone));
                        }
                        owed.duties.push(kept.duty);
                    }
                    None => {}
                }
            }
            out.frozen.insert(of);
        }
        out.give_way(&restored, owed);
        out
    }

    /// Takes out duties that a restored one excludes.
    fn give_way(&mut self, restored: &Restored, owed: &mut Owed) {
        if restored.is_empty() {
            return;
        }
        owed.duties.retain(|duty| {
            let Some((excluded, as_of)) = restored.get(&(duty.subject, duty.period)) else {
                return true;
            };
            if !excluded.contains(&duty.kind) || self.frozen.contains(&key(duty)) {
                return true;
            }
            self.differences.push(Difference {
                kind: Arc::clone(&duty.kind),
                subject: duty.subject,
                period: duty.period,
                unit: duty.unit,
                frozen: 0,
                computed: duty.quantity,
                facts_frozen: "".into(),
                facts_now: Arc::clone(&duty.because.facts),
                rule_frozen: "".into(),
                rule_now: Arc::clone(&duty.because.rule),
                frozen_as_of: *as_of,
            });
            false
        });
    }

    /// What the registers' state is to be called: their hash, and, where what is frozen changes the answer, a hash of that.
    pub(super) fn state(&self, registers: &str) -> String {
        if self.differences.is_empty() {
            return registers.to_owned();
        }
        let mut hash = Sha256::new();
        for d in &self.differences {
            let line = format!(
                "{}\n{}\n{}\n{}\n{}\n",
                d.kind, d.subject, d.period, d.frozen, d.facts_frozen
            );
            hash.update(line.len().to_be_bytes());
            hash.update(line);
        }
        let digest: [u8; 8] = hash.finalize()[..8].try_into().expect("32 bytes hold 8");
        format!("{registers}+{:016x}", u64::from_be_bytes(digest))
    }

    /// Duties on which money was paid for the first time: to be frozen. `done[i]` was done against `duties[i]`.
    pub(super) fn paid_first<'d>(
        &'d self,
        duties: &'d [Duty],
        done: &'d [i64],
    ) -> impl Iterator<Item = &'d Duty> {
        // One a subject and period, even should a register make two.
        let mut seen = BTreeSet::new();
        duties
            .iter()
            .zip(done)
            .filter(|(d, done)| **done > 0 && may_freeze(d) && !self.frozen.contains(&key(d)))
            .map(|(d, _)| d)
            .filter(move |d| seen.insert(key(d)))
    }
}

/// Student aid in money.
fn may_freeze(duty: &Duty) -> bool {
    duty.area == Area::Aid && duty.unit == Unit::Fen
}

fn difference(kept: &FrozenDuty, now: Option<&Duty>) -> Difference {
    let frozen = &kept.duty;
    let nothing: Arc<str> = "".into();
    Difference {
        kind: Arc::clone(&frozen.kind),
        subject: frozen.subject,
        period: frozen.period,
        unit: frozen.unit,
        frozen: frozen.quantity,
        computed: now.map_or(0, |d| d.quantity),
        facts_frozen: Arc::clone(&frozen.because.facts),
        facts_now: now.map_or_else(|| Arc::clone(&nothing), |d| Arc::clone(&d.because.facts)),
        rule_frozen: Arc::clone(&frozen.because.rule),
        rule_now: now.map_or(nothing, |d| Arc::clone(&d.because.rule)),
        frozen_as_of: kept.as_of,
    }
}
