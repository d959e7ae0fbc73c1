//! 基本办学条件: what a school must have by dated standards, what it was measured to have, and what the difference costs.
//!
//! A standard is data: an item that somebody measures, a unit, and how much is needed of it by the school's kind and size. A
//! school of which an item was never measured has no gap there: it is asked for.

use jiff::civil::Date;

use crate::norms::{Dated, Norms, in_force};

/// Counts of a school that standards may speak of, with their Chinese names.
pub const COUNTS: [(&str, &str); 14] = [
    ("pupils", "学生"),
    ("pupils_primary", "小学生"),
    ("pupils_junior", "初中生"),
    ("boarders", "寄宿生"),
    ("boys", "男生"),
    ("girls", "女生"),
    ("classes", "班"),
    ("diners", "就餐学生"),
    ("teachers", "教职工"),
    ("canteen_staff", "食堂从业人员"),
    ("canteen_managers", "食堂管理和财会人员"),
    ("storeys_buildings", "多层建筑"),
    ("dorm_buildings", "宿舍楼"),
    ("school_days", "上课日"),
];

/// A school as the standards see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct School {
    /// What it is: 教学点, 小学, 初级中学 …
    pub kind: String,
    /// Whether it is rural; `None`: nobody says.
    pub rural: Option<bool>,
    /// By position in [`COUNTS`]; `None`: nobody says.
    pub counts: [Option<i64>; COUNTS.len()],
}

impl School {
    /// A count by its name.
    pub fn count(&self, name: &str) -> Option<i64> {
        self.counts[COUNTS.iter().position(|c| c.0 == name)?]
    }

    /// Sets a count.
    ///
    /// # Panics
    /// If there is no such count.
    pub fn set(&mut self, name: &str, n: Option<i64>) {
        let at = COUNTS.iter().position(|c| c.0 == name).expect("a name of COUNTS");
        self.counts[at] = n;
    }
}

fujiao_model::code_table! {
    /// What an item is measured in.
    Measure {
        /// Square metres.
        Area = "m2", "㎡";
        /// Things.
        Piece = "piece", "个";
        /// Persons.
        Person = "person", "人";
        /// Times.
        Times = "times", "次";
        /// Yes or no.
        YesNo = "yes", "是否";
        /// Yuan.
        Yuan = "yuan", "元";
        /// Megabits a second.
        Mbps = "mbps", "兆";
        /// Litres a day.
        Litre = "litre", "升";
        /// Metres.
        Metre = "m", "米";
        /// Books.
        Volume = "volume", "册";
    }
}

impl Measure {
    /// The units that there are, for a message.
    pub fn names() -> String {
        Self::ALL
            .iter()
            .map(|m| format!("{}（{}）", m.chinese(), m.code()))
            .collect::<Vec<_>>()
            .join("、")
    }

    /// What offices write for it: `平方米`, `间`, `名`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        Some(match text.as_str() {
            "平方米" | "平米" | "㎡" | "m²" | "m2" => Self::Area,
            "间" | "套" | "台" | "件" | "块" | "部" | "张" | "口" | "处" | "座" | "组" | "班" => {
                Self::Piece
            }
            "名" | "位" => Self::Person,
            "餐" | "天" | "次数" => Self::Times,
            "有无" | "是" | "否" | "有" | "无" | "达标" => Self::YesNo,
            "mb" | "mbps" | "兆每秒" => Self::Mbps,
            "升每天" | "l" => Self::Litre,
            "延米" => Self::Metre,
            "本" => Self::Volume,
            other => Self::parse(other)?,
        })
    }

    /// Whether only whole numbers are measured in it.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Piece | Self::Person | Self::Times | Self::YesNo | Self::Volume)
    }
}

/// Which side of the standard is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// At least so much.
    AtLeast,
    /// At most so much.
    AtMost,
}

/// What of several measurements of a period counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// The latest.
    Latest,
    /// All together.
    Sum,
}

/// For which schools something holds. All that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// Of these kinds; empty: of any.
    pub kinds: Vec<String>,
    /// Rural or not.
    pub rural: Option<bool>,
    /// Counts that are at least so much.
    pub at_least: Vec<(u8, i64)>,
    /// Counts that are at most so much.
    pub at_most: Vec<(u8, i64)>,
}

impl Who {
    /// Whether it holds for a school; `None`: a fact is not on file that could change the answer.
    pub fn holds(&self, school: &School) -> Option<bool> {
        if !self.kinds.is_empty() && !self.kinds.iter().any(|k| school.kind.contains(k.as_str())) {
            return Some(false);
        }
        let mut asks = false;
        if let Some(rural) = self.rural {
            match school.rural {
                None => asks = true,
                Some(is) if is != rural => return Some(false),
                Some(_) => {}
            }
        }
        for (list, least) in [(&self.at_least, true), (&self.at_most, false)] {
            for &(count, n) in list {
                match school.counts[usize::from(count)] {
                    None => asks = true,
                    Some(is) if (least && is < n) || (!least && is > n) => return Some(false),
                    Some(_) => {}
                }
            }
        }
        (!asks).then_some(true)
    }
}

