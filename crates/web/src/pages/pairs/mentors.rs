//! The list of mentors, and one of them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_model::{Division, Sex};
use fujiao_office::OfficeError;
use fujiao_office::desk::{MentorPage, MentorRow, MentorTab, MentorsPage, Seat};
use fujiao_office::pairing::{MentorChange, NewMentor};
use jiff::civil::Date;
use serde::Deserialize;

use super::{PupilRow, Tabs, kind, month_name, pupil_rows, tabs};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::pages::cases::docx;
use crate::pages::{ask, ask_for, form_page, missing, unhex};
use crate::shape::{Turns, encoded};
use crate::shell::{Reader, Shell};

type Form = Vec<(String, String)>;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) tab: String,
    pub(super) q: String,
    after: String,
    done: String,
    n: String,
}

#[derive(Template)]
#[template(path = "pairs_mentors.html")]
struct Page {
    s: Shell,
    tabs: Tabs,
    heading: String,
    export: String,
    turns: Turns,
    said: String,
    fault: String,
    was: BTreeMap<String, String>,
    v: MentorsPage,
}

impl Page {
    fn kind(&self, row: &MentorRow) -> String {
        kind(self.s.t, &self.v.kinds, &row.mentor.kind)
    }

    fn title(&self, of: &fujiao_office::desk::MentorKind) -> String {
        kind(self.s.t, &self.v.kinds, &of.key)
    }

    fn was(&self, field: &str) -> &str {
        self.was.get(field).map_or("", String::as_str)
    }
}

fn address(base: &str, tab: MentorTab, name: &str) -> String {
    let mut out = format!("{base}?tab={}", tab.code());
    if !name.is_empty() {
        out.push_str("&q=");
        out.push_str(&encoded(name));
    }
    out
}

pub(super) async fn list(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    show(&reader, &seat, asked, BTreeMap::new(), String::new()).await
}

