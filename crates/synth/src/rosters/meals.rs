//! School days, meals eaten and days missed, month by month: the workbooks of 营养办 and the lists of absence.

use fujiao_model::{EnrolmentStatus, Field, Money, RosterKind};
use jiff::civil::date;

use super::headers::{CLASS, GRADE, ID, PUPIL, SCHOOL, STUDENT_NO};
use super::{Job, job, plain, school_year_of};
use crate::layout::{Col, Val, col};
use crate::meals;
use crate::schools::Enrolment;
use crate::world::{Month, NONE, World};

const MEALS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::StudentNo, STUDENT_NO).often(0.6),
    col(Field::CitizenId, ID).often(0.6),
    col(Field::Month, &["月份", "供餐月份"]),
    col(Field::MealDays, &["就餐天数", "用餐天数", "供餐天数", "享受天数"]),
    col(Field::MealPrice, &["餐标", "餐标（元）", "补助标准"]),
    col(Field::Amount, &["金额", "金额（元）", "补助金额", "营养餐金额"]),
];
const ABSENCES: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, PUPIL),
    col(Field::StudentNo, STUDENT_NO).often(0.5),
    col(Field::CitizenId, ID).often(0.5),
    col(Field::AbsentFrom, &["缺勤起", "缺勤开始日期", "请假起", "缺课开始时间"])
        .under("缺勤时间", "起"),
    col(Field::AbsentTo, &["缺勤止", "缺勤结束日期", "请假止", "缺课结束时间"])
        .under("缺勤时间", "止"),
    col(Field::AbsentDays, &["缺勤天数", "缺课天数", "请假天数"]),
    col(Field::Reason, &["原因", "缺勤原因", "请假事由"]),
];
const CALENDAR: &[Col] = &[
    col(Field::Month, &["月份", "月"]),
    col(Field::SchoolDays, &["上课天数", "教学天数", "在校天数"]),
    col(Field::SchoolDates, &["上课日期"]),
];

/// A school with its rows of enrolments for a month's school year, by town.
fn rural(world: &World, town: usize, year: i16) -> Vec<u32> {
    world
        .by_school
        .iter()
        .copied()
        .filter(|i| {
            let e = &world.enrolments[*i as usize];
            let school = &world.schools[usize::from(e.school)];
            e.year == year
                && usize::from(school.town) == town
                && school.rural
                && school.kind.serves_meals()
                && e.grade.stage().is_compulsory()
        })
        .collect()
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    let months = &world.calendar.months;
    jobs.push(job(
        "教育局/校历".to_owned(),
        RosterKind::Calendar,
        CALENDAR,
        months.len(),
        |world, _, _| {
            let row = |m: &Month| {
                let dates = crate::world::school_dates(m.0, m.1);
                plain(NONE, vec![Val::Month(m.0, m.1), Val::Int(i64::from(m.2)), Val::Text(dates)])
            };
            let rows = world.calendar.months.iter().map(row).collect();
            vec![world.part("校历", "义务教育学校校历", "教育局", rows)]
        },
    ));
    for month in months {
        for (t, _) in world.towns.iter().enumerate().filter(|(_, t)| !t.seat) {
            jobs.push(meal_list(world, t, *month));
        }
        jobs.push(absence_list(world, *month));
    }
}

fn meal_list(world: &World, town: usize, month: Month) -> Job {
    let rows = rural(world, town, school_year_of(month));
    let name = &world.towns[town].name;
    let path = format!("营养办/{}-{:02}_{name}", month.0, month.1);
    let title = format!("{name}{}年{}月营养改善计划实名制就餐表", month.0, month.1);
    let list = job(path, RosterKind::MealLists, MEALS, rows.len(), move |world, _, rng| {
        let full = rng.chance(0.5);
        let price = meals::price();
        let row = |(e, days): (&Enrolment, u8)| {
            plain(
                e.person,
                vec![
                    Val::Text(world.school_name(e.school, full)),
                    Val::Grade(e.grade),
                    Val::Class(e.class),
                    world.name(e.person),
                    Val::Text(world.student_no(e.person)),
                    Val::Id(world.id(e.person)),
                    Val::Month(month.0, month.1),
                    Val::Int(i64::from(days)),
                    Val::Money(price),
                    Val::Money(Money::fen(price.as_fen() * i64::from(days))),
                ],
            )
        };
        let rows = rows
            .iter()
            .map(|i| &world.enrolments[*i as usize])
            .filter_map(|e| Some((e, meals::claim(world, e, month)?.days)))
            .map(row)
            .collect();
        vec![world.part("实名就餐", &title, "营养改善计划办公室", rows)]
    });
    list.titled(&[Field::Month])
}

fn absence_list(world: &World, month: Month) -> Job {
    let last = date(month.0, month.1, 1).last_of_month();
    let year = school_year_of(month);
    let absent = |i: &u32| {
        let e = &world.enrolments[*i as usize];
        let whole = e.status == EnrolmentStatus::Active || e.left.is_some_and(|d| d > last);
        let twice = e.second && e.year == world.calendar.year;
        e.year == year
            && e.grade.stage().is_compulsory()
            && whole
            && !twice
            && meals::absence(world, e.person, month).is_some()
    };
    let here: Vec<u32> = world.by_school.iter().copied().filter(absent).collect();
    let path = format!("教育局/缺勤/{}-{:02}", month.0, month.1);
    job(path, RosterKind::Absences, ABSENCES, here.len(), move |world, _, rng| {
        let full = rng.chance(0.5);
        let row = |(e, a): (&Enrolment, meals::Absence)| {
            plain(
                e.person,
                vec![
                    Val::Text(world.school_name(e.school, full)),
                    Val::Grade(e.grade),
                    Val::Class(e.class),
                    world.name(e.person),
                    Val::Text(world.student_no(e.person)),
                    Val::Id(world.id(e.person)),
                    Val::Date(a.from),
                    Val::Date(a.to),
                    Val::Int(i64::from(a.days)),
                    Val::Word(world.choose(84, e.person, &["病假", "事假", "病假", "旷课"])),
                ],
            )
        };
        let rows = here
            .iter()
            .map(|i| &world.enrolments[*i as usize])
            .filter_map(|e| Some((e, meals::absence(world, e.person, month)?)))
            .map(row)
            .collect();
        let title = format!("{}年{}月中小学生缺勤统计表", month.0, month.1);
        vec![world.part("缺勤", &title, "教育局", rows)]
    })
}
