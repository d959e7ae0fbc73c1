//! Relocated children to the schools of the towns where they live now: siblings together, within the walk that the rules
//! allow, within class sizes, spread so that no school becomes one of newcomers alone.

use std::collections::BTreeMap;

use fujiao_model::{Division, Field, Grade, Stage};
use fujiao_plan::check::{self, Said};
use fujiao_plan::places::{Reason, Siblings, place, room_for_newcomers};
use fujiao_plan::travel::Spot;
use fujiao_policy::PolicySet;
use fujiao_store::SolvedScenario;

use super::inputs::{Ground, Inputs, People, number, spot};
use super::sites::whole;
use super::tables::{self, Column, Faults, Form};
use super::{PlacesAsk, PlanError, said};
use crate::OfficeError;

const fn column(name: &'static str, also: &'static [&'static str], needed: bool) -> Column {
    Column { name, also, needed }
}

pub(super) const FORMS: [Form; 2] = [
    Form {
        name: "搬迁孩子表",
        columns: &[
            column("户编号", &["户", "户号"], true),
            column("安置点", &["易地搬迁安置点", "安置点名称"], true),
            column("年级", &[], true),
            column("人数", &["孩子"], false),
            column("现在学校", &["学校", "就读学校"], false),
        ],
    },
    Form {
        name: "安置点表",
        columns: &[
            column("安置点", &["安置点名称"], true),
            column("经度", &[], true),
            column("纬度", &[], true),
        ],
    },
];

/// Children of one family and stage.
#[derive(Clone, Debug, PartialEq)]
struct Home {
    label: String,
    settlement: String,
    stage: Stage,
    /// The school of today of each child.
    today: Vec<Option<u64>>,
}

/// What the county's table says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Table {
    homes: Vec<Home>,
    settlements: BTreeMap<String, (f64, f64)>,
}

impl Table {
    pub(super) fn in_a_line(&self) -> String {
        let children: usize = self.homes.iter().map(|h| h.today.len()).sum();
        format!("{} 个安置点的位置，{children} 名孩子", self.settlements.len())
    }
}

/// Reads the county's table.
pub(super) fn table(inputs: &Inputs, (name, bytes): (&str, &[u8])) -> Result<Table, PlanError> {
    let mut read = tables::read(name, bytes, &FORMS)?.into_iter();
    let (children, settlements) =
        (read.next().unwrap_or_default(), read.next().unwrap_or_default());
    let mut faults = Faults::default();
    let mut homes: BTreeMap<(String, Stage), Home> = BTreeMap::new();
    for row in &children {
        let label = row.must("户编号", &mut faults).to_owned();
        let settlement = row.must("安置点", &mut faults).to_owned();
        let written = row.must("年级", &mut faults);
        let grade =
            Grade::parse(written).filter(|g| matches!(g.stage(), Stage::Primary | Stage::Junior));
        let count = row.whole("人数", (1, 12), &mut faults).unwrap_or(1);
        let school = match row.text("现在学校") {
            "" => None,
            text => {
                let found = inputs.school_named(text).map(|s| s.id);
                if found.is_none() {
                    let why = format!("“{text}”不在学校名册里，或不止一所；写全称");
                    faults.add(row, "现在学校", why);
                }
                found
            }
        };
        let Some(grade) = grade else {
            if !written.is_empty() {
                faults.add(row, "年级", format!("“{written}”看不懂；写成“三年级”“七年级”"));
            }
            continue;
        };
        let home = homes.entry((label.clone(), grade.stage())).or_insert_with(|| Home {
            label,
            settlement: settlement.clone(),
            stage: grade.stage(),
            today: Vec::new(),
        });
        if home.settlement != settlement {
            let why = format!("同一户前面写的是“{}”；改成一样", home.settlement);
            faults.add(row, "安置点", why);
        }
        home.today.extend(std::iter::repeat_n(school, count as usize));
    }
    let mut table = Table { homes: homes.into_values().collect(), ..Table::default() };
    for row in &settlements {
        let name = row.must("安置点", &mut faults).to_owned();
        let x = row.number_in("经度", &mut faults);
        let y = row.number_in("纬度", &mut faults);
        match (x, y) {
            (Some(x), Some(y)) if x.abs() <= 180.0 && y.abs() <= 90.0 => {
                table.settlements.insert(name, (x, y));
            }
            (Some(_), Some(_)) => faults.add(row, "经度", "不是经纬度；用 WGS 84 的度数"),
            _ => faults.add(row, "经度", "经度、纬度都要写"),
        }
    }
    faults.end()?;
    Ok(table)
}

