//! What schools write down of their last month: meals day by day with claims that are not true, goods, menus, measurements;
//! and what observed lessons and tests of teachers were worth.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fujiao_model::{EnrolmentStatus, Field, Grade, Money, RosterKind, Stage};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

use crate::layout::{Col, Row, Val, col};
use crate::meals;
use crate::rng::Rng;
use crate::rosters::{CLASS, GRADE, ID, Job, SCHOOL, job, plain};
use crate::schools::Enrolment;
use crate::world::{Month, NONE, World, is_school_day};

const RETURNS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Grade, GRADE),
    col(Field::Class, CLASS),
    col(Field::MealOn, &["供餐日期", "就餐日期"]),
    col(Field::PresentCount, &["到校人数", "实到人数"]),
    col(Field::ServedCount, &["供餐份数", "供餐人数"]),
    col(Field::ClaimedCount, &["申报份数", "申报人数"]),
];
const GOODS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Foodstuff, &["食材", "食材名称"]),
    col(Field::Movement, &["出入库"]),
    col(Field::Quantity, &["数量"]),
    col(Field::QuantityUnit, &["计量单位"]),
    col(Field::Amount, &["金额", "金额（元）"]),
    col(Field::Supplier, &["供应商", "供货商"]),
    col(Field::MovedOn, &["出入库日期"]),
];
const MENUS: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::MealOn, &["供餐日期"]),
    col(Field::Dish, &["菜品", "菜名"]),
    col(Field::Foodstuff, &["食材"]),
    col(Field::Quantity, &["每人用量"]),
    col(Field::QuantityUnit, &["计量单位"]),
];
const MEASURES: &[Col] = &[
    col(Field::School, SCHOOL),
    col(Field::Item, &["测量项目"]),
    col(Field::Measured, &["测量值", "实测值"]),
    col(Field::QuantityUnit, &["计量单位"]),
    col(Field::MeasuredOn, &["测量日期"]),
];
const REVIEWS: &[Col] = &[
    col(Field::Name, &["教师姓名", "姓名"]),
    col(Field::CitizenId, ID),
    col(Field::School, &["学校", "学校名称"]),
    col(Field::Subject, &["任教学科", "学科"]),
    col(Field::ReviewKind, &["评价方式"]),
    col(Field::Score, &["得分", "评价得分"]),
    col(Field::FullMark, &["满分"]),
    col(Field::ReviewedOn, &["评价日期"]),
];

/// What a school does with its claims.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    Clean,
    /// Claims for the absent.
    Absent,
    /// Claims a Saturday.
    Weekend,
}

fn habit(world: &World, school: u16) -> Habit {
    match world.hash(90, school.into()) % 12 {
        0 => Habit::Weekend,
        1 | 2 => Habit::Absent,
        _ => Habit::Clean,
    }
}

