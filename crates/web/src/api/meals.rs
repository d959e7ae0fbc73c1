//! What programs read of meals by month, kitchens and inspections.

use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use axum::{Json, Router};
use fujiao_office::school::{InspectionView, KitchenLine, Mode, MonthLine, RateView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::aid::ask;
use super::answers::Name;
use super::loans::OfYear;
use super::problem::Problem;
use super::read::asked;
use crate::app::App;
use crate::gate::Sat;
use crate::pages::hex;

/// Routes of what programs read of meals.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/meals", get(meals))
        .route("/api/v1/meals/{month}", get(month))
        .route("/api/v1/kitchens", get(kitchens))
        .route("/api/v1/inspections", get(inspections))
}

pub(super) fn count(n: usize) -> u64 {
    n as u64
}

/// A rate of the file of norms.
#[derive(Serialize, ToSchema)]
pub(super) struct MealRate {
    /// Its key.
    key: String,
    /// Its name.
    title: Name,
    /// How it is reckoned, in words.
    formula: Name,
    /// The article.
    basis: String,
    /// Numerator; null: nothing was reported that it is reckoned from.
    above: Option<i64>,
    /// Denominator.
    below: Option<i64>,
}

impl From<&RateView> for MealRate {
    fn from(r: &RateView) -> Self {
        let name = |(zh, en): &(String, String)| Name::new(zh.clone(), en.clone());
        Self {
            key: r.key.clone(),
            title: name(&r.title),
            formula: name(&r.formula),
            basis: r.basis.clone(),
            above: r.of.map(|of| of.0),
            below: r.of.map(|of| of.1),
        }
    }
}

/// Meals of a month: three counts and what they prove.
#[derive(Serialize, ToSchema)]
pub(super) struct MealSum {
    /// `2025-09`.
    month: String,
    /// Meals due: enrolled × school days.
    due: i64,
    /// Present.
    present: i64,
    /// Served.
    served: i64,
    /// Claimed.
    claimed: i64,
    /// Claimed and proved by the other two counts.
    proved: i64,
    /// Claimed beyond them.
    over: i64,
    /// Claimed where a count is missing: neither proved nor accused.
    unproven: i64,
    /// Claimed by name and not proved.
    over_by_name: i64,
    /// Class days that should be marked.
    class_days: i64,
    /// Class days that are.
    class_days_marked: i64,
    /// Meals that can be paid.
    payable: i64,
    /// The same in fen.
    payable_fen: i64,
    /// Who locked the month; null: it is open.
    locked_by: Option<String>,
    /// When it was locked.
    locked_on: Option<String>,
}

impl From<&MonthLine> for MealSum {
    fn from(l: &MonthLine) -> Self {
        let m = l.meals;
        Self {
            month: l.month.clone(),
            due: m[0],
            present: m[1],
            served: m[2],
            claimed: m[3],
            proved: m[5],
            over: m[6],
            unproven: m[7],
            over_by_name: l.named.1,
            class_days: l.class_days.0,
            class_days_marked: l.class_days.1,
            payable: l.payable.0,
            payable_fen: l.payable.1,
            locked_by: l.locked.as_ref().map(|(name, _)| name.clone()),
            locked_on: l.locked.as_ref().map(|(_, on)| on.clone()),
        }
    }
}

/// A school year of meals.
#[derive(Serialize, ToSchema)]
pub(super) struct MealYear {
    /// The year in which the school year begins.
    year: i16,
    /// School years of which there is something, and the one that has begun.
    years: Vec<i16>,
    /// Months that were closed.
    months: Vec<MealSum>,
    /// Rates of the year.
    rates: Vec<MealRate>,
}

