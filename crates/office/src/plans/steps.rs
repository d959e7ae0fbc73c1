//! What a long plan has found so far, kept so that one that was stopped or cut off goes on from there.

use std::sync::atomic::{AtomicBool, Ordering};

use fujiao_plan::Budget;
use fujiao_plan::sites::{self, Choice, Minutes, Question, SitesError, SitesPlan};
use serde::{Deserialize, Serialize};

/// How near to the best is near enough, as a share.
const ENOUGH: f64 = 0.000_5;

/// A choice as it is kept.
#[derive(Serialize, Deserialize)]
struct ChoiceJson {
    open: Vec<Option<usize>>,
    goes: Vec<Vec<(u32, u32)>>,
    objective: f64,
    bound: f64,
}

/// Steps of one scenario, by name, for the same inputs.
pub(super) struct Steps<'a> {
    /// Name and JSON of what is there.
    pub kept: Vec<(String, String)>,
    /// Keeps one more.
    pub keep: &'a dyn Fn(&str, &str),
    /// Whether its author asked it to stop: then nothing half found is kept.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
}

impl Steps<'_> {
    /// A plan of sites: the one that is kept under this name, or a new one, which is kept.
    pub(super) fn sites(
        &mut self,
        name: &str,
        question: &Question,
        minutes: &(dyn Fn(usize, usize) -> Minutes + Sync),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<SitesPlan, SitesError> {
        let known = self.kept.iter().find(|(n, _)| n == name);
        let known = known.and_then(|(_, json)| serde_json::from_str::<ChoiceJson>(json).ok());
        if let Some(ChoiceJson { open, goes, objective, bound }) = known {
            let choice = Choice { open, goes, objective, bound };
            if let Some(plan) = sites::settle(question, choice, minutes) {
                return Ok(plan);
            }
        }
        // Prices are known to some percent at best: what is nearer to the best than this is searched no further.
        let is_near = AtomicBool::new(false);
        let enough = |objective: f64, bound: f64| {
            let gap = objective - bound;
            is_near.fetch_or(gap <= ENOUGH * objective.abs().max(1.0), Ordering::Relaxed);
        };
        let until = || is_near.load(Ordering::Relaxed) || stop();
        let plan = sites::plan(question, minutes, Budget::until(&until).telling(&enough))?;
        if !(self.stopped)() {
            let Choice { open, goes, objective, bound } = plan.choice();
            let json = serde_json::to_string(&ChoiceJson { open, goes, objective, bound });
            (self.keep)(name, &json.expect("numbers always write"));
        }
        Ok(plan)
    }
}
