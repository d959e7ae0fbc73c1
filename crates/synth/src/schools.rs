//! Schools, who learns in them, who teaches in them, and which children are in none.

use std::collections::BTreeMap;

use fujiao_model::{EnrolmentStatus, ExemptionKind, Grade, HouseholdKind, Stage};
use jiff::civil::{Date, date};

use crate::rng::Rng;
use crate::world::families::plain_day;
use crate::world::{World, age};

/// What a school is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Kindergarten,
    TeachingPoint,
    Primary,
    Junior,
    NineYear,
    Senior,
    Vocational,
    College,
}

impl Kind {
    pub(crate) fn chinese(self) -> &'static str {
        match self {
            Self::Kindergarten => "幼儿园",
            Self::TeachingPoint => "教学点",
            Self::Primary => "小学",
            Self::Junior => "初级中学",
            Self::NineYear => "九年一贯制学校",
            Self::Senior => "普通高中",
            Self::Vocational => "中等职业学校",
            Self::College => "高等学校",
        }
    }

    pub(crate) fn main_stage(self) -> Stage {
        match self {
            Self::Kindergarten => Stage::Preschool,
            Self::TeachingPoint | Self::Primary => Stage::Primary,
            Self::Junior | Self::NineYear => Stage::Junior,
            Self::Senior => Stage::Senior,
            Self::Vocational => Stage::Vocational,
            Self::College => Stage::Higher,
        }
    }

    /// The first two digits of the code; a teaching point has none.
    fn code(self) -> Option<u32> {
        match self {
            Self::Kindergarten => Some(11),
            Self::TeachingPoint => None,
            Self::Primary => Some(21),
            Self::Junior | Self::NineYear => Some(31),
            Self::Senior => Some(34),
            Self::Vocational => Some(36),
            Self::College => Some(41),
        }
    }

    pub(crate) fn serves_meals(self) -> bool {
        matches!(self, Self::TeachingPoint | Self::Primary | Self::Junior | Self::NineYear)
    }
}

/// A school, kindergarten or college.
#[derive(Clone, Debug)]
pub(crate) struct School {
    /// Without the county: 云台镇中心小学.
    pub(crate) name: String,
    /// Whether the county stands before the full name.
    pub(crate) local: bool,
    pub(crate) code: String,
    pub(crate) kind: Kind,
    pub(crate) town: u16,
    pub(crate) parent: Option<u16>,
    pub(crate) rural: bool,
    /// For senior highs: 省级标准化, 城市, 农村.
    pub(crate) standard: &'static str,
    /// For colleges: 省内, 省外.
    pub(crate) destination: &'static str,
    /// For colleges: 本科, 高职.
    pub(crate) level: &'static str,
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
}

/// One pupil in one school for one school year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Enrolment {
    pub(crate) person: u32,
    /// The calendar year in which the school year began.
    pub(crate) year: i16,
    pub(crate) school: u16,
    pub(crate) grade: Grade,
    pub(crate) class: u8,
    pub(crate) boards: bool,
    pub(crate) status: EnrolmentStatus,
    pub(crate) left: Option<Date>,
    /// The second of two rows of one year: where a pupil moved to, or is enrolled once more.
    pub(crate) second: bool,
}

impl Enrolment {
    /// Whether the pupil counts for a term that begins on `first`.
    pub(crate) fn counts(&self, first: Date) -> bool {
        self.status == EnrolmentStatus::Active || self.left.is_some_and(|d| d > first)
    }
}

/// A child lawfully in no class, as long as the paper holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exemption {
    pub(crate) person: u32,
    pub(crate) kind: ExemptionKind,
    pub(crate) from: Date,
    pub(crate) to: Date,
}

/// A member of staff.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Staff {
    pub(crate) person: u32,
    pub(crate) school: u16,
}

const COLLEGES: [(&str, &str, &str); 8] = [
    ("渭原师范大学", "省内", "本科"),
    ("秦泽理工大学", "省内", "本科"),
    ("泾川职业技术学院", "省内", "高职"),
    ("秦泽医学高等专科学校", "省内", "高职"),
    ("洛水农林大学", "省外", "本科"),
    ("海陵大学", "省外", "本科"),
    ("东港职业技术学院", "省外", "高职"),
    ("南屏工业职业学院", "省外", "高职"),
];

