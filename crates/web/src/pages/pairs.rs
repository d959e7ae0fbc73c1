//! 一对一结对: pairs, children without one, mentors, runs, and a mentor's own pupils.

mod files;
mod mentors;
mod runs;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_model::Division;
use fujiao_office::desk::{
    MentorPage, PairFilter, PairRow, PairsPage, PlanMonth, Seat, WithoutPage,
};
use fujiao_office::pairing::{Measured, MeasuredLine};
use serde::Deserialize;

use super::{ask, hex, page, unhex};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::shape::{Glyph, Turns, encoded};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Routes of pairs.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/pairs", get(list))
        .route("/pairs/list.xlsx", get(files::pairs))
        .route("/pairs/without", get(without))
        .route("/pairs/without.xlsx", get(files::without))
        .route("/pairs/mine", get(mine))
        .route("/pairs/measured", get(measured))
        .route("/pairs/mentors", get(mentors::list).post(mentors::add))
        .route("/pairs/mentors.xlsx", get(files::mentors))
        .route("/pairs/mentors/refresh", post(mentors::refresh))
        .route("/pairs/mentors/sign", post(mentors::sign))
        .route("/pairs/mentors/codes", post(mentors::codes))
        .route("/pairs/mentors/{id}", get(mentors::one).post(mentors::change))
        .route("/pairs/mentors/{id}/leave", post(mentors::leave))
        .route("/pairs/mentors/{id}/back", post(mentors::back))
        .route("/pairs/mentors/{id}/account", post(mentors::account))
        .route("/pairs/runs", get(runs::list).post(runs::ask_for_one))
        .route("/pairs/runs/{id}", get(runs::one))
        .route("/pairs/runs/{id}/list.xlsx", get(files::run))
        .route("/pairs/runs/{id}/accept", post(runs::accept))
        .route("/pairs/runs/{id}/drop", post(runs::drop_it))
}

/// The pages beside each other: address, label, whether it is this one.
type Tabs = Vec<(&'static str, String, bool)>;

/// The tabs of pairing that the reader may open.
fn tabs(s: &Shell, here: &str) -> Tabs {
    let mut out = Vec::new();
    let mut add = |may: bool, href: &'static str, key: &str| {
        if may {
            out.push((href, s.t.text(key), href == here));
        }
    };
    add(s.may("names"), "/pairs", "pair.list");
    add(s.may("names"), "/pairs/without", "pair.without");
    add(s.may("visit"), "/pairs/mine", "pair.mine");
    add(s.may("pair"), "/pairs/mentors", "pair.mentors");
    add(s.may("pair"), "/pairs/runs", "pair.runs");
    add(s.may("figures"), "/pairs/measured", "pair.measured");
    out
}

/// The choices of a list, as the address has them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    town: String,
    school: String,
    q: String,
    after: String,
}

impl Asked {
    pub(super) fn filter(&self) -> PairFilter {
        PairFilter {
            place: Division::parse(&self.town).ok(),
            school: unhex(&self.school),
            name: self.q.trim().chars().take(40).collect(),
            after: self.after.clone(),
        }
    }
}

/// The address of a list, without its place.
fn address(base: &str, filter: &PairFilter) -> String {
    let mut out = base.to_owned();
    let mut add = |name: &str, value: &str| {
        let mark = if out.contains('?') { '&' } else { '?' };
        out.extend([mark.to_string().as_str(), name, "=", &encoded(value)]);
    };
    if let Some(place) = filter.place {
        add("town", &place.to_string());
    }
    if let Some(school) = filter.school {
        add("school", &hex(school));
    }
    if !filter.name.is_empty() {
        add("q", &filter.name);
    }
    out
}

fn turns(
    base: &str,
    filter: &PairFilter,
    (total, shown): (i64, usize),
    next: Option<&String>,
) -> Turns {
    let here = address(base, filter);
    let mark = if here.contains('?') { '&' } else { '?' };
    Turns {
        total,
        shown,
        first: (!filter.after.is_empty()).then(|| here.clone()),
        before: None,
        after: next.map(|key| format!("{here}{mark}after={}", encoded(key))),
    }
}

/// Reasons in words: of a pair with points, of none with how many mentors.
pub(crate) fn reasons(t: &Words, of: &[(String, u64)], none: bool) -> String {
    let table = if none { "pair.bar" } else { "pair.fit" };
    let said: Vec<String> = of
        .iter()
        .map(|(code, n)| {
            let word = t.of(table, code);
            if none { t.f2("pair.bar_n", word, n) } else { t.f2("pair.fit_n", word, n) }
        })
        .collect();
    said.join(t.s("word.comma"))
}

/// The name of a kind of mentor.
fn kind(t: &Words, kinds: &[fujiao_office::desk::MentorKind], key: &str) -> String {
    let known = kinds.iter().find(|kind| kind.key == key);
    known.map_or_else(
        || key.to_owned(),
        |kind| if t.tag() == "en" { kind.title_en.clone() } else { kind.title.clone() },
    )
}

