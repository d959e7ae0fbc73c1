//! From the text of a file to norms, with the place of what does not read.

use fujiao_model::{Faults, RulesError, read_rules};
use jiff::civil::Date;
use serde::Deserialize;

use super::{COUNTERS, Check, Dated, Food, Formula, Norms, Number, Nutrient, Rate};
use crate::conditions::{COUNTS, Measure, Need, Sense, Standard, Tally, UnitCost, Who};
use crate::posts::{Addition, Base, SubjectNorm};

/// What was read of an entry, or what is wrong with it.
type Part<T> = Result<T, String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "engine")]
    _engine: String,
    #[serde(rename = "scope")]
    _scope: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(default)]
    number: Vec<FileNumber>,
    #[serde(default)]
    rate: Vec<FileRate>,
    #[serde(default)]
    standard: Vec<FileStandard>,
    #[serde(default)]
    cost: Vec<FileCost>,
    #[serde(default)]
    check: Vec<FileCheck>,
    #[serde(default)]
    nutrient: Vec<FileNutrient>,
    #[serde(default)]
    addition: Vec<FileAddition>,
    #[serde(default)]
    subject: Vec<FileSubject>,
    #[serde(default)]
    term: Vec<FileTerm>,
    #[serde(default)]
    milestone: Vec<FileMilestone>,
    #[serde(default)]
    food_table: Vec<FileFoods>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFoods {
    from: String,
    basis: String,
    mark: String,
    foods: Vec<FileFood>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFood {
    name: String,
    #[serde(default)]
    names: Vec<String>,
    has: std::collections::BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRow {
    from: String,
    to: Option<String>,
    value: f64,
    basis: String,
    mark: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNumber {
    key: String,
    zh: String,
    en: String,
    unit: String,
    rows: Vec<FileRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRate {
    key: String,
    zh: String,
    en: String,
    formula: String,
    basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStandard {
    key: String,
    title: String,
    title_en: String,
    item: String,
    unit: String,
    #[serde(default)]
    line: Option<u8>,
    #[serde(default)]
    sense: Option<String>,
    #[serde(default)]
    tally: Option<String>,
    bearer: String,
    due: String,
    #[serde(default)]
    who: FileWho,
    rows: Vec<FileNeed>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWho {
    #[serde(default)]
    kinds: Vec<String>,
    rural: Option<bool>,
    #[serde(default)]
    at_least: std::collections::BTreeMap<String, i64>,
    #[serde(default)]
    at_most: std::collections::BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNeed {
    from: String,
    to: Option<String>,
    #[serde(default)]
    fixed: f64,
    #[serde(default)]
    per: std::collections::BTreeMap<String, f64>,
    #[serde(default)]
    one_for: std::collections::BTreeMap<String, i64>,
    #[serde(default)]
    at_least: f64,
    #[serde(default)]
    when: FileWho,
    basis: String,
    mark: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCost {
    standard: String,
    rows: Vec<FileRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileCheck {
    key: String,
    zh: String,
    en: String,
    basis: String,
    days: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNutrient {
    key: String,
    zh: String,
    en: String,
    unit: String,
    a_day: std::collections::BTreeMap<String, f64>,
    basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAddition {
    key: String,
    zh: String,
    en: String,
    on: bool,
    of: String,
    #[serde(default)]
    least: i64,
    rows: Vec<FileRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSubject {
    name: String,
    stage: String,
    #[serde(default)]
    names: Vec<String>,
    share: f64,
    basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTerm {
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileMilestone {
    key: String,
    zh: String,
    days: i32,
}

/// The first day that `2014`, `2014-07`, `2014-07-18` mean.
fn first_day(text: &str) -> Part<Date> {
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    padded.parse().map_err(|_| format!("“{text}”不是日期；写 2014、2014-07 或 2014-07-18"))
}

/// The last day that it means.
fn last_day(text: &str) -> Part<Date> {
    let first = first_day(text)?;
    Ok(match text.len() {
        4 => first.last_of_year(),
        7 => first.last_of_month(),
        _ => first,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "norms are small numbers with few decimals")]
fn thousandths(value: f64) -> Part<i64> {
    let scaled = (value * 1_000.0).round();
    if !scaled.is_finite() || scaled.abs() > 9e15 || ((value * 1_000.0) - scaled).abs() > 1e-6 {
        return Err(format!("{value} 不是三位小数以内的数；少写几位"));
    }
    Ok(scaled as i64)
}

fn dated<T>((from, to, basis, mark): (&str, Option<&str>, &str, &str), value: T) -> Part<Dated<T>> {
    if basis.trim().is_empty() {
        return Err("没有写依据 basis；每一条标准写明出处".to_owned());
    }
    if !matches!(mark, "V*" | "V" | "K" | "U") {
        return Err(format!("可信度“{mark}”不认识；写 V*、V、K 或 U"));
    }
    Ok(Dated {
        from: first_day(from)?,
        to: to.map(last_day).transpose()?,
        value,
        basis: basis.to_owned(),
        mark: mark.to_owned(),
    })
}

fn rows(rows: &[FileRow]) -> Part<Vec<Dated<i64>>> {
    rows.iter()
        .map(|r| {
            let value = thousandths(r.value)?;
            dated((&r.from, r.to.as_deref(), &r.basis, &r.mark), value)
        })
        .collect()
}

fn who(file: FileWho) -> Part<Who> {
    let counts = |of: std::collections::BTreeMap<String, i64>| {
        of.into_iter().map(|(name, n)| Ok((count(&name)?, n))).collect::<Part<Vec<_>>>()
    };
    Ok(Who {
        kinds: file.kinds,
        rural: file.rural,
        at_least: counts(file.at_least)?,
        at_most: counts(file.at_most)?,
    })
}

fn count(name: &str) -> Part<u8> {
    let at = COUNTS.iter().position(|c| c.0 == name);
    at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
        let known: Vec<&str> = COUNTS.iter().map(|c| c.0).collect();
        format!("没有“{name}”这个数；有 {}", known.join("、"))
    })
}

/// Puts an entry in place of the one of its key, or at the end.
fn lay<T>(list: &mut Vec<T>, entry: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter().position(|old| same(old, &entry)) {
        Some(at) => list[at] = entry,
        None => list.push(entry),
    }
}

/// Notes what is wrong with an entry, or lays it.
macro_rules! lay_each {
    ($faults:ident, $entries:expr, |$e:ident| $key:expr => $read:expr, $list:expr, $same:expr) => {
        for $e in $entries {
            let key = $key;
            if let Some(entry) = $faults.keep_of(&key, $read) {
                lay(&mut $list, entry, $same);
            }
        }
    };
}

impl Norms {
    /// Lays a file over these norms, entry by entry of the same key: a number, rate, standard, check, nutrient, addition or milestone of
    /// the key, the cost of a standard, the lessons of a subject and stage, a food of the name;
    /// a school term takes the place of those that it overlaps.
    ///
    /// # Errors
    /// [`RulesError`] with every fault; the norms are as they were.
    pub fn lay(&mut self, text: &str) -> Result<(), RulesError> {
        let file: File = read_rules(text)?;
        let mut faults = Faults::of(text);
        let mut laid = self.clone();
        laid.add(file, &mut faults);
        laid.check(&mut faults);
        *self = faults.end(Some(laid))?;
        Ok(())
    }

    fn add(&mut self, file: File, faults: &mut Faults<'_>) {
        once(file.number.iter().map(|n| &n.key), faults);
        once(file.cost.iter().map(|c| &c.standard), faults);
        once(file.standard.iter().map(|s| &s.key), faults);
        once(file.check.iter().map(|c| &c.key), faults);
        for n in file.number {
            if let Some(rows) = faults.keep_of(&n.key, rows(&n.rows)) {
                let number = Number { key: n.key.clone(), zh: n.zh, en: n.en, unit: n.unit, rows };
                self.numbers.insert(n.key, number);
            }
        }
        for c in file.cost {
            if let Some(rows) = faults.keep_of(&c.standard, rows(&c.rows)) {
                self.costs.insert(c.standard.clone(), UnitCost { standard: c.standard, rows });
            }
        }
        lay_each!(faults, file.rate, |r| r.key.clone() => rate(r), self.rates, |a, b| a.key == b.key);
        lay_each!(faults, file.standard, |s| s.key.clone() => standard(s), self.standards, |a, b| a.key == b.key);
        lay_each!(faults, file.check, |c| c.key.clone() => check(c), self.checks, |a, b| a.key == b.key);
        lay_each!(faults, file.nutrient, |n| n.key.clone() => nutrient(n), self.nutrients, |a, b| a.key == b.key);
        lay_each!(faults, file.addition, |a| a.key.clone() => addition(a), self.additions, |a, b| a.key == b.key);
        lay_each!(
            faults,
            file.subject,
            |s| s.name.clone() => subject(s),
            self.subjects,
            |a, b| a.name == b.name && a.stage == b.stage
        );
        for t in file.term {
            if let Some(term) = faults.keep_of(&t.from, term(&t)) {
                // A term takes the place of whatever it overlaps.
                self.terms.retain(|(from, to)| *to < term.0 || term.1 < *from);
                self.terms.push(term);
            }
        }
        for m in file.milestone {
            lay(&mut self.milestones, (m.key, m.zh, m.days), |a, b| a.0 == b.0);
        }
        for table in file.food_table {
            let of = dated((&table.from, None, &table.basis, &table.mark), ());
            let Some(of) = faults.keep(of.map_err(|why| format!("food_table：{why}"))) else {
                continue;
            };
            let foods = table.foods;
            lay_each!(faults, foods, |f| f.name.clone() => food(f, &of.basis), self.foods, |a, b| a.name == b.name);
        }
    }

    /// What no single entry can be wrong in.
    fn check(&self, faults: &mut Faults<'_>) {
        for rate in &self.rates {
            if let Some(name) =
                rate.formula.counters().find(|name| !COUNTERS.iter().any(|c| c.0 == *name))
            {
                let known: Vec<&str> = COUNTERS.iter().map(|c| c.0).collect();
                faults.say_of(&rate.key, format!("没有“{name}”这个计数；有 {}", known.join("、")));
            }
        }
        for food in &self.foods {
            if let Some(key) =
                food.has.keys().find(|key| !self.nutrients.iter().any(|n| n.key == **key))
                && !faults.has_said_of(key)
            {
                faults.say_of(&food.name, format!("没有营养素“{key}”；先写一段 [[nutrient]]"));
            }
        }
        for cost in self.costs.keys() {
            // Prices of standards that the rules of conditions hold begin with `cond.` or `plan.`.
            if self.standard(cost).is_none()
                && !faults.has_said_of(cost)
                && !cost.starts_with("cond.")
                && !cost.starts_with("plan.")
            {
                faults.say_of(cost, "有造价，没有这条标准；核对 standard，或先写 [[standard]]");
            }
        }
    }
}

/// Entries of one file go by keys of their own.
fn once<'a>(keys: impl Iterator<Item = &'a String>, faults: &mut Faults<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            faults.say_of(key, "这个文件里写了两条；留一条");
        }
    }
}

fn rate(r: FileRate) -> Part<Rate> {
    let formula = Formula::parse(&r.formula).map_err(|e| e.to_string())?;
    Ok(Rate { key: r.key, zh: r.zh, en: r.en, formula, basis: r.basis })
}

fn check(c: FileCheck) -> Part<Check> {
    if c.basis.trim().is_empty() {
        return Err("没有写依据 basis；每一条检查写明出处".to_owned());
    }
    Ok(Check { key: c.key, zh: c.zh, en: c.en, basis: c.basis, days: c.days })
}

fn nutrient(n: FileNutrient) -> Part<Nutrient> {
    let a_day = n
        .a_day
        .into_iter()
        .map(|(group, amount)| Ok((group, thousandths(amount)?)))
        .collect::<Part<_>>()?;
    Ok(Nutrient { key: n.key, zh: n.zh, en: n.en, unit: n.unit, a_day, basis: n.basis })
}

fn addition(a: FileAddition) -> Part<Addition> {
    let base = Base::parse(&a.of).ok_or_else(|| format!("不认识 of = “{}”；照自带文件写", a.of))?;
    let rows = rows(&a.rows)?;
    Ok(Addition { key: a.key, zh: a.zh, en: a.en, on: a.on, base, least: a.least, rows })
}

fn subject(s: FileSubject) -> Part<SubjectNorm> {
    let stage = fujiao_model::Stage::parse(&s.stage)
        .ok_or_else(|| format!("没有学段“{}”；照自带文件写", s.stage))?;
    let share = thousandths(s.share)?;
    Ok(SubjectNorm { name: s.name, stage, names: s.names, share, basis: s.basis })
}

/// First and last day of a term.
fn term(t: &FileTerm) -> Part<(Date, Date)> {
    let (from, to) = (first_day(&t.from)?, last_day(&t.to)?);
    if to < from {
        Err(format!("学期止于 {to}，早于开学；改过来"))
    } else {
        Ok((from, to))
    }
}

fn food(f: FileFood, basis: &str) -> Part<Food> {
    let has = f.has.into_iter().map(|(key, n)| Ok((key, thousandths(n)?))).collect::<Part<_>>()?;
    Ok(Food { name: f.name, names: f.names, has, basis: basis.to_owned() })
}

fn standard(s: FileStandard) -> Part<Standard> {
    let unit = Measure::parse(&s.unit)
        .ok_or_else(|| format!("没有单位“{}”；有 {}", s.unit, Measure::names()))?;
    let sense = match s.sense.as_deref() {
        None | Some("at_least") => Sense::AtLeast,
        Some("at_most") => Sense::AtMost,
        Some(other) => {
            return Err(format!("sense 写 at_least 或 at_most，不是“{other}”"));
        }
    };
    let tally = match s.tally.as_deref() {
        None | Some("latest") => Tally::Latest,
        Some("sum") => Tally::Sum,
        Some(other) => return Err(format!("tally 写 latest 或 sum，不是“{other}”")),
    };
    if !matches!(s.due.as_str(), "month" | "term" | "school_year") {
        return Err(format!("due 写 month、term 或 school_year，不是“{}”", s.due));
    }
    let mut rows = Vec::new();
    for row in s.rows {
        let per = row
            .per
            .iter()
            .map(|(name, n)| Ok((count(name)?, thousandths(*n)?)))
            .collect::<Part<Vec<_>>>()?;
        let one_for = row
            .one_for
            .iter()
            .map(|(name, n)| {
                let many = Some(*n).filter(|n| *n > 0);
                let many = many.ok_or_else(|| "one_for 写每多少一个，大于零".to_owned())?;
                Ok((count(name)?, many))
            })
            .collect::<Part<Vec<_>>>()?;
        let need = Need {
            fixed: thousandths(row.fixed)?,
            per,
            one_for,
            at_least: thousandths(row.at_least)?,
            when: who(row.when)?,
        };
        rows.push(dated((&row.from, row.to.as_deref(), &row.basis, &row.mark), need)?);
    }
    if rows.is_empty() {
        return Err("没有写从哪天起多少；补 rows".to_owned());
    }
    Ok(Standard {
        key: s.key,
        title: s.title,
        title_en: s.title_en,
        item: s.item,
        unit,
        line: s.line,
        sense,
        tally,
        bearer: s.bearer,
        due: s.due,
        who: who(s.who)?,
        rows,
    })
}
