//! What the pages show: plain structs, settled before a template sees them.

use std::collections::BTreeSet;

use fujiao_model::{
    Area, Division, ExcessKind, Field, FindingKind, Grade, Period, RosterKind, RowVerdict, Sex,
    Subject, Unit,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::At;

/// What stands on every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The county's six digits.
    pub county: u32,
    /// The county's name, as its place register has it.
    pub county_name: String,
    /// Made data: every page says 示例数据.
    pub sample: bool,
    /// The day that the figures are as of; `None` before the first assessment.
    pub as_of: Option<Date>,
    /// Duties with a gap, by area in the order of [`Area::ALL`].
    pub open: Vec<(Area, i64)>,
}

/// A title in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}

/// 应, 已 and 差 of a group of duties, in one unit or, over several units, in duties (件).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many duties.
    pub duties: i64,
    /// How many of them have a gap.
    pub open: i64,
    /// How many of those are past their due date.
    pub overdue: i64,
    /// The unit of the sums below; `None` where duties of several units meet, or there are none.
    pub unit: Option<Unit>,
    /// Whether duties of several units meet, so that the sums mean nothing.
    pub mixed: bool,
    /// What is due, in `unit`s.
    pub due: i64,
    /// What is done against it.
    pub done: i64,
    /// What is missing.
    pub gap: i64,
    /// How many deeds stand, in whole or in part, against no duty.
    pub excesses: i64,
    /// The first due date of a duty with a gap that is not past yet.
    pub next_due: Option<Date>,
}

impl Tally {
    /// Adds another group. Sums of different units are given up; counts stay.
    pub fn add(&mut self, other: &Self) {
        if let Some(unit) = other.unit {
            self.mixed |= self.unit.is_some_and(|u| u != unit) || other.mixed;
            self.unit = if self.mixed { None } else { Some(unit) };
        }
        self.mixed |= other.mixed;
        if self.mixed {
            self.unit = None;
        }
        self.duties += other.duties;
        self.open += other.open;
        self.overdue += other.overdue;
        self.due += other.due;
        self.done += other.done;
        self.gap += other.gap;
        self.excesses += other.excesses;
        self.next_due = match (self.next_due, other.next_due) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// The unit to show: none for money and for mixed units, where duties are counted.
    pub fn shown_unit(&self) -> Option<Unit> {
        self.unit.filter(|u| *u != Unit::Fen)
    }

    /// 应, 已, 差 in [`Tally::shown_unit`], or in duties.
    pub fn shown(&self) -> (i64, i64, i64) {
        match self.shown_unit() {
            Some(_) => (self.due, self.done, self.gap),
            None => (self.duties, self.duties - self.open, self.open),
        }
    }

    /// Done of due in hundredths of a percent, cut; below 10 000 while any gap remains.
    pub fn rate(&self) -> i64 {
        let (due, done, gap) = self.shown();
        if due <= 0 {
            return 10_000;
        }
        let cut = i64::try_from(i128::from(done.max(0)) * 10_000 / i128::from(due)).unwrap_or(0);
        if gap > 0 { cut.min(9_999) } else { cut.min(10_000) }
    }
}

/// How a duty stands on the as-of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is missing.
    Done,
    /// Something is missing and there are this many days left; 0 is today.
    Open(i32),
    /// Something is missing, and the due date passed this many days ago.
    Overdue(i32),
}

/// Where a record came from: one row of one sheet of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Id of the source row.
    pub row_id: u64,
    /// File name, as the office sent it.
    pub file: String,
    /// Name of the sheet.
    pub sheet: String,
    /// Row number, as the spreadsheet shows it.
    pub row: i64,
    /// What the sheet lists.
    pub kind: RosterKind,
}

/// A school where it stands beside something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolRef {
    /// Id in the register.
    pub id: u64,
    /// Name.
    pub name: String,
}

/// Whom a line is about, in words.
#[derive(Clone, Debug)]
pub struct Who {
    /// The subject.
    pub subject: Subject,
    /// Name of the person, household head, school, place or fund.
    pub name: String,
    /// Masked citizen id, household number, school code: what tells two of one name apart.
    pub detail: String,
    /// The school that a person is in.
    pub school: Option<SchoolRef>,
    /// The grade that a person is in.
    pub grade: Option<Grade>,
    /// The class.
    pub class: String,
}

