//! Figures of a county that exists nowhere, for tests and for looking at what is made. The lines are made by themselves: they are
//! not the names behind the figures, so the problems found in them do not match the tables.

use std::sync::Arc;

use fujiao_model::{Area, ExcessKind, Money, Period, Season, Stage, Subject, Term, Unit};
use jiff::civil::{Date, date};

use super::{
    AidLine, AidSum, AreaFigures, ContactMonth, Count, CountyReport, CourseFigures, Cover, GapLine,
    MealFigures, MealMonth, PairingFigures, PlanFigures, SchoolingFigures, TownFigures,
    TrainingFigures, problems,
};

const AS_OF: Date = date(2024, 10, 18);
const TOWNS: [&str; 8] =
    ["城关镇", "石门沟镇", "云台镇", "白水河镇", "松树坪镇", "麻柳镇", "双河口镇", "铁佛乡"];
const VILLAGES: [&str; 5] = ["松树坪村", "老庄村", "河湾社区", "青杠垭村", "大坪村"];
const SURNAMES: [&str; 8] = ["王", "李", "陈", "刘", "杨", "赵", "吴", "周"];
const GIVEN: [&str; 8] = ["小满", "谷雨", "秋生", "山花", "石头", "春燕", "冬梅", "立夏"];

/// What a line can be: area, kind, its title, unit, due, period, subject and bearer.
type Pattern =
    (Area, &'static str, &'static str, Unit, i64, Period, fn(u64) -> Subject, &'static str);

fn patterns() -> [Pattern; 12] {
    let spring = Period::Term(Term::new(2024, Season::Spring));
    let autumn = Period::Term(Term::new(2024, Season::Autumn));
    let month = Period::Month(2024, 9);
    let year = Period::SchoolYear(2024);
    let person = Subject::person;
    [
        (
            Area::Aid,
            "comp.living.boarder",
            "寄宿生生活补助",
            Unit::Fen,
            62_500,
            spring,
            person,
            "县学生资助中心",
        ),
        (Area::Meals, "meal", "营养餐", Unit::Meal, 22, month, person, "营养办"),
        (Area::Pairing, "contact", "每月联系", Unit::Contact, 1, month, person, "帮扶教师所在学校"),
        (
            Area::Aid,
            "hs.grant",
            "普通高中国家助学金",
            Unit::Fen,
            75_000,
            spring,
            person,
            "县学生资助中心",
        ),
        (
            Area::Training,
            "household",
            "一户一人受训",
            Unit::Household,
            1,
            Period::Once,
            Subject::household,
            "县职业培训中心",
        ),
        (
            Area::Jobs,
            "placement",
            "结业半年内就业",
            Unit::Person,
            1,
            Period::Year(2024),
            person,
            "县就业服务中心",
        ),
        (Area::Meals, "meal", "营养餐", Unit::Meal, 21, Period::Month(2024, 6), person, "营养办"),
        (
            Area::Schooling,
            "enrolment",
            "义务教育在校",
            Unit::Enrolment,
            1,
            autumn,
            person,
            "乡镇人民政府",
        ),
        (
            Area::Conditions,
            "dorm_beds",
            "寄宿床位",
            Unit::Piece,
            120,
            year,
            Subject::school,
            "县教育体育局",
        ),
        (
            Area::Teachers,
            "posts",
            "教职工编制",
            Unit::Post,
            1_250,
            year,
            Subject::school,
            "县教育体育局",
        ),
        (
            Area::Places,
            "class_size",
            "标准班额",
            Unit::Place,
            45,
            year,
            Subject::school,
            "县教育体育局",
        ),
        (
            Area::Funds,
            "earmark",
            "专项资金支出",
            Unit::Fen,
            12_000_000,
            Period::Year(2024),
            Subject::fund,
            "县财政局",
        ),
    ]
}

/// The `i`th line of the county's lists.
pub(crate) fn line(i: usize) -> GapLine {
    let n = i as u64;
    let (area, kind, title, unit, due, period, subject, bearer) = patterns()[pattern_of(i)];
    let town = TOWNS[i * 7 % 11 % 8];
    let excess = matches!(area, Area::Aid | Area::Meals) && i % 9 == 4;
    let done = if excess { due } else { due / 3 * ((n * 5) % 3).cast_signed() / 2 };
    let person = subject(n).kind == fujiao_model::SubjectKind::Person;
    let due_on = date(2024, 6, 30)
        .checked_add(jiff::Span::new().days((n % 180).cast_signed()))
        .unwrap_or(AS_OF);
    let school = format!("{town}中心小学");
    GapLine {
        area,
        kind: kind.into(),
        kind_title: title.into(),
        subject: subject(n),
        citizen_id: if person { format!("6199**********{:04}", i % 10_000) } else { String::new() },
        name: match area {
            Area::Conditions | Area::Teachers | Area::Places => school.clone(),
            Area::Funds => "义务教育薄弱环节改善资金".to_owned(),
            _ => format!("{}{}", SURNAMES[i % 8], GIVEN[i / 8 % 8]),
        },
        period,
        unit,
        due: if excess { 0 } else { due },
        done: if excess { 0 } else { done },
        gap: if excess { 0 } else { due - done },
        excess: if excess { due } else { 0 },
        excess_kind: excess.then_some(match i % 4 {
            0 => ExcessKind::Repeated,
            1 => ExcessKind::Over,
            _ => ExcessKind::Unfounded,
        }),
        town: town.into(),
        place: format!("{town}{}", VILLAGES[i % 5]).into(),
        school: if matches!(area, Area::Training | Area::Jobs | Area::Funds) {
            "".into()
        } else {
            school.into()
        },
        bearer: bearer.into(),
        due_on: (!excess).then_some(due_on),
        overdue: !excess && due_on < AS_OF,
        rule: format!("{kind}@2024S").into(),
        because: "脱贫户，2024年2月1日在册；六年级，寄宿".into(),
        source: format!("脱贫户花名册.xlsx Sheet1 第 {} 行", 4 + i % 3_000),
    }
}

/// Common lines often, rare ones (a child in no school, a school's want) seldom.
fn pattern_of(i: usize) -> usize {
    match i % 50 {
        49 => 8 + i / 50 % 4,
        48 => 7,
        n => n % 7,
    }
}

/// `n` lines, in the order of areas.
pub(crate) fn lines(n: usize) -> Vec<GapLine> {
    let mut lines: Vec<GapLine> = (0..n).map(line).collect();
    lines.sort_by_key(|line| line.area);
    lines
}

struct Rough(Area, &'static str, &'static str, Option<Unit>, i64, i64, i64, u64, u64, u64);

const AREAS: [Rough; 10] = [
    Rough(Area::Aid, "", "", Some(Unit::Fen), 743_912_500, 721_387_500, 6_062_500, 9_864, 293, 211),
    Rough(Area::Meals, "", "", Some(Unit::Meal), 252_164, 250_878, 1_640, 11_462, 286, 286),
    Rough(Area::Schooling, "", "", Some(Unit::Enrolment), 18_246, 18_239, 3, 18_246, 7, 1),
    Rough(Area::Pairing, "", "", None, 8_772, 8_288, 0, 8_772, 484, 121),
    Rough(Area::Training, "", "", Some(Unit::Household), 3_127, 2_884, 0, 3_127, 243, 243),
    Rough(Area::Jobs, "", "", Some(Unit::Person), 612, 498, 0, 612, 114, 67),
    Rough(Area::Conditions, "", "", None, 1_672, 1_541, 0, 1_672, 131, 12),
    Rough(Area::Teachers, "", "", Some(Unit::Post), 168_400, 159_800, 4_200, 97, 41, 0),
    Rough(Area::Places, "", "", Some(Unit::Place), 19_480, 18_912, 0, 512, 38, 0),
    Rough(
        Area::Funds,
        "",
        "",
        Some(Unit::Fen),
        4_180_000_000,
        3_712_500_000,
        120_000_000,
        14,
        3,
        2,
    ),
];

const KINDS: [Rough; 12] = [
    Rough(
        Area::Aid,
        "comp.living.boarder",
        "寄宿生生活补助",
        Some(Unit::Fen),
        402_312_500,
        389_000_000,
        4_000_000,
        5_240,
        180,
        140,
    ),
    Rough(
        Area::Aid,
        "comp.living.day",
        "非寄宿生生活补助",
        Some(Unit::Fen),
        101_600_000,
        98_387_500,
        1_062_500,
        2_900,
        83,
        60,
    ),
    Rough(
        Area::Aid,
        "hs.grant",
        "普通高中国家助学金",
        Some(Unit::Fen),
        240_000_000,
        234_000_000,
        1_000_000,
        1_724,
        30,
        11,
    ),
    Rough(
        Area::Meals,
        "meal",
        "营养餐",
        Some(Unit::Meal),
        252_164,
        250_878,
        1_640,
        11_462,
        286,
        286,
    ),
    Rough(Area::Pairing, "mentor", "结对教师", Some(Unit::Person), 4_386, 4_310, 0, 4_386, 76, 40),
    Rough(
        Area::Pairing,
        "contact",
        "每月联系",
        Some(Unit::Contact),
        4_386,
        3_978,
        0,
        4_386,
        408,
        81,
    ),
    Rough(
        Area::Conditions,
        "building_area",
        "校舍建筑面积",
        Some(Unit::Area),
        11_462_000,
        10_988_050,
        0,
        97,
        22,
        0,
    ),
    Rough(Area::Conditions, "dorm_beds", "寄宿床位", Some(Unit::Piece), 6_120, 5_984, 0, 61, 9, 2),
    Rough(
        Area::Teachers,
        "posts",
        "教职工编制",
        Some(Unit::Post),
        168_400,
        159_800,
        4_200,
        97,
        41,
        0,
    ),
    Rough(Area::Places, "class_size", "标准班额", Some(Unit::Place), 19_480, 18_912, 0, 512, 38, 0),
    Rough(
        Area::Training,
        "household",
        "一户一人受训",
        Some(Unit::Household),
        3_127,
        2_884,
        0,
        3_127,
        243,
        243,
    ),
    Rough(Area::Jobs, "placement", "结业半年内就业", Some(Unit::Person), 612, 498, 0, 612, 114, 67),
];

fn figures(rough: &Rough) -> AreaFigures {
    let &Rough(area, kind, title, unit, due, done, excess, duties, duties_gap, overdue) = rough;
    AreaFigures {
        due,
        done,
        gap: due - done,
        excess,
        duties,
        duties_gap,
        overdue,
        subjects_due: duties * 9 / 10,
        subjects_gap: duties_gap * 9 / 10 + duties_gap % 2,
        unfounded: Count { times: u64::from(excess > 0) * 24, quantity: excess / 2 },
        repeated: Count { times: u64::from(excess > 0) * 11, quantity: excess - excess / 2 },
        ..AreaFigures::none(area, kind.into(), title.into(), unit)
    }
}

fn share(whole: &AreaFigures, town: usize) -> AreaFigures {
    const PARTS: [i64; 8] = [30, 16, 14, 12, 10, 8, 6, 4];
    let part = |n: i64| n * PARTS[town] / 100;
    let few = |n: u64| n * PARTS[(town * 3 + 1) % 8].cast_unsigned() / 100;
    let (due, gap) = (part(whole.due), whole.gap * PARTS[(town * 3 + 1) % 8] / 100);
    AreaFigures {
        due,
        gap,
        done: due - gap,
        duties: part(whole.duties.cast_signed()).cast_unsigned(),
        duties_gap: few(whole.duties_gap),
        overdue: few(whole.overdue),
        subjects_due: part(whole.subjects_due.cast_signed()).cast_unsigned(),
        subjects_gap: few(whole.subjects_gap),
        ..whole.clone()
    }
}

fn aid_line(
    stage: Stage,
    programme: &str,
    term: Term,
    times: u64,
    each: i64,
    due: bool,
) -> AidLine {
    let sum = |times: u64| AidSum { times, amount: Money::fen(times.cast_signed() * each) };
    let missed = if due { times / 33 } else { 0 };
    AidLine {
        stage,
        programme: programme.into(),
        loan: stage == Stage::Higher,
        term,
        received: None,
        paid: sum(times),
        first_class: sum(times * 4 / 5),
        second_class: sum(times - times * 4 / 5),
        due: due.then(|| sum(times + missed)),
        missed: sum(missed),
        unfounded: if due { sum(times / 200) } else { AidSum::default() },
        repeated: if due { sum(times / 400) } else { AidSum::default() },
        over: AidSum::default(),
    }
}

fn aid() -> Vec<AidLine> {
    let term = |year, season| Term::new(year, season);
    let mut lines = Vec::new();
    for (at, (term, closed)) in (0_u64..).zip([
        (term(2023, Season::Spring), true),
        (term(2023, Season::Autumn), true),
        (term(2024, Season::Spring), true),
        (term(2024, Season::Autumn), false),
    ]) {
        for (stage, programme, times, each) in [
            (Stage::Preschool, "学前生活补助", 826, 37_500),
            (Stage::Primary, "寄宿生生活补助", 1_420, 62_500),
            (Stage::Primary, "非寄宿生生活补助", 1_538, 31_250),
            (Stage::Junior, "寄宿生生活补助", 2_102, 75_000),
            (Stage::Junior, "非寄宿生生活补助", 500, 37_500),
            (Stage::Senior, "国家助学金", 1_204, 125_000),
            (Stage::Senior, "免学费", 3_106, 35_000),
            (Stage::Vocational, "国家助学金", 438, 100_000),
            (Stage::Vocational, "雨露计划", 391, 150_000),
        ] {
            if closed {
                let times = times * (104 - 3 * at) / 100;
                lines.push(aid_line(stage, programme, term, times, each, true));
            }
        }
        if term.season() == Season::Autumn {
            lines.push(aid_line(
                Stage::Higher,
                "生源地信用助学贷款",
                term,
                1_836,
                1_180_000,
                false,
            ));
        }
    }
    lines
}

/// A county in which everything was reported.
pub(crate) fn report() -> CountyReport {
    let areas: Vec<AreaFigures> = AREAS.iter().map(figures).collect();
    let towns = (0..TOWNS.len())
        .map(|town| TownFigures {
            town: TOWNS[town].into(),
            areas: areas.iter().filter(|f| f.area != Area::Funds).map(|f| share(f, town)).collect(),
        })
        .collect();
    let course = |kind: &str, sessions, attendances, persons, completed| CourseFigures {
        kind: kind.into(),
        sessions,
        attendances,
        persons,
        completed,
    };
    CountyReport {
        county: "岚川县".into(),
        bureau: "岚川县教育体育局".into(),
        as_of: AS_OF,
        sample: true,
        problems: problems(&lines(2_000), &areas, AS_OF),
        areas,
        kinds: KINDS.iter().map(figures).collect(),
        towns,
        aid: aid(),
        meals: Some(MealFigures {
            schools: 76,
            schools_served: 76,
            canteen_schools: Some(47),
            pupils: 11_462,
            pupils_served: 11_431,
            canteen_pupils: Some(8_210),
            months: vec![
                MealMonth { year: 2024, month: 6, due: 229_240, done: 228_240, over: 1_204 },
                MealMonth { year: 2024, month: 9, due: 252_164, done: 250_878, over: 1_640 },
            ],
            claimed: Some(Money::fen(48_140_400 * 5)),
            over_schools: 4,
        }),
        schooling: Some(SchoolingFigures {
            term: Term::of(AS_OF),
            school_age: 18_246,
            in_school: 17_802,
            exempt: vec![("县外就读".into(), 411), ("送教上门".into(), 22), ("延缓入学".into(), 4)],
            suspected: 7,
            double_enrolled: 3,
            returned: Some(5),
        }),
        pairing: Some(PairingFigures {
            pupils: 4_386,
            paired: 4_310,
            mentors: 1_402,
            months: vec![ContactMonth { year: 2024, month: 9, due: 4_386, done: 3_978 }],
            by_kind: vec![
                ("谈心".into(), 2_410),
                ("电话".into(), 1_204),
                ("家访".into(), 402),
                ("送物".into(), 310),
            ],
            things_only: Some(96),
        }),
        training: Some(TrainingFigures {
            courses: vec![
                course("农民实用技术", 42, 2_310, 1_988, 2_254),
                course("雨露工程", 6, 184, 184, 180),
                course("就业创业", 18, 820, 742, 798),
            ],
            persons: 2_716,
            households: 3_127,
            households_covered: 2_884,
            graduates: Some(612),
            placed: Some(498),
        }),
        plans: vec![PlanFigures {
            title: "学校布局".into(),
            basis: "局务会 2024-10-12".into(),
            says: "恢复 3 所，改 5 所，陪读从 1046 人到 430 人".into(),
            lines: 11,
            done: 2,
            next_due: Some(jiff::civil::date(2025, 8, 31)),
        }],
    }
}

/// A county from which hardly anything came, and in which the rest is zero.
pub(crate) fn bare() -> CountyReport {
    CountyReport {
        sample: false,
        areas: vec![
            AreaFigures::none(Area::Aid, "".into(), "".into(), Some(Unit::Fen)),
            AreaFigures::none(Area::Schooling, "".into(), "".into(), Some(Unit::Enrolment)),
        ],
        kinds: vec![],
        towns: vec![],
        aid: vec![],
        meals: None,
        schooling: Some(SchoolingFigures {
            term: Term::of(AS_OF),
            school_age: 0,
            in_school: 0,
            exempt: vec![],
            suspected: 0,
            double_enrolled: 0,
            returned: None,
        }),
        pairing: Some(PairingFigures::default()),
        training: None,
        problems: vec![],
        plans: vec![],
        ..report()
    }
}

/// The cover of the lists.
pub(crate) fn cover() -> Cover {
    Cover {
        county: Arc::from("岚川县"),
        bureau: Arc::from("岚川县教育体育局"),
        as_of: AS_OF,
        sample: true,
        revealed: false,
        issued: "赵敏 2024-10-18".to_owned(),
        areas: AREAS.iter().map(figures).collect(),
    }
}
