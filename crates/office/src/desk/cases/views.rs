//! What pages of cases show.

use fujiao_model::{Division, Grade};
use fujiao_watch::case::{Account, Closing, OverdueList, State};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::cases::{Chief, Officer, PaperOffer};
use crate::desk::{At, Frame, SchoolRef, Title};
use crate::entries::EntryKey;

/// Which cases a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseTab {
    /// Open ones.
    #[default]
    Open,
    /// Those that wait for the reader.
    Mine,
    /// 核查逾期
    Check,
    /// 家访逾期
    Visit,
    /// 送达与服务逾期
    Service,
    /// 跟踪逾期
    FollowUp,
    /// Closed ones.
    Closed,
}

impl CaseTab {
    /// All, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Mine,
        Self::Check,
        Self::Visit,
        Self::Service,
        Self::FollowUp,
        Self::Closed,
    ];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mine => "mine",
            Self::Check => "check",
            Self::Visit => "visit",
            Self::Service => "service",
            Self::FollowUp => "follow_up",
            Self::Closed => "closed",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.code() == text)
    }

    pub(super) fn shows(self, line: &CaseLine) -> bool {
        let overdue = |list| line.overdue_days > 0 && line.list == Some(list);
        match self {
            Self::Open => line.state != State::Closed,
            Self::Mine => line.mine,
            Self::Check => overdue(OverdueList::Check),
            Self::Visit => overdue(OverdueList::Visit),
            Self::Service => overdue(OverdueList::Service),
            Self::FollowUp => overdue(OverdueList::FollowUp),
            Self::Closed => line.state == State::Closed,
        }
    }
}

/// What a list of cases is filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Which.
    pub tab: CaseTab,
    /// Of one town or village.
    pub place: Option<Division>,
    /// Of one school.
    pub school: Option<u64>,
    /// In one state.
    pub state: Option<State>,
    /// Part of the child's name or the school's.
    pub name: String,
    /// Where the page begins.
    pub at: At,
}

/// What the last assessment says that the case does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseHint {
    /// A roster has the child in school: its return can be written down, with this row.
    Back(u64),
    /// After its return the child is on no roster again.
    AwayAgain,
    /// Schooling is not owed to the child here any more.
    NotOwed,
}

/// A case in a list.
#[derive(Clone, Debug)]
pub struct CaseLine {
    /// Its number.
    pub number: u64,
    /// The child's name; empty: in no register any more.
    pub name: String,
    /// The child's id, if its page is the reader's to see.
    pub person: Option<u64>,
    /// Its school now: enrolled there, or last.
    pub school: Option<SchoolRef>,
    /// Grade and class at the school where it was found.
    pub class: (Option<Grade>, String),
    /// Village or town.
    pub place: Option<Division>,
    /// In words.
    pub place_name: String,
    /// What the child was found by.
    pub facts: String,
    /// Its kind.
    pub title: Title,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Date,
    /// When it was found.
    pub opened_on: Date,
    /// The title of the chief whose turn it is; empty: closed.
    pub chief: Title,
    /// The person to whom it is assigned.
    pub officer: Option<String>,
    /// The day by which the first chief should have acted.
    pub due_on: Option<Date>,
    /// The next date.
    pub next_on: Option<Date>,
    /// How often it rose to the next chief.
    pub risen: u32,
    /// Days over; 0: in time.
    pub overdue_days: i32,
    /// The list that it stands on if it is overdue.
    pub list: Option<OverdueList>,
    /// How often the child left again.
    pub relapses: u32,
    /// Whether it waits for the reader.
    pub mine: bool,
    /// What the last assessment says besides.
    pub hint: Option<CaseHint>,
}

impl CaseLine {
    /// The day by which lists are ordered.
    pub(super) fn day(&self) -> Date {
        self.due_on.unwrap_or(self.since)
    }

    pub(super) fn key(&self) -> String {
        format!("{}~{}", self.day(), self.number)
    }
}

/// How cases stand in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseFigures {
    /// Open.
    pub open: i64,
    /// Not back and not excused.
    pub away: i64,
    /// Overdue.
    pub overdue: i64,
    /// Due today.
    pub today: i64,
    /// Due within seven days, not today.
    pub week: i64,
    /// Back since the first day of this term.
    pub returned: i64,
    /// Days since the longest that is away was found.
    pub longest_days: i32,
}

