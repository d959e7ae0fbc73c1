//! Providers by completion and by work after it: rates with intervals, and a word about two of them only where chance cannot explain it.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_labour::placement::{AfterCourse, after_course};
use fujiao_labour::providers::{Share, Tally, compare, qualities};
use fujiao_model::{Field, PartialDate, RosterKind};
use jiff::civil::Date;

use super::pool::{Pool, Standing};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// How sure intervals are.
const CONFIDENCE: f64 = 0.95;

/// One provider.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderLine {
    /// Its name.
    pub name: String,
    /// Sessions that are over.
    pub sessions: usize,
    /// Persons of those.
    pub persons: usize,
    /// Person-times of those.
    pub person_times: usize,
    /// With a certificate.
    pub certified: usize,
    /// 结业率.
    pub completion: Share,
    /// 就业率.
    pub placement: Share,
    /// Providers whose trainees complete less often, by more than chance.
    pub completes_more_than: Vec<String>,
    /// Providers whose trainees find work less often, by more than chance.
    pub places_more_than: Vec<String>,
}

/// Providers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProvidersPage {
    /// By name.
    pub lines: Vec<ProviderLine>,
    /// Days after the end of a course within which work counts.
    pub days: i64,
}

impl Office {
    /// How providers stand.
    ///
    /// # Errors
    /// Without [`Right::Figures`]; what the store says.
    pub fn providers(&self, actor: &Actor) -> Result<ProvidersPage, OfficeError> {
        actor.must(Right::Figures)?;
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let pool = Pool::read(tx, county)?;
            let rules = &self.rules.labour;
            let followed = self.rules.policies.list("placement_course_kinds", today);
            let mut work: BTreeMap<u64, Vec<(Date, Option<Date>)>> = BTreeMap::new();
            for row in tx.rows_of_kind(county, RosterKind::Placements, None)? {
                let fields = &row.row.fields;
                let from = fields.date(Field::StartedOn).map(PartialDate::latest);
                if let (Some(person), Some(from)) = (row.person, from) {
                    let to = fields.date(Field::EndedOn).map(PartialDate::latest);
                    work.entry(person).or_default().push((from, to));
                }
            }
            let none = Vec::new();
            let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
            let mut seen: BTreeMap<&str, (BTreeSet<u64>, BTreeSet<u64>, usize)> = BTreeMap::new();
            for t in pool.trainees.iter().filter(|t| t.standing != Standing::Left) {
                let Some(session) = pool.sessions.get(&t.session).filter(|s| s.to < today) else {
                    continue;
                };
                let next = tallies.len() as u64;
                let tally = tallies.entry(&session.provider).or_insert(Tally {
                    provider: next,
                    begun: 0,
                    completed: 0,
                    looked: 0,
                    placed: 0,
                });
                tally.begun += 1;
                let of = seen.entry(&session.provider).or_default();
                of.0.insert(session.key);
                of.1.insert(t.person.unwrap_or(t.row));
                of.2 += usize::from(t.fields.text(Field::CertificateNo).is_some());
                if t.standing != Standing::Completed {
                    continue;
                }
                tally.completed += 1;
                // Work is followed after courses that are for work.
                if !followed.iter().any(|kind| session.kind.contains(&**kind)) {
                    continue;
                }
                let own = t.person.and_then(|p| work.get(&p)).unwrap_or(&none);
                match after_course(rules, session.to, own, false, today) {
                    Some(AfterCourse::Placed { .. }) => {
                        tally.looked += 1;
                        tally.placed += 1;
                    }
                    Some(AfterCourse::PlacedLate { .. } | AfterCourse::Late { .. }) => {
                        tally.looked += 1;
                    }
                    Some(AfterCourse::Waiting { .. } | AfterCourse::Excused) | None => {}
                }
            }
            let names: Vec<&str> = tallies.keys().copied().collect();
            let tallies: Vec<Tally> = tallies.values().copied().collect();
            let all = qualities(&tallies, CONFIDENCE);
            let completion: Vec<Share> = all.iter().map(|q| q.completion).collect();
            let placement: Vec<Share> = all.iter().map(|q| q.placement).collect();
            let better = |shares: &[Share], at: usize| -> Vec<String> {
                compare(shares, CONFIDENCE)
                    .into_iter()
                    .filter(|b| b.higher == at)
                    .map(|b| names[b.lower].to_owned())
                    .collect()
            };
            let lines = (0..names.len())
                .map(|at| {
                    let (sessions, persons, certified) = &seen[names[at]];
                    ProviderLine {
                        name: names[at].to_owned(),
                        sessions: sessions.len(),
                        persons: persons.len(),
                        person_times: tallies[at].begun as usize,
                        certified: *certified,
                        completion: completion[at],
                        placement: placement[at],
                        completes_more_than: better(&completion, at),
                        places_more_than: better(&placement, at),
                    }
                })
                .collect();
            let days = rules.placement(today).map_or(0, |row| i64::from(row.after_course_days));
            Ok(ProvidersPage { lines, days })
        })
    }
}
