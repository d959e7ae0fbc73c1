use std::collections::BTreeMap;

use fujiao_model::Division;
use fujiao_watch::funnel::{Cell, Outside, Shown, Stage, Table};

use super::{DeskError, Frame, Seat};
use crate::access::{Right, Standing};

/// Fewer than so many are not told to readers who may not see names.
const LEAST: u64 = 5;

/// How many came to a stage; `None`: hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageSum {
    /// Who reached it.
    pub reached: Option<u64>,
    /// Who is known not to have.
    pub missed: Option<u64>,
    /// Of whom it is not known, or not yet due.
    pub unknown: Option<u64>,
}

/// What became of those who were aided.
#[derive(Clone, Debug)]
pub struct GenerationsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The whole by stage.
    pub stages: Vec<StageSum>,
    /// The school years of the first aid, with how many came to each stage; `None`: hidden.
    pub cohorts: Vec<(i16, Vec<Option<u64>>)>,
    /// The towns, the same.
    pub towns: Vec<(String, Vec<Option<u64>>)>,
    /// Whether small numbers are hidden.
    pub hides: bool,
}

impl Seat {
    /// What became of those who were aided, on the reader's ground. Small numbers are hidden from those who may not see names.
    ///
    /// # Errors
    /// [`DeskError`] if it is not theirs to see, or the books cannot be read.
    pub fn generations(&self) -> Result<GenerationsPage, DeskError> {
        let actor = self.actor();
        actor.must(Right::Figures)?;
        let scope = actor.scope(Right::Figures);
        let hides = !actor.may(Right::Names);
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let mut table = Table::default();
            for s in tx.generations(overview.head.county)? {
                let town =
                    u64::try_from(s.town).ok().and_then(|town| Division::from_code(town).ok());
                let here = Standing { places: town.into_iter().collect(), ..Standing::default() };
                if !scope.is_whole() && !scope.reaches(&here) {
                    continue;
                }
                let key = (s.cohort, s.town);
                if s.stage == 0 {
                    table.began.insert(key, s.reached);
                    continue;
                }
                let cells = table.cells.entry(key).or_default();
                if let Some(cell) = cells.get_mut(usize::from(s.stage) - 1) {
                    *cell = Cell { reached: s.reached, not: s.missed, unknown: s.unknown };
                }
            }
            let least = if hides { LEAST } else { 0 };
            let shown: Vec<Outside> =
                Stage::ALL.iter().map(|stage| table.outside(*stage, least)).collect();
            let told = |s: &Shown| match s {
                Shown::Number(n) => Some(*n),
                Shown::Hidden => None,
            };
            let names: BTreeMap<i64, String> = overview
                .towns()
                .into_iter()
                .filter_map(|(town, name)| Some((i64::try_from(town.code()).ok()?, name)))
                .collect();
            let cohorts = shown[0].cohorts.iter().enumerate();
            let towns = shown[0].places.iter().enumerate();
            Ok(GenerationsPage {
                frame: overview.frame(),
                stages: whole(&table, least),
                cohorts: cohorts
                    .map(|(at, year)| {
                        (*year, shown.iter().map(|s| told(&s.by_cohort[at])).collect())
                    })
                    .collect(),
                towns: towns
                    .map(|(at, town)| {
                        let name = names.get(town).cloned().unwrap_or_default();
                        (name, shown.iter().map(|s| told(&s.by_place[at])).collect())
                    })
                    .collect(),
                hides,
            })
        })
    }
}

/// The whole by stage, nothing below `least` told, nor what would give it away.
fn whole(table: &Table, least: u64) -> Vec<StageSum> {
    let began: u64 = table.began.values().sum();
    let mut sums = vec![(began, 0, 0)];
    for at in 0..Stage::ALL.len() - 1 {
        sums.push(table.cells.values().map(|cells| cells[at]).fold((0, 0, 0), |sum, cell| {
            (sum.0 + cell.reached, sum.1 + cell.not, sum.2 + cell.unknown)
        }));
    }
    let few = |n: u64| (1..least).contains(&n);
    sums.into_iter()
        .map(|(reached, missed, unknown)| {
            let hidden = few(reached) || few(missed) || few(unknown);
            let told = |n: u64| (!hidden).then_some(n);
            StageSum { reached: told(reached), missed: told(missed), unknown: told(unknown) }
        })
        .collect()
}
