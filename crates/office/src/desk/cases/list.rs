//! Lists of cases. Open cases are few and are thought through together; closed ones are paged in the database.

use std::collections::BTreeMap;

use fujiao_model::{Area, Division, Term};
use fujiao_store::{StoreError, Tx, V};
use fujiao_watch::case::State;
use jiff::civil::Date;

use super::{CaseFigures, CaseFilter, CaseLine, CaseTab, CasesPage};
use crate::access::{Right, Scope};
use crate::cases::{Known, Officers, called};
use crate::desk::{At, DeskError, SchoolRef, Seat, office_fault, pattern};

/// Lines a page.
const PER_PAGE: usize = 25;

/// Cases of a state on the board; the list has them all.
const ON_BOARD: usize = 4;

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
            let rules = &self.rules().cases;
            let context = self.context(tx, &overview, rules, &officers, (today, 0))?;
            let scope = self.actor.scope_in(Right::Names, Area::Schooling);
            let mut lines: Vec<CaseLine> = Known::open(tx, county, rules)?
                .iter()
                .filter(|known| known.is_in(&scope))
                .map(|known| self.case_line(&context, known))
                .collect();
            let figures = figures(&lines, today);
            let mut schools = closed_schools(tx, county, &scope)?;
            for line in &lines {
                if let Some(school) = &line.school {
                    schools.entry(school.id).or_insert_with(|| school.clone());
                }
            }
            lines.retain(|line| fits(filter, line));
            let in_state = |line: &CaseLine| filter.state.is_none_or(|state| state == line.state);
            let count = |wanted: &dyn Fn(&CaseLine) -> bool| {
                i64::try_from(lines.iter().filter(|line| wanted(line)).count()).unwrap_or(i64::MAX)
            };
            let closed = count_closed(tx, county, &scope, filter)?;
            let closed_here =
                if filter.state.is_none_or(|s| s == State::Closed) { closed } else { 0 };
            let tabs = CaseTab::ALL
                .map(|tab| match tab {
                    CaseTab::Closed => (tab, closed_here),
                    _ => (tab, count(&|line| tab.shows(line) && in_state(line))),
                })
                .to_vec();
            let states = State::ALL
                .map(|state| match (filter.tab, state) {
                    (CaseTab::Closed, State::Closed) => (state, closed),
                    (CaseTab::Closed, _) => (state, 0),
                    _ => (state, count(&|l| filter.tab.shows(l) && l.state == state)),
                })
                .to_vec();
            lines.sort_by_key(|line| (line.day(), line.number));
            let board = board(&lines);
            let total = tabs.iter().find(|(tab, _)| *tab == filter.tab).map_or(0, |(_, n)| *n);
            let (lines, before, after) = if filter.tab == CaseTab::Closed {
                let (numbers, before, after) = if closed_here > 0 {
                    closed_page(tx, county, &scope, filter, per_page)?
                } else {
                    Default::default()
                };
                let mut lines: Vec<CaseLine> = Known::of_numbers(tx, county, rules, &numbers)?
                    .iter()
                    .map(|known| self.case_line(&context, known))
                    .collect();
                lines.sort_by_key(|line| numbers.iter().position(|n| *n == line.number));
                (lines, before, after)
            } else {
                lines.retain(|line| filter.tab.shows(line) && in_state(line));
                turn(lines, &filter.at, per_page)
            };
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
                board,
                total,
                towns,
                schools,
                officers: officers.within(&assigns),
                before,
                after,
                chiefs: rules.roles().iter().map(called).collect(),
            })
        })
    }
}

/// Whether a line is of the place, school and name that a list is filtered by.
fn fits(filter: &CaseFilter, line: &CaseLine) -> bool {
    let of = |place: Division| line.place.is_some_and(|at| place.contains(at));
    filter.place.is_none_or(of)
        && filter.school.is_none_or(|id| line.school.as_ref().is_some_and(|s| s.id == id))
        && (filter.name.is_empty()
            || line.name.contains(&filter.name)
            || line.school.as_ref().is_some_and(|s| s.name.contains(&filter.name)))
}

/// The stages of a case as a board shows them, each with how many and the most urgent.
fn board(lines: &[CaseLine]) -> Vec<(State, i64, Vec<CaseLine>)> {
    State::ALL
        .into_iter()
        .filter(|state| *state != State::Closed)
        .map(|state| {
            let of: Vec<&CaseLine> = lines.iter().filter(|line| line.state == state).collect();
            let n = i64::try_from(of.len()).unwrap_or(i64::MAX);
            (state, n, of.into_iter().take(ON_BOARD).cloned().collect())
        })
        .collect()
}

