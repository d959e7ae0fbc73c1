//! 营养餐: a month closed and locked, a year at a glance.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::Area;
use fujiao_school::canteen::Mode;
use fujiao_school::meals::close;
use fujiao_school::{Month, Norms};
use fujiao_store::{Event, MealClose, MealFinding, MealLock};
use jiff::civil::date;

use super::{SchoolError, author, month, must_hold_the_county, reaches, reason};
use crate::access::{Actor, Right};
use crate::{Office, OfficeError};

/// A rate of the policy file, reckoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateView {
    /// Its key.
    pub key: String,
    /// Chinese and English name.
    pub title: (String, String),
    /// Numerator and denominator; `None`: nothing was reported that it is reckoned from.
    pub of: Option<(i64, i64)>,
    /// How it is reckoned, in Chinese and English words.
    pub formula: (String, String),
    /// Who says so.
    pub basis: String,
}

/// A month of the county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonthLine {
    /// `2025-09`.
    pub month: String,
    /// Owed, present, served, claimed, backed, proved, over, unproven, unclaimed: meals.
    pub meals: [i64; 9],
    /// Class days that should be marked, and those that are.
    pub class_days: (i64, i64),
    /// Claimed by name, and of that not proved.
    pub named: (i64, i64),
    /// What can be paid, in meals and fen.
    pub payable: (i64, i64),
    /// Schools.
    pub schools: usize,
    /// Who locked it and when; `None`: it is open.
    pub locked: Option<(String, String)>,
}

/// A year at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealsYear {
    /// The year in which the school year begins.
    pub year: i16,
    /// School years that one can look at: those of which something was closed, and the one that has begun.
    pub years: Vec<i16>,
    /// September to August, as far as something was closed.
    pub months: Vec<MonthLine>,
    /// Rates of the year.
    pub rates: Vec<RateView>,
    /// What was locked and unlocked, the latest first: month, whether locked, name, day, why.
    pub acts: Vec<(String, bool, String, String, String)>,
    /// Milestones of the school year: name and day.
    pub milestones: Vec<(String, jiff::civil::Date)>,
    /// Whether the reader may close and lock.
    pub may_close: bool,
}

/// A school in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolMonth {
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// How it serves; `None`: nobody says.
    pub mode: Option<Mode>,
    /// Its figures.
    pub line: MonthLine,
    /// Classes and the days that nobody marked.
    pub unmarked: Vec<(String, String)>,
}

/// A month, school by school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MealsMonth {
    /// `2025-09`.
    pub month: String,
    /// The month as a whole, on the reader's ground.
    pub line: MonthLine,
    /// Rates of the month.
    pub rates: Vec<RateView>,
    /// Schools, those with the most to answer for first.
    pub schools: Vec<SchoolMonth>,
    /// How schools serve: schools and meals served; `None`: nobody says.
    pub modes: Vec<(Option<Mode>, usize, i64)>,
    /// What is not proved, with the school's name.
    pub findings: Vec<(MealFinding, String)>,
    /// Whether the reader may see names.
    pub may_names: bool,
    /// Whether the reader may close and lock.
    pub may_close: bool,
}

fn month_of(text: &str) -> Result<Month, SchoolError> {
    Month::parse(text.trim()).ok_or_else(|| SchoolError::Month(text.to_owned()))
}