/// 云台镇 → 云台.
fn stem(town: &str) -> &str {
    town.strip_suffix("街道")
        .or_else(|| town.strip_suffix('镇'))
        .or_else(|| town.strip_suffix('乡'))
        .unwrap_or(town)
}

/// Builds the schools of every town.
pub(crate) fn build(world: &mut World) {
    let mut schools: Vec<School> = Vec::new();
    let mut add = |name: String,
                   kind: Kind,
                   town: usize,
                   parent: Option<u16>,
                   rural: bool,
                   standard,
                   at: (f64, f64)| {
        let number = u16::try_from(schools.len()).expect("a county has few schools");
        let code = kind
            .code()
            .map_or_else(String::new, |k| format!("{k}61{:06}", 990_001 + u32::from(number)));
        schools.push(School {
            name,
            local: true,
            code,
            kind,
            town: u16::try_from(town).expect("few towns"),
            parent,
            rural,
            standard,
            destination: "",
            level: "",
            longitude: at.0,
            latitude: at.1,
        });
        number
    };
    for (t, town) in world.towns.iter().enumerate() {
        let at = (town.longitude, town.latitude);
        if town.seat {
            for (name, kind, standard) in [
                ("第一小学", Kind::Primary, ""),
                ("第二小学", Kind::Primary, ""),
                ("第三小学", Kind::Primary, ""),
                ("第一初级中学", Kind::Junior, ""),
                ("第二初级中学", Kind::Junior, ""),
                ("第一中学", Kind::Senior, "省级标准化"),
                ("城区高级中学", Kind::Senior, "城市"),
                ("职业技术教育中心", Kind::Vocational, ""),
                ("第一幼儿园", Kind::Kindergarten, ""),
                ("第二幼儿园", Kind::Kindergarten, ""),
            ] {
                add(name.to_owned(), kind, t, None, false, standard, at);
            }
            continue;
        }
        let name = stem(&town.name);
        add(format!("{}中心幼儿园", town.name), Kind::Kindergarten, t, None, true, "", at);
        let centre = if t % 4 == 3 {
            add(format!("{name}九年制学校"), Kind::NineYear, t, None, true, "", at)
        } else {
            let centre =
                add(format!("{}中心小学", town.name), Kind::Primary, t, None, true, "", at);
            add(format!("{name}初级中学"), Kind::Junior, t, None, true, "", at);
            centre
        };
        if t == 1 {
            add(format!("{name}高级中学"), Kind::Senior, t, None, true, "农村", at);
        }
        for (i, v) in town.villages.clone().enumerate().skip(2) {
            let village = &world.villages[v as usize];
            let place = village.name.trim_end_matches(['村']).trim_end_matches("社区");
            let at = (village.longitude, village.latitude);
            match i % 5 {
                2 => {
                    add(format!("{}{place}小学", town.name), Kind::Primary, t, None, true, "", at);
                }
                4 => {
                    add(
                        format!("{}{place}教学点", town.name),
                        Kind::TeachingPoint,
                        t,
                        Some(centre),
                        true,
                        "",
                        at,
                    );
                }
                0 if i % 2 == 1 => {
                    add(
                        format!("{}{place}教学点", town.name),
                        Kind::TeachingPoint,
                        t,
                        Some(centre),
                        true,
                        "",
                        at,
                    );
                }
                _ => {}
            }
        }
    }
    for (name, ..) in COLLEGES {
        add(name.to_owned(), Kind::College, 0, None, false, "", (0.0, 0.0));
    }
    let first = schools.len() - COLLEGES.len();
    for (school, (_, destination, level)) in schools[first..].iter_mut().zip(COLLEGES) {
        school.local = false;
        school.destination = destination;
        school.level = level;
    }
    world.schools = schools;
}