/// Closed cases within a scope: grade and class count where the case is kept at the school where it was found.
const CLOSED: &str = "from (select county, case_no, person_id, town, village, school_id, steps,
                case when school_id = found_school then grade end as grade,
                case when school_id = found_school then class end as class
           from watch_case where county = $1 and state = 'closed') c
   left join person p on p.county = c.county and p.person_id = c.person_id
   left join school s on s.county = c.county and s.school_id = c.school_id";

fn closed_within(scope: &Scope, filter: &CaseFilter, args: &mut Vec<V<'static>>) -> String {
    let own = scope.persons_sql("c", args);
    let register = scope.persons_sql("p", args);
    let mut parts = vec![format!("({own} or {register})")];
    if let Some(place) = filter.place {
        args.push(place.code().into());
        let column = if place == place.town() { "town" } else { "village" };
        parts.push(format!("c.{column} = ${}", args.len()));
    }
    if let Some(school) = filter.school {
        args.push(school.into());
        parts.push(format!("c.school_id = ${}", args.len()));
    }
    if !filter.name.is_empty() {
        args.push(pattern(&filter.name).into());
        let n = args.len();
        parts.push(format!("(p.name like ${n} escape '!' or s.name like ${n} escape '!')"));
    }
    parts.join(" and ")
}

fn count_closed(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    filter: &CaseFilter,
) -> Result<i64, StoreError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = closed_within(scope, filter, &mut args);
    let sql = format!("select cast(count(*) as bigint) {CLOSED} where {within}");
    Ok(tx.query_one(&sql, &args, |r| r.get(0))?.unwrap_or(0))
}

/// The schools of closed cases within a scope.
fn closed_schools(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
) -> Result<BTreeMap<u64, SchoolRef>, StoreError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = closed_within(scope, &CaseFilter::default(), &mut args);
    let sql = format!(
        "select distinct s.school_id, s.name {CLOSED} where s.school_id is not null and {within}"
    );
    let found = tx.query(&sql, &args, |r| Ok(SchoolRef { id: r.get(0)?, name: r.get(1)? }))?;
    Ok(found.into_iter().map(|school| (school.id, school)).collect())
}

/// Numbers of closed cases, and the keys before and behind them.
type ClosedKeys = (Vec<u64>, Option<At>, Option<At>);

/// The numbers of one page of closed cases, by the day of their last step, and where the pages beside it begin.
fn closed_page(
    tx: &mut Tx,
    county: u32,
    scope: &Scope,
    filter: &CaseFilter,
    per_page: usize,
) -> Result<ClosedKeys, StoreError> {
    let mut args: Vec<V> = vec![county.into()];
    let within = closed_within(scope, filter, &mut args);
    let place = |key: &str| {
        let (day, number) = key.split_once('~')?;
        Some((day.parse::<Date>().ok()?, number.parse::<u64>().ok()?))
    };
    let (key, backwards) = match &filter.at {
        At::Start => (None, false),
        At::After(key) => (place(key), false),
        At::Before(key) => (place(key), true),
    };
    let behind = key.map(|(day, number)| {
        args.push(day.to_string().into());
        args.push(number.into());
        let sign = if backwards { '<' } else { '>' };
        format!(" and (w.on_day, c.case_no) {sign} (${}, ${})", args.len() - 1, args.len())
    });
    let (order, limit) = match (backwards, per_page) {
        (_, usize::MAX) => ("", String::new()),
        (true, n) => (" desc", format!(" limit {}", n + 1)),
        (false, n) => ("", format!(" limit {}", n + 1)),
    };
    let sql = format!(
        "select c.case_no, w.on_day {CLOSED}
           join watch_step w on w.county = c.county and w.case_no = c.case_no and w.step_no = c.steps
          where {within}{} order by w.on_day{order}, c.case_no{order}{limit}",
        behind.as_deref().unwrap_or_default()
    );
    let mut found = tx.query(&sql, &args, |r| Ok((r.get::<u64>(0)?, r.get::<String>(1)?)))?;
    let more = per_page != usize::MAX && found.len() > per_page;
    found.truncate(per_page);
    if backwards {
        found.reverse();
    }
    let key = |line: Option<&(u64, String)>| line.map(|(number, day)| format!("{day}~{number}"));
    let (first, last) = (key(found.first()), key(found.last()));
    let (earlier, later) = if backwards { (more, true) } else { (behind.is_some(), more) };
    let before = first.filter(|_| earlier).map(At::Before);
    let after = last.filter(|_| later).map(At::After);
    Ok((found.into_iter().map(|(number, _)| number).collect(), before, after))
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
