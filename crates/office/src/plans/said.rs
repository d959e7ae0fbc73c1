//! What is kept of a plan, as JSON: of this room alone, so that no engine's type decides what the books hold.

mod courses;
mod money;
mod places;
mod teachers;

use serde::{Deserialize, Serialize};

pub use courses::{CourseHome, CourseSession, CourseTown, Courses};
pub use money::{Money, Paid, Project, Purse, TownMoney};
pub use places::{Family, Places, PlacesTally, SchoolRoom, Settlement};
pub use teachers::{
    Kept, Move, Post, Recruit, Service, Subject, Teachers, TeachersTally, TrainingGroup,
};

use crate::access::{Actor, Right};

/// A village with children who learn somewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Village {
    /// Its code; `None` where the home is not known better than by school.
    pub code: u64,
    /// Its name with the town's.
    pub name: String,
    /// Longitude and latitude.
    pub at: (f64, f64),
    /// Children of the stage.
    pub children: u32,
}

/// A form of a school.
#[expect(clippy::struct_excessive_bools, reason = "a school has each or has it not")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Classes.
    pub classes: u32,
    /// Children that fit.
    pub places: u32,
    /// Whether all grades of the stage are taught, not the lower ones alone.
    pub whole: bool,
    /// Whether there are beds.
    pub beds: bool,
    /// Whether there is a canteen.
    pub canteen: bool,
    /// Whether a bus fetches children.
    pub bus: bool,
    /// Yuan a year.
    pub yuan_a_year: i64,
    /// Yuan once.
    pub yuan_once: i64,
}

/// What becomes of a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Built where there was none.
    Build,
    /// Opened again.
    Reopen,
    /// Changed: classes, beds, canteen, bus.
    Change,
    /// Closed.
    Close,
    /// As it is.
    Keep,
}

impl Action {
    /// The word in texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Reopen => "reopen",
            Self::Change => "change",
            Self::Close => "close",
            Self::Keep => "keep",
        }
    }
}

/// A school today and in the plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct School {
    /// In the register; `None`: a teaching point that could be built.
    pub id: Option<u64>,
    /// Village or town, by code.
    pub place: u64,
    /// Its name.
    pub name: String,
    /// Longitude and latitude.
    pub at: (f64, f64),
    /// Its form today; `None`: closed.
    pub today: Option<Form>,
    /// Its form in the plan; `None`: closed.
    pub plan: Option<Form>,
    /// Children today.
    pub children_today: u32,
    /// Children in the plan.
    pub children: u32,
    /// Of them: boarders.
    pub boarders: u32,
    /// Of them: by bus.
    pub riders: u32,
    /// What becomes of it.
    pub action: Action,
    /// Yuan a year that one more place there would save; nought where it is not full.
    pub place_yuan: i64,
}

/// How children of a village get to a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// On foot.
    Walk,
    /// By bus.
    Ride,
    /// Boarding.
    Board,
    /// A parent rents a room.
    Accompany,
}

impl Way {
    /// The word in texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Ride => "ride",
            Self::Board => "board",
            Self::Accompany => "accompany",
        }
    }
}

/// Children of one village at one school in the plan.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Flow {
    /// Position among the villages.
    pub village: u32,
    /// Position among the schools.
    pub school: u32,
    /// Where they go today, by position.
    pub from: Option<u32>,
    /// Children.
    pub children: u32,
    /// How they get there.
    pub way: Way,
    /// Minutes one way.
    pub minutes: u32,
}

/// What a choice of schools means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Schools open.
    pub schools: u32,
    /// Children who walk.
    pub walk: u64,
    /// Children whom a bus fetches.
    pub ride: u64,
    /// Children who board.
    pub board: u64,
    /// Children who are accompanied.
    pub accompany: u64,
    /// Mean minutes of who walks or rides, in tenths.
    pub mean_minutes_tenths: u64,
    /// The longest of these ways.
    pub farthest_minutes: u64,
    /// Children beyond what schools hold.
    pub beyond_places: u64,
    /// Yuan a year that families pay, minutes included.
    pub families_yuan: i64,
    /// Yuan a year that the state pays.
    pub state_yuan: i64,
    /// Yuan paid once.
    pub once_yuan: i64,
}

/// A point of the curve of money against minutes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// How many times as much a minute counts, in hundredths.
    pub times_percent: u32,
    /// What it means.
    pub tally: Tally,
    /// How far from the best it can be, in hundredths of a percent.
    pub gap_basis_points: u32,
}

/// The plan that closes no school.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cautious {
    /// What it means.
    pub tally: Tally,
    /// How far from the best it can be, in hundredths of a percent.
    pub gap_basis_points: u32,
}

/// A school that may not close, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarded {
    /// Its position.
    pub school: u32,
    /// `town`: the last of its town; `village`: children enough walk there; `walk`: its children would have no lawful way.
    pub why: String,
    /// Children whom that is about.
    pub children: u32,
}