/// Which school a child goes to.
struct Chooser<'a> {
    world: &'a World,
    /// By village: a village school or teaching point within reach.
    near: Vec<Option<u16>>,
    /// By town: kindergarten, primary, junior.
    central: Vec<[Option<u16>; 3]>,
    seat: Vec<u16>,
    seniors: Vec<u16>,
    vocational: Option<u16>,
    colleges: Vec<u16>,
}

fn slot(stage: Stage) -> usize {
    match stage {
        Stage::Preschool => 0,
        Stage::Primary => 1,
        _ => 2,
    }
}

impl<'a> Chooser<'a> {
    fn new(world: &'a World) -> Self {
        let mut near = vec![None; world.villages.len()];
        let mut central = vec![[None; 3]; world.towns.len()];
        let (mut seat, mut seniors, mut colleges, mut vocational) = (vec![], vec![], vec![], None);
        for (i, school) in world.schools.iter().enumerate() {
            let n = u16::try_from(i).expect("few schools");
            let town = usize::from(school.town);
            match school.kind {
                Kind::Senior => seniors.push(n),
                Kind::Vocational => vocational = Some(n),
                Kind::College => colleges.push(n),
                _ if !school.rural => seat.push(n),
                Kind::NineYear => {
                    central[town][1] = Some(n);
                    central[town][2] = Some(n);
                }
                Kind::Primary if school.name.ends_with("中心小学") => {
                    central[town][1] = Some(n)
                }
                Kind::Primary | Kind::TeachingPoint => {
                    for v in world.towns[town].villages.clone() {
                        let village = &world.villages[v as usize];
                        let far = (village.longitude - school.longitude).abs()
                            + (village.latitude - school.latitude).abs();
                        if far < 0.014 && near[v as usize].is_none() || far < 1e-9 {
                            near[v as usize] = Some(n);
                        }
                    }
                }
                Kind::Kindergarten => central[town][0] = Some(n),
                Kind::Junior => central[town][2] = Some(n),
            }
        }
        Self { world, near, central, seat, seniors, vocational, colleges }
    }

    fn seat_school(&self, person: u32, stage: Stage) -> u16 {
        let fits: Vec<u16> = self
            .seat
            .iter()
            .copied()
            .filter(|s| self.world.schools[usize::from(*s)].kind.main_stage() == stage)
            .collect();
        let draw = self.world.hash(31, self.world.persons[person as usize].household);
        fits[usize::try_from(draw % fits.len() as u64).expect("few schools")]
    }

    /// The school of a grade, and whether the pupil boards there.
    fn choose(&self, person: u32, grade: Grade) -> (u16, bool) {
        let world = self.world;
        let household = world.persons[person as usize].household;
        let home = world.household(person);
        let village = world.village(person);
        let town = usize::from(village.town);
        let to_seat =
            world.towns[town].seat || home.relocated > 0 || world.chance(32, household, 0.07);
        let stage = grade.stage();
        match stage {
            Stage::Preschool | Stage::Primary | Stage::Junior if to_seat => {
                let far = !world.towns[town].seat && home.relocated == 0;
                let boards = stage == Stage::Junior && far && world.chance(33, person, 0.7);
                (self.seat_school(person, stage), boards)
            }
            Stage::Primary => {
                let near = self.near[usize::from(home.village)];
                let upto = near.map_or(0, |n| {
                    if world.schools[usize::from(n)].kind == Kind::TeachingPoint { 3 } else { 6 }
                });
                match near {
                    Some(near) if grade.year() <= upto => (near, false),
                    _ => {
                        let far = village.road_m > 3_000;
                        let boards = grade.year() >= 3 && far && world.chance(34, person, 0.6);
                        (
                            self.central[town][1]
                                .unwrap_or_else(|| self.seat_school(person, stage)),
                            boards,
                        )
                    }
                }
            }
            Stage::Preschool | Stage::Junior => {
                let boards = stage == Stage::Junior
                    && world.chance(35, person, if village.road_m > 2_000 { 0.8 } else { 0.25 });
                (
                    self.central[town][slot(stage)]
                        .unwrap_or_else(|| self.seat_school(person, stage)),
                    boards,
                )
            }
            Stage::Senior => {
                let draw = world.hash(36, person) % 100;
                let at = if draw < 40 {
                    0
                } else if draw < 78 || self.seniors.len() < 3 {
                    1
                } else {
                    2
                };
                (self.seniors[at], !world.towns[town].seat && world.chance(37, person, 0.9))
            }
            Stage::Vocational => {
                let school = self.vocational.expect("the seat has a vocational school");
                (school, !world.towns[town].seat && world.chance(38, person, 0.9))
            }
            Stage::Higher => (self.colleges[0], true),
        }
    }

