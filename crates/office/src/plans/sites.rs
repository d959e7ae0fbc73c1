//! The county's schools as the question of [`fujiao_plan::sites`], and its answer as it is kept.

use std::collections::BTreeMap;

use fujiao_model::{Division, Grade, Stage};
use fujiao_plan::check::{self, Said};
use fujiao_plan::sites::Binds;
use fujiao_plan::sites::{
    self, Change, Form, Group, Minutes, Prices, Question, Site, SitesError, SitesPlan, Standards,
};
use fujiao_plan::travel::{Spot, Travel, distance_m};
use fujiao_policy::PolicySet;
use fujiao_store::{School, SolvedScenario};

use super::guards;
use super::inputs::{Ground, Inputs, band, number, spot};
use super::steps::Steps;
use super::{MayClose, SitesAsk, said};
use crate::OfficeError;

/// Factors of what a minute counts, for the curve of money against minutes.
const CURVE: [u32; 5] = [25, 50, 100, 200, 400];

/// Children of the lower grades below whom nobody builds a teaching point.
const LEAST_OF_A_POINT: u32 = 8;

/// The question with what its numbers stand for.
pub(super) struct County {
    pub(super) question: Question,
    pub(super) villages: Vec<said::Village>,
    pub(super) schools: Vec<said::School>,
    classes: Vec<Vec<u32>>,
    homes: Vec<Spot>,
    spots: Vec<Spot>,
    foot: Travel,
    ride: Travel,
    home_unknown: u32,
    off_the_map: u32,
}

impl County {
    pub(super) fn minutes(&self, village: usize, site: usize) -> Minutes {
        Minutes {
            foot: self.foot.minutes(village, site),
            ride: self.ride.minutes(village, site),
            metres: distance_m(self.homes[village], self.spots[site]),
        }
    }
}

/// Solves the question, has the answer counted again, and gives what is kept of it. What earlier, cut off attempts found is
/// in `steps`, and what this one finds is put there.
pub(super) fn solve(
    inputs: &Inputs,
    ask: &SitesAsk,
    (policies, ground): (&PolicySet, &Ground),
    stop: &(dyn Fn(f64) -> bool + Sync),
    steps: &mut Steps<'_>,
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    let of = 2 + CURVE.len() as u64;
    progress("算路", 0, of);
    let mut county = county(inputs, ask, policies, ground)?;
    let guarded =
        if ask.guarded { guards::guard(&mut county, inputs, policies)? } else { Vec::new() };
    let county = county;
    let minutes = |village: usize, site: usize| county.minutes(village, site);
    // Most of the time for the plan itself, the rest for what stands beside it: a search that is near enough ends before.
    progress("选校", 1, of);
    let first = || stop(0.7);
    let found = match steps.sites("plan", &county.question, &minutes, &first) {
        Ok(found) => found,
        Err(error) => return Ok(failed(&county, &error)),
    };
    // With no school closed: what a careful county begins with.
    progress("一所不并", 2, of);
    let until = || stop(0.8);
    let cautious = if county.question.sites.iter().all(|s| s.today.is_none() || s.kept) {
        None
    } else {
        let mut none = county.question.clone();
        for site in &mut none.sites {
            site.kept = site.today.is_some();
        }
        none.standards.least_children = 0;
        steps.sites("none", &none, &minutes, &until).ok()
    };
    let mut curve = Vec::new();
    for (at, times) in (1_u32..).zip(CURVE) {
        progress("多花少走", 2 + u64::from(at), of);
        let until = || stop(0.8 + 0.04 * f64::from(at));
        if times == 100 {
            curve.push((times, found.clone()));
            continue;
        }
        let prices = county.question.prices;
        let yuan_a_minute = prices.yuan_a_minute * f64::from(times) / 100.0;
        let other =
            Question { prices: Prices { yuan_a_minute, ..prices }, ..county.question.clone() };
        if let Ok(plan) = steps.sites(&format!("curve {times}"), &other, &minutes, &until) {
            curve.push((times, plan));
        }
    }
    progress("核对", of, of);
    let verdict = match recount(&county, &found) {
        Ok(()) => "ok".to_owned(),
        Err(fault) => fault.to_string(),
    };
    let mut answer = answer(&county, &found, &curve);
    answer.cautious = cautious.as_ref().map(|plan| said::Cautious {
        tally: tally(&plan.plan),
        gap_basis_points: whole(plan.optimality_gap() * 10_000.0),
    });
    answer.guarded = guarded;
    answer.heights = ground.heights.is_some();
    let result = said::Result::Sites(answer);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        objective: Some(found.objective),
        bound: Some(found.bound),
        verdict: Some(verdict),
        ..SolvedScenario::default()
    })
}