/// A class on a day, as its school writes it.
struct Return {
    school: u16,
    grade: Grade,
    class: u8,
    on: Date,
    /// Present, served, claimed; `None`: left empty.
    counts: [Option<u32>; 3],
    /// Why meals of the claim are not true, and how many.
    over: Option<(&'static str, u32)>,
}

/// The last month of lessons that is over, if it is of this school year.
fn last_month(world: &World) -> Option<Month> {
    world.calendar.months.last().copied().filter(|m| m.0 > world.calendar.year || m.1 >= 9)
}

/// Rural schools that serve meals, by town.
fn kitchens(world: &World, town: usize) -> Vec<u16> {
    (0_u16..)
        .zip(&world.schools)
        .filter(|(_, s)| usize::from(s.town) == town && s.rural && s.kind.serves_meals())
        .map(|(n, _)| n)
        .collect()
}

/// Children of classes of rural schools of a town who are there to the end of a month.
fn classes(
    world: &World,
    town: usize,
    month: Month,
) -> BTreeMap<(u16, Grade, u8), Vec<&Enrolment>> {
    let last = date(month.0, month.1, 1).last_of_month();
    let mut all: BTreeMap<(u16, Grade, u8), Vec<&Enrolment>> = BTreeMap::new();
    for e in world.enrolments.iter().filter(|e| e.year == world.calendar.year) {
        let school = &world.schools[usize::from(e.school)];
        let there = e.status == EnrolmentStatus::Active || e.left.is_some_and(|d| d > last);
        // The second school of a child who is enrolled twice feeds nobody.
        if usize::from(school.town) == town
            && school.rural
            && school.kind.serves_meals()
            && e.grade.stage().is_compulsory()
            && there
            && !e.second
        {
            all.entry((e.school, e.grade, e.class)).or_default().push(e);
        }
    }
    all
}

fn returns(world: &World, town: usize, month: Month) -> Vec<Return> {
    let first = date(month.0, month.1, 1);
    let mut all = Vec::new();
    for ((school, grade, class), children) in classes(world, town, month) {
        let key = u32::from(school) * 1_000 + u32::from(grade.year()) * 20 + u32::from(class);
        let mut rng = Rng::of(world.hash(91, key ^ (u32::from(month.1.unsigned_abs()) << 24)));
        let enrolled = u32::try_from(children.len()).expect("a class is small");
        let away: Vec<meals::Absence> =
            children.iter().filter_map(|e| meals::absence(world, e.person, month)).collect();
        let habit = habit(world, school);
        let mut saturday = None;
        let mut day = first;
        while day <= first.last_of_month() {
            let on = day;
            day = day.tomorrow().expect("within a month");
            let mut put = |counts, over| {
                all.push(Return { school, grade, class, on, counts, over });
            };
            if !is_school_day(on) {
                if habit == Habit::Weekend
                    && on.weekday() == Weekday::Saturday
                    && saturday.is_none()
                {
                    saturday = Some(on);
                    put([None, None, Some(enrolled)], Some(("off_day", enrolled)));
                }
                continue;
            }
            let absent = away.iter().filter(|a| a.from <= on && on <= a.to).count();
            let present = enrolled - u32::try_from(absent).expect("a class is small");
            let served = present - u32::from(present > 1 && rng.chance(0.03));
            // A day that nobody marked, and one of which the count of children is left empty.
            if rng.chance(0.006) {
                continue;
            }
            if rng.chance(0.003) {
                put([None, Some(served), Some(served)], None);
                continue;
            }
            let padded = habit == Habit::Absent && absent > 0;
            let claimed = if padded { enrolled } else { served };
            let over = padded.then(|| ("absent", claimed - served.min(present)));
            put([Some(present), Some(served), Some(claimed)], over);
        }
    }
    all
}

/// `truth/meal_returns.csv`: class days whose claims are not true; how many.
pub(crate) fn planted(world: &World) -> (String, u64) {
    let mut text = String::from("school,grade,class,day,why,meals\n");
    let mut count = 0;
    if let Some(month) = last_month(world) {
        for town in 0..world.towns.len() {
            for r in returns(world, town, month) {
                let Some((why, meals)) = r.over.filter(|(_, meals)| *meals > 0) else { continue };
                count += 1;
                let _ = writeln!(
                    text,
                    "{},{},{},{},{why},{meals}",
                    world.schools[usize::from(r.school)].name,
                    r.grade.code(),
                    r.class,
                    r.on
                );
            }
        }
    }
    (text, count)
}

/// Every workbook of these.
pub(crate) fn jobs(world: &World, jobs: &mut Vec<Job>) {
    let Some(month) = last_month(world) else { return };
    let stem = format!("{}-{:02}", month.0, month.1);
    for (t, town) in world.towns.iter().enumerate().filter(|(_, t)| !t.seat) {
        let of = kitchens(world, t);
        if of.is_empty() {
            continue;
        }
        let name = town.name.clone();
        let rows = returns(world, t, month).len();
        jobs.push(job(
            format!("营养办/每日就餐/{stem}_{name}"),
            RosterKind::MealReturns,
            RETURNS,
            rows,
            move |world, _, rng| {
                let full = rng.chance(0.5);
                let count = |n: Option<u32>| n.map_or(Val::None, |n| Val::Int(n.into()));
                let row = |r: Return| {
                    let [present, served, claimed] = r.counts;
                    plain(
                        NONE,
                        vec![
                            Val::Text(world.school_name(r.school, full)),
                            Val::Grade(r.grade),
                            Val::Class(r.class),
                            Val::Date(r.on),
                            count(present),
                            count(served),
                            count(claimed),
                        ],
                    )
                };
                let rows = returns(world, t, month).into_iter().map(row).collect();
                vec![world.part("每日就餐", "学校每日就餐登记表", "营养改善计划办公室", rows)]
            },
        ));
        let name = town.name.clone();
        jobs.push(job(
            format!("营养办/食材出入库/{stem}_{name}"),
            RosterKind::Purchases,
            GOODS,
            of.len() * 70,
            move |world, _, _| {
                let rows = kitchens(world, t).into_iter().flat_map(|s| goods(world, s, month));
                vec![world.part(
                    "出入库",
                    "食堂食材出入库台账",
                    "营养改善计划办公室",
                    rows.collect(),
                )]
            },
        ));
        let name = town.name.clone();
        jobs.push(job(
            format!("营养办/带量食谱/{stem}_{name}"),
            RosterKind::Menus,
            MENUS,
            of.len() * 50,
            move |world, _, _| {
                let rows = kitchens(world, t).into_iter().flat_map(|s| menus(world, s, month));
                vec![world.part("带量食谱", "学校带量食谱", "营养改善计划办公室", rows.collect())]
            },
        ));
        let name = town.name.clone();
        jobs.push(job(
            format!("教育局/办学条件测量/{stem}_{name}"),
            RosterKind::Measurements,
            MEASURES,
            of.len() * 14,
            move |world, _, _| {
                let rows = kitchens(world, t).into_iter().flat_map(|s| measures(world, s, month));
                vec![world.part("测量", "办学条件测量登记表", "教育局规划股", rows.collect())]
            },
        ));
    }
    jobs.push(job(
        format!("教研室/听课和教师测试_{stem}"),
        RosterKind::TeacherReviews,
        REVIEWS,
        world.staff.len(),
        move |world, _, rng| {
            let full = rng.chance(0.5);
            let rows = world.staff.iter().flat_map(|s| reviews(world, *s, month, full)).collect();
            vec![world.part("评价", "听课和教师测试登记表", "县教研室", rows)]
        },
    ));
}

fn pupils(world: &World, school: u16) -> u32 {
    let here = |e: &&Enrolment| {
        e.year == world.calendar.year
            && e.school == school
            && e.status == EnrolmentStatus::Active
            && e.grade.stage().is_compulsory()
    };
    u32::try_from(world.enrolments.iter().filter(here).count()).expect("a school is small")
}

/// Foodstuffs: name, unit, fen a unit, thousandths of a unit a pupil and week.
const FOODS: [(&str, &str, i64, i64); 9] = [
    ("大米", "公斤", 520, 700),
    ("面粉", "公斤", 430, 400),
    ("猪肉", "公斤", 2_600, 230),
    ("鸡蛋", "公斤", 1_080, 200),
    ("土豆", "公斤", 280, 500),
    ("小白菜", "公斤", 360, 600),
    ("豆腐", "公斤", 620, 250),
    ("菜籽油", "公斤", 1_550, 60),
    ("牛奶", "盒", 240, 3_000),
];

const SUPPLIERS: [&str; 5] =
    ["秦源粮油配送", "绿丰蔬菜合作社", "岚水肉食品公司", "山里人农产品", "乡邻超市"];

/// A school's goods of a month: what comes on Mondays, and what was cooked by Friday. Of two hundred prices one stands out,
/// and one school in eight buys from one supplier alone.
fn goods(world: &World, school: u16, month: Month) -> Vec<Row> {
    let mut rng = Rng::of(world.hash(92, school.into()));
    let eaters = i64::from(pupils(world, school));
    let one = rng.chance(0.12).then(|| rng.index(SUPPLIERS.len()));
    let name = world.school_name(school, true);
    let first = date(month.0, month.1, 1);
    let mut rows = Vec::new();
    let mut monday = first;
    while monday <= first.last_of_month() && eaters > 0 {
        if monday.weekday() == Weekday::Monday && is_school_day(monday) {
            let friday = monday.checked_add(4.days()).expect("before 2101");
            for (n, (food, unit, price, each)) in FOODS.into_iter().enumerate() {
                // Tenths of a unit; boxes are whole.
                let tenths = eaters * each / 100;
                let tenths = if unit == "盒" { tenths / 10 * 10 } else { tenths }.max(1);
                let odd = if rng.chance(0.005) { 165 } else { 100 };
                let fen = price * i64::from(rng.between(95, 105)) * odd / 10_000;
                let supplier = SUPPLIERS[one.unwrap_or((n / 2 + rng.index(2)) % SUPPLIERS.len())];
                let mut put = |what, tenths: i64, money, supplier: &str, on| {
                    let tenths = f64::from(i32::try_from(tenths).expect("a school is small"));
                    rows.push(plain(
                        NONE,
                        vec![
                            Val::Text(name.clone()),
                            Val::Word(food),
                            Val::Word(what),
                            Val::Decimal(tenths / 10.0),
                            Val::Word(unit),
                            money,
                            Val::Text(supplier.to_owned()),
                            Val::Date(on),
                        ],
                    ));
                };
                put("入库", tenths, Val::Money(Money::fen(fen * tenths / 10)), supplier, monday);
                if friday <= first.last_of_month() {
                    let cooked = tenths * i64::from(rng.between(88, 100)) / 100;
                    if cooked > 0 {
                        put("出库", cooked, Val::None, "", friday);
                    }
                }
            }
        }
        monday = monday.tomorrow().expect("before 2101");
    }
    rows
}

type Dish = (&'static str, &'static [(&'static str, i64)]);

/// Four days of menus: dishes with grams of each foodstuff.
const WEEK: [&[Dish]; 4] = [
    &[
        ("米饭", &[("大米", 120)]),
        ("土豆烧肉", &[("土豆", 110), ("猪肉", 45)]),
        ("炒青菜", &[("小白菜", 130), ("菜籽油", 10)]),
    ],
    &[
        ("馒头", &[("面粉", 120)]),
        ("西红柿炒鸡蛋", &[("西红柿", 130), ("鸡蛋", 70), ("菜籽油", 12)]),
        ("豆腐汤", &[("豆腐", 80), ("小白菜", 60)]),
    ],
    &[
        ("臊子面", &[("挂面", 130), ("瘦猪肉", 50), ("豆腐干", 35)]),
        ("拌菠菜", &[("菠菜", 90), ("菜籽油", 12)]),
    ],
    &[
        ("米饭", &[("大米", 125)]),
        ("青椒肉丝", &[("青椒", 90), ("瘦猪肉", 55), ("菜籽油", 12)]),
        ("莲花白", &[("莲花白", 110), ("菜籽油", 6)]),
    ],
];

/// A school's menus of the first days of a month. One school in six gives no milk, one in fifteen cooks something that no
/// table knows.
fn menus(world: &World, school: u16, month: Month) -> Vec<Row> {
    let mut rng = Rng::of(world.hash(93, school.into()));
    let milk = !rng.chance(0.17);
    let strange = rng.chance(0.07);
    let older = world.schools[usize::from(school)].kind.main_stage() == Stage::Junior;
    let name = world.school_name(school, true);
    let mut rows = Vec::new();
    let mut on = date(month.0, month.1, 1);
    let mut days = 0;
    while days < 8 && on.month() == month.1 {
        if is_school_day(on) {
            let mut put = |dish: &'static str, food: &'static str, grams: i64| {
                let grams = if older { grams * 115 / 100 } else { grams };
                rows.push(plain(
                    NONE,
                    vec![
                        Val::Text(name.clone()),
                        Val::Date(on),
                        Val::Word(dish),
                        Val::Word(food),
                        Val::Int(grams),
                        Val::Word("克"),
                    ],
                ));
            };
            for (dish, parts) in WEEK[days % WEEK.len()] {
                for (food, grams) in *parts {
                    put(dish, food, *grams);
                }
            }
            if milk {
                put("牛奶", "牛奶", 200);
            }
            if strange && days == 2 {
                put("凉拌蕨菜", "蕨菜", 60);
            }
            days += 1;
        }
        on = on.tomorrow().expect("before 2101");
    }
    rows
}

/// A school's measurements: what the bottom lines ask about, and what was kept day by day in the month.
fn measures(world: &World, school: u16, month: Month) -> Vec<Row> {
    let mut rng = Rng::of(world.hash(94, school.into()));
    let name = world.school_name(school, true);
    let eaters = i64::from(pupils(world, school));
    let first = date(month.0, month.1, 1);
    let (early, end) = (first.checked_add(9.days()).expect("before 2101"), first.last_of_month());
    let mut rows = Vec::new();
    let mut put = |item: &'static str, value: String, unit: &'static str, on: Date| {
        rows.push(plain(
            NONE,
            vec![
                Val::Text(name.clone()),
                Val::Word(item),
                Val::Text(value),
                Val::Word(unit),
                Val::Date(on),
            ],
        ));
    };
    let yes = |is: bool| if is { "是".to_owned() } else { "否".to_owned() };
    let half = eaters / 2;
    let places = |one_for: i64, rng: &mut Rng| {
        let needed = (half + one_for - 1) / one_for;
        (needed + i64::from(rng.between(-1, 2))).max(1).to_string()
    };
    put("女厕位", places(13, &mut rng), "个", early);
    put("男厕位", places(40, &mut rng), "个", early);
    put("图书册数", (eaters * i64::from(rng.between(22, 40))).to_string(), "册", early);
    for (item, well) in [
        ("围墙", 0.94),
        ("墙面和线路达标", 0.9),
        ("旗杆旗台", 0.97),
        ("开水设备", 0.92),
        ("消防设施达标", 0.85),
        ("安防设施达标", 0.88),
        ("运动场地和器材", 0.93),
    ] {
        put(item, yes(rng.chance(well)), "是否", early);
    }
    put("出口带宽", rng.pick(&["20", "50", "100", "100", "200"]).to_string(), "兆", early);
    let days = i64::from(month.2);
    for (item, all) in [("留样天数", 0.85), ("陪餐天数", 0.8)] {
        let less = if rng.chance(all) { 0 } else { i64::from(rng.between(1, 6)) };
        put(item, (days - less).max(0).to_string(), "次", end);
    }
    let staff = eaters / 110 + 1;
    let cards = if rng.chance(0.9) { staff } else { staff - 1 };
    put("持有效健康证人数", cards.to_string(), "人", early);
    let trained = if rng.chance(0.75) { staff + 2 } else { staff };
    put("本学年受训人数", trained.to_string(), "人", early);
    rows
}

/// What an observed lesson and a test of one teacher in four were worth.
fn reviews(world: &World, staff: crate::schools::Staff, month: Month, full: bool) -> Vec<Row> {
    let mut rng = Rng::of(world.hash(95, staff.person));
    let Some(subject) = crate::rosters::taught(world, staff.person).filter(|_| rng.chance(0.25))
    else {
        return Vec::new();
    };
    // Few are well prepared for English and science; some of the others are not either.
    let base = if matches!(subject, "英语" | "科学") { 59 } else { 78 };
    let first = date(month.0, month.1, 1);
    ["听课", "测试"]
        .into_iter()
        .map(|kind| {
            let score = (base + rng.between(-14, 14)).clamp(20, 100);
            let on = first.checked_add(i64::from(rng.between(5, 24)).days()).expect("before 2101");
            plain(
                staff.person,
                vec![
                    world.name(staff.person),
                    Val::Id(world.id(staff.person)),
                    Val::Text(world.school_name(staff.school, full)),
                    Val::Word(subject),
                    Val::Word(kind),
                    Val::Int(score.into()),
                    Val::Int(100),
                    Val::Date(on),
                ],
            )
        })
        .collect()
}