    fn college(&self, person: u32, degree: bool) -> u16 {
        let level = if degree { "本科" } else { "高职" };
        let fits: Vec<u16> = self
            .colleges
            .iter()
            .copied()
            .filter(|c| self.world.schools[usize::from(*c)].level == level)
            .collect();
        fits[usize::try_from(self.world.hash(39, person) % fits.len() as u64)
            .expect("few colleges")]
    }

    /// Another school of the same stage.
    fn other(&self, stage: Stage, not: u16, rng: &mut Rng) -> Option<u16> {
        let fits: Vec<u16> = (0..self.world.schools.len())
            .filter_map(|s| u16::try_from(s).ok())
            .filter(|s| {
                let school = &self.world.schools[usize::from(*s)];
                let serves = school.kind.main_stage() == stage
                    || stage == Stage::Primary && school.kind == Kind::NineYear;
                *s != not && serves && school.kind != Kind::TeachingPoint
            })
            .collect();
        (!fits.is_empty()).then(|| *rng.pick(&fits))
    }
}

/// What befalls a child of compulsory age this autumn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Ordinary,
    NeverEnrolled,
    DroppedLastYear,
    DroppedThisAutumn,
    CertificateRanOut,
    DeferralRanOut,
    Suspended,
    Deferred,
    Lawful(ExemptionKind),
    Twice,
}

fn fate(years: i16, as_of: Date, rng: &mut Rng) -> Fate {
    let u = rng.unit();
    if u < 0.006 {
        let out = rng.weighted(&[
            (Fate::NeverEnrolled, 28),
            (Fate::DroppedLastYear, 28),
            (Fate::DroppedThisAutumn, 18),
            (Fate::CertificateRanOut, 18),
            (Fate::DeferralRanOut, 8),
        ]);
        match out {
            Fate::DeferralRanOut if years != 7 => Fate::NeverEnrolled,
            Fate::DroppedThisAutumn
                if as_of.month() == 9 || (as_of.month() == 10 && as_of.day() < 12) =>
            {
                Fate::DroppedLastYear
            }
            other => other,
        }
    } else if u < 0.009 {
        Fate::Twice
    } else if u < 0.012 {
        Fate::Suspended
    } else if u < 0.0155 {
        Fate::Lawful(*rng.pick(&[
            ExemptionKind::HomeTeaching,
            ExemptionKind::SpecialSchool,
            ExemptionKind::SpecialisedSchool,
            ExemptionKind::Unable,
        ]))
    } else if u < 0.04 {
        Fate::Lawful(ExemptionKind::SchooledElsewhere)
    } else if u < 0.055 && years == 6 {
        Fate::Deferred
    } else {
        Fate::Ordinary
    }
}

/// The path of one child through four school years.
#[derive(Default)]
struct Path {
    enrolments: Vec<Enrolment>,
    exemptions: Vec<Exemption>,
    out: bool,
    twice: bool,
}

