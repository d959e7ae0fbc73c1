//! 家访: today's children and classes, the forms, and what devices send.

mod forms;
mod list;
mod sent;
mod sync;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use fujiao_office::entries::{PHOTO_BYTES, Remark, ToVisit};

use crate::app::App;
use crate::words::Words;

pub(crate) fn routes() -> Router<App> {
    let photo = get(sync::photo).post(sync::take_photo).layer(DefaultBodyLimit::max(PHOTO_BYTES));
    Router::new()
        .route("/visit", get(list::list))
        .route("/visit/offline", get(list::offline))
        .route("/visit/day", get(sync::day))
        .route("/visit/sync", post(sync::sync))
        .route("/visit/person/{id}", get(forms::visit).post(forms::record_visit))
        .route("/visit/class/{id}", get(forms::class).post(forms::record_class))
        .route("/visit/entry/{key}", get(forms::edit))
        .route("/visit/entry/{key}/withdraw", post(forms::withdraw))
        .route("/visit/conflict/{id}", post(forms::decide))
        .route("/visit/photo/{key}", photo)
}

/// What there is to say about a field, in the reader's language.
pub(crate) fn remark_text(t: &Words, remark: &Remark) -> String {
    t.f1(&format!("visit.about.{}", remark.about.code()), &remark.arg)
}

/// School, grade and class of a child, in words.
fn class_label(t: &Words, child: &ToVisit) -> String {
    let class = child.grade.map_or_else(String::new, |grade| t.class(Some(grade), &child.class));
    [child.school.as_str(), &class]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is owed to a child, a line a matter.
fn owed_lines(t: &Words, child: &ToVisit) -> Vec<String> {
    let line = |owed: &fujiao_office::entries::Owed| {
        t.f3("visit.owed_line", t.title(&owed.title), t.qu(owed.unit, owed.gap), owed.due_on)
    };
    child.owed.iter().map(line).collect()
}