async fn show(
    reader: &Reader,
    seat: &Seat,
    asked: Asked,
    was: BTreeMap<String, String>,
    fault: String,
) -> Result<Response, PageError> {
    let tab = MentorTab::parse(&asked.tab).unwrap_or_default();
    let name: String = asked.q.trim().chars().take(40).collect();
    let after = asked.after.parse().ok();
    let v = ask(reader, seat, move |seat| seat.mentors(tab, &name, after, false)).await?;
    let t = reader.lang.words();
    let s = Shell::new(reader, Some(v.frame.clone()), "pairs", t.s("pair.mentors"));
    let count = |tab: MentorTab| v.tabs.iter().find(|(t, _)| *t == tab).map_or(0, |(_, n)| *n);
    let here = address("/pairs/mentors", tab, &v.name);
    let template = Page {
        tabs: tabs(&s, "/pairs/mentors"),
        heading: t.f2(
            "pair.mentors_head",
            t.n(count(MentorTab::All)),
            t.n(count(MentorTab::Unsigned)),
        ),
        export: address("/pairs/mentors.xlsx", tab, &v.name),
        turns: Turns {
            total: v.total,
            shown: v.lines.len(),
            first: after.map(|_: u64| here.clone()),
            before: None,
            after: v.next.map(|n| format!("{here}&after={n}")),
        },
        said: match asked.done.as_str() {
            "" => String::new(),
            what => t.f1(&format!("pair.done_{what}"), encoded(&asked.n)),
        },
        fault,
        was,
        s,
        v,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

fn value<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

fn picked(form: &[(String, String)]) -> Vec<u64> {
    form.iter().filter(|(n, _)| n == "pick").filter_map(|(_, id)| id.parse().ok()).collect()
}

fn change_of(form: &[(String, String)]) -> MentorChange {
    MentorChange {
        cap: value(form, "cap").trim().parse().ok(),
        languages: value(form, "languages").to_owned(),
        subjects: value(form, "subjects").to_owned(),
        boards_duty: !value(form, "boards_duty").is_empty(),
        phone: value(form, "phone").to_owned(),
    }
}

pub(super) async fn add(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let new = NewMentor {
        kind: value(&form, "kind").to_owned(),
        name: value(&form, "name").to_owned(),
        sex: Sex::parse(value(&form, "sex")),
        unit: value(&form, "unit").to_owned(),
        school: unhex(value(&form, "school")),
        place: Division::parse(value(&form, "place")).ok(),
        able: change_of(&form),
    };
    let actor = seat.actor().clone();
    match act(&reader, &app.office, move |office| office.add_mentor(&actor, &new)).await? {
        Ok(number) => Ok(Redirect::to(&format!("/pairs/mentors/{number}")).into_response()),
        Err(OfficeError::Pair(fault)) => {
            let was = form.into_iter().collect();
            show(&reader, &seat, Asked::default(), was, fault.to_string()).await
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

pub(super) async fn refresh(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(_): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let actor = seat.actor().clone();
    let found = done(&reader, &app.office, move |office| office.pair_refresh(&actor)).await?;
    let to =
        format!("/pairs/mentors?done=refresh&n={}", found.added + found.changed + found.paired);
    Ok(Redirect::to(&to).into_response())
}

pub(super) async fn sign(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let numbers = picked(&form);
    let Ok(on) = value(&form, "on").parse::<Date>() else {
        return Err(PageError::input(&reader, t.s("pair.no_day")));
    };
    if numbers.is_empty() {
        return Err(PageError::input(&reader, t.s("case.pick_first")));
    }
    let actor = seat.actor().clone();
    let signed =
        done(&reader, &app.office, move |office| office.sign_mentors(&actor, &numbers, on)).await?;
    Ok(Redirect::to(&format!("/pairs/mentors?done=sign&n={signed}")).into_response())
}

pub(super) async fn codes(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let numbers = picked(&form);
    let actor = seat.actor().clone();
    let file =
        done(&reader, &app.office, move |office| office.pair_codes(&actor, &numbers)).await?;
    Ok(docx("codes", file))
}

#[derive(Template)]
#[template(path = "pairs_mentor.html")]
struct OneMentor {
    s: Shell,
    kind: String,
    about: Vec<(String, String)>,
    months: Vec<String>,
    pupils: Vec<PupilRow>,
    fault: String,
    most: u32,
    v: MentorPage,
}

pub(super) async fn one(
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show_one(&reader, &seat, &id, String::new()).await
}

async fn show_one(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    fault: String,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(reader, seat).await) };
    let v = ask_for(reader, seat, move |seat| seat.mentor(number)).await?;
    let t = reader.lang.words();
    let s = Shell::new(reader, Some(v.frame.clone()), "pairs", v.row.mentor.name.as_str());
    let m = &v.row.mentor;
    let title = v.kind.as_ref().map_or_else(
        || m.kind.clone(),
        |kind| if t.tag() == "en" { kind.title_en.clone() } else { kind.title.clone() },
    );
    let mut about = Vec::new();
    let mut put = |key: &str, text: String| {
        if !text.is_empty() {
            about.push((t.text(key), text));
        }
    };
    put("pair.kind", title.clone());
    put("pair.unit", m.unit.clone());
    put("pair.sex", m.sex.map_or_else(|| t.text("pair.unknown"), |sex| t.sex(sex).to_owned()));
    put("pair.phone", v.row.phone.clone());
    put("pair.subjects", m.subjects.join("、"));
    put("pair.languages", m.languages.join("、"));
    put("pair.load", t.f2("pair.load_of", v.row.load, v.row.cap));
    put("pair.source", t.of("pair.source_of", &m.source));
    put(
        "pair.signed",
        m.signed_on.map_or_else(|| t.text("pair.not_signed"), |day| day.to_string()),
    );
    if let Some((on, why)) = &m.left {
        put("pair.left", format!("{on}{}{why}", t.s("word.comma")));
    }
    let template = OneMentor {
        kind: title,
        about,
        months: v.months.iter().map(|m| month_name(t, *m)).collect(),
        pupils: pupil_rows(t, &v),
        fault,
        most: v.kind.as_ref().map_or(0, |kind| kind.cap),
        s,
        v,
    };
    form_page(reader, template.fault.is_empty(), &template)
}

/// What came of a form about one mentor: the page again, with the reason where it was refused.
async fn after<T>(
    reader: &Reader,
    seat: &Seat,
    id: &str,
    came: Result<T, OfficeError>,
    to: impl FnOnce(T) -> String,
) -> Result<Response, PageError> {
    use fujiao_office::pairing::PairError;
    match came {
        Ok(value) => Ok(Redirect::to(&to(value)).into_response()),
        Err(OfficeError::Pair(PairError::NoMentor)) => Err(missing(reader, seat).await),
        Err(OfficeError::Pair(fault)) => show_one(reader, seat, id, fault.to_string()).await,
        Err(error) => Err(PageError::office(reader, error)),
    }
}

pub(super) async fn change(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let (actor, new) = (seat.actor().clone(), change_of(&form));
    let came = act(&reader, &app.office, move |o| o.change_mentor(&actor, number, &new)).await?;
    after(&reader, &seat, &id, came, |()| format!("/pairs/mentors/{number}")).await
}

pub(super) async fn leave(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let t = reader.lang.words();
    let Ok(on) = value(&form, "on").parse::<Date>() else {
        return show_one(&reader, &seat, &id, t.text("pair.no_day")).await;
    };
    let (actor, why) = (seat.actor().clone(), value(&form, "why").to_owned());
    let came =
        act(&reader, &app.office, move |o| o.mentor_leaves(&actor, number, on, &why)).await?;
    after(&reader, &seat, &id, came, |run| match run {
        Some(run) => format!("/pairs/runs/{run}"),
        None => format!("/pairs/mentors/{number}"),
    })
    .await
}

pub(super) async fn back(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(_): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let actor = seat.actor().clone();
    let came = act(&reader, &app.office, move |o| o.mentor_back(&actor, number)).await?;
    after(&reader, &seat, &id, came, |()| format!("/pairs/mentors/{number}")).await
}

pub(super) async fn account(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Form>,
) -> Result<Response, PageError> {
    let Ok(number) = id.parse::<u64>() else { return Err(missing(&reader, &seat).await) };
    let (actor, login) = (seat.actor().clone(), value(&form, "login").to_owned());
    let came = act(&reader, &app.office, move |o| o.mentor_account(&actor, number, &login)).await?;
    after(&reader, &seat, &id, came, |()| format!("/pairs/mentors/{number}")).await
}
