//! Deciding whether two rows are one person: a pair a page, and what was decided.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::RosterKind;
use fujiao_office::OfficeError;
use fujiao_office::desk::Seat;
use fujiao_office::review::{
    Answer, Decided, DecisionState, MyReview, ReviewError, ReviewPair, ReviewRow,
};
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shape::share_bar;
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};

/// Routes of deciding about pairs.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/review", get(first))
        .route("/review/history", get(history))
        .route("/review/undo", post(undo))
        .route("/review/{key}", get(one).post(decide))
}

/// One of the two rows.
struct Side {
    mark: String,
    kind: RosterKind,
    file: String,
    sheet: String,
    row: u32,
    row_id: u64,
}

/// One step of the waterfall.
struct Step {
    name: String,
    level: String,
    weight: String,
    against: bool,
    bar: String,
}

struct Pair {
    key: String,
    names: [String; 2],
    total: String,
    sentence: String,
    sides: Vec<Side>,
    /// Item, what the first says, what the second says, whether they differ.
    fields: Vec<(String, String, String, bool)>,
    steps: Vec<Step>,
    sum: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct PairPage {
    s: Shell,
    pair: Option<Pair>,
    /// The pair that was just decided.
    just: Option<String>,
    whys: Vec<String>,
    fault: String,
    bar: String,
    v: MyReview,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Just {
    just: String,
}

async fn pair_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    key: Option<String>,
    just: &str,
    fault: String,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(reader, seat, Seat::frame).await?;
    let (actor, asked) = (seat.actor().clone(), key.clone());
    let v =
        done(reader, &app.office, move |office| office.my_review(&actor, asked.as_deref())).await?;
    if key.is_some() && v.pair.is_none() {
        return Err(super::missing(reader, seat).await);
    }
    let good = fault.is_empty();
    let page = PairPage {
        s: Shell::new(reader, Some(frame), "review", t.s("link.name")),
        pair: v.pair.as_ref().map(|pair| shown(t, pair)),
        just: is_key(just).then(|| just.to_owned()),
        whys: ["link.why_1", "link.why_2", "link.why_3"].map(|key| t.s(key).to_owned()).to_vec(),
        fault,
        bar: share_bar(v.decided + v.waiting, v.decided, v.waiting),
        v,
    };
    super::form_page(reader, good, &page)
}

async fn first(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(just): Query<Just>,
) -> Result<Response, PageError> {
    pair_page(&app, &reader, &seat, None, &just.just, String::new()).await
}

async fn one(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(key): Path<String>,
    Query(just): Query<Just>,
) -> Result<Response, PageError> {
    pair_page(&app, &reader, &seat, Some(key), &just.just, String::new()).await
}

#[derive(Deserialize)]
struct Said {
    answer: String,
    #[serde(default)]
    why: String,
}

async fn decide(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(key): Path<String>,
    CheckedForm(said): CheckedForm<Said>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let answer = match said.answer.as_str() {
        "same" => Answer::Same,
        "different" => Answer::Different,
        _ => return Err(PageError::refused(&reader, StatusCode::BAD_REQUEST)),
    };
    let (actor, pair) = (seat.actor().clone(), key.clone());
    let next = act(&reader, &app.office, move |office| {
        let next = office.my_review(&actor, Some(&pair))?.behind;
        office.decide_mine(&actor, &pair, answer, &said.why)?;
        Ok::<_, OfficeError>(next)
    })
    .await?;
    match next {
        Ok(Some(next)) => Ok(Redirect::to(&format!("/review/{next}?just={key}")).into_response()),
        Ok(None) => Ok(Redirect::to(&format!("/review?just={key}")).into_response()),
        Err(OfficeError::Review(ReviewError::Contradicts { against, .. })) => {
            let fault = t.f1("link.contradicts", against.join(t.s("word.comma")));
            pair_page(&app, &reader, &seat, Some(key), "", fault).await
        }
        Err(OfficeError::Review(_)) => Err(super::missing(&reader, &seat).await),
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Deserialize)]
struct Undoing {
    key: String,
    #[serde(default)]
    why: String,
    /// Whether they came from the pairs, and go back to this one.
    #[serde(default)]
    back: String,
}

async fn undo(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Undoing>,
) -> Result<Response, PageError> {
    let (actor, key) = (seat.actor().clone(), form.key.clone());
    let undone =
        act(&reader, &app.office, move |office| office.undo_mine(&actor, &key, &form.why)).await?;
    match undone {
        Ok(()) if form.back == "1" => {
            Ok(Redirect::to(&format!("/review/{}", form.key)).into_response())
        }
        Ok(()) => Ok(Redirect::to(&format!("/review/history#{}", form.key)).into_response()),
        Err(OfficeError::Review(_)) => Err(super::missing(&reader, &seat).await),
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

struct Line {
    key: String,
    names: String,
    said: String,
    who: String,
    note: String,
    undone: String,
    state: String,
    chip: &'static str,
    stands: bool,
}

#[derive(Template)]
#[template(path = "link_history.html")]
struct HistoryPage {
    s: Shell,
    lines: Vec<Line>,
}

/// Decisions a page: more are in the command's list.
const LINES: usize = 300;

async fn history(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let found = done(&reader, &app.office, move |office| office.my_history(&actor)).await?;
    let page = HistoryPage {
        s: Shell::new(&reader, Some(frame), "review", t.s("link.history")),
        lines: found.decisions.iter().take(LINES).map(|d| line(t, d)).collect(),
    };
    super::page(&reader, &page)
}

fn line(t: &Words, d: &Decided) -> Line {
    let name =
        |row: &Option<ReviewRow>| row.as_ref().map_or("—", |row| row.name.as_str()).to_owned();
    let said = match d.answer {
        Answer::Same => "link.same",
        Answer::Different => "link.different",
    };
    let (key, chip) = match d.state {
        DecisionState::Waits => ("link.state_waits", "soon"),
        DecisionState::Holds => ("link.state_holds", "ok"),
        DecisionState::Fails => ("link.state_fails", "gap"),
        DecisionState::Void => ("link.state_void", "na"),
        DecisionState::Undone => ("link.state_undone", "na"),
    };
    let undone = d.undone.as_ref().map_or_else(String::new, |undone| {
        let by = t.f2("correct.withdrawn_by", &undone.actor, t.clock(undone.at));
        undone.why.as_ref().map_or(by.clone(), |why| format!("{by}{}{why}", t.s("word.colon")))
    });
    Line {
        key: d.key.clone(),
        names: format!("{} ↔ {}", name(&d.rows[0]), name(&d.rows[1])),
        said: t.s(said).to_owned(),
        who: t.f2("correct.by", &d.by, t.clock(d.at)),
        note: d.note.clone().unwrap_or_default(),
        undone,
        state: t.s(key).to_owned(),
        chip,
        stands: d.state.stands(),
    }
}

fn shown(t: &Words, pair: &ReviewPair) -> Pair {
    let [a, b] = &pair.rows;
    let side = |mark: &str, row: &ReviewRow| Side {
        mark: mark.to_owned(),
        kind: row.kind,
        file: row.file.clone(),
        sheet: row.sheet.clone(),
        row: row.row,
        row_id: row.row_id,
    };
    let mut fields = Vec::new();
    for (key, a, b) in [
        ("link.f_name", &a.name, &b.name),
        ("link.f_id", &a.citizen_id, &b.citizen_id),
        ("link.f_born", &a.born, &b.born),
        ("link.f_place", &a.place, &b.place),
        ("link.f_school", &a.school, &b.school),
        ("link.f_class", &a.class, &b.class),
        ("link.f_guardian", &a.guardian, &b.guardian),
        ("link.f_phone", &a.phone, &b.phone),
    ] {
        if a.is_empty() && b.is_empty() {
            continue;
        }
        let say = |text: &str| if text.is_empty() { t.s("correct.empty") } else { text }.to_owned();
        let differs = !a.is_empty() && !b.is_empty() && a != b;
        fields.push((t.s(key).to_owned(), say(a), say(b), differs));
    }
    let why = &pair.why;
    let mut steps = vec![(t.s("link.prior").to_owned(), String::new(), why.prior)];
    steps.extend(why.steps.iter().map(|(what, level, w)| (what.clone(), level.clone(), *w)));
    if why.look_alikes.abs() >= 0.05 {
        steps.push((t.s("link.look_alikes").to_owned(), why.look_alike.clone(), why.look_alikes));
    }
    if why.rivals.abs() >= 0.05 {
        steps.push((t.s("link.rivals").to_owned(), String::new(), why.rivals));
    }
    let widest = steps.iter().map(|(.., w)| w.abs()).fold(1.0, f64::max);
    Pair {
        key: pair.key.clone(),
        names: [a.name.clone(), b.name.clone()],
        total: t.f2("link.total", weight(pair.weight), format!("{:.0}", pair.probability * 100.0)),
        sentence: pair.sentence.clone(),
        sides: vec![side(t.s("link.a"), a), side(t.s("link.b"), b)],
        fields,
        steps: steps
            .into_iter()
            .map(|(name, level, w)| Step {
                name,
                level,
                weight: weight(w),
                against: w < 0.0,
                bar: step_bar(w, widest),
            })
            .collect(),
        sum: weight(pair.weight),
    }
}

/// A weight as people read it: one decimal, with its sign.
pub(crate) fn weight(w: impl As<f64>) -> String {
    let w = w.get();
    let sign = if w < -0.05 { "−" } else { "+" };
    format!("{sign}{:.1}", w.abs())
}

/// A bar to the right of the middle for what speaks for the pair, to the left for what speaks against.
fn step_bar(w: f64, widest: f64) -> String {
    let width = (w.abs() / widest * 50.0).min(50.0);
    let (class, x) = if w < 0.0 { ("fz", 50.0 - width) } else { ("f1", 50.0) };
    format!(
        "<svg class=\"ch\" height=\"14\" aria-hidden=\"true\"><line class=\"bs\" x1=\"50%\" x2=\"50%\" y2=\"14\"/>\
         <rect class=\"{class}\" x=\"{x:.2}%\" y=\"2\" width=\"{width:.2}%\" height=\"10\"/></svg>"
    )
}

/// Whether a text is the key of a pair: nothing else of an address gets into a page.
fn is_key(text: &str) -> bool {
    text.len() == 13 && text.starts_with('K') && text[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_keys_read() {
        assert_eq!([11.94, -2.66, 0.0, -0.01].map(weight), ["+11.9", "−2.7", "+0.0", "+0.0"]);
        assert!(is_key("K0123456789AB") && !is_key("K0123456789A\"") && !is_key("K"));
        assert!(step_bar(-2.0, 4.0).contains("x=\"25.00%\""));
    }
}
