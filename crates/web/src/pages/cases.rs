//! 控辍保学: cases of children out of school, the table of accountability, and a village's chart.

mod forms;
mod new;
mod tables;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::Division;
use fujiao_office::OfficeError;
use fujiao_office::cases::{CaseError, CaseState, PaperFile};
use fujiao_office::desk::{
    self, At, CaseFilter, CaseHint, CaseLine, CasePage, CaseTab, CasesPage, Seat, Title,
};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::{ask, form_page, hex, missing, page, unhex};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shape::{Turns, encoded};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};
use forms::ActForm;

/// Routes of cases.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cases", get(list))
        .route("/cases/list.xlsx", get(tables::list_file))
        .route("/cases/new", get(new::form).post(new::open))
        .route("/cases/assign", post(assign))
        .route("/cases/print", post(print))
        .route("/cases/table", get(tables::table))
        .route("/cases/table.xlsx", get(tables::table_file))
        .route("/cases/village/{place}", get(tables::village))
        .route("/case/{id}", get(one).post(step))
        .route("/case/{id}/paper/{key}", get(paper))
}

/// How a deadline stands on a day.
pub(crate) fn due(line: &CaseLine, as_of: impl As<Date>) -> desk::State {
    let Some(due_on) = line.due_on else { return desk::State::Done };
    let days = (due_on - as_of.get()).get_days();
    if days < 0 { desk::State::Overdue(-days) } else { desk::State::Open(days) }
}

/// The name of a state, in the language of the page.
pub(crate) fn state(t: &Words, state: impl As<CaseState>) -> String {
    t.of("case.state", state.get().code())
}

/// The chip of a state.
pub(crate) fn chip(state: impl As<CaseState>) -> &'static str {
    match state.get() {
        CaseState::Found | CaseState::Ordered => "gap",
        CaseState::FollowUp | CaseState::Closed => "ok",
        CaseState::Exempt => "na",
        _ => "soon",
    }
}

/// The choices of a list, as the address has them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    tab: String,
    town: String,
    school: String,
    state: String,
    q: String,
    after: String,
    before: String,
    done: Option<usize>,
    left: Option<usize>,
}

impl Asked {
    fn filter(&self) -> CaseFilter {
        CaseFilter {
            tab: CaseTab::parse(&self.tab).unwrap_or_default(),
            place: Division::parse(&self.town).ok(),
            school: unhex(&self.school),
            state: CaseState::of(&self.state),
            name: self.q.trim().chars().take(40).collect(),
            at: match (self.after.is_empty(), self.before.is_empty()) {
                (false, _) => At::After(self.after.clone()),
                (true, false) => At::Before(self.before.clone()),
                (true, true) => At::Start,
            },
        }
    }
}

/// The address of a list.
pub(crate) fn address(base: &str, filter: &CaseFilter) -> String {
    let mut out = base.to_owned();
    let mut add = |name: &str, value: &str| {
        let mark = if out.contains('?') { '&' } else { '?' };
        out.extend([mark.to_string().as_str(), name, "=", &encoded(value)]);
    };
    if filter.tab != CaseTab::default() {
        add("tab", filter.tab.code());
    }
    if let Some(place) = filter.place {
        add("town", &place.to_string());
    }
    if let Some(school) = filter.school {
        add("school", &hex(school));
    }
    if let Some(state) = filter.state {
        add("state", state.code());
    }
    if !filter.name.is_empty() {
        add("q", &filter.name);
    }
    match &filter.at {
        At::Start => {}
        At::After(key) => add("after", key),
        At::Before(key) => add("before", key),
    }
    out
}

/// A stage of the board.
struct Column {
    name: String,
    n: String,
    hint: String,
    href: String,
    cases: Vec<Card>,
    more: i64,
}

/// A case on the board.
struct Card {
    href: String,
    name: String,
    about: String,
    facts: String,
    who: String,
    by: String,
    class: &'static str,
}

