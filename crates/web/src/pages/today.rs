use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use fujiao_model::Area;
use fujiao_office::desk::{Filter, Tally, Today, TownLine};
use fujiao_office::waiting::Waiting;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::{ask, page};
use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::map::{self, TownMap};
use crate::shape::{Card, address, bar, figures};
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// The six areas with large cards; the others have small ones.
const LARGE: [Area; 6] =
    [Area::Aid, Area::Meals, Area::Schooling, Area::Pairing, Area::Training, Area::Conditions];

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    area: String,
}

/// What the heading says.
enum Lead {
    Children { n: i64, overdue: i64 },
    Gaps { open: i64, duties: i64 },
    Clear { duties: i64 },
    Nothing,
}

/// A line of the table of towns.
struct TownRow {
    name: String,
    href: Option<String>,
    due: String,
    done: String,
    gap: String,
    open: bool,
    bar: String,
    rate: String,
}

impl TownRow {
    fn new(t: &Words, name: String, href: Option<String>, tally: &Tally) -> Self {
        let [due, done, gap] = figures(t, tally);
        let (bar, rate) = (bar(tally), t.percent(tally.rate()));
        Self { name, href, due, done, gap, open: tally.open > 0, bar, rate }
    }

    fn of(t: &Words, area: Area, line: &TownLine) -> Self {
        let name =
            if line.town.is_some() { line.name.clone() } else { t.s("today.elsewhere").to_owned() };
        let href =
            line.town.map(|town| address(area, &Filter { town: Some(town), ..Filter::default() }));
        Self::new(t, name, href, &line.tally)
    }
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    s: Shell,
    v: Today,
    waiting: Waiting,
    dateline: String,
    lead: Lead,
    large: Vec<Card>,
    small: Vec<Card>,
    late: Vec<(Area, i64)>,
    tabs: Vec<(Area, bool)>,
    map: Option<TownMap>,
    towns: Vec<TownRow>,
    town_count: i64,
    total: TownRow,
}

/// 今日
pub(crate) async fn today(
    State(app): State<App>,
    Sat(seat): Sat,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let chosen = Area::parse(&asked.area);
    let office = app.office.clone();
    let (v, waiting) = ask(&reader, &seat, move |seat| {
        // Books without a county have nothing that waits.
        let waiting = office.waiting(seat.actor()).unwrap_or_default();
        Ok((seat.today(chosen)?, waiting))
    })
    .await?;
    let t = reader.lang.words();
    let s = Shell::new(&reader, Some(v.frame.clone()), "today", t.s("nav.today"));
    let cards = |large: bool| {
        v.areas
            .iter()
            .filter(|(area, tally)| LARGE.contains(area) == large && tally.duties > 0)
            .map(|(area, tally)| Card::new(t, *area, tally, None))
            .collect::<Vec<_>>()
    };
    let mut total = Tally::default();
    for line in &v.towns {
        total.add(&line.tally);
    }
    let template = TodayPage {
        waiting,
        dateline: s.today().map_or_else(String::new, |day| {
            t.f3("today.date", t.day(Some(day), None), weekday(t, day), s.term())
        }),
        lead: lead(&v.areas),
        large: cards(true),
        small: cards(false),
        late: v
            .areas
            .iter()
            .filter(|(_, tally)| tally.overdue > 0)
            .map(|(area, tally)| (*area, tally.overdue))
            .collect(),
        tabs: v
            .areas
            .iter()
            .filter(|(_, tally)| tally.duties > 0)
            .map(|(area, _)| (*area, *area == v.chosen))
            .collect(),
        map: map::towns(t, v.chosen, &v.towns),
        towns: v
            .towns
            .iter()
            .filter(|line| line.tally.duties > 0)
            .map(|line| TownRow::of(t, v.chosen, line))
            .collect(),
        town_count: i64::try_from(v.towns.iter().filter(|l| l.town.is_some()).count()).unwrap_or(0),
        total: TownRow::new(t, String::new(), None, &total),
        s,
        v,
    };
    page(&reader, &template)
}

fn lead(areas: &[(Area, Tally)]) -> Lead {
    let mut all = Tally::default();
    for (_, tally) in areas {
        all.add(tally);
    }
    match areas.iter().find(|(area, _)| *area == Area::Schooling) {
        Some((_, t)) if t.open > 0 => Lead::Children { n: t.open, overdue: t.overdue },
        _ if all.duties == 0 => Lead::Nothing,
        _ if all.open > 0 => Lead::Gaps { open: all.open, duties: all.duties },
        _ => Lead::Clear { duties: all.duties },
    }
}

fn weekday(t: &Words, day: Date) -> &'static str {
    let chinese = t.tag() == "zh-CN";
    let (zh, en) = match day.weekday() {
        Weekday::Monday => ("星期一", "Monday"),
        Weekday::Tuesday => ("星期二", "Tuesday"),
        Weekday::Wednesday => ("星期三", "Wednesday"),
        Weekday::Thursday => ("星期四", "Thursday"),
        Weekday::Friday => ("星期五", "Friday"),
        Weekday::Saturday => ("星期六", "Saturday"),
        Weekday::Sunday => ("星期日", "Sunday"),
    };
    if chinese { zh } else { en }
}
