//! Who looks after whom: pairings, records of contact, and how the pupils fare who are looked after.

use fujiao_model::{EnrolmentStatus, Field, RosterKind, Season, Stage, Term};
use jiff::Span;
use jiff::civil::{Date, date};

use super::headers::{CLASS, GRADE, ID, PUPIL, SCHOOL};
use super::{Job, job, plain, school_year, school_year_of};
use crate::aid::is_followed;
use crate::layout::{Col, Val, col};
use crate::rng::Rng;
use crate::schools::Enrolment;
use crate::world::World;

const PAIRINGS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::MentorName, &["帮扶责任人姓名", "帮扶教师姓名", "结对教师", "帮扶人姓名"])
        .under("帮扶责任人", "姓名"),
    col(Field::MentorPhone, &["帮扶责任人电话", "帮扶责任人联系方式", "帮扶教师电话"])
        .under("帮扶责任人", "联系电话"),
    col(Field::MentorUnit, &["帮扶责任人单位", "帮扶单位", "帮扶教师单位"])
        .under("帮扶责任人", "单位"),
    col(Field::PairedFrom, &["结对起始", "结对日期", "结对开始时间", "结对时间"]),
    col(Field::PairedTo, &["结对截止", "结对结束时间", "解除结对时间"]),
];
const CONTACTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID).often(0.7),
    col(Field::MentorName, &["帮扶责任人姓名", "帮扶教师姓名", "帮扶人姓名"]),
    col(Field::ContactOn, &["联系日期", "联系时间", "帮扶日期", "活动日期"]),
    col(Field::ContactKind, &["联系方式（谈心、家访、电话）", "联系形式", "帮扶形式", "帮扶方式"]),
    col(Field::Note, &["帮扶内容", "备注", "记录"]),
];
const LEFT_BEHIND_PUPILS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::LeftBehindKind, &["留守类型", "是否留守儿童", "留守儿童类型"]),
];
const MARKS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::ScoreChinese, &["语文", "语文成绩"]),
    col(Field::ScoreMaths, &["数学", "数学成绩"]),
    col(Field::ScoreEnglish, &["英语", "英语成绩"]),
];

/// A pupil's mentor of this school year.
struct Pair {
    mentor: u32,
    from: Date,
    to: Option<Date>,
}

fn pair(world: &World, e: &Enrolment) -> Option<Pair> {
    let person = &world.persons[e.person as usize];
    let stage = matches!(
        e.grade.stage(),
        Stage::Primary | Stage::Junior | Stage::Senior | Stage::Vocational
    );
    if !stage
        || e.second
        || e.status != EnrolmentStatus::Active
        || !is_followed(world, person.household, world.order.as_of)
    {
        return None;
    }
    let mut rng = Rng::of(world.hash(88, e.person));
    let from = world.staff.partition_point(|s| s.school < e.school);
    let staff =
        &world.staff[from..from + world.staff[from..].partition_point(|s| s.school == e.school)];
    if staff.is_empty() || rng.chance(0.07) {
        return None;
    }
    let mentor = staff[rng.index(staff.len())].person;
    let from = date(world.calendar.year, 9, i8::try_from(rng.between(1, 12)).expect("a day"));
    let to = rng
        .chance(0.02)
        .then(|| world.order.as_of.checked_sub(Span::new().days(3)).expect("long after year 1"))
        .filter(|d| *d > from);
    (from < world.order.as_of).then_some(Pair { mentor, from, to })
}

pub(super) fn pairs(world: &World, jobs: &mut Vec<Job>) {
    jobs.push(job(
        "教育局/结对帮扶".to_owned(),
        RosterKind::Pairings,
        PAIRINGS,
        world.persons.len() / 10,
        |world, _, rng| {
            let full = rng.chance(0.5);
            let mut rows = Vec::new();
            for e in world
                .by_school
                .iter()
                .map(|i| &world.enrolments[*i as usize])
                .filter(|e| e.year == world.calendar.year)
            {
                let Some(pair) = pair(world, e) else { continue };
                rows.push(plain(
                    e.person,
                    vec![
                        Val::Text(world.school_name(e.school, full)),
                        Val::Grade(e.grade),
                        Val::Class(e.class),
                        world.name(e.person),
                        Val::Id(world.id(e.person)),
                        world.name(pair.mentor),
                        Val::Text(world.phone(14, pair.mentor)),
                        Val::Text(world.school_name(e.school, full)),
                        Val::Date(pair.from),
                        Val::date(pair.to),
                    ],
                ));
            }
            vec![world.part("结对", "教师结对帮扶脱贫家庭学生台账", "教育局", rows)]
        },
    ));
    let months =
        world.calendar.months.iter().copied().filter(|m| school_year_of(*m) == world.calendar.year);
    for month in months {
        jobs.push(job(
            format!("教育局/联系记录/{}-{:02}", month.0, month.1),
            RosterKind::Contacts,
            CONTACTS,
            world.persons.len() / 10,
            move |world, _, rng| {
                let full = rng.chance(0.5);
                let mut rows = Vec::new();
                for e in world
                    .by_school
                    .iter()
                    .map(|i| &world.enrolments[*i as usize])
                    .filter(|e| e.year == world.calendar.year)
                {
                    let Some(pair) = pair(world, e) else { continue };
                    let mut rng = Rng::of(
                        world.hash(89 + (u64::from(month.1.unsigned_abs()) << 8), e.person),
                    );
                    if rng.chance(0.06) {
                        continue;
                    }
                    // One mentor in twelve brings things and never talks.
                    let things = world.chance(90, pair.mentor, 0.08);
                    let (kind, note) = if things {
                        ("送物", "送学习用品")
                    } else {
                        rng.weighted(&[
                            (("谈心", "了解思想和学习情况"), 40),
                            (("家访", "入户走访"), 20),
                            (("电话", "与家长通话"), 20),
                            (("课业辅导", "辅导作业"), 20),
                        ])
                    };
                    let day =
                        date(month.0, month.1, i8::try_from(rng.between(13, 28)).expect("a day"));
                    rows.push(plain(
                        e.person,
                        vec![
                            Val::Text(world.school_name(e.school, full)),
                            Val::Text(format!("{}{}班", e.grade.chinese(), e.class)),
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            world.name(pair.mentor),
                            Val::Date(day),
                            Val::Word(kind),
                            Val::Word(note),
                        ],
                    ));
                }
                vec![world.part(
                    "联系记录",
                    &format!("{}年{}月帮扶责任人联系学生记录", month.0, month.1),
                    "教育局",
                    rows,
                )]
            },
        ));
    }
}

