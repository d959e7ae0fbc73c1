//! From the text of a file to norms, with the place of what does not read.

use jiff::civil::Date;
use serde::Deserialize;

use super::{COUNTERS, Check, Dated, Food, Formula, Norms, Number, Nutrient, Rate};
use crate::conditions::{COUNTS, Measure, Need, Sense, Standard, Tally, UnitCost, Who};
use crate::posts::{Addition, Base, SubjectNorm};

/// Why a file of norms cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("学校标准文件不能用：{0}")]
pub struct NormsError(pub String);

fn fault(place: &str, why: impl std::fmt::Display) -> NormsError {
    NormsError(format!("{place}：{why}"))
}

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
fn first_day(text: &str, place: &str) -> Result<Date, NormsError> {
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    padded
        .parse()
        .map_err(|_| fault(place, format!("“{text}”不是日期；写 2014、2014-07 或 2014-07-18")))
}

/// The last day that it means.
fn last_day(text: &str, place: &str) -> Result<Date, NormsError> {
    let first = first_day(text, place)?;
    Ok(match text.len() {
        4 => first.last_of_year(),
        7 => first.last_of_month(),
        _ => first,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "norms are small numbers with few decimals")]
fn thousandths(value: f64, place: &str) -> Result<i64, NormsError> {
    let scaled = (value * 1_000.0).round();
    if !scaled.is_finite() || scaled.abs() > 9e15 || ((value * 1_000.0) - scaled).abs() > 1e-6 {
        return Err(fault(place, format!("{value} 不是三位小数以内的数")));
    }
    Ok(scaled as i64)
}

fn dated<T>(
    place: &str,
    (from, to, basis, mark): (&str, Option<&str>, &str, &str),
    value: T,
) -> Result<Dated<T>, NormsError> {
    if basis.trim().is_empty() {
        return Err(fault(place, "没有写依据；每一条标准写明出处"));
    }
    if !matches!(mark, "V*" | "V" | "K" | "U") {
        return Err(fault(place, format!("可信度“{mark}”不认识；写 V*、V、K 或 U")));
    }
    Ok(Dated {
        from: first_day(from, place)?,
        to: to.map(|to| last_day(to, place)).transpose()?,
        value,
        basis: basis.to_owned(),
        mark: mark.to_owned(),
    })
}

fn rows(place: &str, rows: &[FileRow]) -> Result<Vec<Dated<i64>>, NormsError> {
    rows.iter()
        .map(|r| {
            let value = thousandths(r.value, place)?;
            dated(place, (&r.from, r.to.as_deref(), &r.basis, &r.mark), value)
        })
        .collect()
}

fn who(place: &str, file: FileWho) -> Result<Who, NormsError> {
    let counts = |of: std::collections::BTreeMap<String, i64>| {
        of.into_iter()
            .map(|(name, n)| Ok((count(place, &name)?, n)))
            .collect::<Result<Vec<_>, NormsError>>()
    };
    Ok(Who {
        kinds: file.kinds,
        rural: file.rural,
        at_least: counts(file.at_least)?,
        at_most: counts(file.at_most)?,
    })
}

fn count(place: &str, name: &str) -> Result<u8, NormsError> {
    let at = COUNTS.iter().position(|c| c.0 == name);
    at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
        let known: Vec<&str> = COUNTS.iter().map(|c| c.0).collect();
        fault(place, format!("没有“{name}”这个数；有 {}", known.join("、")))
    })
}

/// Puts an entry in place of the one of its key, or at the end.
fn lay<T>(list: &mut Vec<T>, entry: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter().position(|old| same(old, &entry)) {
        Some(at) => list[at] = entry,
        None => list.push(entry),
    }
}

