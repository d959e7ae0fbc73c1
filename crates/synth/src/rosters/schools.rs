//! Schools with what they stand on, and their staff.

use fujiao_model::{EnrolmentStatus, Field, Grade, Money, RosterKind};

use super::headers::{ID, SEX, TOWN};
use super::{Job, job, plain};
use crate::layout::{Col, Row, Val, col};
use crate::rng::Rng;
use crate::schools::Kind;
use crate::world::{NONE, World};

const TEACHERS: &[Col] = &[
    col(Field::School, &["学校", "学校名称", "所在学校", "单位名称"]),
    col(Field::Name, &["姓名", "教师姓名"]),
    col(Field::Sex, SEX),
    col(Field::CitizenId, ID),
    col(Field::BirthDate, &["出生日期", "出生年月日"]),
    col(Field::StaffKind, &["教职工类别", "人员类别"]),
    col(Field::Subject, &["任教学科", "任教课程", "科目"]),
    col(Field::InQuota, &["是否在编", "在编"]),
    col(Field::Title, &["职称", "专业技术职务"]),
    col(Field::Backbone, &["是否骨干教师", "是否县级以上骨干教师"]),
    col(Field::SpecialPost, &["是否特岗教师", "是否是特岗教师"]),
    col(Field::JoinedOn, &["进校时间", "参加工作时间", "参加工作年月"]),
    col(Field::StaffStatus, &["人员状态", "在岗状态"]),
];
const SCHOOLS: &[Col] = &[
    col(Field::School, &["学校名称", "学校", "学校全称"]),
    col(Field::SchoolCode, &["学校标识码", "学校代码"]),
    col(Field::SchoolKind, &["办学类型", "学校类别"]),
    col(Field::ParentSchool, &["所属学校", "上级学校", "中心学校"]),
    col(Field::Stage, &["学段", "教育阶段"]),
    col(Field::Rural, &["是否农村学校", "是否农村"]),
    col(Field::StandardGrade, &["办学等级", "等级", "学校等级"]),
    col(Field::Pupils, &["学生数", "在校学生数", "学生人数"]),
    col(Field::Boarders, &["寄宿生数", "寄宿生人数"]),
    col(Field::Classes, &["班数", "班级数", "教学班数"]),
    col(Field::BuildingArea, &["校舍建筑面积", "校舍建筑面积（㎡）", "校舍建筑面积（平方米）"])
        .under("面积（平方米）", "校舍建筑"),
    col(Field::TeachingArea, &["教学及辅助用房面积", "教学及辅助用房面积（㎡）"])
        .under("面积（平方米）", "教学及辅助用房"),
    col(Field::SportsArea, &["运动场地面积", "体育运动场馆面积"])
        .under("面积（平方米）", "运动场地"),
    col(Field::DormBeds, &["宿舍床位数", "床位数", "学生床位数"]),
    col(Field::CanteenArea, &["食堂面积", "食堂面积（㎡）"]),
    col(Field::CanteenStaff, &["食堂从业人员数", "食堂工作人员数"]),
    col(Field::MealMode, &["供餐模式", "供餐方式"]),
    col(Field::ToiletPlaces, &["厕位数", "厕所蹲位数"]),
    col(Field::MultimediaRooms, &["多媒体教室数", "网络多媒体教室间数"]),
    col(Field::EquipmentValue, &["教学仪器设备值", "教学仪器设备值（元）"]),
    col(Field::Desks, &["课桌椅套数", "课桌椅（套）"]),
    col(Field::DangerousArea, &["D级危房面积", "D级危房面积（㎡）"]),
    col(Field::Guards, &["安保人员数", "保安人数"]),
    col(Field::Town, TOWN),
    col(Field::Longitude, &["经度"]).often(0.8),
    col(Field::Latitude, &["纬度"]).often(0.8),
];
const SUBJECTS: [&str; 12] = [
    "语文",
    "数学",
    "英语",
    "语文",
    "数学",
    "道德与法治",
    "科学",
    "体育",
    "音乐",
    "美术",
    "物理",
    "历史",
];

/// What is drawn of a member of staff first: when they came, what they are, what they teach; the rest is drawn from what is
/// given beside.
fn staff_drawn(world: &World, person: u32) -> (Rng, i16, &'static str, Option<&'static str>) {
    let mut rng = Rng::of(world.hash(85, person));
    let joined = (world.persons[person as usize].born.year() + 22)
        .max(world.order.as_of.year() - i16::try_from(rng.between(0, 25)).expect("years"));
    let kind = rng.weighted(&[("专任教师", 88), ("行政人员", 5), ("工勤人员", 7)]);
    let subject = (kind == "专任教师").then(|| *rng.pick::<&str>(&SUBJECTS));
    (rng, joined, kind, subject)
}