/// The board: stages of one kind of work stand together, the oldest left.
fn board(t: &Words, v: &CasesPage) -> Vec<Column> {
    const COLUMNS: [(&str, &[CaseState]); 5] = [
        ("found", &[CaseState::Found]),
        ("verified", &[CaseState::Verified]),
        (
            "persuading",
            &[
                CaseState::Visited,
                CaseState::Noticed,
                CaseState::Ordered,
                CaseState::Referred,
                CaseState::Transferring,
            ],
        ),
        ("back", &[CaseState::FollowUp]),
        ("excused", &[CaseState::Exempt]),
    ];
    COLUMNS
        .iter()
        .map(|(key, states)| {
            let of = || v.board.iter().filter(|(state, ..)| states.contains(state));
            let n: i64 = of().map(|(_, n, _)| n).sum();
            let mut lines: Vec<&CaseLine> = of().flat_map(|(_, _, lines)| lines).collect();
            lines.sort_by_key(|line| (line.due_on, line.number));
            lines.truncate(4);
            let shown = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            let one = (states.len() == 1).then(|| states[0]);
            let to =
                CaseFilter { state: one, at: At::Start, tab: CaseTab::Open, ..v.filter.clone() };
            Column {
                name: t.of("case.column", key),
                n: t.n(n),
                hint: t.of("case.column_hint", key),
                href: address("/cases", &to) + "#list",
                cases: lines.into_iter().map(|line| card(t, line, v.as_of)).collect(),
                more: n - shown,
            }
        })
        .collect()
}

fn card(t: &Words, line: &CaseLine, as_of: Date) -> Card {
    let due = due(line, as_of);
    let town = line.place_name.split(' ').next().unwrap_or_default();
    let about = [t.class(line.class.0, &line.class.1), town.to_owned()];
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    Card {
        href: format!("/case/{}", line.number),
        name: if line.name.is_empty() { t.text("case.nobody") } else { line.name.clone() },
        about: about.join(" · "),
        facts: line.facts.chars().take(40).collect(),
        who: match &line.officer {
            Some(officer) => format!("{} {officer}", t.title(&line.chief)),
            None => t.title(&line.chief).to_owned(),
        },
        by: line.due_on.map_or_else(String::new, |day| t.day(Some(day), Some(as_of))),
        class: match due {
            desk::State::Overdue(_) => "z",
            desk::State::Open(days) if days <= 3 => "x",
            _ if matches!(line.state, CaseState::FollowUp | CaseState::Exempt) => "d",
            _ => "",
        },
    }
}

#[derive(Template)]
#[template(path = "cases.html")]
struct ListPage {
    board: Vec<Column>,
    s: Shell,
    v: CasesPage,
    heading: String,
    /// 镇长、村长 …
    chiefs: String,
    tabs: Vec<(String, String, bool)>,
    export: String,
    /// What came of assigning several together, or empty.
    said: String,
    filtered: bool,
    /// The day that deadlines are counted from.
    day: Option<Date>,
    turns: Turns,
}

impl ListPage {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.filter.place == Some(town.get())
    }

    fn is_school(&self, school: impl As<u64>) -> bool {
        self.v.filter.school == Some(school.get())
    }

    fn is_state(&self, state: impl As<CaseState>) -> bool {
        self.v.filter.state == Some(state.get())
    }
}