/// A plan of schools.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sites {
    /// Villages.
    pub villages: Vec<Village>,
    /// Schools, what changes first.
    pub schools: Vec<School>,
    /// Who goes where.
    pub flows: Vec<Flow>,
    /// Today.
    pub today: Option<Tally>,
    /// The plan.
    pub plan: Tally,
    /// Children who live beyond the longest walk from their school, and so ride, board or are accompanied.
    pub beyond_walk: u64,
    /// Children whom a bus could fetch, were a longer ride lawful.
    pub beyond_ride: u64,
    /// Children who could walk or ride in time, but live beyond the radius.
    #[serde(default)]
    pub beyond_radius: u64,
    /// Schools, by position, that have fewer children than asked for, and stay because somebody would have none.
    #[serde(default)]
    pub too_small: Vec<u32>,
    /// With no school closed; `None` where that is what the plan is, or it was not found.
    #[serde(default)]
    pub cautious: Option<Cautious>,
    /// Schools that no plan closes.
    #[serde(default)]
    pub guarded: Vec<Guarded>,
    /// Whether ways went over a grid of heights.
    #[serde(default)]
    pub heights: bool,
    /// More money for fewer minutes.
    pub curve: Vec<CurvePoint>,
    /// Pupils whose home is in no place of the county; they are left out.
    pub home_unknown: u32,
    /// Pupils whose home or school has no point on the map; they are left out.
    pub off_the_map: u32,
    /// Share of ways that were guessed by the straight line, in percent.
    pub guessed_percent: u32,
}

/// Children for whom nothing lawful is left, with the smallest change that helps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Missing {
    /// The village.
    pub village: String,
    /// Children.
    pub children: u32,
    /// `places`, `walk`, `ride`, `school`.
    pub change: String,
    /// The nearest school.
    pub school: String,
    /// Minutes that would have to be lawful; nought for the others.
    pub minutes: u32,
}

/// One year ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Year {
    /// The school year, by the calendar year in which it begins.
    pub year: i16,
    /// Primary pupils: expected, and nine of ten times between.
    pub primary: (u32, u32, u32),
    /// Junior pupils.
    pub junior: (u32, u32, u32),
    /// Classes that they need.
    pub classes: u32,
    /// Classes above the limit if none is added.
    pub too_large: u32,
    /// Places that are missing if none is added.
    pub places_missing: u32,
    /// Places that there are.
    #[serde(default)]
    pub places: u32,
    /// Boarders expected.
    #[serde(default)]
    pub boarders: u32,
    /// Beds that are missing if none is added.
    #[serde(default)]
    pub beds_missing: u32,
    /// Whether births of the first grade are on file, not reckoned on.
    pub births_known: bool,
}

/// A town's children, year by year.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TownAhead {
    /// Its code.
    pub code: u64,
    /// Its name.
    pub name: String,
    /// Children of the compulsory grades, by year.
    pub children: Vec<u32>,
}

/// What to build at one school.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Building {
    /// The school.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its place.
    pub place: u64,
    /// When it is decided, and when it must stand.
    pub years: (i16, i16),
    /// Rooms.
    pub rooms: u32,
    /// Beds.
    pub beds: u32,
    /// Yuan.
    pub yuan: u64,
}

/// What is borrowed at one school in one year.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Borrowed {
    /// The school.
    pub name: String,
    /// The year.
    pub year: i16,
    /// Rooms.
    pub rooms: u32,
    /// Beds.
    pub beds: u32,
}

/// Children, classes, rooms and beds ten years ahead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ahead {
    /// Pupils of past years: year, primary, junior.
    pub past: Vec<(i16, u32, u32)>,
    /// Years ahead.
    pub years: Vec<Year>,
    /// By town.
    pub towns: Vec<TownAhead>,
    /// What to build, the earliest first.
    pub buildings: Vec<Building>,
    /// What to borrow.
    pub borrowed: Vec<Borrowed>,
    /// Pupils whose home is not known; they count by the town of their school.
    pub home_unknown: u32,
    /// Relocations and changes of policy that it rests on, a sentence each.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Money by the year in which it is decided: year, rooms, beds, yuan.
    #[serde(default)]
    pub by_year: Vec<(i16, u32, u32, u64)>,
}

/// What came of a question.
#[expect(clippy::large_enum_variant, reason = "one answer at a time is in memory")]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Result {
    /// A plan of schools.
    Sites(Sites),
    /// No plan of schools, and what would help.
    Short {
        /// Whom nothing lawful is left.
        missing: Vec<Missing>,
    },
    /// Years ahead.
    Ahead(Ahead),
    /// Who teaches where.
    Teachers(Teachers),
    /// Where relocated children go.
    Places(Places),
    /// What is paid from which purse.
    Money(Money),
    /// Which courses are held for whom.
    Courses(Courses),
}

impl Result {
    /// The answer as somebody may see it: names of teachers for who sees names, why one stays for who makes plans.
    #[must_use]
    pub fn as_seen_by(mut self, actor: &Actor) -> Self {
        if let Self::Teachers(teachers) = &mut self {
            if !actor.may(Right::Names) {
                teachers.hide_names();
            }
            if !actor.may(Right::PlanMake) {
                teachers.hide_reasons();
            }
        }
        if let Self::Courses(courses) = &mut self
            && !actor.may(Right::Names)
        {
            courses.homes.iter_mut().for_each(|h| h.person.clear());
        }
        self
    }
}
