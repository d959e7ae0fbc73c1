//! Today's rules and others, side by side, over the register.

use std::collections::BTreeMap;

use fujiao_model::{Division, Period, Term};
use fujiao_policy::{Frame, PolicySet, Tally, tally};
use jiff::civil::Date;

use super::{Registers, duties, frames};
use crate::registers::enrolments::Enrolment;
use crate::{Office, OfficeError, Progress};

/// What pupils are owed by today's rules and by others, in money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Hash of the county's rules.
    pub today_hash: String,
    /// Hash of the rules with the reform.
    pub reform_hash: String,
    /// The terms, in order.
    pub terms: Vec<String>,
    /// All together.
    pub total: Cost,
    /// By programme: key, title.
    pub programmes: Vec<(String, String, Cost)>,
    /// By term.
    pub by_term: Vec<(String, Cost)>,
    /// By town, in the order of its name; pupils of no known town under an empty name.
    pub towns: Vec<(String, Cost)>,
    /// Persons who get more, all terms together.
    pub gainers: Movers,
    /// Persons who get less.
    pub losers: Movers,
    /// Persons for whom nothing changes.
    pub same: u64,
    /// Persons owed money by two programmes or more in one term: today, and with the reform.
    pub overlap: (u64, u64),
    /// Households of pupils that get something: today, and with the reform.
    pub households: (u64, u64),
    /// Households lifted over `line_fen` of aid a head by the reform, and households that fall below it.
    pub lifted: (u64, u64),
    /// Aid a head of the household, all terms together, fen.
    pub line_fen: i64,
    /// Answers that wait for a fact: today, and with the reform.
    pub asked: (u64, u64),
}

/// Money and pupils' entitlements, today and with the reform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Fen.
    pub today_fen: i64,
    /// Fen.
    pub reform_fen: i64,
    /// Entitlements: a pupil's programme for a term counts one.
    pub today_rows: u64,
    /// The same with the reform.
    pub reform_rows: u64,
}

/// Persons whose money changes one way, and by how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movers {
    /// How many.
    pub persons: u64,
    /// By how much together, fen; above zero.
    pub fen: i64,
    /// The least change, fen.
    pub least_fen: i64,
    /// The median change (the lower of the two in the middle), fen.
    pub median_fen: i64,
    /// The greatest change, fen.
    pub most_fen: i64,
}

impl Movers {
    fn of(mut changes: Vec<i64>) -> Self {
        changes.sort_unstable();
        let Some(most) = changes.last() else { return Self::default() };
        Self {
            persons: changes.len() as u64,
            fen: changes.iter().sum(),
            least_fen: changes[0],
            median_fen: changes[(changes.len() - 1) / 2],
            most_fen: *most,
        }
    }
}

impl Office {
    /// Works out what pupils are owed in some terms by the county's rules and by others; books nothing.
    ///
    /// Money of programmes whose subject is a pupil and whose period is a term, a school day or a school year (which counts
    /// with its autumn term). Meals count at their price. `line_fen` is an amount of aid a head of the household, over all the
    /// terms together, by which households are counted as lifted.
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] before the first import; what store or rules say.
    pub fn simulate(
        &self,
        reform: &PolicySet,
        terms: &[Term],
        line_fen: i64,
        as_of: Date,
        progress: &Progress<'_>,
    ) -> Result<Simulation, OfficeError> {
        let county = self.county.as_ref().ok_or(OfficeError::NoRosters)?;
        let (registers, _) = self.who_is_who(county, as_of, progress)?;
        progress("试算", 0, terms.len() as u64);
        let mut books = Books::of(&registers);
        for (done, term) in (1..).zip(terms) {
            let pupils = duties::pupils_on(&registers, term.school_year(), term.start());
            let mut frame = frames::pupils(&registers, &pupils, term.start())?;
            frames::set_days_of_term(&registers, &mut frame, &pupils, *term)?;
            books.add(&pupils, &frame, *term, [&self.rules.policies, reform]);
            progress("试算", done, terms.len() as u64);
        }
        Ok(books.close([&self.rules.policies, reform], terms, line_fen))
    }
}

struct Books<'a> {
    registers: &'a Registers,
    towns: Vec<Division>,
    programmes: BTreeMap<String, Cost>,
    by_term: Vec<Cost>,
    by_town: Vec<Cost>,
    /// By person: fen today, fen with the reform.
    persons: Vec<[i64; 2]>,
    several: Vec<[bool; 2]>,
    seen: Vec<bool>,
    asked: [u64; 2],
}

impl<'a> Books<'a> {
    fn of(registers: &'a Registers) -> Self {
        let people = registers.persons.len();
        Self {
            registers,
            towns: Vec::new(),
            programmes: BTreeMap::new(),
            by_term: Vec::new(),
            by_town: Vec::new(),
            persons: vec![[0; 2]; people],
            several: vec![[false; 2]; people],
            seen: vec![false; people],
            asked: [0; 2],
        }
    }

