//! Schools at work: meals by month, kitchens, inspections, the ledger of gaps with its projects, class places, posts.
//!
//! All are sheets with tables and forms of one template.

mod gaps;
#[expect(clippy::similar_names, reason = "seat, sent and said are words of the house")]
mod inspections;
mod kitchen;
mod meals;
#[expect(clippy::similar_names, reason = "seat, sent and said are words of the house")]
mod photos;
mod school_places;
#[expect(clippy::similar_names, reason = "one letter stands for the reader's page")]
mod staff;

use axum::Router;

use super::sheets::{
    Cell, Form, Input, Page, Sheet, back, cell, day, heads, input, number, percent, shell,
};
use crate::app::App;

/// Routes of schools at work.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .merge(meals::routes())
        .merge(kitchen::routes())
        .merge(inspections::routes())
        .merge(photos::routes())
        .merge(gaps::routes())
        .merge(school_places::routes())
        .merge(staff::routes())
}
