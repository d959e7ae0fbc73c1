//! What an assessment asks about staff: posts by the norm, the allowance of rural staff, training that reviews ask for.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Boarding, Field, PartialDate, Period, RosterKind, Stage, Unit};
use fujiao_school::Norms;
use fujiao_school::posts::{Body, Member, Posts, Standing, posts};
use jiff::civil::Date;

use super::duties::{Facts, Owe, push};
use super::posts::{Sat, member, review, to_train};
use crate::assess::Registers;
use crate::assess::duties::Owed;
use crate::registers::enrolments::{counting_on, of_year};

/// Staff by position of the school, with their rows.
fn staff(registers: &Registers) -> BTreeMap<u32, Vec<(Member, u32)>> {
    let mut all: BTreeMap<u32, Vec<(Member, u32)>> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Teachers) {
        let (school, person) = (registers.school_of[at as usize], registers.person_of[at as usize]);
        if school == u32::MAX || person == u32::MAX {
            continue;
        }
        let of = &registers.schools.all[school as usize];
        let fields = &registers.rows[at as usize].fields;
        let person = registers.persons[person as usize].id;
        let rural = of.rural == Some(true);
        all.entry(school).or_default().push((member(fields, person, of.id, rural), at));
    }
    all
}

/// Posts of the schools of an assessment by the norm, by position of the school: what the page of posts shows.
pub(crate) fn posts_by_norm(
    registers: &Registers,
    norms: &Norms,
    facts: &Facts,
) -> BTreeMap<u32, Posts> {
    type Class<'a> = (Stage, u8, &'a str);
    let mut classes: BTreeMap<u32, (BTreeMap<Class<'_>, i64>, i64)> = BTreeMap::new();
    let year = of_year(&registers.enrolments, registers.term.school_year());
    for e in counting_on(year, registers.as_of) {
        let (Some(school), Some(stage)) = (e.school, e.stage) else { continue };
        let class = registers.rows[e.row as usize].fields.text(Field::Class).unwrap_or_default();
        let of = classes.entry(school).or_default();
        *of.0.entry((stage, e.grade.map_or(0, fujiao_model::Grade::year), class)).or_default() += 1;
        of.1 += i64::from(e.boarding == Some(Boarding::Boards));
    }
    let staff = staff(registers);
    let schools: BTreeSet<u32> = classes.keys().chain(staff.keys()).copied().collect();
    schools
        .into_iter()
        .map(|school| {
            let (sat, boarders) = classes.remove(&school).unwrap_or_default();
            let sat: Vec<Sat> =
                sat.into_iter().map(|((stage, year, _), n)| (stage, year, n)).collect();
            let rural = registers.schools.all[school as usize].rural;
            let body = Body::of(norms, registers.as_of, &sat, boarders, rural);
            let own: Vec<&Member> =
                staff.get(&school).into_iter().flatten().map(|s| &s.0).collect();
            (school, posts(norms, registers.as_of, &body, &own, &facts.switched))
        })
        .collect()
}

/// Adds the allowance of rural staff and the training that reviews ask for.
pub(super) fn owe(registers: &Registers, norms: &Norms, out: &mut Owed) {
    let staff = staff(registers);
    // What no roster has a column for is not owed to everybody: it is asked for on the page of posts.
    let says = staff.values().flatten().any(|(m, _)| m.allowance.is_some());
    let year = Period::SchoolYear(registers.term.school_year());
    let (first, last) = year.days().expect("a school year has days");
    let reviews = reviews(registers, first);
    let trained = trained(registers);
    let pass = norms.number("posts.pass_score", registers.as_of).unwrap_or(0);
    for (&at, own) in &staff {
        let school = &registers.schools.all[at as usize];
        if school.closed {
            continue;
        }
        let row = |at: &u32| registers.rows[*at as usize].id;
        let here = || own.iter().filter(|(m, _)| m.standing == Standing::Here);
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        if says && school.rural == Some(true) {
            let with = count(here().filter(|(m, _)| m.allowance == Some(true)).count());
            let unknown = here().filter(|(m, _)| m.allowance.is_none()).count();
            let due = count(here().count());
            let missing = |m: &Member| m.allowance != Some(true);
            push(
                registers,
                at,
                Owe {
                    area: Area::Teachers,
                    kind: "teachers.allowance".into(),
                    period: year,
                    quantity: due,
                    have: with,
                    unit: Unit::Person,
                    due_on: last,
                    bearer: "县教育局".into(),
                    rule: "teachers.allowance@2013".into(),
                    basis: "教财函〔2013〕106号：在连片特困地区乡村学校任教的教师给予生活补助，离开即停".into(),
                    facts: format!("乡村在岗{due}人，登记享受{with}人，没有登记{unknown}人"),
                    sources: here().filter(|(m, _)| missing(m)).map(|(_, at)| row(at)).collect(),
                },
                out,
            );
        }
        let persons: BTreeSet<u64> = here().map(|(m, _)| m.person).collect();
        let scores: Vec<(u64, i64)> = persons
            .iter()
            .flat_map(|p| reviews.get(p).into_iter().flatten().map(|(_, score, _)| (*p, *score)))
            .collect();
        let asks = to_train(norms, registers.as_of, &scores, 1);
        if asks.is_empty() {
            continue;
        }
        let done = asks.iter().filter(|(person, ..)| {
            let reviewed = reviews[person].iter().map(|r| r.0).max();
            trained.get(person).is_some_and(|on| Some(*on) >= reviewed)
        });
        let done = count(done.count());
        push(
            registers,
            at,
            Owe {
                area: Area::Teachers,
                kind: "teachers.training".into(),
                period: year,
                quantity: count(asks.len()),
                have: done,
                unit: Unit::Person,
                due_on: last,
                bearer: "县教研室".into(),
                rule: "teachers.training@2016".into(),
                basis: "县里确定：听课和测试平均低于标准的教师当学年培训；标准见 school.toml 的 posts.pass_score".into(),
                facts: format!("平均低于满分{}%的{}人，之后培训过{done}人", pass / 10, asks.len()),
                sources: asks
                    .iter()
                    .flat_map(|(person, ..)| reviews[person].iter().map(|r| r.2))
                    .collect(),
            },
            out,
        );
    }
}

/// Day, score and row of reviews since a day, by person.
fn reviews(registers: &Registers, since: Date) -> BTreeMap<u64, Vec<(Date, i64, u64)>> {
    let mut all: BTreeMap<u64, Vec<(Date, i64, u64)>> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::TeacherReviews) {
        let (row, person) = (&registers.rows[at as usize], registers.actor_of(at));
        let found = review(&row.fields).filter(|(on, _)| *on >= since && *on <= registers.as_of);
        if let Some((on, score)) = found.filter(|_| person != u32::MAX) {
            let person = registers.persons[person as usize].id;
            all.entry(person).or_default().push((on, score, row.id));
        }
    }
    all
}

/// When somebody's last training ended, by person.
fn trained(registers: &Registers) -> BTreeMap<u64, Date> {
    let mut all: BTreeMap<u64, Date> = BTreeMap::new();
    for &at in registers.by_kind.get(RosterKind::Training) {
        let (fields, person) = (&registers.rows[at as usize].fields, registers.actor_of(at));
        let to = fields.date(Field::TrainedTo).or_else(|| fields.date(Field::TrainedFrom));
        if let Some(on) = to.map(PartialDate::latest).filter(|on| *on <= registers.as_of)
            && person != u32::MAX
        {
            let of = all.entry(registers.persons[person as usize].id).or_insert(on);
            *of = (*of).max(on);
        }
    }
    all
}