    /// The town of a pupil, as a place in `towns`.
    fn town(&mut self, e: &Enrolment) -> u32 {
        let town = self.registers.persons[e.person as usize]
            .place
            .or_else(|| self.registers.school_place(e.school))
            .map_or_else(|| self.registers.county_division(), Division::town);
        let at = self.towns.iter().position(|t| *t == town).unwrap_or_else(|| {
            self.towns.push(town);
            self.by_town.push(Cost::default());
            self.towns.len() - 1
        });
        u32::try_from(at).expect("few towns")
    }

    fn add(&mut self, pupils: &[&Enrolment], frame: &Frame, term: Term, sets: [&PolicySet; 2]) {
        let groups: Vec<u32> = pupils.iter().map(|e| self.town(e)).collect();
        let mut cases = vec![(frame, Period::Term(term))];
        if term.season() == fujiao_model::Season::Autumn {
            cases.push((frame, Period::SchoolYear(term.school_year())));
        }
        let mut cost = Cost::default();
        for (side, set) in sets.into_iter().enumerate() {
            let found = tally(set, &cases, term.start(), Some((&groups, self.towns.len())));
            self.add_side(side, pupils, &found, &mut cost);
        }
        self.by_term.push(cost);
    }

    fn add_side(&mut self, side: usize, pupils: &[&Enrolment], found: &Tally, term: &mut Cost) {
        for line in &found.lines {
            self.asked[side] += line.total.asked;
            if line.total.fen == 0 {
                continue;
            }
            put(self.programmes.entry(line.key.to_string()).or_default(), side, line.total);
            put(term, side, line.total);
            for (town, sum) in self.by_town.iter_mut().zip(&line.groups) {
                put(town, side, *sum);
            }
        }
        for (row, e) in pupils.iter().enumerate() {
            let person = e.person as usize;
            self.seen[person] = true;
            self.persons[person][side] += found.row_fen[row];
            self.several[person][side] |= found.row_programmes[row] > 1;
        }
    }

    fn close(self, sets: [&PolicySet; 2], terms: &[Term], line_fen: i64) -> Simulation {
        let (mut more, mut less, mut same) = (Vec::new(), Vec::new(), 0);
        let mut houses: BTreeMap<u32, [i64; 2]> = BTreeMap::new();
        for (person, [today, reform]) in self.persons.iter().enumerate() {
            if !self.seen[person] {
                continue;
            }
            match reform - today {
                0 => same += 1,
                n if n > 0 => more.push(n),
                n => less.push(-n),
            }
            if let Some(house) = self.registers.persons[person].household {
                let sums = houses.entry(house).or_default();
                sums[0] += today;
                sums[1] += reform;
            }
        }
        let count = |side: usize| self.several.iter().filter(|s| s[side]).count() as u64;
        let helped = |side: usize| houses.values().filter(|h| h[side] > 0).count() as u64;
        let reaches = |house: u32, fen: i64| {
            let members = self.registers.households[house as usize].members.len().max(1);
            fen >= line_fen.saturating_mul(i64::try_from(members).unwrap_or(i64::MAX))
        };
        let crossed = |from: usize, to: usize| {
            let crosses =
                |(h, f): &(&u32, &[i64; 2])| !reaches(**h, f[from]) && reaches(**h, f[to]);
            if line_fen > 0 { houses.iter().filter(crosses).count() as u64 } else { 0 }
        };
        let title = |key: &str| {
            let found = sets.iter().rev().find_map(|s| s.programme(key));
            found.map_or_else(String::new, |p| p.title.to_string())
        };
        let mut total = Cost::default();
        for cost in &self.by_term {
            total.today_fen += cost.today_fen;
            total.reform_fen += cost.reform_fen;
            total.today_rows += cost.today_rows;
            total.reform_rows += cost.reform_rows;
        }
        let mut towns: Vec<(String, Cost)> = self
            .towns
            .iter()
            .zip(&self.by_town)
            .map(|(t, cost)| (self.registers.places.town_name(*t).to_owned(), *cost))
            .collect();
        towns.sort_by(|a, b| a.0.cmp(&b.0));
        Simulation {
            today_hash: sets[0].hash().to_owned(),
            reform_hash: sets[1].hash().to_owned(),
            terms: terms.iter().map(Term::to_string).collect(),
            total,
            programmes: self
                .programmes
                .iter()
                .map(|(key, cost)| (key.clone(), title(key), *cost))
                .collect(),
            by_term: terms.iter().map(Term::to_string).zip(self.by_term).collect(),
            towns,
            gainers: Movers::of(more),
            losers: Movers::of(less),
            same,
            overlap: (count(0), count(1)),
            households: (helped(0), helped(1)),
            lifted: (crossed(0, 1), crossed(1, 0)),
            line_fen,
            asked: (self.asked[0], self.asked[1]),
        }
    }
}

fn put(cost: &mut Cost, side: usize, sum: fujiao_policy::TallySum) {
    let (fen, rows) = if side == 0 {
        (&mut cost.today_fen, &mut cost.today_rows)
    } else {
        (&mut cost.reform_fen, &mut cost.reform_rows)
    };
    *fen += sum.fen;
    *rows += sum.rows;
}
