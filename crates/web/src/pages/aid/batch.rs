//! One batch: its life, what was found, who is in it, files and returns.

mod acts;
mod said;
mod sample;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_model::{Money, Unit};
use fujiao_office::OfficeError;
use fujiao_office::aid::{AidError, BatchPage, Channel, FindingList, Lines, Step};
use fujiao_office::desk::Seat;
use serde::Deserialize;

use super::period;
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, act};
use crate::pages::{ask, form_page, missing};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};
use acts::{
    answer_objection, approve, check, close, confirm_school, decide, export, file_again, leave_out,
    mend, object, publish, reconcile, stop, withdraw,
};
use said::{back, finding, heading, row, sampled, sheet, stages, states, sums, tabs};
use sample::{answer_sample, draw, sample};

/// Lines a page.
const LINES: u32 = 50;
/// The largest return that is taken.
const LARGEST_RETURN: usize = 64 << 20;

pub(super) fn routes() -> Router<App> {
    let reconcile = post(reconcile).layer(DefaultBodyLimit::max(LARGEST_RETURN + (1 << 16)));
    Router::new()
        .route("/aid/batch/{id}", get(one))
        .route("/aid/batch/{id}/check", post(check))
        .route("/aid/batch/{id}/mend", post(mend))
        .route("/aid/batch/{id}/decide", post(decide))
        .route("/aid/batch/{id}/out", post(leave_out))
        .route("/aid/batch/{id}/publish", post(publish))
        .route("/aid/batch/{id}/object", post(object))
        .route("/aid/objection/{id}", post(answer_objection))
        .route("/aid/batch/{id}/approve", post(approve))
        .route("/aid/batch/{id}/export", post(export))
        .route("/aid/batch/{id}/close", post(close))
        .route("/aid/batch/{id}/withdraw", post(withdraw))
        .route("/aid/batch/{id}/sample", post(draw))
        .route("/aid/sample/{id}", get(sample).post(answer_sample))
        .route("/aid/file/{id}", post(file_again))
        .route("/aid/file/{id}/school", post(confirm_school))
        .route("/aid/payment/{id}/stop", post(stop))
        .route("/aid/reconcile", reconcile)
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    list: String,
    q: String,
    state: String,
    after: u64,
}

/// A step on the line of life.
struct Stage {
    number: u8,
    name: String,
    about: String,
    class: &'static str,
    now: bool,
}

/// A tab of the lists.
struct Tab {
    label: String,
    href: String,
    current: bool,
}

/// A finding, in words.
struct Found {
    /// Which finding a form is about.
    key: String,
    list: &'static str,
    mark: String,
    person: String,
    name: String,
    other: String,
    what: String,
    why: String,
    owed: String,
    amount: String,
    waits: bool,
    line: bool,
    decided: String,
}

/// A line, in words.
struct Row {
    id: u64,
    person: String,
    name: String,
    class: String,
    school: String,
    part: String,
    amount: String,
    facts: String,
    state: String,
    chip: &'static str,
    trouble: String,
    stoppable: bool,
}

/// A file with its sums.
struct Sheet {
    id: u64,
    name: String,
    lines: u64,
    total: String,
    paid: String,
    returned: String,
    closed: bool,
}

/// A return.
struct Back {
    id: u64,
    file: u64,
    name: String,
    said: String,
    odd: Vec<String>,
}

