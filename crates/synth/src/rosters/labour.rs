//! Who can work, what they learnt, where they work: the workbooks of 人社局 and 培训中心.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Field, Money, RosterKind};
use jiff::Span;
use jiff::civil::Date;

use super::headers::{ID, NAME, PHONE, TOWN, VILLAGE};
use super::{Job, job, plain};
use crate::layout::{Col, Row, Val, col};
use crate::rng::Rng;
use crate::training::{Course, Session};
use crate::world::{EDUCATION, NONE, World};

const LABOUR: &[Col] = &[
    col(Field::Town, TOWN),
    col(Field::Village, VILLAGE),
    col(Field::Name, NAME),
    col(Field::CitizenId, ID),
    col(Field::Education, &["文化程度", "学历"]),
    col(Field::LabourAbility, &["劳动能力", "劳动技能"]),
    col(Field::Working, &["务工状况", "就业状况", "是否务工"]),
    col(Field::WorkPlace, &["务工地点", "务工所在地", "务工地"]),
    col(Field::WorkMonths, &["务工时间（月）", "务工时间(月)"]),
    col(Field::Employer, &["务工企业名称", "单位名称"]).often(0.6),
    col(Field::Occupation, &["务工工种", "就业工种", "工种"]).often(0.6),
    col(Field::Wage, &["务工月收入", "月收入", "月收入（元）"]).often(0.6),
    col(Field::Skill, &["技能特长", "技能", "特长"]).often(0.8),
    col(Field::SkillLevel, &["技能等级", "职业技能等级"]).often(0.4),
    col(Field::JobWish, &["就业意愿", "求职意愿", "就业意向"]).often(0.8),
    col(Field::WishedTrade, &["意向岗位", "求职工种", "意向工种"]).often(0.7),
    col(Field::WishedWage, &["期望月薪", "期望薪资"]).often(0.4),
    col(Field::TrainingWish, &["想学工种", "意愿培训工种"]).often(0.7),
    col(Field::CareDuty, &["照护负担", "家庭照护情况"]).often(0.8),
    col(Field::Phone, PHONE),
];
const TRAINING: &[Col] = &[
    col(Field::Name, &["姓名", "学员姓名"]),
    col(Field::CitizenId, ID),
    col(Field::Phone, PHONE),
    col(Field::Course, &["培训专业", "培训工种", "培训项目名称"]),
    col(Field::CourseKind, &["培训类别", "培训类型", "培训项目"]),
    col(Field::Session, &["期次", "培训期次", "班次"]),
    col(Field::TrainedFrom, &["培训开始时间", "开班时间", "开班日期"]).under("培训时间", "开始"),
    col(Field::TrainedTo, &["培训结束时间", "结业时间", "结业日期"]).under("培训时间", "结束"),
    col(Field::Hours, &["课时数", "总课时", "培训课时"]),
    col(Field::AttendedHours, &["出勤课时", "实际课时", "参训课时"]),
    col(Field::Result, &["考核结果", "结业情况", "鉴定结果"]),
    col(Field::CertificateNo, &["证书号", "证书编号", "职业资格证书号"]),
    col(Field::Provider, &["培训机构", "培训机构名称", "承训机构"]),
];
const PLACEMENTS: &[Col] = &[
    col(Field::Name, NAME),
    col(Field::CitizenId, ID),
    col(Field::Employer, &["就业单位名称", "单位名称", "用人单位", "企业名称"]),
    col(Field::Occupation, &["岗位名称", "就业工种", "工种(岗位)", "工种"]),
    col(Field::WorkPlace, &["就业地点", "工作地点", "单位地址"]),
    col(Field::StartedOn, &["入职时间", "劳动合同起始时间", "就业时间", "上岗时间"]),
    col(Field::EndedOn, &["离职时间", "劳动合同终止时间"]),
    col(Field::Wage, &["月工资", "月薪（元）", "月收入", "工资（元/月）"]),
];
const SESSIONS: &[Col] = &[
    col(Field::Course, &["培训专业", "培训工种", "培训项目名称"]),
    col(Field::CourseKind, &["培训类别", "培训类型"]),
    col(Field::Session, &["期次", "班次", "培训期次"]),
    col(Field::Provider, &["培训机构", "承训机构", "培训机构名称"]),
    col(Field::TrainedFrom, &["开班日期", "培训开始时间", "开班时间"]),
    col(Field::TrainedTo, &["结业日期", "培训结束时间", "结班日期"]),
    col(Field::Hours, &["课时数", "总课时"]),
    col(Field::Seats, &["计划人数", "计划培训人数"]),
    col(Field::Town, TOWN),
    col(Field::Venue, &["培训地点", "办班地点", "上课地点"]),
    col(Field::Room, &["教室", "培训教室"]).often(0.7),
    col(Field::Trainer, &["授课教师", "授课老师", "任课教师"]),
    col(Field::CourseCost, &["培训成本", "办班经费"]),
    col(Field::Subsidy, &["培训补贴标准", "人均补贴"]),
];
const DAYS: &[Col] = &[
    col(Field::Name, &["姓名", "学员姓名"]),
    col(Field::CitizenId, ID),
    col(Field::Course, &["培训专业", "培训工种"]),
    col(Field::Session, &["期次", "班次"]),
    col(Field::Provider, &["培训机构", "承训机构"]),
    col(Field::TrainedFrom, &["开班日期", "培训开始时间"]),
    col(Field::TrainedOn, &["考勤日期", "签到日期"]),
    col(Field::AttendedHours, &["出勤课时", "实到课时"]),
];
const TRAINERS: &[Col] = &[
    col(Field::Trainer, &["授课教师", "讲师", "培训教师"]),
    col(Field::Provider, &["培训机构", "培训机构名称"]),
    col(Field::Course, &["培训专业", "培训工种"]),
    col(Field::DualQualified, &["是否双师型", "双师型"]),
    col(Field::SkillLevel, &["技能等级", "职业技能等级"]),
];
const ROOMS: &[Col] = &[
    col(Field::Room, &["教室名称", "场地名称", "实训场地"]),
    col(Field::Provider, &["培训机构", "培训机构名称"]),
    col(Field::Seats, &["可容纳人数", "工位数"]),
    col(Field::Town, TOWN),
    col(Field::Venue, &["培训地点", "教学地点"]),
    col(Field::Course, &["培训专业", "培训工种"]).often(0.6),
];
const VACANCIES: &[Col] = &[
    col(Field::Employer, &["用人单位", "单位名称", "企业名称"]),
    col(Field::EmployerKind, &["单位类型", "用工主体类型", "岗位来源"]),
    col(Field::Occupation, &["岗位名称", "岗位", "工种"]),
    col(Field::Openings, &["招聘人数", "招工人数", "需求人数"]),
    col(Field::Wage, &["月工资", "工资待遇", "月薪（元）"]),
    col(Field::WorkPlace, &["工作地点", "就业地点"]),
    col(Field::Town, TOWN),
    col(Field::Education, &["学历", "文化程度"]).often(0.7),
    col(Field::Flexible, &["是否弹性工作", "可兼顾照护", "可照顾家庭"]).often(0.8),
    col(Field::ValidTo, &["截止日期", "有效期至"]),
];
const PROOFS: &[Col] = &[
    col(Field::Name, NAME),
    col(Field::CitizenId, ID),
    col(Field::Employer, &["就业单位名称", "用人单位", "单位名称"]),
    col(Field::StartedOn, &["入职时间", "上岗时间"]),
    col(Field::CheckedOn, &["核验日期", "回访日期", "核查日期"]),
    col(Field::AtWork, &["是否在岗", "是否仍在岗"]),
    col(Field::ProofKind, &["核验方式", "佐证方式"]),
];

