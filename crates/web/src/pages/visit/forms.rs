//! The forms: a visit or contact, a class on a day, an edit, a withdrawal, a decision. They need no script.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use fujiao_model::{ContactHow, Grade, Mark};
use fujiao_office::OfficeError;
use fujiao_office::access::Right;
use fujiao_office::desk::Seat;
use fujiao_office::entries::{
    ClassPage, ClassRef, EntryError, EntryKey, Receipt, ReceiptState, Remark, ToVisit, What,
};
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::sent::EntryJson;
use super::{class_label, owed_lines, remark_text};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, SignedIn, act, done};
use crate::pages::{ask, hex, missing, page, unhex};
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// The pairs of a form, in which a name can come more than once.
type Pairs = Vec<(String, String)>;

/// A form of a visit, as it is filled in.
pub(super) struct VisitForm {
    pub(super) key: String,
    pub(super) supersedes: String,
    pub(super) on: String,
    pub(super) last_day: String,
    pub(super) how: String,
    pub(super) met: String,
    pub(super) now: String,
    pub(super) why: Vec<String>,
    pub(super) text: String,
    pub(super) phone: String,
    pub(super) next_on: String,
    /// How one can have been in touch.
    pub(super) hows: Vec<&'static str>,
    /// Reasons at their fields.
    pub(super) faults: BTreeMap<String, String>,
}

impl VisitForm {
    /// Nothing filled in, for the frame that a phone keeps.
    pub(super) fn empty() -> Self {
        Self {
            key: String::new(),
            supersedes: String::new(),
            on: String::new(),
            last_day: String::new(),
            how: ContactHow::Home.code().to_owned(),
            met: String::new(),
            now: String::new(),
            why: Vec::new(),
            text: String::new(),
            phone: String::new(),
            next_on: String::new(),
            hows: hows(false),
            faults: BTreeMap::new(),
        }
    }

    fn fresh(key: String, today: Date, care: bool) -> Self {
        let on = today.to_string();
        Self { key, last_day: on.clone(), on, hows: hows(care), ..Self::empty() }
    }

    fn of(written: &EntryJson, today: Date, care: bool) -> Self {
        Self {
            key: written.key.clone(),
            supersedes: written.supersedes.clone().unwrap_or_default(),
            on: written.on.clone(),
            last_day: today.to_string(),
            how: written.how.clone(),
            met: written.met.clone(),
            now: written.now.clone(),
            why: written.why.clone(),
            text: written.text.clone(),
            phone: written.phone.clone(),
            next_on: written.next_on.clone(),
            hows: hows(care),
            faults: BTreeMap::new(),
        }
    }

    pub(super) fn fault(&self, field: &str) -> &str {
        self.faults.get(field).map_or("", String::as_str)
    }

    pub(super) fn gives(&self, why: &str) -> bool {
        self.why.iter().any(|w| w == why)
    }
}

/// Care talks are for care workers to write.
fn hows(care: bool) -> Vec<&'static str> {
    let all = ContactHow::ALL.iter().filter(|how| care || **how != ContactHow::Care);
    all.map(|how| how.code()).collect()
}

/// A key for a form, made by the server where no script makes one: written twice, it is one entry.
fn fresh_key(signed: &SignedIn, app: &App, about: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"entry key ");
    hash.update(signed.token());
    hash.update(app.now().as_nanosecond().to_be_bytes());
    hash.update(about);
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    EntryKey(key).to_string()
}

#[derive(Template)]
#[template(path = "visit-form.html")]
struct VisitFormPage {
    s: Shell,
    f: VisitForm,
    heading: String,
    about: String,
    owed: Vec<String>,
    last: Vec<(String, String)>,
    person: String,
    label: String,
    user: u64,
}

