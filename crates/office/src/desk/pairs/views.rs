//! What pages of pairs, mentors and runs are given.

use fujiao_model::{Division, Grade};
use fujiao_store::{Mentor, PairRun};
use fujiao_watch::pair::Kind;
use jiff::civil::Date;

use crate::desk::{Frame, SchoolRef};
use crate::pairing::plan::PupilPlan;

/// How pairing stands on the reader's ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairFigures {
    /// Children to whom a mentor or contacts are owed.
    pub pupils: i64,
    /// Of them with a mentor.
    pub paired: i64,
    /// Of those with a mentor, with a contact this month, as of the assessment.
    pub met: i64,
    /// Of those with a mentor, who only got things this term.
    pub material_only: i64,
}

/// What a list of pairs is filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairFilter {
    /// Of one town or village.
    pub place: Option<Division>,
    /// Of one school.
    pub school: Option<u64>,
    /// Part of the child's or the mentor's name.
    pub name: String,
    /// `next` of the page before.
    pub after: String,
}

/// A child with somebody who looks after it, or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairChild {
    /// Its id.
    pub person: u64,
    /// Its name.
    pub name: String,
    /// Where it is enrolled.
    pub school: Option<SchoolRef>,
    /// Grade there.
    pub grade: Option<Grade>,
    /// Class there.
    pub class: String,
    /// Village or town, in words.
    pub place_name: String,
}

/// A pair in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairRow {
    /// The child.
    pub child: PairChild,
    /// The mentor's number.
    pub mentor: u64,
    /// The mentor's name.
    pub mentor_name: String,
    /// Where the mentor works.
    pub unit: String,
    /// Key of the mentor's kind.
    pub kind: String,
    /// Since when.
    pub from: Date,
    /// The run that made it; `None`: a roster says so.
    pub run: Option<u64>,
    /// Contacts this term that count, and goods or help in the household.
    pub contacts: (u32, u32),
    /// Whether one was made in the month of the assessment.
    pub month_met: bool,
    /// The last that counts.
    pub last_on: Option<Date>,
}

/// A list of pairs.
#[derive(Clone, Debug)]
pub struct PairsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// What was asked for.
    pub filter: PairFilter,
    /// In sum, whatever the filter.
    pub figures: PairFigures,
    /// Lines of this page, by mentor.
    pub lines: Vec<PairRow>,
    /// Lines of all pages.
    pub total: i64,
    /// The key behind which the next page begins.
    pub next: Option<String>,
    /// Towns to choose from.
    pub towns: Vec<(Division, String)>,
    /// The kinds of mentors.
    pub kinds: Vec<Kind>,
}

/// A child without a mentor, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutRow {
    /// The child.
    pub child: PairChild,
    /// What the last run says: words, and how many mentors each counts; empty: it was in none.
    pub reasons: Vec<(String, u64)>,
    /// The mentor who looked after it last, and why that ended.
    pub before: Option<(String, String)>,
}

/// Children without a mentor.
#[derive(Clone, Debug)]
pub struct WithoutPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The run whose reasons these are.
    pub run: Option<u64>,
    /// What was asked for.
    pub filter: PairFilter,
    /// Lines of this page.
    pub lines: Vec<WithoutRow>,
    /// Lines of all pages.
    pub total: i64,
    /// The key behind which the next page begins.
    pub next: Option<String>,
    /// Towns to choose from.
    pub towns: Vec<(Division, String)>,
}

/// Which mentors a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MentorTab {
    /// Those who look after pupils, or could.
    #[default]
    All,
    /// Those who did not sign yet.
    Unsigned,
    /// Those who signed and have room.
    Room,
    /// Those who look after as many as they can, or more.
    Full,
    /// Those who left.
    Left,
}

impl MentorTab {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [Self::All, Self::Unsigned, Self::Room, Self::Full, Self::Left];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Unsigned => "unsigned",
            Self::Room => "room",
            Self::Full => "full",
            Self::Left => "left",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.code() == text)
    }

    pub(super) fn shows(self, row: &MentorRow) -> bool {
        let here = row.mentor.left.is_none();
        let signed = row.mentor.signed_on.is_some();
        match self {
            Self::All => here,
            Self::Unsigned => here && !signed,
            Self::Room => here && signed && row.load < row.cap,
            Self::Full => here && row.load >= row.cap,
            Self::Left => !here,
        }
    }
}

