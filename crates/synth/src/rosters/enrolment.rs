//! Who learns where, and who is excused: the lists of 学籍, of students away from home, of children legally out of school.

use fujiao_model::{EnrolmentStatus, ExemptionKind, Field, RosterKind};

use super::headers::{
    BORN, CLASS, GRADE, GUARDIAN, GUARDIAN_PHONE, ID, PUPIL, SCHOOL, SEX, STUDENT_NO, TOWN, VILLAGE,
};
use super::{Job, job, numbered, plain, school_year, stretches};
use crate::layout::{Col, Part, Row, Val, col};
use crate::schools::{Enrolment, Kind};
use crate::world::{ETHNICITY, World};

const ENROLMENTS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::SchoolCode, &["学校标识码", "学校代码"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::Name, &["姓名", "学生姓名"]),
    col(Field::Sex, SEX),
    col(Field::BirthDate, BORN),
    col(Field::Ethnicity, &["民族"]),
    col(Field::CitizenId, &["身份证件号", "身份证号", "身份证号码", "身份证件号码", "证件号码"]),
    col(Field::StudentNo, STUDENT_NO),
    col(Field::Boarding, &["就读方式", "是否住宿生", "是否寄宿", "住宿情况"]),
    col(Field::EnrolmentStatus, &["学籍状态", "就读状态", "学生状态"]),
    col(Field::LeftOn, &["离校日期", "离校时间", "变动日期"]),
    col(Field::EnteredOn, &["入学年月", "入学时间"]).often(0.7),
    col(Field::GuardianName, GUARDIAN).under("监护人", "姓名"),
    col(Field::GuardianPhone, GUARDIAN_PHONE).under("监护人", "联系电话"),
    col(Field::Town, TOWN).often(0.7).under("家庭住址", "乡镇"),
    col(Field::Village, VILLAGE).often(0.7).under("家庭住址", "村"),
];
const HIGHER: &[Col] = &[
    col(Field::Name, &["姓名", "学生姓名"]),
    col(Field::Sex, SEX),
    col(Field::CitizenId, ID),
    col(Field::School, &["就读院校", "学校名称", "院校名称", "学校"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Schooling, &["在校生状况", "培养层次", "学历层次"]),
    col(Field::Grade, GRADE),
    col(Field::EnrolmentStatus, &["学籍状态", "就读状态"]),
    col(Field::LeftOn, &["离校日期", "离校时间"]).often(0.6),
    col(Field::Destination, &["去向", "省内/省外", "就读地"]),
    col(Field::GuardianName, GUARDIAN),
    col(Field::GuardianPhone, GUARDIAN_PHONE),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];
const EXEMPTIONS: &[Col] = &[
    col(Field::Name, PUPIL),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, BORN),
    col(Field::ExemptionKind, &["不在校类别", "不在校原因", "情况类别"]),
    col(Field::DocumentNo, &["文号", "批准文号", "证明文号"]),
    col(Field::ValidFrom, &["起始日期", "批准起始日期", "有效期起"]),
    col(Field::ValidTo, &["有效期至", "截止日期", "批准截止日期"]),
    col(Field::Destination, &["去向", "就读地"]),
    col(Field::GuardianName, GUARDIAN),
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
];

fn guardian_phone(world: &World, e: &Enrolment) -> String {
    world
        .class_phone(e)
        .unwrap_or_else(|| world.phone_of(world.persons[e.person as usize].guardian))
}

fn enrolment(world: &World, e: &Enrolment, full: bool) -> Row {
    let person = &world.persons[e.person as usize];
    let school = &world.schools[usize::from(e.school)];
    let status = match e.status {
        EnrolmentStatus::Active => "在读",
        other => other.chinese(),
    };
    plain(
        e.person,
        vec![
            Val::Text(world.school_name(e.school, full)),
            Val::Text(school.code.clone()),
            Val::Word(e.grade.stage().chinese()),
            Val::Grade(e.grade),
            Val::Class(e.class),
            world.name(e.person),
            Val::Sex(person.sex),
            Val::Date(person.born),
            Val::Word(ETHNICITY[usize::from(person.ethnicity)]),
            Val::Id(world.id(e.person)),
            world.pupil_no(e.person, e.grade),
            Val::Boards(e.boards),
            Val::Word(status),
            Val::date(e.left),
            Val::Month(e.year + 1 - i16::from(e.grade.year()), 9),
            world.name(person.guardian),
            Val::Text(guardian_phone(world, e)),
            world.town_name(e.person),
            world.village_name(e.person),
        ],
    )
}

