//! Funds, their journal, money to come back, and what gifts did.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use fujiao_model::{Money, Unit};
use fujiao_office::OfficeError;
use fujiao_office::aid::{AidError, FundLine, FundsPage, NewFund, Payer, RecoveryState};
use fujiao_office::desk::Seat;
use serde::Deserialize;

use super::{Why, go, period};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, Sent, act, done};
use crate::pages::{ask, form_page, hex, page};
use crate::shell::{Reader, Shell};
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/aid/funds", get(funds).post(add))
        .route("/aid/funds/rosters", post(from_rosters))
        .route("/aid/payer", post(payer))
        .route("/aid/payment/{id}/back", post(ask_back))
        .route("/aid/recovery/{id}", post(end_recovery))
        .route("/gifts", get(gifts))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    account: String,
    /// Of booking the treasury's lists: sums that were booked, and those that had been.
    booked: Option<u64>,
    known: u64,
    unclear: u64,
}

/// A fund, in words.
struct Fund {
    id: u64,
    name: String,
    giver: String,
    gift: bool,
    earmark: String,
    arrived: String,
    amount: String,
    owed: String,
    sent: String,
    paid: String,
    free: String,
    warn: String,
    bar: String,
}

/// A line of the journal, in words.
struct Entry {
    number: u64,
    at: String,
    what: String,
    about: String,
    debit: String,
    credit: String,
    amount: String,
    login: String,
}

/// Money to come back, in words.
struct Back {
    id: u64,
    person: String,
    name: String,
    about: String,
    amount: String,
    why: String,
    state: String,
    chip: &'static str,
    waits: bool,
}

#[derive(Template)]
#[template(path = "aid_funds.html")]
struct Page {
    s: Shell,
    heading: String,
    funds: Vec<Fund>,
    entries: Vec<Entry>,
    backs: Vec<Back>,
    account: String,
    programmes: Vec<(String, String)>,
    new: NewFund,
    at: &'static str,
    fault: String,
    said: String,
}

async fn show(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    (account, said): (String, String),
    (new, fault): (NewFund, Option<AidError>),
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = ask(reader, seat, Seat::frame).await?;
    let (actor, of) = (seat.actor().clone(), account.clone());
    let (v, programmes) = done(reader, &app.office, move |office| {
        let of = (!of.is_empty()).then_some(of.as_str());
        Ok((office.aid_funds(&actor, of)?, office.aid_programmes()))
    })
    .await?;
    let good = fault.is_none();
    let page = Page {
        s: Shell::new(reader, Some(frame), "aid_funds", t.s("aid.funds")),
        heading: t.f1("aid.funds_head", t.q(Unit::Fen, v.pool)),
        funds: v.funds.iter().map(|f| fund(t, f, &v)).collect(),
        entries: v
            .journal
            .iter()
            .map(|j| Entry {
                number: j.entry,
                at: t.clock(j.at),
                what: t.of("aid.entry", &j.kind),
                about: numbered(t, &v, "aid.about", &j.about),
                debit: numbered(t, &v, "aid.account", &j.moved.debit),
                credit: numbered(t, &v, "aid.account", &j.moved.credit),
                amount: t.q(Unit::Fen, j.moved.amount),
                login: j.login.clone(),
            })
            .collect(),
        backs: v
            .recoveries
            .iter()
            .map(|r| Back {
                id: r.id,
                person: hex(r.person),
                name: r.name.clone(),
                about: format!("{} {}", r.programme, period(t, &r.period)),
                amount: t.q(Unit::Fen, r.amount),
                why: r.why.clone(),
                state: t.of("aid.recovery", r.state.code()),
                chip: if r.state == RecoveryState::Asked { "soon" } else { "ok" },
                waits: r.state == RecoveryState::Asked,
            })
            .collect(),
        account,
        programmes,
        at: fault.as_ref().and_then(AidError::at).unwrap_or_default(),
        fault: fault.map(|f| t.refusal(&f)).unwrap_or_default(),
        new,
        said,
    };
    form_page(reader, good, &page)
}

/// `owed 4`, `file 7` in words: the word of a table and a number; of a fund its name.
fn numbered(t: &Words, v: &FundsPage, table: &str, text: &str) -> String {
    let (word, number) = text.split_once(' ').unwrap_or((text, ""));
    let said = t.of(table, word);
    let of_fund = table == "aid.account" || word == "fund";
    let name = v.funds.iter().find(|f| of_fund && f.fund.id.to_string() == number);
    match name {
        Some(f) => t.f2("aid.of", said, &f.fund.name),
        None if number.is_empty() => said,
        None => t.f2("aid.of", said, number),
    }
}

fn fund(t: &Words, f: &FundLine, v: &FundsPage) -> Fund {
    let of = &f.fund;
    let e = &of.earmark;
    let mut marks = Vec::new();
    if let Some(key) = &e.programme {
        marks.push(v.titles.get(key).map_or(key.as_str(), |title| t.title(title)).to_owned());
    }
    if let Some(id) = e.school {
        marks.push(v.school_names.get(&id).cloned().unwrap_or_else(|| hex(id)));
    }
    if let Some(at) = e.place {
        marks.push(v.place_names.get(&at).cloned().unwrap_or_else(|| at.to_string()));
    }
    if let Some(last) = e.until {
        marks.push(t.f1("aid.until", last));
    }
    let mut warn = Vec::new();
    if let Some(days) = f.idle_days {
        warn.push(t.f1("aid.idle", days));
    }
    if f.lapsed {
        warn.push(t.text("aid.lapsed"));
    }
    let fen = |n| t.q(Unit::Fen, n);
    Fund {
        id: of.id,
        name: of.name.clone(),
        giver: format!("{} {}", of.giver, of.document),
        gift: of.gift,
        earmark: if marks.is_empty() {
            t.text("aid.any_use")
        } else {
            marks.join(t.s("word.comma"))
        },
        arrived: of.arrived_on.to_string(),
        amount: fen(of.amount),
        owed: fen(f.owed),
        sent: fen(f.sent),
        paid: fen(f.paid),
        free: fen(of.free),
        warn: warn.join(t.s("word.comma")),
        bar: crate::shape::share_bar(of.amount, of.amount - of.free, of.free),
    }
}

