//! What a person was certified as, and when: the dated facts that rules ask for.

use fujiao_model::{AssistanceKind, Field, Fields, HouseholdKind, LeftBehindKind, RosterKind};
use jiff::civil::{Date, date};

use super::{ByKind, Row};

/// A standing that some department certifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// 脱贫户 (原建档立卡)
    Lifted,
    /// 监测对象, risk not cleared
    Monitored,
    /// Card holder with a valid card
    Disabled,
    /// 农村留守儿童 by the list of civil affairs
    LeftBehind,
    /// 留守 by the statistics of education, of one school year
    LeftBehindPupil,
    /// One of the kinds that 民政 certifies
    Assisted(AssistanceKind),
}

/// A standing with its days and its source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dated {
    pub standing: Standing,
    pub from: Date,
    /// Last day; `None` while it lasts.
    pub to: Option<Date>,
    /// Position of the row.
    pub row: u32,
}

/// The standings of all persons.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    /// `(person, standing)`, ascending by person.
    entries: Vec<(u32, Dated)>,
    starts: Vec<u32>,
}

const ALWAYS: Date = date(1900, 1, 1);

impl Standings {
    /// Reads every row that certifies something. `person_of[row]` is the position of its person.
    pub(crate) fn of(rows: &[Row], by_kind: &ByKind, person_of: &[u32], persons: usize) -> Self {
        let mut entries = Vec::new();
        for kind in [
            RosterKind::PoorHouseholds,
            RosterKind::Assistance,
            RosterKind::ChildWelfare,
            RosterKind::Disability,
            RosterKind::LeftBehind,
            RosterKind::LeftBehindPupils,
            RosterKind::Enrolments,
        ] {
            for &at in by_kind.get(kind) {
                let person = person_of[at as usize];
                if person != u32::MAX {
                    read(kind, &rows[at as usize].fields, |standing, from, to| {
                        entries.push((person, Dated { standing, from, to, row: at }));
                    });
                }
            }
        }
        entries.sort_by_key(|(person, dated)| (*person, dated.standing, dated.from, dated.row));
        let mut starts = vec![0_u32; persons + 1];
        for (person, _) in &entries {
            starts[*person as usize + 1] += 1;
        }
        for at in 0..persons {
            starts[at + 1] += starts[at];
        }
        Self { entries, starts }
    }

    /// What a person is certified as on a day.
    pub(crate) fn on(&self, person: u32, day: Date) -> impl Iterator<Item = &Dated> {
        self.all(person).filter(move |d| d.from <= day && d.to.is_none_or(|to| day <= to))
    }

    /// What a person was ever certified as.
    pub(crate) fn all(&self, person: u32) -> impl Iterator<Item = &Dated> {
        let (from, to) =
            (self.starts[person as usize] as usize, self.starts[person as usize + 1] as usize);
        self.entries[from..to].iter().map(|(_, dated)| dated)
    }
}

/// What one row certifies.
fn read(kind: RosterKind, fields: &Fields, mut put: impl FnMut(Standing, Date, Option<Date>)) {
    let from = |field| fields.date(field).map_or(ALWAYS, fujiao_model::PartialDate::earliest);
    let to = |field| fields.date(field).map(fujiao_model::PartialDate::latest);
    match kind {
        RosterKind::PoorHouseholds => {
            let Some(household) = fields.text(Field::HouseholdKind).and_then(HouseholdKind::parse)
            else {
                return;
            };
            if household.once_registered() {
                put(Standing::Lifted, ALWAYS, None);
            }
            if household.is_monitored() {
                // Cleared without a date: cleared as long as anybody can tell.
                let cleared = match (fields.flag(Field::RiskCleared), to(Field::RiskClearedOn)) {
                    (Some(true), None) => return,
                    (Some(false), _) => None,
                    (_, day) => day.and_then(|d| d.yesterday().ok()),
                };
                put(Standing::Monitored, from(Field::IdentifiedOn), cleared);
            }
        }
        RosterKind::Assistance | RosterKind::ChildWelfare => {
            if let Some(assistance) =
                fields.text(Field::AssistanceKind).and_then(AssistanceKind::parse)
            {
                put(
                    Standing::Assisted(assistance),
                    from(Field::AssistanceFrom),
                    to(Field::AssistanceTo),
                );
            }
        }
        RosterKind::Disability => {
            put(Standing::Disabled, from(Field::IssuedOn), to(Field::ValidTo));
        }
        RosterKind::LeftBehind => put(Standing::LeftBehind, ALWAYS, None),
        RosterKind::LeftBehindPupils | RosterKind::Enrolments => {
            let kind = fields.text(Field::LeftBehindKind).and_then(LeftBehindKind::parse);
            if kind.is_none_or(|kind| kind == LeftBehindKind::No) {
                return;
            }
            // Counted once a school year; a list that names none goes on.
            let days = fields
                .term(Field::Term)
                .and_then(|term| fujiao_model::Period::SchoolYear(term.school_year()).days());
            put(
                Standing::LeftBehindPupil,
                days.map_or(ALWAYS, |(first, _)| first),
                days.map(|(_, last)| last),
            );
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fujiao_model::Value;

    #[test]
    fn a_standing_holds_from_day_to_day() {
        let row = |kind, fields: Vec<(Field, Value)>| Row {
            id: 0,
            kind,
            fields: fields.into_iter().collect(),
            origin: 0,
            person_id: None,
        };
        let day = |text: &str| Value::Date(text.parse().unwrap());
        let rows = [
            row(
                RosterKind::PoorHouseholds,
                vec![
                    (Field::HouseholdKind, Value::Code("unstable_lifted")),
                    (Field::IdentifiedOn, day("2021-05")),
                    (Field::RiskCleared, Value::Flag(true)),
                    (Field::RiskClearedOn, day("2023-06-30")),
                ],
            ),
            row(
                RosterKind::Disability,
                vec![(Field::IssuedOn, day("2015-03-01")), (Field::ValidTo, day("2025-02"))],
            ),
        ];
        let standings = Standings::of(&rows, &ByKind::of(&rows), &[0, 0], 1);
        let check = |on: Date, want: &[Standing]| {
            assert_eq!(standings.on(0, on).map(|d| d.standing).collect::<Vec<_>>(), want, "{on}");
        };
        check(date(2020, 9, 1), &[Standing::Lifted, Standing::Disabled]);
        check(date(2021, 5, 1), &[Standing::Lifted, Standing::Monitored, Standing::Disabled]);
        check(date(2023, 6, 29), &[Standing::Lifted, Standing::Monitored, Standing::Disabled]);
        check(date(2023, 6, 30), &[Standing::Lifted, Standing::Disabled]);
        check(date(2025, 2, 28), &[Standing::Lifted, Standing::Disabled]);
        check(date(2025, 3, 1), &[Standing::Lifted]);
    }
}
