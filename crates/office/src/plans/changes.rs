//! What a forecast must know that no register says: who will move where and when, and what rules change.

use std::collections::BTreeMap;

use fujiao_model::Division;

use super::PlanError;
use super::inputs::Inputs;
use super::tables::{self, Column, Faults, Form};

const fn column(name: &'static str, also: &'static [&'static str], needed: bool) -> Column {
    Column { name, also, needed }
}

pub(super) const FORMS: [Form; 2] = [
    Form {
        name: "搬迁计划表",
        columns: &[
            column("年份", &["搬迁年份"], true),
            column("从哪里", &["迁出地", "迁出"], true),
            column("到哪里", &["迁入地", "迁入", "安置点"], true),
            column("小学生", &[], false),
            column("初中生", &[], false),
            column("学前儿童", &["学龄前"], false),
        ],
    },
    Form {
        name: "政策变化表",
        columns: &[
            column("起始年份", &["从哪年起"], true),
            column("事项", &["政策"], true),
            column("数值", &["数"], true),
        ],
    },
];

/// Children who move in one summer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Relocation {
    /// The school year from which they live elsewhere.
    pub year: i16,
    /// `None`: from outside the county.
    pub from: Option<Division>,
    /// `None`: out of the county.
    pub to: Option<Division>,
    /// Children of the six grades of primary, together.
    pub primary: u32,
    /// Of the three grades of junior.
    pub junior: u32,
    /// Below school age: they enter grade 1 over the six years to come.
    pub younger: u32,
}

/// What changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// Most pupils in a class of a primary school.
    ClassPrimary,
    /// Most pupils in a class of a junior school.
    ClassJunior,
    /// Children who enter grade 1, in percent of what is expected without it.
    Entering,
    /// Pupils who board, in percent of what it is today.
    Boarding,
}

impl Rule {
    const ALL: [(Self, &'static str); 4] = [
        (Self::ClassPrimary, "小学班额"),
        (Self::ClassJunior, "初中班额"),
        (Self::Entering, "一年级入学"),
        (Self::Boarding, "寄宿"),
    ];
}

/// Relocations and changes of rules, by year.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Changes {
    pub relocations: Vec<Relocation>,
    rules: BTreeMap<(Rule, i16), f64>,
}

impl Changes {
    pub(super) fn in_a_line(&self) -> String {
        let children: u32 = self.relocations.iter().map(|r| r.primary + r.junior + r.younger).sum();
        format!(
            "搬迁 {} 次共 {children} 名孩子，政策变化 {} 条",
            self.relocations.len(),
            self.rules.len()
        )
    }

    /// The value of a rule in a school year, if one was set by then.
    pub(super) fn rule(&self, rule: Rule, year: i16) -> Option<f64> {
        self.rules.range((rule, i16::MIN)..=(rule, year)).next_back().map(|(_, value)| *value)
    }

    /// What they are, a sentence each.
    pub(super) fn in_words(&self, inputs: &Inputs) -> Vec<String> {
        let name = |place: Option<Division>| {
            place.map_or_else(|| "县外".to_owned(), |place| inputs.name(place))
        };
        let mut all: Vec<String> = self
            .relocations
            .iter()
            .map(|r| {
                format!(
                    "{}年秋从{}到{}：小学生{}人，初中生{}人，学前{}人",
                    r.year,
                    name(r.from),
                    name(r.to),
                    r.primary,
                    r.junior,
                    r.younger
                )
            })
            .collect();
        for ((rule, year), value) in &self.rules {
            let word = Rule::ALL.iter().find(|r| r.0 == *rule).map_or("", |r| r.1);
            let unit = if matches!(rule, Rule::Entering | Rule::Boarding) { "%" } else { "人" };
            all.push(format!("{year}年起{word}{value}{unit}"));
        }
        all
    }
}

/// Reads the county's table.
pub(super) fn read(inputs: &Inputs, (name, bytes): (&str, &[u8])) -> Result<Changes, PlanError> {
    let mut read = tables::read(name, bytes, &FORMS)?.into_iter();
    let (moves, rules) = (read.next().unwrap_or_default(), read.next().unwrap_or_default());
    let mut faults = Faults::default();
    let mut changes = Changes::default();
    for row in &moves {
        row.must("年份", &mut faults);
        let year = row.year("年份", &mut faults);
        let place = |column: &'static str, faults: &mut Faults| match row.must(column, faults) {
            "" => None,
            "县外" | "外县" | "省外" => Some(None),
            text => {
                let found = inputs.place_named(text);
                if found.is_none() {
                    let why = format!(
                        "“{text}”不是本县的镇或村，或不止一处；写成“青石镇栗园村”，县外写“县外”"
                    );
                    faults.add(row, column, why);
                }
                found.map(Some)
            }
        };
        let from = place("从哪里", &mut faults);
        let to = place("到哪里", &mut faults);
        let mut count = |column| row.whole(column, (0, 100_000), &mut faults).unwrap_or(0);
        let (primary, junior, younger) = (count("小学生"), count("初中生"), count("学前儿童"));
        if primary + junior + younger == 0 {
            faults.add(row, "小学生", "小学生、初中生、学前儿童都空着；至少写一个");
        }
        if let (Some(year), Some(from), Some(to)) = (year, from, to) {
            if year <= inputs.school_year() {
                let why = format!("{year} 已经过去；名册里已有，不用再写");
                faults.add(row, "年份", why);
            }
            changes.relocations.push(Relocation { year, from, to, primary, junior, younger });
        }
    }
    for row in &rules {
        row.must("起始年份", &mut faults);
        row.must("数值", &mut faults);
        let year = row.year("起始年份", &mut faults);
        let word = row.must("事项", &mut faults);
        let rule = Rule::ALL.iter().find(|r| r.1 == word);
        if rule.is_none() && !word.is_empty() {
            let known: Vec<&str> = Rule::ALL.iter().map(|r| r.1).collect();
            faults.add(row, "事项", format!("“{word}”看不懂；写“{}”之一", known.join("”“")));
        }
        let value = row.number_in("数值", &mut faults);
        if let (Some(year), Some((rule, _)), Some(value)) = (year, rule, value) {
            if !(1.0..=400.0).contains(&value) {
                faults.add(row, "数值", "班额写人数，入学和寄宿写百分数，1 到 400");
                continue;
            }
            changes.rules.insert((*rule, year), value);
        }
    }
    faults.end()?;
    Ok(changes)
}
