//! Pupils ten years ahead, the classes and beds that they need, and what to build when.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Division, Grade, Stage};
use fujiao_plan::forecast::{Expected, History, forecast};
use fujiao_plan::rooms;
use fujiao_policy::PolicySet;
use fujiao_store::SolvedScenario;

use super::changes::{self, Changes, Relocation, Rule};
use super::inputs::{Inputs, number};
use super::sites::whole;
use super::{AheadAsk, PlanError, said};
use crate::OfficeError;

/// The compulsory grades, one after the other.
const GRADES: [Grade; 9] = [
    Grade::P1,
    Grade::P2,
    Grade::P3,
    Grade::P4,
    Grade::P5,
    Grade::P6,
    Grade::J1,
    Grade::J2,
    Grade::J3,
];

/// Births that count as much as a place's own share of children who come to school.
const SHRINK: f64 = 12.0;

/// Pupils by place: for each year of the past the nine grades.
struct Past {
    years: Vec<i16>,
    by_place: BTreeMap<Division, Vec<Vec<u32>>>,
    home_unknown: u32,
}

impl Past {
    fn of(inputs: &Inputs) -> Self {
        let this = inputs.school_year();
        let all: BTreeSet<i16> =
            inputs.counts.iter().map(|c| c.school_year).filter(|y| *y <= this).collect();
        // Years that follow each other up to this one.
        let years: Vec<i16> =
            (*all.first().unwrap_or(&this)..=this).rev().take_while(|y| all.contains(y)).collect();
        let years: Vec<i16> = years.into_iter().rev().collect();
        let towns: BTreeMap<u64, Division> =
            inputs.schools.iter().filter_map(|s| Some((s.id, s.village.or(s.town)?))).collect();
        let mut by_place: BTreeMap<Division, Vec<Vec<u32>>> = BTreeMap::new();
        let mut home_unknown = 0;
        for count in &inputs.counts {
            let Some(grade) = GRADES.iter().position(|g| *g == count.grade) else { continue };
            let Some(year) = years.iter().position(|y| *y == count.school_year) else { continue };
            let home = count.place.filter(|p| inputs.places.contains_key(p));
            if home.is_none() && count.school_year == this {
                home_unknown += count.pupils;
            }
            let of_school = || count.school.and_then(|s| towns.get(&s)).map(|p| p.town());
            let Some(place) = home.or_else(of_school) else { continue };
            let of =
                by_place.entry(place).or_insert_with(|| vec![vec![0; GRADES.len()]; years.len()]);
            of[year][grade] += count.pupils;
        }
        Self { years, by_place, home_unknown }
    }

    /// Pupils of some grades in a year of the past.
    fn sum(&self, year: usize, grades: std::ops::Range<usize>) -> u32 {
        self.by_place.values().map(|years| years[year][grades.clone()].iter().sum::<u32>()).sum()
    }
}

/// Children who enter grade 1, by place and year ahead, and for how many years births are on file.
fn entering(inputs: &Inputs, past: &Past, ahead: usize) -> (BTreeMap<Division, Vec<f64>>, usize) {
    let this = inputs.school_year();
    let mut born: BTreeMap<Division, BTreeMap<i16, f64>> = BTreeMap::new();
    for count in &inputs.born {
        let Some(place) = count.place.filter(|p| inputs.places.contains_key(p)) else { continue };
        // Who is six by the end of August enters in September.
        let enters = count.year + if count.month.is_some_and(|m| m >= 9) { 7 } else { 6 };
        *born.entry(place).or_default().entry(enters).or_default() += f64::from(count.children);
    }
    let of = |place: &Division, year: i16| {
        born.get(place).and_then(|years| years.get(&year)).copied().unwrap_or(0.0)
    };
    // A cohort is on file once its last month is over.
    let last_known = inputs.as_of.year() + if inputs.as_of.month() >= 9 { 6 } else { 5 };
    let known = usize::try_from((last_known - this).max(0)).unwrap_or(0).min(ahead);
    let now = past.years.len() - 1;
    let places: BTreeSet<Division> = past.by_place.keys().chain(born.keys()).copied().collect();
    let first =
        |place: &Division| past.by_place.get(place).map_or(0.0, |years| f64::from(years[now][0]));
    let all_first: f64 = places.iter().map(first).sum();
    let all_born: f64 = places.iter().map(|p| of(p, this)).sum();
    let share = if all_born > 0.0 { all_first / all_born } else { 1.0 };
    let mut out = BTreeMap::new();
    for place in places {
        let own = (first(&place) + SHRINK * share) / (of(&place, this) + SHRINK);
        let mut years: Vec<f64> = (1..=ahead)
            .map(|n| {
                let year = this + i16::try_from(n).expect("a few years");
                if all_born > 0.0 { own * of(&place, year) } else { first(&place) }
            })
            .collect();
        // Beyond what is on file: as in the last three years that are.
        let from = known.saturating_sub(3);
        let mean = if known > 0 {
            let last = &years[from..known];
            last.iter().sum::<f64>() / f64::from(u32::try_from(last.len()).expect("three"))
        } else {
            first(&place)
        };
        years[known..].fill(mean);
        out.insert(place, years);
    }
    (out, known)
}