/// What somebody of the staff teaches; `None`: nothing.
pub(crate) fn taught(world: &World, person: u32) -> Option<&'static str> {
    staff_drawn(world, person).3
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    jobs.push(job(
        "教育局/教职工".to_owned(),
        RosterKind::Teachers,
        TEACHERS,
        world.staff.len(),
        |world, _, rng| {
            let full = rng.chance(0.5);
            let rows = world.staff.iter().map(|s| {
                let person = &world.persons[s.person as usize];
                let (mut rng, joined, kind, subject) = staff_drawn(world, s.person);
                plain(
                    s.person,
                    vec![
                        Val::Text(world.school_name(s.school, full)),
                        world.name(s.person),
                        Val::Sex(person.sex),
                        Val::Id(world.id(s.person)),
                        Val::Date(person.born),
                        Val::Word(kind),
                        subject.map_or(Val::None, Val::Word),
                        Val::Flag(rng.chance(0.93)),
                        Val::Word(rng.weighted(&[
                            ("一级教师", 40),
                            ("二级教师", 32),
                            ("高级教师", 20),
                            ("三级教师", 8),
                        ])),
                        Val::Flag(rng.chance(0.06)),
                        Val::Flag(rng.chance(0.07)),
                        Val::Month(joined.min(world.calendar.year), 8),
                        Val::Word(rng.weighted(&[("在岗", 95), ("病休", 2), ("借调", 3)])),
                    ],
                )
            });
            let rows = rows.collect();
            vec![world.part("教职工", "教职工基本信息表", "教育局人事股", rows)]
        },
    ));
    jobs.push(job(
        "教育局/学校和办学条件".to_owned(),
        RosterKind::Schools,
        SCHOOLS,
        world.schools.len(),
        |world, _, _| {
            let rows = (0_u16..)
                .zip(&world.schools)
                .filter(|(_, s)| s.kind != Kind::College)
                .map(|(n, _)| school(world, n))
                .collect();
            vec![world.part("学校", "中小学（幼儿园）办学条件统计表", "教育局规划股", rows)]
        },
    ));
}

fn school(world: &World, number: u16) -> Row {
    let school = &world.schools[usize::from(number)];
    let mut rng = Rng::of(world.hash(86, u32::from(number)));
    let mine = || {
        world.enrolments.iter().filter(|e| {
            e.year == world.calendar.year
                && e.school == number
                && e.status == EnrolmentStatus::Active
        })
    };
    let pupils = mine().count();
    let boarders = mine().filter(|e| e.boards).count();
    let mut classes: Vec<(Grade, u8)> = mine().map(|e| (e.grade, e.class)).collect();
    classes.sort_unstable();
    classes.dedup();
    let count = |n: usize| i64::try_from(n).expect("a school is small");
    let people = f64::from(u32::try_from(pupils).expect("a school is small"));
    // A third of the schools are below some standard: little ground at the seat, few beds and rooms in the villages.
    let crowded = if school.rural { 1.0 } else { 0.62 };
    let mut area = |each: f64| {
        let poor = if rng.chance(0.2) { 0.7 } else { 1.0 + 0.5 * rng.unit() };
        (people.max(15.0) * each * poor * crowded).round()
    };
    let (building, teaching, sports, canteen) = (area(8.5), area(5.6), area(11.0), area(1.3));
    let beds = if rng.chance(0.25) { boarders * 4 / 5 } else { boarders + boarders / 10 };
    let meals = school.rural && school.kind.serves_meals();
    let small = school.kind == Kind::TeachingPoint;
    let desks = if rng.chance(0.1) { pupils * 9 / 10 } else { pupils + 5 };
    let danger = if rng.chance(0.06) { (building * 0.1).round() } else { 0.0 };
    plain(
        NONE,
        vec![
            Val::Text(world.school_name(number, true)),
            Val::Text(school.code.clone()),
            Val::Word(school.kind.chinese()),
            school.parent.map_or(Val::None, |p| Val::Text(world.school_name(p, true))),
            Val::Word(school.kind.main_stage().chinese()),
            Val::Flag(school.rural),
            Val::Word(school.standard),
            Val::Int(count(pupils)),
            Val::Int(count(boarders)),
            Val::Int(count(classes.len())),
            Val::Decimal(building),
            Val::Decimal(teaching),
            Val::Decimal(sports),
            Val::Int(count(beds)),
            Val::Decimal(if meals { canteen } else { 0.0 }),
            Val::Int(if meals { count(pupils / 110 + 1) } else { 0 }),
            Val::Word(if !meals {
                ""
            } else if small && rng.chance(0.5) {
                "学校伙房"
            } else {
                "学校食堂"
            }),
            Val::Int(count(pupils / if rng.chance(0.2) { 40 } else { 22 } + 4)),
            Val::Int(count(classes.len() * if rng.chance(0.2) { 6 } else { 10 } / 10 + 1)),
            Val::Money(Money::yuan(count(pupils) * i64::from(rng.between(1_500, 3_400)))),
            Val::Int(count(desks)),
            Val::Decimal(danger),
            Val::Int(if rng.chance(0.1) { 0 } else { count(pupils / 500 + 1) }),
            Val::Text(world.towns[usize::from(school.town)].name.clone()),
            Val::Decimal(school.longitude),
            Val::Decimal(school.latitude),
        ],
    )
}