impl Office {
    /// Sets the three counts of a month against each other and keeps the result; what was locked stays as it is.
    ///
    /// # Errors
    /// [`SchoolError::Month`], [`SchoolError::Locked`], [`SchoolError::NothingInMonth`]; without [`Right::MealLock`] on the county.
    #[expect(clippy::too_many_lines, reason = "from the books to the books in one transaction")]
    pub fn close_meals(&self, actor: &Actor, month: &str) -> Result<MonthLine, OfficeError> {
        must_hold_the_county(actor, Right::MealLock)?;
        let month = month_of(month)?;
        let county = self.county_code()?;
        let price = self
            .rules
            .policies
            .programmes()
            .iter()
            .filter(|p| p.area == Area::Meals && p.is_on())
            .find_map(|p| p.price_on(month.first()))
            .unwrap_or(0);
        self.store.write(|tx| {
            if super::month_is_locked(tx, county, month)? {
                return Err(SchoolError::Locked(month.to_string()).into());
            }
            let schools = tx.schools(county)?;
            let days = super::school_days(tx, county, &self.rules)?;
            let lives = super::lives(tx, county, &schools)?;
            let loaded = month::load(tx, county, month, &days, &lives, schools)?;
            if !loaded.any {
                return Err(SchoolError::NothingInMonth(month.to_string()).into());
            }
            let proven = close(&loaded.book);
            let mut enrolled = vec![0_i64; loaded.schools.len()];
            for class in &loaded.book.classes {
                enrolled[class.school as usize] += i64::from(class.enrolled);
            }
            let text = month.to_string();
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let closes: Vec<MealClose> = proven
                .schools
                .iter()
                .enumerate()
                .filter(|(at, s)| {
                    loaded.book.schools[*at].takes_part || s.totals.claimed > 0 || s.named > 0
                })
                .map(|(at, s)| {
                    let t = &s.totals;
                    let meals = [
                        t.due,
                        t.present,
                        t.served,
                        t.claimed,
                        t.backed,
                        t.proved,
                        t.over,
                        t.unproven,
                        t.unclaimed,
                    ];
                    MealClose {
                        month: text.clone(),
                        school: loaded.schools[at].id,
                        town: loaded.schools[at].town.map(fujiao_model::Division::code),
                        enrolled: enrolled[at],
                        meals: meals.map(count),
                        class_days: (count(t.class_days), count(t.marked)),
                        named: (count(s.named), count(s.named_over)),
                        payable: count(s.payable),
                        price,
                    }
                })
                .collect();
            let findings: Vec<MealFinding> = proven
                .findings
                .iter()
                .map(|f| MealFinding {
                    month: text.clone(),
                    number: 0,
                    school: loaded.schools[f.school as usize].id,
                    class: f.class.map_or_else(String::new, |c| {
                        loaded.book.classes[c as usize].name.to_string()
                    }),
                    day: f.day.map(i64::from),
                    person: f.person.and_then(month::known),
                    why: f.why.code().to_owned(),
                    meals: f.meals.into(),
                    counts: f.counts.map(|n| n.map(i64::from)),
                    row: f.source,
                })
                .collect();
            let unmarked: BTreeMap<(u64, String), String> = proven
                .classes
                .iter()
                .zip(&loaded.book.classes)
                .filter(|(c, class)| !c.unmarked.is_empty() && class.enrolled > 0)
                .map(|(c, class)| {
                    let school = loaded.schools[class.school as usize].id;
                    ((school, class.name.to_string()), c.unmarked.to_string())
                })
                .collect();
            let unmarked: Vec<(u64, String, String)> =
                unmarked.into_iter().map(|((school, class), days)| (school, class, days)).collect();
            tx.replace_meal_close((county, &text), &closes, &findings, &unmarked, actor.at)?;
            let line = sum(&text, closes.iter(), None);
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "close meals",
                object: &text,
                detail: &format!(
                    "schools {} claimed {} proved {} over {} unproven {} payable {}",
                    line.schools,
                    line.meals[3],
                    line.meals[5],
                    line.meals[6],
                    line.meals[7],
                    line.payable.0
                ),
            })?;
            Ok(line)
        })
    }

    /// Locks a month: its close is what is paid on, and no return of it comes in any more.
    ///
    /// # Errors
    /// [`SchoolError`] where it is not closed, not over or locked already; without [`Right::MealLock`] on the county.
    pub fn lock_meals(&self, actor: &Actor, month: &str) -> Result<(), OfficeError> {
        self.turn_lock(actor, month, None)
    }

    /// Unlocks a month: an act with an author and a reason, which stays on file.
    ///
    /// # Errors
    /// [`SchoolError::NotLocked`], [`SchoolError::NoReason`]; without [`Right::MealLock`] on the county.
    pub fn unlock_meals(&self, actor: &Actor, month: &str, why: &str) -> Result<(), OfficeError> {
        let why = reason(why)?;
        self.turn_lock(actor, month, Some(&why))
    }

    fn turn_lock(
        &self,
        actor: &Actor,
        month: &str,
        unlock: Option<&str>,
    ) -> Result<(), OfficeError> {
        must_hold_the_county(actor, Right::MealLock)?;
        let month = month_of(month)?;
        let county = self.county_code()?;
        self.store.write(|tx| {
            let text = month.to_string();
            let number =
                tx.meal_locks(county)?.iter().rfind(|l| l.month == text).map_or(0, |l| l.number);
            let locked = number % 2 == 1;
            match (unlock, locked) {
                (None, true) => return Err(SchoolError::Locked(text).into()),
                (Some(_), false) => return Err(SchoolError::NotLocked(text).into()),
                (None, false) => {
                    if crate::entries::today(tx, county, actor)? <= month.last() {
                        return Err(SchoolError::NotOver(text).into());
                    }
                    if tx.meal_closes(county, &text, &text)?.is_empty() {
                        return Err(SchoolError::NotClosed(text).into());
                    }
                }
                (Some(_), true) => {}
            }
            let why = unlock.unwrap_or_default().to_owned();
            let lock = MealLock {
                month: text.clone(),
                number: number + 1,
                why: why.clone(),
                by: author(actor),
            };
            tx.add_meal_lock(county, &lock)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: if locked { "unlock meals" } else { "lock meals" },
                object: &text,
                detail: &why,
            })?;
            Ok(())
        })
    }

    /// A school year at a glance, from the closes of its months: no row of a child is read.
    ///
    /// # Errors
    /// Without [`Right::Figures`]; what the store says.
    pub fn meals_year(&self, actor: &Actor, year: Option<i16>) -> Result<MealsYear, OfficeError> {
        actor.must(Right::Figures)?;
        let scope = actor.scope_in(Right::Figures, Area::Meals);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let year = year.unwrap_or_else(|| fujiao_model::Term::of(today).school_year());
            let (from, to) = (format!("{year:04}-09"), format!("{:04}-08", year + 1));
            let closes = tx.meal_closes(county, &from, &to)?;
            let theirs: Vec<&MealClose> = closes
                .iter()
                .filter(|c| scope.is_whole() || reaches(&scope, c.school, c.town))
                .collect();
            let locks = tx.meal_locks(county)?;
            let months = theirs
                .chunk_by(|a, b| a.month == b.month)
                .map(|of| {
                    sum(
                        &of[0].month,
                        of.iter().copied(),
                        locks.iter().rfind(|l| l.month == of[0].month),
                    )
                })
                .collect();
            let faults = faults(tx, county, date(year, 9, 1), &theirs)?;
            let mut years: BTreeSet<i16> = tx
                .meal_months(county)?
                .iter()
                .filter_map(|m| Month::parse(m))
                .map(|m| fujiao_model::Term::of(m.first()).school_year())
                .collect();
            years.extend([year, fujiao_model::Term::of(today).school_year()]);
            let modes = super::kitchen::modes(tx, county)?;
            let acts = locks
                .iter()
                .rev()
                .filter(|l| l.month >= from && l.month <= to)
                .map(|l| {
                    (
                        l.month.clone(),
                        l.is_locked(),
                        l.by.name.clone(),
                        china(l.by.at),
                        l.why.clone(),
                    )
                })
                .collect();
            let milestones = self
                .rules
                .norms
                .milestones
                .iter()
                .filter_map(|(_, zh, days)| {
                    Some((
                        zh.clone(),
                        date(year, 9, 1).checked_add(jiff::ToSpan::days(*days)).ok()?,
                    ))
                })
                .collect();
            Ok(MealsYear {
                year,
                years: years.into_iter().collect(),
                months,
                rates: rates(&self.rules.norms, &theirs, faults, &modes),
                acts,
                milestones,
                may_close: actor.may(Right::MealLock) && actor.scope(Right::MealLock).is_whole(),
            })
        })
    }

    /// A month, school by school, with what is not proved; `school`: one alone.
    ///
    /// # Errors
    /// [`SchoolError::Month`]; without [`Right::Figures`]; what the store says.
    pub fn meals_month(
        &self,
        actor: &Actor,
        month: &str,
        school: Option<u64>,
    ) -> Result<MealsMonth, OfficeError> {
        actor.must(Right::Figures)?;
        let month = month_of(month)?;
        let scope = actor.scope_in(Right::Figures, Area::Meals);
        let names = actor.scope_in(Right::Names, Area::Meals);
        let county = self.county_code()?;
        self.store.read(|tx| {
            let text = month.to_string();
            let closes = tx.meal_closes(county, &text, &text)?;
            let theirs: Vec<&MealClose> = closes
                .iter()
                .filter(|c| scope.is_whole() || reaches(&scope, c.school, c.town))
                .filter(|c| school.is_none_or(|s| s == c.school))
                .collect();
            let known: BTreeMap<u64, String> =
                tx.schools(county)?.into_iter().map(|s| (s.id, s.name)).collect();
            let name = |id: u64| known.get(&id).cloned().unwrap_or_default();
            let mut unmarked: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
            for (school, class, days) in tx.meal_unmarked(county, &text)? {
                unmarked.entry(school).or_default().push((class, days));
            }
            let locks = tx.meal_locks(county)?;
            let lock = locks.iter().rfind(|l| l.month == text);
            let towns: BTreeMap<u64, Option<u64>> =
                theirs.iter().map(|c| (c.school, c.town)).collect();
            let mut findings: Vec<(MealFinding, String)> = tx
                .meal_findings(county, &text, school)?
                .into_iter()
                .filter(|f| towns.contains_key(&f.school))
                .map(|mut f| {
                    // A name is shown to those who may see names there.
                    let town = towns.get(&f.school).copied().flatten();
                    if !(names.is_whole() || reaches(&names, f.school, town)) {
                        f.person = None;
                    }
                    let school = name(f.school);
                    (f, school)
                })
                .collect();
            findings.sort_by_key(|(f, _)| (std::cmp::Reverse(f.meals), f.number));
            let modes = super::kitchen::modes(tx, county)?;
            let mut by_mode: BTreeMap<Option<Mode>, (usize, i64)> = BTreeMap::new();
            for c in &theirs {
                let of = by_mode.entry(modes.get(&c.school).copied()).or_default();
                *of = (of.0 + 1, of.1 + c.meals[2]);
            }
            let mut schools: Vec<SchoolMonth> = theirs
                .iter()
                .map(|c| SchoolMonth {
                    school: c.school,
                    name: name(c.school),
                    mode: modes.get(&c.school).copied(),
                    line: sum(&text, std::iter::once(*c), lock),
                    unmarked: unmarked.remove(&c.school).unwrap_or_default(),
                })
                .collect();
            schools.sort_by_key(|s| {
                (
                    -s.line.meals[6] - s.line.named.1,
                    -(s.line.class_days.0 - s.line.class_days.1),
                    s.school,
                )
            });
            let faults = faults(tx, county, month.first(), &theirs)?;
            Ok(MealsMonth {
                line: sum(&text, theirs.iter().copied(), lock),
                rates: rates(&self.rules.norms, &theirs, faults, &modes),
                month: text,
                schools,
                modes: by_mode
                    .into_iter()
                    .rev()
                    .map(|(mode, (n, served))| (mode, n, served))
                    .collect(),
                findings,
                may_names: actor.may(Right::Names),
                may_close: actor.may(Right::MealLock) && actor.scope(Right::MealLock).is_whole(),
            })
        })
    }
}

