//! Kitchens of a month: what meals cost, prices and suppliers that stand out, menus, store, what is kept day by day.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use fujiao_model::Unit;
use fujiao_office::Office;
use fujiao_office::school::{KitchenLine, KitchenPage, Mode, PriceLine};
use serde::Deserialize;

use super::super::{hex, unhex};
use super::{Page, Sheet, cell, heads, number, shell};
use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::shell::Reader;
use crate::words::Words;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/kitchen", get(kitchen))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    month: String,
    school: String,
}

/// Thousandths as people write numbers, without noughts at the end.
fn thousandths(n: i64) -> String {
    let text = format!("{}.{:03}", n / 1_000, (n % 1_000).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn either<'a>(t: &Words, title: &'a (String, String)) -> &'a str {
    if t.s("work.lang") == "zh" { &title.0 } else { &title.1 }
}

fn yuan(t: &Words, fen: i64) -> String {
    t.q(Unit::Fen, fen)
}

/// Why a price stands out.
fn reason(t: &Words, p: &PriceLine) -> String {
    let (price, median) = p.price;
    let percent = (price - median).abs() * 100 / median.max(1);
    let key = if price > median { "work.dearer" } else { "work.cheaper" };
    let text = t.f3(key, percent, p.of, yuan(t, median));
    text.replace("{3}", &format!("{}.{:02}", p.score / 100, p.score % 100))
}

fn schools(t: &Words, v: &KitchenPage) -> Sheet {
    let row = |l: &KitchenLine| {
        let (supplier, share) = match &l.supplier {
            Some((name, share, index)) => (
                if name.is_empty() { t.s("work.no_supplier").to_owned() } else { name.clone() },
                t.f2("work.share_of", super::percent(Some((*share, 1_000))), index),
            ),
            None => ("—".to_owned(), String::new()),
        };
        let lacks: Vec<&str> = l.lacks.iter().map(|s| either(t, &s.title)).collect();
        let menus = if lacks.is_empty() {
            number(l.menus.1.to_string())
        } else {
            number(l.menus.1.to_string()).is("n g").under(t.f1("work.lacks", lacks.join("、")))
        };
        let cost = match l.cost {
            Some(fen) => number(yuan(t, fen)),
            None => number("—"),
        };
        let cost = match l.dear {
            Some(median) => cost.is("n g").under(t.f1("work.median_of", yuan(t, median))),
            None => cost,
        };
        vec![
            cell(&l.name)
                .to(format!("/kitchen?month={}&school={}", v.month, hex(l.school)))
                .under(l.mode.map_or(String::new(), |m| t.of("work.mode_of", Mode::code(m)))),
            number(yuan(t, l.fen)),
            number(l.served.map_or("—".to_owned(), |n| t.n(n))),
            cost,
            cell(supplier).is(if l.concentrated { "g" } else { "" }).under(share),
            number(l.outliers.to_string()).gap(i64::try_from(l.outliers).unwrap_or(0)),
            menus,
        ]
    };
    Sheet {
        id: "kitchens",
        title: t.s("work.cost_by_school").to_owned(),
        note: t.s("work.cost_note").to_owned(),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.food_money", true),
                ("work.served", true),
                ("work.cost_a_meal", true),
                ("work.top_supplier", false),
                ("work.odd_prices", true),
                ("work.menu_days", true),
            ],
        ),
        rows: v.schools.iter().map(row).collect(),
        empty: t.s("work.no_kitchen").to_owned(),
        ..Sheet::default()
    }
}

