//! Duties, deeds and what settling them found → 应 · 已 · 差 by area, by kind and by town.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Deed, Division, Duty, Excess, ExcessKind, Subject, Unit};
use jiff::civil::Date;

use crate::{AreaFigures, Count, TownFigures};

/// One settlement, as `settle` leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// What was owed.
    pub duties: &'a [Duty],
    /// What was done against each duty, by position.
    pub done: &'a [i64],
    /// What was done.
    pub deeds: &'a [Deed],
    /// What of it stands against no duty.
    pub excesses: &'a [Excess],
}

/// Figures of the whole county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Whole areas, in the order of [`Area::ALL`]. An area with neither duty nor excess is absent.
    pub areas: Vec<AreaFigures>,
    /// Kinds, by area and code.
    pub kinds: Vec<AreaFigures>,
    /// Towns in the order of their names; one without a name comes last.
    pub towns: Vec<TownFigures>,
}

/// Counts a settlement by area, by kind and by town.
///
/// `kind_title` says what a kind is called, `town` which town a place lies in (empty: not on file). Overdue is what is missing
/// after its day. Takes n log n for n duties.
///
/// # Panics
/// If `done` is not as long as `duties`.
pub fn tally(
    settled: Settled<'_>,
    as_of: Date,
    kind_title: &dyn Fn(Area, &str) -> Arc<str>,
    town: &dyn Fn(Option<Division>) -> Arc<str>,
) -> Totals {
    let Settled { duties, done, deeds, excesses } = settled;
    assert_eq!(duties.len(), done.len(), "every duty has its done");

    let mut books = Books::default();
    for (duty, &done) in duties.iter().zip(done) {
        let row = books.row(duty.area, &duty.kind, duty.unit, duty.place, kind_title, town);
        books.duty(row, duty, done, as_of);
    }
    for excess in excesses {
        let deed = &deeds[excess.deed];
        let row = books.row(deed.area, &deed.kind, deed.unit, deed.place, kind_title, town);
        books.excess(row, excess);
    }
    books.close()
}

/// Where a duty or an excess is counted: positions in the three lists of [`Books`].
#[derive(Clone, Copy)]
struct Row {
    area: u32,
    kind: u32,
    town: u32,
}

/// What makes a kind: two units of one code are two kinds.
type KindKey = (Area, Arc<str>, Unit);

/// The position of what was pushed last.
fn last(len: usize) -> u32 {
    u32::try_from(len - 1).expect("fewer than 2³² kinds and towns")
}

#[derive(Default)]
struct Books {
    areas: Vec<AreaFigures>,
    kinds: Vec<AreaFigures>,
    /// The figures of a town's area, with the town.
    towns: Vec<(Arc<str>, AreaFigures)>,
    area_at: BTreeMap<Area, u32>,
    kind_at: BTreeMap<KindKey, u32>,
    last_kind: Option<(KindKey, u32)>,
    rows: BTreeMap<(u32, Option<Division>), Row>,
    town_at: BTreeMap<(Arc<str>, Area), u32>,
    /// Subjects with a duty, and whether this one has a gap, by area, kind and town.
    subjects: [Vec<(u32, Subject, bool)>; 3],
}

impl Books {
    /// Finds or opens the three places where something is counted.
    fn row(
        &mut self,
        area: Area,
        kind: &Arc<str>,
        unit: Unit,
        place: Option<Division>,
        kind_title: &dyn Fn(Area, &str) -> Arc<str>,
        town: &dyn Fn(Option<Division>) -> Arc<str>,
    ) -> Row {
        let number = self.kind(area, kind, unit, kind_title);
        if let Some(&row) = self.rows.get(&(number, place)) {
            return row;
        }
        let empty: Arc<str> = Arc::from("");
        let whole = || AreaFigures::none(area, Arc::clone(&empty), Arc::clone(&empty), Some(unit));
        let town = town(place);
        let row = Row {
            area: *self.area_at.entry(area).or_insert_with(|| {
                self.areas.push(whole());
                last(self.areas.len())
            }),
            kind: number,
            town: *self.town_at.entry((Arc::clone(&town), area)).or_insert_with(|| {
                self.towns.push((town, whole()));
                last(self.towns.len())
            }),
        };
        for figures in self.at(row) {
            if figures.unit != Some(unit) {
                figures.unit = None;
            }
        }
        self.rows.insert((number, place), row);
        row
    }