#[derive(Template)]
#[template(path = "aid_batch.html")]
struct OnePage {
    s: Shell,
    heading: String,
    about: String,
    stages: Vec<Stage>,
    holds: Vec<String>,
    tabs: Vec<Tab>,
    findings: Vec<Found>,
    rows: Vec<Row>,
    states: Vec<(&'static str, String, bool)>,
    q: String,
    more: String,
    files: Vec<Sheet>,
    backs: Vec<Back>,
    objections: Vec<(u64, String, String, bool)>,
    samples: Vec<(u64, String)>,
    channels: Vec<(&'static str, String)>,
    total: String,
    sums: Vec<(String, String, String)>,
    bar: String,
    short: String,
    notice: Option<(String, String)>,
    /// File, school, how much waits for its word.
    schools: Vec<(u64, String, String)>,
    can: Can,
    refused: Refused,
    v: BatchPage,
}

impl OnePage {
    /// What was written into a field of a form that was sent back.
    fn kept(&self, form: &str, field: &str) -> &str {
        let fields = self.refused.fields.iter();
        let mut kept = fields.filter(|_| self.refused.form == form).filter(|(f, _)| *f == field);
        kept.next().map_or("", |(_, text)| text)
    }

    /// As [`OnePage::kept`], for the reason about one line or finding.
    fn reason(&self, form: &str, of: impl std::fmt::Display) -> &str {
        self.kept(&format!("{form} {of}"), "why")
    }

    /// Whether a form was sent back.
    fn is_back(&self, form: &str, of: impl std::fmt::Display) -> bool {
        self.refused.form == format!("{form} {of}")
    }

    /// Schools of a file that have not confirmed.
    fn schools_of(&self, file: impl As<u64>) -> Vec<(&str, &str)> {
        let file = file.get();
        let of = self.schools.iter().filter(|(f, ..)| *f == file);
        of.map(|(_, school, about)| (school.as_str(), about.as_str())).collect()
    }
}

/// What the reader may do now.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "one a button")]
struct Can {
    check: bool,
    mend: bool,
    publish: bool,
    object: bool,
    approve: bool,
    export: bool,
    reconcile: bool,
    close: bool,
    withdraw: bool,
    sample: bool,
}

impl Can {
    fn of(s: &Shell, v: &BatchPage) -> Self {
        if v.batch.withdrawn.is_some() || !v.whole {
            return Self::default();
        }
        let (prepare, pay) = (s.may("prepare"), s.may("pay"));
        let sent = v.tally.sent.0 > 0 || v.files.iter().any(|f| f.closed_at.is_none());
        Self {
            check: prepare && v.step < Step::Approved,
            mend: prepare && v.step < Step::Published,
            publish: prepare && v.step == Step::Checked,
            object: prepare && v.step == Step::Published,
            approve: s.may("approve") && v.step == Step::Published,
            export: pay && (Step::Approved..=Step::Exported).contains(&v.step),
            reconcile: pay && sent,
            close: pay && (Step::Exported..Step::Closed).contains(&v.step),
            withdraw: prepare && v.step < Step::Approved,
            sample: prepare && v.tally.paid.0 > 0,
        }
    }
}

async fn one(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&app, &reader, &seat, &id, asked, None).await
}

/// What came of a form that was not taken: which, what was written into it, and why not.
#[derive(Default)]
struct Refused {
    form: String,
    fields: Vec<(&'static str, String)>,
    fault: String,
}

async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    id: &str,
    asked: Asked,
    refused: Option<Refused>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let Ok(id) = id.parse::<u64>() else { return Err(missing(reader, seat).await) };
    let frame = ask(reader, seat, Seat::frame).await?;
    let (actor, of) = (seat.actor().clone(), asked.clone());
    let found = act(reader, &app.office, move |office| {
        let list = FindingList::parse(&of.list);
        let v = office.aid_page(&actor, id, list)?;
        let lines = Lines {
            out: of.state == "out",
            payment: Some(of.state.clone()).filter(|s| !s.is_empty() && s != "out"),
            name: of.q.clone(),
            after: of.after,
            limit: LINES + 1,
        };
        let lines = office.aid_lines_of(&actor, id, &lines)?;
        Ok::<_, OfficeError>((v, lines))
    })
    .await?;
    let (v, mut lines) = match found {
        Ok(found) => found,
        Err(OfficeError::Aid(AidError::NoSuchBatch)) => return Err(missing(reader, seat).await),
        Err(e) => return Err(PageError::office(reader, e)),
    };
    let more = (lines.len() > LINES as usize).then(|| {
        lines.truncate(LINES as usize);
        let last = lines.last().map_or(0, |l| l.id);
        format!("/aid/batch/{id}?state={}&q={}&after={last}#lines", asked.state, encoded(&asked.q))
    });
    let name = format!("{} {}", t.title(&v.title), period(t, &v.batch.period));
    let heading = heading(t, &v);
    let s = Shell::new(
        reader,
        Some(frame),
        "aid_batches",
        format!("{name} {}", t.f1("aid.nth", v.batch.number)),
    );
    let can = Can::of(&s, &v);
    let good = refused.is_none();
    let page_of = OnePage {
        refused: refused.unwrap_or_default(),
        schools: v
            .schools
            .iter()
            .map(|(file, school, n, fen)| {
                let about = t.f2("aid.school_waits", n, t.q(Unit::Fen, *fen));
                (*file, school.clone(), about)
            })
            .collect(),
        about: format!("{name} · {}", t.f1("aid.nth", v.batch.number)),
        heading,
        stages: stages(t, &v),
        holds: if v.batch.withdrawn.is_some() || v.step == Step::Closed {
            Vec::new()
        } else {
            v.holds.iter().map(|hold| t.hold(*hold)).collect()
        },
        tabs: tabs(t, &v, &asked),
        findings: v.findings.iter().map(|f| finding(t, f)).collect(),
        rows: lines.into_iter().map(|l| row(t, l, s.may("pay") && v.whole)).collect(),
        states: states(t, &v, &asked.state),
        q: asked.q,
        more: more.unwrap_or_default(),
        files: v.files.iter().map(|f| sheet(t, f)).collect(),
        backs: v.returns.iter().map(|(r, odd)| back(t, r, odd)).collect(),
        objections: v
            .objections
            .iter()
            .map(|o| {
                let decided = o.decided.as_ref().map(|(what, why)| {
                    format!("{}{}{why}", t.of("aid.objection", what), t.s("word.colon"))
                });
                (
                    o.id,
                    format!("{} {}", o.said_on, o.said),
                    decided.clone().unwrap_or_default(),
                    decided.is_none(),
                )
            })
            .collect(),
        samples: v.samples.iter().map(|r| (r.sample.id, sampled(t, r))).collect(),
        channels: channels(t, v.channel),
        total: t.q(Unit::Fen, v.tally.total),
        sums: sums(t, &v),
        bar: super::bar(&v.tally),
        short: v.short.filter(|m| *m > Money::ZERO).map(|m| m.to_string()).unwrap_or_default(),
        notice: v.publication.as_ref().map(|p| {
            (
                format!("/notice/{}", p.token),
                t.f3("aid.notice_days", p.from, p.until, p.working_days),
            )
        }),
        can,
        s,
        v,
    };
    form_page(reader, good, &page_of)
}

/// The ways out of the county's account, that of the programme first.
fn channels(t: &Words, first: impl As<Channel>) -> Vec<(&'static str, String)> {
    let first = first.get();
    let others = Channel::ALL.into_iter().filter(|c| *c != first);
    let all = std::iter::once(first).chain(others);
    all.map(|c| (c.code(), t.of("aid.channels", c.code()))).collect()
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}
