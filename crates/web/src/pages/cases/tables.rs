//! Cases as tables: files, accountability, a village's chart.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use fujiao_model::Division;
use fujiao_office::cases::Account;
use fujiao_office::desk::{
    AccountLine, AccountsPage, CaseBy, CaseFilter, CaseLine, List, ListCell, Title, VillagePage,
};
use serde::Deserialize;

use super::{Asked, address, chiefs_title, state};
use crate::error::PageError;
use crate::export::{self, whole};
use crate::gate::Sat;
use crate::pages::lists::as_file;
use crate::pages::{ask, ask_for, missing, page};
use crate::shell::{Reader, Shell};
use crate::words::Words;

/// The whole list as a workbook.
pub(super) async fn list_file(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let filter = asked.filter();
    let list = ask(&reader, &seat, move |seat| {
        let page = seat.cases_whole(&filter, None)?;
        let text = |text: &str| ListCell::Text(text.to_owned());
        let columns = [
            "case.no",
            "word.name",
            "case.school",
            "word.place",
            "case.facts",
            "case.state_word",
            "case.opened",
            "case.chief",
            "case.officer",
            "list.due_on",
            "case.days_over",
            "case.risen",
            "case.relapses",
        ];
        let row = |l: &CaseLine| {
            vec![
                whole(i64::try_from(l.number).unwrap_or_default()),
                text(&l.name),
                text(l.school.as_ref().map_or("", |s| &s.name)),
                text(&l.place_name),
                text(&l.facts),
                ListCell::Text(state(t, l.state)),
                ListCell::Day(l.opened_on),
                text(t.title(&l.chief)),
                text(l.officer.as_deref().unwrap_or_default()),
                l.due_on.map_or(ListCell::Empty, ListCell::Day),
                whole(l.overdue_days),
                whole(l.risen),
                whole(l.relapses),
            ]
        };
        let actor = seat.actor();
        Ok(List {
            sheet: t.s("case.list").to_owned(),
            head: export::head(t, &page.frame, t.s("case.list"), &actor.name, actor.at),
            columns: columns.iter().map(|key| t.s(key).to_owned()).collect(),
            rows: page.lines.iter().map(row).collect(),
            as_of: page.as_of,
        })
    })
    .await?;
    as_file(&reader, list, "cases", true).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    by: String,
}

/// A line of the table.
struct AccountRow {
    name: String,
    href: Option<String>,
    chart: Option<String>,
    figures: [String; 9],
    late: bool,
}

/// Opened, open, returned, exempt, mistakes, overdue, longest, relapses, days to return.
fn figures(t: &Words, a: &Account) -> [String; 9] {
    let n = |n: u64| t.n(i64::try_from(n).unwrap_or(i64::MAX));
    let mean = match i64::try_from(a.returned) {
        Ok(returned) if returned > 0 => crate::shape::tenths(a.days_to_return * 10 / returned),
        _ => "—".to_owned(),
    };
    [
        n(a.opened),
        n(a.open),
        n(a.returned),
        n(a.exempt),
        n(a.mistakes),
        n(a.overdue),
        t.n(i64::from(a.longest_days)),
        n(a.relapses),
        mean,
    ]
}

impl AccountRow {
    fn new(t: &Words, line: &AccountLine, may_list: bool) -> Self {
        let filter = CaseFilter { place: line.place, school: line.school, ..CaseFilter::default() };
        let village = line.place.filter(|p| *p != p.town());
        Self {
            name: if line.name.is_empty() {
                t.s("case.no_ground").to_owned()
            } else {
                line.name.clone()
            },
            href: (may_list && (line.place.is_some() || line.school.is_some()))
                .then(|| address("/cases", &filter)),
            chart: village.filter(|_| may_list).map(|p| format!("/cases/village/{p}")),
            figures: figures(t, &line.account),
            late: line.account.overdue > 0,
        }
    }
}

#[derive(Template)]
#[template(path = "case_table.html")]
struct TablePage {
    s: Shell,
    v: AccountsPage,
    tabs: Vec<(String, String, bool)>,
    rows: Vec<AccountRow>,
    total: [String; 9],
    export: String,
}