/// Whether a pupil of compulsory school has a parent away, as the statistics of education count it: one is enough.
fn left_behind_pupil(world: &World, e: &Enrolment) -> Option<&'static str> {
    let counted = e.grade.stage().is_compulsory()
        && !e.second
        && e.status == EnrolmentStatus::Active
        && world.household(e.person).parents_away
        && world.chance(98, e.person, 0.6);
    counted.then(|| {
        if world.chance(99, e.person, 0.45) { "双亲留守儿童" } else { "单亲留守儿童" }
    })
}

/// 教育统计口径的留守学生, and the marks of pupils whom somebody looks after.
pub(super) fn pupils_looked_after(world: &World, jobs: &mut Vec<Job>) {
    let pupils = |world: &World| -> Vec<u32> {
        let now = |i: &u32| world.enrolments[*i as usize].year == world.calendar.year;
        world.by_school.iter().copied().filter(now).collect()
    };
    let year = world.calendar.year;
    jobs.push(job(
        format!("教育局/留守学生统计_{}", school_year(year)),
        RosterKind::LeftBehindPupils,
        LEFT_BEHIND_PUPILS,
        world.persons.len() / 20,
        move |world, _, rng| {
            let full = rng.chance(0.5);
            let mut rows = Vec::new();
            for i in pupils(world) {
                let e = &world.enrolments[i as usize];
                let Some(kind) = left_behind_pupil(world, e) else { continue };
                rows.push(plain(
                    e.person,
                    vec![
                        Val::Text(world.school_name(e.school, full)),
                        Val::Grade(e.grade),
                        Val::Class(e.class),
                        world.name(e.person),
                        Val::Id(world.id(e.person)),
                        Val::Word(kind),
                    ],
                ));
            }
            let title = format!("{}留守学生名册（教育统计）", school_year(year));
            vec![world.part("留守学生", &title, "教育局", rows)]
        },
    ));
    // The spring's last examination, and the first test of this autumn once it was held.
    let spring = Term::new(year, Season::Spring);
    let autumn = Term::new(year, Season::Autumn);
    let held = world.order.as_of >= date(year, 10, 10);
    for (term, name, now) in [(spring, "期末", false), (autumn, "第一次质量检测", true)]
        .into_iter()
        .filter(|t| !t.2 || held)
    {
        jobs.push(job(
            format!("教育局/学业成绩/{}{name}", term.chinese()),
            RosterKind::Marks,
            MARKS,
            world.persons.len() / 12,
            move |world, _, rng| {
                let full = rng.chance(0.5);
                let mut rows = Vec::new();
                for i in pupils(world) {
                    let e = &world.enrolments[i as usize];
                    let tested = e.grade.stage().is_compulsory()
                        && (e.grade.stage() == Stage::Junior || e.grade.year() >= 4)
                        && !e.second
                        && e.status == EnrolmentStatus::Active;
                    let paired = pair(world, e);
                    if !tested || (paired.is_none() && left_behind_pupil(world, e).is_none()) {
                        continue;
                    }
                    // Who is talked with does a little better; who only gets things does not.
                    let talks = paired.is_some_and(|pair| !world.chance(90, pair.mentor, 0.08));
                    let gain = if now && talks { 1.5 } else { 0.0 };
                    let able = Rng::of(world.hash(100, e.person)).unit() * 46.0;
                    let mut rng = Rng::of(world.hash(101 + u64::from(now) * 16, e.person));
                    let mut score = |base: f64| {
                        let points = base + able + gain + rng.unit() * 14.0;
                        Val::Decimal((points.min(100.0) * 2.0).round() / 2.0)
                    };
                    rows.push(plain(
                        e.person,
                        vec![
                            Val::Text(world.school_name(e.school, full)),
                            Val::Grade(e.grade),
                            Val::Class(e.class),
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            score(43.0),
                            score(38.0),
                            score(32.0),
                        ],
                    ));
                }
                let title = format!("{}{name}成绩（结对和留守学生，满分100）", term.chinese());
                vec![world.part("成绩", &title, "教育局", rows)]
            },
        ));
    }
}