fn failed(county: &County, error: &SitesError) -> SolvedScenario {
    let mut solved =
        SolvedScenario { failure: Some(error.to_string()), ..SolvedScenario::default() };
    if let SitesError::Short(missing) = error {
        let missing = missing
            .iter()
            .map(|m| {
                let group = &county.question.groups[m.group as usize];
                let name = |site: u32| county.schools[site as usize].name.clone();
                let (change, school, minutes) = match m.change {
                    Change::Places { site } => ("places", name(site), 0.0),
                    Change::Walk { site, minutes } => ("walk", name(site), minutes),
                    Change::Ride { site, minutes } => ("ride", name(site), minutes),
                    Change::School => ("school", String::new(), 0.0),
                };
                said::Missing {
                    village: county.villages[group.village as usize].name.clone(),
                    children: m.children,
                    change: change.to_owned(),
                    school,
                    minutes: whole(minutes),
                }
            })
            .collect();
        let result = said::Result::Short { missing };
        solved.result =
            Some(serde_json::to_string(&result).expect("numbers and texts always write"));
    }
    solved
}

/// The answer, counted by the checker from the question's own figures.
fn recount(county: &County, plan: &SitesPlan) -> Result<(), check::Fault> {
    let question = &county.question;
    let held = sites::held(question, &|v, s| county.minutes(v, s));
    let children: Vec<check::Children> = question
        .groups
        .iter()
        .zip(held)
        .map(|(g, held)| check::Children {
            village: g.village as usize,
            band: g.band,
            number: g.children,
            may_board: g.may_board,
            lawful_only: question.standards.lawful_only || held,
            today: g.today,
        })
        .collect();
    let school = |f: &Form| check::School {
        bands: f.bands,
        places: f.places,
        has: [f.beds, f.canteen, f.bus],
        yuan: (f.yuan_a_year, f.yuan_once),
    };
    let schools: Vec<Vec<check::School>> =
        question.sites.iter().map(|s| s.forms.iter().map(school).collect()).collect();
    let kept: Vec<bool> = question.sites.iter().map(|s| s.kept).collect();
    let minutes = |village: usize, site: usize| {
        let way = county.minutes(village, site);
        (way.foot, way.ride, way.metres)
    };
    let (s, p) = (question.standards, question.prices);
    let terms = check::Terms {
        longest: (s.walk_minutes, s.ride_minutes),
        radius_m: s.radius_m,
        yuan: [
            p.yuan_a_minute,
            p.accompany_yuan,
            p.board_yuan,
            p.bed_yuan,
            p.bus_yuan,
            p.once_share,
            p.change_yuan,
        ],
    };
    let said = Said { objective: plan.objective, bound: plan.bound };
    check::sites(&children, &schools, &kept, &minutes, terms, (&plan.open, &plan.goes), said)
}

/// Numbers of the rules.
struct Rules {
    class_limit: u32,
    small: u32,
    class_yuan: f64,
    school_yuan: f64,
    point_yuan: f64,
    room_yuan: f64,
    bed_yuan: f64,
    canteen_yuan: f64,
    reopen_yuan: f64,
    bus_yuan: f64,
}