impl VisitFormPage {
    fn new(s: Shell, f: VisitForm, child: &ToVisit, user: u64) -> Self {
        let t = s.t;
        let label = class_label(t, child);
        let about = [label.as_str(), &child.place, &child.guardian, &child.phone];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        let last = child.last.iter().map(|l| {
            let author =
                if l.author.is_empty() { String::new() } else { format!(" · {}", l.author) };
            (format!("{} {}{author}", l.on, l.how), l.text.clone())
        });
        Self {
            heading: t.f1("visit.entry_of", &child.name),
            about: about.join(" · "),
            owed: owed_lines(t, child),
            last: last.collect(),
            person: hex(child.person),
            label: t.f1("visit.js.label_visit", &child.name),
            user,
            f,
            s,
        }
    }
}

/// The child of a form, as far as it is theirs.
async fn child_of(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    signed: &SignedIn,
    id: &str,
) -> Result<(ToVisit, Date), PageError> {
    let Some(id) = unhex(id) else { return Err(missing(reader, seat).await) };
    let actor = signed.actor().clone();
    let found = act(reader, &app.office, move |office| office.child_to_visit(&actor, id)).await?;
    match found.map_err(|e| PageError::office(reader, e))? {
        Some(found) => Ok(found),
        None => Err(missing(reader, seat).await),
    }
}

/// The form of a visit.
pub(super) async fn visit(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let (child, today) = child_of(&app, &reader, &seat, &signed, &id).await?;
    let care = signed.actor().may(Right::Care);
    let form = VisitForm::fresh(fresh_key(&signed, &app, &id), today, care);
    let s = shell(&reader, &seat).await?;
    page(&reader, &VisitFormPage::new(s, form, &child, signed.actor().user))
}

/// Takes a visit; a refused form comes back filled in.
pub(super) async fn record_visit(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Path(id): Path<String>,
    CheckedForm(pairs): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let written = EntryJson { person: id.clone(), ..EntryJson::of_form("visit", &pairs) };
    let receipt = match record(&app, &reader, &signed, &written).await? {
        Ok(receipt) if receipt.state != ReceiptState::Refused => return Ok(to_list(&receipt)),
        Ok(receipt) => receipt.remarks,
        Err(remarks) => remarks,
    };
    let (child, today) = child_of(&app, &reader, &seat, &signed, &id).await?;
    let t = reader.lang.words();
    let mut form = VisitForm::of(&written, today, signed.actor().may(Right::Care));
    form.faults = told(t, &receipt);
    let s = shell(&reader, &seat).await?;
    refused(&reader, &VisitFormPage::new(s, form, &child, signed.actor().user))
}

/// Reasons by their fields; several of one field in one line.
fn told(t: &Words, remarks: &[Remark]) -> BTreeMap<String, String> {
    let mut faults: BTreeMap<String, String> = BTreeMap::new();
    for remark in remarks {
        let field = if remark.field.starts_with("marks") { "marks" } else { &remark.field };
        let field = faults.entry(field.to_owned()).or_default();
        if !field.is_empty() {
            field.push('；');
        }
        field.push_str(&remark_text(t, remark));
    }
    faults
}

async fn record(
    app: &App,
    reader: &Reader,
    signed: &SignedIn,
    written: &EntryJson,
) -> Result<Result<Receipt, Vec<Remark>>, PageError> {
    let entry = match written.read(signed.actor().at) {
        Ok(entry) => entry,
        Err(remarks) => return Ok(Err(remarks)),
    };
    let actor = signed.actor().clone();
    let taken = act(reader, &app.office, move |office| office.record(&actor, vec![entry])).await?;
    let mut receipts = taken.map_err(|e| PageError::office(reader, e))?;
    receipts.pop().map(Ok).ok_or_else(|| PageError::failed(reader, &"no receipt"))
}

fn to_list(receipt: &Receipt) -> Response {
    Redirect::to(&format!("/visit?kept={}", receipt.key)).into_response()
}

