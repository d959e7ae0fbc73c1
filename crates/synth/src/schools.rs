//! Schools, who learns in them, who teaches in them, and which children are in none.

use std::collections::BTreeMap;

use fujiao_model::{EnrolmentStatus, ExemptionKind, Grade, HouseholdKind, Stage};
use jiff::civil::{Date, date};

use crate::rng::Rng;
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

/// Schools of the county seat: name, kind, grade of a senior high.
const AT_SEAT: [(&str, Kind, &str); 10] = [
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
];

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
            for (name, kind, standard) in AT_SEAT {
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
                    central[town][1] = Some(n);
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

/// What is settled about a child before the years are told.
struct Child<'a> {
    chooser: &'a Chooser<'a>,
    person: u32,
    fate: Fate,
    /// The autumn in which grade one begins.
    start: i16,
    kindergarten: bool,
    after_junior: Option<Stage>,
    to_college: bool,
    degree: bool,
    /// Moved away or died.
    gone: Option<Date>,
}

impl<'a> Child<'a> {
    fn new(chooser: &'a Chooser<'a>, person: u32, rng: &mut Rng) -> Self {
        let world = chooser.world;
        let p = &world.persons[person as usize];
        // The first autumn at whose 31 August the child is six.
        let early = (p.born.month(), p.born.day()) <= (8, 31);
        let six = p.born.year() + if early { 6 } else { 7 };
        let years = world.calendar.year - six + 6;
        let compulsory = (6..=14).contains(&years) && world.is_present(person);
        let fate = if compulsory { fate(years, world.order.as_of, rng) } else { Fate::Ordinary };
        let late = matches!(fate, Fate::Deferred | Fate::DeferralRanOut)
            || (years > 7 && rng.chance(0.012));
        let after_junior =
            rng.weighted(&[(Some(Stage::Senior), 53), (Some(Stage::Vocational), 34), (None, 13)]);
        let senior = after_junior == Some(Stage::Senior);
        Self {
            chooser,
            person,
            fate,
            start: six + i16::from(late),
            kindergarten: rng.chance(0.86),
            after_junior,
            to_college: rng.chance(if senior { 0.78 } else { 0.22 }),
            degree: senior && rng.chance(0.62),
            gone: world.household(person).moved_out.into_iter().chain(p.died).min(),
        }
    }

    fn grade(&self, year: i16) -> Option<Grade> {
        let of = |stage, year: i16| Grade::of(stage, u8::try_from(year).expect("1 to 6"));
        match year - self.start {
            step @ -3..=-1 if self.kindergarten => of(Stage::Preschool, step + 4),
            step @ 0..=5 => of(Stage::Primary, step + 1),
            step @ 6..=8 => of(Stage::Junior, step - 5),
            step @ 9..=11 => self.after_junior.and_then(|stage| of(stage, step - 8)),
            step @ 12..=15 if self.to_college && (self.degree || step < 15) => {
                of(Stage::Higher, step - 11)
            }
            _ => None,
        }
    }

    /// The paper that keeps the child out of class lawfully, or did.
    fn exemption(&self, rng: &mut Rng) -> Option<Exemption> {
        let world = self.chooser.world;
        let this = world.calendar.year;
        let year_end = date(this + 1, 8, 31);
        let (kind, from, to) = match self.fate {
            Fate::Suspended | Fate::CertificateRanOut => {
                let day = i8::try_from(rng.between(2, 27)).expect("a day");
                let to = if self.fate == Fate::Suspended {
                    date(this + 1, 3, 10).max(world.order.as_of)
                } else {
                    date(this, 8, 31)
                };
                (ExemptionKind::Suspended, date(this, *rng.pick(&[3, 4, 5]), day), to)
            }
            Fate::Deferred => (ExemptionKind::Deferred, date(this, 8, 20), year_end),
            Fate::DeferralRanOut => {
                (ExemptionKind::Deferred, date(this - 1, 8, 20), date(this, 8, 31))
            }
            Fate::Lawful(kind) => (kind, date(this - i16::from(rng.chance(0.5)), 8, 25), year_end),
            _ => return None,
        };
        Some(Exemption { person: self.person, kind, from, to })
    }

    /// Whether no school has the child in a year.
    fn is_away(&self, year: i16) -> bool {
        let this = self.chooser.world.calendar.year;
        match self.fate {
            Fate::NeverEnrolled | Fate::Lawful(ExemptionKind::SchooledElsewhere) => true,
            Fate::Lawful(_) | Fate::DroppedLastYear | Fate::Deferred => year == this,
            Fate::DeferralRanOut => year >= this - 1,
            _ => false,
        }
    }