async fn funds(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let said = match asked.booked {
        None => String::new(),
        Some(n) => t.f3("aid.rosters_done", n, asked.known, asked.unclear),
    };
    show(&app, &reader, &seat, (asked.account, said), (NewFund::default(), None)).await
}

/// Books what the treasury's lists hold.
async fn from_rosters(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(_): CheckedForm<Why>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let of = done(&reader, &app.office, move |o| o.aid_book_appropriations(&actor)).await?;
    let (booked, known, unclear) = (of.booked, of.known, of.unclear.len());
    let to = format!("/aid/funds?booked={booked}&known={known}&unclear={unclear}");
    Ok(Redirect::to(&to).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    name: String,
    gift: String,
    giver: String,
    donor: String,
    document: String,
    programme: String,
    school: String,
    place: String,
    until: String,
    arrived_on: String,
    amount: String,
    pairing: String,
}

async fn add(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(said): CheckedForm<Said>,
) -> Result<Response, PageError> {
    let new = NewFund {
        name: said.name,
        gift: !said.gift.is_empty(),
        giver: said.giver,
        donor: said.donor.trim().parse().ok(),
        document: said.document,
        programme: said.programme,
        school: said.school,
        place: said.place,
        until: said.until,
        arrived_on: said.arrived_on,
        amount: said.amount,
        pairing: !said.pairing.is_empty(),
    };
    let (actor, of) = (seat.actor().clone(), new.clone());
    match act(&reader, &app.office, move |o| o.aid_add_fund(&actor, &of)).await? {
        Ok(id) => Ok(Redirect::to(&format!("/aid/funds#f{id}")).into_response()),
        Err(OfficeError::Aid(fault)) => {
            let nothing = (String::new(), String::new());
            show(&app, &reader, &seat, nothing, (new, Some(fault))).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OfPayer {
    name: String,
    account: String,
    bank: String,
    bank_code: String,
}

async fn payer(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(said): CheckedForm<OfPayer>,
) -> Result<Response, PageError> {
    let OfPayer { name, account, bank, bank_code } = said;
    go(&app, &reader, &seat, "/aid/funds".to_owned(), move |o, a| {
        o.aid_set_payer(a, &Payer { name, account, bank, bank_code })
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    amount: String,
    why: String,
}

async fn ask_back(sent: Sent<Wanted>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let payment = id.parse().unwrap_or(0);
    go(&app, &reader, &seat, "/aid/funds#back".to_owned(), move |o, a| {
        let amount: Money = form
            .amount
            .parse()
            .map_err(|e| AidError::Form { field: "amount", reason: format!("{e}") })?;
        o.aid_ask_back(a, payment, amount, &form.why).map(drop)
    })
    .await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Ended {
    #[serde(rename = "do")]
    what: String,
    why: String,
}

async fn end_recovery(sent: Sent<Ended>) -> Result<Response, PageError> {
    let Sent { app, reader, seat, id, form } = sent;
    let recovery = id.parse().unwrap_or(0);
    let state = if form.what == "waived" { RecoveryState::Waived } else { RecoveryState::Repaid };
    go(&app, &reader, &seat, "/aid/funds#back".to_owned(), move |o, a| {
        o.aid_end_recovery(a, recovery, state, &form.why)
    })
    .await
}

/// A gift, in words.
struct Gift {
    fund: Fund,
    uses: Vec<Use>,
    paired: Vec<String>,
}

struct Use {
    title: String,
    period: String,
    school: String,
    persons: u64,
    payments: u64,
    amount: String,
    state: String,
    chip: &'static str,
}

#[derive(Template)]
#[template(path = "gifts.html")]
struct GiftsPage {
    s: Shell,
    heading: String,
    gifts: Vec<Gift>,
}

async fn gifts(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let desk = app.desk.clone();
    let actor = seat.actor().clone();
    let (found, frame) = done(&reader, &app.office, move |office| {
        Ok((office.aid_gifts(&actor)?, desk.front().ok()))
    })
    .await?;
    let given: i64 = found.iter().map(|g| g.line.fund.amount).sum();
    let page_of = FundsPage::default();
    let gifts: Vec<Gift> = found
        .iter()
        .map(|g| Gift {
            fund: fund(t, &g.line, &page_of),
            uses: g
                .uses
                .iter()
                .map(|(title, u)| Use {
                    title: t.title(title).to_owned(),
                    period: period(t, &u.period),
                    school: if u.school.is_empty() {
                        t.text("aid.no_school")
                    } else {
                        u.school.clone()
                    },
                    persons: u.persons,
                    payments: u.payments,
                    amount: t.q(Unit::Fen, u.amount),
                    state: t.of("aid.state", &u.state),
                    chip: if u.state == "paid" { "ok" } else { "soon" },
                })
                .collect(),
            paired: g.paired.clone(),
        })
        .collect();
    let heading = if gifts.is_empty() {
        t.text("aid.gifts_none")
    } else {
        t.f2("aid.gifts_head", gifts.len(), t.q(Unit::Fen, given))
    };
    let of = GiftsPage { s: Shell::new(&reader, frame, "gifts", t.s("aid.gifts")), heading, gifts };
    page(&reader, &of)
}