#[derive(Template)]
#[template(path = "pairs.html")]
struct ListPage {
    s: Shell,
    tabs: Tabs,
    heading: String,
    glyph: Glyph,
    export: String,
    filtered: bool,
    turns: Turns,
    v: PairsPage,
}

impl ListPage {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.filter.place == Some(town.get())
    }

    fn kind(&self, row: &PairRow) -> String {
        kind(self.s.t, &self.v.kinds, &row.kind)
    }
}

async fn list(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let filter = asked.filter();
    let v = ask(&reader, &seat, move |seat| seat.pairs(&filter, false)).await?;
    let t = reader.lang.words();
    let f = v.figures;
    let heading = match f.pupils - f.paired {
        0 => t.f1("pair.head_clear", t.n(f.pupils)),
        n => t.f2("pair.head", t.n(f.pupils), t.n(n)),
    };
    let tally = fujiao_office::desk::Tally {
        duties: f.pupils,
        open: f.pupils - f.paired,
        unit: Some(fujiao_model::Unit::Person),
        due: f.pupils,
        done: f.paired,
        gap: f.pupils - f.paired,
        ..Default::default()
    };
    let words = (t.text("pair.due"), t.text("pair.paired"));
    let s = Shell::new(&reader, Some(v.frame.clone()), "pairs", t.s("pair.name"));
    let template = ListPage {
        tabs: tabs(&s, "/pairs"),
        heading,
        glyph: Glyph::of_figures(t, t.s("pair.name"), words, &tally, |show| {
            use fujiao_office::desk::Show;
            match show {
                Show::Gap => "/pairs/without".to_owned(),
                _ => "/pairs".to_owned(),
            }
        }),
        export: address("/pairs/list.xlsx", &v.filter),
        filtered: !address("", &v.filter).is_empty(),
        turns: turns("/pairs", &v.filter, (v.total, v.lines.len()), v.next.as_ref()),
        s,
        v,
    };
    page(&reader, &template)
}

#[derive(Template)]
#[template(path = "pairs_without.html")]
struct Without {
    s: Shell,
    tabs: Tabs,
    export: String,
    filtered: bool,
    turns: Turns,
    v: WithoutPage,
}

impl Without {
    fn is_town(&self, town: impl As<Division>) -> bool {
        self.v.filter.place == Some(town.get())
    }
}

async fn without(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let filter = asked.filter();
    let v = ask(&reader, &seat, move |seat| seat.pairs_without(&filter, false)).await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(v.frame.clone()), "pairs", t.s("pair.without"));
    let template = Without {
        tabs: tabs(&s, "/pairs/without"),
        export: address("/pairs/without.xlsx", &v.filter),
        filtered: !address("", &v.filter).is_empty(),
        turns: turns("/pairs/without", &v.filter, (v.total, v.lines.len()), v.next.as_ref()),
        s,
        v,
    };
    page(&reader, &template)
}

/// A month of a plan as a cell.
pub(super) struct MonthCell {
    kind: String,
    by: String,
    /// The chip: made, next, missed, to come.
    chip: &'static str,
    state: String,
    made: String,
    /// Whether the month was over before the pair began.
    before: bool,
}

pub(super) fn month_cell(t: &Words, month: &PlanMonth, day: jiff::civil::Date) -> MonthCell {
    let now = month.month == day.first_of_month();
    let (chip, state) = match (month.met, month.over, now) {
        (true, ..) => ("ok", "pair.made"),
        _ if month.before => ("na", "pair.not_begun"),
        (_, true, _) => ("gap", "pair.missed"),
        (_, _, true) => ("soon", "pair.now"),
        _ => ("na", "pair.to_come"),
    };
    let made: Vec<String> = month
        .made
        .iter()
        .map(|(on, kind)| format!("{} {}", on.strftime("%m-%d"), contact(t, kind)))
        .collect();
    MonthCell {
        kind: t.of("visit.how", month.kind.code()),
        by: month.by.strftime("%m-%d").to_string(),
        chip,
        state: t.text(state),
        made: made.join("；"),
        before: month.before,
    }
}

/// A kind of contact as rosters write it, in the language of the page.
pub(crate) fn contact(t: &Words, kind: &str) -> String {
    match fujiao_office::desk::contact_how(kind) {
        Some(how) if t.tag() == "en" => t.of("visit.how", how.code()),
        _ => kind.to_owned(),
    }
}

/// A pupil of a mentor, as pages show one.
pub(super) struct PupilRow {
    href: String,
    visit: String,
    name: String,
    about: String,
    why: String,
    months: Vec<MonthCell>,
    /// What is next, or empty.
    next: String,
    helps: String,
    material_only: bool,
}