/// One duty with its deeds: a line of a list.
#[derive(Clone, Debug)]
pub struct Line {
    /// Id within the assessment.
    pub duty: i64,
    /// The area.
    pub area: Area,
    /// Programme or standard.
    pub kind: String,
    /// Its title.
    pub title: Title,
    /// Whom it is owed to.
    pub who: Who,
    /// Where it counts.
    pub place: Option<Division>,
    /// The name of that place, town first.
    pub place_name: String,
    /// For which time.
    pub period: Option<Period>,
    /// What the quantities count.
    pub unit: Unit,
    /// 应
    pub due: i64,
    /// 已
    pub done: i64,
    /// 差
    pub gap: i64,
    /// 限
    pub due_on: Option<Date>,
    /// 责
    pub bearer: String,
    /// The rule and the first period of its amount.
    pub rule: String,
    /// 依: the legal basis.
    pub basis: String,
    /// The facts, in one sentence.
    pub facts: String,
    /// The first source rows that the facts came from.
    pub origins: Vec<Origin>,
    /// How many source rows there are in all.
    pub sources: usize,
    /// How it stands.
    pub state: State,
    /// What was done for the same subject, kind and period; filled in on a person's page.
    pub deeds: Vec<DeedLine>,
}

/// One deed.
#[derive(Clone, Debug)]
pub struct DeedLine {
    /// Id within the assessment.
    pub deed: i64,
    /// Where it counts.
    pub place: Option<Division>,
    /// The area.
    pub area: Area,
    /// Programme or standard.
    pub kind: String,
    /// Its title.
    pub title: Title,
    /// For whom.
    pub who: Who,
    /// For which time.
    pub period: Option<Period>,
    /// What the quantity counts.
    pub unit: Unit,
    /// How much was done; below zero for a return.
    pub quantity: i64,
    /// How much of it stands against no duty.
    pub excess: i64,
    /// Why.
    pub excess_kind: Option<ExcessKind>,
    /// When.
    pub done_on: Option<Date>,
    /// Where it counts.
    pub place_name: String,
    /// Its source row.
    pub evidence: u64,
    /// Where that row stands, if it was looked up.
    pub origin: Option<Origin>,
}

/// 应, 已 and 差 of one town.
#[derive(Clone, Debug)]
pub struct TownLine {
    /// The town; `None` for duties without a place.
    pub town: Option<Division>,
    /// Its name.
    pub name: String,
    /// Longitude and latitude in millionths of a degree, if known.
    pub at: Option<(i64, i64)>,
    /// Its figures.
    pub tally: Tally,
}

/// 今日: how the county stands.
#[derive(Clone, Debug)]
pub struct Today {
    /// What stands on every page.
    pub frame: Frame,
    /// The areas that have duties or deeds, in the order of [`Area::ALL`].
    pub areas: Vec<(Area, Tally)>,
    /// The area that the town table is about.
    pub chosen: Area,
    /// Towns, the biggest gap first; villages for whoever has no whole county.
    pub towns: Vec<TownLine>,
    /// Whether they are villages.
    pub by_village: bool,
    /// The most urgent duties with a gap, one a subject at most: overdue schooling first.
    pub urgent: Vec<Line>,
    /// How many duties are overdue in all.
    pub overdue: i64,
    /// Rows parked or refused at intake, still open.
    pub to_check: i64,
}

/// Which lines of an area to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Duties with a gap.
    #[default]
    Gap,
    /// Duties with a gap and past their date.
    Overdue,
    /// Duties without a gap.
    Done,
    /// All duties.
    All,
    /// Deeds without a duty.
    Excess,
}

impl Show {
    /// Every choice, in the order of the menu.
    pub const ALL: [Self; 5] = [Self::Gap, Self::Overdue, Self::Done, Self::All, Self::Excess];

    /// The word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Overdue => "overdue",
            Self::Done => "done",
            Self::All => "all",
            Self::Excess => "excess",
        }
    }

    /// Reads the word; anything else is the list of gaps.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == text).unwrap_or_default()
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Earliest due date first.
    #[default]
    Due,
    /// Biggest gap first.
    Gap,
    /// By place.
    Place,
    /// By kind, then place.
    Kind,
}

