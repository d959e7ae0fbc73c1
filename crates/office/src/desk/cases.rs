//! Cases of children out of school, as pages show them.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Division, Subject, Term};
use fujiao_store::{StoreError, Tx, V};
use fujiao_watch::case::{Account, Closing, Duty, OverdueList, Rules, State, accountability};
use jiff::Timestamp;
use jiff::civil::Date;

use super::overview::Overview;
use super::people::stands;
use super::{At, DeskError, Frame, SchoolRef, Seat, Title, masked_text};
use crate::access::{Right, Scope, Standing};
use crate::cases::{
    Chief, Known, Officer, Officers, PaperOffer, closings, is_theirs, offers, papers_of, told,
};
use crate::entries::{EntryKey, What, today};

/// Lines a page.
const PER_PAGE: usize = 25;

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

    fn shows(self, line: &CaseLine) -> bool {
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
    pub class: (Option<fujiao_model::Grade>, String),
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
    pub chief: String,
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
    fn day(&self) -> Date {
        self.due_on.unwrap_or(self.since)
    }

    fn key(&self) -> String {
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
    pub chiefs: Vec<String>,
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

/// What the live assessment says of the children of cases: the gap in schooling, and the row that shows them in school.
type Schooling = BTreeMap<u64, (i64, Option<u64>)>;

/// What lines are made with.
struct Context<'a> {
    overview: &'a Overview,
    rules: &'a Rules,
    officers: &'a Officers,
    schooling: Schooling,
    names: Scope,
    today: Date,
}

impl Seat {
    /// The cases in reach. Deadlines count from `as_of`; `None`: today.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn cases(&self, filter: &CaseFilter, as_of: Option<Date>) -> Result<CasesPage, DeskError> {
        self.actor.must(Right::Names)?;
        self.cases_of(filter, as_of, PER_PAGE)
    }

    /// The whole list, for a file.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn cases_whole(
        &self,
        filter: &CaseFilter,
        as_of: Option<Date>,
    ) -> Result<CasesPage, DeskError> {
        self.actor.must(Right::Export)?;
        self.actor.must(Right::Names)?;
        self.cases_of(&CaseFilter { at: At::Start, ..filter.clone() }, as_of, usize::MAX)
    }

    fn cases_of(
        &self,
        filter: &CaseFilter,
        as_of: Option<Date>,
        per_page: usize,
    ) -> Result<CasesPage, DeskError> {
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let today = self.case_day(tx, county, as_of)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let rules = self.case_rules();
            let context = self.context(tx, &overview, &rules, &officers, (today, 0))?;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let mut lines: Vec<CaseLine> = Known::all(tx, county, &rules)?
                .iter()
                .filter(|known| known.is_in(&scope))
                .map(|known| self.case_line(&context, known))
                .collect();
            let figures = figures(&lines, today);
            let mut schools: BTreeMap<u64, SchoolRef> = BTreeMap::new();
            for line in &lines {
                if let Some(school) = &line.school {
                    schools.entry(school.id).or_insert_with(|| school.clone());
                }
            }
            lines.retain(|line| {
                let of = |place: Division| line.place.is_some_and(|at| place.contains(at));
                filter.place.is_none_or(of)
                    && filter
                        .school
                        .is_none_or(|id| line.school.as_ref().is_some_and(|s| s.id == id))
                    && (filter.name.is_empty()
                        || line.name.contains(&filter.name)
                        || line.school.as_ref().is_some_and(|s| s.name.contains(&filter.name)))
            });
            let in_state = |line: &CaseLine| filter.state.is_none_or(|state| state == line.state);
            let count = |wanted: &dyn Fn(&CaseLine) -> bool| {
                i64::try_from(lines.iter().filter(|line| wanted(line)).count()).unwrap_or(i64::MAX)
            };
            let tabs = CaseTab::ALL
                .map(|tab| (tab, count(&|line| tab.shows(line) && in_state(line))))
                .to_vec();
            let states = State::ALL
                .map(|state| (state, count(&|l| filter.tab.shows(l) && l.state == state)))
                .to_vec();
            lines.retain(|line| filter.tab.shows(line) && in_state(line));
            lines.sort_by_key(|line| (line.day(), line.number));
            let total = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            let (lines, before, after) = turn(lines, &filter.at, per_page);
            let towns = overview.towns();
            let assigns = self.actor.scope(Right::Case);
            let mut schools: Vec<SchoolRef> = schools.into_values().collect();
            schools.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(CasesPage {
                frame: overview.frame(),
                as_of: today,
                filter: filter.clone(),
                tabs,
                states,
                figures,
                lines,
                total,
                towns,
                schools,
                officers: officers.within(&assigns),
                before,
                after,
                chiefs: rules.roles().iter().map(|role| role.title.clone()).collect(),
            })
        })
    }

    /// One case; `None` if there is none, or it is out of reach.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case(&self, number: u64, as_of: Option<Date>) -> Result<Option<CasePage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let rules = self.case_rules();
            let Some(known) = Known::one(tx, county, &rules, number)? else { return Ok(None) };
            if !known.is_in(&self.actor.scope_in(Right::Names, Area::Schooling)) {
                return Ok(None);
            }
            let today = self.case_day(tx, county, as_of)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let context = self.context(tx, &overview, &rules, &officers, (today, 0))?;
            let line = self.case_line(&context, &known);
            let acts_here =
                self.actor.may(Right::Case) && known.is_in(&self.actor.scope(Right::Case));
            let duty = known.case.duty(&rules, today);
            let town = overview.town_of(known.place());
            let town_name = town.as_ref().map_or("", |(_, name)| name.as_str());
            let names = (line.place_name.as_str(), town_name, self.actor.name.as_str());
            let visits = if acts_here { visits(tx, county, &known)? } else { Vec::new() };
            let mut places: Vec<(Division, String)> = Vec::new();
            let mut schools = Vec::new();
            if acts_here {
                schools = tx.query(
                    "select school_id, name from school where county = $1 order by name",
                    &[county.into()],
                    |r| Ok(SchoolRef { id: r.get(0)?, name: r.get(1)? }),
                )?;
                let of = |code: &u64| Division::from_code(*code).ok();
                let all = overview.places.keys().filter_map(of);
                places.extend(
                    all.filter(|p| *p != p.county()).map(|p| (p, overview.place_name(Some(p)))),
                );
            }
            Ok(Some(CasePage {
                frame: overview.frame(),
                as_of: today,
                guardian: known.child.guardian.clone(),
                steps: known.steps.iter().map(|s| step_line(s, &overview, acts_here)).collect(),
                chiefs: officers.chiefs(
                    &rules,
                    &known.standings(),
                    &known.child.guardian,
                    duty.as_ref(),
                ),
                acts: if acts_here {
                    offers(&self.actor, &rules, &known, today)
                } else {
                    Vec::new()
                },
                closings: closings(&rules, &known, today),
                papers: if acts_here {
                    papers_of(&known, &rules, today, names)
                } else {
                    Vec::new()
                },
                visits,
                officers: duty
                    .as_ref()
                    .filter(|_| acts_here)
                    .map_or_else(Vec::new, |duty| officers.for_duty(duty, &known)),
                places,
                schools,
                acts_here,
                days: (rules.state(State::Noticed).days, rules.state(State::FollowUp).days),
                town,
                line,
            }))
        })
    }

    /// 问责表, of the cases in reach.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_accounts(
        &self,
        by: CaseBy,
        as_of: Option<Date>,
    ) -> Result<AccountsPage, DeskError> {
        self.actor.must(Right::Figures)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Figures)?;
            let county = overview.head.county;
            let today = self.case_day(tx, county, as_of)?;
            let rules = self.case_rules();
            let scope = self.actor.scope_in(Right::Figures, Area::Schooling);
            let mut all = Known::all(tx, county, &rules)?;
            all.retain(|known| known.is_in(&scope));
            let names: BTreeMap<u64, String> = all
                .iter()
                .filter_map(|known| Some((known.stored.now.school?, known.school.clone())))
                .collect();
            let key = |case: &fujiao_watch::case::Case| match by {
                CaseBy::Town => {
                    case.places.last().map_or(0, |code| code / 1_000 * 1_000).cast_unsigned()
                }
                CaseBy::Village => case.places.first().map_or(0, |code| code.cast_unsigned()),
                CaseBy::School => case.school.unwrap_or_default(),
            };
            let cases = || all.iter().map(|known| &known.case);
            let accounts = accountability(cases(), &rules, today, |case| vec![key(case)]);
            let whole = accountability(cases(), &rules, today, |_| vec![()]);
            let mut lines: Vec<AccountLine> = accounts
                .into_iter()
                .map(|(key, account)| {
                    let place = Division::from_code(key).ok().filter(|_| by != CaseBy::School);
                    let school = (by == CaseBy::School && key != 0).then_some(key);
                    let name = match (place, school) {
                        (Some(place), _) => overview.place_name(Some(place)),
                        (None, Some(id)) => names.get(&id).cloned().unwrap_or_default(),
                        (None, None) => String::new(),
                    };
                    AccountLine { name, place, school, account }
                })
                .collect();
            lines.sort_by(|a, b| {
                let rank = |l: &AccountLine| (l.account.overdue_days, l.account.open);
                rank(b).cmp(&rank(a)).then_with(|| (a.place, a.school).cmp(&(b.place, b.school)))
            });
            let total = whole.get(&()).copied().unwrap_or_default();
            Ok(AccountsPage { frame: overview.frame(), as_of: today, by, lines, total })
        })
    }

    /// 村责任表 of a village or town; `None` if it is out of reach or nowhere.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_village(
        &self,
        place: Division,
        as_of: Option<Date>,
    ) -> Result<Option<VillagePage>, DeskError> {
        self.actor.must(Right::Names)?;
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let here = Standing { places: vec![place], ..Standing::default() };
            if !overview.places.contains_key(&place.code()) || !scope.reaches(&here) {
                return Ok(None);
            }
            let today = self.case_day(tx, county, as_of)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let rules = self.case_rules();
            let context = self.context(tx, &overview, &rules, &officers, (today, 0))?;
            let of_place = |role: &Chief| {
                let rule = rules.role(&role.key);
                rule.is_some_and(|r| {
                    matches!(
                        r.ground,
                        fujiao_watch::case::Ground::Place | fujiao_watch::case::Ground::County
                    )
                })
            };
            let mut chiefs = officers.chiefs(&rules, std::slice::from_ref(&here), "", None);
            chiefs.retain(of_place);
            let mut lines = Vec::new();
            for known in Known::all(tx, county, &rules)? {
                let in_place = known.place().is_some_and(|at| place.contains(at));
                if !in_place || known.case.state() == State::Closed {
                    continue;
                }
                let duty = known.case.duty(&rules, today);
                let guardian = &known.child.guardian;
                let mut own = officers.chiefs(&rules, &known.standings(), guardian, duty.as_ref());
                own.retain(|role| !of_place(role));
                lines.push((self.case_line(&context, &known), own));
            }
            lines.sort_by_key(|(line, _)| (line.day(), line.number));
            let name = overview.place_name(Some(place));
            let frame = overview.frame();
            Ok(Some(VillagePage { frame, as_of: today, place, name, chiefs, lines }))
        })
    }

    /// What a page of a person says of chiefs and case; `None` if schooling is not owed to them and they have no case.
    ///
    /// # Errors
    /// [`DeskError`] if the books cannot be read.
    pub fn case_of_person(&self, person: u64) -> Result<Option<PersonCase>, DeskError> {
        self.read(|tx| {
            let overview = self.overview(tx, Right::Names)?;
            let county = overview.head.county;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let Some(standing) = stands(tx, county, person)?.filter(|who| scope.reaches(who)) else {
                return Ok(None);
            };
            let rules = self.case_rules();
            let mut last = None;
            let numbers = tx.query(
                "select case_no from watch_case where county = $1 and person_id = $2 order by case_no desc",
                &[county.into(), person.into()],
                |r| r.get::<u64>(0),
            )?;
            if let Some(number) = numbers.first() {
                last = Known::one(tx, county, &rules, *number)?;
            }
            // Found by the index of subjects, then read by their own key.
            let owed = tx.query_one(
                "select d.duty_id from duty x cross join duty d
                  where x.county = $1 and x.run_id = $2 and x.subject_kind = 'person' and x.subject_id = $3
                    and d.county = x.county and d.run_id = x.run_id and d.duty_id = x.duty_id
                    and d.area = 'schooling' limit 1",
                &[county.into(), overview.head.run.into(), person.into()],
                |r| r.get::<i64>(0),
            )?;
            if last.is_none() && owed.is_none() {
                return Ok(None);
            }
            let today = self.case_day(tx, county, None)?;
            let officers = Officers::read(tx, county, today).map_err(office_fault)?;
            let guardian = tx.query_one(
                "select guardian_name from person where county = $1 and person_id = $2",
                &[county.into(), person.into()],
                |r| r.get::<Option<String>>(0),
            )?;
            let guardian = guardian.flatten().unwrap_or_default();
            let standings = last.as_ref().map_or_else(|| vec![standing], Known::standings);
            let duty = last.as_ref().and_then(|known| known.case.duty(&rules, today));
            let chiefs = officers.chiefs(&rules, &standings, &guardian, duty.as_ref());
            let case = match &last {
                Some(known) => {
                    let context = self.context(tx, &overview, &rules, &officers, (today, person))?;
                    Some(self.case_line(&context, known))
                }
                None => None,
            };
            Ok(Some(PersonCase { chiefs, case }))
        })
    }

    /// The day that deadlines count from.
    fn case_day(&self, tx: &mut Tx, county: u32, as_of: Option<Date>) -> Result<Date, DeskError> {
        match as_of {
            Some(day) => Ok(day),
            None => today(tx, county, &self.actor).map_err(office_fault),
        }
    }

    fn context<'a>(
        &self,
        tx: &mut Tx,
        overview: &'a Overview,
        rules: &'a Rules,
        officers: &'a Officers,
        (today, only): (Date, u64),
    ) -> Result<Context<'a>, DeskError> {
        let mut schooling = Schooling::new();
        if let Some(run) = overview.head.run {
            let args: [V; 3] = [overview.head.county.into(), run.into(), only.into()];
            tx.each(include_str!("queries/schooling_of_cases.sql"), &args, |r| {
                schooling.insert(r.get(0)?, (r.get(1)?, r.get(2)?));
                Ok(())
            })?;
        }
        let names = self.actor.scope(Right::Names);
        Ok(Context { overview, rules, officers, schooling, names, today })
    }

    fn case_line(&self, context: &Context<'_>, known: &Known) -> CaseLine {
        let Context { overview, rules, officers, names, today, .. } = context;
        let duty: Option<Duty<'_>> = known.case.duty(rules, *today);
        let sees = names.is_whole() || names.reaches(&known.child.standing);
        let own_class = known.at_first_school();
        CaseLine {
            number: known.stored.number,
            name: known.child.name.clone(),
            person: known.child.id.filter(|_| sees),
            school: known
                .stored
                .now
                .school
                .filter(|_| !known.school.is_empty())
                .map(|id| SchoolRef { id, name: known.school.clone() }),
            class: if own_class {
                (known.stored.grade, known.stored.class.clone())
            } else {
                (None, String::new())
            },
            place: known.place(),
            place_name: overview.place_name(known.place()),
            facts: known.stored.facts.clone(),
            title: self.title(&known.stored.kind),
            state: known.case.state(),
            since: known.case.since(),
            opened_on: known.stored.opened_on,
            chief: duty.as_ref().map_or_else(String::new, |d| d.role.title.clone()),
            officer: duty.as_ref().and_then(|d| officers.name(d.officer?.id)),
            due_on: duty.as_ref().map(|d| d.due_on),
            next_on: duty.as_ref().map(|d| d.next_on),
            risen: duty.as_ref().map_or(0, |d| d.risen),
            overdue_days: duty.as_ref().map_or(0, |d| d.overdue_days),
            list: duty.as_ref().map(|d| d.list),
            relapses: known.case.relapses(),
            mine: duty.as_ref().is_some_and(|d| is_theirs(&self.actor, d, known)),
            hint: context.hint(known),
        }
    }
}