fn refused(reader: &Reader, template: &impl Template) -> Result<Response, PageError> {
    let html = template.render().map_err(|e| PageError::failed(reader, &e))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

async fn shell(reader: &Reader, seat: &Seat) -> Result<Shell, PageError> {
    let frame = ask(reader, seat, Seat::frame).await?;
    Ok(Shell::new(reader, Some(frame), "visit", reader.lang.words().s("nav.visit")))
}

/// The form of a visit that was recorded, to correct it.
pub(super) async fn edit(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let Some(key) = EntryKey::parse(&key) else { return Err(missing(&reader, &seat).await) };
    let actor = signed.actor().clone();
    let found = act(&reader, &app.office, move |office| office.my_entry(&actor, key)).await?;
    let entry = match found {
        Ok(entry) => entry,
        Err(OfficeError::Entry(EntryError::NoEntry)) => return Err(missing(&reader, &seat).await),
        Err(e) => return Err(PageError::office(&reader, e)),
    };
    let (What::Visit(visit), Some(person)) = (entry.what, entry.person) else {
        return Err(missing(&reader, &seat).await);
    };
    let (child, today) = child_of(&app, &reader, &seat, &signed, &hex(person)).await?;
    let form = VisitForm {
        supersedes: key.to_string(),
        on: entry.on.to_string(),
        how: visit.how.code().to_owned(),
        met: visit.met,
        now: visit.now.map_or_else(String::new, |now| now.code().to_owned()),
        why: visit.why.iter().map(|why| why.code().to_owned()).collect(),
        text: visit.text,
        phone: visit.phone,
        next_on: visit.next_on.map_or_else(String::new, |day| day.to_string()),
        ..VisitForm::fresh(
            fresh_key(&signed, &app, &key.to_string()),
            today,
            signed.actor().may(Right::Care),
        )
    };
    let s = shell(&reader, &seat).await?;
    page(&reader, &VisitFormPage::new(s, form, &child, signed.actor().user))
}

#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    why: String,
}

/// Takes back what one wrote.
pub(super) async fn withdraw(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(key): Path<String>,
    CheckedForm(given): CheckedForm<Reason>,
) -> Result<Response, PageError> {
    let Some(key) = EntryKey::parse(&key) else {
        return Err(PageError::not_found(&reader, None));
    };
    let actor = signed.actor().clone();
    let done =
        act(&reader, &app.office, move |office| office.withdraw_entry(&actor, key, &given.why));
    done_or_told(&reader, done.await?)
}

#[derive(Deserialize)]
pub(super) struct Decision {
    #[serde(default)]
    stands: String,
    #[serde(default)]
    why: String,
}

/// Decides which of two sayings stands.
pub(super) async fn decide(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Path(number): Path<String>,
    CheckedForm(given): CheckedForm<Decision>,
) -> Result<Response, PageError> {
    let (Ok(number), "first" | "second") = (number.parse(), given.stands.as_str()) else {
        return Err(PageError::not_found(&reader, None));
    };
    let actor = signed.actor().clone();
    let done = act(&reader, &app.office, move |office| {
        office.decide_conflict(&actor, number, given.stands == "second", &given.why)
    });
    done_or_told(&reader, done.await?)
}

fn done_or_told(reader: &Reader, done: Result<(), OfficeError>) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(Redirect::to("/visit").into_response()),
        Err(OfficeError::Entry(EntryError::NoEntry | EntryError::NoConflict)) => {
            Err(PageError::not_found(reader, None))
        }
        Err(e) => Err(PageError::office(reader, e)),
    }
}

struct PupilRow {
    name: String,
    field: String,
    mark: String,
    by: String,
    given: String,
}

#[derive(Template)]
#[template(path = "visit-class.html")]
struct ClassFormPage {
    s: Shell,
    label: String,
    school: String,
    grade: &'static str,
    class: String,
    on: String,
    today: String,
    key: String,
    meals_key: String,
    pupils: Vec<PupilRow>,
    may_mark: bool,
    may_meals: bool,
    size: usize,
    served: String,
    there: String,
    served_by: String,
    faults: BTreeMap<String, String>,
    user: u64,
}