impl Sort {
    /// Every order, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Due, Self::Gap, Self::Place, Self::Kind];

    /// The word in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Gap => "gap",
            Self::Place => "place",
            Self::Kind => "kind",
        }
    }

    /// Reads the word; anything else is the order by date.
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == text).unwrap_or_default()
    }
}

/// What a list is filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Duties with a gap, overdue, done, all, or deeds without a duty.
    pub show: Show,
    /// The order.
    pub sort: Sort,
    /// A town or village.
    pub town: Option<Division>,
    /// Programme or standard.
    pub kind: Option<String>,
    /// For which time.
    pub period: Option<Period>,
    /// The school that a person is in, or a school itself.
    pub school: Option<u64>,
    /// Part of a name of a person or school.
    pub name: String,
    /// Where the page begins.
    pub at: At,
}

/// The list of one area.
#[derive(Clone, Debug)]
pub struct AreaPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The area.
    pub area: Area,
    /// What was asked for.
    pub filter: Filter,
    /// The figures of the area, within the town, kind and period of the filter.
    pub tally: Tally,
    /// Duties, unless deeds without a duty are asked for.
    pub lines: Vec<Line>,
    /// Deeds without a duty, if asked for.
    pub excesses: Vec<DeedLine>,
    /// How many lines the filter lets through, over all pages.
    pub total: i64,
    /// How many lines a page holds.
    pub per_page: i64,
    /// Kinds of the area, with how many duties of each have a gap.
    pub kinds: Vec<(String, Title, i64)>,
    /// Periods of the area, latest first.
    pub periods: Vec<Period>,
    /// Towns.
    pub towns: Vec<(Division, String)>,
    /// The school of the filter.
    pub school: Option<SchoolRef>,
    /// The page before this one, if there is one.
    pub before: Option<At>,
    /// The page after this one, if there is one.
    pub after: Option<At>,
    /// Whether the reader may see the names; if not, there are figures and no lines.
    pub names: bool,
}

/// One thing that is known, and where from.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The field; an address stands under [`Field::Address`].
    pub field: Field,
    /// The value as shown: masked where it is secret.
    pub value: String,
    /// The newest rows that say so.
    pub origins: Vec<Origin>,
    /// What other rows say.
    pub others: Vec<(String, Origin)>,
}

/// A paper that proves hardship, or that a child is lawfully in no class.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// 脱贫户, 农村低保, 残疾人证 … (the term of its code table).
    pub name: String,
    /// Valid from.
    pub from: String,
    /// Valid to; empty where it does not end.
    pub to: String,
    /// Whether it holds on the as-of day.
    pub valid: bool,
    /// Its row.
    pub origin: Origin,
}

/// One enrolment.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// School year, term or month that the roster names.
    pub term: String,
    /// The school.
    pub school: String,
    /// The school's id, if it is in the register.
    pub school_id: Option<u64>,
    /// 七年级
    pub grade: String,
    /// The class as written.
    pub class: String,
    /// 住校, 走读
    pub boarding: String,
    /// 在籍在读, 转出 …
    pub status: String,
    /// Whether the status is anything but active.
    pub left: bool,
    /// Its row.
    pub origin: Origin,
}

/// Something that happened: a contact, a training, a job, an absence.
#[derive(Clone, Debug)]
pub struct Event {
    /// The day, month or period.
    pub when: String,
    /// What the sheet lists.
    pub kind: RosterKind,
    /// In a few words.
    pub what: String,
    /// Its row.
    pub origin: Origin,
}

/// A member of a household.
#[derive(Clone, Debug)]
pub struct Member {
    /// Id in the register.
    pub id: u64,
    /// Name.
    pub name: String,
    /// Masked citizen id.
    pub citizen_id: String,
    /// Sex.
    pub sex: Option<Sex>,
    /// Year of birth or the whole date, as known.
    pub born_on: String,
    /// Age on the as-of day, if the date is known.
    pub age: Option<i16>,
    /// The school that the member is in.
    pub school: Option<SchoolRef>,
    /// The grade.
    pub grade: Option<Grade>,
    /// Duties with a gap.
    pub open: i64,
    /// Whether the reader may open the member's page.
    pub in_reach: bool,
}