    /// Finds or opens a kind; duties of one kind mostly follow each other and share its text.
    fn kind(
        &mut self,
        area: Area,
        kind: &Arc<str>,
        unit: Unit,
        kind_title: &dyn Fn(Area, &str) -> Arc<str>,
    ) -> u32 {
        if let Some((key, number)) = &self.last_kind
            && (key.0, key.2) == (area, unit)
            && Arc::ptr_eq(&key.1, kind)
        {
            return *number;
        }
        let key = (area, Arc::clone(kind), unit);
        let number = *self.kind_at.entry(key.clone()).or_insert_with(|| {
            let title = kind_title(area, kind);
            self.kinds.push(AreaFigures::none(area, Arc::clone(kind), title, Some(unit)));
            last(self.kinds.len())
        });
        self.last_kind = Some((key, number));
        number
    }

    fn at(&mut self, row: Row) -> [&mut AreaFigures; 3] {
        [
            &mut self.areas[row.area as usize],
            &mut self.kinds[row.kind as usize],
            &mut self.towns[row.town as usize].1,
        ]
    }

    fn duty(&mut self, row: Row, duty: &Duty, done: i64, as_of: Date) {
        let missing = duty.quantity - done;
        for figures in self.at(row) {
            figures.due += duty.quantity;
            figures.done += done;
            figures.gap += missing;
            figures.duties += 1;
            figures.duties_gap += u64::from(missing > 0);
            figures.overdue += u64::from(missing > 0 && duty.due_on < as_of);
        }
        for (list, at) in self.subjects.iter_mut().zip([row.area, row.kind, row.town]) {
            list.push((at, duty.subject, missing > 0));
        }
    }

    fn excess(&mut self, row: Row, excess: &Excess) {
        for figures in self.at(row) {
            figures.excess += excess.quantity;
            let count = match excess.kind {
                ExcessKind::Unfounded => &mut figures.unfounded,
                ExcessKind::Repeated => &mut figures.repeated,
                ExcessKind::Over => &mut figures.over,
            };
            *count = Count { times: count.times + 1, quantity: count.quantity + excess.quantity };
        }
    }

    fn close(mut self) -> Totals {
        let [by_area, by_kind, by_town] = std::mem::take(&mut self.subjects);
        count_subjects(by_area, |at, gap| self.areas[at].subject(gap));
        count_subjects(by_kind, |at, gap| self.kinds[at].subject(gap));
        count_subjects(by_town, |at, gap| self.towns[at].1.subject(gap));

        for figures in
            self.areas.iter_mut().chain(self.towns.iter_mut().map(|(_, figures)| figures))
        {
            if figures.unit.is_none() {
                figures.count_duties();
            }
        }
        self.areas.sort_by_key(|figures| figures.area);
        self.kinds.sort_by(|a, b| (a.area, &a.kind, a.unit).cmp(&(b.area, &b.kind, b.unit)));
        self.towns
            .sort_by(|(a, x), (b, y)| (a.is_empty(), a, x.area).cmp(&(b.is_empty(), b, y.area)));
        let mut towns: Vec<TownFigures> = Vec::new();
        for (town, figures) in self.towns {
            match towns.last_mut().filter(|last| last.town == town) {
                Some(last) => last.areas.push(figures),
                None => towns.push(TownFigures { town, areas: vec![figures] }),
            }
        }
        Totals { areas: self.areas, kinds: self.kinds, towns }
    }
}