impl Rules {
    fn read(inputs: &Inputs, stage: Stage, policies: &PolicySet) -> Result<Self, OfficeError> {
        let number = |key| number(policies, key, inputs.as_of);
        let limit =
            if stage == Stage::Primary { "plan_class_primary" } else { "plan_class_junior" };
        Ok(Self {
            class_limit: whole(number(limit)?),
            small: whole(number("plan_small_school")?),
            class_yuan: number("plan_class_staff_percent")? / 100.0 * number("plan_teacher_yuan")?,
            school_yuan: number("plan_school_yuan")?,
            point_yuan: number("plan_point_yuan")?,
            room_yuan: number("plan_room_yuan")?,
            bed_yuan: number("plan_new_bed_yuan")?,
            canteen_yuan: number("plan_canteen_yuan")?,
            reopen_yuan: number("plan_reopen_yuan")?,
            bus_yuan: number("plan_bus_yuan")?,
        })
    }

    /// A form of so many classes, as it stands; what it takes to get there is added.
    fn form(&self, classes: u32, is_whole: bool, once: f64) -> Form {
        let upkeep = if is_whole { self.school_yuan } else { self.point_yuan };
        Form {
            bands: if is_whole { 3 } else { 1 },
            places: classes * self.class_limit,
            beds: false,
            canteen: true,
            bus: false,
            yuan_a_year: upkeep + f64::from(classes) * self.class_yuan,
            yuan_once: once,
        }
    }

    /// With a bus; its seats are counted child by child.
    fn bus(&self, form: Form) -> Form {
        Form { bus: true, yuan_a_year: form.yuan_a_year + self.bus_yuan, ..form }
    }

    /// What beds for a third of a school's children cost.
    fn beds(&self, form: Form) -> Form {
        let once = f64::from(form.places / 3) * self.bed_yuan;
        Form { beds: true, yuan_once: form.yuan_once + once, ..form }
    }
}

/// A school as it is counted from its pupils.
#[derive(Default)]
struct Counted {
    pupils: u32,
    boarders: u32,
    upper: u32,
    grades: std::collections::BTreeSet<Grade>,
}