fn path(chooser: &Chooser<'_>, person: u32) -> Path {
    let world = chooser.world;
    let p = &world.persons[person as usize];
    let calendar = &world.calendar;
    let this = calendar.year;
    let mut rng = Rng::of(world.hash(40, person));
    let mut path = Path::default();
    // The first autumn at whose 31 August the child is six.
    let six = p.born.year() + if (p.born.month(), p.born.day()) <= (8, 31) { 6 } else { 7 };
    let years = this - six + 6;
    let compulsory = (6..=14).contains(&years) && world.is_present(person);
    let fate = if compulsory { fate(years, world.order.as_of, &mut rng) } else { Fate::Ordinary };
    let late =
        matches!(fate, Fate::Deferred | Fate::DeferralRanOut) || (years > 7 && rng.chance(0.012));
    let start = six + i16::from(late);
    let kindergarten = rng.chance(0.86);
    let after_junior =
        rng.weighted(&[(Some(Stage::Senior), 53), (Some(Stage::Vocational), 34), (None, 13)]);
    let to_college = rng.chance(if after_junior == Some(Stage::Senior) { 0.78 } else { 0.22 });
    let degree = after_junior == Some(Stage::Senior) && rng.chance(0.62);
    let from_to = |from: Date, to: Date, kind| Exemption { person, kind, from, to };
    let year_end = date(this + 1, 8, 31);
    match fate {
        Fate::Suspended | Fate::CertificateRanOut => {
            let from =
                date(this, *rng.pick(&[3, 4, 5]), i8::try_from(rng.between(2, 27)).expect("a day"));
            let to = if fate == Fate::Suspended {
                date(this + 1, 3, 10).max(world.order.as_of)
            } else {
                date(this, 8, 31)
            };
            path.exemptions.push(from_to(from, to, ExemptionKind::Suspended));
        }
        Fate::Deferred => {
            path.exemptions.push(from_to(date(this, 8, 20), year_end, ExemptionKind::Deferred))
        }
        Fate::DeferralRanOut => path.exemptions.push(from_to(
            date(this - 1, 8, 20),
            date(this, 8, 31),
            ExemptionKind::Deferred,
        )),
        Fate::Lawful(kind) => path.exemptions.push(from_to(
            date(this - i16::from(rng.chance(0.5)), 8, 25),
            year_end,
            kind,
        )),
        _ => {}
    }
    path.out = matches!(
        fate,
        Fate::NeverEnrolled
            | Fate::DroppedLastYear
            | Fate::DroppedThisAutumn
            | Fate::CertificateRanOut
            | Fate::DeferralRanOut
    );
    path.twice = fate == Fate::Twice;
    let moved = world.household(person).moved_out;
    for year in calendar.years() {
        let gone = moved.into_iter().chain(p.died).min().filter(|d| *d < date(year + 1, 9, 1));
        if gone.is_some_and(|d| d < date(year, 9, 1)) {
            break;
        }
        let grade = match year - start {
            step @ -3..=-1 if kindergarten => {
                Grade::of(Stage::Preschool, u8::try_from(step + 4).expect("1 to 3"))
            }
            step @ 0..=5 => Grade::of(Stage::Primary, u8::try_from(step + 1).expect("1 to 6")),
            step @ 6..=8 => Grade::of(Stage::Junior, u8::try_from(step - 5).expect("1 to 3")),
            step @ 9..=11 => {
                after_junior.and_then(|s| Grade::of(s, u8::try_from(step - 8).expect("1 to 3")))
            }
            step @ 12..=15 if to_college && (degree || step < 15) => {
                Grade::of(Stage::Higher, u8::try_from(step - 11).expect("1 to 4"))
            }
            _ => None,
        };
        let Some(grade) = grade else { continue };
        let now = year == this;
        let never = match fate {
            Fate::NeverEnrolled | Fate::Lawful(ExemptionKind::SchooledElsewhere) => true,
            Fate::Lawful(_) | Fate::DroppedLastYear | Fate::Deferred | Fate::DeferralRanOut => now,
            _ => false,
        };
        // A certificate that ran out leaves the child nowhere: a school of the year before may still show the leave.
        if never || fate == Fate::DeferralRanOut && year >= this - 1 {
            continue;
        }
        let (mut school, boards) = chooser.choose(person, grade);
        if grade.stage() == Stage::Higher {
            school = chooser.college(person, degree);
        }
        let mut row = Enrolment {
            person,
            year,
            school,
            grade,
            class: 0,
            boards,
            status: EnrolmentStatus::Active,
            left: None,
            second: false,
        };
        if let Some(day) = gone {
            // The register of residents knows; the school's list of a past year may not.
            if now || rng.chance(0.5) {
                row.status = if p.died == Some(day) {
                    EnrolmentStatus::Dead
                } else {
                    EnrolmentStatus::TransferredOut
                };
                row.left = Some(day);
            }
            path.enrolments.push(row);
            continue;
        }
        match fate {
            Fate::DroppedLastYear if year == this - 1 => {
                row.status = EnrolmentStatus::DroppedOut;
                row.left = Some(date(
                    year,
                    *rng.pick(&[10, 11, 12]),
                    i8::try_from(rng.between(9, 27)).expect("a day"),
                ));
            }
            Fate::DroppedThisAutumn if now => {
                row.status = EnrolmentStatus::DroppedOut;
                let as_of = world.order.as_of;
                row.left =
                    Some(if as_of.month() == 10 { date(this, 10, 10) } else { date(this, 10, 31) });
            }
            Fate::Suspended | Fate::CertificateRanOut if year >= this - 1 => {
                row.status = EnrolmentStatus::Suspended;
                row.left = path.exemptions.first().map(|e| e.from);
            }
            _ => {}
        }
        let settled = row.status == EnrolmentStatus::Active;
        let upper = matches!(grade.stage(), Stage::Senior | Stage::Vocational);
        if settled && upper && rng.chance(0.012) {
            // Left the upper school for good.
            row.status = EnrolmentStatus::DroppedOut;
            row.left = Some(if now && world.order.as_of < date(this, 11, 1) {
                date(this, 9, 1)
            } else {
                date(year, 10, 31)
            });
            path.enrolments.push(row);
            break;
        }
        if settled && !now && grade.stage().is_compulsory() && rng.chance(0.015) {
            if let Some(other) = chooser.other(grade.stage(), school, &mut rng) {
                let left = plain_day(year, year, &mut rng);
                let left = if left.month() < 10 { date(year, 11, left.day()) } else { left };
                path.enrolments.push(Enrolment {
                    status: EnrolmentStatus::TransferredOut,
                    left: Some(left),
                    ..row
                });
                path.enrolments.push(Enrolment { school: other, second: true, ..row });
                continue;
            }
        }
        let last = matches!(grade, Grade::P6 | Grade::J3 | Grade::S3 | Grade::V3);
        if settled && !now && last && world.chance(41, u32::from(school), 0.5) {
            row.status = EnrolmentStatus::Graduated;
            row.left = Some(date(year + 1, 7, 5));
        }
        path.enrolments.push(row);
        if now && fate == Fate::Twice && settled {
            if let Some(other) = chooser.other(grade.stage(), school, &mut rng) {
                path.enrolments.push(Enrolment { school: other, second: true, ..row });
            }
        }
    }
    path.twice &= path.enrolments.iter().any(|e| e.second && e.year == this);
    path
}

