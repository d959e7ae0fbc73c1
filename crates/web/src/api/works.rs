//! What programs read of gaps, projects, places and posts.

use axum::extract::{RawQuery, State};
use axum::routing::get;
use axum::{Json, Router};
use fujiao_office::school::{GapLine, PostsLine, PressureLine, ProjectView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::aid::ask;
use super::answers::Name;
use super::meals::count;
use super::problem::Problem;
use super::read::asked;
use crate::app::App;
use crate::gate::Sat;
use crate::pages::{hex, unhex};

/// Routes of what programs read of schools at work.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/gaps", get(gaps))
        .route("/api/v1/projects", get(projects))
        .route("/api/v1/places", get(places))
        .route("/api/v1/posts", get(posts))
}

/// Which gaps.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OfGaps {
    /// Key of a standard.
    #[param(nullable = false, min_length = 1, max_length = 80)]
    standard: Option<String>,
    /// Id of a school, 16 hexadecimal digits.
    #[param(nullable = false, pattern = "^[0-9a-f]{16}$")]
    school: Option<String>,
}

/// What a school lacks of a standard.
#[derive(Serialize, ToSchema)]
pub(super) struct SchoolGap {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// Key of the standard.
    standard: String,
    /// Its name.
    title: Name,
    /// Its number among the twenty bottom lines.
    bottom_line: Option<u8>,
    /// Needed, in the stored unit (hundredths of square metres, fen, whole things).
    due: i64,
    /// There.
    done: i64,
    /// Missing.
    gap: i64,
    /// The unit's code.
    unit: &'static str,
    /// What closing it costs, fen; null: no price is on file.
    cost_fen: Option<i64>,
    /// The article.
    basis: String,
    /// The facts in words.
    facts: String,
    /// Number of the project that closes it.
    project: Option<u64>,
    /// Pictures of the measurement.
    pictures: u64,
}

impl From<&GapLine> for SchoolGap {
    fn from(l: &GapLine) -> Self {
        Self {
            school: hex(l.school),
            name: l.name.clone(),
            standard: l.standard.clone(),
            title: Name::from(&l.title),
            bottom_line: l.line,
            due: l.figures.0,
            done: l.figures.1,
            gap: l.figures.2,
            unit: l.unit.code(),
            cost_fen: l.cost,
            basis: l.basis.clone(),
            facts: l.facts.clone(),
            project: l.project.map(|p| p.0),
            pictures: count(l.photos.len()),
        }
    }
}

/// An item that nobody measured.
#[derive(Serialize, ToSchema)]
pub(super) struct Unmeasured {
    /// The item.
    item: String,
    /// The article.
    basis: String,
}

/// The ledger of gaps.
#[derive(Serialize, ToSchema)]
pub(super) struct GapLedger {
    /// Gaps in all.
    total: u64,
    /// What closing them costs, fen.
    cost_fen: i64,
    /// The dearest, 200 at most.
    gaps: Vec<SchoolGap>,
    /// Items of standards that nobody measured: neither met nor missed.
    unmeasured: Vec<Unmeasured>,
}

/// What schools lack, by which article, what it costs.
#[utoipa::path(get, path = "/api/v1/gaps", tag = "schools", params(OfGaps), responses(
    (status = 200, body = GapLedger), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn gaps(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<GapLedger>, Problem> {
    let wanted: OfGaps = asked(query.as_deref())?;
    let standard = super::read::short(wanted.standard, "standard", 80)?.unwrap_or_default();
    let school = wanted
        .school
        .map(|s| unhex(&s).ok_or_else(|| Problem::unprocessable("there is no such school")))
        .transpose()?;
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.gap_ledger(&actor, &standard, school)).await?;
    let unmeasured = v.unmeasured.iter();
    Ok(Json(GapLedger {
        total: count(v.total),
        cost_fen: v.cost,
        gaps: v.lines.iter().map(SchoolGap::from).collect(),
        unmeasured: unmeasured
            .map(|(item, basis)| Unmeasured { item: item.clone(), basis: basis.clone() })
            .collect(),
    }))
}