impl Context<'_> {
    /// What the live assessment says that the case does not, if it is later than what the case says.
    fn hint(&self, known: &Known) -> Option<CaseHint> {
        self.overview.head.as_of.filter(|day| *day > known.case.since())?;
        let owed = known.child.id.and_then(|id| self.schooling.get(&id));
        match (known.case.state(), owed) {
            (State::FollowUp, Some((gap, _))) => (*gap > 0).then_some(CaseHint::AwayAgain),
            (State::Closed | State::FollowUp | State::Exempt, _) => None,
            (_, Some((0, Some(row)))) => Some(CaseHint::Back(*row)),
            (_, Some(_)) => None,
            (_, None) => Some(CaseHint::NotOwed),
        }
    }
}

/// A page of lines that are in order, and where the ones beside it begin.
fn turn(
    mut lines: Vec<CaseLine>,
    at: &At,
    per_page: usize,
) -> (Vec<CaseLine>, Option<At>, Option<At>) {
    let place = |key: &str| {
        let (day, number) = key.split_once('~')?;
        Some((day.parse::<Date>().ok()?, number.parse::<u64>().ok()?))
    };
    let of = |line: &CaseLine| (line.day(), line.number);
    let (from, to) = match at {
        At::Start => (0, per_page.min(lines.len())),
        At::After(key) => {
            let from = place(key).map_or(0, |key| lines.partition_point(|l| of(l) <= key));
            (from, from.saturating_add(per_page).min(lines.len()))
        }
        At::Before(key) => {
            let to = place(key).map_or(0, |key| lines.partition_point(|l| of(l) < key));
            (to.saturating_sub(per_page), to)
        }
    };
    let from = from.min(to);
    let more = to < lines.len();
    lines.truncate(to);
    let shown = lines.split_off(from);
    let before = (from > 0).then(|| shown.first().map(|l| At::Before(l.key()))).flatten();
    let after = more.then(|| shown.last().map(|l| At::After(l.key()))).flatten();
    (shown, before, after)
}