const SKILLS: [&str; 12] = [
    "会砌墙、贴砖",
    "缝纫",
    "做饭",
    "开货车",
    "电焊",
    "养蜂",
    "种香菇",
    "炒茶",
    "带孩子",
    "水电安装",
    "木工",
    "电脑打字",
];
const LEVELS: [&str; 4] = ["", "初级工", "中级工", "高级工"];
const CARE: [&str; 4] = ["照顾老人", "照顾幼儿", "照顾病人", "陪读"];
const LEARN: [&str; 8] =
    ["家政服务员", "育婴员", "养老护理员", "电工", "焊工", "中式烹调师", "茶园管理", "电子商务"];

pub(super) struct Work {
    pub(super) working: bool,
    pub(super) months: i64,
    place: &'static str,
    employer: String,
    occupation: &'static str,
    wage: Money,
}

const OCCUPATIONS: [&str; 10] = [
    "普工",
    "砌筑工",
    "缝纫工",
    "电子装配工",
    "保洁员",
    "餐厅服务员",
    "护理员",
    "驾驶员",
    "茶园管护",
    "香菇种植",
];
const PLACES: [&str; 5] = ["县内", "市内县外", "省内市外", "省外", "县内"];

pub(super) fn work(world: &World, p: u32) -> Work {
    let mut rng = Rng::of(world.hash(80, p));
    let working = rng.chance(0.68);
    let months = i64::from(rng.between(3, 11));
    Work {
        working,
        months: if working { months } else { 0 },
        place: rng.pick::<&str>(&PLACES),
        employer: crate::training::employer(&mut rng),
        occupation: rng.pick::<&str>(&OCCUPATIONS),
        wage: Money::yuan(i64::from(rng.between(22, 60)) * 100),
    }
}