/// How much is needed: a fixed part and parts by counts, at least a floor. In thousandths of the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// For any school.
    pub fixed: i64,
    /// For each of a count.
    pub per: Vec<(u8, i64)>,
    /// One whole unit for so many of a count.
    pub one_for: Vec<(u8, i64)>,
    /// At least so much.
    pub at_least: i64,
    /// Only for these schools; of several rows that hold the latest counts.
    pub when: Who,
}

/// A standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Its key, also the kind of the duty.
    pub key: String,
    /// The Chinese name.
    pub title: String,
    /// The English name.
    pub title_en: String,
    /// The item that is measured.
    pub item: String,
    /// In what.
    pub unit: Measure,
    /// The number among the twenty bottom lines.
    pub line: Option<u8>,
    /// Which side is well.
    pub sense: Sense,
    /// Which measurements count.
    pub tally: Tally,
    /// Who must act.
    pub bearer: String,
    /// `month`, `term` or `school_year`.
    pub due: String,
    /// For which schools.
    pub who: Who,
    /// How much, since when, by which article.
    pub rows: Vec<Dated<Need>>,
}

/// What one unit of what is missing costs, in thousandths of a yuan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCost {
    /// Of which standard.
    pub standard: String,
    /// Dated amounts.
    pub rows: Vec<Dated<i64>>,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The item.
    pub item: String,
    /// In thousandths of the unit.
    pub value: i64,
    /// The day.
    pub on: Date,
    /// The source row, or the entry.
    pub source: u64,
}

/// A school held against a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Position among the standards.
    pub standard: usize,
    /// The article.
    pub basis: String,
    /// Needed, in thousandths of the unit.
    pub need: i64,
    /// Had; `None`: not measured, which is not nought.
    pub have: Option<i64>,
    /// Missing, or too much where little is well; nought while it is not measured.
    pub gap: i64,
    /// What making good costs, in fen; `None`: no price is on file.
    pub cost: Option<i64>,
    /// The measurements that count.
    pub sources: Vec<u64>,
    /// The day of the latest.
    pub on: Option<Date>,
}

fujiao_model::code_table! {
    /// Why a measurement is refused.
    MeasureFault {
        /// No standard and no price speaks of the item.
        NoItem = "no_item", "没有这个项目";
        /// It is measured in another unit.
        WrongUnit = "wrong_unit", "单位不对";
        /// It is no number.
        NoNumber = "no_number", "不是数";
        /// It is below nought.
        Negative = "negative", "是负数";
        /// Half a thing.
        NotWhole = "not_whole", "不是整数";
        /// It was not measured yet.
        Tomorrow = "tomorrow", "还没到的日子";
        /// It is more than any school has.
        TooMuch = "too_much", "太大";
    }
}

impl MeasureFault {
    /// The field that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoItem => "item",
            Self::WrongUnit => "unit",
            Self::Tomorrow => "on",
            _ => "value",
        }
    }
}

/// Ten million: no school has more of anything.
const MOST: i64 = 10_000_000_000;

impl Norms {
    /// The unit in which an item is measured; `None`: no standard speaks of it.
    pub fn unit_of(&self, item: &str) -> Option<Measure> {
        self.standards.iter().find(|s| s.item == item).map(|s| s.unit)
    }

    /// Checks a measurement as somebody writes it. The value comes back in thousandths of the unit.
    ///
    /// # Errors
    /// Everything that is wrong with it, each at its field.
    pub fn read_measure(
        &self,
        (item, unit, value): (&str, &str, &str),
        on: Date,
        today: Date,
    ) -> Result<i64, Vec<MeasureFault>> {
        let mut faults = Vec::new();
        let wants = self.unit_of(item);
        if wants.is_none() {
            faults.push(MeasureFault::NoItem);
        }
        let unit = Measure::read(unit);
        if let Some(wants) = wants
            && unit != Some(wants)
        {
            faults.push(MeasureFault::WrongUnit);
        }
        if on > today {
            faults.push(MeasureFault::Tomorrow);
        }
        let yes_no = wants == Some(Measure::YesNo);
        match decimal(value, yes_no) {
            None => faults.push(MeasureFault::NoNumber),
            Some(n) if n < 0 => faults.push(MeasureFault::Negative),
            Some(n) if n > MOST => faults.push(MeasureFault::TooMuch),
            Some(n) if wants.is_some_and(Measure::is_whole) && n % 1_000 != 0 => {
                faults.push(MeasureFault::NotWhole);
            }
            Some(n) if faults.is_empty() => return Ok(n),
            Some(_) => {}
        }
        Err(faults)
    }
}