/// A step of a project.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectStep {
    /// The day.
    on: String,
    /// `funded`, `contracted`, `progress`, `accepted`, `dropped`.
    step: String,
    /// Fen.
    fen: Option<i64>,
    /// Of the work.
    percent: Option<i64>,
    /// The fund, or who builds.
    party: String,
    /// Who said so.
    by: String,
}

/// A project from its need to its acceptance. Money in fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Project {
    /// Its number.
    id: u64,
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// What people call the project.
    called: String,
    /// Key of the standard that it closes.
    standard: String,
    /// Missing when it began.
    need: i64,
    /// The unit's code.
    unit: &'static str,
    /// Cost by the table of prices.
    cost_fen: i64,
    /// Granted.
    granted_fen: i64,
    /// Contracted.
    contracted_fen: i64,
    /// Paid.
    paid_fen: i64,
    /// `planned`, `funded`, `contracted`, `progress`, `accepted`, `dropped`.
    state: &'static str,
    /// Its steps.
    steps: Vec<ProjectStep>,
}

impl From<&ProjectView> for Project {
    fn from(p: &ProjectView) -> Self {
        let steps = p.steps.iter().map(|s| ProjectStep {
            on: s.on.to_string(),
            step: s.code.clone(),
            fen: s.amount,
            percent: s.percent,
            party: s.party.clone(),
            by: s.by.clone(),
        });
        Self {
            id: p.number,
            school: hex(p.school),
            name: p.name.clone(),
            called: p.called.clone(),
            standard: p.standard.clone(),
            need: p.need,
            unit: p.unit.code(),
            cost_fen: p.cost,
            granted_fen: p.money.0,
            contracted_fen: p.money.1,
            paid_fen: p.money.2,
            state: p.state,
            steps: steps.collect(),
        }
    }
}

/// Projects that close gaps.
#[utoipa::path(get, path = "/api/v1/projects", tag = "schools", responses(
    (status = 200, body = Vec<Project>), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn projects(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<Vec<Project>>, Problem> {
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.projects(&actor, None)).await?;
    Ok(Json(v.iter().map(Project::from).collect()))
}

/// Classes of a grade of a school.
#[derive(Serialize, ToSchema)]
pub(super) struct GradeClasses {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// The grade's code.
    grade: &'static str,
    /// Classes.
    classes: u32,
    /// Pupils.
    pupils: u32,
    /// The largest class.
    largest: u32,
    /// `standard`, `above`, `large`, `oversize`: of the largest.
    band: &'static str,
}

/// A grade that is short of places, or that needs another class.
#[derive(Serialize, ToSchema)]
pub(super) struct Pressure {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// The grade's code.
    grade: &'static str,
    /// Children.
    children: u32,
    /// Of those who enter, from relocation estates.
    from_estates: u32,
    /// Classes that are open.
    classes: u32,
    /// Places in them by the standard.
    places: u32,
    /// Places that are missing.
    short: u32,
    /// Classes to open.
    to_open: u32,
}

impl From<&PressureLine> for Pressure {
    fn from(l: &PressureLine) -> Self {
        Self {
            school: hex(l.of.school),
            name: l.name.clone(),
            grade: l.of.grade.code(),
            children: l.of.pupils,
            from_estates: l.of.estate,
            classes: l.of.classes,
            places: l.of.places,
            short: l.of.short,
            to_open: l.of.to_open,
        }
    }
}

/// Class places.
#[derive(Serialize, ToSchema)]
pub(super) struct Places {
    /// Classes by grade and school.
    grades: Vec<GradeClasses>,
    /// Classes of standard size, above it, large and oversize.
    bands: Vec<u32>,
    /// Grades that are short this year.
    now: Vec<Pressure>,
    /// Grades that are short next year, or that need another class.
    next: Vec<Pressure>,
    /// The year in which the next school year begins.
    next_year: i16,
}