fn china(at: jiff::Timestamp) -> String {
    crate::access::china_day(at).to_string()
}

/// Faults found at these schools since a day, and of those put right.
fn faults(
    tx: &mut fujiao_store::Tx,
    county: u32,
    from: jiff::civil::Date,
    of: &[&MealClose],
) -> Result<(i64, i64), OfficeError> {
    let theirs: BTreeSet<u64> = of.iter().map(|c| c.school).collect();
    let recent: BTreeSet<u64> = tx
        .inspections(county, from)?
        .into_iter()
        .filter(|i| theirs.contains(&i.school))
        .map(|i| i.number)
        .collect();
    let rechecks = tx.rechecks(county)?;
    let (mut found, mut closed) = (0, 0);
    for item in
        tx.inspection_items(county)?.iter().filter(|i| !i.ok && recent.contains(&i.inspection))
    {
        found += 1;
        let last =
            rechecks.iter().rfind(|r| r.inspection == item.inspection && r.check == item.check);
        closed += i64::from(last.is_some_and(|r| r.ok));
    }
    Ok((found, closed))
}

fn sum<'a>(
    month: &str,
    of: impl Iterator<Item = &'a MealClose>,
    lock: Option<&MealLock>,
) -> MonthLine {
    let mut line = MonthLine { month: month.to_owned(), ..MonthLine::default() };
    for c in of {
        for (sum, n) in line.meals.iter_mut().zip(c.meals) {
            *sum += n;
        }
        line.class_days = (line.class_days.0 + c.class_days.0, line.class_days.1 + c.class_days.1);
        line.named = (line.named.0 + c.named.0, line.named.1 + c.named.1);
        line.payable = (line.payable.0 + c.payable, line.payable.1 + c.payable * c.price);
        line.schools += 1;
    }
    line.locked = lock.filter(|l| l.is_locked()).map(|l| (l.by.name.clone(), china(l.by.at)));
    line
}

