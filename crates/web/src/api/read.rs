//! What programs read.

use axum::extract::{Path, RawQuery};
use axum::routing::get;
use axum::{Json, Router};
use fujiao_model::{Area, Division, Period};
use fujiao_office::cases::CaseState;
use fujiao_office::desk::{
    At, CareFilter, CaseFilter, CaseTab, DeskError, Filter, MentorTab, PairFilter, Seat, Show, Sort,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answers::{
    AreaSum, CaseWhole, Cases, County, Household, Lines, People, Person, PersonWhole, School,
    SchoolWhole, Schools, Sum,
};
use super::pairing::{Cared, Mentors, PairList};
use super::problem::Problem;
use crate::app::App;
use crate::gate::Sat;

/// Routes of what programs read.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/county", get(county))
        .route("/api/v1/areas/{area}/lines", get(lines))
        .route("/api/v1/persons", get(persons))
        .route("/api/v1/persons/{id}", get(person))
        .route("/api/v1/households/{id}", get(household))
        .route("/api/v1/schools", get(schools))
        .route("/api/v1/schools/{id}", get(school))
        .route("/api/v1/cases", get(cases))
        .route("/api/v1/cases/{id}", get(case))
        .route("/api/v1/pairs", get(pairs))
        .route("/api/v1/mentors", get(mentors))
        .route("/api/v1/care", get(care))
}

async fn ask<T: Send + 'static>(
    seat: Seat,
    question: impl FnOnce(&Seat) -> Result<T, DeskError> + Send + 'static,
) -> Result<T, Problem> {
    let answer = tokio::task::spawn_blocking(move || question(&seat)).await;
    answer.map_err(|_| Problem::failed())?.map_err(|e| Problem::desk(&e))
}

/// An id as it stands in addresses.
fn id(text: &str) -> Result<u64, Problem> {
    crate::pages::unhex(text).ok_or_else(Problem::not_found)
}

/// The county, and how it stands by area.
#[utoipa::path(get, path = "/api/v1/county", tag = "figures", responses(
    (status = 200, body = County), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn county(Sat(seat): Sat) -> Result<Json<County>, Problem> {
    let (frame, sums) = ask(seat, Seat::sums).await?;
    Ok(Json(County {
        code: frame.county,
        name: frame.county_name,
        made: frame.sample,
        as_of: frame.as_of.map(|d| d.to_string()),
        areas: sums
            .iter()
            .map(|(area, tally)| AreaSum { area: area.code(), sum: Sum::from(tally) })
            .collect(),
    }))
}

/// An area of the county's work.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AreaWord {
    Aid,
    Meals,
    Schooling,
    Pairing,
    Training,
    Jobs,
    Conditions,
    Teachers,
    Places,
    Funds,
}

impl AreaWord {
    fn area(self) -> Area {
        Area::ALL[self as usize]
    }
}

/// Which lines.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ShowWord {
    #[default]
    Gap,
    Overdue,
    Done,
    All,
    Excess,
}

/// In which order.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SortWord {
    #[default]
    Due,
    Gap,
    Place,
    Kind,
}

/// What a list is filtered by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Duties with a gap, overdue, done, all; or deeds without a duty.
    #[serde(default)]
    show: ShowWord,
    /// The order.
    #[serde(default)]
    sort: SortWord,
    /// Code of a town or village, 9 or 12 digits.
    #[param(pattern = "^[1-9][0-9]{8}([0-9]{3})?$", nullable = false)]
    town: Option<String>,
    /// Programme or standard.
    #[param(nullable = false, min_length = 1, max_length = 80)]
    kind: Option<String>,
    /// `2025A`, `2025-09` or `2025`.
    #[param(nullable = false, pattern = "^(19|20)[0-9]{2}([AS]|-(0[1-9]|1[0-2]))?$")]
    period: Option<String>,
    /// Id of a school, 16 hexadecimal digits.
    #[param(nullable = false, pattern = "^[0-9a-f]{16}$")]
    school: Option<String>,
    /// `next` of the page before.
    #[param(nullable = false, min_length = 1, max_length = 200)]
    after: Option<String>,
}

