//! Inspections of canteens: the checklist on a phone, faults with their days, second looks and pictures.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use fujiao_office::school::{InspectionForm, PHOTO_BYTES, SchoolError};
use fujiao_office::{Office, OfficeError};
use serde::Deserialize;

use super::super::{form_page, hex, unhex};
use super::{Form, Page, Sheet, back, cell, day, heads, input, number, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{CheckedForm, Sat, act, done};
use crate::shell::Reader;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/inspections", get(inspections).post(inspect))
        .route("/inspections/{id}/recheck", post(recheck))
}

/// The page of inspections; `sent`: a form as it was sent (of a picture, `photo`: the inspection and its check), with what is
/// wrong with it.
#[expect(clippy::too_many_lines, reason = "one sheet after the other")]
pub(super) async fn page(
    app: &App,
    reader: &Reader,
    seat: &fujiao_office::desk::Seat,
    sent: &BTreeMap<String, String>,
    wrong: Option<SchoolError>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let zh = t.s("work.lang") == "zh";
    let actor = seat.actor().clone();
    let v =
        done(reader, &app.office, move |office: &Office| office.inspections(&actor, None)).await?;
    let s = shell(reader, seat, "inspections", t.s("work.inspections")).await?;
    let value = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let fault = wrong.as_ref().map(ToString::to_string).unwrap_or_default();
    let at = match &wrong {
        Some(SchoolError::Form { field, .. }) => *field,
        _ => "",
    };
    let today = v.today.map(|d| d.to_string()).unwrap_or_default();
    let mut forms = Vec::new();
    if v.may_inspect {
        let schools = v.schools.iter().map(|(id, name, n)| {
            let label = if *n == 0 { format!("{name} ·") } else { name.clone() };
            (hex(*id), label)
        });
        let mut inputs = vec![
            input("key", "", "hidden").with(if value("key").is_empty() {
                format!("{} {}", actor_key(seat), seat.actor().at)
            } else {
                value("key")
            }),
            input("school", t.s("nav.schools"), "select")
                .of(schools.collect())
                .with(value("school"))
                .must(),
            input("on", t.s("work.on"), "date")
                .with(if value("on").is_empty() { today } else { value("on") })
                .must(),
            input("counted", t.s("work.counted_here"), "text").with(value("counted")),
        ];
        for check in &app.office.rulebook().norms.checks {
            let name = format!("ok.{}", check.key);
            let options = ["", "1", "0"].map(|v| {
                let key = match v {
                    "1" => "work.well",
                    "0" => "work.faulty",
                    _ => "work.not_seen",
                };
                (v.to_owned(), t.s(key).to_owned())
            });
            let label = if zh { &check.zh } else { &check.en };
            inputs.push(input(&name, label, "seg").of(options.into()).with(value(&name)));
            let name = format!("fault.{}", check.key);
            inputs.push(input(&name, t.s("work.fault"), "text").with(value(&name)));
        }
        inputs.push(input("note", t.s("work.note"), "area").with(value("note")));
        for x in &mut inputs {
            if !at.is_empty() && x.name == at {
                x.fault.clone_from(&fault);
            }
        }
        forms.push(Form {
            action: "/inspections".into(),
            title: t.s("work.inspect").to_owned(),
            button: t.s("work.keep").to_owned(),
            inputs,
            open: wrong.is_some() && value("photo").is_empty(),
        });
    }
    let write = Sheet {
        id: "inspect",
        title: t.s("work.inspect").to_owned(),
        note: t.f1("work.not_visited", v.schools.iter().filter(|s| s.2 == 0).count()),
        forms,
        ..Sheet::default()
    };
    let list = Sheet {
        id: "inspected",
        title: t.s("work.inspections").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.on", false),
                ("work.counted_here", true),
                ("work.well", true),
                ("work.faults", true),
                ("work.who", false),
            ],
        ),
        rows: v
            .inspections
            .iter()
            .map(|i| {
                let open = i.faults.iter().filter(|f| !f.is_closed()).count();
                let open = i64::try_from(open).unwrap_or(0);
                vec![
                    cell(&i.name).to(format!("/school/{}", hex(i.school))).under(&i.note),
                    cell(t.day(Some(i.on), v.today)).to(format!("/inspections?of={}", i.number)),
                    number(i.counted.map_or("—".to_owned(), |n| t.n(n))),
                    number(i.well.to_string()),
                    number(i.faults.len().to_string()).gap(open),
                    cell(&i.by),
                ]
            })
            .collect(),
        empty: t.s("work.no_inspections").to_owned(),
        ..Sheet::default()
    };
    let mut faults = Sheet {
        id: "faults",
        title: t.s("work.faults").to_owned(),
        note: t.s("work.faults_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.fault", false),
                ("work.due_on", false),
                ("work.state", false),
            ],
        ),
        empty: t.s("work.no_faults").to_owned(),
        ..Sheet::default()
    };
    // One inspection alone has the forms of its faults; among all of them a fault opens its own.
    let alone: Option<u64> = value("of").parse().ok();
    for i in v.inspections.iter().filter(|i| alone.is_none_or(|n| n == i.number)) {
        for f in &i.faults {
            let title = if zh { &f.title.0 } else { &f.title.1 };
            let last = f
                .rechecks
                .last()
                .map_or_else(String::new, |(on, _, note, by)| format!("{on} {by} {note}"));
            let state = if f.is_closed() {
                cell(t.s("work.put_right")).chip("ok")
            } else if f.due_on.is_some_and(|d| v.today.is_some_and(|today| d < today)) {
                cell(t.s("work.late")).chip("gap")
            } else {
                cell(t.s("work.waits")).chip("soon")
            };
            faults.rows.push(vec![
                cell(&i.name),
                cell(&f.fault)
                    .to(format!("/inspections?of={}#faults", i.number))
                    .under(title.as_str())
                    .with_pictures(&f.photos),
                cell(t.day(f.due_on, v.today)),
                state.under(last),
            ]);
            if v.may_inspect && !f.is_closed() && alone.is_some() {
                let about = format!("{} {}", i.number, f.check);
                let here = !about.is_empty() && about == value("photo");
                let picture = input("photo", t.s("work.picture"), "file")
                    .hint(t.f1("work.picture_hint", PHOTO_BYTES >> 20))
                    .fault(if here { fault.as_str() } else { "" });
                faults.forms.push(Form {
                    action: format!(
                        "/photos?about=inspection&number={}&part={}",
                        i.number, f.check
                    ),
                    title: t.f2("work.add_picture", &i.name, &f.fault),
                    button: t.s("work.send_picture").to_owned(),
                    inputs: vec![picture.must()],
                    open: here || wrong.is_none(),
                });
                faults.forms.push(Form {
                    action: format!("/inspections/{}/recheck", i.number),
                    title: t.f2("work.recheck", &i.name, &f.fault),
                    button: t.s("work.keep").to_owned(),
                    inputs: vec![
                        input("check", "", "hidden").with(&f.check),
                        input("on", t.s("work.on"), "date")
                            .with(v.today.map(|d| d.to_string()).unwrap_or_default())
                            .must(),
                        input("ok", t.s("work.state"), "seg").with("1").of(vec![
                            ("1".into(), t.s("work.put_right").to_owned()),
                            ("0".into(), t.s("work.not_yet").to_owned()),
                        ]),
                        input("note", t.s("work.note"), "text"),
                    ],
                    open: false,
                });
            }
        }
    }
    let open = v.inspections.iter().flat_map(|i| &i.faults).filter(|f| !f.is_closed()).count();
    let page = Page {
        crumbs: if alone.is_some() {
            vec![("/inspections".into(), t.s("work.inspections").to_owned())]
        } else {
            vec![("/meals".into(), t.s("work.meals").to_owned())]
        },
        heading: t.f2("work.inspections_head", v.inspections.len(), open),
        about: t.s("work.inspections_about").to_owned(),
        tabs: Vec::new(),
        fault,
        sheets: match (v.may_inspect, alone) {
            (_, Some(_)) => vec![faults],
            (true, None) => vec![write, faults, list],
            (false, None) => vec![faults, list],
        },
        s,
    };
    form_page(reader, wrong.is_none(), &page)
}