/// A mentor in a list.
#[derive(Clone, Debug)]
pub struct MentorRow {
    /// Who.
    pub mentor: Mentor,
    /// Phone, masked.
    pub phone: String,
    /// Pupils.
    pub load: u32,
    /// How many they can look after.
    pub cap: u32,
}

/// The list of mentors.
#[derive(Clone, Debug)]
pub struct MentorsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// Which.
    pub tab: MentorTab,
    /// Part of a name or unit.
    pub name: String,
    /// How many each tab has.
    pub tabs: Vec<(MentorTab, i64)>,
    /// Lines of this page.
    pub lines: Vec<MentorRow>,
    /// The number behind which the next page begins.
    pub next: Option<u64>,
    /// Lines of all pages.
    pub total: i64,
    /// The kinds of mentors.
    pub kinds: Vec<Kind>,
    /// Schools to choose from.
    pub schools: Vec<SchoolRef>,
    /// Towns and villages to choose from.
    pub places: Vec<(Division, String)>,
    /// Whether the reader pairs the county.
    pub whole: bool,
}

/// A pupil of a mentor, with the term's plan.
#[derive(Clone, Debug)]
pub struct MyPupil {
    /// The child.
    pub child: PairChild,
    /// Since when.
    pub from: Date,
    /// Why these two.
    pub reasons: Vec<(String, u64)>,
    /// The term.
    pub plan: PupilPlan,
}

/// A mentor with their pupils and their term.
#[derive(Clone, Debug)]
pub struct MentorPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The day in the books.
    pub day: Date,
    /// Who.
    pub row: MentorRow,
    /// The kind.
    pub kind: Option<Kind>,
    /// The months of the term.
    pub months: Vec<Date>,
    /// The pupils.
    pub pupils: Vec<MyPupil>,
    /// The login of the account.
    pub login: String,
    /// Whether the reader pairs the county.
    pub whole: bool,
}

impl MentorPage {
    /// How many pupils are still to be contacted this month.
    pub fn waiting(&self) -> usize {
        self.pupils.iter().filter(|p| p.plan.next(self.day).is_some()).count()
    }
}

/// A run with how much it changes.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// The run.
    pub run: PairRun,
    /// How many lines of each change.
    pub changes: Vec<(String, i64)>,
}

/// The runs.
#[derive(Clone, Debug)]
pub struct RunsPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The latest first.
    pub runs: Vec<RunRow>,
    /// Whether the reader pairs the county.
    pub whole: bool,
}

/// What a run says of a child, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunLine {
    /// The child.
    pub child: PairChild,
    /// What changes: `kept`, `new`, `left`, `must`, `moved`, `lost`, `none`.
    pub change: String,
    /// The mentor before.
    pub before: String,
    /// The mentor now.
    pub mentor: String,
    /// Points of the fit.
    pub points: u32,
    /// Reasons of the pair with points, or of none with how many mentors.
    pub reasons: Vec<(String, u64)>,
    /// The mentor in the run that this one is compared with; `None`: nobody, or not compared.
    pub other: Option<String>,
}

/// A run with what it says, beside the one before.
#[derive(Clone, Debug)]
pub struct RunPage {
    /// What stands on every page.
    pub frame: Frame,
    /// The run.
    pub run: RunRow,
    /// The run that it is compared with.
    pub other: Option<RunRow>,
    /// Runs to compare with.
    pub choices: Vec<u64>,
    /// How many children have another mentor in the two runs.
    pub differ: i64,
    /// Lines of which change; empty: all that change anything.
    pub change: String,
    /// Lines of this page.
    pub lines: Vec<RunLine>,
    /// Lines of all pages.
    pub total: i64,
    /// The key behind which the next page begins.
    pub next: Option<u64>,
    /// Whether pairs have changed since, so that it cannot be accepted.
    pub outdated: bool,
    /// Whether the reader pairs the county.
    pub whole: bool,
}

/// What a page of a child says of who looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildPair {
    /// The mentor's name.
    pub name: String,
    /// Where they work.
    pub unit: String,
    /// Key of their kind.
    pub kind: String,
    /// Since when.
    pub from: Date,
    /// Until when, and why it ended.
    pub ended: Option<(Date, String)>,
}
