//! 双线: the registers as the two lists that are set against each other.

use fujiao_model::{
    EnrolmentStatus, ExemptionKind, Field, Grade, PartialDate, Residence, RosterKind, Term,
};
use fujiao_store::StoredTwoLine;
use fujiao_watch::lines::{self, Departures, EnrolmentKind, Evidence, Found, Lists};
use jiff::civil::{Date, date};

use super::Registers;
use crate::registers::enrolments::Enrolment;

/// What stands between who lives here and who is enrolled, by kind and person.
pub(super) fn findings(registers: &Registers) -> Vec<StoredTwoLine> {
    let mut sides = Sides::default();
    sides.residents(registers);
    sides.enrolments(registers);
    sides.exemptions(registers);
    let found = lines::check(&sides.lists, &registers.rules.lines, registers.as_of);
    let mut out: Vec<(bool, StoredTwoLine)> = found
        .into_iter()
        .filter_map(|finding| {
            let at = usize::try_from(finding.person).ok()?;
            let (since, days) = said(finding.found);
            let mut evidence: Vec<u64> = finding
                .evidence
                .iter()
                .map(|row| registers.rows[sides.row(*row) as usize].id)
                .collect();
            evidence.sort_unstable();
            evidence.dedup();
            evidence.truncate(8);
            // Children in no school come first.
            let later = !finding.found.is_out_of_school();
            let line = StoredTwoLine {
                person: registers.persons[at].id,
                run: 0, // it has no number yet
                found: finding.found.code().to_owned(),
                since,
                days,
                evidence,
            };
            Some((later, line))
        })
        .collect();
    out.sort_by(|(a_later, a), (b_later, b)| {
        (a_later, &a.found, a.person, a.since).cmp(&(b_later, &b.found, b.person, b.since))
    });
    out.into_iter().map(|(_, line)| line).collect()
}

/// The day and the number of days that go with a finding.
fn said(found: Found) -> (Option<Date>, Option<i64>) {
    match found {
        Found::Left { on }
        | Found::NoReceipt { on }
        | Found::ExemptionOver { on }
        | Found::GoneButEnrolled { on } => (Some(on), None),
        Found::Unconfirmed { since } => (Some(since), None),
        Found::Ghost { days } => (None, Some(days.into())),
        Found::TooLong { days } => (None, Some(days.into())),
        _ => (None, None),
    }
}

/// The lists, and for each of their lines the row that it comes from.
#[derive(Default)]
struct Sides {
    lists: Lists,
    residents: Vec<u32>,
    enrolments: Vec<u32>,
    departures: Vec<u32>,
    exemptions: Vec<u32>,
}

impl Sides {
    fn row(&self, evidence: Evidence) -> u32 {
        match evidence {
            Evidence::Resident(at) => self.residents[at],
            Evidence::Enrolment(at) => self.enrolments[at],
            Evidence::Departure(at) => self.departures[at],
            Evidence::Exemption(at) => self.exemptions[at],
        }
    }

    fn residents(&mut self, registers: &Registers) {
        for &at in registers.by_kind.get(RosterKind::Residents) {
            let person = registers.person_of[at as usize];
            if person == u32::MAX {
                continue;
            }
            let fields = &registers.rows[at as usize].fields;
            let here = fields.text(Field::Residence).and_then(Residence::parse);
            let changed = fields.date(Field::ChangedOn).map(PartialDate::earliest);
            let gone = matches!(here, Some(Residence::MovedOut | Residence::Dead));
            // The month decides whether a child is of age; a year alone says too little.
            let born = registers.persons[person as usize].born;
            let born = born.filter(|b| b.parts().1.is_some()).map(PartialDate::earliest);
            let list = &mut self.lists.residents;
            list.person.push(person.into());
            list.born.push(born);
            list.since.push(None);
            list.until.push(gone.then(|| changed.unwrap_or_else(|| before(registers.as_of))));
            self.residents.push(at);
        }
    }

