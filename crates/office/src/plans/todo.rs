//! What an accepted plan asks, of whom and by when; and how far it is done, as the registers say.

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Area, Because, Division, Duty, Field, Period, Subject, Unit};
use fujiao_store::{PlanDuty, Scenario};
use jiff::civil::{Date, date};

use super::said::{self, Action};
use crate::assess::Registers;
use crate::assess::duties::{Owed, Stock};

/// Kinds of what plans ask, with their names in both languages.
pub(crate) const KINDS: [(&str, &str, &str); 9] = [
    ("plan.build", "按规划新设教学点", "Teaching point to build, by plan"),
    ("plan.reopen", "按规划恢复校点", "School to reopen, by plan"),
    ("plan.close", "按规划并校", "School to merge, by plan"),
    ("plan.classes", "按规划应有班数", "Classes, by plan"),
    ("plan.beds", "按规划应有床位", "Beds, by plan"),
    ("plan.canteen", "按规划应有食堂", "Canteen, by plan"),
    ("plan.bus", "按规划开校车", "School bus, by plan"),
    ("plan.rooms", "按规划应有教室", "Class rooms, by plan"),
    ("plan.upgrade", "按规划办成完全小学", "Complete primary school, by plan"),
];

/// The office that answers for the county's schools.
const BUREAU: &str = "县教育局";

/// A line before it is numbered.
struct Line {
    kind: &'static str,
    area: Area,
    subject: Subject,
    place: u64,
    quantity: u32,
    unit: Unit,
    due_on: Date,
    bearer: String,
    facts: String,
}

