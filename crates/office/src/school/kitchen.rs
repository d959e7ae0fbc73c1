//! 食堂: what a month's food cost by school and item, prices and suppliers that stand out, menus against the guidance, what
//! is in store, what is kept and shown day by day.

use std::collections::{BTreeMap, BTreeSet};

use fujiao_model::{Area, Field, Fields, Grade, RosterKind, Unit};
use fujiao_school::canteen::{
    Mode, Movement, age_group, concentration, cost_a_meal, menu_lacks, milligrams, nutrients,
    outliers, stand_out, stock,
};
use fujiao_school::{Month, Norms};
use fujiao_store::{School, Tx};

use super::judge::movement;
use super::named::Named;
use super::{SchoolError, reaches};
use crate::access::{Actor, Right};
use crate::desk::Title;
use crate::{Office, OfficeError};

/// A nutrient of which a menu has less than it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLine {
    /// Its names.
    pub title: (String, String),
    /// Should have and has, in thousandths of the unit.
    pub figures: (i64, i64),
    /// The unit.
    pub unit: String,
    /// The article.
    pub basis: String,
}

/// A school's kitchen in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KitchenLine {
    /// The school.
    pub school: u64,
    /// Its name.
    pub name: String,
    /// How it serves; `None`: nobody says.
    pub mode: Option<Mode>,
    /// Paid for food, in fen.
    pub fen: i64,
    /// Meals served by the month's close; `None`: the month was not closed.
    pub served: Option<i64>,
    /// What a meal cost, in fen.
    pub cost: Option<i64>,
    /// The cost stands out: the median of the schools, in fen.
    pub dear: Option<i64>,
    /// The largest supplier, its share in thousandths, and the index of concentration in ten-thousandths.
    pub supplier: Option<(String, i64, i64)>,
    /// The index is above the line of the norms.
    pub concentrated: bool,
    /// Days of the month with a menu, and of those the days that were reckoned.
    pub menus: (usize, usize),
    /// What the menus lack.
    pub lacks: Vec<ShortLine>,
    /// Prices that stand out.
    pub outliers: usize,
}

/// A price that stands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceLine {
    /// The school and its name.
    pub school: (u64, String),
    /// What, and its unit.
    pub item: (String, String),
    /// The day.
    pub on: jiff::civil::Date,
    /// Paid for a unit, the median, in fen.
    pub price: (i64, i64),
    /// The robust z-score in hundredths.
    pub score: i64,
    /// How many prices it is compared with.
    pub of: usize,
    /// Who sold it.
    pub supplier: String,
    /// The source row.
    pub row: u64,
}

/// An item of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemLine {
    /// What, and its unit.
    pub item: (String, String),
    /// Lowest, median and highest price of a unit, in fen.
    pub prices: (i64, i64, i64),
    /// Bought, in thousandths of the unit.
    pub quantity: i64,
    /// Paid, in fen.
    pub fen: i64,
    /// Schools that bought it.
    pub schools: usize,
}

/// A supplier of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplierLine {
    /// Its name; empty: not written.
    pub name: String,
    /// Paid, in fen.
    pub fen: i64,
    /// Its share in thousandths.
    pub share: i64,
    /// Schools that it serves.
    pub schools: usize,
}

/// A day's menu of a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLine {
    /// The day.
    pub on: jiff::civil::Date,
    /// Dishes with their foodstuffs and grams.
    pub dishes: Vec<(String, String)>,
    /// What it holds, by the nutrients of the norms, in thousandths; empty: a foodstuff is in no table.
    pub holds: Vec<i64>,
    /// Foodstuffs that are in no table, or in a unit that no weight follows from.
    pub unknown: Vec<String>,
}

/// What is in store of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockLine {
    /// What, and its unit.
    pub item: (String, String),
    /// Left at the end of the month, in thousandths.
    pub left: i64,
}

/// What is to be kept, shown or done day by day: samples, leaders at the table, cards, training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLine {
    /// The standard's key.
    pub kind: String,
    /// Its name.
    pub title: Title,
    /// Due, done and missing, in the unit.
    pub figures: (i64, i64, i64),
    /// The unit.
    pub unit: Unit,
    /// Schools of which somebody says something, and of those the ones with a gap.
    pub schools: (usize, usize),
}