impl AreaFigures {
    /// One more subject with a duty.
    fn subject(&mut self, gap: bool) {
        self.subjects_due += 1;
        self.subjects_gap += u64::from(gap);
    }

    /// Kinds with different units do not add up: what adds up is how many duties there are.
    fn count_duties(&mut self) {
        let whole = crate::number::signed;
        self.due = whole(self.duties);
        self.gap = whole(self.duties_gap);
        self.done = self.due - self.gap;
        self.excess = 0;
        for count in [&mut self.unfounded, &mut self.repeated, &mut self.over] {
            count.quantity = whole(count.times);
            self.excess += count.quantity;
        }
    }
}

/// Distinct subjects of each list entry, and those of them with any gap.
fn count_subjects(mut subjects: Vec<(u32, Subject, bool)>, mut count: impl FnMut(usize, bool)) {
    subjects.sort_unstable();
    for same in subjects.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        count(same[0].0 as usize, same.iter().any(|&(_, _, gap)| gap));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::{Because, Period, Term};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn duty(kind: &str, unit: Unit, person: u64, quantity: i64, due_on: Date) -> Duty {
        Duty {
            area: Area::Pairing,
            kind: kind.into(),
            subject: Subject::person(person),
            period: Period::Term(Term::of(date(2024, 9, 1))),
            quantity,
            unit,
            due_on,
            bearer: "学校".into(),
            place: None,
            because: Because {
                rule: "r@2024A".into(),
                basis: "".into(),
                facts: "".into(),
                sources: vec![],
            },
        }
    }

    fn count(duties: &[Duty], done: &[i64]) -> Totals {
        tally(
            Settled { duties, done, deeds: &[], excesses: &[] },
            date(2024, 10, 15),
            &|_, kind| kind.into(),
            &|_| "云台镇".into(),
        )
    }

    #[test]
    fn different_units_are_counted_as_duties() {
        let duties = [
            duty("mentor", Unit::Person, 1, 1, date(2024, 9, 30)),
            duty("contact", Unit::Contact, 1, 2, date(2024, 10, 31)),
            duty("contact", Unit::Contact, 2, 2, date(2024, 10, 31)),
        ];
        let totals = count(&duties, &[0, 2, 1]);
        let area = &totals.areas[0];
        assert_eq!((area.unit, area.due, area.done, area.gap), (None, 3, 1, 2));
        assert_eq!((area.subjects_due, area.subjects_gap, area.overdue), (2, 2, 1));
        let contact = &totals.kinds[0];
        assert_eq!(
            (contact.unit, contact.due, contact.done, contact.gap),
            (Some(Unit::Contact), 4, 3, 1)
        );
        assert_eq!((contact.subjects_due, contact.subjects_gap), (2, 1));
        assert_eq!(totals.towns[0].areas[0], *area);
    }

    proptest! {
        #[test]
        fn due_is_done_and_gap(rows in prop::collection::vec((0..4_u64, 1..9_i64, 0..9_i64, any::<bool>()), 0..40)) {
            let duties: Vec<Duty> = rows
                .iter()
                .map(|&(p, q, _, early)| duty(if early { "a" } else { "b" }, Unit::Meal, p, q, date(2024, 10, if early { 1 } else { 31 })))
                .collect();
            let done: Vec<i64> = rows.iter().map(|&(_, q, d, _)| d.min(q)).collect();
            let totals = count(&duties, &done);
            for figures in totals.areas.iter().chain(&totals.kinds) {
                prop_assert_eq!(figures.due, figures.done + figures.gap);
                prop_assert!(figures.subjects_gap <= figures.subjects_due);
                prop_assert!(figures.overdue <= figures.duties_gap);
            }
            prop_assert_eq!(
                totals.areas.iter().map(|f| f.due).sum::<i64>(),
                rows.iter().map(|r| r.1).sum::<i64>()
            );
            prop_assert_eq!(
                totals.kinds.iter().map(|f| f.duties).sum::<u64>(),
                rows.len() as u64
            );
        }
    }
}