/// What a plan asks; the schools' part is due before the school year after next begins, buildings when they must stand.
pub(super) fn lines(
    scenario: &Scenario,
    result: &said::Result,
    accepted_on: Date,
) -> Vec<PlanDuty> {
    // Accepted before March, a plan holds from the coming September on.
    let year = accepted_on.year() + i16::from(accepted_on.month() >= 3);
    let due_on = date(year, 8, 31);
    let mut lines = Vec::new();
    match result {
        said::Result::Sites(plan) => {
            for school in &plan.schools {
                of_school(school, due_on, &mut lines);
            }
        }
        said::Result::Ahead(plan) => {
            let mut stands: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
            for b in &plan.buildings {
                let of = stands.entry(b.id).or_default();
                *of = (of.0 + b.rooms, of.1 + b.beds);
                let (decide, needed) = b.years;
                let facts = format!(
                    "{needed}年秋要用：添教室{}间、床位{}个，{decide}年立项，约{:.1}万元",
                    b.rooms,
                    b.beds,
                    wan(b.yuan)
                );
                let mut add = |kind, quantity: u32, unit| {
                    if quantity > 0 {
                        lines.push(Line {
                            kind,
                            area: Area::Conditions,
                            subject: Subject::school(b.id),
                            place: b.place,
                            quantity,
                            unit,
                            due_on: date(needed, 8, 31),
                            bearer: BUREAU.to_owned(),
                            facts: facts.clone(),
                        });
                    }
                };
                add("plan.rooms", b.rooms, Unit::Piece);
                add("plan.beds", b.beds, Unit::Piece);
            }
        }
        said::Result::Short { .. } => {}
    }
    (1..)
        .zip(lines)
        .map(|(line, l)| PlanDuty {
            scenario: scenario.id,
            line,
            area: l.area,
            kind: l.kind.to_owned(),
            subject: l.subject,
            place: Division::from_code(l.place).ok(),
            quantity: l.quantity.into(),
            unit: l.unit,
            due_on: l.due_on,
            bearer: l.bearer,
            facts: l.facts,
            done: None,
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "yuan of one county")]
fn wan(yuan: u64) -> f64 {
    yuan as f64 / 10_000.0
}

fn of_school(school: &said::School, due_on: Date, lines: &mut Vec<Line>) {
    let subject = match school.id {
        Some(id) => Subject::school(id),
        None => match Division::from_code(school.place) {
            Ok(place) => Subject::place(place),
            Err(_) => return,
        },
    };
    let mut add = |kind, area, quantity: u32, facts: String| {
        lines.push(Line {
            kind,
            area,
            subject,
            place: school.place,
            quantity,
            unit: Unit::Piece,
            due_on,
            bearer: BUREAU.to_owned(),
            facts,
        });
    };
    let children = school.children;
    match (school.action, school.plan) {
        (Action::Build, Some(form)) => {
            let facts = format!("{children}名孩子就近上学，{}个班", form.classes);
            add("plan.build", Area::Conditions, 1, facts);
        }
        (Action::Reopen, Some(form)) => {
            let facts = format!("{children}名孩子就近上学，{}个班", form.classes);
            add("plan.reopen", Area::Conditions, 1, facts);
        }
        (Action::Close, _) => {
            let facts = format!("{}名孩子改到别的学校，先办好再并", school.children_today);
            add("plan.close", Area::Places, 1, facts);
        }
        (Action::Change, Some(plan)) => {
            let today = school.today.unwrap_or(plan);
            if plan.classes != today.classes {
                let facts = format!("班数由{}到{}，{children}名孩子", today.classes, plan.classes);
                if plan.classes > today.classes {
                    add("plan.classes", Area::Conditions, plan.classes, facts);
                }
            }
            if plan.beds && !today.beds {
                let facts = format!("{}名孩子住校", school.boarders);
                add("plan.beds", Area::Conditions, school.boarders.max(1), facts);
            }
            if plan.canteen && !today.canteen {
                add("plan.canteen", Area::Conditions, 1, format!("{children}名孩子中午在校吃"));
            }
            if plan.bus && !today.bus {
                add("plan.bus", Area::Conditions, 1, format!("接送{}名孩子", school.riders));
            }
            if plan.whole && !today.whole {
                add("plan.upgrade", Area::Conditions, 1, "由教学点办成完全小学".to_owned());
            }
        }
        _ => {}
    }
}

/// Adds what accepted plans ask to what is owed, with what the registers have of it.
pub(crate) fn add(registers: &Registers, plans: &[(Scenario, Vec<PlanDuty>)], out: &mut Owed) {
    for (scenario, lines) in plans {
        let rule: Arc<str> = format!(
            "plan.{}@{}",
            scenario.id,
            scenario.made_at.to_string().get(..10).unwrap_or("")
        )
        .into();
        let note = scenario.note.as_deref().unwrap_or_default();
        let basis: Arc<str> =
            format!("规划“{}”{}{note}", scenario.title, if note.is_empty() { "" } else { "，" })
                .into();
        for line in lines {
            let school = (line.subject.kind == fujiao_model::SubjectKind::School)
                .then(|| registers.schools.all.iter().find(|s| s.id == line.subject.id))
                .flatten();
            let row = school.and_then(|s| s.row);
            let source = row.map(|r| registers.rows[r as usize].id);
            let period = Period::SchoolYear(line.due_on.year());
            let fields = row.map(|r| &registers.rows[r as usize].fields);
            let number = |field| fields.and_then(|f| f.number(field));
            let have = match (&line.done, line.kind.as_str()) {
                (Some(_), _) => Some(line.quantity),
                (None, "plan.classes" | "plan.rooms") if line.kind == "plan.classes" => {
                    number(Field::Classes)
                }
                (None, "plan.canteen") => number(Field::CanteenArea).map(|a| i64::from(a > 0)),
                (None, "plan.close") => school.map(|s| i64::from(s.closed)),
                (None, "plan.reopen") => school.map(|s| i64::from(!s.closed)),
                _ => Some(0),
            };
            out.duties.push(Duty {
                area: line.area,
                kind: line.kind.as_str().into(),
                subject: line.subject,
                period,
                quantity: line.quantity,
                unit: line.unit,
                due_on: line.due_on,
                bearer: line.bearer.as_str().into(),
                place: line.place,
                because: Because {
                    rule: Arc::clone(&rule),
                    basis: Arc::clone(&basis),
                    facts: line.facts.as_str().into(),
                    sources: source.into_iter().collect(),
                },
            });
            if let Some(have) = have.filter(|n| *n > 0) {
                out.stocks.push(Stock {
                    area: line.area,
                    kind: line.kind.as_str().into(),
                    subject: line.subject,
                    period,
                    unit: line.unit,
                    have: have.min(line.quantity),
                    need: line.quantity,
                    place: line.place,
                    evidence: source.unwrap_or(0),
                });
            }
        }
    }
}
