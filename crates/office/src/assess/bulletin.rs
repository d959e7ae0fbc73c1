//! 各学段学生资助情况统计表: what was paid in each calendar year, by stage, programme, half and class of hardship.
//!
//! A year is spring and autumn, as bulletins have it. A person who is paid in both halves is one person and two person-times.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{
    Area, Field, Grade, Money, PartialDate, Period, RosterKind, Season, Stage, Term, Unit,
};
use fujiao_store::BulletinCell;

use super::{Registers, Settled};
use crate::results::{is_first_class, stages};

/// Year, stage, kind, half, class; no stage, no kind: all of them.
type Key<'a> = (i16, Option<Stage>, &'a str, &'static str, u8);

#[derive(Default)]
struct Cell<'a> {
    persons: BTreeSet<u64>,
    times: BTreeSet<(u64, Term, &'a str)>,
    amount: i64,
}

/// The term that a deed counts in; `None` for what has none.
fn term_of(period: Period) -> Option<Term> {
    Some(match period {
        Period::Term(term) => term,
        Period::SchoolYear(year) => Term::new(year, Season::Autumn),
        Period::Month(year, month) => Term::of(jiff::civil::date(year, month, 1)),
        Period::Day(day) => Term::of(day),
        Period::Year(_) | Period::Once => return None,
    })
}

/// The tables of all years that anything was paid in.
pub(super) fn cells(registers: &Registers, settled: &Settled) -> Vec<BulletinCell> {
    let stages = stages(registers);
    let at: BTreeMap<u64, u32> =
        registers.persons.iter().zip(0..).map(|(p, at)| (p.id, at)).collect();
    let mut cells: BTreeMap<Key<'_>, Cell<'_>> = BTreeMap::new();
    let paid = paid(registers, settled);
    for ((person, term, kind), (listed, fen)) in &paid {
        // What came back as a whole was nobody's.
        let (Some(&position), true) = (at.get(person), *fen > 0) else { continue };
        let stage = if is_of_university(kind) {
            Stage::Higher
        } else {
            let enrolled = stages.get(&(position, term.school_year())).copied();
            enrolled.or(*listed).unwrap_or(Stage::Higher)
        };
        let class = if is_first_class(registers, position, *term) { 1 } else { 2 };
        let half = if term.season() == Season::Spring { "S" } else { "A" };
        for (stage, kind) in [(Some(stage), kind.as_str()), (Some(stage), ""), (None, "")] {
            for half in [half, "Y"] {
                for class in [0, class] {
                    let cell = cells.entry((term.year(), stage, kind, half, class)).or_default();
                    cell.persons.insert(*person);
                    cell.times.insert((*person, *term, kind));
                    cell.amount += fen;
                }
            }
        }
    }
    let cells = cells.into_iter();
    cells
        .map(|((year, stage, kind, half, class), cell)| BulletinCell {
            year,
            stage: stage.map_or("", Stage::code).to_owned(),
            kind: kind.to_owned(),
            half: half.to_owned(),
            class,
            persons: cell.persons.len() as u64,
            times: cell.times.len() as u64,
            amount: cell.amount,
        })
        .collect()
}

/// A loan and a department's gift are a university's, whatever school the student was at when the year began.
fn is_of_university(kind: &str) -> bool {
    kind.starts_with("loan.") || kind.starts_with("uni.")
}

/// Fen by person, term and kind, with the stage that a list names.
type Paid = BTreeMap<(u64, Term, String), (Option<Stage>, i64)>;

fn paid(registers: &Registers, settled: &Settled) -> Paid {
    let mut out = Paid::new();
    let mut lent = BTreeSet::new();
    let in_money = settled.deeds.iter().filter(|d| d.area == Area::Aid && d.unit == Unit::Fen);
    for deed in in_money {
        let Some(term) = term_of(deed.period) else { continue };
        if deed.kind.starts_with("loan.") {
            lent.insert((deed.subject.id, term.school_year()));
        }
        let row = registers.rows.binary_search_by_key(&deed.evidence, |r| r.id).ok();
        let grade = row.and_then(|row| registers.rows[row].fields.text(Field::Grade));
        let listed = grade.and_then(Grade::parse).map(Grade::stage);
        let at = out.entry((deed.subject.id, term, deed.kind.to_string())).or_default();
        *at = (at.0.or(listed), at.1 + deed.quantity);
    }
    // What the centre lists of loans, beside those of the books.
    for ((person, year), (fen, ..)) in crate::loans::owed::on_lists(registers) {
        if !lent.contains(&(person, year)) {
            let term = Term::new(year, Season::Autumn);
            out.entry((person, term, crate::loans::KIND.0.to_owned())).or_default().1 += fen;
        }
    }
    let Some(meals) = settled.duties.iter().find(|d| d.area == Area::Meals) else { return out };
    for &at in registers.by_kind.get(RosterKind::MealLists) {
        let fields = &registers.rows[at as usize].fields;
        let month = fields.date(Field::Month).map(PartialDate::parts);
        let (Some((year, Some(month), _)), Some(days)) = (month, fields.number(Field::MealDays))
        else {
            continue;
        };
        let price = fields.money(Field::MealPrice).map(|price| price.as_fen() * days);
        let fen = fields.money(Field::Amount).map(Money::as_fen).or(price).unwrap_or(0);
        let person = registers.persons[registers.actor_of(at) as usize].id;
        let term = Term::of(jiff::civil::date(year, month, 1));
        out.entry((person, term, meals.kind.to_string())).or_default().1 += fen;
    }
    out
}