impl Norms {
    pub(super) fn add(&mut self, text: &str) -> Result<(), NormsError> {
        let file: File = toml::from_str(text).map_err(|e| NormsError(e.to_string()))?;
        for n in file.number {
            let rows = rows(&n.key, &n.rows)?;
            let number = Number { key: n.key.clone(), zh: n.zh, en: n.en, unit: n.unit, rows };
            self.numbers.insert(n.key, number);
        }
        for r in file.rate {
            let formula = Formula::parse(&r.formula).map_err(|e| fault(&r.key, e))?;
            let rate = Rate { key: r.key, zh: r.zh, en: r.en, formula, basis: r.basis };
            lay(&mut self.rates, rate, |a, b| a.key == b.key);
        }
        for s in file.standard {
            let standard = standard(s)?;
            lay(&mut self.standards, standard, |a, b| a.key == b.key);
        }
        for c in file.cost {
            let rows = rows(&c.standard, &c.rows)?;
            self.costs.insert(c.standard.clone(), UnitCost { standard: c.standard, rows });
        }
        for c in file.check {
            let check = Check { key: c.key, zh: c.zh, en: c.en, basis: c.basis, days: c.days };
            lay(&mut self.checks, check, |a, b| a.key == b.key);
        }
        for n in file.nutrient {
            let a_day = n
                .a_day
                .into_iter()
                .map(|(group, amount)| Ok((group, thousandths(amount, &n.key)?)))
                .collect::<Result<_, NormsError>>()?;
            let nutrient =
                Nutrient { key: n.key, zh: n.zh, en: n.en, unit: n.unit, a_day, basis: n.basis };
            lay(&mut self.nutrients, nutrient, |a, b| a.key == b.key);
        }
        for a in file.addition {
            let base = Base::parse(&a.of)
                .ok_or_else(|| fault(&a.key, format!("不认识 of = “{}”", a.of)))?;
            let rows = rows(&a.key, &a.rows)?;
            let addition =
                Addition { key: a.key, zh: a.zh, en: a.en, on: a.on, base, least: a.least, rows };
            lay(&mut self.additions, addition, |a, b| a.key == b.key);
        }
        for s in file.subject {
            let stage = fujiao_model::Stage::parse(&s.stage)
                .ok_or_else(|| fault(&s.name, format!("没有学段“{}”", s.stage)))?;
            let share = thousandths(s.share, &s.name)?;
            let norm = SubjectNorm { name: s.name, stage, names: s.names, share, basis: s.basis };
            lay(&mut self.subjects, norm, |a, b| a.name == b.name && a.stage == b.stage);
        }
        for t in file.term {
            self.terms.push((first_day(&t.from, "term")?, last_day(&t.to, "term")?));
        }
        for m in file.milestone {
            lay(&mut self.milestones, (m.key, m.zh, m.days), |a, b| a.0 == b.0);
        }
        for table in file.food_table {
            let of = dated("food_table", (&table.from, None, &table.basis, &table.mark), ())?;
            for f in table.foods {
                let has = f
                    .has
                    .into_iter()
                    .map(|(key, n)| Ok((key, thousandths(n, &f.name)?)))
                    .collect::<Result<_, NormsError>>()?;
                let food = Food { name: f.name, names: f.names, has, basis: of.basis.clone() };
                lay(&mut self.foods, food, |a, b| a.name == b.name);
            }
        }
        Ok(())
    }

    /// What no single entry can be wrong in.
    pub(super) fn check(&self) -> Result<(), NormsError> {
        for rate in &self.rates {
            if let Some(name) =
                rate.formula.counters().find(|name| !COUNTERS.iter().any(|c| c.0 == *name))
            {
                let known: Vec<&str> = COUNTERS.iter().map(|c| c.0).collect();
                return Err(fault(
                    &rate.key,
                    format!("没有“{name}”这个计数；有 {}", known.join("、")),
                ));
            }
        }
        for food in &self.foods {
            if let Some(key) =
                food.has.keys().find(|key| !self.nutrients.iter().any(|n| n.key == **key))
            {
                return Err(fault(&food.name, format!("没有营养素“{key}”")));
            }
        }
        for cost in self.costs.keys() {
            // Prices of standards that the rules of conditions hold begin with `cond.` or `plan.`.
            if self.standard(cost).is_none()
                && !cost.starts_with("cond.")
                && !cost.starts_with("plan.")
            {
                return Err(fault(cost, "有造价，没有这条标准"));
            }
        }
        Ok(())
    }
}

fn standard(s: FileStandard) -> Result<Standard, NormsError> {
    let place = s.key.clone();
    let unit = Measure::parse(&s.unit)
        .ok_or_else(|| fault(&place, format!("没有单位“{}”；有 {}", s.unit, Measure::names())))?;
    let sense = match s.sense.as_deref() {
        None | Some("at_least") => Sense::AtLeast,
        Some("at_most") => Sense::AtMost,
        Some(other) => {
            return Err(fault(&place, format!("sense 写 at_least 或 at_most，不是“{other}”")));
        }
    };
    let tally = match s.tally.as_deref() {
        None | Some("latest") => Tally::Latest,
        Some("sum") => Tally::Sum,
        Some(other) => return Err(fault(&place, format!("tally 写 latest 或 sum，不是“{other}”"))),
    };
    if !matches!(s.due.as_str(), "month" | "term" | "school_year") {
        return Err(fault(&place, format!("due 写 month、term 或 school_year，不是“{}”", s.due)));
    }
    let mut rows = Vec::new();
    for row in s.rows {
        let per = row
            .per
            .iter()
            .map(|(name, n)| Ok((count(&place, name)?, thousandths(*n, &place)?)))
            .collect::<Result<Vec<_>, NormsError>>()?;
        let one_for = row
            .one_for
            .iter()
            .map(|(name, n)| {
                let many = Some(*n).filter(|n| *n > 0);
                let many = many.ok_or_else(|| fault(&place, "one_for 写每多少一个，大于零"))?;
                Ok((count(&place, name)?, many))
            })
            .collect::<Result<Vec<_>, NormsError>>()?;
        let need = Need {
            fixed: thousandths(row.fixed, &place)?,
            per,
            one_for,
            at_least: thousandths(row.at_least, &place)?,
            when: who(&place, row.when)?,
        };
        rows.push(dated(&place, (&row.from, row.to.as_deref(), &row.basis, &row.mark), need)?);
    }
    if rows.is_empty() {
        return Err(fault(&place, "没有写从哪天起多少"));
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
        who: who(&place, s.who)?,
        rows,
    })
}