    fn enrolments(&mut self, registers: &Registers) {
        let year = registers.term.school_year();
        let told = !registers.by_kind.get(RosterKind::Absences).is_empty();
        let days = lessons(registers);
        let absent = registers.absent_days();
        for e in &registers.enrolments {
            let this_year = e.school_year == year;
            let present = (this_year && told && days > 0).then(|| {
                let of_term =
                    absent.range((e.person, i16::MIN, i8::MIN)..=(e.person, i16::MAX, i8::MAX));
                let missed: i64 = of_term
                    .filter(|((_, y, m), _)| Term::of(date(*y, *m, 15)) == registers.term)
                    .map(|(_, n)| n)
                    .sum();
                u32::try_from((i64::from(days) - missed).max(0)).unwrap_or(0)
            });
            let school = e.school.map_or(u64::from(e.row) | 1 << 40, u64::from);
            let list = &mut self.lists.enrolments;
            list.person.push(e.person.into());
            list.school.push(school);
            list.kind.push(EnrolmentKind::County);
            list.since.push(Some(date(e.school_year, 9, 1)));
            list.until.push(last_day(e, year, registers.as_of));
            list.days.push(present.map(|_| days));
            list.present.push(present);
            self.enrolments.push(e.row);
            let finished = e.grade == Grade::parse("九年级")
                && (e.school_year < year || e.status == EnrolmentStatus::Graduated);
            if finished {
                self.lists.graduates.person.push(e.person.into());
                self.lists.graduates.on.push(date(e.school_year + 1, 7, 1).min(registers.as_of));
            }
        }
    }

    fn exemptions(&mut self, registers: &Registers) {
        for &at in registers.by_kind.get(RosterKind::Exemptions) {
            let person = registers.person_of[at as usize];
            let fields = &registers.rows[at as usize].fields;
            let kind = fields.text(Field::ExemptionKind).and_then(ExemptionKind::parse);
            let (Some(kind), false) = (kind, person == u32::MAX) else { continue };
            let since = fields.date(Field::ValidFrom).map(PartialDate::earliest);
            let until = fields.date(Field::ValidTo).map(PartialDate::latest);
            let enrolled = match kind {
                ExemptionKind::SchooledElsewhere => Some(EnrolmentKind::Elsewhere),
                ExemptionKind::SpecialSchool | ExemptionKind::SpecialisedSchool => {
                    Some(EnrolmentKind::Special)
                }
                ExemptionKind::HomeTeaching => Some(EnrolmentKind::HomeTeaching),
                _ => None,
            };
            if let Some(kind) = enrolled {
                let list = &mut self.lists.enrolments;
                list.person.push(person.into());
                list.school.push(u64::from(at) | 1 << 41);
                list.kind.push(kind);
                list.since.push(since);
                list.until.push(until);
                list.days.push(None);
                list.present.push(None);
                self.enrolments.push(at);
                continue;
            }
            let excuse = match kind {
                ExemptionKind::Deferred => lines::ExemptionKind::DeferredEntry,
                ExemptionKind::Suspended => lines::ExemptionKind::Suspension,
                ExemptionKind::Unable => lines::ExemptionKind::Disability,
                // Abroad, or dead: gone, as far as this county's schools go.
                _ => {
                    let on = since.unwrap_or_else(|| before(registers.as_of));
                    let Departures { person: who, on: when, transfer, confirmed_on, back_on } =
                        &mut self.lists.departures;
                    who.push(person.into());
                    when.push(on);
                    transfer.push(false);
                    confirmed_on.push(Some(on));
                    back_on.push(until);
                    self.departures.push(at);
                    continue;
                }
            };
            let list = &mut self.lists.exemptions;
            list.person.push(person.into());
            list.kind.push(excuse);
            list.since.push(since.unwrap_or_else(|| date(registers.term.school_year(), 9, 1)));
            list.until.push(until);
            list.document.push(fields.text(Field::DocumentNo).is_some_and(|no| !no.is_empty()));
            self.exemptions.push(at);
        }
    }
}

/// The last day of an enrolment; `None`: still enrolled.
fn last_day(e: &Enrolment, year: i16, as_of: Date) -> Option<Date> {
    match (e.left_on, e.status) {
        // The first day on which the pupil was there no more is the day after.
        (Some(left), _) => Some(before(left)),
        (None, EnrolmentStatus::Active) if e.school_year >= year => None,
        (None, EnrolmentStatus::Active) => Some(date(e.school_year + 1, 8, 31)),
        _ => Some(before(as_of).min(date(e.school_year + 1, 8, 31))),
    }
}

fn before(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

/// School days of this term up to the end of the month before.
fn lessons(registers: &Registers) -> u32 {
    let days: i64 = registers
        .school_days()
        .into_iter()
        .filter(|((year, month), _)| {
            let first = date(*year, *month, 1);
            Term::of(date(*year, *month, 15)) == registers.term
                && first.last_of_month() < registers.as_of
        })
        .map(|(_, days)| days)
        .sum();
    u32::try_from(days).unwrap_or(0)
}
