//! People decide the middle: what they are asked about pairs of rows, what they say, and what became of it.

mod answers;
mod mine;
mod why;
mod words;

use std::collections::BTreeMap;

use fujiao_link::table::Interval;
use fujiao_model::{Field, Fields, RosterKind};
use fujiao_store::{
    AskedPair, Event, LinkDecision, NewDecision, PersonEvent, PersonEventKind, Tx, Undone,
};
use jiff::Timestamp;

use crate::desk::shown;
use crate::import::name_of;
use crate::natural_key::Hash128;
use crate::{Office, OfficeError};
pub use answers::review_sheet;
pub use mine::{InLine, MyReview};
pub use why::Why;
use words::{Pair, Words, key_of, pair};

/// What a person says about two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 是同一人.
    Same,
    /// 不是同一人.
    Different,
}

impl Answer {
    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
        }
    }

    /// As on paper.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Same => "是",
            Self::Different => "否",
        }
    }

    fn of(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

/// Why a decision cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// Nobody stands for it.
    #[error("没有写是谁定的；补上姓名：--by 姓名")]
    Nobody,
    /// No such row about a person.
    #[error("第 {0} 号来源行不在台账、不是说人的，或已被更正；换一行")]
    NoSuchRow(u64),
    /// No row at such a place.
    #[error(
        "台账里没有“{0}”这一行；照 persons.csv 的 file、sheet、row 三列，写成 文件:工作表:行号"
    )]
    NoSuchPlace(String),
    /// A row with itself.
    #[error("两处填的是同一行（第 {0} 号来源行）；换一行")]
    OneRow(u64),
    /// No such pair among those asked about or decided.
    #[error("没有编号 {0} 这一对；重新导出待核表，按新表填：fujiao review --out 待核.csv")]
    NoSuchPair(String),
    /// There is no such decision, or none that stands.
    #[error("没有编号 {0} 的结论，或已经撤回；检查编号：fujiao review --history")]
    NoSuchDecision(String),
    /// Other decisions say otherwise.
    #[error(
        "{key} 的结论与已定的 {} 矛盾，没有记下；核对后先撤回不对的一个：fujiao review --undo 编号 --by 姓名 --why 原因",
        .against.join("、")
    )]
    Contradicts {
        /// The pair.
        key: String,
        /// The decisions that stand against it.
        against: Vec<String>,
    },
    /// A file of answers does not read as a whole.
    #[error("{0}")]
    File(String),
    /// Lines of a file of answers cannot be taken; nothing of it was.
    #[error("{file}：{} 行填得不对，整份没有记下；改好再来\n{}", .lines.len(), .lines.join("\n"))]
    Lines {
        /// The file.
        file: String,
        /// A sentence for each, with line, column and remedy.
        lines: Vec<String>,
    },
}

/// One of the two rows of a pair, as a person knows it again; personal numbers masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// Id of the source row.
    pub row_id: u64,
    /// The file as the office handed it over.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// The row, as the spreadsheet shows it.
    pub row: u32,
    /// What the sheet lists.
    pub kind: RosterKind,
    /// 姓名.
    pub name: String,
    /// 身份证号, masked; what is written there if it does not check.
    pub citizen_id: String,
    /// Whether the id is a valid one.
    pub has_id: bool,
    /// 出生日期.
    pub born: String,
    /// 乡镇 and 村.
    pub place: String,
    /// 学校.
    pub school: String,
    /// 年级 and 班级.
    pub class: String,
    /// 监护人 or 户主.
    pub guardian: String,
    /// 电话, masked.
    pub phone: String,
}

/// A pair in doubt.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewPair {
    /// What it is called, from run to run.
    pub key: String,
    /// The two rows.
    pub rows: [ReviewRow; 2],
    /// Match weight, log₂ of the odds.
    pub weight: f64,
    /// The odds as a probability.
    pub probability: f64,
    /// The waterfall.
    pub why: Why,
    /// The same in one sentence.
    pub sentence: String,
}

/// How people's answers went over a range of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Pairs at least this likely …
    pub from: f64,
    /// … and less likely than this.
    pub to: f64,
    /// Answers that stand.
    pub answers: u64,
    /// Of them: the same person.
    pub same: u64,
    /// The share of the same, with Wilson's bounds.
    pub share: Interval,
}