pub(super) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    for (t, town) in world.towns.iter().enumerate() {
        let path = format!("人社局/脱贫劳动力_{}", town.name);
        let size = town.households.len();
        jobs.push(job(path, RosterKind::Labour, LABOUR, size, move |world, _, _| {
            let town = &world.towns[t];
            let poor = town.households.clone().filter(|h| world.is_registered_poor(*h));
            let able = poor.flat_map(|h| world.members(h)).filter(|p| world.is_able(*p));
            let rows = able.map(|p| labourer(world, p)).collect();
            let title = format!("{}脱贫劳动力务工情况表", town.name);
            vec![world.part("劳动力", &title, "人力资源和社会保障局", rows)]
        }));
    }
    for course in Course::ALL {
        let sessions = || world.sessions.iter().filter(move |s| s.course == course);
        let path = format!("培训中心/{}学员", course.kind());
        jobs.push(job(
            path,
            RosterKind::Training,
            TRAINING,
            sessions().count(),
            move |world, _, rng| {
                let words = *rng.pick(&[["合格", "不合格"], ["结业", "未结业"]]);
                let sessions = world.sessions.iter().filter(|s| s.course == course);
                let rows = sessions.map(|s| trainee(world, s, words)).collect();
                vec![world.part("学员", &format!("{}学员名册", course.kind()), "培训中心", rows)]
            },
        ));
    }
    let path = "人社局/培训后就业".to_owned();
    jobs.push(job(
        path,
        RosterKind::Placements,
        PLACEMENTS,
        world.sessions.len(),
        |world, _, _| {
            let placed = world.sessions.iter().filter_map(|s| Some((s.person, s.placed?, s.ended)));
            let row = |(p, day, ended): (u32, Date, Option<Date>)| {
                let work = work(world, p);
                plain(
                    p,
                    vec![
                        world.name(p),
                        Val::Id(world.id(p)),
                        Val::Text(work.employer),
                        Val::Word(work.occupation),
                        Val::Word(work.place),
                        Val::Date(day),
                        Val::date(ended.filter(|_| tells_the_end(world, p))),
                        Val::Money(work.wage),
                    ],
                )
            };
            let rows = placed.map(row).collect();
            vec![world.part("就业", "培训后就业人员名册", "人力资源和社会保障局", rows)]
        },
    ));
    calendar(world, jobs);
    attendance(world, jobs);
    means(world, jobs);
    posts(world, jobs);
    proofs(world, jobs);
}

fn labourer(world: &World, p: u32) -> Row {
    let person = &world.persons[p as usize];
    let work = work(world, p);
    let known = |v: Val| if work.working { v } else { Val::None };
    let mut rng = Rng::of(world.hash(88, p));
    let skill = if rng.chance(0.55) { *rng.pick::<&str>(&SKILLS) } else { "" };
    let care = if rng.chance(0.75) { "" } else { *rng.pick::<&str>(&CARE) };
    let wish = match (care.is_empty(), rng.below(10)) {
        (_, 0) => "不愿意",
        (false, _) | (true, 1..=4) => "就近就业",
        _ => "愿意外出",
    };
    plain(
        p,
        vec![
            world.town_name(p),
            world.village_name(p),
            world.name(p),
            Val::Id(world.id(p)),
            Val::Word(EDUCATION[usize::from(person.education)]),
            Val::Word(person.labour.chinese()),
            Val::Word(if work.working { "已务工" } else { "未务工" }),
            known(Val::Word(work.place)),
            known(Val::Int(work.months)),
            known(Val::Text(work.employer.clone())),
            known(Val::Word(work.occupation)),
            known(Val::Money(work.wage)),
            Val::Word(skill),
            if skill.is_empty() { Val::None } else { Val::Word(rng.pick::<&str>(&LEVELS)) },
            Val::Word(wish),
            if wish == "不愿意" { Val::None } else { Val::Word(rng.pick::<&str>(&OCCUPATIONS)) },
            Val::Money(Money::yuan(i64::from(rng.between(24, 55)) * 100)),
            if rng.chance(0.5) { Val::Word(rng.pick::<&str>(&LEARN)) } else { Val::None },
            Val::Word(care),
            Val::Text(world.phone_of(p)),
        ],
    )
}