/// The list of an area, 25 lines a page.
#[utoipa::path(get, path = "/api/v1/areas/{area}/lines", tag = "lists",
    params(("area" = AreaWord, Path, description = "The area"), Wanted), responses(
    (status = 200, body = Lines), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn lines(
    Sat(seat): Sat,
    Path(area): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Lines>, Problem> {
    let quoted = format!("\"{area}\"");
    let area: AreaWord = serde_json::from_str(&quoted).map_err(|_| Problem::not_found())?;
    let wanted: Wanted = asked(query.as_deref())?;
    let unknown = |what: &str| Problem::unprocessable(format!("there is no such {what}"));
    let area = area.area();
    let filter = Filter {
        show: Show::ALL[wanted.show as usize],
        sort: Sort::ALL[wanted.sort as usize],
        town: wanted.town.map(|t| Division::parse(&t).map_err(|_| unknown("town"))).transpose()?,
        kind: short(wanted.kind, "kind", 80)?,
        period: wanted
            .period
            .map(|p| Period::parse(&p).ok_or_else(|| unknown("period")))
            .transpose()?,
        school: wanted
            .school
            .map(|s| crate::pages::unhex(&s).ok_or_else(|| unknown("school")))
            .transpose()?,
        name: String::new(),
        at: short(wanted.after, "after", 200)?.map_or(At::Start, At::After),
    };
    let page = ask(seat, move |seat| seat.area(area, &filter)).await?;
    Ok(Json(Lines::from(&page)))
}

/// What an address asks after its `?`; a question that does not read is refused with what is wrong.
pub(super) fn asked<T: serde::de::DeserializeOwned>(query: Option<&str>) -> Result<T, Problem> {
    serde_urlencoded::from_str(query.unwrap_or("")).map_err(|e| Problem::unread(e.to_string()))
}

/// A text of 1 to `long` characters, if there is one.
pub(super) fn short(
    text: Option<String>,
    what: &str,
    long: usize,
) -> Result<Option<String>, Problem> {
    match &text {
        Some(t) if t.is_empty() || t.chars().count() > long || t.contains('\0') => {
            Err(Problem::unprocessable(format!("{what} does not read")))
        }
        _ => Ok(text),
    }
}

/// Part of a name.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// Two characters at least.
    #[param(min_length = 2, max_length = 40)]
    name: String,
}

fn named(query: Option<&str>) -> Result<String, Problem> {
    let named: Named = asked(query)?;
    let long = named.name.chars().count();
    if !(2..=40).contains(&long) || named.name.contains('\0') {
        return Err(Problem::unread("name: 2 to 40 characters"));
    }
    Ok(named.name)
}

/// People by name.
#[utoipa::path(get, path = "/api/v1/persons", tag = "people", params(Named), responses(
    (status = 200, body = People), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn persons(
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<People>, Problem> {
    let name = named(query.as_deref())?;
    let found = ask(seat, move |seat| seat.search(&name)).await?;
    let persons = found.persons.iter().map(Person::from).collect();
    Ok(Json(People { persons, total: found.persons_total }))
}

/// One person.
#[utoipa::path(get, path = "/api/v1/persons/{id}", tag = "people",
    params(("id" = String, Path, description = "16 hexadecimal digits", pattern = "^[0-9a-f]{16}$")), responses(
    (status = 200, body = PersonWhole), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn person(
    Sat(seat): Sat,
    Path(text): Path<String>,
) -> Result<Json<PersonWhole>, Problem> {
    let id = id(&text)?;
    let found = ask(seat, move |seat| seat.person(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(PersonWhole::from(&found)))
}

/// One household.
#[utoipa::path(get, path = "/api/v1/households/{id}", tag = "people",
    params(("id" = String, Path, description = "16 hexadecimal digits", pattern = "^[0-9a-f]{16}$")), responses(
    (status = 200, body = Household), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn household(
    Sat(seat): Sat,
    Path(text): Path<String>,
) -> Result<Json<Household>, Problem> {
    let id = id(&text)?;
    let found = ask(seat, move |seat| seat.household(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(Household::from(&found)))
}

/// The schools within the token's ground.
#[utoipa::path(get, path = "/api/v1/schools", tag = "schools", responses(
    (status = 200, body = Schools), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn schools(Sat(seat): Sat) -> Result<Json<Schools>, Problem> {
    let found = ask(seat, |seat| seat.schools(None, "")).await?;
    Ok(Json(Schools { schools: found.schools.iter().map(School::from).collect() }))
}

/// One school.
#[utoipa::path(get, path = "/api/v1/schools/{id}", tag = "schools",
    params(("id" = String, Path, description = "16 hexadecimal digits", pattern = "^[0-9a-f]{16}$")), responses(
    (status = 200, body = SchoolWhole), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn school(
    Sat(seat): Sat,
    Path(text): Path<String>,
) -> Result<Json<SchoolWhole>, Problem> {
    let id = id(&text)?;
    let found = ask(seat, move |seat| seat.school(id)).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(SchoolWhole::from(&found)))
}

/// Which cases.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CaseWord {
    #[default]
    Open,
    Mine,
    Check,
    Visit,
    Service,
    FollowUp,
    Closed,
}

/// What a list of cases is filtered by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedCases {
    /// Open ones, those that wait for the token's owner, the four overdue lists, or closed ones.
    #[serde(default)]
    show: CaseWord,
    /// One state.
    #[param(nullable = false, max_length = 20)]
    state: Option<String>,
    /// Code of a town or village, 9 or 12 digits.
    #[param(pattern = "^[1-9][0-9]{8}([0-9]{3})?$", nullable = false)]
    town: Option<String>,
    /// Id of a school, 16 hexadecimal digits.
    #[param(nullable = false, pattern = "^[0-9a-f]{16}$")]
    school: Option<String>,
    /// `next` of the page before.
    #[param(nullable = false, min_length = 1, max_length = 60)]
    after: Option<String>,
}

/// Cases of children out of school, 25 a page, by deadline.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(WantedCases), responses(
    (status = 200, body = Cases), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn cases(
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Cases>, Problem> {
    let wanted: WantedCases = asked(query.as_deref())?;
    let unknown = |what: &str| Problem::unprocessable(format!("there is no such {what}"));
    let filter = CaseFilter {
        tab: CaseTab::ALL[wanted.show as usize],
        place: wanted.town.map(|t| Division::parse(&t).map_err(|_| unknown("town"))).transpose()?,
        school: wanted
            .school
            .map(|s| crate::pages::unhex(&s).ok_or_else(|| unknown("school")))
            .transpose()?,
        state: wanted
            .state
            .map(|s| CaseState::of(&s).ok_or_else(|| unknown("state")))
            .transpose()?,
        name: String::new(),
        at: short(wanted.after, "after", 60)?.map_or(At::Start, At::After),
    };
    let page = ask(seat, move |seat| seat.cases(&filter, None)).await?;
    Ok(Json(Cases::from(&page)))
}

/// One case with what happened in it.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "cases",
    params(("id" = u64, Path, description = "The case's number")), responses(
    (status = 200, body = CaseWhole), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn case(
    Sat(seat): Sat,
    Path(number): Path<String>,
) -> Result<Json<CaseWhole>, Problem> {
    let number = number.parse::<u64>().map_err(|_| Problem::not_found())?;
    let found = ask(seat, move |seat| seat.case(number, None)).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    Ok(Json(CaseWhole::from(&found)))
}

/// What a list of children is filtered by.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedChildren {
    /// Code of a town or village, 9 or 12 digits.
    #[param(pattern = "^[1-9][0-9]{8}([0-9]{3})?$", nullable = false)]
    town: Option<String>,
    /// `next` of the page before.
    #[param(nullable = false, max_length = 60)]
    after: Option<String>,
}

impl WantedChildren {
    fn read(query: Option<&str>) -> Result<(Option<Division>, String), Problem> {
        let wanted: Self = serde_urlencoded::from_str(query.unwrap_or(""))
            .map_err(|e| Problem::unread(e.to_string()))?;
        let unknown = |_| Problem::unprocessable("there is no such town");
        let town = wanted.town.map(|t| Division::parse(&t).map_err(unknown)).transpose()?;
        let after = wanted.after.unwrap_or_default();
        if after.chars().count() > 60 || after.contains('\0') {
            return Err(Problem::unread("after does not read"));
        }
        Ok((town, after))
    }
}

/// Pairs of children and mentors that stand, 25 a page, by mentor.
#[utoipa::path(get, path = "/api/v1/pairs", tag = "pairing", params(WantedChildren), responses(
    (status = 200, body = PairList), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn pairs(
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<PairList>, Problem> {
    let (place, after) = WantedChildren::read(query.as_deref())?;
    let filter = PairFilter { place, after, ..PairFilter::default() };
    let page = ask(seat, move |seat| seat.pairs(&filter, false)).await?;
    Ok(Json(PairList::from(&page)))
}

/// Mentors whom the token's owner leads.
#[utoipa::path(get, path = "/api/v1/mentors", tag = "pairing", responses(
    (status = 200, body = Mentors), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn mentors(Sat(seat): Sat) -> Result<Json<Mentors>, Problem> {
    let page = ask(seat, |seat| seat.mentors(MentorTab::All, "", None, true)).await?;
    Ok(Json(Mentors::from(&page)))
}

/// Children who need somebody, with the contacts of this term, 25 a page; those whom nobody talked with first.
#[utoipa::path(get, path = "/api/v1/care", tag = "pairing", params(WantedChildren), responses(
    (status = 200, body = Cared), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn care(
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Cared>, Problem> {
    let (place, after) = WantedChildren::read(query.as_deref())?;
    let filter = CareFilter { place, after, ..CareFilter::default() };
    let page = ask(seat, move |seat| seat.care(&filter, false)).await?;
    Ok(Json(Cared::from(&page)))
}