/// What people are asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// Likeliest first.
    pub pairs: Vec<ReviewPair>,
    /// How many wait in all; `pairs` may be fewer.
    pub waiting: u64,
    /// How many pairs each threshold would ask about, the highest first.
    pub bands: Vec<(f64, u64)>,
    /// What the answers so far say of the probabilities.
    pub measured: Vec<Measured>,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionState {
    /// 下次核算生效: no assessment since.
    Waits,
    /// 已照办.
    Holds,
    /// 没有照办: what else is known stands against it.
    Fails,
    /// 行已不在: one of its rows is no longer there.
    Void,
    /// 已撤回.
    Undone,
}

impl DecisionState {
    /// For programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Void => "void",
            Self::Undone => "undone",
        }
    }

    /// For people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Waits => "下次核算生效",
            Self::Holds => "已照办",
            Self::Fails => "没有照办：与别的结论矛盾",
            Self::Void => "有一行已不在台账",
            Self::Undone => "已撤回",
        }
    }
}

/// A decision with its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The pair's key.
    pub key: String,
    /// What was said.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: Option<String>,
    /// When it was taken back, by whom and why.
    pub undone: Option<Undone>,
    /// What became of it.
    pub state: DecisionState,
    /// The two rows, where they are still there.
    pub rows: [Option<ReviewRow>; 2],
}

/// What people decided and what assessments did to persons.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// In the order in which they were said.
    pub decisions: Vec<Decided>,
    /// In their order, each with the time of the assessment.
    pub events: Vec<(Timestamp, PersonEvent)>,
}

/// How many decisions were new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// 是.
    pub same: u64,
    /// 否.
    pub different: u64,
    /// Said before: nothing changed.
    pub again: u64,
}

/// The ranges of probability for which answers are counted.
const RANGES: [(f64, f64); 4] = [(0.9, 1.0), (0.5, 0.9), (0.2, 0.5), (0.0, 0.2)];

impl Office {
    /// The pairs in doubt that nobody has decided yet, likeliest first, no more than `limit`.
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] before the first import; what the store says.
    pub fn review(&self, limit: usize) -> Result<Review, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let asked = tx.asked_pairs(county)?;
            let waiting = asked.len() as u64;
            let rows = RowReader::new(tx, county)?;
            let pairs = asked
                .into_iter()
                .take(limit)
                .map(|asked| review_pair(tx, &rows, asked))
                .collect::<Result<_, OfficeError>>()?;
            let measured = measured(&tx.decisions(county)?);
            Ok(Review { pairs, waiting, bands: tx.bands(county)?, measured })
        })
    }

    /// The source row that is called `file:sheet:row`, as `persons.csv` has them.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchPlace`] if no live row stands there.
    pub fn row_named(&self, name: &str) -> Result<u64, OfficeError> {
        let county = self.county_code()?;
        let nowhere = || ReviewError::NoSuchPlace(name.to_owned());
        let (place, row) = name.rsplit_once([':', '：']).ok_or_else(nowhere)?;
        let (file, sheet) = place.rsplit_once([':', '：']).ok_or_else(nowhere)?;
        let row: u32 = row.trim().parse().map_err(|_| nowhere())?;
        self.store.read(|tx| {
            let files = tx.files(county)?;
            let sheets = tx.sheets(county)?;
            for known in files.iter().filter(|f| name_of(f) == file) {
                let mut of_file =
                    sheets.iter().filter(|(id, s)| *id == known.id && s.name == sheet);
                if let Some((_, sheet)) = of_file.next()
                    && let Some(id) = tx.row_at(county, known, sheet.number, row)?
                {
                    return Ok(id);
                }
            }
            Err(nowhere().into())
        })
    }

    /// Takes a decision about two source rows; `false` if the same was said before, which changes nothing. It takes effect
    /// at the next assessment. It is the only way in which two different valid ids become one person.
    ///
    /// # Errors
    /// [`ReviewError`] if nobody stands for it, the rows are not there, or another decision says otherwise.
    pub fn decide(
        &mut self,
        left: u64,
        right: u64,
        answer: Answer,
        by: &str,
        why: Option<&str>,
        at: Timestamp,
    ) -> Result<bool, OfficeError> {
        let county = self.county_code()?;
        let by = somebody(by)?;
        if left == right {
            return Err(ReviewError::OneRow(left).into());
        }
        self.store.write(|tx| {
            let mut key = |row: u64| match tx.key_of_row(county, row)? {
                Some((kind, key)) if kind.is_about_persons() => Ok(key),
                _ => Err(OfficeError::from(ReviewError::NoSuchRow(row))),
            };
            let rows = pair(key(left)?, key(right)?);
            let mut taking = Taking::new(tx, county, by, at)?;
            let new = taking.take(rows, answer, why)?;
            if new {
                let object = format!("pair {}", key_of(rows));
                taking.audit("decide", &object, answer.code())?;
            }
            Ok(new)
        })
    }

    /// Takes a decision back by the key of its pair. It stays in the history; the next assessment goes without it.
    ///
    /// # Errors
    /// [`ReviewError::NoSuchDecision`] if none stands, [`ReviewError::Nobody`] if nobody takes it back.
    pub fn undo(
        &mut self,
        key: &str,
        by: &str,
        why: Option<&str>,
        at: Timestamp,
    ) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let by = somebody(by)?;
        self.store.write(|tx| {
            let decision = tx
                .decisions(county)?
                .into_iter()
                .find(|d| d.undone.is_none() && key_of((d.left, d.right)).eq_ignore_ascii_case(key))
                .ok_or_else(|| ReviewError::NoSuchDecision(key.to_owned()))?;
            let undone = Undone { at, actor: by.to_owned(), why: why.map(str::to_owned) };
            tx.undo_decision(county, decision.number, &undone)?;
            tx.audit(&Event {
                county,
                at,
                actor: by,
                action: "undo decision",
                object: &format!("pair {}", key_of((decision.left, decision.right))),
                detail: Answer::of(decision.same).code(),
            })?;
            Ok(())
        })
    }

    /// Everything that was decided, taken back or not, and what assessments did to persons.
    ///
    /// # Errors
    /// [`OfficeError::NoRosters`] before the first import; what the store says.
    pub fn decision_history(&self) -> Result<History, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let assessed = tx.live_run(county)?.map(|run| run.started_at);
            let reader = RowReader::new(tx, county)?;
            let mut decisions = Vec::new();
            for d in tx.decisions(county)? {
                let (left, right) =
                    (tx.live_row_of_key(county, &d.left)?, tx.live_row_of_key(county, &d.right)?);
                let one = || Some(left?.1? == right?.1?);
                let state = match (&d.undone, one()) {
                    (Some(_), _) => DecisionState::Undone,
                    _ if left.is_none() || right.is_none() => DecisionState::Void,
                    _ if assessed.is_none_or(|run| run < d.at) => DecisionState::Waits,
                    (None, one) if one == Some(d.same) => DecisionState::Holds,
                    _ => DecisionState::Fails,
                };
                let mut row = |live: Option<(u64, _)>| match live {
                    Some((id, _)) => reader.row(tx, id),
                    None => Ok(None),
                };
                decisions.push(Decided {
                    key: key_of((d.left, d.right)),
                    answer: Answer::of(d.same),
                    rows: [row(left)?, row(right)?],
                    at: d.at,
                    by: d.actor,
                    note: d.note,
                    undone: d.undone,
                    state,
                });
            }
            Ok(History { decisions, events: tx.person_events(county)? })
        })
    }
}