#[expect(clippy::too_many_lines, reason = "one pass from the registers to the question")]
fn county(
    inputs: &Inputs,
    ask: &SitesAsk,
    policies: &PolicySet,
    ground: &Ground,
) -> Result<County, OfficeError> {
    let rules = Rules::read(inputs, ask.stage, policies)?;
    let number = |key| number(policies, key, inputs.as_of);
    let mut counted: BTreeMap<u64, Counted> = BTreeMap::new();
    for count in inputs.pupils(ask.stage) {
        let Some(school) = count.school else { continue };
        let of = counted.entry(school).or_default();
        of.pupils += count.pupils;
        of.boarders += count.boarders;
        of.upper += if band(count.grade) == 1 { count.pupils } else { 0 };
        of.grades.insert(count.grade);
    }
    // Schools that teach the stage, or did; without a point there is no way to them.
    let mut sites = Vec::new();
    let mut schools = Vec::new();
    let mut classes = Vec::new();
    let mut spots = Vec::new();
    let mut site_of: BTreeMap<u64, u32> = BTreeMap::new();
    for school in &inputs.schools {
        let now = counted.get(&school.id);
        if now.is_none() && !school.stages.contains(&ask.stage) {
            continue;
        }
        let (Some(at), Some(place)) = (inputs.point_of(school), school.village.or(school.town))
        else {
            continue;
        };
        let built = site(inputs, ask, &rules, school, now);
        site_of.insert(school.id, u32::try_from(sites.len()).expect("few schools"));
        spots.push(spot(at));
        schools.push(empty(Some(school.id), place, school.name.clone(), at));
        classes.push(built.1);
        sites.push(built.0);
    }
    // Children by home, grades and the school of today.
    let mut villages: Vec<said::Village> = Vec::new();
    let mut village_of: BTreeMap<Division, u32> = BTreeMap::new();
    let mut homes: Vec<Spot> = Vec::new();
    let mut groups: BTreeMap<(u32, u8, Option<u32>), u32> = BTreeMap::new();
    let (mut home_unknown, mut off_the_map) = (0, 0);
    for count in inputs.pupils(ask.stage) {
        let Some(place) = count.place.filter(|p| inputs.places.contains_key(p)) else {
            home_unknown += count.pupils;
            continue;
        };
        let today = count.school.and_then(|s| site_of.get(&s).copied());
        let (Some(at), true) = (inputs.point(place), today.is_some()) else {
            off_the_map += count.pupils;
            continue;
        };
        let village = *village_of.entry(place).or_insert_with(|| {
            homes.push(spot(at));
            let name = inputs.name(place);
            villages.push(said::Village { code: place.code(), name, at, children: 0 });
            u32::try_from(villages.len() - 1).expect("few villages")
        });
        villages[village as usize].children += count.pupils;
        let band = if ask.stage == Stage::Primary { band(count.grade) } else { 0 };
        *groups.entry((village, band, today)).or_default() += count.pupils;
    }
    let question = Question {
        groups: groups
            .into_iter()
            .map(|((village, band, today), children)| Group {
                village,
                band,
                children,
                // 国办发〔2018〕27号: the lower three grades of primary do not board.
                may_board: ask.stage != Stage::Primary || band == 1,
                today,
            })
            .collect(),
        sites,
        standards: Standards {
            walk_minutes: match (ask.walk_minutes, ask.stage) {
                (Some(minutes), _) => [f64::from(minutes); 2],
                (None, Stage::Junior) => [number("plan_walk_minutes_junior")?; 2],
                (None, _) => [number("plan_walk_minutes")?, number("plan_walk_minutes_upper")?],
            },
            ride_minutes: match ask.ride_minutes {
                Some(minutes) => f64::from(minutes),
                None => number("plan_ride_minutes")?,
            },
            radius_m: ask.radius_km.map_or(f64::INFINITY, |km| f64::from(km) * 1_000.0),
            least_children: ask.least_children.unwrap_or(0),
            no_worse: ask.guarded,
            lawful_only: ask.lawful_only,
        },
        prices: Prices {
            yuan_a_minute: number("plan_minute_yuan")?,
            accompany_yuan: number("plan_accompany_yuan")?,
            board_yuan: number("plan_board_yuan")?,
            bed_yuan: number("plan_bed_yuan")?,
            bus_yuan: number("plan_seat_yuan")?,
            change_yuan: number("plan_change_yuan")?,
            once_share: 1.0 / number("plan_once_years")?.max(1.0),
        },
    };
    let (foot, ride) = inputs.travel(policies, ground, (&homes, &spots))?;
    let mut county = County {
        question,
        villages,
        schools,
        classes,
        homes,
        spots,
        foot,
        ride,
        home_unknown,
        off_the_map,
    };
    if ask.build && ask.stage == Stage::Primary {
        let new = new_points(&county);
        for village in new {
            let of = &county.villages[village];
            let place = Division::from_code(of.code).expect("it was a place of the county");
            county.schools.push(empty(None, place, of.name.clone(), of.at));
            let form = rules.form(3, false, 3.0 * rules.room_yuan);
            county.question.sites.push(Site { forms: vec![form], today: None, kept: false });
            county.classes.push(vec![3]);
            let at = spot(of.at);
            county.spots.push(at);
        }
        (county.foot, county.ride) =
            inputs.travel(policies, ground, (&county.homes, &county.spots))?;
    }
    Ok(county)
}

/// Villages that are far from every school and have children enough for a teaching point of the lower grades.
fn new_points(county: &County) -> Vec<usize> {
    let mut lower = vec![0_u32; county.villages.len()];
    for group in county.question.groups.iter().filter(|g| g.band == 0) {
        lower[group.village as usize] += group.children;
    }
    let most = county.question.standards.walk_of(0);
    (0..county.villages.len())
        .filter(|v| lower[*v] >= LEAST_OF_A_POINT)
        .filter(|v| {
            (0..county.question.sites.len()).all(|s| county.foot.minutes(*v, s) > most / 2.0)
        })
        .collect()
}

fn empty(id: Option<u64>, place: Division, name: String, at: (f64, f64)) -> said::School {
    said::School {
        id,
        place: place.code(),
        name,
        at,
        today: None,
        plan: None,
        children_today: 0,
        children: 0,
        boarders: 0,
        riders: 0,
        action: said::Action::Keep,
        place_yuan: 0,
    }
}