fn figures(lines: &[CaseLine], today: Date) -> CaseFigures {
    let term = Term::of(today).start();
    let mut sum = CaseFigures::default();
    for line in lines {
        if line.state == State::FollowUp && line.since >= term {
            sum.returned += 1;
        }
        let Some(next_on) = line.due_on else { continue };
        sum.open += 1;
        if !matches!(line.state, State::FollowUp | State::Exempt) {
            sum.away += 1;
            sum.longest_days = sum.longest_days.max((today - line.opened_on).get_days());
        }
        match (next_on - today).get_days() {
            ..0 => sum.overdue += 1,
            0 => sum.today += 1,
            1..=7 => sum.week += 1,
            _ => {}
        }
    }
    sum
}

fn step_line(step: &fujiao_store::StoredStep, overview: &Overview, notes: bool) -> CaseStepLine {
    let closing = fujiao_watch::case::Closing::ALL
        .into_iter()
        .find(|why| step.code == "close" && step.fields.contains(&format!("\"{}\"", why.code())));
    CaseStepLine {
        number: step.number,
        on: step.on,
        code: step.code.clone(),
        said: if notes || step.code == "assign" || step.code == "transfer" {
            told(step, |place| overview.place_name(Some(place)))
        } else {
            Vec::new()
        },
        note: if notes { step.note.clone() } else { String::new() },
        state: State::of(&step.state).unwrap_or(State::Found),
        closing,
        author: step.author.name.clone(),
        at: step.author.at,
    }
}