async fn list(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let filter = asked.filter();
    let v = ask(&reader, &seat, move |seat| seat.cases(&filter, None)).await?;
    let t = reader.lang.words();
    let f = &v.filter;
    let heading = match (v.figures.away, v.figures.overdue) {
        (0, 0) => t.s("case.head_clear").to_owned(),
        (n, 0) => t.f1("case.head", t.n(n)),
        (n, late) => t.f2("case.head_late", t.n(n), t.n(late)),
    };
    let template = ListPage {
        board: if v.filter.tab == CaseTab::Open && v.figures.open > 0 {
            board(t, &v)
        } else {
            Vec::new()
        },
        s: Shell::new(&reader, Some(v.frame.clone()), "cases", t.s("case.list")),
        heading,
        chiefs: v.chiefs.iter().map(|c| t.title(c)).collect::<Vec<_>>().join(t.s("word.listed")),
        tabs: v
            .tabs
            .iter()
            .map(|(tab, n)| {
                let to = CaseFilter { tab: *tab, at: At::Start, ..f.clone() };
                let label = format!("{} {}", t.of("case.tab", tab.code()), t.n(*n));
                (address("/cases", &to), label, *tab == f.tab)
            })
            .collect(),
        export: address("/cases/list.xlsx", &CaseFilter { at: At::Start, ..f.clone() }),
        said: match (asked.done, asked.left.unwrap_or(0)) {
            (None, _) => String::new(),
            (Some(done), 0) => t.f1("case.assigned", done),
            (Some(done), left) => t.f2("case.assigned_left", done, left),
        },
        filtered: *f != CaseFilter { tab: f.tab, at: f.at.clone(), ..CaseFilter::default() },
        day: Some(v.as_of),
        turns: {
            let to = |at: &At| address("/cases", &CaseFilter { at: at.clone(), ..f.clone() });
            Turns {
                total: v.total,
                shown: v.lines.len(),
                first: (f.at != At::Start).then(|| to(&At::Start)),
                before: v.before.as_ref().map(to),
                after: v.after.as_ref().map(to),
            }
        },
        v,
    };
    page(&reader, &template)
}

fn picked(form: &[(String, String)]) -> Vec<u64> {
    form.iter().filter(|(n, _)| n == "pick").filter_map(|(_, id)| id.parse().ok()).collect()
}

async fn assign(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let numbers = picked(&form);
    let user = form.iter().find(|(n, _)| n == "user").and_then(|(_, v)| v.parse().ok());
    let Some(user) = user.filter(|_| !numbers.is_empty()) else {
        return Err(PageError::input(&reader, t.s("case.pick_first")));
    };
    let actor = seat.actor().clone();
    let came = done(&reader, &app.office, move |o| o.assign_cases(&actor, &numbers, user)).await?;
    if came.done == 0
        && let Some((_, why)) = came.left.first()
    {
        return Err(PageError::input(&reader, why.to_string()));
    }
    let to = format!("/cases?done={}&left={}", came.done, came.left.len());
    Ok(Redirect::to(&to).into_response())
}

async fn print(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let numbers = picked(&form);
    if numbers.is_empty() {
        return Err(PageError::input(&reader, t.s("case.pick_first")));
    }
    let actor = seat.actor().clone();
    let file =
        done(&reader, &app.office, move |o| o.case_papers(&actor, &numbers, "return_notice"))
            .await?;
    Ok(docx("notices", file))
}