/// The forms that a school can have, today's first, with the classes of each.
fn site(
    inputs: &Inputs,
    ask: &SitesAsk,
    rules: &Rules,
    school: &School,
    now: Option<&Counted>,
) -> (Site, Vec<u32>) {
    let facts = inputs.facts.get(&school.id).copied().unwrap_or_default();
    let is_primary = ask.stage == Stage::Primary;
    let all_grades: u32 = if is_primary { 6 } else { 3 };
    let is_point = is_primary && school.kind.as_deref() == Some("教学点");
    let mut forms: Vec<(Form, u32)> = Vec::new();
    let mut add = |form: Form, classes: u32| {
        if !forms.iter().any(|(known, _)| *known == form) {
            forms.push((form, classes));
        }
    };
    let is_open = now.is_some() && school.closed_on.is_none();
    if let Some(now) = now.filter(|_| is_open) {
        let teaches_all = !is_primary || now.upper > 0 || !is_point;
        let grades = u32::try_from(now.grades.len()).expect("few grades");
        // A roster of a nine-year school counts the classes of both stages: no more than pupils fill.
        let filled = now.pupils.div_ceil(rules.class_limit / 2).max(grades).max(1);
        let classes = facts.classes.unwrap_or(grades).clamp(1, filled.max(grades));
        let has_beds = facts.beds > 0 || now.boarders > 0;
        let has_canteen = facts.has_canteen.unwrap_or(true);
        let one_track = if teaches_all { all_grades } else { 3 };
        let as_today =
            Form { beds: has_beds, canteen: has_canteen, ..rules.form(classes, teaches_all, 0.0) };
        // With fewer classes than grades, grades sit together or are missing: no room for more children.
        let places = if classes < one_track { now.pupils } else { as_today.places };
        let base = Form { places, ..as_today };
        add(base, classes);
        if classes != one_track {
            let rooms = f64::from(one_track.saturating_sub(classes)) * rules.room_yuan;
            let other = rules.form(one_track, teaches_all, rooms);
            add(Form { beds: has_beds, canteen: has_canteen, ..other }, one_track);
        }
        let more = classes + one_track;
        let larger = Form {
            beds: has_beds,
            canteen: has_canteen,
            ..rules.form(more, teaches_all, f64::from(one_track) * rules.room_yuan)
        };
        add(larger, more);
        if !has_canteen {
            let once = rules.canteen_yuan;
            add(Form { canteen: true, yuan_once: once, ..base }, classes);
        }
        if teaches_all && ask.beds && !has_beds {
            add(rules.beds(base), classes);
        }
        if teaches_all && ask.bus && classes >= one_track {
            add(rules.bus(base), classes);
            add(rules.bus(larger), more);
        }
        if !teaches_all {
            let rooms = f64::from(all_grades.saturating_sub(classes)) * rules.room_yuan;
            add(rules.form(all_grades, true, rooms), all_grades);
        }
    } else if ask.build {
        let small = is_point || is_primary;
        let classes = if small { 3 } else { all_grades };
        add(rules.form(classes, !small, rules.reopen_yuan), classes);
    }
    let pupils = now.map_or(0, |n| n.pupils);
    let may_close = match ask.may_close {
        MayClose::None => false,
        MayClose::Small => pupils < rules.small,
        MayClose::All => true,
    };
    let (forms, classes): (Vec<Form>, Vec<u32>) = forms.into_iter().unzip();
    (Site { forms, today: is_open.then_some(0), kept: is_open && !may_close }, classes)
}