/// Sends the children to school, year by year.
pub(crate) fn enrol(world: &mut World) {
    let calendar = &world.calendar;
    let (youngest, oldest) = (date(calendar.year - 2, 9, 1), date(calendar.year - 26, 9, 1));
    let chooser = Chooser::new(world);
    let (mut enrolments, mut exemptions, mut out, mut twice) = (vec![], vec![], vec![], vec![]);
    for person in 0..u32::try_from(world.persons.len()).expect("below 2^32 people") {
        let born = world.persons[person as usize].born;
        if born >= youngest || born < oldest {
            continue;
        }
        let path = path(&chooser, person);
        enrolments.extend(path.enrolments);
        exemptions.extend(path.exemptions);
        if path.out {
            out.push(person);
        }
        if path.twice {
            twice.push(person);
        }
    }
    drop(chooser);
    divide(world, &mut enrolments);
    let mut by_school: Vec<u32> =
        (0..u32::try_from(enrolments.len()).expect("below 2^32 enrolments")).collect();
    by_school.sort_by_key(|i| {
        let e = &enrolments[*i as usize];
        (e.year, e.school, e.grade, e.class, e.person)
    });
    world.by_school = by_school;
    world.enrolments = enrolments;
    world.exemptions = exemptions;
    world.out_of_school = out;
    world.double_enrolment = twice;
}