/// `words` say that the trainee passed, and that not.
fn trainee(world: &World, s: &Session, words: [&'static str; 2]) -> Row {
    let certificate = || {
        let number = world.hash(87, s.person) % 1_000_000;
        Val::Text(format!("PX{}{number:06}", s.from.year()))
    };
    plain(
        s.person,
        vec![
            world.name(s.person),
            Val::Id(world.id(s.person)),
            Val::Text(world.phone_of(s.person)),
            Val::Word(s.subject),
            Val::Word(s.course.kind()),
            Val::Text(format!("{}年第{}期", s.from.year(), s.number)),
            Val::Date(s.from),
            Val::Date(s.to),
            Val::Int(i64::from(s.hours)),
            Val::Int(i64::from(s.written)),
            Val::Word(words[usize::from(!s.completed)]),
            if s.completed { certificate() } else { Val::None },
            Val::Word(s.course.provider()),
        ],
    )
}

/// Whether the list of jobs says that a job ended; else only whoever looked says so.
fn tells_the_end(world: &World, person: u32) -> bool {
    world.hash(98, person) % 10 < 7
}

/// Sessions, each once, in the order of their first days.
fn classes(world: &World) -> Vec<&Session> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<&Session> =
        world.sessions.iter().filter(|s| seen.insert((s.course, s.subject, s.from))).collect();
    all.sort_by_key(|s| (s.from, s.course, s.subject));
    all
}

fn session_name(s: &Session) -> String {
    format!("{}年第{}期", s.from.year(), s.number)
}

const STAFF: [&str; 6] = ["何", "罗", "高", "林", "郭", "马"];

fn trainer(course: Course, at: usize) -> String {
    format!("{}老师（{}）", STAFF[at % STAFF.len()], course.kind())
}

fn class_row(world: &World, s: &Session, seats: i64) -> Row {
    let at = usize::try_from(world.hash(89, u32::from(s.number)) % 6).expect("below 6");
    let town = &world.towns[at % world.towns.len()].name;
    plain(
        NONE,
        vec![
            Val::Word(s.subject),
            Val::Word(s.course.kind()),
            Val::Text(session_name(s)),
            Val::Word(s.course.provider()),
            Val::Date(s.from),
            Val::Date(s.to),
            Val::Int(i64::from(s.hours)),
            Val::Int(seats),
            Val::Text(town.clone()),
            Val::Text(format!("{town}培训点")),
            Val::Text(format!("{}教室", at % 4 + 1)),
            Val::Text(trainer(s.course, at)),
            Val::Money(Money::yuan(seats * i64::from(s.hours) * 5)),
            Val::Money(Money::yuan(i64::from(s.hours) * 15)),
        ],
    )
}

/// 开班计划: what was held, and what is to come.
fn calendar(world: &World, jobs: &mut Vec<Job>) {
    let path = "培训中心/开班计划".to_owned();
    jobs.push(job(path, RosterKind::Sessions, SESSIONS, world.sessions.len(), |world, _, rng| {
        let mut size: BTreeMap<(Course, &str, Date), i64> = BTreeMap::new();
        for s in &world.sessions {
            *size.entry((s.course, s.subject, s.from)).or_default() += 1;
        }
        let seats = |n: i64| (n / 5 + 1) * 5 + 5;
        let mut rows: Vec<Row> = classes(world)
            .into_iter()
            .map(|s| class_row(world, s, seats(size[&(s.course, s.subject, s.from)])))
            .collect();
        for next in 0..6_u8 {
            let Some(last) =
                world.sessions.iter().rfind(|s| s.course == Course::ALL[usize::from(next) % 3])
            else {
                continue;
            };
            let span = Span::new().days(i64::from(next) * 9 + 12);
            let from = world.order.as_of.checked_add(span).expect("before 2101");
            let to = from
                .checked_add(Span::new().days(i64::from(rng.between(6, 20))))
                .expect("before 2101");
            let session = Session { from, to, number: 40 + next, ..*last };
            rows.push(class_row(world, &session, 30 + i64::from(next) * 5));
        }
        vec![world.part("班次", "职业技能培训开班计划", "培训中心", rows)]
    }));
}

