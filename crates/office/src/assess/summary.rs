//! The figures that pages show: 应, 已, 差 and beyond, by town and kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Deed, Division, Duty, Subject, Unit};
use fujiao_settle::Settlement;
use fujiao_store::Summary;

/// The kind that a duty counts under in figures: a class counts with the other classes.
pub(crate) fn figure_kind(kind: &Arc<str>) -> Arc<str> {
    kind.split_once(':').map_or_else(|| Arc::clone(kind), |(of, _)| of.into())
}

/// What a subject adds to the count of subjects.
const DUE: u8 = 1;
const GAP: u8 = 2;
const EXCESS: u8 = 4;

/// Lines for the county (no place) and each town, by area, kind and unit.
pub(super) fn lines(duties: &[Duty], deeds: &[Deed], settlement: &Settlement) -> Vec<Summary> {
    let mut books = Books::default();
    for (duty, &done) in duties.iter().zip(&settlement.done) {
        let missing = duty.quantity - done;
        let seen = if missing > 0 { DUE | GAP } else { DUE };
        books.add(duty.place, duty.area, &duty.kind, duty.unit, duty.subject, seen, |line| {
            line.due += duty.quantity;
            line.done += done;
            line.gap += missing;
        });
    }
    for excess in &settlement.excesses {
        let deed = &deeds[excess.deed];
        books.add(deed.place, deed.area, &deed.kind, deed.unit, deed.subject, EXCESS, |line| {
            line.excess += excess.quantity;
        });
    }
    books.close()
}

/// What a line counts: a place, an area, a kind, a unit.
type Key = (Option<Division>, Area, Arc<str>, Unit);

#[derive(Default)]
struct Books {
    /// Positions of the lines of a place, kind and unit: the county's and the town's.
    at: BTreeMap<Key, [usize; 2]>,
    line_of: BTreeMap<Key, usize>,
    lines: Vec<Summary>,
    /// Line, subject, what it was seen for.
    subjects: Vec<(u32, Subject, u8)>,
}

impl Books {
    #[expect(clippy::too_many_arguments, reason = "the coordinates of one figure")]
    fn add(
        &mut self,
        place: Option<Division>,
        area: Area,
        kind: &Arc<str>,
        unit: Unit,
        subject: Subject,
        seen: u8,
        add: impl Fn(&mut Summary),
    ) {
        let town =
            place.map(Division::town).filter(|t| t.level() == fujiao_model::DivisionLevel::Town);
        let lines = if let Some(lines) = self.at.get(&(town, area, Arc::clone(kind), unit)) {
            *lines
        } else {
            let county = self.line(None, area, figure_kind(kind), unit);
            let own = town.map_or(county, |_| self.line(town, area, figure_kind(kind), unit));
            self.at.insert((town, area, Arc::clone(kind), unit), [county, own]);
            [county, own]
        };
        let lines = if lines[0] == lines[1] { &lines[..1] } else { &lines[..] };
        for &line in lines {
            add(&mut self.lines[line]);
            self.subjects.push((u32::try_from(line).expect("few lines"), subject, seen));
        }
    }

    fn line(&mut self, place: Option<Division>, area: Area, kind: Arc<str>, unit: Unit) -> usize {
        *self.line_of.entry((place, area, Arc::clone(&kind), unit)).or_insert_with(|| {
            self.lines.push(Summary {
                place,
                area,
                kind,
                unit,
                due: 0,
                done: 0,
                gap: 0,
                excess: 0,
                subjects_due: 0,
                subjects_gap: 0,
                subjects_excess: 0,
            });
            self.lines.len() - 1
        })
    }

    fn close(mut self) -> Vec<Summary> {
        self.subjects.sort_unstable();
        for of in self.subjects.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let seen = of.iter().fold(0, |seen, (_, _, s)| seen | s);
            let line = &mut self.lines[of[0].0 as usize];
            line.subjects_due += u64::from(seen & DUE != 0);
            line.subjects_gap += u64::from(seen & GAP != 0);
            line.subjects_excess += u64::from(seen & EXCESS != 0);
        }
        self.lines.sort();
        self.lines
    }
}
