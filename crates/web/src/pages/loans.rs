//! 生源地信用助学贷款: the list of a school year, one loan with its schedule, and what falls due on a 20 December.

mod forms;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use fujiao_model::{Money, Term, Unit};
use fujiao_office::OfficeError;
use fujiao_office::aid::AidError;
use fujiao_office::desk::Seat;
use fujiao_office::loans::{
    LoanLine, LoanMove, LoanPage, LoansPage, NewLoan, RowKind, ServiceKind, Settlement,
    State as LoanState, Sum,
};
use serde::Deserialize;

use super::lists::as_file;
use super::{ask, form_page, hex, may_export, missing, page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::{Reader, Shell};
use crate::words::{As, Words};
use forms::StepForm;

/// Routes of loans.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/loans", get(list).post(apply))
        .route("/loans/list.xlsx", get(list_file))
        .route("/loans/settlement", get(settlement))
        .route("/loans/settlement.xlsx", get(settlement_file))
        .route("/loan/{id}", get(one).post(step))
        .route("/loan/{id}/schedule.xlsx", get(schedule_file))
}

/// The name of a state, in the language of the page.
pub(crate) fn state(t: &Words, state: impl As<LoanState>) -> String {
    t.of("loan.state", state.get().code())
}

/// The chip of a loan.
fn chip(line: &LoanLine) -> &'static str {
    match line.state {
        LoanState::Disbursed | LoanState::Repaid => "ok",
        LoanState::Refused | LoanState::Lapsed => "na",
        _ if line.late => "gap",
        _ => "soon",
    }
}

fn fen(t: &Words, money: Money) -> String {
    t.q(Unit::Fen, money.as_fen())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
    person: String,
}

/// A loan in the list, in words.
struct Line {
    id: u64,
    name: String,
    place: String,
    university: String,
    amount: String,
    state: String,
    chip: &'static str,
    due: String,
    late: bool,
    against: Vec<String>,
    owed: String,
    overdue: String,
}

#[derive(Template)]
#[template(path = "loans.html")]
struct ListPage {
    s: Shell,
    heading: String,
    year: i16,
    years: Vec<i16>,
    cards: Vec<(String, String, String, bool)>,
    bar: String,
    lines: Vec<Line>,
    unasked: Vec<(u64, String, String, String, String)>,
    new: NewLoan,
    facts: Vec<(&'static str, String, String)>,
    at: &'static str,
    fault: String,
    rules: String,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&app, &reader, &seat, asked, None).await
}

async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    asked: Asked,
    refused: Option<(NewLoan, AidError)>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(reader, seat, Seat::frame).await?;
    let today = frame.as_of.unwrap_or_else(|| seat.actor().today());
    let year = asked.year.parse().unwrap_or_else(|_| Term::of(today).school_year());
    let actor = seat.actor().clone();
    let (v, rules): (LoansPage, String) = done(reader, &app.office, move |o| {
        Ok((o.loans(&actor, year)?, o.rulebook().loans.borrower.basis.clone()))
    })
    .await?;
    let good = refused.is_none();
    let (mut new, fault) = match refused {
        Some((new, fault)) => (new, Some(fault)),
        None => (NewLoan { person: asked.person, ..NewLoan::default() }, None),
    };
    if new.school_year.is_empty() {
        new.school_year = year.to_string();
    }
    let card = |key: &str, sum: Sum, red: bool| {
        (
            t.text(key),
            t.q(Unit::Fen, sum.fen),
            t.f1("loan.persons", sum.loans),
            red && sum.loans > 0,
        )
    };
    let heading = match (v.due.loans, v.gap.loans) {
        (0, _) => t.f1("loan.head_none", year),
        (due, 0) => t.f1("loan.head_done", due),
        (_, gap) => t.f1("loan.head_gap", gap),
    };
    let facts = [
        ("full_time", &new.full_time),
        ("hukou_here", &new.hukou_here),
        ("other_loan", &new.other_loan),
        ("co_guardian", &new.co_guardian),
        ("co_capable", &new.co_capable),
        ("co_hukou", &new.co_hukou),
        ("co_loan", &new.co_loan),
    ]
    .map(|(field, value)| (field, t.of("loan.fact", field), value.clone()));
    let of = ListPage {
        s: Shell::new(reader, Some(frame), "loans", t.s("loan.name")),
        heading,
        year,
        years: v.years.clone(),
        cards: vec![
            card("loan.due", v.due, false),
            card("loan.done", v.done, false),
            card("loan.gap", v.gap, true),
            card("loan.unclear", v.unclear, false),
            card("loan.overdue", v.overdue, true),
        ],
        bar: crate::shape::share_bar(v.due.fen, v.done.fen, v.gap.fen),
        lines: v.lines.iter().map(|l| line(t, l)).collect(),
        unasked: v
            .unasked
            .iter()
            .map(|u| {
                let l = &u.loan;
                let amount = t.q(Unit::Fen, l.amount);
                (
                    l.id,
                    hex(l.person),
                    l.name.clone(),
                    format!("{} {}", l.place, l.university),
                    amount,
                )
            })
            .collect(),
        facts: facts.into(),
        at: fault.as_ref().and_then(AidError::at).unwrap_or_default(),
        fault: fault.map(|f| t.refusal(&f)).unwrap_or_default(),
        new,
        rules,
    };
    form_page(reader, good, &of)
}

