use std::collections::BTreeMap;
use std::fmt::Write as _;

use fujiao_model::{Area, Division, DivisionLevel, Field, Fields, Grade, RosterKind, Stage};
use fujiao_plan::travel::{
    Assumptions, BusLine, Heights, Mode, Roads, Spot, Travel, minutes_by_bus, minutes_over,
};
use fujiao_policy::PolicySet;
use fujiao_store::{
    BornCount, GradeCount, KindLink, Place, ScenarioState, School, StoreError, StoredDuty, Tx,
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{Ask, PlanError, said};
use crate::OfficeError;

/// What ways go by: roads, and heights and bus lines where there are some.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    pub roads: Roads,
    pub heights: Option<Heights>,
    /// Lines that anybody may ride; a wait that nobody gave is the rules'.
    pub lines: Vec<Line>,
    /// Of the files that they came from.
    pub digest: String,
}

/// A line of public buses, with its stops in order: longitude and latitude, and minutes from the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub stops: Vec<((f64, f64), f64)>,
    /// Minutes that one waits for it.
    pub wait: Option<f64>,
}

/// Rows about persons and gaps, for the questions that need them.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Live rows of the roster of teachers, or of poor households, with whom they are about.
    pub rows: Vec<(Fields, KindLink)>,
    /// What schools lack; of teachers: the posts that each school has by the norm.
    pub gaps: Vec<StoredDuty>,
    /// Workers, rooms, teachers and openings, of courses.
    pub courses: Option<super::courses::Stock>,
    /// Teachers whom a plan that was accepted moved, and the last year in which one did.
    pub moved: BTreeMap<u64, i16>,
}

impl People {
    pub(super) fn read(tx: &mut Tx, county: u32, ask: &Ask) -> Result<Self, OfficeError> {
        let kind = match ask {
            Ask::Teachers(_) => RosterKind::Teachers,
            Ask::Places(_) => RosterKind::PoorHouseholds,
            Ask::Money(_) => {
                let run = tx.live_run(county)?.ok_or(PlanError::NotAssessed)?;
                let mut gaps = tx.duties_of_area(county, run.id, Area::Conditions)?;
                gaps.retain(|d| d.gap > 0);
                return Ok(Self { gaps, ..Self::default() });
            }
            Ask::Courses(_) => {
                let run = tx.live_run(county)?.ok_or(PlanError::NotAssessed)?;
                let stock = super::courses::Stock::read(tx, county, run.as_of)?;
                return Ok(Self { courses: Some(stock), ..Self::default() });
            }
            Ask::Sites(_) | Ask::Ahead(_) => return Ok(Self::default()),
        };
        let mut posts = Vec::new();
        if kind == RosterKind::Teachers {
            let run = tx.live_run(county)?.ok_or(PlanError::NotAssessed)?;
            posts = tx.duties_of_area(county, run.id, Area::Teachers)?;
            posts.retain(|d| &*d.duty.kind == "teachers.posts");
        }
        let mut links = tx.links_of_kind(county, kind)?.into_iter().peekable();
        let mut rows = Vec::new();
        for row in tx.rows_of_kind(county, kind, None)? {
            while links.next_if(|l| l.row_id < row.row_id).is_some() {}
            if let Some(link) = links.next_if(|l| l.row_id == row.row_id) {
                rows.push((row.row.fields, link));
            }
        }
        let moved = if kind == RosterKind::Teachers { moved(tx, county)? } else { BTreeMap::new() };
        Ok(Self { rows, gaps: posts, moved, courses: None })
    }

    fn digest(&self) -> String {
        let gaps = self.gaps.iter().map(|d| (&d.duty.kind, d.duty.subject, d.gap));
        let mut digest = format!("{:?} {:?}", self.rows, gaps.collect::<Vec<_>>());
        // Without moves as before they were remembered, so that what was kept stays comparable.
        if !self.moved.is_empty() {
            let _ = write!(digest, " {:?}", self.moved);
        }
        if let Some(courses) = &self.courses {
            let _ = write!(digest, " {courses:?}");
        }
        digest
    }
}