/// The answer as it is kept.
fn answer(county: &County, plan: &SitesPlan, curve: &[(u32, SitesPlan)]) -> said::Sites {
    let question = &county.question;
    let mut schools = county.schools.clone();
    let kept = |site: usize, form: usize| {
        let f = question.sites[site].forms[form];
        said::Form {
            classes: county.classes[site][form],
            places: f.places,
            whole: f.bands > 1,
            beds: f.beds,
            canteen: f.canteen,
            bus: f.bus,
            yuan_a_year: yuan(f.yuan_a_year),
            yuan_once: yuan(f.yuan_once),
        }
    };
    for (site, school) in schools.iter_mut().enumerate() {
        school.today = question.sites[site].today.map(|form| kept(site, form));
        school.plan = plan.open[site].map(|form| kept(site, form));
        school.action = match (school.today, school.plan) {
            (None, Some(_)) if school.id.is_none() => said::Action::Build,
            (None, Some(_)) => said::Action::Reopen,
            (Some(_), None) => said::Action::Close,
            (Some(today), Some(plan)) if today != plan => said::Action::Change,
            _ => said::Action::Keep,
        };
    }
    let mut flows = Vec::new();
    for (group, row) in question.groups.iter().zip(&plan.goes) {
        if let Some(today) = group.today {
            schools[today as usize].children_today += group.children;
        }
        for &(site, children) in row {
            let at = site as usize;
            let Some(form) = plan.open[at].map(|f| question.sites[at].forms[f]) else { continue };
            let minutes = county.minutes(group.village as usize, at);
            let child = sites::child(group, &form, minutes, question.standards, question.prices);
            let Some(child) = child else { continue };
            let way = match child.way {
                sites::Way::Walks => said::Way::Walk,
                sites::Way::Rides => said::Way::Ride,
                sites::Way::Boards => said::Way::Board,
                sites::Way::Accompanied => said::Way::Accompany,
            };
            let school = &mut schools[at];
            school.children += children;
            school.boarders += if way == said::Way::Board { children } else { 0 };
            school.riders += if way == said::Way::Ride { children } else { 0 };
            flows.push(said::Flow {
                village: group.village,
                school: site,
                from: group.today,
                children,
                way,
                minutes: whole(child.minutes),
            });
        }
    }
    let (mut beyond_walk, mut beyond_ride, mut beyond_radius) = (0, 0, 0);
    let mut too_small = Vec::new();
    for bind in &plan.binds {
        match *bind {
            Binds::ClassSize { site, yuan: saved } => {
                schools[site as usize].place_yuan = yuan(saved);
            }
            Binds::Walk { children } => beyond_walk = children,
            Binds::Ride { children } => beyond_ride = children,
            Binds::Radius { children } => beyond_radius = children,
            Binds::LeastSize { site, .. } => too_small.push(site),
        }
    }
    said::Sites {
        villages: county.villages.clone(),
        schools,
        flows,
        today: plan.today.as_ref().map(tally),
        plan: tally(&plan.plan),
        beyond_walk,
        beyond_ride,
        beyond_radius,
        too_small,
        cautious: None,
        guarded: Vec::new(),
        heights: false,
        curve: curve
            .iter()
            .map(|(times, plan)| said::CurvePoint {
                times_percent: *times,
                tally: tally(&plan.plan),
                gap_basis_points: whole(plan.optimality_gap() * 10_000.0),
            })
            .collect(),
        home_unknown: county.home_unknown,
        off_the_map: county.off_the_map,
        guessed_percent: whole(county.foot.guessed() * 100.0),
    }
}

fn tally(t: &sites::Tally) -> said::Tally {
    let under_way = (t.walk + t.ride).max(1);
    #[expect(clippy::cast_precision_loss, reason = "children of one county")]
    let mean = t.minutes / under_way as f64;
    said::Tally {
        schools: u32::try_from(t.schools).expect("few schools"),
        walk: t.walk,
        ride: t.ride,
        board: t.board,
        accompany: t.accompanied,
        mean_minutes_tenths: u64::from(whole(mean * 10.0)),
        farthest_minutes: u64::from(whole(t.farthest_minutes)),
        beyond_places: t.beyond_places,
        families_yuan: yuan(t.families_yuan),
        state_yuan: yuan(t.state_yuan),
        once_yuan: yuan(t.once_yuan),
    }
}

/// To the nearest whole number, not below nought.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and held between nought and a billion"
)]
pub(super) fn whole(value: f64) -> u32 {
    value.round().clamp(0.0, 1e9) as u32
}

/// To the nearest yuan.
#[expect(clippy::cast_possible_truncation, reason = "far below 2^63")]
fn yuan(value: f64) -> i64 {
    value.round().clamp(-1e15, 1e15) as i64
}
