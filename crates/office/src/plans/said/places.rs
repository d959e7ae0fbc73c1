//! Where relocated children go to school.

use serde::{Deserialize, Serialize};

/// A place where relocated families live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Its name.
    pub name: String,
    /// Longitude and latitude.
    pub at: (f64, f64),
    /// Whether the county said where it lies; else it counts as lying in the middle of its town.
    pub placed: bool,
    /// Children of the compulsory grades.
    pub children: u32,
}

/// A school with what room it has for newcomers, by stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchoolRoom {
    /// In the register.
    pub id: u64,
    /// Village or town, by code.
    pub place: u64,
    /// Its name.
    pub name: String,
    /// Longitude and latitude.
    pub at: (f64, f64),
    /// `primary`, `junior`.
    pub stage: String,
    /// Children who learn there and are not relocated.
    pub residents: u32,
    /// Children that fit with no class above the limit.
    pub places: u32,
    /// Of them: for newcomers, so that these stay within their share.
    pub room: u32,
    /// Relocated children there today.
    pub today: u32,
    /// Relocated children there in the plan.
    pub plan: u32,
    /// Minutes that one more place would spare all together, each day.
    pub place_minutes: u32,
}

/// One family's children of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    /// What the list calls it: 户编号, or its number.
    pub label: String,
    /// Position among the settlements.
    pub settlement: u32,
    /// `primary`, `junior`.
    pub stage: String,
    /// Children.
    pub children: u32,
    /// Schools of today, by position, and children; position beyond the last: a school that is none of these.
    pub today: Vec<(u32, u32)>,
    /// Schools of the plan, by position, children, and minutes; empty: no place.
    pub plan: Vec<(u32, u32, u32)>,
    /// `nearest`, `full` (the nearest is), `parted`, `none`.
    pub reason: String,
    /// Where the nearest is full: which one, and minutes more.
    pub nearest: Option<(u32, u32)>,
}

/// What a placement means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacesTally {
    /// Children with a place.
    pub placed: u32,
    /// Mean minutes one way, in tenths.
    pub mean_minutes_tenths: u32,
    /// The longest way.
    pub farthest_minutes: u32,
    /// Children beyond the longest walk that the rules allow.
    pub beyond_walk: u32,
    /// Children beyond what schools hold within the limit of class sizes.
    pub beyond_places: u32,
    /// Families whose children of a stage go to several schools.
    pub parted: u32,
    /// The largest share of newcomers at a school, in percent.
    pub most_newcomers_percent: u32,
}

/// Where relocated children go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// Where they live.
    pub settlements: Vec<Settlement>,
    /// Schools that are within reach, once for each stage.
    pub schools: Vec<SchoolRoom>,
    /// Families, as they are listed.
    pub families: Vec<Family>,
    /// Today.
    pub today: PlacesTally,
    /// The plan.
    pub plan: PlacesTally,
    /// Children without a place.
    pub without: u32,
    /// Children who change schools.
    pub moved: u32,
    /// Longest walk that the rules allow: primary, junior.
    pub walk_minutes: (u32, u32),
    /// Largest share of newcomers, in percent.
    pub newcomers_percent: u32,
    /// Share of ways that were guessed by the straight line, in percent.
    pub guessed_percent: u32,
    /// Rows that say of no child where it lives or learns; left out.
    pub left_out: u32,
}