/// Meals of a school year, from the closes of its months.
#[utoipa::path(get, path = "/api/v1/meals", tag = "schools", params(OfYear), responses(
    (status = 200, body = MealYear), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn meals(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<MealYear>, Problem> {
    let (actor, year) = (seat.actor().clone(), OfYear::read(query.as_deref())?);
    let v = ask(app.office, move |o| o.meals_year(&actor, year)).await?;
    Ok(Json(MealYear {
        year: v.year,
        years: v.years,
        months: v.months.iter().map(MealSum::from).collect(),
        rates: v.rates.iter().map(MealRate::from).collect(),
    }))
}

/// A school's month.
#[derive(Serialize, ToSchema)]
pub(super) struct SchoolMeals {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// `canteen`, `company`, `household`; null: nobody says.
    mode: Option<&'static str>,
    /// Its figures.
    meals: MealSum,
    /// Classes and the days that nobody marked.
    unmarked: Vec<Unmarked>,
}

/// Days of a class that nobody marked.
#[derive(Serialize, ToSchema)]
pub(super) struct Unmarked {
    /// The class.
    class: String,
    /// `1-5,8`.
    days: String,
}

/// What is claimed and not proved.
#[derive(Serialize, ToSchema)]
pub(super) struct OverClaim {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// The class; empty: found by name.
    class: String,
    /// The day of the month; null: the whole month.
    day: Option<i64>,
    /// The child, 16 hexadecimal digits; null: none, or not the token's to know.
    person: Option<String>,
    /// `absent`, `unserved`, `off_day`, `closed`, `double`, `stranger`.
    why: String,
    /// Meals.
    meals: i64,
    /// The source row, 16 hexadecimal digits.
    row: String,
}

/// A month, school by school.
#[derive(Serialize, ToSchema)]
pub(super) struct MealMonth {
    /// The month as a whole, on the ground of the token.
    all: MealSum,
    /// Rates of the month.
    rates: Vec<MealRate>,
    /// Schools, those with the most to answer for first.
    schools: Vec<SchoolMeals>,
    /// What is not proved.
    findings: Vec<OverClaim>,
}

/// A month of meals, school by school, with what is not proved.
#[utoipa::path(get, path = "/api/v1/meals/{month}", tag = "schools",
    params(("month" = String, Path, description = "2025-09", pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$")), responses(
    (status = 200, body = MealMonth), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn month(
    State(app): State<App>,
    Sat(seat): Sat,
    Path(month): Path<String>,
) -> Result<Json<MealMonth>, Problem> {
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.meals_month(&actor, &month, None)).await?;
    let schools = v.schools.iter().map(|s| SchoolMeals {
        school: hex(s.school),
        name: s.name.clone(),
        mode: s.mode.map(Mode::code),
        meals: MealSum::from(&s.line),
        unmarked: s
            .unmarked
            .iter()
            .map(|(class, days)| Unmarked { class: class.clone(), days: days.clone() })
            .collect(),
    });
    let findings = v.findings.iter().map(|(f, name)| OverClaim {
        school: hex(f.school),
        name: name.clone(),
        class: f.class.clone(),
        day: f.day,
        person: f.person.map(hex),
        why: f.why.clone(),
        meals: f.meals,
        row: hex(f.row),
    });
    Ok(Json(MealMonth {
        all: MealSum::from(&v.line),
        rates: v.rates.iter().map(MealRate::from).collect(),
        schools: schools.collect(),
        findings: findings.collect(),
    }))
}

/// Which month.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OfMonth {
    /// `2025-09`; the latest of which there is something if it is left out.
    #[param(nullable = false, pattern = "^20[0-9]{2}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
}

/// A school's kitchen in a month. Money in fen.
#[derive(Serialize, ToSchema)]
pub(super) struct Kitchen {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// `canteen`, `company`, `household`; null: nobody says.
    mode: Option<&'static str>,
    /// Paid for food.
    food_fen: i64,
    /// Meals served; null: the month was not closed.
    served: Option<i64>,
    /// What a meal cost.
    a_meal_fen: Option<i64>,
    /// The cost stands out from this median of the schools; null: it does not.
    median_fen: Option<i64>,
    /// The largest supplier.
    supplier: Option<String>,
    /// Its share in thousandths.
    supplier_share: Option<i64>,
    /// Herfindahl–Hirschman index in ten-thousandths.
    concentration: Option<i64>,
    /// Prices that stand out.
    odd_prices: u64,
    /// Days with a menu that were reckoned.
    menu_days: u64,
    /// Nutrients that the menus lack.
    lacks: Vec<Lack>,
}

/// A nutrient of which there is too little; thousandths of the unit in a meal.
#[derive(Serialize, ToSchema)]
pub(super) struct Lack {
    /// The nutrient.
    nutrient: Name,
    /// The unit.
    unit: String,
    /// Should have.
    should: i64,
    /// Has.
    has: i64,
}

impl From<&KitchenLine> for Kitchen {
    fn from(l: &KitchenLine) -> Self {
        let top = l.supplier.as_ref();
        Self {
            school: hex(l.school),
            name: l.name.clone(),
            mode: l.mode.map(Mode::code),
            food_fen: l.fen,
            served: l.served,
            a_meal_fen: l.cost,
            median_fen: l.dear,
            supplier: top.map(|t| t.0.clone()),
            supplier_share: top.map(|t| t.1),
            concentration: top.map(|t| t.2),
            odd_prices: count(l.outliers),
            menu_days: count(l.menus.1),
            lacks: l
                .lacks
                .iter()
                .map(|s| Lack {
                    nutrient: Name::new(s.title.0.clone(), s.title.1.clone()),
                    unit: s.unit.clone(),
                    should: s.figures.0,
                    has: s.figures.1,
                })
                .collect(),
        }
    }
}

/// A price that stands out, in fen a unit.
#[derive(Serialize, ToSchema)]
pub(super) struct OddPrice {
    /// The school, 16 hexadecimal digits.
    school: String,
    /// What.
    item: String,
    /// Its unit.
    unit: String,
    /// The day.
    on: String,
    /// Paid.
    price: i64,
    /// The median of the month.
    median: i64,
    /// Robust z-score in hundredths.
    score: i64,
    /// Prices that it is compared with.
    of: u64,
    /// Who sold it.
    supplier: String,
    /// The source row, 16 hexadecimal digits.
    row: String,
}

/// Kitchens of a month.
#[derive(Serialize, ToSchema)]
pub(super) struct Kitchens {
    /// `2025-09`.
    month: String,
    /// Schools.
    schools: Vec<Kitchen>,
    /// Prices that stand out.
    odd_prices: Vec<OddPrice>,
    /// Foodstuffs of menus that are in no table.
    unknown_foods: Vec<String>,
}

/// Kitchens of a month: cost of a meal, prices, suppliers, menus.
#[utoipa::path(get, path = "/api/v1/kitchens", tag = "schools", params(OfMonth), responses(
    (status = 200, body = Kitchens), (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn kitchens(
    State(app): State<App>,
    Sat(seat): Sat,
    RawQuery(query): RawQuery,
) -> Result<Json<Kitchens>, Problem> {
    let (actor, wanted) = (seat.actor().clone(), asked::<OfMonth>(query.as_deref())?);
    if wanted.month.as_deref() == Some("") {
        return Err(Problem::unprocessable("month: 2025-09"));
    }
    let month = wanted.month.unwrap_or_default();
    let v = ask(app.office, move |o| o.kitchens(&actor, &month, None)).await?;
    let odd = v.outliers.iter().map(|p| OddPrice {
        school: hex(p.school.0),
        item: p.item.0.clone(),
        unit: p.item.1.clone(),
        on: p.on.to_string(),
        price: p.price.0,
        median: p.price.1,
        score: p.score,
        of: count(p.of),
        supplier: p.supplier.clone(),
        row: hex(p.row),
    });
    Ok(Json(Kitchens {
        month: v.month.clone(),
        schools: v.schools.iter().map(Kitchen::from).collect(),
        odd_prices: odd.collect(),
        unknown_foods: v.unknown.clone(),
    }))
}

/// A fault of an inspection.
#[derive(Serialize, ToSchema)]
pub(super) struct CanteenFault {
    /// The check.
    check: String,
    /// Its question.
    title: Name,
    /// What is wrong.
    fault: String,
    /// By when it is to be put right.
    due_on: Option<String>,
    /// A second look found it well.
    put_right: bool,
    /// Pictures.
    pictures: u64,
}

/// An inspection of a canteen.
#[derive(Serialize, ToSchema)]
pub(super) struct Inspection {
    /// Its number.
    id: u64,
    /// The school, 16 hexadecimal digits.
    school: String,
    /// Its name.
    name: String,
    /// The day.
    on: String,
    /// Children counted on the spot.
    counted: Option<i64>,
    /// Who went.
    by: String,
    /// Checks that are well.
    well: u64,
    /// Faults.
    faults: Vec<CanteenFault>,
}

impl From<&InspectionView> for Inspection {
    fn from(i: &InspectionView) -> Self {
        let faults = i.faults.iter().map(|f| CanteenFault {
            check: f.check.clone(),
            title: Name::new(f.title.0.clone(), f.title.1.clone()),
            fault: f.fault.clone(),
            due_on: f.due_on.map(|d| d.to_string()),
            put_right: f.is_closed(),
            pictures: count(f.photos.len()),
        });
        Self {
            id: i.number,
            school: hex(i.school),
            name: i.name.clone(),
            on: i.on.to_string(),
            counted: i.counted,
            by: i.by.clone(),
            well: count(i.well),
            faults: faults.collect(),
        }
    }
}

/// Inspections of the school year, the latest first.
#[utoipa::path(get, path = "/api/v1/inspections", tag = "schools", responses(
    (status = 200, body = Vec<Inspection>), (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn inspections(
    State(app): State<App>,
    Sat(seat): Sat,
) -> Result<Json<Vec<Inspection>>, Problem> {
    let actor = seat.actor().clone();
    let v = ask(app.office, move |o| o.inspections(&actor, None)).await?;
    Ok(Json(v.inspections.iter().map(Inspection::from).collect()))
}
