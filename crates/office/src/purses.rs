//! 大学生多部门资助: who gave what to whom, which may not come together, what it comes to at most, and which need nobody meets.
//!
//! The assessment lays the purses over each other (`assess::purses`); here is what people look at.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::Money;
use fujiao_report::{List, ListCell};
use fujiao_store::{StoredGift, StoredNeed};
use jiff::civil::Date;

use crate::access::{Actor, Right};
use crate::aid::within;
use crate::desk::Title;
use crate::{Office, OfficeError};

pub use fujiao_store::{StoredGift as PurseGift, StoredNeed as PurseNeed};

/// Which students.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PurseTab {
    /// All.
    #[default]
    All,
    /// Something stands against a gift.
    Conflict,
    /// Nobody pays a part of what the year costs.
    Unmet,
}

impl PurseTab {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::All, Self::Conflict, Self::Unmet];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Conflict => "conflict",
            Self::Unmet => "unmet",
        }
    }

    /// Reads the word.
    pub fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.code() == code).unwrap_or_default()
    }
}

/// A student of one school year with all their purses.
#[derive(Clone, Debug, Default)]
pub struct PurseStudent {
    /// The student.
    pub person: u64,
    /// Their name.
    pub name: String,
    /// Town and village.
    pub place: String,
    /// The university.
    pub university: String,
    /// Gifts in order, each with the purse's title.
    pub gifts: Vec<(StoredGift, Title)>,
    /// By purpose.
    pub needs: Vec<StoredNeed>,
    /// What the year costs, fen.
    pub cost: i64,
    /// What grants pay of it.
    pub granted: i64,
    /// What is lent.
    pub lent: i64,
    /// What nobody pays.
    pub unmet: i64,
    /// What should not be.
    pub over: i64,
    /// A cost is the data file's, not the student's.
    pub estimated: bool,
}

/// What one department gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurseDepartment {
    /// The department.
    pub name: String,
    /// Students, each once.
    pub persons: u64,
    /// Gifts.
    pub gifts: u64,
    /// Fen that was paid.
    pub paid: i64,
    /// Fen that is planned.
    pub planned: i64,
    /// Fen that should not be.
    pub over: i64,
}

/// All students of a school year that the reader may see.
#[derive(Clone, Debug, Default)]
pub struct PursesPage {
    /// The year in which the school year begins.
    pub year: i16,
    /// School years that have any, newest first.
    pub years: Vec<i16>,
    /// Those of the tab, by name.
    pub students: Vec<PurseStudent>,
    /// Students of each tab.
    pub tabs: [u64; 3],
    /// By department.
    pub departments: Vec<PurseDepartment>,
    /// Over all students: cost, granted, lent, unmet, and what should not be; fen.
    pub sums: [i64; 5],
}