impl ClassFormPage {
    fn new(s: Shell, v: ClassPage, keys: [String; 2], user: u64) -> Self {
        let t = s.t;
        let pupils = v.pupils.into_iter().map(|pupil| {
            let mark = pupil.mark.map(Mark::code);
            PupilRow {
                field: format!("m_{}", hex(pupil.id)),
                name: pupil.name,
                mark: mark.map_or_else(String::new, |m| t.of("visit.mark", m)),
                by: if pupil.by.is_empty() {
                    String::new()
                } else {
                    t.f1("visit.marked_by", pupil.by)
                },
                given: String::new(),
            }
        });
        let [key, meals_key] = keys;
        let of = &v.class.class;
        Self {
            label: format!("{} {}", v.class.school, t.class(Some(of.grade), &of.class)),
            school: hex(of.school),
            grade: of.grade.code(),
            class: of.class.clone(),
            on: v.on.to_string(),
            today: v.today.to_string(),
            key,
            meals_key,
            pupils: pupils.collect(),
            may_mark: v.class.may_mark,
            may_meals: v.class.may_meals,
            size: v.class.size,
            served: String::new(),
            there: String::new(),
            served_by: v
                .served
                .map_or_else(String::new, |n| t.f2("visit.served_by", &v.served_by, n)),
            faults: BTreeMap::new(),
            user,
            s,
        }
    }

    fn fault(&self, field: &str) -> &str {
        self.faults.get(field).map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
pub(super) struct OfClass {
    #[serde(default)]
    grade: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    on: String,
}

async fn class_of(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    signed: &SignedIn,
    school: &str,
    of: &OfClass,
) -> Result<ClassPage, PageError> {
    let class = unhex(school).zip(Grade::parse(&of.grade));
    let Some((school, grade)) = class else { return Err(missing(reader, seat).await) };
    let class = ClassRef { school, grade, class: of.class.clone() };
    let (actor, on) = (signed.actor().clone(), of.on.parse().ok());
    let found = done(reader, &app.office, move |office| office.class_page(&actor, &class, on));
    match found.await? {
        Some(found) => Ok(found),
        None => Err(missing(reader, seat).await),
    }
}

/// A class on a day: who is there, and who ate.
pub(super) async fn class(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Path(school): Path<String>,
    Query(of): Query<OfClass>,
) -> Result<Response, PageError> {
    let found = class_of(&app, &reader, &seat, &signed, &school, &of).await?;
    let keys = ["marks", "meals"].map(|about| fresh_key(&signed, &app, about));
    let s = shell(&reader, &seat).await?;
    page(&reader, &ClassFormPage::new(s, found, keys, signed.actor().user))
}

/// Takes who of a class was there, or how many ate.
pub(super) async fn record_class(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Path(school): Path<String>,
    CheckedForm(pairs): CheckedForm<Pairs>,
) -> Result<Response, PageError> {
    let meals = pairs.iter().any(|(name, _)| name == "served");
    let kind = if meals { "meals" } else { "attendance" };
    let written = EntryJson { school: school.clone(), ..EntryJson::of_form(kind, &pairs) };
    let remarks = match record(&app, &reader, &signed, &written).await? {
        Ok(receipt) if receipt.state != ReceiptState::Refused => return Ok(to_list(&receipt)),
        Ok(receipt) => receipt.remarks,
        Err(remarks) => remarks,
    };
    let of = OfClass {
        grade: written.grade.clone(),
        class: written.class.clone(),
        on: written.on.clone(),
    };
    let found = class_of(&app, &reader, &seat, &signed, &school, &of).await?;
    let keys = ["marks", "meals"].map(|about| fresh_key(&signed, &app, about));
    let s = shell(&reader, &seat).await?;
    let mut form = ClassFormPage::new(s, found, keys, signed.actor().user);
    form.faults = told(reader.lang.words(), &remarks);
    form.served.clone_from(&written.served);
    form.there.clone_from(&written.present);
    for pupil in &mut form.pupils {
        let given = pupil.field.strip_prefix("m_").and_then(|id| written.marks.get(id));
        pupil.given = given.cloned().unwrap_or_default();
    }
    refused(&reader, &form)
}