/// 问责表
pub(super) async fn table(
    reader: Reader,
    Sat(seat): Sat,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let by = CaseBy::parse(&which.by).unwrap_or_default();
    let v = ask(&reader, &seat, move |seat| seat.case_accounts(by, None)).await?;
    let s = Shell::new(&reader, Some(v.frame.clone()), "cases", t.s("case.table"));
    let names = s.may("names");
    let template = TablePage {
        tabs: CaseBy::ALL
            .iter()
            .map(|b| {
                (format!("/cases/table?by={}", b.code()), t.of("case.by_what", b.code()), *b == by)
            })
            .collect(),
        rows: v.lines.iter().map(|line| AccountRow::new(t, line, names)).collect(),
        total: figures(t, &v.total),
        export: format!("/cases/table.xlsx?by={}", by.code()),
        s,
        v,
    };
    page(&reader, &template)
}

/// 问责表 as a workbook.
pub(super) async fn table_file(
    reader: Reader,
    Sat(seat): Sat,
    Query(which): Query<Which>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let by = CaseBy::parse(&which.by).unwrap_or_default();
    let list = ask(&reader, &seat, move |seat| {
        seat.actor().must(fujiao_office::access::Right::Export)?;
        let page = seat.case_accounts(by, None)?;
        let of = |n: u64| whole(i64::try_from(n).unwrap_or(i64::MAX));
        let row = |name: &str, a: &Account| {
            vec![
                ListCell::Text(name.to_owned()),
                of(a.opened),
                of(a.open),
                of(a.returned),
                of(a.exempt),
                of(a.mistakes),
                of(a.overdue),
                whole(a.overdue_days),
                whole(a.longest_days),
                of(a.relapses),
                whole(a.days_to_return),
            ]
        };
        let mut columns = vec![t.of("case.by_what", by.code())];
        columns.extend(
            [
                "case.t_opened",
                "case.t_open",
                "case.t_returned",
                "case.t_exempt",
                "case.t_mistakes",
                "case.t_overdue",
                "case.t_overdue_days",
                "case.t_longest",
                "case.t_relapses",
                "case.t_days_sum",
            ]
            .map(|key| t.s(key).to_owned()),
        );
        let mut rows: Vec<_> = page.lines.iter().map(|l| row(&l.name, &l.account)).collect();
        rows.push(row(t.s("case.total"), &page.total));
        let actor = seat.actor();
        Ok(List {
            sheet: t.s("case.table").to_owned(),
            head: export::head(t, &page.frame, t.s("case.table"), &actor.name, actor.at),
            columns,
            rows,
            as_of: page.as_of,
        })
    })
    .await?;
    as_file(&reader, list, "accountability", true).await
}

#[derive(Template)]
#[template(path = "case_village.html")]
struct ChartPage {
    s: Shell,
    v: VillagePage,
    heading: String,
    chiefs_title: String,
    /// Titles of the chiefs of a child.
    titles: Vec<Title>,
}

/// 村责任表
pub(super) async fn village(
    reader: Reader,
    Sat(seat): Sat,
    Path(place): Path<String>,
) -> Result<Response, PageError> {
    let Ok(place) = Division::parse(&place) else { return Err(missing(&reader, &seat).await) };
    let t = reader.lang.words();
    let v = ask_for(&reader, &seat, move |seat| seat.case_village(place, None)).await?;
    let heading = t.f1("case.chart_of", &v.name);
    let own = v.lines.first().map(|(_, chiefs)| chiefs.as_slice()).unwrap_or_default();
    let titles: Vec<Title> = own.iter().map(|chief| chief.title.clone()).collect();
    let all = v.chiefs.iter().map(|c| &c.title).chain(&titles);
    let template = ChartPage {
        chiefs_title: chiefs_title(t, all),
        s: Shell::new(&reader, Some(v.frame.clone()), "cases", heading.as_str()),
        heading,
        titles,
        v,
    };
    page(&reader, &template)
}