pub(super) fn docx(name: &str, file: PaperFile) -> Response {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let disposition = format!(
        "attachment; filename=\"{name}.docx\"; filename*=UTF-8''{}.docx",
        encoded(&file.title)
    );
    let headers =
        [(header::CONTENT_TYPE, KIND.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, file.bytes).into_response()
}

async fn paper(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path((id, key)): Path<(String, String)>,
    Query(extra): Query<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let (actor, name) = (seat.actor().clone(), format!("case-{number}-{key}"));
    let made =
        act(&reader, &app.office, move |office| office.case_paper(&actor, number, &key, &extra))
            .await?;
    match made {
        Ok(file) => Ok(docx(&name, file)),
        Err(OfficeError::Case(CaseError::NoSuchCase | CaseError::NoSuchPaper)) => {
            Err(missing(&reader, &seat).await)
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

/// A step of the life line.
struct StepRow {
    number: u32,
    on: String,
    title: String,
    said: Vec<(String, String)>,
    note: String,
    state: String,
    by: String,
    /// Closed or left again.
    mark: &'static str,
}

/// A document that can be printed, or what it lacks.
struct PaperRow {
    href: String,
    title: String,
    /// Field, its name.
    absent: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct OneCase {
    s: Shell,
    heading: String,
    about: String,
    hint: Option<(String, Option<u64>)>,
    steps: Vec<StepRow>,
    forms: Vec<ActForm>,
    refused: Vec<(String, String)>,
    papers: Vec<PaperRow>,
    fault: String,
    chiefs_title: String,
    /// The day that deadlines are counted from.
    day: Option<Date>,
    v: CasePage,
}

async fn one(
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    case_page(&reader, &seat, &id, &BTreeMap::new(), None).await
}

async fn case_page(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    was: &BTreeMap<String, String>,
    fault: Option<String>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(reader, seat).await) };
    let v = super::ask_for(reader, seat, move |seat| seat.case(number, None)).await?;
    let t = reader.lang.words();
    let line = &v.line;
    let name = if line.name.is_empty() { t.s("case.nobody") } else { &line.name };
    let heading = t.f2("case.of", name, state(t, line.state));
    let mut about = vec![t.f1("case.number", line.number)];
    about.extend(line.school.as_ref().map(|school| school.name.clone()));
    if line.class.0.is_some() {
        about.push(t.class(line.class.0, &line.class.1));
    }
    if !line.place_name.is_empty() {
        about.push(line.place_name.clone());
    }
    about.push(line.facts.clone());
    let steps = v
        .steps
        .iter()
        .map(|step| StepRow {
            number: step.number,
            on: step.on.to_string(),
            title: match step.closing {
                Some(why) => format!(
                    "{}{}{}",
                    t.of("case.step", &step.code),
                    t.s("word.colon"),
                    t.of("case.closing", why.code())
                ),
                None => t.of("case.step", &step.code),
            },
            said: step
                .said
                .iter()
                .map(|(key, text)| (t.of("case.said", key), text.clone()))
                .collect(),
            note: step.note.clone(),
            state: state(t, step.state),
            by: t.f2("case.by", &step.author, t.clock(step.at)),
            mark: if step.code == "relapse" || step.code == "reopen" { "z" } else { "d" },
        })
        .collect();
    let template = OneCase {
        s: Shell::new(reader, Some(v.frame.clone()), "cases", heading.as_str()),
        heading,
        about: about.join(" · "),
        hint: line.hint.map(|hint| match hint {
            CaseHint::Back(row) => (t.s("case.hint_back").to_owned(), Some(row)),
            CaseHint::AwayAgain => (t.s("case.hint_away").to_owned(), None),
            CaseHint::NotOwed => (t.s("case.hint_not_owed").to_owned(), None),
        }),
        steps,
        forms: forms::of(t, &v, was),
        refused: v
            .acts
            .iter()
            .filter_map(|(code, why)| Some((t.of("case.step", code), why.clone()?)))
            .collect(),
        papers: v
            .papers
            .iter()
            .map(|paper| PaperRow {
                href: format!("/case/{number}/paper/{}", paper.key),
                title: paper.title.clone(),
                absent: paper
                    .absent
                    .iter()
                    .map(|field| (field.clone(), t.of("case.field", field)))
                    .collect(),
            })
            .collect(),
        fault: fault.unwrap_or_default(),
        chiefs_title: chiefs_title(t, v.chiefs.iter().map(|c| &c.title)),
        day: Some(v.as_of),
        v,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

/// 六长, 七长: as many as are called 长.
pub(crate) fn chiefs_title<'a>(t: &Words, titles: impl Iterator<Item = &'a Title>) -> String {
    let n = titles.filter(|title| title.zh.ends_with('长')).count();
    t.of("case.chiefs", &n.to_string())
}

async fn step(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let was: BTreeMap<String, String> = form.into_iter().collect();
    let new = match forms::read(&was) {
        Ok(new) => new,
        Err(fault) => return case_page(&reader, &seat, &id, &was, Some(fault.to_string())).await,
    };
    let actor = seat.actor().clone();
    let taken =
        act(&reader, &app.office, move |office| office.case_step(&actor, number, &new)).await?;
    match taken {
        Ok(step) => Ok(Redirect::to(&format!("/case/{id}#s{step}")).into_response()),
        Err(OfficeError::Case(CaseError::NoSuchCase)) => Err(missing(&reader, &seat).await),
        Err(OfficeError::Case(fault)) => {
            case_page(&reader, &seat, &id, &was, Some(fault.to_string())).await
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}