/// A list of cases.
#[derive(Clone, Debug)]
pub struct CasesPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day that deadlines are counted from.
    pub as_of: Date,
    /// What was asked for.
    pub filter: CaseFilter,
    /// How many each tab has, under the same filter.
    pub tabs: Vec<(CaseTab, i64)>,
    /// How many each state has, under the same filter.
    pub states: Vec<(State, i64)>,
    /// In sum, whatever the filter.
    pub figures: CaseFigures,
    /// Lines of this page.
    pub lines: Vec<CaseLine>,
    /// Open cases by state, under the same filter: how many, and the most urgent of each.
    pub board: Vec<(State, i64, Vec<CaseLine>)>,
    /// Lines of all pages.
    pub total: i64,
    /// Towns to choose from.
    pub towns: Vec<(Division, String)>,
    /// Schools to choose from.
    pub schools: Vec<SchoolRef>,
    /// Those to whom the reader may assign cases.
    pub officers: Vec<Officer>,
    /// The page before.
    pub before: Option<At>,
    /// The page after.
    pub after: Option<At>,
    /// How the chiefs are called: 镇长、村长 …
    pub chiefs: Vec<Title>,
}

/// A step as a page shows it.
#[derive(Clone, Debug)]
pub struct CaseStepLine {
    /// From 1.
    pub number: u32,
    /// When it happened.
    pub on: Date,
    /// Its word.
    pub code: String,
    /// What it says: a word of the pages, and a text.
    pub said: Vec<(&'static str, String)>,
    /// What was said of it; empty: nothing, or not the reader's to see.
    pub note: String,
    /// The state after it.
    pub state: State,
    /// Why it closed the case.
    pub closing: Option<Closing>,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// A visit that somebody wrote down on the page of visits.
#[derive(Clone, Debug)]
pub struct CaseVisit {
    /// Its key.
    pub key: EntryKey,
    /// When.
    pub on: Date,
    /// Who.
    pub author: String,
    /// Whom they met.
    pub met: String,
    /// What they saw and heard, personal numbers masked.
    pub text: String,
    /// Whether it is a step of the case already.
    pub taken: bool,
}

/// One case.
#[derive(Clone, Debug)]
pub struct CasePage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day that deadlines are counted from.
    pub as_of: Date,
    /// The case.
    pub line: CaseLine,
    /// The town's name.
    pub town: Option<(Division, String)>,
    /// The guardian's name.
    pub guardian: String,
    /// What happened, oldest first.
    pub steps: Vec<CaseStepLine>,
    /// The chiefs.
    pub chiefs: Vec<Chief>,
    /// Each step, with what stands in its way.
    pub acts: Vec<(&'static str, Option<String>)>,
    /// Why it could be closed today.
    pub closings: Vec<Closing>,
    /// Documents.
    pub papers: Vec<PaperOffer>,
    /// Visits since it was found.
    pub visits: Vec<CaseVisit>,
    /// Those to whom it can be assigned now.
    pub officers: Vec<Officer>,
    /// Places to which it can be transferred.
    pub places: Vec<(Division, String)>,
    /// Schools to which it can be transferred.
    pub schools: Vec<SchoolRef>,
    /// Whether the reader takes steps here.
    pub acts_here: bool,
    /// How many days return notices give, and how long children are followed if no day is agreed on.
    pub days: (i32, i32),
}

/// What a table of accountability counts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseBy {
    /// 镇
    #[default]
    Town,
    /// 学校
    School,
    /// 村
    Village,
}

impl CaseBy {
    /// All.
    pub const ALL: [Self; 3] = [Self::Town, Self::School, Self::Village];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Town => "town",
            Self::School => "school",
            Self::Village => "village",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == text)
    }
}

/// A line of the table of accountability.
#[derive(Clone, Debug)]
pub struct AccountLine {
    /// The town, school or village; empty: none.
    pub name: String,
    /// The town or village, for its list.
    pub place: Option<Division>,
    /// The school, for its list.
    pub school: Option<u64>,
    /// What it has to answer for.
    pub account: Account,
}

/// 问责表
#[derive(Clone, Debug)]
pub struct AccountsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day that deadlines are counted from.
    pub as_of: Date,
    /// What it counts by.
    pub by: CaseBy,
    /// Lines, most overdue first.
    pub lines: Vec<AccountLine>,
    /// All together.
    pub total: Account,
}

/// 村责任表: the chiefs of a village and its cases, to print.
#[derive(Clone, Debug)]
pub struct VillagePage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day that deadlines are counted from.
    pub as_of: Date,
    /// The village or town.
    pub place: Division,
    /// Its name.
    pub name: String,
    /// The chiefs of the place.
    pub chiefs: Vec<Chief>,
    /// Its open cases, each with the chiefs of the child.
    pub lines: Vec<(CaseLine, Vec<Chief>)>,
}

/// What a page of a person says of their case.
#[derive(Clone, Debug)]
pub struct PersonCase {
    /// The chiefs.
    pub chiefs: Vec<Chief>,
    /// The open case, or the last one.
    pub case: Option<CaseLine>,
}