/// Decisions on their way into the books, in one transaction.
struct Taking<'a, 't> {
    tx: &'a mut Tx<'t>,
    county: u32,
    by: &'a str,
    at: Timestamp,
    words: Words,
    /// Weights of the pairs that were asked about.
    weights: BTreeMap<Pair, f64>,
}

impl<'a, 't> Taking<'a, 't> {
    fn new(
        tx: &'a mut Tx<'t>,
        county: u32,
        by: &'a str,
        at: Timestamp,
    ) -> Result<Self, OfficeError> {
        let mut words = Words::default();
        for d in tx.decisions(county)?.iter().filter(|d| d.undone.is_none()) {
            words.say((d.left, d.right), d.same);
        }
        let weights = tx
            .asked_pairs(county)?
            .into_iter()
            .map(|asked| (pair(asked.left_key, asked.right_key), asked.ask.weight))
            .collect();
        Ok(Self { tx, county, by, at, words, weights })
    }

    /// Books one decision; `false` if it was said before.
    fn take(
        &mut self,
        rows: Pair,
        answer: Answer,
        note: Option<&str>,
    ) -> Result<bool, OfficeError> {
        let same = answer == Answer::Same;
        if self.words.about(rows) == Some(same) {
            return Ok(false);
        }
        let against = self.words.against(rows, same);
        if !against.is_empty() {
            return Err(ReviewError::Contradicts { key: key_of(rows), against }.into());
        }
        let (left, right): (Hash128, Hash128) = rows;
        let weight = self.weights.get(&rows).copied();
        let new = NewDecision { left, right, same, weight, at: self.at, actor: self.by, note };
        self.tx.decide(self.county, &new)?;
        self.words.say(rows, same);
        Ok(true)
    }

    fn audit(&mut self, action: &str, object: &str, detail: &str) -> Result<(), OfficeError> {
        let (county, at, actor) = (self.county, self.at, self.by);
        Ok(self.tx.audit(&Event { county, at, actor, action, object, detail })?)
    }
}

