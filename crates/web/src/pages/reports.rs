//! 报告: the county's report of each assessment, to read, to print, and as a Word file.

use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fujiao_model::Area;
use fujiao_office::desk::Seat;
use fujiao_office::papers::{self, Block, Join, Look, ReportView, Table};

use crate::app::App;
use crate::error::PageError;
use crate::gate::{Sat, done};
use crate::shape::{escaped, figures, share_bar};
use crate::shell::{Reader, Shell};
use crate::words::As;

/// Routes of reports.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/reports", get(reports))
        .route("/reports/{id}", get(report))
        .route("/reports/{id}/docx", get(docx))
}

struct Line {
    run: u64,
    as_of: String,
    made: String,
    live: bool,
}

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    s: Shell,
    lines: Vec<Line>,
}

async fn reports(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let actor = seat.actor().clone();
    let found = done(&reader, &app.office, move |office| office.reports(&actor)).await?;
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let lines = found.iter().enumerate().map(|(n, line)| Line {
        run: line.run,
        as_of: t.day(Some(line.as_of), None),
        made: t.clock(line.made_at),
        live: n == 0,
    });
    let lines = lines.collect();
    let s = Shell::new(&reader, Some(frame), "reports", t.s("report.head"));
    super::page(&reader, &ReportsPage { s, lines })
}

/// An area with a gap, and how much of it.
struct Names {
    area: Area,
    gap: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    s: Shell,
    run: u64,
    as_of: String,
    made: String,
    live: bool,
    body: String,
    names: Vec<Names>,
}

async fn report(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let t = reader.lang.words();
    let view = find(&app, &reader, &seat, &id).await?;
    let (frame, sums) = super::ask(&reader, &seat, Seat::sums).await?;
    let names = sums.iter().filter(|(_, tally)| view.live && tally.gap > 0);
    let names = names.map(|(area, tally)| {
        let [_, _, gap] = figures(t, tally);
        Names { area: *area, gap }
    });
    let names = names.collect();
    let ReportView { run, as_of, made_at, live, document } = view;
    let mut body = String::new();
    let s = Shell::new(&reader, Some(frame), "reports", t.s("report.head"));
    for block in document.body.iter().chain(&document.annex) {
        write_block(&mut body, block, live.then_some(&s));
    }
    let page = ReportPage {
        s,
        run,
        as_of: t.day(Some(as_of), None),
        made: t.clock(made_at),
        live,
        body,
        names,
    };
    super::page(&reader, &page)
}

async fn docx(
    State(app): State<App>,
    reader: Reader,
    Sat(seat): Sat,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let view = find(&app, &reader, &seat, &id).await?;
    let made = tokio::task::spawn_blocking(move || view.docx()).await;
    let bytes = made
        .map_err(|e| PageError::failed(&reader, &e))?
        .map_err(|e| PageError::failed(&reader, &e))?;
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let name = "attachment; filename=\"report.docx\"";
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

async fn find(app: &App, reader: &Reader, seat: &Seat, id: &str) -> Result<ReportView, PageError> {
    let actor = seat.actor().clone();
    let run = id.parse().unwrap_or(0);
    let found = done(reader, &app.office, move |office| office.report(&actor, run)).await?;
    match found {
        Some(view) => Ok(view),
        None => Err(super::missing(reader, seat).await),
    }
}

/// A block of a report as HTML. `live`: whose page it is, where figures open the lists of names.
fn write_block(out: &mut String, block: &Block, live: Option<&Shell>) {
    let text =
        |tag: &str, class: &str, text: &str| format!("<{tag}{class}>{}</{tag}>\n", escaped(text));
    match block {
        Block::Title(t) => out.push_str(&text("h1", "", t)),
        Block::Break => {}
        Block::Scope(t) | Block::Mark(t) => out.push_str(&text("p", " class=\"no\"", t)),
        Block::Heading(t) => out.push_str(&text("h2", "", t)),
        Block::Subheading(t) => out.push_str(&text("h3", "", t)),
        Block::Note(t) => out.push_str(&text("p", " class=\"mut\"", t)),
        Block::Paragraph { lead, text } => {
            out.push_str("<p>");
            if !lead.is_empty() {
                let _ = write!(out, "<b>{}</b>", escaped(lead));
            }
            let _ = writeln!(out, "{}</p>", escaped(text));
        }
        Block::Signature(lines) => {
            let lines: Vec<String> = lines.iter().map(|l| escaped(l)).collect();
            let _ = writeln!(out, "<p class=\"sgn\">{}</p>", lines.join("<br>"));
        }
        Block::Table(table) => write_table(out, table, live),
    }
}

fn write_table(out: &mut String, table: &Table, live: Option<&Shell>) {
    let _ = write!(
        out,
        "<div class=\"tw sc\"><table class=\"nb\"><caption>{}</caption><thead>",
        escaped(&table.caption)
    );
    for row in &table.header {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate().filter(|(_, c)| c.join != Join::Below) {
            // Over a column of figures a head stands at the right, as they do.
            let below = table
                .rows
                .first()
                .and_then(|r| r.as_slice().get(at))
                .filter(|_| table.header.len() == 1);
            let class = below.map_or("", |c| class(c.look));
            let rows = if cell.join == Join::First { table.header.len() } else { 1 };
            let (columns, rows) = (span("colspan", cell.columns as usize), span("rowspan", rows));
            let _ =
                write!(out, "<th scope=\"col\"{class}{columns}{rows}>{}</th>", escaped(&cell.text));
        }
        out.push_str("</tr>");
    }
    out.push_str("</thead><tbody>");
    for (n, row) in table.rows.iter().enumerate() {
        out.push_str("<tr>");
        let area = row.first().and_then(|cell| papers::area_titled(&cell.text)).zip(live);
        for (at, cell) in row.iter().enumerate().filter(|(_, c)| c.join != Join::Below) {
            let rows = table.rows[n + 1..]
                .iter()
                .take_while(|r| r.as_slice().get(at).is_some_and(|c| c.join == Join::Below));
            let rows = if cell.join == Join::First { 1 + rows.count() } else { 1 };
            let tag = if at == 0 { "th scope=\"row\"" } else { "td" };
            let _ = write!(
                out,
                "<{tag}{}{}{}>",
                class(cell.look),
                span("colspan", cell.columns as usize),
                span("rowspan", rows)
            );
            match (cell.look, area) {
                (Look::Bar { done, due }, _) => {
                    out.push_str(&share_bar(due, done, due - done));
                }
                (Look::Gap, Some((area, s))) => {
                    out.push_str(&s.to(format!("/area/{}", area.code()), &cell.text));
                }
                _ => out.push_str(&escaped(&cell.text)),
            }
            out.push_str(if at == 0 { "</th>" } else { "</td>" });
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>\n");
}

fn class(look: impl As<Look>) -> &'static str {
    match look.get() {
        Look::Figure => " class=\"n\"",
        Look::Gap => " class=\"n g\"",
        Look::Bar { .. } => " class=\"cb\"",
        _ => "",
    }
}

fn span(word: &str, n: usize) -> String {
    if n > 1 { format!(" {word}=\"{n}\"") } else { String::new() }
}
