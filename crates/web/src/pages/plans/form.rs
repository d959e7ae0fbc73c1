//! Asking: the form of each question, with its table, and what the form sends.

use askama::Template;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use fujiao_model::Stage;
use fujiao_office::OfficeError;
use fujiao_office::desk::{List, ListCell, Seat};
use fujiao_office::plans::{
    AheadAsk, Ask, CoursesAsk, MayClose, MoneyAsk, PlacesAsk, PlanError, SitesAsk, TeachersAsk,
};
use fujiao_office::uploads::Brought;
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::export;
use crate::gate::{Sat, SignedIn, act, done};
use crate::pages::lists::as_workbook;
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// The form as it was sent, or as it begins.
#[derive(Clone, Default)]
pub(super) struct Form {
    pub(super) question: String,
    pub(super) title: String,
    stage: String,
    close: String,
    guarded: String,
    beds: String,
    bus: String,
    build: String,
    lawful: String,
    walk: String,
    ride: String,
    radius: String,
    least: String,
    years: String,
    reach: String,
    newcomers: String,
    town: String,
    yuan: String,
    weeks: String,
    seconds: String,
}

impl Form {
    fn begin(t: &Words, question: &str) -> Self {
        let question = if Ask::CODES.contains(&question) { question } else { "sites" };
        let yes = || "yes".to_owned();
        Self {
            question: question.to_owned(),
            title: t.of("plan.question", question),
            stage: "primary".to_owned(),
            close: MayClose::default().code().to_owned(),
            guarded: yes(),
            beds: yes(),
            bus: yes(),
            build: yes(),
            years: "10".to_owned(),
            seconds: "30".to_owned(),
            ..Self::default()
        }
    }

    fn set(&mut self, name: &str, value: String) {
        let field = match name {
            "question" => &mut self.question,
            "title" => &mut self.title,
            "stage" => &mut self.stage,
            "close" => &mut self.close,
            "guarded" => &mut self.guarded,
            "beds" => &mut self.beds,
            "bus" => &mut self.bus,
            "build" => &mut self.build,
            "lawful" => &mut self.lawful,
            "walk" => &mut self.walk,
            "ride" => &mut self.ride,
            "radius" => &mut self.radius,
            "least" => &mut self.least,
            "years" => &mut self.years,
            "reach" => &mut self.reach,
            "newcomers" => &mut self.newcomers,
            "town" => &mut self.town,
            "yuan" => &mut self.yuan,
            "weeks" => &mut self.weeks,
            "seconds" => &mut self.seconds,
            _ => return,
        };
        *field = value;
    }

    /// What is asked; the field at fault where it cannot be read.
    fn ask(&self) -> Result<Ask, &'static str> {
        let within = |text: &str, most: u32, field| match text.trim() {
            "" => Ok(None),
            text => match text.parse() {
                Ok(n) if n <= most => Ok(Some(n)),
                _ => Err(field),
            },
        };
        let minutes = |text: &str, field| match within(text, 600, field) {
            Ok(Some(0)) => Err(field),
            other => other,
        };
        Ok(match self.question.as_str() {
            "ahead" => {
                let years = self.years.trim().parse().ok().filter(|y| (1..=15).contains(y));
                Ask::Ahead(AheadAsk { years: years.ok_or("years")?, table: None })
            }
            "teachers" => Ask::Teachers(TeachersAsk {
                reach_minutes: minutes(&self.reach, "reach")?,
                table: None,
            }),
            "places" => Ask::Places(PlacesAsk {
                walk_minutes: minutes(&self.walk, "walk")?,
                newcomers_percent: within(&self.newcomers, 100, "newcomers")?,
                table: None,
            }),
            "money" => {
                Ask::Money(MoneyAsk { town_percent: within(&self.town, 100, "town")?, table: None })
            }
            "courses" => Ask::Courses(CoursesAsk {
                yuan: within(&self.yuan, 100_000_000, "yuan")?,
                weeks: within(&self.weeks, 52, "weeks")?,
                table: None,
            }),
            _ => {
                let seconds = self.seconds.trim().parse().ok().filter(|s| (1..=600).contains(s));
                Ask::Sites(SitesAsk {
                    stage: Stage::parse(&self.stage)
                        .filter(|s| matches!(s, Stage::Primary | Stage::Junior))
                        .ok_or("stage")?,
                    may_close: MayClose::parse(&self.close).ok_or("close")?,
                    guarded: !self.guarded.is_empty(),
                    beds: !self.beds.is_empty(),
                    bus: !self.bus.is_empty(),
                    build: !self.build.is_empty(),
                    lawful_only: !self.lawful.is_empty(),
                    walk_minutes: minutes(&self.walk, "walk")?,
                    ride_minutes: minutes(&self.ride, "ride")?,
                    radius_km: within(&self.radius, 200, "radius")?,
                    least_children: within(&self.least, 5_000, "least")?,
                    seconds: seconds.ok_or("seconds")?,
                })
            }
        })
    }
}