/// A number with up to three decimals in thousandths; of a yes or no, 1 or 0.
fn decimal(text: &str, yes_no: bool) -> Option<i64> {
    let text = text.trim();
    if yes_no {
        match text {
            "是" | "有" | "达标" | "√" | "yes" => return Some(1_000),
            "否" | "无" | "没有" | "不达标" | "×" | "no" => return Some(0),
            _ => {}
        }
    }
    let (minus, digits) = text.strip_prefix(['-', '−']).map_or((false, text), |d| (true, d));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 3 || !all(whole) || !all(part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    let n = whole * 1_000 + part;
    Some(if minus { -n } else { n })
}

/// Holds a school against every standard in force on a day. `from`: measurements that are added up begin there.
pub fn assess(
    norms: &Norms,
    school: &School,
    measured: &[Measured],
    (from, on): (Date, Date),
) -> Vec<Line> {
    norms
        .standards
        .iter()
        .enumerate()
        .filter_map(|(at, standard)| line(norms, at, standard, school, measured, (from, on)))
        .collect()
}

fn line(
    norms: &Norms,
    at: usize,
    standard: &Standard,
    school: &School,
    measured: &[Measured],
    (from, on): (Date, Date),
) -> Option<Line> {
    if standard.who.holds(school) != Some(true) {
        return None;
    }
    let row = standard
        .rows
        .iter()
        .rev()
        .filter(|r| r.from <= on && r.to.is_none_or(|to| on <= to))
        .filter(|r| r.value.when.holds(school) == Some(true))
        // The latest that began; of two of one day the one that stands first.
        .max_by_key(|r| r.from)?;
    let need = row.value.amount(school, standard.unit)?;
    if need == 0 && standard.sense == Sense::AtLeast {
        return None;
    }
    let of_item = measured.iter().filter(|m| m.item == standard.item && m.on <= on);
    let mut counted: Vec<&Measured> = match standard.tally {
        Tally::Latest => of_item.max_by_key(|m| (m.on, m.source)).into_iter().collect(),
        Tally::Sum => of_item.filter(|m| m.on >= from).collect(),
    };
    counted.sort_by_key(|m| (m.on, m.source));
    let have = match standard.tally {
        Tally::Latest => counted.first().map(|m| m.value),
        Tally::Sum => Some(counted.iter().map(|m| m.value).sum()),
    };
    let gap = have.map_or(0, |have| match standard.sense {
        Sense::AtLeast => (need - have).max(0),
        Sense::AtMost => (have - need).max(0),
    });
    let cost = norms.costs.get(&standard.key).and_then(|c| in_force(&c.rows, on)).map(|price| {
        // Thousandths of a unit × thousandths of a yuan to fen, rounded up: nobody buys half a fen.
        let fen = i128::from(gap) * i128::from(price.value) * 100;
        i64::try_from((fen + 999_999) / 1_000_000).unwrap_or(i64::MAX)
    });
    Some(Line {
        standard: at,
        basis: row.basis.clone(),
        need,
        have,
        gap,
        cost,
        sources: counted.iter().map(|m| m.source).collect(),
        on: counted.last().map(|m| m.on),
    })
}

impl Need {
    /// How much a school needs; things are rounded up to whole ones. `None`: a count is not on file.
    pub fn amount(&self, school: &School, unit: Measure) -> Option<i64> {
        let mut need = self.fixed;
        for &(count, per) in &self.per {
            need += school.counts[usize::from(count)]? * per;
        }
        for &(count, many) in &self.one_for {
            let n = school.counts[usize::from(count)]? * 1_000;
            need += (n + many - 1).div_euclid(many);
        }
        let need = need.max(self.at_least);
        Some(if unit.is_whole() { (need + 999).div_euclid(1_000) * 1_000 } else { need })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn school(kind: &str, counts: &[(&str, i64)]) -> School {
        let mut school = School { kind: kind.into(), rural: Some(true), ..School::default() };
        for (name, n) in counts {
            school.set(name, Some(*n));
        }
        school
    }

    const FILE: &str = r#"
engine = "school"
scope = "CN"
title = "试"
[[standard]]
key = "toilet.girls"
title = "女厕位"
title_en = "Toilets for girls"
item = "女厕位"
unit = "piece"
bearer = "{school}"
due = "school_year"
rows = [
  { from = "2010", per = { girls = 0.05 }, at_least = 1, basis = "甲第1条", mark = "U" },
  { from = "2014", per = { girls = 0.04 }, at_least = 2, basis = "乙第2条", mark = "U", when = { kinds = ["教学点"] } },
]
[[standard]]
key = "dangerous"
title = "危房"
title_en = "Dangerous"
item = "D级危房"
unit = "m2"
sense = "at_most"
bearer = "县"
due = "school_year"
rows = [{ from = "2014", basis = "丙", mark = "V" }]
[[standard]]
key = "samples"
title = "留样"
title_en = "Samples"
item = "留样"
unit = "times"
tally = "sum"
bearer = "{school}"
due = "month"
who = { at_least = { diners = 1 } }
rows = [{ from = "2019", per = { school_days = 1 }, basis = "丁", mark = "V" }]
[[cost]]
standard = "toilet.girls"
rows = [{ from = "2020", value = 8000, basis = "县定", mark = "U" }]
"#;

    fn laid(text: &str) -> Result<Norms, fujiao_model::RulesError> {
        let mut norms = Norms::default();
        norms.lay(text).map(|()| norms)
    }

    #[test]
    fn a_school_is_held_against_what_holds_for_it() {
        let norms = laid(FILE).unwrap();
        let measured = |item: &str, value: i64, on: &str, source| Measured {
            item: item.into(),
            value: value * 1_000,
            on: on.parse().unwrap(),
            source,
        };
        let all = [
            measured("女厕位", 9, "2020-01-01", 1),
            measured("女厕位", 1, "2024-01-01", 2),
            measured("D级危房", 30, "2024-01-01", 3),
            measured("留样", 5, "2025-08-30", 4),
            measured("留样", 11, "2025-09-10", 5),
            measured("留样", 7, "2025-09-20", 6),
        ];
        let check = |school: &School, on: &str, want: &str| {
            let on: Date = on.parse().unwrap();
            let lines = assess(&norms, school, &all, (on.first_of_month(), on));
            let said: Vec<String> = lines
                .iter()
                .map(|l| {
                    let have = l.have.map_or("?".to_owned(), |n| n.to_string());
                    let key = &norms.standards[l.standard].key;
                    let cost = l.cost.map_or(String::new(), |c| format!(" {c}fen"));
                    format!("{key} {} {have} {}{cost} {}", l.need, l.gap, l.basis)
                })
                .collect();
            assert_eq!(said.join("; "), want);
        };
        let point = school("教学点", &[("girls", 60), ("diners", 100), ("school_days", 22)]);
        check(
            &point,
            "2025-09-30",
            "toilet.girls 3000 1000 2000 1600000fen 乙第2条; dangerous 0 30000 30000 丙; samples 22000 18000 4000 丁",
        );
        // An older standard, before any measurement; nobody eats.
        let primary = school("小学", &[("girls", 30), ("diners", 0)]);
        check(&primary, "2013-01-01", "toilet.girls 2000 ? 0 甲第1条");
        // How many girls there are is not known: it is asked for, and no gap.
        check(&school("小学", &[("diners", 0)]), "2025-01-01", "dangerous 0 30000 30000 丙");
    }

    #[test]
    fn a_measurement_is_refused_at_its_field() {
        let norms = laid(FILE).unwrap();
        let check = |item: &str, unit: &str, value: &str, on: &str, want: &str| {
            let got = norms.read_measure(
                (item, unit, value),
                on.parse().unwrap(),
                "2025-10-15".parse().unwrap(),
            );
            let got = match got {
                Ok(n) => n.to_string(),
                Err(faults) => faults
                    .iter()
                    .map(|f| format!("{} {}", f.field(), f.code()))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            assert_eq!(got, want, "{item} {unit} {value} {on}");
        };
        check("女厕位", "个", "12", "2025-10-15", "12000");
        check("D级危房", "平方米", "30.5", "2025-10-15", "30500");
        check("D级危房", "亩", "30.5", "2025-10-15", "unit wrong_unit");
        check("女厕位", "㎡", "12", "2025-10-15", "unit wrong_unit");
        check("女厕位", "个", "1.5", "2025-10-15", "value not_whole");
        check("女厕位", "个", "-1", "2025-10-16", "on tomorrow; value negative");
        check("女厕", "个", "十", "2025-10-15", "item no_item; value no_number");
        check("D级危房", "㎡", "99999999999", "2025-10-15", "value too_much");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_place() {
        let check = |from: &str, to: &str, want: &str| {
            let error = laid(&FILE.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(want), "{error}");
        };
        check("basis = \"甲第1条\"", "basis = \" \"", "toilet.girls：没有写依据");
        check("girls = 0.05", "girlz = 0.05", "toilet.girls：没有“girlz”这个数");
        check("unit = \"piece\"", "unit = \"亩\"", "toilet.girls：没有单位“亩”");
        check(
            "standard = \"toilet.girls\"",
            "standard = \"toilet.boys\"",
            "toilet.boys：有造价，没有这条标准",
        );
        check("mark = \"V\" }]", "mark = \"很\" }]", "可信度“很”不认识");
        check("due = \"month\"", "due = \"day\"", "due 写 month、term 或 school_year");
    }
}