/// The days of a session on which somebody was there, with hours.
fn days(s: &Session) -> Vec<(Date, i64)> {
    let mut all = Vec::new();
    let mut day = s.from;
    while day <= s.to {
        all.push(day);
        day = day.tomorrow().expect("before 2101");
    }
    let n = i64::try_from(all.len()).expect("few days");
    let hours = i64::from(s.hours);
    let mut left = i64::from(s.attended);
    let mut out = Vec::new();
    for (at, day) in (1..).zip(all) {
        // The hours of the session, spread over its days as evenly as whole hours go.
        let of_day = hours * at / n - hours * (at - 1) / n;
        let there = of_day.min(left);
        if there > 0 {
            out.push((day, there));
            left -= there;
        }
    }
    out
}

/// 考勤 of the sessions of the last year.
fn attendance(world: &World, jobs: &mut Vec<Job>) {
    let since = world.order.as_of.checked_sub(Span::new().days(365)).expect("after year 1");
    for course in Course::ALL {
        let of = move |s: &&Session| s.course == course && s.to >= since;
        let size = world.sessions.iter().filter(of).count() * 12;
        let path = format!("培训中心/{}考勤", course.kind());
        jobs.push(job(path, RosterKind::CourseAttendance, DAYS, size, move |world, _, _| {
            let mut rows = Vec::new();
            let mut seen = BTreeSet::new();
            for s in world.sessions.iter().filter(of) {
                if !seen.insert((s.person, s.subject, s.from)) {
                    continue;
                }
                for (day, hours) in days(s) {
                    rows.push(plain(
                        s.person,
                        vec![
                            world.name(s.person),
                            Val::Id(world.id(s.person)),
                            Val::Word(s.subject),
                            Val::Text(session_name(s)),
                            Val::Word(s.course.provider()),
                            Val::Date(s.from),
                            Val::Date(day),
                            Val::Int(hours),
                        ],
                    ));
                }
            }
            vec![world.part("考勤", &format!("{}学员考勤表", course.kind()), "培训中心", rows)]
        }));
    }
}

/// Teachers and rooms of the three providers.
fn means(_: &World, jobs: &mut Vec<Job>) {
    let path = "培训中心/培训师资".to_owned();
    jobs.push(job(path, RosterKind::Trainers, TRAINERS, 18, |world, _, _| {
        let rows = Course::ALL
            .into_iter()
            .flat_map(|course| (0..6).map(move |at| (course, at)))
            .map(|(course, at)| {
                let subject = course.subjects()[at % course.subjects().len()];
                plain(
                    NONE,
                    vec![
                        Val::Text(trainer(course, at)),
                        Val::Word(course.provider()),
                        Val::Word(subject),
                        Val::Flag(at % 2 == 0),
                        Val::Word(LEVELS[1 + at % 3]),
                    ],
                )
            })
            .collect();
        vec![world.part("师资", "培训师资库", "培训中心", rows)]
    }));
    let path = "培训中心/实训场地".to_owned();
    jobs.push(job(path, RosterKind::Rooms, ROOMS, 12, |world, _, _| {
        let rows = Course::ALL
            .into_iter()
            .flat_map(|course| (0..4).map(move |at| (course, at)))
            .map(|(course, at)| {
                let town = &world.towns[at % world.towns.len()].name;
                plain(
                    NONE,
                    vec![
                        Val::Text(format!("{}{}教室", course.kind(), at + 1)),
                        Val::Word(course.provider()),
                        Val::Int(30 + 10 * i64::try_from(at).expect("few")),
                        Val::Text(town.clone()),
                        Val::Text(format!("{town}培训点")),
                        Val::Word(course.subjects()[at]),
                    ],
                )
            })
            .collect();
        vec![world.part("场地", "实训场地一览", "培训中心", rows)]
    }));
}

