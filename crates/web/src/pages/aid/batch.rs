//! One batch: its life, what was found, who is in it, files and returns.

use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Grade, Money, Unit};
use fujiao_office::OfficeError;
use fujiao_office::aid::{
    AidError, AidLine, BatchPage, Channel, Decision, FindingList, Lines, PaymentState, SampleLine,
    Step,
};
use fujiao_office::desk::Seat;
use jiff::civil::Date;
use serde::Deserialize;

use super::{Why, go, period};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, SignedIn, act, done};
use crate::pages::{ask, hex, missing, page, unhex};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::Words;

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
    channels: Vec<(&'static str, &'static str)>,
    total: String,
    sums: Vec<(String, String, String)>,
    bar: String,
    short: String,
    notice: Option<(String, String)>,
    can: Can,
    v: BatchPage,
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
    let t = reader.lang.words();
    let Ok(id) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, of) = (seat.actor().clone(), asked.clone());
    let found = act(&reader, &app.office, move |office| {
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
        Err(OfficeError::Aid(AidError::NoSuchBatch)) => return Err(missing(&reader, &seat).await),
        Err(e) => return Err(PageError::office(&reader, e)),
    };
    let more = (lines.len() > LINES as usize).then(|| {
        lines.truncate(LINES as usize);
        let last = lines.last().map_or(0, |l| l.id);
        format!("/aid/batch/{id}?state={}&q={}&after={last}#lines", asked.state, encoded(&asked.q))
    });
    let name = format!("{} {}", t.title(&v.title), period(t, &v.batch.period));
    let heading = heading(t, &v);
    let s = Shell::new(
        &reader,
        Some(frame),
        "aid_batches",
        format!("{name} {}", t.f1("aid.nth", v.batch.number)),
    );
    let can = Can::of(&s, &v);
    let page_of = OnePage {
        about: format!("{name} · {}", t.f1("aid.nth", v.batch.number)),
        heading,
        stages: stages(t, &v),
        holds: if v.batch.withdrawn.is_some() || v.step == Step::Closed {
            Vec::new()
        } else {
            v.holds.iter().map(ToString::to_string).collect()
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
        channels: Channel::ALL.iter().map(|c| (c.code(), c.chinese())).collect(),
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
    page(&reader, &page_of)
}

fn heading(t: &Words, v: &BatchPage) -> String {
    if v.batch.withdrawn.is_some() {
        return t.text("aid.head_withdrawn");
    }
    let waits: u64 = v.lists.iter().filter(|(l, ..)| l.holds()).map(|(_, n, _)| n).sum();
    match v.step {
        Step::Draft => t.f1("aid.head_draft", v.tally.lines),
        Step::Checked if waits > 0 => t.f1("aid.head_waits", waits),
        Step::Checked => t.text("aid.head_checked"),
        Step::Published => match &v.publication {
            Some(p) => t.f1("aid.head_published", p.until),
            None => t.text("aid.head_checked"),
        },
        Step::Approved => t.f1("aid.head_approved", v.tally.due.0),
        Step::Exported if v.tally.sent.0 > 0 => t.f1("aid.head_sent", v.tally.sent.0),
        Step::Exported => t.f1("aid.head_due", v.tally.due.0),
        Step::Reconciled => t.text("aid.head_reconciled"),
        Step::Closed => t.f1("aid.head_closed", v.tally.paid.0),
    }
}

fn stages(t: &Words, v: &BatchPage) -> Vec<Stage> {
    let done = |step| v.steps.iter().find(|(of, _)| *of == step);
    let next = v.step.next();
    Step::ALL
        .into_iter()
        .map(|step| {
            let by = done(step);
            let mut about =
                by.map_or_else(String::new, |(_, by)| format!("{} {}", t.clock(by.at), by.name));
            if step == Step::Approved && by.is_none() && !v.approvals.is_empty() {
                let needed = v.batch.signatures.unwrap_or(1);
                about = t.f2("aid.signed", v.approvals.len(), needed);
            }
            Stage {
                number: step.number(),
                name: t.of("aid.step", step.code()),
                about,
                class: if by.is_some() { "d" } else { "" },
                now: next == Some(step),
            }
        })
        .collect()
}

fn tabs(t: &Words, v: &BatchPage, asked: &Asked) -> Vec<Tab> {
    let mut tabs: Vec<Tab> = v
        .lists
        .iter()
        .map(|(list, waits, decided)| Tab {
            label: format!("{} {}", t.of("aid.list", list.code()), waits + decided),
            href: format!("/aid/batch/{}?list={}#found", v.batch.id, list.code()),
            current: asked.list == list.code(),
        })
        .collect();
    if !tabs.is_empty() {
        let all = Tab {
            label: t.text("list.all"),
            href: format!("/aid/batch/{}#found", v.batch.id),
            current: asked.list.is_empty(),
        };
        tabs.insert(0, all);
    }
    tabs
}

fn finding(t: &Words, f: &fujiao_office::aid::AidFinding) -> Found {
    let fen = |n| t.q(Unit::Fen, n);
    let what = match f.list {
        FindingList::Missed => t.f1("aid.found_missed", fen(f.owed)),
        FindingList::Wrong if f.owed == 0 => t.f1("aid.found_none", fen(f.amount)),
        FindingList::Wrong => t.f2("aid.found_wrong", fen(f.amount), fen(f.owed)),
        FindingList::Double => t.text("aid.found_double"),
        FindingList::Stacked => t.f1("aid.found_stacked", &f.other),
        FindingList::Account => t.text("aid.found_account"),
    };
    let decided = f
        .decided
        .as_ref()
        .map(|(what, why, ..)| format!("{}{}{why}", t.of("aid.decided", what), t.s("word.colon")));
    let other = match f.list {
        FindingList::Double => {
            f.other.parse::<i64>().map(|id| hex(id.cast_unsigned())).unwrap_or_default()
        }
        _ => String::new(),
    };
    let why = match f.why.as_str() {
        "same_name_and_birth" => t.text("aid.why_same"),
        "asked_pair" => t.text("aid.why_pair"),
        other => other.to_owned(),
    };
    Found {
        list: f.list.code(),
        mark: t.of("aid.list", f.list.code()),
        person: hex(f.person),
        name: f.name.clone(),
        other,
        what,
        why,
        owed: fen(f.owed),
        amount: fen(f.amount),
        waits: f.decided.is_none(),
        line: f.line.is_some(),
        decided: decided.unwrap_or_default(),
    }
}

fn row(t: &Words, l: AidLine, pays: bool) -> Row {
    let (state, chip) = match (l.out.as_deref(), l.payment.as_deref()) {
        (Some(_), _) => (t.text("aid.state.out"), "na"),
        (None, None) => (t.text("aid.state.in"), "soon"),
        (None, Some(state)) => {
            let chip = match state {
                "paid" => "ok",
                "stopped" => "na",
                "due" => "gap",
                _ => "soon",
            };
            (t.of("aid.state", state), chip)
        }
    };
    // What went wrong before is told until the money came.
    let trouble = l.trouble.filter(|_| l.payment.as_deref() != Some(PaymentState::Paid.code()));
    Row {
        id: l.id,
        person: hex(l.person),
        class: t.class(Grade::parse(&l.grade), &l.class),
        school: l.school_name,
        part: if l.part > 1 { t.f1("aid.part", l.part) } else { String::new() },
        amount: t.q(Unit::Fen, l.amount),
        facts: l.facts,
        name: l.name,
        state,
        chip,
        trouble: l.out.or(trouble).unwrap_or_default(),
        stoppable: pays && l.payment.as_deref() == Some(PaymentState::Due.code()),
    }
}

fn states(t: &Words, v: &BatchPage, now: &str) -> Vec<(&'static str, String, bool)> {
    let tally = &v.tally;
    let mut all = vec![("", t.f1("aid.all_lines", t.n(signed(tally.lines))))];
    for (code, n) in [
        ("due", tally.due.0),
        ("sent", tally.sent.0),
        ("paid", tally.paid.0),
        ("stopped", tally.stopped.0),
        ("out", tally.out),
    ] {
        if n > 0 {
            all.push((code, format!("{} {}", t.of("aid.state", code), t.n(signed(n)))));
        }
    }
    all.into_iter().map(|(code, label)| (code, label, code == now)).collect()
}

fn sums(t: &Words, v: &BatchPage) -> Vec<(String, String, String)> {
    let tally = &v.tally;
    [("paid", tally.paid), ("sent", tally.sent), ("due", tally.due), ("stopped", tally.stopped)]
        .into_iter()
        .filter(|(_, (n, _))| *n > 0)
        .map(|(code, (n, fen))| (t.of("aid.state", code), t.n(signed(n)), t.q(Unit::Fen, fen)))
        .collect()
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn sheet(t: &Words, f: &fujiao_office::aid::AidFile) -> Sheet {
    let of = |(n, fen): (u64, i64)| format!("{} / {}", t.n(signed(n)), t.q(Unit::Fen, fen));
    let channel = match Channel::parse(&f.channel) {
        Some(channel) => channel.chinese(),
        None => f.channel.as_str(),
    };
    Sheet {
        id: f.id,
        name: t.f3("aid.file", f.id, channel, f.round),
        lines: f.lines,
        total: t.q(Unit::Fen, f.total),
        paid: of(f.paid),
        returned: of(f.returned),
        closed: f.closed_at.is_some(),
    }
}

fn back(t: &Words, r: &fujiao_office::aid::AidReturn, odd: &[(u64, bool, i64, String)]) -> Back {
    let mut said = t.f2("aid.told", r.paid.0, r.returned.0);
    let _ = write!(said, "{}{}", t.s("word.comma"), t.f2("aid.told_rest", r.unknown, r.extra));
    Back {
        id: r.id,
        file: r.file,
        name: r.name.clone(),
        said,
        odd: odd
            .iter()
            .map(|(row, extra, fen, words)| {
                let key = if *extra { "aid.odd_extra" } else { "aid.odd_unclear" };
                format!("{} {words}", t.f2(key, row, t.q(Unit::Fen, *fen)))
            })
            .collect(),
    }
}

fn sampled(t: &Words, r: &fujiao_office::aid::SampleResult) -> String {
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let head = t.f2("aid.sample_size", r.sample.size, r.sample.population);
    match r.came {
        None => head,
        Some(came) => format!(
            "{head}{}{}",
            t.s("word.comma"),
            t.f3("aid.sample_came", percent(came), percent(r.interval.0), percent(r.interval.1))
        ),
    }
}

fn to(id: &str) -> String {
    format!("/aid/batch/{id}")
}

fn number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}

fn quiet(_: &str, _: u64, _: u64) {}

async fn check(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| o.aid_check(a, batch, &quiet).map(drop)).await
}

async fn mend(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| {
        o.aid_mend(a, batch)?;
        o.aid_check(a, batch, &quiet).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Decided {
    list: String,
    person: String,
    other: String,
    #[serde(rename = "do")]
    what: String,
    why: String,
}

async fn decide(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Decided>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    let there = format!("/aid/batch/{id}?list={}#found", form.list);
    go(&app, &reader, &seat, there, move |o, a| {
        let list = FindingList::parse(&form.list).ok_or(AidError::NoSuchLine)?;
        let person = unhex(&form.person).ok_or(AidError::NoSuchLine)?;
        // A person's id stands in the books as a whole number.
        let other = match (list, unhex(&form.other)) {
            (FindingList::Double, Some(other)) => other.cast_signed().to_string(),
            _ => form.other.clone(),
        };
        let decision = if form.what == "out" { Decision::LeaveOut } else { Decision::Keep };
        o.aid_decide(a, batch, (list, person, &other), decision, &form.why)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfLine {
    line: u64,
    why: String,
}

async fn leave_out(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<OfLine>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| o.aid_leave_out(a, batch, form.line, &form.why))
        .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Days {
    from: String,
    until: String,
}

async fn publish(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Days>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    let day = |text: &str| text.trim().parse::<Date>().ok();
    let (from, until) = (day(&form.from), day(&form.until));
    go(&app, &reader, &seat, to(&id), move |o, a| o.aid_publish(a, batch, from, until).map(drop))
        .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Objected {
    line: String,
    channel: String,
    said: String,
}

async fn object(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Objected>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    let line = form.line.trim().parse::<u64>().ok();
    go(&app, &reader, &seat, to(&id), move |o, a| {
        o.aid_object(a, batch, line, &form.channel, &form.said).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answered {
    #[serde(rename = "do")]
    what: String,
    why: String,
}

async fn answer_objection(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Answered>,
) -> Result<Response, PageError> {
    let (actor, objection) = (seat.actor().clone(), number(&id));
    let batch = done(&reader, &app.office, move |o| {
        o.aid_answer_objection(&actor, objection, form.what == "upheld", &form.why)
    })
    .await?;
    Ok(Redirect::to(&to(&batch.to_string())).into_response())
}

async fn approve(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| {
        o.aid_approve(a, batch, &form.why, &quiet).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sending {
    channel: String,
    pay_on: String,
}

/// A file goes to the browser at once; the same again is on the batch's page.
async fn export(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Sending>,
) -> Result<Response, PageError> {
    let (actor, batch) = (seat.actor().clone(), number(&id));
    let channel = Channel::parse(&form.channel).unwrap_or(Channel::BankText);
    let pay_on = form.pay_on.trim().parse::<Date>().ok();
    let made =
        done(&reader, &app.office, move |o| o.aid_export(&actor, batch, channel, pay_on, &quiet))
            .await?;
    Ok(download(&made.name, made.bytes))
}

async fn file_again(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let (actor, file) = (seat.actor().clone(), number(&id));
    let made = done(&reader, &app.office, move |o| o.aid_file_again(&actor, file)).await?;
    Ok(download(&made.name, made.bytes))
}

fn download(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "text/plain; charset=gb18030",
    };
    let disposition = format!("attachment; filename*=UTF-8''{}", encoded(name));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfSchool {
    school: String,
}

async fn confirm_school(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<OfSchool>,
) -> Result<Response, PageError> {
    let (actor, file) = (seat.actor().clone(), number(&id));
    let told =
        done(&reader, &app.office, move |o| o.aid_confirm_school(&actor, file, &form.school))
            .await?;
    Ok(Redirect::to(&to(&told.batch.to_string())).into_response())
}

async fn stop(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Answered>,
) -> Result<Response, PageError> {
    let payment = number(&id);
    let there = if form.what.is_empty() { "/aid".to_owned() } else { to(&form.what) };
    go(&app, &reader, &seat, there, move |o, a| o.aid_stop(a, payment, &form.why)).await
}

async fn close(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| o.aid_close(a, batch)).await
}

async fn withdraw(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let batch = number(&id);
    go(&app, &reader, &seat, to(&id), move |o, a| o.aid_withdraw(a, batch, &form.why)).await
}

async fn draw(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let (actor, batch) = (seat.actor().clone(), number(&id));
    let sample = done(&reader, &app.office, move |o| o.draw_sample(&actor, batch)).await?;
    Ok(Redirect::to(&format!("/aid/sample/{sample}")).into_response())
}

#[derive(Template)]
#[template(path = "aid_sample.html")]
struct SamplePage {
    s: Shell,
    id: u64,
    asked: usize,
    lines: Vec<(SampleLine, String)>,
}

async fn sample(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let (actor, sample) = (seat.actor().clone(), number(&id));
    let lines = done(&reader, &app.office, move |o| o.sample_lines(&actor, sample)).await?;
    if lines.is_empty() {
        return Err(missing(&reader, &seat).await);
    }
    let page_of = SamplePage {
        s: Shell::new(&reader, Some(frame), "aid_batches", t.f1("aid.sample_head", sample)),
        id: sample,
        asked: lines.iter().filter(|l| l.answer.is_some()).count(),
        lines: lines
            .into_iter()
            .map(|l| {
                let amount = t.q(Unit::Fen, l.amount);
                (l, amount)
            })
            .collect(),
    };
    page(&reader, &page_of)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    payment: u64,
    answer: String,
}

async fn answer_sample(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Said>,
) -> Result<Response, PageError> {
    let sample = number(&id);
    let there = format!("/aid/sample/{id}");
    go(&app, &reader, &seat, there, move |o, a| {
        o.answer_sample(a, sample, form.payment, &form.answer)
    })
    .await
}

/// Takes a bank's return from a browser.
async fn reconcile(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    request: Request,
) -> Result<Response, PageError> {
    let unread = |status| PageError::refused(&reader, status);
    let form = Multipart::from_request(request, &app).await;
    let mut form = form.map_err(|_| unread(StatusCode::BAD_REQUEST))?;
    let (mut csrf, mut file, mut bytes_of) = (String::new(), None, None);
    while let Some(field) = form.next_field().await.map_err(|e| unread(e.status()))? {
        let name = field.name().unwrap_or_default().to_owned();
        let of = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|e| unread(e.status()))?;
        match (name.as_str(), of) {
            ("return", Some(name)) if bytes.len() <= LARGEST_RETURN => {
                bytes_of = Some((name, bytes));
            }
            ("csrf", None) => csrf = String::from_utf8_lossy(&bytes).into_owned(),
            ("file", None) => file = String::from_utf8_lossy(&bytes).trim().parse::<u64>().ok(),
            _ => {}
        }
    }
    if csrf != signed.csrf() {
        return Err(unread(StatusCode::FORBIDDEN));
    }
    let Some((name, bytes)) = bytes_of else { return Err(unread(StatusCode::BAD_REQUEST)) };
    let actor = seat.actor().clone();
    let taken =
        done(&reader, &app.office, move |o| o.aid_reconcile(&actor, &name, &bytes, file, &quiet))
            .await?;
    Ok(Redirect::to(&format!("/aid/batch/{}#returns", taken.batch)).into_response())
}