/// A group of personal numbers that the reader may see whole.
#[derive(Clone, Debug)]
pub struct SecretLine {
    /// Its word.
    pub code: String,
    /// Its name.
    pub title: Title,
    /// Whether it is shown whole now.
    pub open: bool,
}

/// The page of one person.
#[derive(Clone, Debug)]
pub struct PersonPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The person.
    pub who: Who,
    /// Sex.
    pub sex: Option<Sex>,
    /// Age on the as-of day.
    pub age: Option<i16>,
    /// Town, for the crumbs.
    pub town: Option<(Division, String)>,
    /// The household, and its number.
    pub household: Option<(u64, String)>,
    /// All duties.
    pub tally: Tally,
    /// Duties by period, latest first.
    pub lines: Vec<Line>,
    /// Deeds without a duty.
    pub excesses: Vec<DeedLine>,
    /// Facts with their sources.
    pub facts: Vec<Fact>,
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Enrolments, latest first.
    pub schooling: Vec<Enrolled>,
    /// Contacts, absences, training, jobs; latest first.
    pub events: Vec<Event>,
    /// The other members of the household.
    pub members: Vec<Member>,
    /// How many source rows are about the person.
    pub rows: i64,
    /// Personal numbers that the reader may see whole, if they say why.
    pub secrets: Vec<SecretLine>,
    /// Of the schools named here, those whose page the reader may open.
    pub open_schools: BTreeSet<u64>,
}

/// The page of one household.
#[derive(Clone, Debug)]
pub struct HouseholdPage {
    /// What stands on every page.
    pub frame: Frame,
    /// Id in the register.
    pub id: u64,
    /// 户编号.
    pub number: String,
    /// Name of the head.
    pub head: String,
    /// 脱贫户 …, if the household is of any kind but ordinary.
    pub kind: String,
    /// Town and village.
    pub place_name: String,
    /// Town, for the crumbs.
    pub town: Option<(Division, String)>,
    /// The figures of the household and its members.
    pub tally: Tally,
    /// Its own duties.
    pub lines: Vec<Line>,
    /// Its members.
    pub members: Vec<Member>,
    /// The household's rows.
    pub origins: Vec<Origin>,
    /// Of the schools named here, those whose page the reader may open.
    pub open_schools: BTreeSet<u64>,
}

/// A class and how many are in it.
#[derive(Clone, Debug)]
pub struct ClassSize {
    /// The grade.
    pub grade: Option<Grade>,
    /// The class as written.
    pub class: String,
    /// Pupils.
    pub pupils: i64,
}

/// The page of one school.
#[derive(Clone, Debug)]
pub struct SchoolPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The school.
    pub school: SchoolRef,
    /// 学校标识码, or empty.
    pub code: String,
    /// 小学, 教学点, 九年一贯制 …
    pub kind: String,
    /// Whether it counts as rural; `None` where nobody said.
    pub rural: Option<bool>,
    /// Day of closing, if closed.
    pub closed_on: String,
    /// Town.
    pub town: Option<(Division, String)>,
    /// Pupils now.
    pub pupils: i64,
    /// Of them boarding.
    pub boarders: i64,
    /// Figures by area: of the school itself and of its pupils.
    pub areas: Vec<(Area, Tally)>,
    /// The school's own duties: conditions, teachers, places, the biggest gap first.
    pub lines: Vec<Line>,
    /// Classes.
    pub classes: Vec<ClassSize>,
    /// Where its facts came from.
    pub origins: Vec<Origin>,
}

/// A line of the list of schools.
#[derive(Clone, Debug)]
pub struct SchoolLine {
    /// The school.
    pub school: SchoolRef,
    /// 小学, 教学点 …
    pub kind: String,
    /// Town.
    pub town: String,
    /// Closed: it is still listed, last.
    pub closed: bool,
    /// Pupils now.
    pub pupils: i64,
    /// The school's own duties.
    pub tally: Tally,
}

/// The list of schools.
#[derive(Clone, Debug)]
pub struct SchoolsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The town of the filter.
    pub town: Option<Division>,
    /// Part of a name.
    pub name: String,
    /// Schools, the most open duties first.
    pub schools: Vec<SchoolLine>,
    /// Towns.
    pub towns: Vec<(Division, String)>,
}

