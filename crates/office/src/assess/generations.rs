//! Between generations: what became of whom over the years, from the first aid to a household out of poverty.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Field, Grade, HouseholdKind, PartialDate, RosterKind, Stage, Term};
use fujiao_store::StoredStage;
use fujiao_watch::funnel::{self, Member};

use super::Registers;

/// The counts by cohort, town and stage.
pub(super) fn stages(registers: &Registers) -> Vec<StoredStage> {
    let table = funnel::count(&members(registers));
    let mut out = Vec::new();
    for (&(cohort, town), &began) in &table.began {
        let none = StoredStage { cohort, town, ..StoredStage::default() };
        out.push(StoredStage { reached: began, ..none });
        for (stage, cell) in (1_u8..).zip(table.cells.get(&(cohort, town)).into_iter().flatten()) {
            let (reached, missed, unknown) = (cell.reached, cell.not, cell.unknown);
            out.push(StoredStage { stage, reached, missed, unknown, ..none });
        }
    }
    out
}

/// What the enrolment rosters say of somebody over the years.
#[derive(Default)]
struct Schooling {
    /// School years with an enrolment that held at their beginning.
    years: BTreeSet<i16>,
    /// The school year of the ninth grade.
    ninth: Option<i16>,
    /// The first school year in a senior or vocational school.
    senior: Option<i16>,
    /// Whether they are enrolled today.
    now: bool,
}

fn members(registers: &Registers) -> Vec<Member> {
    let this = registers.term.school_year();
    let ninth = Grade::parse("九年级");
    let mut schooling: BTreeMap<u32, Schooling> = BTreeMap::new();
    for e in &registers.enrolments {
        let of = schooling.entry(e.person).or_default();
        if e.holds_on(jiff::civil::date(e.school_year, 10, 1)) || e.left_on.is_some() {
            of.years.insert(e.school_year);
        }
        if e.grade.is_some() && e.grade == ninth {
            of.ninth = Some(of.ninth.map_or(e.school_year, |y| y.max(e.school_year)));
        }
        if matches!(e.stage, Some(Stage::Senior | Stage::Vocational)) {
            of.senior = Some(of.senior.map_or(e.school_year, |y| y.min(e.school_year)));
        }
        of.now |= e.school_year == this && e.holds_on(registers.as_of);
    }
    let employed: BTreeSet<u32> = people_of(registers, RosterKind::Placements);
    let nothing = Schooling::default();
    first_aid(registers)
        .into_iter()
        .map(|(person, cohort)| {
            let of = schooling.get(&person).unwrap_or(&nothing);
            let finished = match of.ninth {
                Some(year) if year < this => Some(true),
                _ if of.senior.is_some() => Some(true),
                _ if of.now => None,
                _ => Some(false),
            };
            // Until compulsory school is over, or today.
            let last = of.ninth.unwrap_or(this).min(this);
            let stayed = (cohort..=last).all(|year| of.years.contains(&year));
            let continued = match (of.senior, of.ninth) {
                (Some(_), _) => Some(true),
                (None, Some(year)) if year < this && !of.now => Some(false),
                _ => None,
            };
            let job = if employed.contains(&person) {
                Some(true)
            } else if of.now || of.senior.is_some_and(|year| year + 3 > this) {
                None
            } else {
                Some(false)
            };
            let place = registers.persons[person as usize].place;
            Member {
                cohort,
                place: place.map_or(0, |p| i64::try_from(p.town().code()).unwrap_or(0)),
                reached: [
                    Some(stayed || finished == Some(true)),
                    finished,
                    continued,
                    job,
                    out_of_poverty(registers, person),
                ],
            }
        })
        .collect()
}

/// Who was aided in compulsory school or before its end, with the school year of the first payment.
fn first_aid(registers: &Registers) -> BTreeMap<u32, i16> {
    let mut first: BTreeMap<u32, i16> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::AidPayments) {
        let (person, fields) =
            (registers.person_of[at as usize], &registers.rows[at as usize].fields);
        let grade = fields.text(Field::Grade).and_then(Grade::parse);
        let compulsory = grade.is_some_and(|g| matches!(g.stage(), Stage::Primary | Stage::Junior));
        let paid = fields.date(Field::PaidOn).map(|day| Term::of(PartialDate::earliest(day)));
        let term = fields.term(Field::Term).or(paid);
        let (Some(term), true, false) = (term, compulsory, person == u32::MAX) else { continue };
        let year = term.school_year();
        first.entry(person).and_modify(|y| *y = (*y).min(year)).or_insert(year);
    }
    first
}

/// Whether the household was poor and is no longer; `None`: it was never on the list.
fn out_of_poverty(registers: &Registers, person: u32) -> Option<bool> {
    let household = registers.persons[person as usize].household?;
    let members = &registers.households[household as usize].members;
    let row = members.iter().find_map(|&m| registers.on_poor_list[m as usize])?;
    let fields = &registers.rows[row as usize].fields;
    let kind = fields.text(Field::HouseholdKind).and_then(HouseholdKind::parse)?;
    Some(kind == HouseholdKind::Lifted)
}

fn people_of(registers: &Registers, kind: RosterKind) -> BTreeSet<u32> {
    let rows = registers.by_kind.get(kind).iter();
    rows.map(|&at| registers.person_of[at as usize]).filter(|&p| p != u32::MAX).collect()
}