/// Kitchens of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KitchenPage {
    /// `2025-09`.
    pub month: String,
    /// Months of which there is something, the latest first.
    pub months: Vec<String>,
    /// The school that is shown alone, with its name.
    pub school: Option<(u64, String)>,
    /// Schools, those with the most to look at first.
    pub schools: Vec<KitchenLine>,
    /// Prices that stand out, the furthest first.
    pub outliers: Vec<PriceLine>,
    /// Items, the dearest in all first.
    pub items: Vec<ItemLine>,
    /// Suppliers, the largest first.
    pub suppliers: Vec<SupplierLine>,
    /// Foodstuffs of menus that are in no table.
    pub unknown: Vec<String>,
    /// Nutrients of the norms: names and unit.
    pub nutrients: Vec<((String, String), String)>,
    /// Menus of the school that is shown.
    pub menus: Vec<MenuLine>,
    /// What that school has in store.
    pub stock: Vec<StockLine>,
    /// What is to be kept day by day.
    pub kept: Vec<KeptLine>,
    /// Prices that stand out begin here: robust z-score in hundredths.
    pub limit: i64,
}

/// How schools serve, as their roster says.
pub(super) fn modes(tx: &mut Tx, county: u32) -> Result<BTreeMap<u64, Mode>, OfficeError> {
    let rows = tx.rows_of_kind(county, RosterKind::Schools, None)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.school?, Mode::read(row.row.fields.text(Field::MealMode)?)?)))
        .collect())
}

/// The month as rows hold days of it.
fn begins(month: Month) -> String {
    month.to_string()
}

struct Ground<'a> {
    schools: &'a [School],
    named: Named,
    theirs: BTreeSet<u32>,
}

impl Ground<'_> {
    fn of(&self, link: Option<u64>, fields: &Fields) -> Option<u32> {
        self.named.school(link, fields).filter(|at| self.theirs.contains(at))
    }
}

/// Rows of a roster with the position of their school, on the reader's ground.
fn placed(
    tx: &mut Tx,
    county: u32,
    ground: &Ground<'_>,
    kind: RosterKind,
    with: Option<(Field, &str)>,
) -> Result<Vec<(u32, fujiao_store::StoredRow)>, OfficeError> {
    let rows = tx.rows_of_kind(county, kind, with)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let at = ground.of(row.school, &row.row.fields)?;
            Some((at, row.stored()))
        })
        .collect())
}

fn moves(ground: &Ground<'_>, rows: &[(u32, fujiao_store::StoredRow)]) -> Vec<Movement> {
    rows.iter()
        .map(|(at, row)| Movement {
            school: ground.schools[*at as usize].id,
            ..movement(&row.row, row.row_id)
        })
        .collect()
}

/// Menus by school and day: dishes with their parts.
type Menus<'a> = BTreeMap<(u32, jiff::civil::Date), Vec<(&'a str, &'a str, i64, &'a str)>>;

fn menus(rows: &[(u32, fujiao_store::StoredRow)]) -> Menus<'_> {
    let mut all = Menus::new();
    for (at, row) in rows {
        let fields = &row.row.fields;
        let (Some(on), Some(food)) = (fields.date(Field::MealOn), fields.text(Field::Foodstuff))
        else {
            continue;
        };
        let text = |field| fields.text(field).unwrap_or_default();
        all.entry((*at, on.latest())).or_default().push((
            text(Field::Dish),
            food,
            fields.number(Field::Quantity).unwrap_or(0),
            text(Field::QuantityUnit),
        ));
    }
    all
}

/// A day's menu, reckoned.
fn menu(norms: &Norms, on: jiff::civil::Date, parts: &[(&str, &str, i64, &str)]) -> MenuLine {
    let mut dishes: Vec<(String, String)> = Vec::new();
    let (mut weighed, mut unknown) = (Vec::new(), BTreeSet::new());
    for (dish, food, quantity, unit) in parts {
        let grams = milligrams(*quantity, unit);
        let said = grams.map_or_else(
            || format!("{food} {}{unit}", shown(*quantity)),
            |mg| format!("{food} {}g", shown(mg)),
        );
        match dishes.iter_mut().find(|d| d.0 == *dish) {
            Some(of) => of.1 = format!("{}、{said}", of.1),
            None => dishes.push(((*dish).to_owned(), said)),
        }
        match grams {
            Some(grams) => weighed.push((*food, grams)),
            None => {
                unknown.insert((*food).to_owned());
            }
        }
    }
    let (has, not_in_table) = nutrients(norms, weighed);
    unknown.extend(not_in_table.into_iter().map(str::to_owned));
    let holds = if unknown.is_empty() {
        norms.nutrients.iter().map(|n| has.get(&n.key).copied().unwrap_or(0)).collect()
    } else {
        Vec::new()
    };
    MenuLine { on, dishes, holds, unknown: unknown.into_iter().collect() }
}

fn shown(thousandths: i64) -> String {
    super::judge::shown(thousandths)
}