fn student(world: &World, e: &Enrolment) -> Row {
    let person = &world.persons[e.person as usize];
    let school = &world.schools[usize::from(e.school)];
    plain(
        e.person,
        vec![
            world.name(e.person),
            Val::Sex(person.sex),
            Val::Id(world.id(e.person)),
            Val::Text(school.name.clone()),
            Val::Word("大学"),
            Val::Word(school.level),
            Val::Grade(e.grade),
            Val::Word(if e.status == EnrolmentStatus::Active {
                "在读"
            } else {
                e.status.chinese()
            }),
            Val::date(e.left),
            Val::Word(school.destination),
            world.name(person.guardian),
            Val::Text(world.phone_of(person.guardian)),
            world.town_name(e.person),
            world.village_name(e.person),
        ],
    )
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    let school_of = |i: u32| world.enrolments[i as usize].school;
    for year in world.calendar.years() {
        let of_year = |i: &&u32| world.enrolments[**i as usize].year == year;
        let (away, local): (Vec<u32>, Vec<u32>) = world
            .by_school
            .iter()
            .filter(of_year)
            .partition(|i| world.schools[usize::from(school_of(**i))].kind == Kind::College);
        if year == world.calendar.year {
            for group in local.chunk_by(|a, b| school_of(*a) == school_of(*b)) {
                jobs.push(school_list(world, school_of(group[0]), year, group.to_vec()));
            }
        } else {
            let parts = stretches(local.len());
            let n = parts.len();
            for (i, part) in parts.into_iter().enumerate() {
                let path = format!("教育局/学籍/{}全县学生", school_year(year));
                jobs.push(county_list(numbered(path, i, n), year, local[part].to_vec()));
            }
        }
        jobs.push(student_list(year, away));
    }
    jobs.push(exemption_list(world));
}

/// This year's list of one school; some schools give each grade a sheet.
fn school_list(world: &World, school: u16, year: i16, rows: Vec<u32>) -> Job {
    let s = &world.schools[usize::from(school)];
    let path = format!("教育局/学籍/{}_{}", school_year(year), s.name);
    let by_grade = world.chance(96, u32::from(school), 0.15);
    let size = rows.len();
    let list = job(path, RosterKind::Enrolments, ENROLMENTS, size, move |world, _, rng| {
        let full = rng.chance(0.6);
        let s = &world.schools[usize::from(school)];
        let code = if s.code.is_empty() {
            String::new()
        } else {
            format!("    学校标识码：{}", s.code)
        };
        let name = world.school_name(school, true);
        let titles = vec![
            world.title(&format!("{}学生学籍信息表", s.name)),
            format!("学校名称：{name}{code}    学年：{}", school_year(year)),
        ];
        let grade = |i: u32| world.enrolments[i as usize].grade;
        rows.chunk_by(|a, b| !by_grade || grade(*a) == grade(*b))
            .map(|chunk| Part {
                name: if by_grade { grade(chunk[0]).chinese() } else { "学生名册" }.to_owned(),
                titles: titles.clone(),
                rows: chunk
                    .iter()
                    .map(|i| enrolment(world, &world.enrolments[*i as usize], full))
                    .collect(),
            })
            .collect()
    });
    let list = list.titled(&[Field::School, Field::SchoolCode]);
    if by_grade { list.of_sheets() } else { list }
}

fn county_list(path: String, year: i16, rows: Vec<u32>) -> Job {
    job(path, RosterKind::Enrolments, ENROLMENTS, rows.len(), move |world, _, rng| {
        let full = rng.chance(0.6);
        let row = |i: &u32| enrolment(world, &world.enrolments[*i as usize], full);
        let title = format!("{}中小学（幼儿园）学生信息表", school_year(year));
        vec![world.part("全县学生", &title, "教育局", rows.iter().map(row).collect())]
    })
}

fn student_list(year: i16, rows: Vec<u32>) -> Job {
    let path = format!("学生资助中心/在外就读大学生_{}", school_year(year));
    job(path, RosterKind::Enrolments, HIGHER, rows.len(), move |world, _, _| {
        let rows = rows.iter().map(|i| student(world, &world.enrolments[*i as usize])).collect();
        let title = format!("{}在外就读大学生名册", school_year(year));
        vec![world.part("大学生", &title, "学生资助管理中心", rows)]
    })
}

fn exemption_list(world: &World) -> Job {
    let path = "教育局/合法不在校儿童".to_owned();
    job(path, RosterKind::Exemptions, EXEMPTIONS, world.exemptions.len(), |world, _, _| {
        let row = |(i, e): (usize, &crate::schools::Exemption)| {
            let person = &world.persons[e.person as usize];
            let elsewhere = e.kind == ExemptionKind::SchooledElsewhere;
            plain(
                e.person,
                vec![
                    world.name(e.person),
                    Val::Id(world.id(e.person)),
                    Val::Date(person.born),
                    Val::Word(e.kind.chinese()),
                    Val::Text(world.document("教证", e.from.year(), i + 1)),
                    Val::Date(e.from),
                    Val::Date(e.to),
                    if elsewhere { Val::Word("省外") } else { Val::None },
                    world.name(person.guardian),
                    world.town_name(e.person),
                    world.village_name(e.person),
                ],
            )
        };
        let rows = world.exemptions.iter().enumerate().map(row).collect();
        vec![world.part("不在校", "缓学、休学、送教上门和县外就读儿童名册", "教育局", rows)]
    })
}