/// A box for a number, as the template draws it.
struct Number {
    name: &'static str,
    value: String,
    hint: &'static str,
    must: bool,
}

/// A box to tick.
struct Tick {
    name: &'static str,
    on: bool,
}

#[derive(Template)]
#[template(path = "plan-new.html")]
struct NewPage {
    s: Shell,
    f: Form,
    ticks: Vec<Tick>,
    numbers: Vec<Number>,
    /// The field at fault, or empty.
    at: &'static str,
    /// What is wrong, a line each.
    faults: Vec<String>,
}

impl NewPage {
    fn of(s: Shell, f: Form, at: &'static str, faults: Vec<String>) -> Self {
        let tick = |name, value: &str| Tick { name, on: !value.is_empty() };
        let number =
            |name, value: &str, hint| Number { name, value: value.to_owned(), hint, must: false };
        let must = |name, value: &str, hint| Number { must: true, ..number(name, value, hint) };
        let rules = "plan.empty_rules";
        let (ticks, numbers) = match f.question.as_str() {
            "ahead" => (Vec::new(), vec![must("years", &f.years, "plan.years_hint")]),
            "teachers" => (Vec::new(), vec![number("reach", &f.reach, rules)]),
            "places" => (
                Vec::new(),
                vec![number("walk", &f.walk, rules), number("newcomers", &f.newcomers, rules)],
            ),
            "money" => (Vec::new(), vec![number("town", &f.town, rules)]),
            "courses" => {
                (Vec::new(), vec![number("yuan", &f.yuan, rules), number("weeks", &f.weeks, rules)])
            }
            _ => (
                vec![
                    tick("guarded", &f.guarded),
                    tick("beds", &f.beds),
                    tick("bus", &f.bus),
                    tick("build", &f.build),
                    tick("lawful", &f.lawful),
                ],
                vec![
                    number("walk", &f.walk, rules),
                    number("ride", &f.ride, rules),
                    number("radius", &f.radius, "plan.empty_any"),
                    number("least", &f.least, "plan.empty_any"),
                    must("seconds", &f.seconds, "plan.seconds_hint"),
                ],
            ),
        };
        Self { s, f, ticks, numbers, at, faults }
    }

    fn is_sites(&self) -> bool {
        self.f.question == "sites"
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    question: String,
}

pub(super) async fn new(
    reader: Reader,
    Sat(seat): Sat,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let form = Form::begin(t, &wanted.question);
    form_page(&reader, &seat, form, "", Vec::new()).await
}

async fn form_page(
    reader: &Reader,
    seat: &Seat,
    f: Form,
    at: &'static str,
    faults: Vec<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = crate::pages::ask(reader, seat, Seat::frame).await?;
    let good = faults.is_empty();
    let s = Shell::new(reader, Some(frame), "plans", t.s("plan.new"));
    crate::pages::form_page(reader, good, &NewPage::of(s, f, at, faults))
}

/// What a form with a file says.
pub(super) struct Sent {
    pub(super) csrf: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Option<Brought>,
}

/// Reads a form with one file; its token must be that of the session.
pub(super) async fn sent(
    app: &App,
    reader: &Reader,
    signed: &SignedIn,
    request: Request,
) -> Result<Sent, PageError> {
    let unread = |status| PageError::refused(reader, status);
    let form = Multipart::from_request(request, app).await;
    let form = form.map_err(|_| unread(StatusCode::BAD_REQUEST))?;
    let given = read(form).await.map_err(|e| unread(e.status()))?;
    if given.csrf != signed.csrf() {
        return Err(unread(StatusCode::FORBIDDEN));
    }
    Ok(given)
}

async fn read(mut form: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent { csrf: String::new(), fields: Vec::new(), file: None };
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let bytes = field.bytes().await?;
        match file {
            // A browser sends an empty part where no file was chosen.
            Some(file) if !(file.is_empty() && bytes.is_empty()) => {
                sent.file = Some(Brought { name: file, bytes: bytes.to_vec() });
            }
            Some(_) => {}
            None => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if name == "csrf" {
                    sent.csrf = text;
                } else {
                    sent.fields.push((name, text));
                }
            }
        }
    }
    Ok(sent)
}

