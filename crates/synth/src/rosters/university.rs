//! What students of universities borrow and are given: the lists of loans and of the departments that give.

use fujiao_model::{EnrolmentStatus, Field, HouseholdKind, Money, RosterKind, Stage};
use jiff::civil::date;

use super::headers::{ID, PUPIL};
use super::{Job, job, plain, school_year};
use crate::layout::{Col, Val, col};
use crate::rng::Rng;
use crate::world::World;

const LOANS: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读高校", "高校名称", "就读学校", "学校名称"]),
    col(Field::Term, &["学年", "贷款学年"]),
    col(Field::Amount, &["贷款金额", "贷款金额（元）", "放款金额"]),
    col(Field::PaidOn, &["放款日期", "发放日期", "放款时间"]),
];
const UNIVERSITY_AID: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读高校", "高校名称", "就读学校"]),
    col(Field::Term, &["学年", "资助学年"]),
    col(Field::FundingUnit, &["资助部门", "资助单位"]),
    col(Field::Programme, &["资助项目", "项目名称"]),
    col(Field::Amount, &["资助金额", "资助金额（元）"]),
    col(Field::PaidOn, &["发放日期", "发放时间"]),
];
/// Who else gives to university students: department, programme, yuan, and the share of poor students that it reaches.
const GIVERS: [(&str, &str, i64, f64); 3] = [
    ("总工会", "金秋助学", 3_000, 0.12),
    ("团委", "希望工程圆梦行动", 5_000, 0.06),
    ("慈善协会", "慈善助学", 2_000, 0.05),
];

/// What departments gave university students in a year: a list each.
fn university_aid(world: &World, year: i16, jobs: &mut Vec<Job>) {
    for (salt, (unit, programme, yuan, share)) in (0_u64..).zip(GIVERS) {
        let persons: Vec<(u32, u16)> = world
            .enrolments
            .iter()
            .filter(|e| {
                e.year == year
                    && e.grade.stage() == Stage::Higher
                    && e.status == EnrolmentStatus::Active
            })
            .filter(|e| {
                let h = world.persons[e.person as usize].household;
                world.households[h as usize].kind != HouseholdKind::Ordinary
                    && world.chance(930 + salt, e.person, share)
            })
            .map(|e| (e.person, e.school))
            .collect();
        jobs.push(job(
            format!("{unit}/{programme}_{}", school_year(year)),
            RosterKind::UniversityAid,
            UNIVERSITY_AID,
            persons.len(),
            move |world, _, _| {
                let rows = persons.iter().map(|&(person, school)| {
                    plain(
                        person,
                        vec![
                            world.name(person),
                            Val::Id(world.id(person)),
                            Val::Text(world.schools[usize::from(school)].name.clone()),
                            Val::Text(school_year(year)),
                            Val::Word(unit),
                            Val::Word(programme),
                            Val::Money(Money::yuan(yuan)),
                            Val::Date(date(year, 9, 10)),
                        ],
                    )
                });
                let rows = rows.collect();
                let title = format!("{}{programme}大学生名单", school_year(year));
                vec![world.part("大学生资助", &title, unit, rows)]
            },
        ));
    }
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    for year in world.calendar.years() {
        let rows: Vec<u32> = (0_u32..)
            .zip(&world.enrolments)
            .filter(|(_, e)| {
                e.year == year
                    && e.grade.stage() == Stage::Higher
                    && e.status == EnrolmentStatus::Active
            })
            .map(|(i, _)| i)
            .filter(|i| {
                let h = world.persons[world.enrolments[*i as usize].person as usize].household;
                let poor = world.households[h as usize].kind != HouseholdKind::Ordinary;
                world.chance(91, h, if poor { 0.6 } else { 0.18 })
                    && world.order.as_of > date(year, 9, 20)
            })
            .collect();
        jobs.push(job(
            format!("学生资助中心/生源地贷款_{}", school_year(year)),
            RosterKind::Loans,
            LOANS,
            rows.len(),
            move |world, _, _| {
                let rows = rows.iter().map(|i| &world.enrolments[*i as usize]).map(|e| {
                    let yuan =
                        i64::from(Rng::of(world.hash(92, e.person)).between(12, 40)) * 250 + 2_000;
                    plain(
                        e.person,
                        vec![
                            world.name(e.person),
                            Val::Id(world.id(e.person)),
                            Val::Text(world.schools[usize::from(e.school)].name.clone()),
                            Val::Text(school_year(year)),
                            Val::Money(Money::yuan(yuan)),
                            Val::Date(date(year, 9, 18)),
                        ],
                    )
                });
                let rows = rows.collect();
                vec![world.part(
                    "贷款",
                    &format!("{}生源地信用助学贷款名册", school_year(year)),
                    "学生资助管理中心",
                    rows,
                )]
            },
        ));
    }
    for year in world.calendar.years().filter(|year| world.order.as_of > date(*year, 9, 20)) {
        university_aid(world, year, jobs);
    }
}