/// A child of the rosters: household, settlement, grade, school.
pub(super) type Child = (String, String, Grade, Option<u64>);

/// Families of the rosters with children in school.
pub(super) fn of_the_rosters(people: &People) -> (Vec<Child>, u32) {
    let mut settlement_of: BTreeMap<u64, String> = BTreeMap::new();
    for (fields, link) in &people.rows {
        if let (Some(household), Some(site)) = (link.household, fields.text(Field::RelocationSite))
        {
            settlement_of.entry(household).or_insert_with(|| site.to_owned());
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut left_out = 0;
    let mut children = Vec::new();
    for (fields, link) in &people.rows {
        let Some(household) = link.household else { continue };
        let Some(site) = settlement_of.get(&household) else { continue };
        let Some(person) = link.person.filter(|p| seen.insert(*p)) else { continue };
        let _ = person;
        let (Some(grade), Some(school)) = (link.grade, link.enrolled) else {
            let is_child = fields.text(Field::Schooling).is_some_and(|s| s.contains("义务教育"));
            left_out += u32::from(is_child);
            continue;
        };
        if matches!(grade.stage(), Stage::Primary | Stage::Junior) {
            let label = fields.text(Field::HouseholdNo);
            let label = label.map_or_else(|| format!("{household:x}"), str::to_owned);
            children.push((label, site.clone(), grade, Some(school)));
        }
    }
    (children, left_out)
}

/// Places the children, has it counted again, and gives what is kept of it.
#[expect(clippy::too_many_lines, reason = "one pass from the families to the answer")]
pub(super) fn solve(
    inputs: &Inputs,
    ask: PlacesAsk,
    (policies, ground): (&PolicySet, &Ground),
    (file, people): (Option<(&str, &[u8])>, &People),
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    progress("算路", 0, 3);
    let number = |key| number(policies, key, inputs.as_of);
    let mut table = match file {
        Some(file) => table(inputs, file)?,
        None => Table::default(),
    };
    let mut left_out = 0;
    if table.homes.is_empty() {
        let (children, out) = of_the_rosters(people);
        left_out = out;
        let mut homes: BTreeMap<(String, Stage), Home> = BTreeMap::new();
        for (label, settlement, grade, school) in children {
            let stage = grade.stage();
            let home = homes.entry((label.clone(), stage)).or_insert_with(|| Home {
                label,
                settlement,
                stage,
                today: Vec::new(),
            });
            home.today.push(school);
        }
        table.homes = homes.into_values().collect();
    }
    if table.homes.is_empty() {
        let why = "名册里没有住在安置点的在校孩子；传一张搬迁孩子表，或在脱贫户名册里填上“易地搬迁安置点”";
        return Err(PlanError::Lacking(why.to_owned()).into());
    }
    let settlements = settlements(inputs, &table)?;
    let at_of: BTreeMap<&str, u32> =
        (0..).zip(&settlements).map(|(n, s)| (s.name.as_str(), n)).collect();
    let walk = match ask.walk_minutes {
        Some(minutes) => (f64::from(minutes), f64::from(minutes)),
        None => (number("plan_walk_minutes")?, number("plan_walk_minutes_junior")?),
    };
    let share = match ask.newcomers_percent {
        Some(percent) => f64::from(percent),
        None => number("plan_newcomers_percent")?,
    };
    let limits = (number("plan_class_primary")?, number("plan_class_junior")?);
    let spots: Vec<Spot> = settlements.iter().map(|s| spot(s.at)).collect();
    let mut out = said::Places {
        schools: Vec::new(),
        families: Vec::new(),
        today: said::PlacesTally::default(),
        plan: said::PlacesTally::default(),
        without: 0,
        moved: 0,
        walk_minutes: (whole(walk.0), whole(walk.1)),
        newcomers_percent: whole(share),
        guessed_percent: 0,
        left_out,
        settlements: settlements.clone(),
    };
    let (mut objective, mut bound) = (0.0, 0.0);
    let mut verdict = "ok".to_owned();
    let mut today = Sums::default();
    let mut plan = Sums::default();
    for (stage, walk, limit) in
        [(Stage::Primary, walk.0, limits.0), (Stage::Junior, walk.1, limits.1)]
    {
        progress("排位子", u64::from(stage == Stage::Junior) + 1, 3);
        let homes: Vec<&Home> = table.homes.iter().filter(|h| h.stage == stage).collect();
        if homes.is_empty() {
            continue;
        }
        let mut relocated: BTreeMap<u64, u32> = BTreeMap::new();
        for school in homes.iter().flat_map(|h| h.today.iter().flatten()) {
            *relocated.entry(*school).or_default() += 1;
        }
        // Schools that teach the stage and have a point; those out of reach of every settlement are left out.
        let schools: Vec<_> = inputs
            .schools
            .iter()
            .filter(|s| s.closed_on.is_none())
            .filter_map(|s| {
                let pupils = inputs.pupils_at(s.id, stage);
                let at = inputs.point_of(s)?;
                (pupils > 0).then_some((s, pupils, at))
            })
            .collect();
        let ends: Vec<Spot> = schools.iter().map(|s| spot(s.2)).collect();
        let (foot, _) = inputs.travel(policies, ground, (&spots, &ends))?;
        out.guessed_percent = out.guessed_percent.max(whole(foot.guessed() * 100.0));
        let minutes =
            |settlement: usize, school: usize| whole(foot.minutes(settlement, school).ceil());
        let used: Vec<usize> = (0..settlements.len())
            .filter(|s| homes.iter().any(|h| at_of[h.settlement.as_str()] as usize == *s))
            .collect();
        let near: Vec<usize> = (0..schools.len())
            .filter(|school| {
                used.iter().any(|s| f64::from(minutes(*s, *school)) <= walk)
                    || relocated.contains_key(&schools[*school].0.id)
            })
            .collect();
        // A settlement from which no school is within the walk has the three nearest.
        let mut near = near;
        for settlement in &used {
            if !near.iter().any(|s| f64::from(minutes(*settlement, *s)) <= walk) {
                let mut all: Vec<usize> = (0..schools.len()).collect();
                all.sort_by_key(|s| (minutes(*settlement, *s), *s));
                near.extend(all.into_iter().take(3));
            }
        }
        near.sort_unstable();
        near.dedup();
        let first = u32::try_from(out.schools.len()).expect("few schools");
        let mut room = Vec::with_capacity(near.len() + 1);
        for &at in &near {
            let (school, pupils, point) = schools[at];
            let here = relocated.get(&school.id).copied().unwrap_or(0);
            let residents = pupils.saturating_sub(here);
            let places = whole(f64::from(classes(inputs, school.id, stage, limit)) * limit);
            let fits = room_for_newcomers(residents, places, share / 100.0);
            room.push(fits);
            out.schools.push(said::SchoolRoom {
                id: school.id,
                place: school.village.or(school.town).map_or(0, Division::code),
                name: school.name.clone(),
                at: point,
                stage: stage.code().to_owned(),
                residents,
                places,
                room: u32::try_from(fits).unwrap_or(0),
                today: here,
                plan: 0,
                place_minutes: 0,
            });
        }
        let nowhere = u32::try_from(near.len()).expect("few schools");
        room.push(i64::from(u32::MAX));
        // Who finds no place counts as a day's walk: nobody does whom a school can take.
        let households: Vec<Siblings> = homes
            .iter()
            .map(|home| {
                let settlement = at_of[home.settlement.as_str()] as usize;
                let mut to: Vec<(u32, u32)> =
                    (0..nowhere).zip(&near).map(|(n, s)| (n, minutes(settlement, *s))).collect();
                // Nobody changes schools for nothing: another one counts as a little farther.
                for (n, far) in &mut to {
                    let id = Some(schools[near[*n as usize]].0.id);
                    *far += if home.today.contains(&id) { 0 } else { CHANGE };
                }
                let fits = |n: u32| f64::from(minutes(settlement, near[n as usize])) <= walk;
                let lawful = (0..nowhere).any(fits);
                to.retain(|(n, _)| !lawful || fits(*n));
                to.push((nowhere, NOWHERE));
                Siblings {
                    children: u32::try_from(home.today.len()).expect("one family"),
                    schools: to,
                }
            })
            .collect();
        let solved = place(&households, &room).expect("everybody may go nowhere");
        let rows: Vec<(u32, Vec<(u32, u32)>)> =
            households.iter().map(|h| (h.children, h.schools.clone())).collect();
        let goes: Vec<Vec<(u32, u32)>> = solved.plan.iter().map(|p| p.schools.clone()).collect();
        let said_ = Said { objective: solved.objective, bound: solved.bound };
        if let Err(fault) = check::placed(&rows, &room, &goes, said_) {
            verdict = fault.to_string();
        }
        objective += solved.objective;
        bound += solved.bound;
        let position: BTreeMap<u64, u32> =
            (0..).zip(&near).map(|(n, s)| (schools[*s].0.id, n)).collect();
        for (home, placed) in homes.iter().zip(&solved.plan) {
            let settlement = at_of[home.settlement.as_str()];
            let mut before: BTreeMap<u32, u32> = BTreeMap::new();
            for school in home.today.iter().flatten() {
                let at = position.get(school).map_or(u32::MAX, |n| first + n);
                *before.entry(at).or_default() += 1;
            }
            for (&at, &n) in &before {
                if at != u32::MAX {
                    let local = near[(at - first) as usize];
                    today.add(n, minutes(settlement as usize, local), walk);
                }
            }
            today.parted += u32::from(before.len() > 1);
            let mut then = Vec::new();
            for &(school, n) in &placed.schools {
                if school == nowhere {
                    out.without += n;
                    continue;
                }
                let at = first + school;
                let way = minutes(settlement as usize, near[school as usize]);
                plan.add(n, way, walk);
                out.schools[at as usize].plan += n;
                out.moved += n.saturating_sub(before.get(&at).copied().unwrap_or(0));
                then.push((at, n, way));
            }
            plan.parted += u32::from(then.len() > 1);
            let (reason, nearest) = match placed.reason {
                _ if then.is_empty() => ("none", None),
                Reason::Parted => ("parted", None),
                Reason::Nearest => ("nearest", None),
                Reason::NearestIsFull { nearest, place_is_worth, .. } => {
                    let nearest = nearest.min(nowhere - 1);
                    let of = &mut out.schools[(first + nearest) as usize];
                    of.place_minutes = of.place_minutes.max(place_is_worth.min(NOWHERE));
                    let there = minutes(settlement as usize, near[nearest as usize]);
                    let more = then.iter().map(|t| t.2).max().unwrap_or(0).saturating_sub(there);
                    ("full", Some((first + nearest, more)))
                }
            };
            out.families.push(said::Family {
                label: home.label.clone(),
                settlement,
                stage: stage.code().to_owned(),
                children: u32::try_from(home.today.len()).expect("one family"),
                today: before.into_iter().collect(),
                plan: then,
                reason: reason.to_owned(),
                nearest,
            });
        }
    }
    out.today = today.tally(&out.schools, |s| s.today);
    out.plan = plan.tally(&out.schools, |s| s.plan);
    progress("排位子", 3, 3);
    let result = said::Result::Places(out);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        objective: Some(objective),
        bound: Some(bound),
        verdict: Some(verdict),
        ..SolvedScenario::default()
    })
}

