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
pub(crate) const KINDS: [(&str, &str, &str); 15] = [
    ("plan.build", "按规划新设教学点", "Teaching point to build, by plan"),
    ("plan.reopen", "按规划恢复校点", "School to reopen, by plan"),
    ("plan.close", "按规划并校", "School to merge, by plan"),
    ("plan.classes", "按规划应有班数", "Classes, by plan"),
    ("plan.beds", "按规划应有床位", "Beds, by plan"),
    ("plan.canteen", "按规划应有食堂", "Canteen, by plan"),
    ("plan.bus", "按规划开校车", "School bus, by plan"),
    ("plan.rooms", "按规划应有教室", "Class rooms, by plan"),
    ("plan.upgrade", "按规划办成完全小学", "Complete primary school, by plan"),
    ("plan.rotate", "按规划调入教师", "Teachers to move in, by plan"),
    ("plan.recruit", "按规划招聘教师", "Teachers to recruit, by plan"),
    ("plan.train", "按规划转岗培训", "Teachers to retrain, by plan"),
    ("plan.receive", "按规划接收搬迁孩子", "Relocated children to take in, by plan"),
    ("plan.project", "按规划办的项目", "Project, by plan"),
    ("plan.course", "按规划开的培训班", "Course to hold, by plan"),
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
        said::Result::Teachers(plan) => of_teachers(plan, due_on, &mut lines),
        said::Result::Places(plan) => of_places(plan, due_on, &mut lines),
        said::Result::Money(plan) => of_money(plan, &mut lines),
        said::Result::Courses(plan) => of_courses(plan, &mut lines),
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

/// The office that trains the county's teachers.
const TRAINERS: &str = "县教师进修学校";

/// Who moves in, by school and named in the plan; whom to recruit, by school; whom to train, by group.
fn of_teachers(plan: &said::Teachers, due_on: Date, lines: &mut Vec<Line>) {
    let mut add = |kind, school: u32, quantity: u32, bearer: &str, facts: String| {
        let school = &plan.schools[school as usize];
        lines.push(Line {
            kind,
            area: Area::Teachers,
            subject: Subject::school(school.id),
            place: school.place,
            quantity,
            unit: Unit::Person,
            due_on,
            bearer: bearer.to_owned(),
            facts,
        });
    };
    let mut into: BTreeMap<u32, Vec<&said::Move>> = BTreeMap::new();
    for moves in &plan.moves {
        into.entry(moves.to).or_default().push(moves);
    }
    for (school, moves) in into {
        let count = |of: &dyn Fn(&said::Move) -> bool| moves.iter().filter(|m| of(m)).count();
        let subjects: std::collections::BTreeSet<&str> =
            moves.iter().map(|m| m.subject.as_str()).collect();
        let subjects = subjects.into_iter().collect::<Vec<_>>().join("、");
        let (turn, backbone) = (count(&|m| m.why == "turn"), count(&|m| m.backbone));
        let facts = format!("{subjects}，其中轮岗{turn}人、骨干{backbone}人；名单在规划里");
        add("plan.rotate", school, u32::try_from(moves.len()).unwrap_or(0), BUREAU, facts);
    }
    let mut wanted: BTreeMap<u32, Vec<(&str, u32)>> = BTreeMap::new();
    for recruit in &plan.recruits {
        for &(school, number) in &recruit.schools {
            wanted.entry(school).or_default().push((&recruit.subject, number));
        }
    }
    for (school, subjects) in wanted {
        let number = subjects.iter().map(|s| s.1).sum();
        let named: Vec<String> = subjects.iter().map(|(s, n)| format!("{s}{n}人")).collect();
        let facts = format!("{}，服务期{}年", named.join("、"), plan.pledge_years);
        add("plan.recruit", school, number, BUREAU, facts);
    }
    for group in &plan.groups {
        let facts = format!("学教{}，结业后补空岗；名单在规划里", group.subject);
        let number = u32::try_from(group.learners.len()).unwrap_or(0);
        add("plan.train", group.venue, number, TRAINERS, facts);
    }
}

/// Relocated children whom a school takes in beside those whom it has.
fn of_places(plan: &said::Places, due_on: Date, lines: &mut Vec<Line>) {
    let mut comes: BTreeMap<u32, u32> = BTreeMap::new();
    for family in &plan.families {
        for &(school, children, _) in &family.plan {
            let here = family.today.iter().find(|t| t.0 == school).map_or(0, |t| t.1);
            *comes.entry(school).or_default() += children.saturating_sub(here);
        }
    }
    for (school, children) in comes.into_iter().filter(|c| c.1 > 0) {
        let school = &plan.schools[school as usize];
        let stage = if school.stage == "junior" { "初中" } else { "小学" };
        lines.push(Line {
            kind: "plan.receive",
            area: Area::Places,
            subject: Subject::school(school.id),
            place: school.place,
            quantity: children,
            unit: Unit::Person,
            due_on,
            bearer: BUREAU.to_owned(),
            facts: format!("{stage}，搬迁孩子新来{children}名，共{}名；名单在规划里", school.plan),
        });
    }
}

/// Each project that is paid, done by the end of the year that pays it.
fn of_money(plan: &said::Money, lines: &mut Vec<Line>) {
    for project in &plan.projects {
        let Some(paid) = &project.paid else { continue };
        let subject = match (project.school, Division::from_code(project.place)) {
            (Some(id), _) => Subject::school(id),
            (None, Ok(place)) => Subject::place(place),
            (None, Err(_)) => continue,
        };
        let from: Vec<String> = paid
            .from
            .iter()
            .map(|(purse, yuan)| {
                let name = &plan.purses[*purse as usize].name;
                format!("{name}{:.1}万元", wan(u64::from(*yuan)))
            })
            .collect();
        let bearer =
            if project.bearer.is_empty() { BUREAU.to_owned() } else { project.bearer.clone() };
        lines.push(Line {
            kind: "plan.project",
            area: Area::Conditions,
            subject,
            place: project.place,
            quantity: 1,
            unit: Unit::Piece,
            due_on: date(paid.year, 12, 31),
            bearer,
            facts: format!("{}，{}年，{}", project.name, paid.year, from.join("、")),
        });
    }
}

/// Each session that is held: people trained there by its last day.
fn of_courses(plan: &said::Courses, lines: &mut Vec<Line>) {
    for s in plan.sessions.iter().filter(|s| s.held && s.comes > 0) {
        let (Ok(town), Ok(to)) = (Division::from_code(s.town), s.to.parse()) else { continue };
        lines.push(Line {
            kind: "plan.course",
            area: Area::Training,
            subject: Subject::place(town),
            place: s.town,
            quantity: s.comes,
            unit: Unit::Person,
            due_on: to,
            bearer: s.provider.clone(),
            facts: format!("{}，{}到{}，{} {}", s.course, s.from, s.to, s.room, s.trainer),
        });
    }
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