fn prices(t: &Words, v: &KitchenPage) -> Sheet {
    let limit = format!("{}.{:02}", v.limit / 100, v.limit % 100);
    Sheet {
        id: "prices",
        title: t.f1("work.prices", v.outliers.len()),
        note: t.f1("work.prices_note", limit),
        head: heads(
            t,
            &[
                ("nav.schools", false),
                ("work.food", false),
                ("work.on", false),
                ("work.unit_price", true),
                ("work.reason", false),
                ("work.supplier", false),
            ],
        ),
        rows: v
            .outliers
            .iter()
            .take(100)
            .map(|p| {
                vec![
                    cell(&p.school.1).to(format!(
                        "/kitchen?month={}&school={}",
                        v.month,
                        hex(p.school.0)
                    )),
                    cell(&p.item.0).to(format!("/source/{}", hex(p.row))),
                    cell(t.day(Some(p.on), None)),
                    number(format!("{} / {}", yuan(t, p.price.0), p.item.1)).is("n g"),
                    cell(reason(t, p)),
                    cell(&p.supplier),
                ]
            })
            .collect(),
        empty: t.s("work.no_prices").to_owned(),
        ..Sheet::default()
    }
}

fn items(t: &Words, v: &KitchenPage) -> Sheet {
    Sheet {
        id: "items",
        title: t.s("work.by_item").to_owned(),
        note: t.s("work.by_item_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.food", false),
                ("work.lowest", true),
                ("work.middle", true),
                ("work.highest", true),
                ("work.bought", true),
                ("work.food_money", true),
                ("work.schools", true),
            ],
        ),
        rows: v
            .items
            .iter()
            .take(60)
            .map(|i| {
                vec![
                    cell(&i.item.0),
                    number(yuan(t, i.prices.0)),
                    number(yuan(t, i.prices.1)),
                    number(yuan(t, i.prices.2)),
                    number(format!("{} {}", thousandths(i.quantity), i.item.1)),
                    number(yuan(t, i.fen)),
                    number(i.schools.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.no_purchases").to_owned(),
        ..Sheet::default()
    }
}

fn suppliers(t: &Words, v: &KitchenPage) -> Sheet {
    Sheet {
        id: "suppliers",
        title: t.s("work.suppliers").to_owned(),
        note: t.s("work.suppliers_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.supplier", false),
                ("work.food_money", true),
                ("work.share", true),
                ("work.schools", true),
            ],
        ),
        rows: v
            .suppliers
            .iter()
            .take(40)
            .map(|s| {
                let name =
                    if s.name.is_empty() { t.s("work.no_supplier") } else { s.name.as_str() };
                vec![
                    cell(name),
                    number(yuan(t, s.fen)),
                    number(super::percent(Some((s.share, 1_000)))),
                    number(s.schools.to_string()),
                ]
            })
            .collect(),
        empty: t.s("work.no_purchases").to_owned(),
        ..Sheet::default()
    }
}

fn kept(t: &Words, v: &KitchenPage) -> Sheet {
    Sheet {
        id: "kept",
        title: t.s("work.kept").to_owned(),
        note: t.s("work.kept_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.standard", false),
                ("word.due", true),
                ("word.done", true),
                ("word.gap", true),
                ("work.schools_lacking", true),
            ],
        ),
        rows: v
            .kept
            .iter()
            .map(|k| {
                vec![
                    cell(t.title(&k.title)).to(format!("/area/meals?kind={}", k.kind)),
                    number(t.q(k.unit, k.figures.0)),
                    number(t.q(k.unit, k.figures.1)),
                    number(t.qu(k.unit, k.figures.2)).gap(k.figures.2),
                    number(format!("{} / {}", k.schools.1, k.schools.0)),
                ]
            })
            .collect(),
        empty: t.s("work.nothing_kept").to_owned(),
        ..Sheet::default()
    }
}