/// Grades that are taught together at most schools: lower primary, upper primary, junior.
type Part = (Stage, u8);

fn part(grade: Grade) -> Part {
    (grade.stage(), super::inputs::band(grade))
}

/// Where the children of a place learn: schools with their shares, by part.
type Shares = BTreeMap<(Division, Part), Vec<(u64, f64)>>;

fn shares(inputs: &Inputs) -> Shares {
    let mut counts: BTreeMap<(Division, Part), BTreeMap<u64, f64>> = BTreeMap::new();
    for stage in [Stage::Primary, Stage::Junior] {
        for count in inputs.pupils(stage) {
            let (Some(place), Some(school)) = (count.place, count.school) else { continue };
            for at in [place, place.town()] {
                let of = counts.entry((at, part(count.grade))).or_default();
                *of.entry(school).or_default() += f64::from(count.pupils);
            }
        }
    }
    counts
        .into_iter()
        .map(|(key, schools)| {
            let all: f64 = schools.values().sum();
            (key, schools.into_iter().map(|(s, n)| (s, n / all.max(1.0))).collect())
        })
        .collect()
}

/// Pupils of the nine grades at each school, year by year ahead.
type AtSchools = BTreeMap<u64, Vec<[f64; GRADES.len()]>>;

fn at_schools(
    forecast: &BTreeMap<Division, Vec<Vec<Expected>>>,
    shares: &Shares,
    ahead: usize,
) -> AtSchools {
    let mut at: AtSchools = BTreeMap::new();
    for (place, years) in forecast {
        for (year, grades) in years.iter().enumerate() {
            for (grade, expected) in grades.iter().enumerate() {
                let part = part(GRADES[grade]);
                let of = shares.get(&(*place, part)).or_else(|| shares.get(&(place.town(), part)));
                for (school, share) in of.into_iter().flatten() {
                    let years =
                        at.entry(*school).or_insert_with(|| vec![[0.0; GRADES.len()]; ahead]);
                    years[year][grade] += expected.children * share;
                }
            }
        }
    }
    at
}

/// Looks ahead and gives what is kept of it.
pub(super) fn solve(
    inputs: &Inputs,
    ask: AheadAsk,
    policies: &PolicySet,
    file: Option<(&str, &[u8])>,
    progress: &dyn Fn(&str, u64, u64),
) -> Result<SolvedScenario, OfficeError> {
    progress("预测", 0, 2);
    let changes = match file {
        Some(file) => changes::read(inputs, file)?,
        None => Changes::default(),
    };
    let ahead = usize::from(ask.years.clamp(1, 15));
    let past = Past::of(inputs);
    if past.by_place.is_empty() {
        return Err(PlanError::NoPupils.into());
    }
    let (mut entering, known) = entering(inputs, &past, ahead);
    let this = inputs.school_year();
    let year_of = |at: usize| this + i16::try_from(at + 1).expect("a few years");
    for years in entering.values_mut() {
        for (at, children) in years.iter_mut().enumerate() {
            *children *= changes.rule(Rule::Entering, year_of(at)).unwrap_or(100.0) / 100.0;
        }
    }
    let histories: Vec<(Division, History)> = entering
        .iter()
        .map(|(place, entering)| {
            let none = || vec![vec![0; GRADES.len()]; past.years.len()];
            let years = past.by_place.get(place).cloned().unwrap_or_else(none);
            (*place, History { years, entering: entering.iter().map(|n| whole(*n)).collect() })
        })
        .collect();
    let plain: Vec<History> = histories.iter().map(|h| h.1.clone()).collect();
    let mut by_place: BTreeMap<Division, Vec<Vec<Expected>>> =
        histories.iter().map(|h| h.0).zip(forecast(&plain)).collect();
    for relocation in &changes.relocations {
        relocate(relocation, this, ahead, &mut by_place);
    }
    let county = forecast(&[together(&plain, past.years.len(), ahead)]).remove(0);
    progress("预测", 1, 2);
    let own = (
        number(policies, "plan_class_primary", inputs.as_of)?,
        number(policies, "plan_class_junior", inputs.as_of)?,
    );
    let limits: Vec<Limits> = (0..ahead)
        .map(|at| Limits {
            primary: changes.rule(Rule::ClassPrimary, year_of(at)).unwrap_or(own.0),
            junior: changes.rule(Rule::ClassJunior, year_of(at)).unwrap_or(own.1),
        })
        .collect();
    let boarding: Vec<f64> = (0..ahead)
        .map(|at| changes.rule(Rule::Boarding, year_of(at)).unwrap_or(100.0) / 100.0)
        .collect();
    let schools = at_schools(&by_place, &shares(inputs), ahead);
    let mut out = said::Ahead {
        past: past
            .years
            .iter()
            .enumerate()
            .map(|(at, year)| (*year, past.sum(at, 0..6), past.sum(at, 6..9)))
            .collect(),
        years: Vec::new(),
        towns: towns(inputs, &by_place, ahead),
        buildings: Vec::new(),
        borrowed: Vec::new(),
        home_unknown: past.home_unknown,
        changes: changes.in_words(inputs),
        by_year: Vec::new(),
    };
    for (at, grades) in county.iter().enumerate() {
        out.years.push(said::Year {
            year: year_of(at),
            primary: band(by_place.values().map(|y| &y[at][..6]), &grades[..6]),
            junior: band(by_place.values().map(|y| &y[at][6..]), &grades[6..]),
            births_known: at < known,
            ..said::Year::default()
        });
    }
    build(inputs, policies, (&limits, &boarding), &schools, &mut out)?;
    progress("预测", 2, 2);
    let result = said::Result::Ahead(out);
    Ok(SolvedScenario {
        result: Some(serde_json::to_string(&result).expect("numbers and texts always write")),
        ..SolvedScenario::default()
    })
}

