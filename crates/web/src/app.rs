use std::sync::Arc;

use axum::extract::FromRef;
use fujiao_office::{Desk, Office};
use jiff::Timestamp;

use crate::limit::Limiter;
use crate::settings::WebSettings;
use crate::watched::Figures;

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct App {
    /// The use cases.
    pub(crate) office: Office,
    /// What pages show.
    pub(crate) desk: Desk,
    /// How the pages are served.
    pub(crate) settings: Arc<WebSettings>,
    /// Figures of this program.
    pub(crate) figures: Arc<Figures>,
    /// Tries at the door.
    pub(crate) door: Arc<Limiter>,
}

impl App {
    /// Now, by the clock that the program was given.
    pub(crate) fn now(&self) -> Timestamp {
        (self.settings.clock)()
    }
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

impl FromRef<App> for Office {
    fn from_ref(app: &App) -> Self {
        app.office.clone()
    }
}