/// Whom the plans for teachers that were accepted moved, and in which year last.
fn moved(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, i16>, OfficeError> {
    let mut moved = BTreeMap::new();
    for plan in tx.scenarios(county, u32::MAX)? {
        if plan.state != ScenarioState::Accepted {
            continue;
        }
        let (Some(result), Some((_, at))) = (plan.result, plan.decided) else { continue };
        let Ok(said::Result::Teachers(out)) = serde_json::from_str(&result) else { continue };
        let year = crate::access::china_day(at).year();
        for person in out.moves.iter().filter_map(|m| m.person) {
            let last: &mut i16 = moved.entry(person).or_insert(year);
            *last = (*last).max(year);
        }
    }
    Ok(moved)
}

/// What plans are reckoned from, as the last assessment left it.
pub(crate) struct Inputs {
    pub run: u64,
    pub as_of: Date,
    /// Towns and villages, by code.
    pub places: BTreeMap<Division, Place>,
    pub schools: Vec<School>,
    pub facts: BTreeMap<u64, Facts>,
    pub counts: Vec<GradeCount>,
    pub born: Vec<BornCount>,
}

/// What the roster of schools says of one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    pub beds: u32,
    pub has_canteen: Option<bool>,
    pub classes: Option<u32>,
}

impl Inputs {
    pub(super) fn read(tx: &mut Tx, county: u32) -> Result<Self, OfficeError> {
        let run = tx.live_run(county)?.ok_or(PlanError::NotAssessed)?;
        let schools = tx.schools(county)?;
        let mut facts = BTreeMap::new();
        for school in &schools {
            if let Some(row) = school.row_id {
                facts.insert(school.id, facts_of(tx, county, row)?);
            }
        }
        Ok(Self {
            run: run.id,
            as_of: run.as_of,
            places: tx.places(county)?.into_iter().map(|p| (p.code, p)).collect(),
            schools,
            facts,
            counts: tx.grade_counts(county)?,
            // Whoever is older than six has a grade.
            born: tx.born_counts(county, run.as_of.year() - 8)?,
        })
    }

    /// SHA-256 of all of it, of what was asked and of the rules' numbers.
    pub(super) fn hash(
        &self,
        asked: &str,
        policies: &PolicySet,
        (ground, table): (&Ground, &[u8]),
        people: &People,
    ) -> String {
        let mut sha = Sha256::new();
        let mut add = |text: String| {
            sha.update(text.len().to_be_bytes());
            sha.update(text);
        };
        add(asked.to_owned());
        add(policies.hash().to_owned());
        add(format!("{} {:?}", self.as_of, self.places));
        add(format!("{:?} {:?}", self.schools, self.facts));
        add(format!("{:?} {:?}", self.counts, self.born));
        add(ground.digest.clone());
        add(format!("{:?}", Sha256::digest(table)));
        add(people.digest());
        sha.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The school year of the assessment.
    pub(super) fn school_year(&self) -> i16 {
        fujiao_model::Term::of(self.as_of).school_year()
    }

    /// Where a place lies: its own point, else that of its town.
    pub(super) fn point(&self, place: Division) -> Option<(f64, f64)> {
        let own = |at: Division| self.places.get(&at).and_then(|p| p.point);
        own(place).or_else(|| own(place.town()))
    }

    /// Where a school lies: its own point, else that of its village or town.
    pub(super) fn point_of(&self, school: &School) -> Option<(f64, f64)> {
        let place = school.village.or(school.town);
        school.point.or_else(|| place.and_then(|p| self.point(p)))
    }

    /// Children of a school and stage in the year of the assessment.
    pub(super) fn pupils_at(&self, school: u64, stage: Stage) -> u32 {
        self.pupils(stage).filter(|c| c.school == Some(school)).map(|c| c.pupils).sum()
    }

    /// The school of a name as people write it; `None` where none or several bear it.
    pub(super) fn school_named(&self, name: &str) -> Option<&School> {
        let plain = |text: &str| text.replace([' ', '\u{3000}'], "");
        let name = plain(name);
        if name.is_empty() {
            return None;
        }
        let is_so =
            |s: &&School| plain(&s.name) == name || s.aliases.iter().any(|a| plain(a) == name);
        let ends = |s: &&School| plain(&s.name).ends_with(&name);
        let only = |found: Vec<&'_ School>| match found[..] {
            [one] => Some(one.id),
            _ => None,
        };
        let id = only(self.schools.iter().filter(is_so).collect())
            .or_else(|| only(self.schools.iter().filter(ends).collect()))?;
        self.schools.iter().find(|s| s.id == id)
    }

