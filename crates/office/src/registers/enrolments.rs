//! Who was in which school when.

use fujiao_model::{Boarding, EnrolmentStatus, Field, Grade, RosterKind, Stage, Term};
use jiff::civil::Date;

use super::schools::Schools;
use super::{ByKind, Row};

/// One pupil in one school for one school year.
#[derive(Clone, Debug)]
pub(crate) struct Enrolment {
    /// Position of the row.
    pub row: u32,
    pub person: u32,
    /// Position of the school; `None` where the row names none that is known.
    pub school: Option<u32>,
    /// Calendar year in which the school year begins.
    pub school_year: i16,
    pub stage: Option<Stage>,
    pub grade: Option<Grade>,
    pub boarding: Option<Boarding>,
    pub status: EnrolmentStatus,
    /// The first day on which the pupil was there no more.
    pub left_on: Option<Date>,
}

impl Enrolment {
    /// Whether the pupil was there on a day of the school year.
    pub(crate) fn holds_on(&self, day: Date) -> bool {
        match (self.status, self.left_on) {
            (_, Some(left)) => left > day,
            (status, None) => status == EnrolmentStatus::Active,
        }
    }
}

/// All enrolments, by school year, person, whether still active, and row: the first of a person's holding ones is the one
/// that counts where something is owed once.
pub(crate) fn enrolments(
    rows: &[Row],
    by_kind: &ByKind,
    person_of: &[u32],
    schools: &Schools,
    school_of: &[u32],
    this_term: Term,
) -> Vec<Enrolment> {
    let mut all: Vec<Enrolment> = by_kind
        .get(RosterKind::Enrolments)
        .iter()
        .filter(|&&at| person_of[at as usize] != u32::MAX)
        .map(|&at| {
            let fields = &rows[at as usize].fields;
            let school = Some(school_of[at as usize]).filter(|s| *s != u32::MAX);
            let grade = fields.text(Field::Grade).and_then(Grade::parse);
            let stage = grade
                .map(Grade::stage)
                .or_else(|| fields.text(Field::Stage).and_then(Stage::parse))
                .or_else(|| school.and_then(|s| schools.all[s as usize].stage));
            Enrolment {
                row: at,
                person: person_of[at as usize],
                school,
                school_year: fields.term(Field::Term).unwrap_or(this_term).school_year(),
                stage,
                grade,
                boarding: fields.text(Field::Boarding).and_then(Boarding::parse),
                status: fields
                    .text(Field::EnrolmentStatus)
                    .and_then(EnrolmentStatus::parse)
                    .unwrap_or(EnrolmentStatus::Active),
                left_on: fields.date(Field::LeftOn).map(fujiao_model::PartialDate::earliest),
            }
        })
        .collect();
    all.sort_by_key(|e| (e.school_year, e.person, e.status != EnrolmentStatus::Active, e.row));
    all
}

/// The enrolments of one school year.
pub(crate) fn of_year(all: &[Enrolment], school_year: i16) -> &[Enrolment] {
    let from = all.partition_point(|e| e.school_year < school_year);
    let to = all.partition_point(|e| e.school_year <= school_year);
    &all[from..to]
}

/// Of each person the enrolment that counts on a day: the first that holds.
pub(crate) fn counting_on(of_year: &[Enrolment], day: Date) -> impl Iterator<Item = &Enrolment> {
    of_year
        .chunk_by(|a, b| a.person == b.person)
        .filter_map(move |of| of.iter().find(|e| e.holds_on(day)))
}