fn line(t: &Words, l: &LoanLine) -> Line {
    let money = |m: Money| if m.is_zero() { String::new() } else { fen(t, m) };
    let standing = l.standing.unwrap_or_default();
    Line {
        id: l.loan.id,
        name: if l.loan.name.is_empty() { t.text("loan.nobody") } else { l.loan.name.clone() },
        place: l.loan.place.clone(),
        university: l.loan.university.clone(),
        amount: t.q(Unit::Fen, l.loan.amount),
        state: state(t, l.state),
        chip: chip(l),
        due: l.due_on.to_string(),
        late: l.late,
        against: l.against.iter().map(|o| t.objection(*o)).collect(),
        owed: money(standing.owed),
        overdue: money(standing.overdue_interest + standing.overdue_principal + standing.penalty),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    person: String,
    school_year: String,
    level: String,
    university: String,
    remaining: String,
    amount: String,
    tuition: String,
    lodging: String,
    full_time: String,
    hukou_here: String,
    other_loan: String,
    co_name: String,
    co_id: String,
    co_phone: String,
    co_guardian: String,
    co_capable: String,
    co_hukou: String,
    co_loan: String,
}

async fn apply(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(s): CheckedForm<Said>,
) -> Result<Response, PageError> {
    let new = NewLoan {
        person: s.person,
        school_year: s.school_year,
        level: s.level,
        university: s.university,
        remaining: s.remaining,
        amount: s.amount,
        tuition: s.tuition,
        lodging: s.lodging,
        full_time: s.full_time,
        hukou_here: s.hukou_here,
        other_loan: s.other_loan,
        co_name: s.co_name,
        co_id: s.co_id,
        co_phone: s.co_phone,
        co_guardian: s.co_guardian,
        co_capable: s.co_capable,
        co_hukou: s.co_hukou,
        co_loan: s.co_loan,
    };
    let (actor, of) = (seat.actor().clone(), new.clone());
    match act(&reader, &app.office, move |o| o.loan_apply(&actor, &of)).await? {
        Ok((id, _)) => Ok(Redirect::to(&format!("/loan/{id}")).into_response()),
        Err(OfficeError::Aid(fault)) => {
            let asked = Asked { year: new.school_year.clone(), ..Asked::default() };
            show(&app, &reader, &seat, asked, Some((new, fault))).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn list_file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    may_export(&reader, &seat)?;
    let actor = seat.actor().clone();
    let list = done(&reader, &app.office, move |o| {
        let today = actor.today();
        let year = asked.year.parse().unwrap_or_else(|_| Term::of(today).school_year());
        Ok(o.loans(&actor, year)?.sheet(today))
    })
    .await?;
    as_file(&reader, list, "loans", true).await
}

/// A step of the life line.
struct Step {
    on: String,
    title: String,
    about: String,
    note: String,
    by: String,
    done: bool,
}

/// A settlement, in words.
struct Row {
    on: String,
    kind: String,
    rate: String,
    before: String,
    state: String,
    own: String,
    waived: String,
    principal: String,
    after: String,
    projected: bool,
    past: bool,
}

#[derive(Template)]
#[template(path = "loan.html")]
struct OnePage {
    s: Shell,
    id: u64,
    person: String,
    year: i16,
    heading: String,
    about: String,
    state: String,
    chip: &'static str,
    facts: Vec<(String, String)>,
    against: Vec<String>,
    steps: Vec<Step>,
    forms: Vec<StepForm>,
    after: u32,
    rows: Vec<Row>,
    sums: Vec<(String, String)>,
    standing: Vec<(String, String, bool)>,
    services: Vec<String>,
    forecast: bool,
    projected: bool,
    basis: Vec<String>,
    fault: String,
}

/// What came of a form that was not taken: its step, what was written, and why not.
type Refused = (forms::Written, AidError);

async fn one(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show_one(&app, &reader, &seat, &id, None).await
}

async fn show_one(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    id: &str,
    refused: Option<Refused>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let Ok(id) = id.parse::<u64>() else { return Err(missing(reader, seat).await) };
    let frame = ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let v = match act(reader, &app.office, move |o| o.loan_page(&actor, id)).await? {
        Ok(v) => v,
        Err(OfficeError::Aid(AidError::NoSuchLine)) => return Err(missing(reader, seat).await),
        Err(e) => return Err(PageError::office(reader, e)),
    };
    let loan = &v.line.loan;
    let name = if loan.name.is_empty() { t.text("loan.nobody") } else { loan.name.clone() };
    let s = Shell::new(reader, Some(frame), "loans", format!("{name} {}", t.s("loan.name")));
    let good = refused.is_none();
    let written = refused.as_ref().map(|(written, _)| written);
    let forms = if v.whole { forms::of(&s, t, &v, written) } else { Vec::new() };
    let heading = heading(t, &v, &name);
    let plan = v.schedule.as_ref();
    let rows = plan.map(|p| p.rows.as_slice()).unwrap_or_default();
    let of = OnePage {
        heading,
        about: format!(
            "{} · {} · {}",
            t.f2("loan.school_year", loan.school_year, loan.school_year + 1),
            loan.university,
            t.f1("loan.number", loan.id)
        ),
        id,
        person: if loan.name.is_empty() { String::new() } else { hex(loan.person) },
        year: loan.school_year,
        state: state(t, v.line.state),
        chip: chip(&v.line),
        facts: facts(t, &v),
        against: v.line.against.iter().map(|o| t.objection(*o)).collect(),
        steps: v.steps.iter().map(|s| happened(t, s)).collect(),
        after: loan.steps,
        forms,
        projected: rows.iter().any(|r| r.projected),
        rows: rows
            .iter()
            .map(|r| Row {
                on: r.on.to_string(),
                kind: t.of("loan.row", row_kind(r.kind)),
                rate: format!("{:.2}%", f64::from(r.rate_bp) / 100.0),
                before: fen(t, r.before),
                state: fen(t, r.state_interest),
                own: fen(t, r.own_interest),
                waived: fen(t, r.waived_interest),
                principal: fen(t, r.principal),
                after: fen(t, r.after),
                projected: r.projected,
                past: r.on <= v.today,
            })
            .collect(),
        sums: plan.map(|p| sums(t, p)).unwrap_or_default(),
        standing: standing(t, &v),
        services: v.services.iter().map(|of| service(t, of)).collect(),
        forecast: v.forecast,
        basis: v.rate.iter().map(|(.., basis)| basis.clone()).chain(v.terms.clone()).collect(),
        fault: refused.map(|(_, fault)| t.refusal(&fault)).unwrap_or_default(),
        s,
    };
    form_page(reader, good, &of)
}

fn row_kind(kind: impl As<RowKind>) -> &'static str {
    match kind.get() {
        RowKind::Yearly => "yearly",
        RowKind::Early => "early",
        RowKind::Last => "last",
    }
}

fn heading(t: &Words, v: &LoanPage, name: &str) -> String {
    let amount = t.q(Unit::Fen, v.line.loan.amount);
    let late = v.line.standing.map(|s| s.overdue_interest + s.overdue_principal + s.penalty);
    match late.filter(|late| !late.is_zero()) {
        Some(late) => t.f2("loan.head_late", name, fen(t, late)),
        None => t.f3("loan.head_one", name, amount, state(t, v.line.state)),
    }
}

fn facts(t: &Words, v: &LoanPage) -> Vec<(String, String)> {
    let loan = &v.line.loan;
    let co = &loan.co_borrower;
    let yes = |of: Option<bool>| match of {
        Some(true) => t.text("word.yes"),
        Some(false) => t.text("word.no"),
        None => t.text("loan.unknown"),
    };
    let money = |of: Option<i64>| of.map_or_else(|| t.text("loan.unknown"), |n| t.q(Unit::Fen, n));
    let level = if loan.postgraduate { "pg" } else { "ug" };
    let mut out = vec![
        (t.text("loan.level"), t.of("loan.levels", level)),
        (t.text("loan.remaining"), loan.remaining.to_string()),
        (t.text("loan.amount"), t.q(Unit::Fen, loan.amount)),
        (t.text("loan.limit"), fen(t, v.limit)),
        (t.text("loan.tuition"), money(loan.tuition)),
        (t.text("loan.lodging"), money(loan.lodging)),
        (t.of("loan.fact", "full_time"), yes(loan.full_time)),
        (t.of("loan.fact", "hukou_here"), yes(loan.hukou_here)),
        (t.of("loan.fact", "other_loan"), yes(loan.other_loan)),
        (t.text("loan.applied_on"), loan.applied_on.to_string()),
        (t.text("loan.place"), loan.place.clone()),
        (t.text("loan.due_on"), v.line.due_on.to_string()),
        (t.text("loan.co_name"), co.name.clone()),
        (t.text("loan.co_age"), co.age.map_or_else(|| t.text("loan.unknown"), |a| a.to_string())),
        (t.of("loan.fact", "co_guardian"), yes(co.guardian)),
        (t.of("loan.fact", "co_hukou"), yes(co.hukou_here)),
        (t.of("loan.fact", "co_capable"), yes(co.capable)),
        (t.of("loan.fact", "co_loan"), yes(co.open_loan)),
    ];
    let (id, phone) = &v.co_borrower;
    if !id.is_empty() {
        out.push((t.text("loan.co_id"), id.clone()));
    }
    if !phone.is_empty() {
        out.push((t.text("loan.co_phone"), phone.clone()));
    }
    if let Some((base, bp, _)) = &v.rate {
        let base = match base {
            fujiao_office::loans::Base::Lpr5y => "lpr5y",
            fujiao_office::loans::Base::Pboc5y => "pboc5y",
        };
        out.push((t.text("loan.rate"), forms::spread(t, base, *bp)));
    }
    if let Some(plan) = &v.schedule {
        out.push((t.text("loan.first_principal"), plan.first_principal_on.to_string()));
        out.push((t.text("loan.ends_on"), plan.ends_on.to_string()));
    }
    out
}

fn happened(t: &Words, s: &fujiao_office::loans::LoanStep) -> Step {
    let mut about = Vec::new();
    if let Some(fen) = s.amount {
        about.push(t.f1("loan.yuan", t.q(Unit::Fen, fen)));
    }
    match (s.code.as_str(), s.n, s.word.as_deref()) {
        ("rate", Some(bp), Some(base)) => about.push(forms::spread(t, base, bp)),
        ("serve", Some(years), Some(kind)) => {
            about.push(t.f2("loan.served", t.of("loan.service", kind), years));
        }
        ("paid", _, Some(who)) => about.push(t.of("loan.payer", who)),
        (_, Some(n), _) => about.push(n.to_string()),
        _ => {}
    }
    Step {
        on: s.on.to_string(),
        title: t.of("loan.did", &s.code),
        about: about.join(" "),
        note: s.note.clone(),
        by: format!("{} {}", t.clock(s.by.at), s.by.name),
        done: matches!(s.code.as_str(), "disburse" | "repay"),
    }
}

fn sums(t: &Words, plan: &fujiao_office::loans::Schedule) -> Vec<(String, String)> {
    let (state, own, waived) = plan.interest();
    vec![
        (t.text("loan.state_interest"), fen(t, state)),
        (t.text("loan.own_interest"), fen(t, own)),
        (t.text("loan.waived_interest"), fen(t, waived)),
    ]
}

fn standing(t: &Words, v: &LoanPage) -> Vec<(String, String, bool)> {
    let Some(at) = v.line.standing else { return Vec::new() };
    let late = at.overdue_interest + at.overdue_principal;
    let mut out = vec![
        (t.text("loan.still_owed"), fen(t, at.owed), false),
        (t.text("loan.paid_so_far"), fen(t, at.paid), false),
        (t.text("loan.overdue"), fen(t, late), !late.is_zero()),
        (t.text("loan.penalty"), fen(t, at.penalty), !at.penalty.is_zero()),
    ];
    if !at.credit.is_zero() {
        out.push((t.text("loan.credit"), fen(t, at.credit), false));
    }
    if let Some(since) = at.overdue_since {
        out.push((t.text("loan.overdue_since"), since.to_string(), true));
    }
    out
}

fn service(t: &Words, of: &fujiao_office::loans::Service) -> String {
    let kind = match of.kind {
        ServiceKind::Grassroots => "grassroots",
        ServiceKind::Military => "military",
    };
    let head = t.f2("loan.served", t.of("loan.service", kind), of.years);
    if of.parts.is_empty() {
        return format!("{} {head}{}{}", of.on, t.s("word.comma"), t.s("loan.served_short"));
    }
    let parts: Vec<String> = of.parts.iter().map(|p| fen(t, *p)).collect();
    let all = t.f2("loan.served_parts", parts.len(), parts.join(t.s("loan.plus")));
    format!("{} {head}{}{all}", of.on, t.s("word.comma"))
}

async fn step(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<forms::Written>,
) -> Result<Response, PageError> {
    let (actor, of) = (seat.actor().clone(), form.clone());
    let number = id.parse::<u64>().unwrap_or(0);
    let taken = act(&reader, &app.office, move |o| {
        let cells = (of.on.as_str(), of.amount.as_str(), of.n.as_str(), of.word.as_str());
        let step = LoanMove::read(&of.what, actor.today(), cells)?;
        o.loan_step(&actor, (number, of.after), step, &of.note)
    })
    .await?;
    match taken {
        Ok(()) => Ok(Redirect::to(&format!("/loan/{id}")).into_response()),
        Err(OfficeError::Aid(AidError::NoSuchLine)) => Err(missing(&reader, &seat).await),
        Err(OfficeError::Aid(fault)) => {
            show_one(&app, &reader, &seat, &id, Some((form, fault))).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

async fn schedule_file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    may_export(&reader, &seat)?;
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let actor = seat.actor().clone();
    let made = act(&reader, &app.office, move |o| o.loan_page(&actor, number)).await?;
    match made.map(|v| v.sheet()) {
        Ok(Some(list)) => as_file(&reader, list, &format!("loan-{number}"), true).await,
        Ok(None) | Err(OfficeError::Aid(AidError::NoSuchLine)) => {
            Err(missing(&reader, &seat).await)
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Template)]
#[template(path = "loan_settlement.html")]
struct SettlementPage {
    s: Shell,
    heading: String,
    year: i16,
    on: String,
    sums: Vec<(String, String)>,
    projected: bool,
    lines: Vec<SettledLine>,
}

struct SettledLine {
    id: u64,
    name: String,
    place: String,
    before: String,
    rate: String,
    state: String,
    own: String,
    waived: String,
    principal: String,
    due: String,
    overdue: String,
}

fn settled_year(asked: &str, today: jiff::civil::Date) -> i16 {
    asked.parse().ok().filter(|y| (2015..=2100).contains(y)).unwrap_or_else(|| today.year())
}

async fn settlement(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(&reader, &seat, Seat::frame).await?;
    let year = settled_year(&asked.year, frame.as_of.unwrap_or_else(|| seat.actor().today()));
    let actor = seat.actor().clone();
    let v: Settlement =
        done(&reader, &app.office, move |o| o.loan_settlement(&actor, year)).await?;
    let due: Money = v.lines.iter().map(|l| l.own).sum();
    let lines = v.lines.iter().map(|l| SettledLine {
        id: l.loan.id,
        name: if l.loan.name.is_empty() { t.text("loan.nobody") } else { l.loan.name.clone() },
        place: l.loan.place.clone(),
        before: fen(t, l.row.before),
        rate: format!("{:.2}%", f64::from(l.row.rate_bp) / 100.0),
        state: fen(t, l.row.state_interest),
        own: fen(t, l.row.own_interest),
        waived: fen(t, l.row.waived_interest),
        principal: fen(t, l.row.principal),
        due: fen(t, l.own),
        overdue: if l.overdue.is_zero() { String::new() } else { fen(t, l.overdue) },
    });
    let of = SettlementPage {
        heading: t.f3("loan.settle_head", v.on, v.lines.len(), fen(t, v.state)),
        s: Shell::new(&reader, Some(frame), "loans", t.s("loan.settlement")),
        year,
        on: v.on.to_string(),
        sums: vec![
            (t.text("loan.state_interest"), fen(t, v.state)),
            (t.text("loan.own_interest"), fen(t, v.own)),
            (t.text("loan.waived_interest"), fen(t, v.waived)),
            (t.text("loan.principal"), fen(t, v.principal)),
            (t.text("loan.own_due"), fen(t, due)),
        ],
        projected: v.projected,
        lines: lines.collect(),
    };
    page(&reader, &of)
}

async fn settlement_file(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    may_export(&reader, &seat)?;
    let actor = seat.actor().clone();
    let year = settled_year(&asked.year, actor.today());
    let made = done(&reader, &app.office, move |o| o.loan_settlement(&actor, year)).await?;
    as_file(&reader, made.sheet(), "loan-settlement", true).await
}