fn pupil_rows(t: &Words, v: &MentorPage) -> Vec<PupilRow> {
    v.pupils
        .iter()
        .map(|p| {
            let class = t.class(p.child.grade, &p.child.class);
            let school = p.child.school.as_ref().map_or("", |s| &s.name);
            let about = [school, &class, &p.child.place_name];
            let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
            PupilRow {
                href: format!("/person/{}", hex(p.child.person)),
                visit: format!("/visit/person/{}", hex(p.child.person)),
                name: p.child.name.clone(),
                about: about.join(" · "),
                why: reasons(t, &p.reasons, false),
                months: p.plan.months.iter().map(|m| month_cell(t, m, v.day)).collect(),
                next: p.plan.next(v.day).map_or_else(String::new, |m| {
                    let kind = t.of("visit.how", m.kind.code());
                    t.f2("pair.next", kind, m.by.strftime("%m-%d"))
                }),
                helps: p.plan.subjects.join("、"),
                material_only: p.plan.material_only,
            }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "pairs_mine.html")]
struct Mine {
    s: Shell,
    tabs: Tabs,
    heading: String,
    months: Vec<String>,
    pupils: Vec<PupilRow>,
    known: bool,
}

async fn mine(reader: Reader, Sat(seat): Sat) -> Result<Response, PageError> {
    let (frame, v) =
        ask(&reader, &seat, |seat: &Seat| Ok((seat.frame()?, seat.my_pupils()?))).await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(frame), "my_pupils", t.s("pair.mine"));
    let waiting = v.as_ref().map_or(0, MentorPage::waiting);
    let all = v.as_ref().map_or(0, |v| v.pupils.len());
    let template = Mine {
        tabs: tabs(&s, "/pairs/mine"),
        heading: match (all, waiting) {
            (0, _) => t.text("pair.mine_none"),
            (_, 0) => t.f1("pair.mine_clear", all),
            _ => t.f2("pair.mine_head", all, waiting),
        },
        months: v.iter().flat_map(|v| &v.months).map(|m| month_name(t, *m)).collect(),
        pupils: v.as_ref().map(|v| pupil_rows(t, v)).unwrap_or_default(),
        known: v.is_some(),
        s,
    };
    page(&reader, &template)
}

fn month_name(t: &Words, month: jiff::civil::Date) -> String {
    t.period(Some(fujiao_model::Period::Month(month.year(), month.month())))
}

/// What changed, as a line of the page.
struct MeasureRow {
    title: String,
    unit: String,
    changed: String,
    against: String,
    children: String,
    svg: String,
}

fn figure(n: f64) -> String {
    let text = format!("{:.1}", n.abs());
    if text == "0.0" { text } else { format!("{}{text}", if n < 0.0 { "−" } else { "+" }) }
}

/// An interval on a line with nought in the middle: what is certain lies on one side.
fn interval(m: &Measured, more_is_better: bool) -> String {
    let reach = m.low.abs().max(m.high.abs()).max(0.1) * 1.25;
    let x = |value: f64| 50.0 + 50.0 * value / reach;
    let good = if more_is_better { m.low > 0.0 } else { m.high < 0.0 };
    let bad = if more_is_better { m.high < 0.0 } else { m.low > 0.0 };
    let class = if bad {
        "fz"
    } else if good {
        "f2"
    } else {
        "f1"
    };
    format!(
        "<svg class=\"ch\" height=\"24\" aria-hidden=\"true\"><line class=\"bs\" x1=\"50%\" x2=\"50%\" y1=\"2\" y2=\"22\"/>\
         <rect class=\"{class}\" x=\"{:.1}%\" width=\"{:.1}%\" y=\"9\" height=\"6\"/><circle class=\"{class}\" cx=\"{:.1}%\" cy=\"12\" r=\"5\"/></svg>",
        x(m.low),
        x(m.high) - x(m.low),
        x(m.mean)
    )
}

fn measure_row(t: &Words, line: &MeasuredLine) -> MeasureRow {
    let code = line.what.code();
    let said = |m: &Measured| t.f3("pair.interval", figure(m.mean), figure(m.low), figure(m.high));
    let more = line.what.more_is_better();
    let (chip, state) = match &line.changed {
        None => ("na", "pair.too_few"),
        Some(m) if (more && m.low > 0.0) || (!more && m.high < 0.0) => ("ok", "pair.better"),
        Some(m) if (more && m.high < 0.0) || (!more && m.low > 0.0) => ("gap", "pair.worse"),
        Some(_) => ("", "pair.unclear"),
    };
    MeasureRow {
        title: t.of("pair.measure", code),
        unit: t.of("pair.measure_unit", code),
        changed: line.changed.as_ref().map_or_else(|| t.text("pair.few_hidden"), said),
        against: line.against.as_ref().map_or_else(|| "—".to_owned(), said),
        children: line.changed.as_ref().map_or_else(|| "—".to_owned(), |m| m.children.to_string()),
        svg: line.changed.as_ref().map_or_else(String::new, |m| interval(m, more))
            + &format!("<span class=\"chip {chip}\">{}</span>", t.s(state)),
    }
}

#[derive(Template)]
#[template(path = "pairs_measured.html")]
struct MeasuredPage {
    s: Shell,
    tabs: Tabs,
    rows: Vec<MeasureRow>,
}

async fn measured(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let lines = done(&reader, &app.office, move |office| office.pair_measured(&actor)).await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(frame), "pairs", t.s("pair.measured"));
    let rows = lines.iter().map(|line| measure_row(t, line)).collect();
    page(&reader, &MeasuredPage { tabs: tabs(&s, "/pairs/measured"), rows, s })
}
