mod english;

use std::collections::BTreeMap;
use std::sync::Arc;

use fujiao_model::{Money, Period};
use jiff::civil::Date;

use crate::ColumnId;
use crate::assess::{Entitlement, ProgrammeResult, Reason};
use crate::column::{ColumnType, column};
use crate::eval::{Facts, days_of};
use crate::expr::{Bool, Num, Typed, columns_of_num};
use crate::frame::{Data, Frame, day_of};
use crate::programme::Programme;
use crate::question::Question;
use crate::set::PolicySet;

/// The language of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English
    English,
}

/// Why a row is owed something: the parts of a duty's `Because`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Programme, `@`, first period of the amount in force: `comp.living.boarder@2024S`.
    pub rule: Arc<str>,
    /// The article that sets the amount.
    pub basis: Arc<str>,
    /// The facts that held, in Chinese.
    pub facts: Arc<str>,
}

/// Says why, for the rows of one result. Rows with the same facts share one text.
#[derive(Debug)]
pub struct Explainer<'a> {
    set: &'a PolicySet,
    programme: &'a Programme,
    frame: &'a Frame,
    params: Vec<Option<i64>>,
    days: (i64, i64),
    day: Date,
    period: Period,
    whys: BTreeMap<Box<[i64]>, Why>,
    refusals: BTreeMap<Box<[i64]>, Arc<str>>,
    key: Vec<i64>,
}