/// Eaters of schools by age group.
fn eaters(
    tx: &mut Tx,
    county: u32,
) -> Result<BTreeMap<u64, BTreeMap<&'static str, i64>>, OfficeError> {
    let mut all: BTreeMap<u64, BTreeMap<&'static str, i64>> = BTreeMap::new();
    tx.each(
        "select school_id, grade, count(*) from person
          where county = $1 and school_id is not null and grade is not null group by school_id, grade",
        &[county.into()],
        |r| {
            let (school, n): (u64, i64) = (r.get(0)?, r.get(2)?);
            let grade = r.parse(1, Grade::parse)?;
            if let Some(group) = grade.and_then(|g| age_group(g.stage(), g.year())) {
                *all.entry(school).or_default().entry(group).or_default() += n;
            }
            Ok(())
        },
    )?;
    Ok(all)
}

/// The latest months of rows about meals, the latest first: no more than two years back, as a page names no more.
fn months(tx: &mut Tx, county: u32, today: jiff::civil::Date) -> Result<Vec<String>, OfficeError> {
    let first = today.first_of_month().saturating_sub(jiff::ToSpan::months(23));
    let (first, last) = (begins(Month::of(first)), begins(Month::of(today)));
    let mut all = tx.months_of(county, RosterKind::Purchases, Field::MovedOn)?;
    all.extend(tx.months_of(county, RosterKind::Menus, Field::MealOn)?);
    all.retain(|month| (&first..=&last).contains(&month));
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup();
    Ok(all)
}