/// One cell of a source row.
#[derive(Clone, Debug)]
pub struct CellView {
    /// The column's field; `None` for a column that nobody knows.
    pub field: Option<Field>,
    /// What stands there, masked where it is secret.
    pub value: String,
    /// Position of an unknown column, from 0.
    pub column: Option<u16>,
    /// Whether it is a field that a correction can be laid over.
    pub can_be_corrected: bool,
}

/// The page of one source row, as the office sent it.
#[derive(Clone, Debug)]
pub struct SourcePage {
    /// What stands on every page.
    pub frame: Frame,
    /// Where it stands.
    pub origin: Origin,
    /// Id of the file.
    pub file_id: u64,
    /// The office or folder that the file came from.
    pub office: String,
    /// When the file was taken in.
    pub imported_at: String,
    /// What became of it.
    pub verdict: RowVerdict,
    /// Whether a later row took its place.
    pub superseded: bool,
    /// Its cells.
    pub cells: Vec<CellView>,
    /// What is wrong with it.
    pub findings: Vec<FindingLine>,
    /// Whom it is about.
    pub person: Option<(u64, String)>,
    /// The household that it is about.
    pub household: Option<u64>,
    /// The school that it is about.
    pub school: Option<SchoolRef>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct FindingLine {
    /// Sheet, from 0.
    pub sheet: i64,
    /// Row, as the spreadsheet shows it; 0 for the whole sheet.
    pub row: i64,
    /// Letters of the column; empty for the whole row.
    pub column: String,
    /// The field, if known.
    pub field: Option<Field>,
    /// What is wrong.
    pub kind: Option<FindingKind>,
    /// In a sentence.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// What becomes of the row.
    pub verdict: RowVerdict,
    /// The row, if it was taken in.
    pub row_id: Option<u64>,
}

/// One imported file.
#[derive(Clone, Debug)]
pub struct FileLine {
    /// Id.
    pub id: u64,
    /// Name.
    pub name: String,
    /// The office or folder that it came from.
    pub office: String,
    /// What its sheets list.
    pub kinds: Vec<RosterKind>,
    /// When it was taken in.
    pub imported_at: String,
    /// Rows.
    pub rows: RowCounts,
}

/// Rows of a file, or of all: `read` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// 读取
    pub read: i64,
    /// 新增
    pub created: i64,
    /// 更新
    pub updated: i64,
    /// 未变
    pub unchanged: i64,
    /// 待核
    pub parked: i64,
    /// 拒收
    pub refused: i64,
}

impl RowCounts {
    /// Whether the parts add up to what was read.
    pub fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.unchanged + self.parked + self.refused
    }
}

/// 数据: what was brought in.
#[derive(Clone, Debug)]
pub struct DataPage {
    /// What stands on every page.
    pub frame: Frame,
    /// All files together.
    pub total: RowCounts,
    /// How many files there are.
    pub files_total: i64,
    /// Files of this page: those with something to check first.
    pub files: Vec<FileLine>,
    /// Part of a name or office.
    pub name: String,
    /// Page, from 1.
    pub page: i64,
    /// Files a page.
    pub per_page: i64,
    /// Persons in the register.
    pub persons: i64,
    /// Households.
    pub households: i64,
    /// Schools.
    pub schools: i64,
    /// Pairs of records that wait for a person's decision.
    pub asks: i64,
}

/// What is wrong with one file.
#[derive(Clone, Debug)]
pub struct FilePage {
    /// What stands on every page.
    pub frame: Frame,
    /// The file.
    pub file: FileLine,
    /// Findings of this page.
    pub findings: Vec<FindingLine>,
    /// How many there are.
    pub total: i64,
    /// Page, from 1.
    pub page: i64,
    /// Findings a page.
    pub per_page: i64,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct SearchPage {
    /// What stands on every page.
    pub frame: Frame,
    /// What was looked for.
    pub name: String,
    /// Whether it was too short to look for.
    pub too_short: bool,
    /// Persons, by name.
    pub persons: Vec<Member>,
    /// How many persons match in all.
    pub persons_total: i64,
    /// Schools, by name.
    pub schools: Vec<SchoolRef>,
    /// Of the schools that persons go to, those whose page the reader may open.
    pub open_schools: BTreeSet<u64>,
}