impl<'a> Explainer<'a> {
    /// For the rows of `result`, which [`crate::assess()`] made of `frame` as of `as_of`.
    pub fn new(
        set: &'a PolicySet,
        frame: &'a Frame,
        result: &ProgrammeResult,
        as_of: Date,
    ) -> Self {
        let day = Programme::day_of(result.period, as_of);
        Self {
            programme: &set.programmes()[result.programme],
            set,
            frame,
            params: set.numbers_on(day),
            days: days_of(result.period, as_of),
            day,
            period: result.period,
            whys: BTreeMap::new(),
            refusals: BTreeMap::new(),
            key: Vec::new(),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts { frame: self.frame, params: &self.params, days: self.days }
    }

    /// The row's values in every column of the rule.
    fn set_key(&mut self, row: usize) {
        self.key.clear();
        for id in &self.programme.columns {
            match self.frame.data(*id) {
                Some(Data::Flag { yes, no }) => {
                    let bit = |words: &[u64]| i64::from(words[row / 64] >> (row % 64) & 1 == 1);
                    self.key.push(bit(yes) * 2 + bit(no));
                }
                Some(Data::Code { codes, .. }) => {
                    self.key
                        .push(codes.get(row).map_or(-1, |c| i64::try_from(c).expect("few codes")));
                }
                Some(Data::Int { .. }) => {
                    let value = self.frame.int(*id, row);
                    self.key.push(i64::from(value.is_some()));
                    self.key.push(value.unwrap_or(0));
                }
                None => self.key.push(0),
            }
        }
    }

    /// Rule, basis and facts of a row that is due.
    pub fn why(&mut self, row: usize) -> Why {
        self.set_key(row);
        if let Some(why) = self.whys.get(&self.key[..]) {
            return why.clone();
        }
        let why = self.make_why(row);
        self.whys.insert(self.key.clone().into(), why.clone());
        why
    }

    fn make_why(&self, row: usize) -> Why {
        let facts = self.facts();
        let question = Question::of_row(self.programme, facts, self.day, self.period);
        let (_, amount) = question.amount(row);
        let mut words = Vec::new();
        for condition in &self.programme.who {
            said(facts, condition, row, &mut words);
        }
        let mut rule = self.programme.key.to_string();
        let mut basis: Arc<str> = "".into();
        if let Some(amount) = amount {
            if let Some(when) = &amount.when {
                let mut more = Vec::new();
                said(facts, when, row, &mut more);
                more.retain(|m| !words.iter().any(|w| w.contains(m.as_str())));
                words.append(&mut more);
            }
            let mut columns = Vec::new();
            columns_of_num(&amount.value, &mut columns);
            for id in columns {
                let shown = show(self.frame, id, row);
                if !words.contains(&shown) && matches!(column(id).column_type, ColumnType::Int) {
                    words.push(shown);
                }
            }
            rule = format!("{rule}@{}", amount.from_text);
            basis = Arc::clone(&amount.basis);
        }
        Why { rule: rule.into(), basis, facts: words.join("，").into() }
    }

    /// One sentence on the answer for a row, whatever it is.
    pub fn say(&mut self, row: usize, answer: Entitlement, language: Language) -> Arc<str> {
        match language {
            Language::Chinese => self.sentence(row, answer),
            Language::English => self.english(row, answer).into(),
        }
    }

    /// One Chinese sentence on the answer for a row, whatever it is.
    pub fn sentence(&mut self, row: usize, answer: Entitlement) -> Arc<str> {
        match answer {
            Entitlement::Due(quantity) => {
                let why = self.why(row);
                let unit = self.programme.unit;
                format!(
                    "应{}{}：{}（{}）",
                    unit.show(quantity),
                    unit.chinese(),
                    why.facts,
                    why.basis
                )
                .into()
            }
            Entitlement::NotDue(reason) => self.refusal(row, reason),
            Entitlement::Ask(id) => {
                format!("待核：{}没有登记，会影响结论", column(id).chinese).into()
            }
        }
    }

    /// One Chinese sentence on the decisive reason of a "no".
    pub fn refusal(&mut self, row: usize, reason: Reason) -> Arc<str> {
        self.set_key(row);
        // The reason follows from the facts, except that none is looked at where nothing is in force.
        if reason == Reason::NotInForce {
            return format!("{} 没有在执行的标准", self.period).into();
        }
        if let Reason::Excluded(at) = reason {
            // What excludes it rests on other facts than its own.
            let over = self.programme.excluded_by.get(at).and_then(|key| self.set.programme(key));
            let title = over.map_or("别的项目", |p| &*p.title);
            return format!("同一期间已应发“{title}”，两项不能兼得").into();
        }
        if let Some(text) = self.refusals.get(&self.key[..]) {
            return Arc::clone(text);
        }
        let text: Arc<str> = match reason {
            Reason::Condition(i) => self
                .programme
                .who
                .get(i)
                .map_or_else(|| "条件不符".into(), |c| denied(self.facts(), c, row))
                .into(),
            Reason::NoAmount => "没有适用的数额".into(),
            Reason::Nothing | Reason::NotInForce | Reason::Excluded(_) => "数量为零".into(),
        };
        self.refusals.insert(self.key.clone().into(), Arc::clone(&text));
        text
    }

    /// The name of a condition of `who`: its named set, or the first column it speaks of.
    pub fn condition_name(&self, i: usize) -> &str {
        self.programme.who.get(i).map_or("", |c| name_of(c))
    }
}

/// The name of a condition: its named set, or the first column it speaks of.
pub(crate) fn name_of(condition: &Bool) -> &str {
    if let Bool::Named(named) = condition {
        return &named.name;
    }
    if let Bool::Not(inner) = condition {
        return name_of(inner);
    }
    let mut columns = Vec::new();
    crate::expr::columns_of_bool(condition, &mut columns);
    columns.first().map_or("", |id| column(*id).name)
}

/// A column's value of a row with its term: `小学`, `上课 21 天`, `办学等级城市`.
fn show(frame: &Frame, id: ColumnId, row: usize) -> String {
    let c = column(id);
    match c.column_type {
        ColumnType::Flag => match frame.flag(id, row) {
            Some(true) => c.chinese.to_owned(),
            Some(false) => c.no.to_owned(),
            None => format!("{}不详", c.chinese),
        },
        ColumnType::Int => match frame.int(id, row) {
            Some(n) => format!("{} {}", c.chinese, show_number(c.unit, n)),
            None => format!("{}不详", c.chinese),
        },
        ColumnType::Date => match frame.int(id, row).and_then(day_of) {
            Some(day) => format!("{} {day}", c.chinese),
            None => format!("{}不详", c.chinese),
        },
        ColumnType::Code(table) => {
            let code = frame.code(id, row);
            let name = code
                .map(|code| table().iter().find(|(c, _)| *c == code).map_or(code, |(_, zh)| *zh));
            name.map_or_else(|| format!("{}不详", c.chinese), str::to_owned)
        }
        ColumnType::Text(_) => match frame.code(id, row) {
            Some(text) => format!("{}{text}", c.chinese),
            None => format!("{}不详", c.chinese),
        },
    }
}

fn show_number(unit: &str, n: i64) -> String {
    match unit {
        "㎡" => format!("{} ㎡", Money::fen(n / 10)),
        "元" | "分" => format!("{} 元", Money::fen(n)),
        "" => n.to_string(),
        unit => format!("{n} {unit}"),
    }
}

/// Puts what holds of a condition into words, each once.
fn said(facts: Facts<'_>, b: &Bool, row: usize, words: &mut Vec<String>) {
    let mut push = |text: String| {
        if !words.contains(&text) {
            words.push(text);
        }
    };
    match b {
        Bool::Const(_) => {}
        Bool::Flag(id) | Bool::OneOf(id, _) => push(show(facts.frame, *id, row)),
        Bool::Known(id) => push(format!("已登记{}", column(*id).chinese)),
        Bool::Not(inner) => match &**inner {
            Bool::Named(named) => push(format!("不属于{}", named.chinese)),
            inner => said(facts, inner, row, words),
        },
        Bool::All(parts) => parts.iter().for_each(|p| said(facts, p, row, words)),
        Bool::Any(parts) => parts
            .iter()
            .filter(|p| facts.holds(p, row) == Some(true))
            .for_each(|p| said(facts, p, row, words)),
        Bool::Compare(_, a, b) => {
            for side in [a, b] {
                let mut columns = Vec::new();
                columns_of_num(side, &mut columns);
                for id in columns {
                    let text = show(facts.frame, id, row);
                    if !words.contains(&text) {
                        words.push(text);
                    }
                }
            }
        }
        Bool::If(parts) => {
            said(facts, &parts.0, row, words);
            match facts.holds(&parts.0, row) {
                Some(true) => said(facts, &parts.1, row, words),
                Some(false) => said(facts, &parts.2, row, words),
                None => {}
            }
        }
        Bool::Named(named) => {
            let mut inner = Vec::new();
            if let Typed::Bool(body) = &named.body {
                leaves(facts, body, row, &mut inner);
            }
            push(if inner.is_empty() {
                named.chinese.to_string()
            } else {
                format!("{}（{}）", named.chinese, inner.join("、"))
            });
        }
    }
}

/// As [`said`], but through named sets: the facts, not the names.
fn leaves(facts: Facts<'_>, b: &Bool, row: usize, words: &mut Vec<String>) {
    match b {
        Bool::Named(named) => {
            if let Typed::Bool(body) = &named.body
                && facts.holds(body, row) == Some(true)
            {
                leaves(facts, body, row, words);
            }
        }
        Bool::All(parts) => parts.iter().for_each(|p| leaves(facts, p, row, words)),
        Bool::Any(parts) => parts
            .iter()
            .filter(|p| facts.holds(p, row) == Some(true))
            .for_each(|p| leaves(facts, p, row, words)),
        // What somebody is not is no fact to tell.
        Bool::Not(_) => {}
        b => said(facts, b, row, words),
    }
}

/// A condition that fails, in words.
fn denied(facts: Facts<'_>, b: &Bool, row: usize) -> String {
    match b {
        Bool::Flag(id) => show(facts.frame, *id, row),
        Bool::Not(inner) => {
            let mut words = Vec::new();
            said(facts, inner, row, &mut words);
            words.join("，")
        }
        Bool::OneOf(id, texts) => {
            let table = column(*id).column_type.values();
            let allowed: Vec<&str> = texts
                .iter()
                .map(|t| table.iter().find(|(c, _)| **c == **t).map_or(&**t, |(_, zh)| *zh))
                .collect();
            format!("{}，只限{}", show(facts.frame, *id, row), allowed.join("、"))
        }
        Bool::Compare(op, a, than) => {
            let mut words = Vec::new();
            said(facts, b, row, &mut words);
            let unit = match &**a {
                Num::Int(id) => column(*id).unit,
                _ => "",
            };
            match facts.number(than, row) {
                Some(n) if !is_date(a) => {
                    format!("{}，要求{} {}", words.join("，"), op.chinese(), show_number(unit, n))
                }
                _ => words.join("，"),
            }
        }
        Bool::All(parts) => parts
            .iter()
            .find(|p| facts.holds(p, row) == Some(false))
            .map_or_else(|| "条件不符".to_owned(), |p| denied(facts, p, row)),
        Bool::Any(parts) => {
            let words: Vec<String> = parts.iter().map(|p| denied(facts, p, row)).collect();
            words.join("，")
        }
        Bool::Named(named) => {
            let mut columns = Vec::new();
            crate::expr::columns_of_bool(b, &mut columns);
            match columns[..] {
                // One fact decides, so it is told.
                [id] => format!("{}，不属于{}", show(facts.frame, id, row), named.chinese),
                _ => format!("不属于{}", named.chinese),
            }
        }
        Bool::If(parts) => match facts.holds(&parts.0, row) {
            Some(true) => denied(facts, &parts.1, row),
            _ => denied(facts, &parts.2, row),
        },
        Bool::Known(id) => format!("没有登记{}", column(*id).chinese),
        Bool::Const(_) => "规则对任何人都不成立".to_owned(),
    }
}

fn is_date(n: &Num) -> bool {
    let mut columns = Vec::new();
    columns_of_num(n, &mut columns);
    columns.iter().any(|id| matches!(column(*id).column_type, ColumnType::Date))
}