impl Office {
    /// Kitchens of a month on the reader's ground; `month`: empty for the latest of which there is something; `school`: one
    /// alone, with its menus and its store.
    ///
    /// # Errors
    /// [`SchoolError::Month`]; without [`Right::Schools`]; what the store says.
    #[expect(clippy::too_many_lines, reason = "one figure after the other, from one reading")]
    pub fn kitchens(
        &self,
        actor: &Actor,
        month: &str,
        school: Option<u64>,
    ) -> Result<KitchenPage, OfficeError> {
        actor.must(Right::Schools)?;
        let scope = actor.scope_in(Right::Schools, Area::Meals);
        let county = self.county_code()?;
        let norms = &self.rules.norms;
        self.store.read(|tx| {
            let today = crate::entries::today(tx, county, actor)?;
            let known = months(tx, county, today)?;
            let of = match month.trim() {
                "" => {
                    known.first().and_then(|m| Month::parse(m)).unwrap_or_else(|| Month::of(today))
                }
                text => Month::parse(text).ok_or_else(|| SchoolError::Month(text.to_owned()))?,
            };
            let (begins, on) = (begins(of), of.last().min(today));
            let schools = tx.schools(county)?;
            let reads = |s: &School| {
                let town = s.town.map(fujiao_model::Division::code);
                (scope.is_whole() || reaches(&scope, s.id, town))
                    && school.is_none_or(|id| id == s.id)
            };
            let theirs =
                (0_u32..).zip(&schools).filter(|(_, s)| reads(s)).map(|(at, _)| at).collect();
            let ground = Ground { schools: &schools, named: Named::of(&schools), theirs };
            // Prices are compared within the county, whoever reads.
            let whole = Ground {
                schools: &schools,
                named: Named::of(&schools),
                theirs: (0_u32..).zip(&schools).map(|(at, _)| at).collect(),
            };
            let bought =
                placed(tx, county, &whole, RosterKind::Purchases, Some((Field::MovedOn, &begins)))?;
            let moves = moves(&whole, &bought);
            let own = |m: &Movement| {
                ground.named.at(m.school).is_some_and(|at| ground.theirs.contains(&at))
            };
            let number = |key: &str| norms.number(key, on).unwrap_or(0);
            let mut page = KitchenPage {
                month: begins.clone(),
                months: known,
                school: school
                    .and_then(|id| schools.iter().find(|s| s.id == id))
                    .map(|s| (s.id, s.name.clone())),
                nutrients: norms
                    .nutrients
                    .iter()
                    .map(|n| ((n.zh.clone(), n.en.clone()), n.unit.clone()))
                    .collect(),
                limit: number("meals.price_z") / 10,
                ..KitchenPage::default()
            };
            let least = usize::try_from(number("meals.price_least") / 1_000).unwrap_or(usize::MAX);
            let floor = number("meals.price_floor");
            let name = |id: u64| {
                schools.iter().find(|s| s.id == id).map_or_else(String::new, |s| s.name.clone())
            };
            for o in outliers(&moves, page.limit, least, floor) {
                let m = &moves[o.at];
                if own(m) {
                    page.outliers.push(PriceLine {
                        school: (m.school, name(m.school)),
                        item: (m.item.clone(), m.unit.clone()),
                        on: m.on,
                        price: (o.price, o.median),
                        score: o.score,
                        of: o.of,
                        supplier: m.supplier.clone(),
                        row: m.source,
                    });
                }
            }
            page.outliers.sort_by_key(|o| (std::cmp::Reverse(o.score), o.row));
            page.items = items(moves.iter().filter(|m| own(m)));
            page.suppliers = suppliers(moves.iter().filter(|m| own(m)));
            let served: BTreeMap<u64, i64> = tx
                .meal_closes(county, &begins, &begins)?
                .into_iter()
                .map(|c| (c.school, c.meals[2]))
                .collect();
            let serving = modes(tx, county)?;
            let eaters = eaters(tx, county)?;
            let written =
                placed(tx, county, &ground, RosterKind::Menus, Some((Field::MealOn, &begins)))?;
            let menus = menus(&written);
            let share = number("meals.lunch_share");
            let days = usize::try_from(number("meals.menu_days") / 1_000).unwrap_or(1);
            let line_of = number("meals.supplier_index") / 1_000;
            let mut unknown = BTreeSet::new();
            for at in &ground.theirs {
                let of = &schools[*at as usize];
                let goods: Vec<Movement> =
                    moves.iter().filter(|m| m.school == of.id).cloned().collect();
                let reckoned: Vec<MenuLine> = menus
                    .range((*at, jiff::civil::Date::MIN)..=(*at, jiff::civil::Date::MAX))
                    .map(|((_, on), parts)| menu(norms, *on, parts))
                    .collect();
                if goods.is_empty() && reckoned.is_empty() && !served.contains_key(&of.id) {
                    continue;
                }
                unknown.extend(reckoned.iter().flat_map(|m| m.unknown.iter().cloned()));
                let meals: Vec<BTreeMap<String, i64>> = reckoned
                    .iter()
                    .filter(|m| !m.holds.is_empty())
                    .map(|m| {
                        norms
                            .nutrients
                            .iter()
                            .map(|n| n.key.clone())
                            .zip(m.holds.iter().copied())
                            .collect()
                    })
                    .collect();
                let groups: Vec<(&str, i64)> = eaters
                    .get(&of.id)
                    .into_iter()
                    .flatten()
                    .map(|(group, n)| (*group, *n))
                    .collect();
                let lacks = if meals.len() >= days {
                    menu_lacks(norms, &groups, share, &meals)
                } else {
                    Vec::new()
                };
                let fen = goods.iter().filter(|m| m.quantity > 0).map(|m| m.fen).sum();
                let n = served.get(&of.id).copied();
                let top =
                    concentration(&goods).map(|(index, name, part)| (name.to_owned(), part, index));
                page.schools.push(KitchenLine {
                    school: of.id,
                    name: of.name.clone(),
                    mode: serving.get(&of.id).copied(),
                    fen,
                    served: n,
                    cost: n
                        .and_then(|n| u64::try_from(n).ok())
                        .filter(|_| fen > 0)
                        .and_then(|n| cost_a_meal(fen, n)),
                    dear: None,
                    concentrated: top.as_ref().is_some_and(|t| t.2 >= line_of && line_of > 0),
                    supplier: top,
                    menus: (reckoned.len(), meals.len()),
                    lacks: lacks
                        .iter()
                        .map(|s| {
                            let n = &norms.nutrients[s.nutrient];
                            ShortLine {
                                title: (n.zh.clone(), n.en.clone()),
                                figures: (s.should, s.has),
                                unit: n.unit.clone(),
                                basis: n.basis.clone(),
                            }
                        })
                        .collect(),
                    outliers: page.outliers.iter().filter(|o| o.school.0 == of.id).count(),
                });
                if school == Some(of.id) {
                    page.menus = reckoned;
                }
            }
            let costs: Vec<(usize, i64)> =
                page.schools.iter().enumerate().filter_map(|(at, l)| Some((at, l.cost?))).collect();
            if costs.len() >= least {
                for (at, median, _) in stand_out(&costs, page.limit, floor) {
                    page.schools[at].dear = Some(median);
                }
            }
            page.schools.sort_by_key(|l| {
                let looks = l.outliers
                    + l.lacks.len()
                    + usize::from(l.concentrated)
                    + usize::from(l.dear.is_some());
                (std::cmp::Reverse(looks), std::cmp::Reverse(l.cost), l.school)
            });
            page.unknown = unknown.into_iter().collect();
            if let Some(id) = school {
                let all = placed(tx, county, &ground, RosterKind::Purchases, None)?;
                let mut all = self::moves(&ground, &all);
                all.retain(|m| m.on <= of.last() && m.school == id);
                page.stock = stock(&all)
                    .0
                    .into_iter()
                    .filter(|(_, left)| *left != 0)
                    .map(|((_, item, unit), left)| StockLine {
                        item: (item.to_owned(), unit.to_owned()),
                        left,
                    })
                    .collect();
            }
            page.kept = self.kept(tx, county, &ground, &begins)?;
            Ok(page)
        })
    }