/// The name of whoever decides.
fn somebody(by: &str) -> Result<&str, ReviewError> {
    let by = by.trim();
    if by.is_empty() { Err(ReviewError::Nobody) } else { Ok(by) }
}

fn review_pair(tx: &mut Tx, rows: &RowReader, asked: AskedPair) -> Result<ReviewPair, OfficeError> {
    let AskedPair { ask, left_key, right_key } = asked;
    let mut row = |id| {
        let row = rows.row(tx, id)?;
        Ok::<_, OfficeError>(row.expect("a pair's rows are in the books: no row is ever deleted"))
    };
    let rows = [row(ask.left)?, row(ask.right)?];
    let why = Why::parse(&ask.why);
    let odds = ask.weight.exp2();
    Ok(ReviewPair {
        key: key_of(pair(left_key, right_key)),
        sentence: why.sentence(rows.iter().filter(|r| r.has_id).count()),
        rows,
        weight: ask.weight,
        probability: odds / (1.0 + odds),
        why,
    })
}

/// Reads source rows as people know them again.
struct RowReader {
    county: u32,
    files: BTreeMap<u64, String>,
    sheets: BTreeMap<(u64, u16), String>,
}

impl RowReader {
    fn new(tx: &mut Tx, county: u32) -> Result<Self, OfficeError> {
        let files = tx.files(county)?.iter().map(|f| (f.id, name_of(f))).collect();
        let sheets = tx.sheets(county)?.into_iter().map(|(f, s)| ((f, s.number), s.name)).collect();
        Ok(Self { county, files, sheets })
    }

    fn row(&self, tx: &mut Tx, id: u64) -> Result<Option<ReviewRow>, OfficeError> {
        let Some(stored) = tx.rows_between(self.county, id, id)?.pop() else { return Ok(None) };
        let fields = &stored.row.fields;
        let said = |wanted: &[Field]| said(fields, wanted);
        let both = |a: Field, b: Field| format!("{}{}", said(&[a]), said(&[b]));
        Ok(Some(ReviewRow {
            row_id: id,
            file: self.files.get(&stored.file_id).cloned().unwrap_or_default(),
            sheet: self
                .sheets
                .get(&(stored.file_id, stored.row.sheet))
                .cloned()
                .unwrap_or_default(),
            row: stored.row.row,
            kind: stored.row.kind,
            name: said(&[Field::Name]),
            citizen_id: said(&[Field::CitizenId, Field::IdAsWritten]),
            has_id: fields.id(Field::CitizenId).is_some(),
            born: said(&[Field::BirthDate]),
            place: both(Field::Town, Field::Village),
            school: said(&[Field::School]),
            class: both(Field::Grade, Field::Class),
            guardian: said(&[Field::GuardianName, Field::HeadName]),
            phone: said(&[Field::Phone, Field::GuardianPhone]),
        }))
    }
}

/// The first of the fields that the row fills, as pages show it.
fn said(fields: &Fields, wanted: &[Field]) -> String {
    let first = wanted.iter().find_map(|f| fields.get(*f).map(|value| shown(*f, value)));
    first.unwrap_or_default()
}

fn measured(decisions: &[LinkDecision]) -> Vec<Measured> {
    RANGES
        .iter()
        .map(|&(from, to)| {
            let within = |d: &&LinkDecision| {
                d.undone.is_none()
                    && d.weight.is_some_and(|w| {
                        let odds = w.exp2();
                        (from..to).contains(&(odds / (1.0 + odds)))
                    })
            };
            let answers = decisions.iter().filter(within).count() as u64;
            let same = decisions.iter().filter(within).filter(|d| d.same).count() as u64;
            Measured { from, to, answers, same, share: Interval::wilson(same, answers) }
        })
        .filter(|m| m.answers > 0)
        .collect()
}

/// An event in one sentence. `count`: rows, or persons.
pub fn event_sentence(event: &PersonEvent) -> String {
    let id = |id: Option<u64>| id.map(|id| fujiao_model::Subject::person(id).to_string());
    let (person, other) =
        (id(event.person).unwrap_or_default(), id(event.other).unwrap_or_default());
    let rows = event.count;
    match event.kind {
        PersonEventKind::Merged => format!("合并：{other} 并入 {person}，{rows} 行"),
        PersonEventKind::Split => format!("拆分：{person} 分出 {other}，{rows} 行"),
        PersonEventKind::Moved => format!("移动：{person} 的 {rows} 行改归 {other}"),
        PersonEventKind::New => format!("新增：{rows} 人"),
    }
}
