//! The day's page, and its frame for a phone without signal.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use fujiao_office::access::Right;
use fujiao_office::entries::{
    ConflictView, EntryKey, MyEntry, ReceiptState, Side, SideValue, ToVisit, VisitDay, What,
};
use serde::Deserialize;

use super::forms::VisitForm;
use super::{class_label, owed_lines, remark_text};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, SignedIn, done};
use crate::pages::{ask, hex, page};
use crate::shape::encoded;
use crate::shell::{Reader, Shell};
use crate::words::Words;

struct ChildRow {
    href: String,
    name: String,
    by: String,
    about: String,
    owed: Vec<String>,
    /// What the plan has for this month, or empty.
    planned: String,
}

impl ChildRow {
    fn new(t: &Words, child: &ToVisit) -> Self {
        let label = class_label(t, child);
        let about = [label.as_str(), &child.place, &child.guardian, &child.phone];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            href: format!("/visit/person/{}", hex(child.person)),
            name: child.name.clone(),
            by: child
                .contact_by
                .map_or_else(String::new, |d| t.f1("visit.contact_by", d.strftime("%m-%d"))),
            about: about.join(" · "),
            owed: owed_lines(t, child),
            planned: child.planned.map_or_else(String::new, |(how, by)| {
                t.f2("pair.next", t.of("visit.how", how.code()), by.strftime("%m-%d"))
            }),
        }
    }
}

struct ClassRow {
    href: String,
    label: String,
    size: String,
}

struct EntryRow {
    key: EntryKey,
    label: String,
    chip: &'static str,
    state: String,
    when: String,
    remarks: Vec<String>,
    why: String,
    edit: Option<String>,
    may_withdraw: bool,
    photos: Vec<EntryKey>,
}

impl EntryRow {
    fn new(t: &Words, entry: MyEntry) -> Self {
        let label = match &entry.what {
            What::Visit(visit) => {
                let how = t.of("visit.how", visit.how.code());
                t.f2("visit.label_visit", &entry.who, how)
            }
            What::Attendance(_) => t.f1("visit.label_attendance", &entry.who),
            What::Meals(meals) => {
                t.f2("visit.label_meals", &entry.who, meals.served.unwrap_or_default())
            }
        };
        let stands = matches!(entry.state.as_str(), "in_force" | "conflict");
        let edit = match &entry.what {
            What::Visit(_) if stands => Some(format!("/visit/entry/{}", entry.key)),
            _ => None,
        };
        let chip = match entry.state.as_str() {
            "in_force" => "ok",
            "conflict" => "gap",
            _ => "na",
        };
        let remarks = entry.receipt.iter().filter(|_| stands).flat_map(|r| &r.remarks);
        Self {
            key: entry.key,
            label,
            chip,
            state: t.of("visit.state", &entry.state),
            when: format!("{} · {}", entry.on, t.f1("visit.written", t.clock(entry.written_at))),
            remarks: remarks.map(|r| remark_text(t, r)).collect(),
            why: entry.why,
            edit,
            may_withdraw: stands,
            photos: entry.photos,
        }
    }
}

struct SideRow {
    author: String,
    value: String,
    when: String,
}

impl SideRow {
    fn new(t: &Words, side: &Side) -> Self {
        let value = match &side.value {
            SideValue::Mark(mark) => t.of("visit.mark", mark.code()),
            SideValue::Now(now) => t.of("visit.now", now.code()),
            SideValue::Served(n) => n.to_string(),
            SideValue::Phone(phone) => phone.clone(),
        };
        let author = t.f1("visit.said", &side.author);
        Self { author, value, when: t.clock(side.written_at) }
    }
}

struct ConflictRow {
    number: u64,
    who: String,
    field: String,
    on: String,
    first: SideRow,
    second: SideRow,
    may_decide: bool,
}