/// The rates of the policy file over some closes.
fn rates(
    norms: &Norms,
    closes: &[&MealClose],
    (found, put_right): (i64, i64),
    modes: &BTreeMap<u64, Mode>,
) -> Vec<RateView> {
    let canteen = |c: &&&MealClose| modes.get(&c.school) == Some(&Mode::Canteen);
    let by_canteens = closes.iter().filter(canteen).map(|c| c.meals[2]).sum();

    let mut schools: BTreeMap<u64, (bool, i64)> = BTreeMap::new();
    let mut line = MonthLine::default();
    for c in closes {
        let of = schools.entry(c.school).or_default();
        of.0 |= c.meals[2] > 0;
        of.1 = of.1.max(c.enrolled);
        for (sum, n) in line.meals.iter_mut().zip(c.meals) {
            *sum += n;
        }
        line.class_days = (line.class_days.0 + c.class_days.0, line.class_days.1 + c.class_days.1);
    }
    let due = |s: &&(bool, i64)| s.1 > 0;
    let n = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let counters = BTreeMap::from([
        ("schools_serving", n(schools.values().filter(due).filter(|s| s.0).count())),
        ("schools_due", n(schools.values().filter(due).count())),
        ("pupils_served", schools.values().filter(|s| s.0).map(|s| s.1).sum()),
        ("pupils_due", schools.values().map(|s| s.1).sum()),
        ("meals_served", line.meals[2]),
        ("meals_canteen", by_canteens),
        ("meals_due", line.meals[0]),
        ("meals_claimed", line.meals[3]),
        ("meals_proved", line.meals[5]),
        ("class_days", line.class_days.0),
        ("class_days_marked", line.class_days.1),
        ("faults_found", found),
        ("faults_closed", put_right),
    ]);
    norms
        .rates
        .iter()
        .map(|rate| RateView {
            key: rate.key.clone(),
            title: (rate.zh.clone(), rate.en.clone()),
            of: rate.formula.of(&counters).filter(|(_, below)| *below > 0),
            formula: (rate.formula.said(true), rate.formula.said(false)),
            basis: rate.basis.clone(),
        })
        .collect()
}
