//! A month of school meals: rosters of schools and children, daily returns, lists of names, and what of the claims is not true.
//!
//! Six schools in ten are clean, with everything that clean schools have: absences, a child who goes home before noon, days that
//! nobody marked, a Sunday that is worked, children who move in the middle of the month. The others claim for the absent, on
//! weekends, after they were closed, or for children whom another school has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fujiao_model::{CitizenId, DivisionLevel, Grade, Stage};
use jiff::civil::{Date, Weekday, date};

use crate::names::{Name, SURNAMES};
use crate::rng::Rng;
use crate::{Sink, SynthError, places, put};

/// What month to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOrder {
    /// Schools; one in twelve is merged or closed within the month.
    pub schools: u32,
    /// Children, about.
    pub pupils: u32,
    /// Same order, same bytes.
    pub seed: u64,
    /// Year and month.
    pub month: (i16, i8),
}

/// What was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthSummary {
    /// Children enrolled.
    pub pupils: u64,
    /// Daily returns.
    pub returns: u64,
    /// Class days and names with claims that are not true.
    pub planted: u64,
    /// Schools without any.
    pub clean: u64,
}

struct School {
    name: String,
    town: String,
    kind: &'static str,
    /// The first day on which it is closed, and the school that takes its children.
    ends: Option<(i8, Option<usize>)>,
    trick: Trick,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trick {
    None,
    Absent,
    Weekend,
    AfterEnd,
}

struct Child {
    name: String,
    id: CitizenId,
    male: bool,
    /// Position of the school, grade year and class.
    at: (usize, u8, u8),
    /// First day at another school, and which: who moves within the month.
    moves: Option<(i8, usize)>,
    away: Vec<i8>,
}

/// Makes the month into `sink`: rosters under offices' folders, and `truth/meal_days.csv` and `truth/meal_names.csv`.
///
/// # Errors
/// A sink that fails, or a number of schools or children that makes no county.
#[expect(clippy::too_many_lines, reason = "one roster after the other")]
pub fn make_month(order: &MonthOrder, sink: &mut dyn Sink) -> Result<MonthSummary, SynthError> {
    if order.schools < 4 || order.pupils < order.schools * 8 || order.pupils > 2_000_000 {
        return Err(SynthError::People { people: order.pupils });
    }
    let county = places(None)?;
    let mut rng = Rng::new(order.seed, "month");
    let (year, month) = order.month;
    let last = date(year, month, 1).last_of_month().day();
    let lessons = lessons(year, month);
    let mut schools = schools(order, &county.places, &mut rng);
    let names: Vec<String> = schools.iter().map(|s| s.name.clone()).collect();
    let ends: Vec<Option<(i8, Option<usize>)>> = schools.iter().map(|s| s.ends).collect();
    let mut children = children(order, &schools, &mut rng, &lessons);
    for school in &mut schools {
        if school.ends.is_some() && school.trick == Trick::None && rng.chance(0.7) {
            school.trick = Trick::AfterEnd;
        }
    }
    let school_year = if month >= 9 { year } else { year - 1 };
    let mut summary = MonthSummary { pupils: children.len() as u64, ..MonthSummary::default() };
    summary.clean = schools.iter().filter(|s| s.trick == Trick::None).count() as u64;

    let mut text = String::from(
        "示例数据：学校名册\n学校名称,办学类型,学段,是否农村学校,学生数,所在乡镇,并入学校,撤并日期\n",
    );
    for (at, school) in schools.iter().enumerate() {
        let n = children.iter().filter(|c| c.at.0 == at).count();
        let (into, on) = match school.ends {
            Some((day, into)) => (
                into.map_or(String::new(), |i| names[i].clone()),
                date(year, month, day).to_string(),
            ),
            None => Default::default(),
        };
        let stage = if school.kind == "初级中学" { "初中" } else { "小学" };
        let _ = writeln!(
            text,
            "{},{},{stage},是,{n},{},{into},{on}",
            school.name, school.kind, school.town
        );
    }
    put(sink, "教育局/学校名册.csv", text.into_bytes())?;

    let term = format!("{school_year}—{}学年", school_year + 1);
    let mut text = format!(
        "示例数据：{term}学籍\n学校名称,学段,年级,班级,姓名,身份证号,性别,就读方式,学籍状态,入学时间,离校日期,学年\n"
    );
    let entered = format!("{school_year}-09-01");
    for child in &mut children {
        let (school, grade, class) = child.at;
        let end = ends[school];
        // The children of a school that is merged go on at the other one.
        let goes = child.moves.or_else(|| end.and_then(|(day, into)| Some((day, into?))));
        child.moves = goes;
        let grade = grade_of(grade);
        let mut row = |school: usize, status: &str, from: &str, left: String| {
            let sex = if child.male { "男" } else { "女" };
            let stage = grade.stage().chinese();
            let _ = writeln!(
                text,
                "{},{stage},{},{class}班,{},{},{sex},走读,{status},{from},{left},{school_year}",
                names[school],
                grade.chinese(),
                child.name,
                child.id.reveal(),
            );
        };
        match (goes, end) {
            (Some((day, to)), _) => {
                let day = date(year, month, day).to_string();
                row(school, "转出", &entered, day.clone());
                row(to, "在读", &day, String::new());
            }
            (None, Some((day, _))) => {
                row(school, "转出", &entered, date(year, month, day).to_string());
            }
            (None, None) => row(school, "在读", &entered, String::new()),
        }
    }
    put(sink, "教育局/学籍.csv", text.into_bytes())?;

    let dates = spans(&lessons);
    let text = format!(
        "示例数据：校历\n月份,上课天数,上课日期\n{year}-{month:02},{},\"{dates}\"\n",
        lessons.len()
    );
    put(sink, "教育局/校历.csv", text.into_bytes())?;

    let mut text =
        String::from("示例数据：缺勤\n学校,年级,班级,姓名,身份证号,缺勤起,缺勤止,缺勤天数,原因\n");
    for child in &children {
        for (from, to) in runs(&child.away, &lessons) {
            let days = child.away.iter().filter(|d| (from..=to).contains(*d)).count();
            let _ = writeln!(
                text,
                "{},{},{}班,{},{},{year}-{month:02}-{from:02},{year}-{month:02}-{to:02},{days},病假",
                names[school_on(child, from)],
                grade_of(child.at.1).chinese(),
                child.at.2,
                child.name,
                child.id.reveal(),
            );
        }
    }
    put(sink, "教育局/缺勤.csv", text.into_bytes())?;

    let mut claims =
        String::from("示例数据：每日就餐\n学校,年级,班级,供餐日期,到校人数,供餐份数,申报份数\n");
    let mut truth = String::from("school,class,day,why,meals\n");
    // By school, grade and class on each day: enrolled and away.
    let mut enrolled_on: BTreeMap<(usize, u8, u8), Vec<(u32, u32)>> = BTreeMap::new();
    for child in &children {
        for day in 1..=last {
            let school = school_on(child, day);
            if !open_on(&ends, school, day) && school == child.at.0 {
                continue;
            }
            let key = (school, child.at.1, child.at.2);
            let of = enrolled_on.entry(key).or_insert_with(|| vec![(0, 0); 32]);
            let of = &mut of[usize::from(day.unsigned_abs())];
            of.0 += 1;
            of.1 += u32::from(child.away.contains(&day));
        }
    }
    for (&(at, grade, class), days) in &enrolled_on {
        let school = &schools[at];
        let class_name = format!("{}{class}班", grade_of(grade).chinese());
        let mut most = 0;
        for day in 1..=last {
            let (enrolled, away) = days[usize::from(day.unsigned_abs())];
            most = most.max(enrolled);
            let lesson = lessons.contains(&day);
            let open = open_on(&ends, at, day);
            let mut put_row = |present: Option<u32>,
                               served: Option<u32>,
                               claimed: Option<u32>,
                               why: Option<(&str, u32)>| {
                let n = |n: Option<u32>| n.map_or(String::new(), |n| n.to_string());
                let _ = writeln!(
                    claims,
                    "{},{},{class}班,{year}-{month:02}-{day:02},{},{},{}",
                    school.name,
                    grade_of(grade).chinese(),
                    n(present),
                    n(served),
                    n(claimed)
                );
                summary.returns += 1;
                if let Some((why, meals)) = why.filter(|(_, meals)| *meals > 0) {
                    let _ = writeln!(truth, "{},{class_name},{day},{why},{meals}", school.name);
                    summary.planted += 1;
                }
            };
            if !open {
                if lesson && school.trick == Trick::AfterEnd && most > 0 {
                    let why = if school.ends.is_some_and(|(_, into)| into.is_some()) {
                        "double"
                    } else {
                        "closed"
                    };
                    put_row(None, None, Some(most), Some((why, most)));
                }
                continue;
            }
            if !lesson {
                let weekend = date(year, month, day).weekday() == Weekday::Saturday;
                if weekend && school.trick == Trick::Weekend && enrolled > 0 {
                    put_row(None, None, Some(enrolled), Some(("off_day", enrolled)));
                }
                continue;
            }
            if enrolled == 0 {
                continue;
            }
            let present = enrolled - away;
            // A child that goes home before noon.
            let served = present - u32::from(present > 1 && rng.chance(0.03));
            if rng.chance(0.004) {
                put_row(None, Some(served), Some(served), None);
                continue;
            }
            let padded = school.trick == Trick::Absent && away > 0 && rng.chance(0.5);
            let claimed =
                if padded { enrolled } else { served - u32::from(served > 1 && rng.chance(0.01)) };
            let why = padded.then(|| ("absent", claimed.saturating_sub(served.min(present))));
            put_row(Some(present), Some(served), Some(claimed), why);
        }
    }
    put(sink, "营养办/每日就餐.csv", claims.into_bytes())?;
    put(sink, "truth/meal_days.csv", truth.into_bytes())?;

    let mut names_list =
        String::from("示例数据：实名制就餐\n学校,年级,班级,姓名,身份证号,月份,就餐天数,餐标\n");
    let mut truth = String::from("school,citizen_id,why,meals\n");
    for child in &children {
        let stays = |school: usize| {
            let here = |d: &&i8| school_on(child, **d) == school && open_on(&ends, school, **d);
            let can: Vec<i8> = lessons.iter().filter(here).copied().collect();
            let may = can.iter().filter(|d| !child.away.contains(d)).count();
            (can.len(), may)
        };
        let first = child.at.0;
        let own: Vec<usize> = std::iter::once(first).chain(child.moves.map(|m| m.1)).collect();
        for (n, &school) in own.iter().enumerate() {
            let (can, may) = stays(school);
            let trick = schools[school].trick;
            let (days, why) = match trick {
                Trick::Absent if may < can && rng.chance(0.5) => (can, "absent"),
                Trick::AfterEnd if n == 0 && ends[school].is_some() => {
                    let into = ends[school].is_some_and(|(_, into)| into.is_some());
                    (lessons.len(), if into { "double" } else { "closed" })
                }
                _ => (may, ""),
            };
            if days == 0 {
                continue;
            }
            let _ = writeln!(
                names_list,
                "{},{},{}班,{},{},{year}-{month:02},{days},5",
                names[school],
                grade_of(child.at.1).chinese(),
                child.at.2,
                child.name,
                child.id.reveal()
            );
            if !why.is_empty() && days > may {
                let _ =
                    writeln!(truth, "{},{},{why},{}", names[school], child.id.reveal(), days - may);
                summary.planted += 1;
            }
        }
    }
    put(sink, "营养办/实名就餐.csv", names_list.into_bytes())?;
    put(sink, "truth/meal_names.csv", truth.into_bytes())?;
    Ok(summary)
}

/// Monday to Friday, and the last Sunday of the month, which is worked.
fn lessons(year: i16, month: i8) -> Vec<i8> {
    let last = date(year, month, 1).last_of_month().day();
    let sunday = (1..=last).rfind(|d| date(year, month, *d).weekday() == Weekday::Sunday);
    (1..=last)
        .filter(|d| {
            let day: Date = date(year, month, *d);
            day.weekday().to_monday_zero_offset() < 5 || Some(*d) == sunday
        })
        .collect()
}

fn grade_of(year: u8) -> Grade {
    let (stage, year) = if year <= 6 { (Stage::Primary, year) } else { (Stage::Junior, year - 6) };
    let of = |g: &&Grade| g.stage() == stage && g.year() == year;
    *Grade::ALL.iter().find(of).expect("nine grades")
}

fn schools(order: &MonthOrder, places: &[crate::Place], rng: &mut Rng) -> Vec<School> {
    let mut town = String::new();
    let mut villages: Vec<(String, String)> = Vec::new();
    for place in places {
        match place.code.level() {
            DivisionLevel::Town => town.clone_from(&place.name),
            DivisionLevel::Village => villages.push((town.clone(), place.name.clone())),
            _ => {}
        }
    }
    rng.shuffle(&mut villages);
    let mut schools: Vec<School> = (0..order.schools as usize)
        .map(|n| {
            let (town, village) = &villages[n % villages.len()];
            let (kind, word) =
                if n % 9 == 8 { ("初级中学", "初级中学") } else { ("小学", "小学") };
            let village = village.trim_end_matches(['村', '区']).trim_end_matches("社");
            let round = n / villages.len();
            let again = if round == 0 { String::new() } else { format!("第{}", round + 1) };
            School {
                name: format!("{town}{village}{again}{word}"),
                town: town.clone(),
                kind,
                ends: None,
                trick: match rng.below(10) {
                    0 | 1 => Trick::Absent,
                    2 | 3 => Trick::Weekend,
                    _ => Trick::None,
                },
            }
        })
        .collect();
    for n in (0..schools.len()).step_by(12) {
        if schools[n].kind != "小学" {
            continue;
        }
        let into = (n + 1..schools.len()).find(|i| i % 12 != 0 && schools[*i].kind == "小学");
        let day = i8::try_from(11 + rng.below(8)).expect("a day");
        // Every other one is closed and its children go away from the county.
        schools[n].ends = Some((day, if n % 24 == 0 { into } else { None }));
        schools[n].trick = Trick::None;
    }
    schools
}

fn children(order: &MonthOrder, schools: &[School], rng: &mut Rng, lessons: &[i8]) -> Vec<Child> {
    let mut children = Vec::new();
    let each = order.pupils / order.schools;
    let school_year = order.month.0 - i16::from(order.month.1 < 9);
    for (at, school) in schools.iter().enumerate() {
        let years: &[u8] = if school.kind == "小学" { &[1, 2, 3, 4, 5, 6] } else { &[7, 8, 9] };
        let a_grade = each.div_ceil(u32::try_from(years.len()).expect("few grades")).max(1);
        for &grade in years {
            for n in 0..a_grade {
                let sequence = u16::try_from(children.len() % 999).expect("below 999");
                let born_year = school_year - 6 - i16::from(grade) + 1;
                let born = date(
                    born_year,
                    i8::try_from(1 + rng.below(8)).expect("a month"),
                    i8::try_from(1 + rng.below(28)).expect("a day"),
                );
                let male = rng.chance(0.52);
                let surname = Name::surname(rng);
                debug_assert!(usize::from(surname) < SURNAMES.len());
                let name = Name::given(surname, male, born_year, None, rng).text();
                // The district of the id takes what the sequence cannot hold.
                let area = 619_901 + u32::try_from(children.len() / 999 % 90).expect("below 90");
                let mut away = Vec::new();
                if rng.chance(0.15) {
                    let from = rng.index(lessons.len());
                    let long = 1 + rng.index(3);
                    away.extend(lessons[from..].iter().take(long).copied());
                }
                let moves = (school.ends.is_none() && school.kind == "小学" && rng.chance(0.003))
                    .then(|| {
                        let to = (at + 1..schools.len())
                            .find(|i| schools[*i].kind == "小学" && schools[*i].ends.is_none())?;
                        Some((i8::try_from(8 + rng.below(14)).expect("a day"), to))
                    })
                    .flatten();
                let class = u8::try_from(n / 40 + 1).expect("few classes");
                children.push(Child {
                    name,
                    id: CitizenId::compose(area, born, sequence),
                    male,
                    at: (at, grade, class),
                    moves,
                    away,
                });
            }
        }
    }
    children
}

/// Where a child is on a day.
fn school_on(child: &Child, day: i8) -> usize {
    match child.moves {
        Some((from, to)) if day >= from => to,
        _ => child.at.0,
    }
}

fn open_on(ends: &[Option<(i8, Option<usize>)>], school: usize, day: i8) -> bool {
    ends[school].is_none_or(|(from, _)| day < from)
}

/// Days as `1-5,8`.
pub(crate) fn spans(days: &[i8]) -> String {
    let parts: Vec<String> = days
        .chunk_by(|a, b| a + 1 == *b)
        .map(|run| match run {
            [one] => one.to_string(),
            run => format!("{}-{}", run[0], run[run.len() - 1]),
        })
        .collect();
    parts.join(",")
}

/// Runs of absence: first and last day, across days without lessons.
fn runs(away: &[i8], lessons: &[i8]) -> Vec<(i8, i8)> {
    let place = |d: &i8| lessons.iter().position(|l| l == d).unwrap_or(0);
    away.chunk_by(|a, b| place(a) + 1 == place(b)).map(|run| (run[0], run[run.len() - 1])).collect()
}