const PRODUCTS: [&str; 5] = ["服装", "茶叶", "香菇", "玩具", "电子"];

/// 用工岗位: firms, workshops, public-service posts.
fn posts(world: &World, jobs: &mut Vec<Job>) {
    let able = (0..u32::try_from(world.households.len()).expect("below 2^32 households"))
        .filter(|h| world.is_registered_poor(*h))
        .count();
    let firms = able / 12 + 8;
    let size = firms + world.towns.len() + world.villages.len();
    let path = "人社局/用工岗位".to_owned();
    jobs.push(job(path, RosterKind::Vacancies, VACANCIES, size, move |world, _, rng| {
        let until = world.order.as_of.checked_add(Span::new().days(60)).expect("before 2101");
        let mut rows = Vec::new();
        let mut put = |employer: String,
                       kind,
                       trade: &'static str,
                       openings,
                       wage,
                       place: String,
                       town: &str,
                       learnt,
                       flexible| {
            rows.push(plain(
                NONE,
                vec![
                    Val::Text(employer),
                    Val::Word(kind),
                    Val::Word(trade),
                    Val::Int(openings),
                    Val::Money(Money::yuan(wage)),
                    Val::Text(place),
                    Val::Text(town.to_owned()),
                    Val::Word(learnt),
                    Val::Flag(flexible),
                    Val::Date(until),
                ],
            ));
        };
        for _ in 0..firms {
            let trade = *rng.pick::<&str>(&OCCUPATIONS);
            let near = *rng.pick::<&str>(&PLACES);
            let wage = i64::from(rng.between(26, 62)) * 100;
            let learnt = *rng.pick(&["初中", "小学", "高中", "初中"]);
            put(
                crate::training::employer(rng),
                "企业",
                trade,
                i64::from(rng.between(1, 12)),
                wage,
                near.to_owned(),
                "",
                learnt,
                false,
            );
        }
        for (at, town) in world.towns.iter().enumerate() {
            let product = PRODUCTS[at % PRODUCTS.len()];
            let trade = if product == "服装" { "缝纫工" } else { "普工" };
            let wage = i64::from(rng.between(18, 30)) * 100;
            put(
                format!("{}{product}就业帮扶车间", town.name),
                "就业帮扶车间",
                trade,
                i64::from(rng.between(6, 20)),
                wage,
                town.name.clone(),
                &town.name,
                "小学",
                true,
            );
        }
        for village in &world.villages {
            let town = &world.towns[usize::from(village.town)].name;
            put(
                format!("{}村民委员会", village.name),
                "公益性岗位",
                "保洁员",
                1,
                900,
                format!("{town}{}", village.name),
                town,
                "小学",
                true,
            );
        }
        vec![world.part("岗位", "用工岗位信息表", "人力资源和社会保障局", rows)]
    }));
}

/// 稳岗核验 at three, six and twelve months.
fn proofs(world: &World, jobs: &mut Vec<Job>) {
    let path = "人社局/稳岗核验".to_owned();
    jobs.push(job(path, RosterKind::JobProofs, PROOFS, world.sessions.len() * 2, |world, _, _| {
        let mut rows = Vec::new();
        for s in &world.sessions {
            let Some(began) = s.placed else { continue };
            let mut rng = Rng::of(world.hash(99, s.person));
            for months in [3_i32, 6, 12] {
                let point = began.checked_add(Span::new().months(months)).expect("before 2101");
                let days = i64::from(rng.between(0, 20));
                let checked = point.checked_add(Span::new().days(days)).expect("before 2101");
                let looked = rng.chance(0.93);
                let way = *rng.pick(&["工资流水", "电话回访", "社保记录", "走访"]);
                let gone = s.ended.is_some_and(|end| end <= checked);
                // What no list says is found by whoever looks, once.
                let must = gone && months == 6 && !tells_the_end(world, s.person);
                if checked > world.order.as_of || !(looked || must) || (gone && months == 12) {
                    continue;
                }
                rows.push(plain(
                    s.person,
                    vec![
                        world.name(s.person),
                        Val::Id(world.id(s.person)),
                        Val::Text(work(world, s.person).employer),
                        Val::Date(began),
                        Val::Date(checked),
                        Val::Flag(!gone),
                        Val::Word(way),
                    ],
                ));
            }
        }
        vec![world.part("核验", "稳定就业核验表", "人力资源和社会保障局", rows)]
    }));
}