pub(super) async fn ask(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    request: Request,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let given = sent(&app, &reader, &signed, request).await?;
    let mut form = Form::default();
    for (name, value) in given.fields {
        form.set(&name, value);
    }
    let asked = match form.ask() {
        Ok(asked) => asked,
        Err(at) => {
            let fault = t.of("plan.fault", at);
            return form_page(&reader, &seat, form, at, vec![fault]).await;
        }
    };
    let (actor, title, table) = (seat.actor().clone(), form.title.clone(), given.file);
    let kept = act(&reader, &app.office, move |office| {
        office.ask_plan(&actor, &title, asked, table.as_ref())
    })
    .await?;
    match kept {
        Ok(id) => Ok(Redirect::to(&format!("/plans/{id}")).into_response()),
        Err(OfficeError::Plan(fault)) => {
            let (at, faults) = match fault {
                PlanError::Title => ("title", vec![fault.to_string()]),
                PlanError::Table(faults) => ("table", faults),
                fault => ("", vec![fault.to_string()]),
            };
            form_page(&reader, &seat, form, at, faults).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}

/// The table of a question, to fill in.
pub(super) async fn table(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = crate::pages::ask(&reader, &seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    // What most come for, where nothing is said.
    let question =
        if wanted.question.is_empty() { "money".to_owned() } else { wanted.question.clone() };
    let name = format!("plan-{question}-table");
    let found = act(&reader, &app.office, move |office| office.plan_table(&actor, &question));
    let sheets = match found.await? {
        Ok(sheets) => sheets,
        Err(OfficeError::Plan(PlanError::NoSuchPlan)) => {
            return Err(crate::pages::missing(&reader, &seat).await);
        }
        Err(e) => return Err(PageError::office(&reader, e)),
    };
    let (who, at) = (seat.actor().name.clone(), seat.actor().at);
    let lists = sheets
        .into_iter()
        .map(|sheet| List {
            head: export::head(t, &frame, &sheet.name, &who, at),
            sheet: sheet.name,
            columns: sheet.columns,
            rows: sheet.rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect(),
            as_of: frame.as_of.unwrap_or(jiff::civil::date(2000, 1, 1)),
        })
        .collect();
    as_workbook(&reader, lists, &name).await
}

/// A cell: a number where it is one, so that a spreadsheet adds it up.
fn cell(text: String) -> ListCell {
    match text.parse::<f64>() {
        Ok(n) => ListCell::Number(n),
        Err(_) if text.is_empty() => ListCell::Empty,
        Err(_) => ListCell::Text(text),
    }
}

/// The page of the ground: roads, heights and bus lines.
#[derive(Template)]
#[template(path = "plan-ground.html")]
struct GroundPage {
    s: Shell,
    parts: Vec<Part>,
    faults: Vec<String>,
    at: &'static str,
}

/// One of the three, with the file that stands.
struct Part {
    code: &'static str,
    accept: &'static str,
    stands: Option<(String, String, String)>,
}

pub(super) async fn ground(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    ground_page(&app, &reader, &seat, "", Vec::new()).await
}

async fn ground_page(
    app: &App,
    reader: &Reader,
    seat: &Seat,
    at: &'static str,
    faults: Vec<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let frame = crate::pages::ask(reader, seat, Seat::frame).await?;
    let actor = seat.actor().clone();
    let files = done(reader, &app.office, move |office| office.ground(&actor)).await?;
    let part = |code, accept| Part {
        code,
        accept,
        stands: files.iter().find(|f| f.kind == code).map(|f| {
            let since = t.f2("plan.ground_since", &f.author_name, t.clock(f.made_at));
            (f.name.clone(), f.holds.clone(), since)
        }),
    };
    let parts = vec![
        part("roads", ".pbf,.geojson,.json"),
        part("heights", ".asc,.hgt,.csv,.xlsx"),
        part("lines", ".csv,.xlsx"),
    ];
    let s = Shell::new(reader, Some(frame), "plans", t.s("plan.ground"));
    let good = faults.is_empty();
    crate::pages::form_page(reader, good, &GroundPage { s, parts, faults, at })
}

pub(super) async fn bring_ground(
    State(app): State<App>,
    reader: Reader,
    signed: SignedIn,
    Sat(seat): Sat,
    request: Request,
) -> Result<Response, PageError> {
    use fujiao_office::plans::GroundKind;
    let t = reader.lang.words();
    let given = sent(&app, &reader, &signed, request).await?;
    let of = |name: &str| {
        given.fields.iter().find(|f| f.0 == name).map_or("", |f| f.1.as_str()).to_owned()
    };
    let Some(kind) = GroundKind::parse(&of("kind")) else {
        return Err(PageError::refused(&reader, StatusCode::BAD_REQUEST));
    };
    let actor = seat.actor().clone();
    let brought = if of("drop").is_empty() {
        let Some(file) = given.file else {
            let fault = t.s("plan.ground_no_file").to_owned();
            return ground_page(&app, &reader, &seat, kind.code(), vec![fault]).await;
        };
        act(&reader, &app.office, move |office| {
            office.bring_ground(&actor, kind, &file).map(|_| ())
        })
        .await?
    } else {
        act(&reader, &app.office, move |office| office.drop_ground(&actor, kind)).await?
    };
    match brought {
        Ok(()) => Ok(Redirect::to("/plans/ground").into_response()),
        Err(OfficeError::Plan(PlanError::Table(faults))) => {
            ground_page(&app, &reader, &seat, kind.code(), faults).await
        }
        Err(OfficeError::Plan(fault)) => {
            ground_page(&app, &reader, &seat, kind.code(), vec![fault.to_string()]).await
        }
        Err(e) => Err(PageError::office(&reader, e)),
    }
}