/// Classes by size, and where places are missing this year and the next.
#[utoipa::path(get, path = "/api/v1/places", tag = "schools", responses(
    (status = 200, body = Places), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn places(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<Places>, Problem> {
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.places(&actor)).await?;
    let grades = v.rows.iter().flat_map(|r| {
        r.cells.iter().map(|c| GradeClasses {
            school: hex(r.school),
            name: r.name.clone(),
            grade: c.grade.code(),
            classes: c.classes,
            pupils: c.pupils,
            largest: c.largest,
            band: c.band.code(),
        })
    });
    Ok(Json(Places {
        grades: grades.collect(),
        bands: v.bands.to_vec(),
        now: v.now.iter().map(Pressure::from).collect(),
        next: v.next.iter().map(Pressure::from).collect(),
        next_year: v.year,
    }))
}

/// Posts of a school, in hundredths.
#[derive(Serialize, ToSchema)]
pub(super) struct SchoolPosts {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// Pupils.
    pupils: i64,
    /// By the norm.
    base: i64,
    /// With the additions that count.
    needed: i64,
    /// In quota.
    in_quota: i64,
    /// Of those at the school.
    here: i64,
    /// Missing.
    vacancy: i64,
    /// Beyond the need.
    surplus: i64,
    /// Subjects that nobody teaches.
    no_teacher_of: Vec<String>,
}

impl From<&PostsLine> for SchoolPosts {
    fn from(l: &PostsLine) -> Self {
        Self {
            school: hex(l.school),
            name: l.name.clone(),
            pupils: l.pupils,
            base: l.posts.base,
            needed: l.posts.needed,
            in_quota: l.posts.in_quota,
            here: l.posts.here,
            vacancy: l.posts.vacancy,
            surplus: l.posts.surplus,
            no_teacher_of: l.short_of.clone(),
        }
    }
}

/// An addition to the posts.
#[derive(Serialize, ToSchema)]
pub(super) struct Addition {
    /// Its key.
    key: String,
    /// Its name.
    title: Name,
    /// Whether it counts.
    on: bool,
    /// Hundredths of posts of all schools.
    posts: i64,
    /// The article.
    basis: String,
}

/// A subject whose reviews ask for training.
#[derive(Serialize, ToSchema)]
pub(super) struct Need {
    /// The subject.
    subject: String,
    /// The mean, in thousandths of the full mark.
    mean: i64,
    /// Observed lessons and tests.
    reviews: u64,
}

/// Posts, rotation, allowance and training needs.
#[derive(Serialize, ToSchema)]
pub(super) struct PostsSum {
    /// Schools, the largest vacancy first.
    schools: Vec<SchoolPosts>,
    /// Additions.
    additions: Vec<Addition>,
    /// Who may rotate.
    may_rotate: i64,
    /// How many must at least.
    must_rotate: i64,
    /// Of those, backbone teachers at least.
    must_backbone: i64,
    /// Rural staff.
    rural_staff: i64,
    /// Of them with the allowance.
    with_allowance: i64,
    /// Of them nobody says.
    allowance_unknown: i64,
    /// Subjects whose reviews ask for training.
    needs: Vec<Need>,
    /// Teachers whose reviews ask for training.
    to_train: u64,
}

/// Posts of schools by the norm, and what the norm forgets.
#[utoipa::path(get, path = "/api/v1/posts", tag = "schools", responses(
    (status = 200, body = PostsSum), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn posts(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<PostsSum>, Problem> {
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.posts(&actor)).await?;
    let additions = v.additions.iter().map(|a| Addition {
        key: a.key.clone(),
        title: Name::new(a.title.0.clone(), a.title.1.clone()),
        on: a.on,
        posts: a.posts,
        basis: a.basis.clone(),
    });
    let needs = v.needs.iter().map(|n| Need {
        subject: n.subject.clone(),
        mean: n.mean,
        reviews: count(n.reviews),
    });
    Ok(Json(PostsSum {
        schools: v.schools.iter().map(SchoolPosts::from).collect(),
        additions: additions.collect(),
        may_rotate: v.rotation.0,
        must_rotate: v.rotation.1,
        must_backbone: v.rotation.2,
        rural_staff: v.allowance.0,
        with_allowance: v.allowance.1,
        allowance_unknown: v.allowance.3,
        needs: needs.collect(),
        to_train: count(v.to_train.len()),
    }))
}