impl Office {
    /// What several purses give university students for a school year, as the live assessment has it; the newest year if none
    /// is given.
    ///
    /// # Errors
    /// What the store says.
    pub fn purses(
        &self,
        actor: &Actor,
        (year, tab): (Option<i16>, PurseTab),
        name: &str,
    ) -> Result<PursesPage, OfficeError> {
        actor.must(Right::Aid)?;
        let county = self.county_code()?;
        let (sql, args) = within(actor, Right::Aid, 3);
        let (gifts, needs) = self.store.read(|tx| {
            Ok::<_, OfficeError>((
                tx.purse_gifts(county, None, (&sql, &args))?,
                tx.purse_needs(county, None, (&sql, &args))?,
            ))
        })?;
        let years: BTreeSet<i16> = gifts.iter().map(|g| g.school_year).collect();
        let newest = years.last().copied();
        let year =
            year.or(newest).unwrap_or_else(|| fujiao_model::Term::of(actor.today()).school_year());
        let mut page =
            PursesPage { year, years: years.into_iter().rev().collect(), ..PursesPage::default() };
        let mut students: BTreeMap<u64, PurseStudent> = BTreeMap::new();
        let mut departments: BTreeMap<String, (BTreeSet<u64>, PurseDepartment)> = BTreeMap::new();
        for gift in gifts.into_iter().filter(|g| g.school_year == year) {
            let (seen, of) = departments.entry(gift.department.clone()).or_default();
            seen.insert(gift.person);
            of.gifts += 1;
            if gift.paid {
                of.paid += gift.amount;
            } else {
                of.planned += gift.amount;
            }
            of.over += gift.over;
            let student = students.entry(gift.person).or_insert_with(|| PurseStudent {
                person: gift.person,
                name: gift.name.clone(),
                place: gift.place.clone(),
                ..PurseStudent::default()
            });
            student.over += gift.over;
            let title = match self.rules.purses.purse(&gift.purse) {
                Some(purse) => Title { zh: purse.title.clone(), en: purse.en.clone() },
                None => Title { zh: gift.purse.clone(), en: gift.purse.clone() },
            };
            student.gifts.push((gift, title));
        }
        for need in needs.into_iter().filter(|n| n.school_year == year) {
            let Some(student) = students.get_mut(&need.person) else { continue };
            student.cost += need.cost;
            student.granted += need.granted;
            student.lent += need.lent;
            student.unmet += need.unmet;
            student.estimated |= need.estimated;
            student.university.clone_from(&need.university);
            student.needs.push(need);
        }
        page.departments = departments
            .into_iter()
            .map(|(name, (seen, of))| PurseDepartment { name, persons: seen.len() as u64, ..of })
            .collect();
        let of_tab = |s: &PurseStudent, tab| match tab {
            PurseTab::All => true,
            PurseTab::Conflict => s.gifts.iter().any(|(g, _)| g.conflict.is_some()),
            PurseTab::Unmet => s.unmet > 0,
        };
        for s in students.values() {
            for (at, tab) in PurseTab::ALL.into_iter().enumerate() {
                page.tabs[at] += u64::from(of_tab(s, tab));
            }
            let parts = [s.cost, s.granted, s.lent, s.unmet, s.over];
            for (sum, part) in page.sums.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        let name = name.trim();
        page.students =
            students.into_values().filter(|s| of_tab(s, tab) && s.name.contains(name)).collect();
        page.students.sort_by(|a, b| a.name.cmp(&b.name).then(a.person.cmp(&b.person)));
        Ok(page)
    }
}

/// A purpose in Chinese.
pub fn purpose(code: &str) -> &str {
    match code {
        "tuition" => "学费",
        "lodging" => "住宿费",
        "living" => "生活费",
        "travel" => "路费",
        other => other,
    }
}

/// What stands against a gift, in a Chinese sentence; empty: nothing.
pub fn conflict(gift: &StoredGift, student: &PurseStudent) -> String {
    let over = Money::fen(gift.over);
    match gift.conflict.as_deref() {
        Some("unknown") => "规则里没有这个项目，不知道能不能叠加".to_owned(),
        Some("excluded") => {
            let other = student.gifts.iter().find(|(g, _)| Some(g.gift) == gift.by_gift);
            let other = other.map_or("另一项", |(_, title)| title.zh.as_str());
            format!("与“{other}”不能同时享受，多 {over} 元")
        }
        Some("beyond") => format!("超过封顶 {over} 元"),
        Some("no_need") => format!("超过全部费用 {over} 元"),
        _ => String::new(),
    }
}

impl PursesPage {
    /// 大学生多部门资助汇总: a row a gift, and a row for what is unmet.
    pub fn sheet(&self, today: Date) -> List {
        #[expect(clippy::cast_precision_loss, reason = "yuan far below 2^53")]
        let yuan = |fen: i64| ListCell::Number(fen as f64 / 100.0);
        let text = |text: &str| {
            if text.is_empty() { ListCell::Empty } else { ListCell::Text(text.to_owned()) }
        };
        let mut rows = Vec::new();
        for s in &self.students {
            for (gift, title) in &s.gifts {
                rows.push(vec![
                    text(&s.name),
                    text(&s.place),
                    text(&s.university),
                    text(&gift.department),
                    text(&title.zh),
                    text(if gift.paid { "已发" } else { "计划" }),
                    yuan(gift.amount),
                    yuan(gift.stands),
                    gift.on.map_or(ListCell::Empty, ListCell::Day),
                    text(&conflict(gift, s)),
                    text(&gift.basis),
                ]);
            }
            if s.unmet > 0 {
                let what: Vec<String> = s
                    .needs
                    .iter()
                    .filter(|n| n.unmet > 0)
                    .map(|n| {
                        let about = if n.estimated { "（估算）" } else { "" };
                        format!("{} {} 元{about}", purpose(&n.purpose), Money::fen(n.unmet))
                    })
                    .collect();
                rows.push(vec![
                    text(&s.name),
                    text(&s.place),
                    text(&s.university),
                    ListCell::Empty,
                    text("没有着落"),
                    ListCell::Empty,
                    yuan(s.unmet),
                    ListCell::Empty,
                    ListCell::Empty,
                    text(&what.join("；")),
                    ListCell::Empty,
                ]);
            }
        }
        List {
            sheet: "大学生资助".to_owned(),
            head: vec![
                format!("{}—{} 学年大学生多部门资助汇总", self.year, self.year + 1),
                format!(
                    "{} 人；费用 {} 元，资助 {} 元，贷款 {} 元，没有着落 {} 元；不该叠加 {} 元",
                    self.tabs[0],
                    Money::fen(self.sums[0]),
                    Money::fen(self.sums[1]),
                    Money::fen(self.sums[2]),
                    Money::fen(self.sums[3]),
                    Money::fen(self.sums[4])
                ),
                format!("截至 {today}"),
            ],
            columns: [
                "姓名",
                "镇村",
                "高校",
                "部门",
                "项目",
                "状态",
                "金额（元）",
                "可享受（元）",
                "发放日期",
                "问题",
                "依据",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
            as_of: today,
        }
    }
}