/// Minutes that another school than today's counts as farther.
const CHANGE: u32 = 3;

/// Minutes that no place counts for: beyond any walk, and far within what the solver adds up.
const NOWHERE: u32 = 600;

/// Classes of a stage at a school: its share of the classes that the roster has, or as many as pupils fill.
fn classes(inputs: &Inputs, school: u64, stage: Stage, limit: f64) -> u32 {
    let mut grades: BTreeMap<Grade, u32> = BTreeMap::new();
    for count in inputs.pupils(stage).filter(|c| c.school == Some(school)) {
        *grades.entry(count.grade).or_default() += count.pupils;
    }
    let filled = |n: &u32| whole((f64::from(*n) / limit).ceil()).max(1);
    let by_pupils: u32 = grades.values().map(filled).sum();
    let other = if stage == Stage::Primary { Stage::Junior } else { Stage::Primary };
    let (here, there) = (inputs.pupils_at(school, stage), inputs.pupils_at(school, other));
    match inputs.facts.get(&school).and_then(|f| f.classes) {
        Some(all) if there == 0 => all,
        Some(all) => {
            let part = f64::from(all) * f64::from(here) / f64::from((here + there).max(1));
            whole(part).max(1)
        }
        None => by_pupils,
    }
}

/// Where families live: as the table says, else in the middle of the town whose name the settlement bears.
fn settlements(inputs: &Inputs, table: &Table) -> Result<Vec<said::Settlement>, PlanError> {
    let mut children: BTreeMap<&str, u32> = BTreeMap::new();
    for home in &table.homes {
        *children.entry(home.settlement.as_str()).or_default() +=
            u32::try_from(home.today.len()).expect("one family");
    }
    let mut faults = Faults::default();
    let mut all = Vec::new();
    for (name, children) in children {
        let (at, placed) = match table.settlements.get(name) {
            Some(at) => (Some(*at), true),
            None => (town_in(inputs, name), false),
        };
        match at {
            Some(at) => all.push(said::Settlement { name: name.to_owned(), at, placed, children }),
            None => {
                faults.say(format!("不知道安置点“{name}”在哪里；在安置点表里写上它的经度和纬度"));
            }
        }
    }
    faults.end()?;
    Ok(all)
}