/// Divides each grade of each school into classes: of about 42 in the villages, of well over 50 at the seat.
fn divide(world: &World, enrolments: &mut [Enrolment]) {
    let mut sizes: BTreeMap<(u16, Grade, i16), u32> = BTreeMap::new();
    for e in enrolments.iter() {
        *sizes.entry((e.school, e.grade, e.year)).or_default() += 1;
    }
    for e in enrolments.iter_mut() {
        let school = &world.schools[usize::from(e.school)];
        let full = if school.rural { 42 } else { 57 };
        let classes = sizes[&(e.school, e.grade, e.year)].div_ceil(full).max(1);
        let draw = world.hash(42 + u64::from(e.school), e.person) % u64::from(classes);
        e.class = u8::try_from(1 + draw.min(98)).expect("below 100");
    }
}

/// Finds teachers among the people of the towns.
pub(crate) fn employ(world: &mut World) {
    let mut pupils = vec![0_u32; world.schools.len()];
    for e in world.enrolments.iter().filter(|e| e.year == world.calendar.year && !e.second) {
        pupils[usize::from(e.school)] += 1;
    }
    let mut free: Vec<Vec<u32>> = vec![Vec::new(); world.towns.len()];
    for (t, town) in world.towns.iter().enumerate() {
        for h in town.households.clone() {
            let home = &world.households[h as usize];
            if home.kind != HouseholdKind::Ordinary || home.moved_out.is_some() {
                continue;
            }
            for p in world.members(h) {
                let person = &world.persons[p as usize];
                let years = age(person.born, world.order.as_of);
                if (24..=58).contains(&years) && person.died.is_none() && world.chance(50, p, 0.12)
                {
                    free[t].push(p);
                }
            }
        }
        free[t].reverse();
    }
    let mut staff = Vec::new();
    for (s, school) in world.schools.iter().enumerate() {
        let per = match school.kind {
            Kind::College => continue,
            Kind::Kindergarten => 15.0,
            Kind::TeachingPoint | Kind::Primary => 18.0,
            Kind::Junior | Kind::NineYear => 14.0,
            Kind::Senior | Kind::Vocational => 13.0,
        };
        // One school in six lacks a fifth of its staff.
        let short =
            if world.chance(51, u32::try_from(s).expect("few schools"), 0.17) { 0.8 } else { 1.0 };
        let wanted = whole((f64::from(pupils[s]) / per * short).ceil()).max(1);
        for _ in 0..wanted {
            let town = usize::from(school.town);
            let found = free[town].pop().or_else(|| free.iter_mut().find_map(Vec::pop));
            if let Some(person) = found {
                staff.push(Staff { person, school: u16::try_from(s).expect("few schools") });
            }
        }
    }
    world.staff = staff;
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of staff: not negative and small"
)]
pub(crate) fn whole(number: f64) -> u32 {
    number as u32
}

impl World {
    /// The rows of a person, by year.
    pub(crate) fn enrolments_of(&self, person: u32) -> &[Enrolment] {
        let from = self.enrolments.partition_point(|e| e.person < person);
        let to = from + self.enrolments[from..].partition_point(|e| e.person == person);
        &self.enrolments[from..to]
    }

    /// 岚川县云台镇中心小学, or without the county.
    pub(crate) fn school_name(&self, school: u16, full: bool) -> String {
        let school = &self.schools[usize::from(school)];
        if full && school.local {
            format!("{}{}", self.county.name, school.name)
        } else {
            school.name.clone()
        }
    }

    /// The teacher whose number some classes give as everybody's.
    pub(crate) fn class_phone(&self, e: &Enrolment) -> Option<String> {
        let key = u32::from(e.school) * 4_096
            + u32::from(e.grade.year()) * 128
            + u32::from(e.class)
            + 32 * u32::from(e.grade.stage() as u8);
        self.chance(52, key, 0.015).then(|| self.phone(53, key))
    }
}
