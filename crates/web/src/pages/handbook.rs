//! 手册: what to do, by role, with pictures; to read, to search, to print.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use fujiao_office::access::Role;
use fujiao_office::desk::Seat;
use serde::Deserialize;

use crate::app::App;
use crate::error::PageError;
use crate::gate::Sat;
use crate::handbook::{self, Chapter};
use crate::shell::{Reader, Shell};

/// Routes of the handbook.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/handbook", get(contents))
        .route("/handbook/{chapter}", get(chapter))
        .route("/handbook/pictures/{name}", get(picture))
}

/// The word under which all chapters stand on one page.
const WHOLE: &str = "all";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
}

/// A place of the book that says what was looked for.
struct Found {
    href: String,
    chapter: &'static str,
    section: &'static str,
    around: String,
}

#[derive(Template)]
#[template(path = "handbook.html")]
struct ContentsPage {
    s: Shell,
    asked: String,
    found: Vec<Found>,
    preface: &'static str,
    /// Chapters of the reader's roles.
    own: Vec<&'static Chapter>,
    chapters: &'static [Chapter],
}

#[derive(Template)]
#[template(path = "handbook-chapter.html")]
struct ChapterPage {
    s: Shell,
    chapters: Vec<&'static Chapter>,
    /// Whether it is the whole book.
    whole: bool,
    before: Option<&'static Chapter>,
    after: Option<&'static Chapter>,
}

/// At most so many places are listed: who finds more asks for more.
const FOUND_AT_MOST: usize = 40;

async fn contents(
    reader: Reader,
    Sat(seat): Sat,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let asked: String = asked.q.trim().chars().take(40).collect();
    let mut found = Vec::new();
    if !asked.is_empty() {
        for chapter in handbook::chapters() {
            for section in &chapter.sections {
                if let Some(around) = section.around(&asked) {
                    let href =
                        format!("/handbook/{}#{}-{}", chapter.slug, chapter.slug, section.id);
                    let section = &section.title;
                    found.push(Found { href, chapter: &chapter.title, section, around });
                }
            }
        }
        found.truncate(FOUND_AT_MOST);
    }
    let roles: Vec<&str> = seat.actor().roles().iter().map(|role| Role::code(*role)).collect();
    let own = handbook::chapters().iter().filter(|c| roles.contains(&c.slug)).collect();
    let title = reader.lang.words().s("handbook.name");
    let page = ContentsPage {
        s: Shell::new(&reader, Some(frame), "handbook", title),
        asked,
        found,
        preface: handbook::preface(),
        own,
        chapters: handbook::chapters(),
    };
    super::page(&reader, &page)
}

async fn chapter(
    reader: Reader,
    Sat(seat): Sat,
    Path(slug): Path<String>,
) -> Result<Response, PageError> {
    let all = handbook::chapters();
    let whole = slug == WHOLE;
    let at = all.iter().position(|c| c.slug == slug);
    let (chapters, title) = match at {
        Some(at) => (vec![&all[at]], all[at].title.clone()),
        None if whole => (all.iter().collect(), reader.lang.words().s("handbook.whole").to_owned()),
        None => return Err(super::missing(&reader, &seat).await),
    };
    let frame = super::ask(&reader, &seat, Seat::frame).await?;
    let page = ChapterPage {
        s: Shell::new(&reader, Some(frame), "handbook", title),
        chapters,
        whole,
        before: at.and_then(|at| at.checked_sub(1)).and_then(|at| all.get(at)),
        after: at.and_then(|at| all.get(at + 1)),
    };
    super::page(&reader, &page)
}

/// A picture. It is of made data, and stays the same as long as the program does.
async fn picture(
    reader: Reader,
    Sat(seat): Sat,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    match handbook::picture(&name) {
        Some(bytes) => Ok((
            [
                (header::CONTENT_TYPE, "image/webp"),
                (header::CACHE_CONTROL, "private, max-age=86400"),
            ],
            bytes,
        )
            .into_response()),
        None => Err(super::missing(&reader, &seat).await),
    }
}