/// The point of the place whose name stands in a settlement's: 城关 in 城关安置小区.
fn town_in(inputs: &Inputs, name: &str) -> Option<(f64, f64)> {
    let bare = |text: &str| {
        text.strip_suffix("街道").unwrap_or(text).trim_end_matches(['镇', '乡', '村']).to_owned()
    };
    let stands = |p: &&Division| {
        let own = bare(&inputs.places[*p].name);
        own.chars().count() >= 2 && name.contains(&own)
    };
    let found = inputs.places.keys().filter(stands).max_by_key(|p| {
        let own = inputs.places[*p].name.chars().count();
        (own, p.town() == **p)
    })?;
    inputs.point(*found)
}

#[derive(Default)]
struct Sums {
    children: u32,
    minutes: u64,
    farthest: u32,
    beyond: u32,
    parted: u32,
}

impl Sums {
    fn add(&mut self, children: u32, minutes: u32, walk: f64) {
        self.children += children;
        self.minutes += u64::from(children) * u64::from(minutes);
        self.farthest = self.farthest.max(minutes);
        self.beyond += if f64::from(minutes) > walk { children } else { 0 };
    }

    fn tally(
        &self,
        schools: &[said::SchoolRoom],
        newcomers: impl Fn(&said::SchoolRoom) -> u32,
    ) -> said::PlacesTally {
        let mean =
            (10 * self.minutes + u64::from(self.children) / 2) / u64::from(self.children.max(1));
        let share = |s: &said::SchoolRoom| {
            let all = s.residents + newcomers(s);
            if all == 0 { 0 } else { (100 * newcomers(s)).div_ceil(all) }
        };
        said::PlacesTally {
            placed: self.children,
            mean_minutes_tenths: u32::try_from(mean).unwrap_or(u32::MAX),
            farthest_minutes: self.farthest,
            beyond_walk: self.beyond,
            beyond_places: schools
                .iter()
                .map(|s| (s.residents + newcomers(s)).saturating_sub(s.places).min(newcomers(s)))
                .sum(),
            parted: self.parted,
            most_newcomers_percent: schools.iter().map(share).max().unwrap_or(0),
        }
    }
}