impl ConflictRow {
    fn new(t: &Words, view: &ConflictView) -> Self {
        Self {
            number: view.number,
            who: view.who.clone(),
            field: t.of("visit.field", &view.field),
            on: view.on.to_string(),
            first: SideRow::new(t, &view.first),
            second: SideRow::new(t, &view.second),
            may_decide: view.may_decide,
        }
    }
}

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage {
    s: Shell,
    heading: String,
    scope: String,
    more: String,
    children: Vec<ChildRow>,
    classes: Vec<ClassRow>,
    entries: Vec<EntryRow>,
    conflicts: Vec<ConflictRow>,
    kept: Option<(&'static str, String, Vec<String>)>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    kept: String,
}

/// 家访
pub(super) async fn list(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    signed: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = ask(&reader, &seat, fujiao_office::desk::Seat::frame).await?;
    let actor = signed.actor().clone();
    let whole = actor.scope(Right::Visit).is_whole();
    let writes = [Right::Visit, Right::Attendance, Right::Meals].iter().any(|r| actor.may(*r));
    let found = done(&reader, &app.office, move |office| {
        Ok((office.my_visits(&actor)?, office.my_entries(&actor)?, office.entry_conflicts(&actor)?))
    });
    let (day, entries, conflicts) = found.await?;
    let t = reader.lang.words();
    let kept = entries.iter().find(|e| !asked.kept.is_empty() && e.key.to_string() == asked.kept);
    let kept = kept.and_then(|e| e.receipt.as_ref()).map(|receipt| {
        let (class, key) = match receipt.state {
            ReceiptState::Conflict => ("x", "visit.kept_conflict"),
            _ => ("", "visit.kept"),
        };
        let remarks = receipt.remarks.iter().map(|r| remark_text(t, r)).collect();
        (class, t.text(key), remarks)
    });
    let shell = Shell::new(&reader, Some(frame), "visit", t.s("nav.visit"));
    let template = VisitPage {
        heading: if writes { heading(t, &day) } else { t.text("visit.nothing_here") },
        scope: t.f1("visit.scope", day.day),
        more: if day.in_all > day.children.len() {
            t.f2("visit.more", day.in_all, day.children.len())
        } else if whole {
            t.text("visit.county")
        } else {
            String::new()
        },
        children: day.children.iter().map(|child| ChildRow::new(t, child)).collect(),
        classes: day.classes.iter().map(|c| class_row(t, c)).collect(),
        entries: entries.into_iter().map(|e| EntryRow::new(t, e)).collect(),
        conflicts: conflicts.iter().map(|c| ConflictRow::new(t, c)).collect(),
        kept,
        s: shell,
    };
    page(&reader, &template)
}

fn heading(t: &Words, day: &VisitDay) -> String {
    match (day.children.len(), day.classes.len()) {
        (0, 0) => t.text("visit.head_none"),
        (0, classes) => t.f1("visit.classes_only", classes),
        _ => t.f1("visit.head", day.in_all),
    }
}

fn class_row(t: &Words, of: &fujiao_office::entries::ClassToday) -> ClassRow {
    ClassRow {
        href: format!(
            "/visit/class/{}?grade={}&class={}",
            hex(of.class.school),
            of.class.grade.code(),
            encoded(&of.class.class)
        ),
        label: format!("{} {}", of.school, t.class(Some(of.class.grade), &of.class.class)),
        size: t.f1("visit.size", of.size),
    }
}

#[derive(Template)]
#[template(path = "visit-offline.html")]
struct OfflinePage {
    s: Shell,
    f: VisitForm,
}

/// The frame that a phone keeps for a day without signal: no person in it, whoever asks.
pub(super) async fn offline(State(app): State<App>, reader: Reader) -> Result<Response, PageError> {
    let reader = reader.of(None);
    let desk = app.desk.clone();
    let front = tokio::task::spawn_blocking(move || desk.front()).await;
    let front = front.map_err(|e| PageError::failed(&reader, &e))?;
    let frame = front.map_err(|e| PageError::desk(&reader, e))?;
    let t = reader.lang.words();
    let template = OfflinePage {
        s: Shell::new(&reader, Some(frame), "visit", t.s("nav.visit")),
        f: VisitForm::empty(),
    };
    page(&reader, &template)
}