    /// Status and day of leaving by the child's fate.
    fn status(
        &self,
        year: i16,
        suspended: Option<Date>,
        rng: &mut Rng,
    ) -> (EnrolmentStatus, Option<Date>) {
        let world = self.chooser.world;
        let this = world.calendar.year;
        match self.fate {
            Fate::DroppedLastYear if year == this - 1 => {
                let day = i8::try_from(rng.between(9, 27)).expect("a day");
                (EnrolmentStatus::DroppedOut, Some(date(year, *rng.pick(&[10, 11, 12]), day)))
            }
            Fate::DroppedThisAutumn if year == this => {
                let day = if world.order.as_of.month() == 10 { 10 } else { 31 };
                (EnrolmentStatus::DroppedOut, Some(date(this, 10, day)))
            }
            Fate::Suspended | Fate::CertificateRanOut if year >= this - 1 => {
                (EnrolmentStatus::Suspended, suspended)
            }
            _ => (EnrolmentStatus::Active, None),
        }
    }
}

fn path(chooser: &Chooser<'_>, person: u32) -> Path {
    let world = chooser.world;
    let this = world.calendar.year;
    let mut rng = Rng::of(world.hash(40, person));
    let child = Child::new(chooser, person, &mut rng);
    let exemption = child.exemption(&mut rng);
    let mut rows: Vec<Enrolment> = Vec::new();
    for year in world.calendar.years() {
        let gone = child.gone.filter(|d| *d < date(year + 1, 9, 1));
        if gone.is_some_and(|d| d < date(year, 9, 1)) {
            break;
        }
        let Some(grade) = child.grade(year).filter(|_| !child.is_away(year)) else { continue };
        let now = year == this;
        let (mut school, boards) = chooser.choose(person, grade);
        if grade.stage() == Stage::Higher {
            school = chooser.college(person, child.degree);
        }
        let (status, left) = child.status(year, exemption.map(|e| e.from), &mut rng);
        let row = Enrolment {
            person,
            year,
            school,
            grade,
            class: 0,
            boards,
            status,
            left,
            second: false,
        };
        if let Some(day) = gone {
            // The register of residents knows; the school's list of a past year may not.
            let dead = world.persons[person as usize].died == Some(day);
            let status = if dead { EnrolmentStatus::Dead } else { EnrolmentStatus::TransferredOut };
            let known = now || rng.chance(0.5);
            rows.push(if known { Enrolment { status, left: Some(day), ..row } } else { row });
            continue;
        }
        if status != EnrolmentStatus::Active {
            rows.push(row);
            continue;
        }
        let upper = matches!(grade.stage(), Stage::Senior | Stage::Vocational);
        if upper && rng.chance(0.012) {
            // Left the upper school for good.
            let early = now && world.order.as_of < date(this, 11, 1);
            let left = Some(if early { date(this, 9, 1) } else { date(year, 10, 31) });
            rows.push(Enrolment { status: EnrolmentStatus::DroppedOut, left, ..row });
            break;
        }
        let compulsory = grade.stage().is_compulsory();
        let twice = now && child.fate == Fate::Twice;
        let moves = !now && compulsory && rng.chance(0.015);
        let other =
            (twice || moves).then(|| chooser.other(grade.stage(), school, &mut rng)).flatten();
        if let Some(other) = other {
            let second = Enrolment { school: other, second: true, ..row };
            let day = i8::try_from(rng.between(2, 27)).expect("a day");
            let left = Some(date(year, *rng.pick(&[10, 11, 12]), day));
            let first = Enrolment { status: EnrolmentStatus::TransferredOut, left, ..row };
            rows.extend([if twice { row } else { first }, second]);
            continue;
        }
        let last = matches!(grade, Grade::P6 | Grade::J3 | Grade::S3 | Grade::V3);
        if !now && last && world.chance(41, u32::from(school), 0.5) {
            let left = Some(date(year + 1, 7, 5));
            rows.push(Enrolment { status: EnrolmentStatus::Graduated, left, ..row });
        } else {
            rows.push(row);
        }
    }
    Path {
        twice: rows.iter().any(|e| e.second && e.year == this),
        enrolments: rows,
        exemptions: exemption.into_iter().collect(),
        out: matches!(
            child.fate,
            Fate::NeverEnrolled
                | Fate::DroppedLastYear
                | Fate::DroppedThisAutumn
                | Fate::CertificateRanOut
                | Fate::DeferralRanOut
        ),
    }
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