    /// The place of a name as people write it, with or without its town: a village, else a town; `None` where none or several
    /// bear it.
    pub(super) fn place_named(&self, name: &str) -> Option<Division> {
        let name = name.replace([' ', '\u{3000}'], "");
        if name.is_empty() {
            return None;
        }
        let bears = |p: &&Division| {
            let own = self.places[*p].name.as_str();
            own == name
                || self.name(**p) == name
                || own.strip_suffix(['村', '镇', '乡']) == Some(name.as_str())
        };
        let found: Vec<Division> = self.places.keys().filter(bears).copied().collect();
        match found[..] {
            [one] => Some(one),
            // A village and its town of one name: the town.
            [a, b] if a.town() == b.town() => Some(a.min(b)),
            _ => None,
        }
    }

    /// 云台镇栗园村.
    pub(super) fn name(&self, place: Division) -> String {
        let own = |at: Division| self.places.get(&at).map_or("", |p| p.name.as_str());
        match place.level() {
            DivisionLevel::Village => format!("{}{}", own(place.town()), own(place)),
            _ => own(place).to_owned(),
        }
    }

    /// Pupils of a stage in the year of the assessment.
    pub(super) fn pupils(&self, stage: Stage) -> impl Iterator<Item = &GradeCount> {
        let year = self.school_year();
        self.counts.iter().filter(move |c| c.school_year == year && c.stage == stage)
    }

    /// Minutes from places to places: on foot, or by a public line where that is shorter; and by vehicle.
    pub(super) fn travel(
        &self,
        policies: &PolicySet,
        ground: &Ground,
        (from, to): (&[Spot], &[Spot]),
    ) -> Result<(Travel, Travel), OfficeError> {
        let number = |key| number(policies, key, self.as_of);
        let assumptions = Assumptions {
            detour: number("plan_detour_percent")? / 100.0,
            reach_m: 3_000.0,
            vehicle_km_h: number("plan_bus_km_h")?,
        };
        let heights = ground.heights.as_ref();
        let by = |mode| minutes_over(heights, (from, to), &ground.roads, mode, assumptions);
        if ground.lines.is_empty() {
            return Ok((by(Mode::Foot), by(Mode::Road)));
        }
        let wait = number("plan_line_wait_minutes")?;
        let lines: Vec<BusLine> = ground
            .lines
            .iter()
            .map(|line| BusLine {
                stops: line.stops.iter().map(|(at, _)| spot(*at)).collect(),
                minutes: line.stops.iter().map(|(_, minutes)| *minutes).collect(),
                wait_minutes: line.wait.unwrap_or(wait),
            })
            .collect();
        let afoot = minutes_by_bus(heights, (from, to), &lines, &ground.roads, assumptions);
        Ok((afoot, by(Mode::Road)))
    }
}

/// A number of the rules, which must be in force.
pub(super) fn number(policies: &PolicySet, key: &str, day: Date) -> Result<f64, OfficeError> {
    let found = policies.number(key, day);
    let found = found.and_then(|n| i32::try_from(n).ok());
    Ok(f64::from(found.ok_or_else(|| PlanError::NoNumber(key.to_owned()))?))
}

/// A place of the map.
pub(super) fn spot((longitude, latitude): (f64, f64)) -> Spot {
    Spot { longitude, latitude, height_m: None }
}

/// The band of grades that plans tell apart: the lower three grades of primary, and all others.
pub(super) fn band(grade: Grade) -> u8 {
    u8::from(matches!(grade, Grade::P4 | Grade::P5 | Grade::P6))
}

fn facts_of(tx: &mut Tx, county: u32, row: u64) -> Result<Facts, StoreError> {
    let Some(row) = tx.rows_between(county, row, row)?.pop() else { return Ok(Facts::default()) };
    let whole = |field| row.row.fields.number(field).and_then(|n| u32::try_from(n).ok());
    let canteen = row.row.fields.number(Field::CanteenArea).map(|area| area > 0);
    Ok(Facts {
        beds: whole(Field::DormBeds).unwrap_or(0),
        has_canteen: canteen,
        classes: whole(Field::Classes).filter(|n| *n > 0),
    })
}