/// The menus of one school, day by day, with what its children should get.
fn menus(t: &Words, v: &KitchenPage) -> Vec<Sheet> {
    let mut head = heads(t, &[("work.on", false), ("work.dishes", false)]);
    head.extend(
        v.nutrients.iter().map(|(name, unit)| (format!("{} {unit}", either(t, name)), true)),
    );
    let lines = Sheet {
        id: "menus",
        title: t.s("work.menus").to_owned(),
        note: t.s("work.menus_note").to_owned(),
        head,
        rows: v
            .menus
            .iter()
            .map(|m| {
                let dishes: Vec<&str> = m.dishes.iter().map(|d| d.0.as_str()).collect();
                let parts: Vec<&str> = m.dishes.iter().map(|d| d.1.as_str()).collect();
                let unknown = if m.unknown.is_empty() {
                    String::new()
                } else {
                    format!("；{}", t.f1("work.not_in_table", m.unknown.join("、")))
                };
                let mut row = vec![
                    cell(t.day(Some(m.on), None)),
                    cell(dishes.join("、")).under(format!("{}{unknown}", parts.join("；"))),
                ];
                row.extend((0..v.nutrients.len()).map(|at| {
                    number(m.holds.get(at).map_or("—".to_owned(), |n| thousandths(n / 100 * 100)))
                }));
                row
            })
            .collect(),
        empty: t.s("work.no_menus").to_owned(),
        ..Sheet::default()
    };
    let lacks = Sheet {
        id: "lacks",
        title: t.s("work.menu_lacks").to_owned(),
        note: t.s("work.menu_lacks_note").to_owned(),
        head: heads(
            t,
            &[
                ("work.nutrient", false),
                ("work.should", true),
                ("work.has", true),
                ("work.basis", false),
            ],
        ),
        rows: v
            .schools
            .iter()
            .flat_map(|l| &l.lacks)
            .map(|s| {
                vec![
                    cell(either(t, &s.title)),
                    number(format!("{} {}", thousandths(s.figures.0 / 100 * 100), s.unit)),
                    number(format!("{} {}", thousandths(s.figures.1 / 100 * 100), s.unit))
                        .is("n g"),
                    cell(&s.basis),
                ]
            })
            .collect(),
        empty: t.s("work.menu_lacks_nothing").to_owned(),
        ..Sheet::default()
    };
    vec![lines, lacks]
}

fn stock(t: &Words, v: &KitchenPage) -> Sheet {
    Sheet {
        id: "stock",
        title: t.s("work.stock").to_owned(),
        note: t.s("work.stock_note").to_owned(),
        head: heads(t, &[("work.food", false), ("work.left", true)]),
        rows: v
            .stock
            .iter()
            .map(|s| vec![cell(&s.item.0), number(format!("{} {}", thousandths(s.left), s.item.1))])
            .collect(),
        empty: t.s("work.no_stock").to_owned(),
        ..Sheet::default()
    }
}

async fn kitchen(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let (actor, month, school) = (seat.actor().clone(), asked.month, unhex(&asked.school));
    let v =
        done(&reader, &app.office, move |o: &Office| o.kitchens(&actor, &month, school)).await?;
    let name = v.school.as_ref().map(|s| s.1.clone());
    let title = name.clone().unwrap_or_else(|| t.s("work.kitchens").to_owned());
    let s = shell(&reader, &seat, "kitchen", &title).await?;
    let lacking = v.schools.iter().filter(|l| !l.lacks.is_empty()).count();
    let heading = match &name {
        Some(name) => t.f2("work.kitchen_head_one", name, &v.month),
        None if v.schools.is_empty() => t.f1("work.kitchen_head_none", &v.month),
        None => t.f3("work.kitchen_head", &v.month, v.outliers.len(), lacking),
    };
    let mut about = t.s("work.kitchen_about").to_owned();
    if !v.unknown.is_empty() {
        about = format!("{about} {}", t.f1("work.not_in_table", v.unknown.join("、")));
    }
    let mut sheets = vec![schools(t, &v), prices(t, &v)];
    if name.is_some() {
        sheets.extend(menus(t, &v));
        sheets.push(stock(t, &v));
    }
    sheets.extend([items(t, &v), suppliers(t, &v), kept(t, &v)]);
    let mut crumbs = vec![("/meals".into(), t.s("work.meals").to_owned())];
    if name.is_some() {
        crumbs.push((format!("/kitchen?month={}", v.month), t.s("work.kitchens").to_owned()));
    }
    let page = Page {
        crumbs,
        heading,
        about,
        tabs: v
            .months
            .iter()
            .take(6)
            .map(|m| (format!("/kitchen?month={m}"), m.clone(), *m == v.month))
            .collect(),
        fault: String::new(),
        sheets,
        s,
    };
    super::super::page(&reader, &page)
}