    /// What is to be kept day by day, by standard: what the live assessment says of the month, or of the school year.
    fn kept(
        &self,
        tx: &mut Tx,
        county: u32,
        ground: &Ground<'_>,
        month: &str,
    ) -> Result<Vec<KeptLine>, OfficeError> {
        let Some(run) = tx.live_run(county)? else { return Ok(Vec::new()) };
        let mut by: BTreeMap<String, KeptLine> = BTreeMap::new();
        let standards: BTreeSet<&str> =
            self.rules.norms.standards.iter().map(|s| s.key.as_str()).collect();
        tx.each(
            "select kind, period, subject_id, quantity, done, gap, unit from duty
              where county = $1 and run_id = $2 and area = 'meals' and subject_kind = 'school' order by kind, duty_id",
            &[county.into(), run.id.into()],
            |r| {
                let (kind, period): (String, String) = (r.get(0)?, r.get(1)?);
                let here = ground.named.at(r.get(2)?).is_some_and(|at| ground.theirs.contains(&at));
                let monthly = period.len() == 7 && period.as_bytes()[4] == b'-';
                if !here || !standards.contains(kind.as_str()) || (monthly && period != month) {
                    return Ok(());
                }
                let unit = r.parse(6, Unit::parse)?.ok_or_else(|| r.bad(6))?;
                let of = by.entry(kind.clone()).or_insert_with(|| KeptLine {
                    title: self.rules.titles.title(&kind),
                    kind,
                    figures: (0, 0, 0),
                    unit,
                    schools: (0, 0),
                });
                let (due, done, gap): (i64, i64, i64) = (r.get(3)?, r.get(4)?, r.get(5)?);
                of.figures = (of.figures.0 + due, of.figures.1 + done, of.figures.2 + gap);
                of.schools = (of.schools.0 + 1, of.schools.1 + usize::from(gap > 0));
                Ok(())
            },
        )?;
        Ok(by.into_values().collect())
    }
}

fn items<'a>(moves: impl Iterator<Item = &'a Movement>) -> Vec<ItemLine> {
    let mut by: BTreeMap<(&str, &str), Vec<&Movement>> = BTreeMap::new();
    for m in moves.filter(|m| m.quantity > 0) {
        by.entry((&m.item, &m.unit)).or_default().push(m);
    }
    let mut all: Vec<ItemLine> = by
        .into_iter()
        .map(|((item, unit), of)| {
            let mut prices: Vec<i64> = of.iter().filter_map(|m| m.price()).collect();
            prices.sort_unstable();
            let middle = fujiao_school::canteen::median(&prices);
            ItemLine {
                item: (item.to_owned(), unit.to_owned()),
                prices: (
                    prices.first().copied().unwrap_or(0),
                    middle,
                    prices.last().copied().unwrap_or(0),
                ),
                quantity: of.iter().map(|m| m.quantity).sum(),
                fen: of.iter().map(|m| m.fen).sum(),
                schools: of.iter().map(|m| m.school).collect::<BTreeSet<_>>().len(),
            }
        })
        .collect();
    all.sort_by_key(|i| (std::cmp::Reverse(i.fen), i.item.clone()));
    all
}

fn suppliers<'a>(moves: impl Iterator<Item = &'a Movement>) -> Vec<SupplierLine> {
    let mut by: BTreeMap<&str, (i64, BTreeSet<u64>)> = BTreeMap::new();
    for m in moves.filter(|m| m.quantity > 0) {
        let of = by.entry(&m.supplier).or_default();
        of.0 += m.fen;
        of.1.insert(m.school);
    }
    let all: i64 = by.values().map(|s| s.0).sum();
    let mut lines: Vec<SupplierLine> = by
        .into_iter()
        .map(|(name, (fen, schools))| SupplierLine {
            name: name.to_owned(),
            fen,
            share: if all == 0 {
                0
            } else {
                i64::try_from(i128::from(fen) * 1_000 / i128::from(all)).unwrap_or(0)
            },
            schools: schools.len(),
        })
        .collect();
    lines.sort_by_key(|s| (std::cmp::Reverse(s.fen), s.name.clone()));
    lines
}