fn actor_key(seat: &fujiao_office::desk::Seat) -> String {
    seat.actor().login.clone()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    of: String,
}

async fn inspections(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    page(&app, &reader, &seat, &BTreeMap::from([("of".to_owned(), asked.of)]), None).await
}

async fn inspect(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    CheckedForm(sent): CheckedForm<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let of = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let mut form = InspectionForm {
        key: of("key"),
        school: unhex(&of("school")).unwrap_or(0),
        on: day(&of("on")),
        counted: of("counted"),
        items: BTreeMap::new(),
        note: of("note"),
    };
    for key in app.office.rulebook().norms.checks.iter().map(|c| &c.key) {
        let ok = match of(&format!("ok.{key}")).as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        let fault = of(&format!("fault.{key}"));
        form.items.insert(key.clone(), (ok, fault));
    }
    let actor = seat.actor().clone();
    match act(&reader, &app.office, move |o: &Office| o.inspect(&actor, &form)).await? {
        Ok(number) => back(&reader, Ok(()), &format!("/inspections?of={number}#faults")),
        Err(OfficeError::School(wrong @ SchoolError::Form { .. })) => {
            page(&app, &reader, &seat, &sent, Some(wrong)).await
        }
        Err(error) => Err(PageError::office(&reader, error)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Again {
    check: String,
    on: String,
    ok: String,
    note: String,
}

async fn recheck(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
    CheckedForm(form): CheckedForm<Again>,
) -> Result<Response, PageError> {
    let (actor, number) = (seat.actor().clone(), id.parse().unwrap_or(0));
    let work = move |o: &Office| {
        o.recheck(&actor, (number, &form.check), day(&form.on), form.ok == "1", &form.note)
    };
    let kept = act(&reader, &app.office, work).await?;
    back(&reader, kept, &format!("/inspections?of={id}#faults"))
}