/// Moves children from one place to another from a year on: their grades go up with the years, and the youngest enter.
fn relocate(
    relocation: &Relocation,
    this: i16,
    ahead: usize,
    by_place: &mut BTreeMap<Division, Vec<Vec<Expected>>>,
) {
    let begins = usize::try_from(relocation.year - this - 1).unwrap_or(0);
    let (primary, junior, younger) = (relocation.primary, relocation.junior, relocation.younger);
    // Spread evenly: by grade among those in school, by year among those who enter.
    let mut grades: Vec<f64> = (0..GRADES.len())
        .map(|g| if g < 6 { f64::from(primary) / 6.0 } else { f64::from(junior) / 3.0 })
        .collect();
    for year in begins..ahead {
        if year > begins {
            grades.pop();
            grades.insert(0, if year - begins <= 6 { f64::from(younger) / 6.0 } else { 0.0 });
        }
        let mut add = |place: Option<Division>, sign: f64| {
            let Some(place) = place else { return };
            let years = by_place
                .entry(place)
                .or_insert_with(|| vec![vec![Expected::default(); GRADES.len()]; ahead]);
            for (expected, moved) in years[year].iter_mut().zip(&grades) {
                let moved = sign * moved;
                expected.children = (expected.children + moved).max(0.0);
                expected.low = (expected.low + moved).max(0.0);
                expected.high = (expected.high + moved).max(0.0);
            }
        };
        add(relocation.from, -1.0);
        add(relocation.to, 1.0);
    }
}

/// All villages as one.
fn together(histories: &[History], past: usize, ahead: usize) -> History {
    let mut years = vec![vec![0; GRADES.len()]; past];
    let mut entering = vec![0; ahead];
    for history in histories {
        for (sum, year) in years.iter_mut().zip(&history.years) {
            sum.iter_mut().zip(year).for_each(|(sum, n)| *sum += n);
        }
        entering.iter_mut().zip(&history.entering).for_each(|(sum, n)| *sum += n);
    }
    History { years, entering }
}

/// The sum of what is expected in all places, with the interval of the county as a whole around it.
fn band<'a>(places: impl Iterator<Item = &'a [Expected]>, county: &[Expected]) -> (u32, u32, u32) {
    let middle: f64 = places.flatten().map(|e| e.children).sum();
    let wide: f64 = county.iter().map(|e| ((e.high - e.low) / 2.0).powi(2)).sum::<f64>().sqrt();
    (whole(middle), whole(middle - wide), whole(middle + wide))
}

fn towns(
    inputs: &Inputs,
    by_place: &BTreeMap<Division, Vec<Vec<Expected>>>,
    ahead: usize,
) -> Vec<said::TownAhead> {
    let mut towns: BTreeMap<Division, Vec<f64>> = BTreeMap::new();
    for (place, years) in by_place {
        let of = towns.entry(place.town()).or_insert_with(|| vec![0.0; ahead]);
        for (sum, grades) in of.iter_mut().zip(years) {
            *sum += grades.iter().map(|e| e.children).sum::<f64>();
        }
    }
    towns
        .into_iter()
        .map(|(town, children)| said::TownAhead {
            code: town.code(),
            name: inputs.name(town),
            children: children.into_iter().map(whole).collect(),
        })
        .collect()
}