/// Home visits to the child since the case was found.
fn visits(tx: &mut Tx, county: u32, known: &Known) -> Result<Vec<CaseVisit>, StoreError> {
    let Some(person) = known.child.id else { return Ok(Vec::new()) };
    let taken: BTreeSet<String> = known
        .steps
        .iter()
        .filter(|step| step.code == "visit")
        .filter_map(|step| {
            let fields: serde_json::Value = serde_json::from_str(&step.fields).ok()?;
            Some(fields.get("entry")?.as_str()?.to_owned())
        })
        .collect();
    let entries = tx.entries_about(county, Subject::person(person), known.stored.opened_on)?;
    Ok(entries
        .iter()
        .filter(|entry| entry.kind == "visit" && !entry.care)
        .filter_map(|entry| {
            let Some(What::Visit(visit)) = What::of(entry) else { return None };
            let key = EntryKey(entry.key);
            Some(CaseVisit {
                taken: taken.contains(&key.to_string()),
                key,
                on: entry.on,
                author: entry.author.clone(),
                met: masked_text(&visit.met),
                text: masked_text(&visit.text),
            })
        })
        .collect())
}

/// What the office says, as the desk says it.
fn office_fault(error: crate::OfficeError) -> DeskError {
    match error {
        crate::OfficeError::Store(e) => e.into(),
        crate::OfficeError::NotAllowed(e) => e.into(),
        _ => DeskError::NoCounty,
    }
}