/// Most children in a class.
struct Limits {
    primary: f64,
    junior: f64,
}

impl Limits {
    fn of(&self, grade: usize) -> f64 {
        if grade < 6 { self.primary } else { self.junior }
    }

    /// Classes that the grades of a school need, of which it has `rooms`: where few children fill them, grades sit together.
    fn classes(&self, grades: &[f64], rooms: u32) -> u32 {
        let of = |(grade, n): (usize, &f64)| {
            if *n < 0.5 { 0 } else { whole((n.round() / self.of(grade)).ceil()).max(1) }
        };
        let apart: u32 = grades.iter().enumerate().map(of).sum();
        let children: f64 = grades.iter().sum();
        let few = children <= f64::from(rooms) * self.primary.min(self.junior) / 2.0;
        if few { apart.min(rooms) } else { apart }
    }
}

/// Classes and beds of every school, what is missing, what to build and what to borrow.
fn build(
    inputs: &Inputs,
    policies: &PolicySet,
    (limits, boarding): (&[Limits], &[f64]),
    schools: &AtSchools,
    out: &mut said::Ahead,
) -> Result<(), OfficeError> {
    let Some(first) = limits.first() else { return Ok(()) };
    let number = |key| number(policies, key, inputs.as_of);
    let lead_years = i16::try_from(whole(number("plan_lead_years")?)).unwrap_or(2);
    let lasting_years = whole(number("plan_lasting_years")?) as usize;
    let (room_yuan, bed_yuan) =
        (whole(number("plan_room_yuan")?), whole(number("plan_new_bed_yuan")?));
    let mut today: BTreeMap<u64, ([f64; GRADES.len()], f64, f64)> = BTreeMap::new();
    for count in inputs.pupils(Stage::Primary).chain(inputs.pupils(Stage::Junior)) {
        let grade = GRADES.iter().position(|g| *g == count.grade);
        if let (Some(school), Some(grade)) = (count.school, grade) {
            let of = today.entry(school).or_default();
            of.0[grade] += f64::from(count.pupils);
            of.1 += f64::from(count.pupils);
            of.2 += f64::from(count.boarders);
        }
    }
    for school in &inputs.schools {
        let Some(ahead) = schools.get(&school.id) else { continue };
        let facts = inputs.facts.get(&school.id).copied().unwrap_or_default();
        let (now, pupils, boarders) = today.get(&school.id).copied().unwrap_or_default();
        let rooms = facts.classes.unwrap_or_else(|| first.classes(&now, 0));
        let boards = boarders / pupils.max(1.0);
        let mut needs = Vec::with_capacity(ahead.len());
        let with = limits.iter().zip(boarding);
        for ((grades, year), (limits, times)) in ahead.iter().zip(&mut out.years).zip(with) {
            let children: f64 = grades.iter().sum();
            let classes = limits.classes(grades, rooms);
            let beds = whole(children * (boards * times).min(1.0));
            let places = f64::from(rooms) * limits.primary.min(limits.junior);
            year.classes += classes;
            year.too_large += classes.saturating_sub(rooms);
            year.places += whole(places);
            year.places_missing += whole((children - places).max(0.0));
            year.boarders += beds;
            year.beds_missing += beds.saturating_sub(facts.beds);
            needs.push(rooms::Need { year: year.year, rooms: classes, beds });
        }
        let terms = rooms::Terms {
            rooms,
            beds: facts.beds,
            lead_years,
            lasting_years,
            room_yuan,
            bed_yuan,
        };
        let plan = rooms::plan(&needs, terms);
        let place = school.village.or(school.town).map_or(0, Division::code);
        out.buildings.extend(plan.build.iter().map(|b| said::Building {
            id: school.id,
            name: school.name.clone(),
            place,
            years: (b.decide_in, b.needed_in),
            rooms: b.rooms,
            beds: b.beds,
            yuan: b.yuan,
        }));
        out.borrowed.extend(plan.borrow.iter().map(|(year, rooms, beds)| said::Borrowed {
            name: school.name.clone(),
            year: *year,
            rooms: *rooms,
            beds: *beds,
        }));
    }
    let mut by_year: BTreeMap<i16, (u32, u32, u64)> = BTreeMap::new();
    for b in &out.buildings {
        let of = by_year.entry(b.years.0).or_default();
        *of = (of.0 + b.rooms, of.1 + b.beds, of.2 + b.yuan);
    }
    out.by_year =
        by_year.into_iter().map(|(y, (rooms, beds, yuan))| (y, rooms, beds, yuan)).collect();
    out.buildings.sort_by(|a, b| (a.years.1, b.yuan, &a.name).cmp(&(b.years.1, a.yuan, &b.name)));
    out.borrowed.sort_by(|a, b| (a.year, &a.name).cmp(&(b.year, &b.name)));
    Ok(())
}
