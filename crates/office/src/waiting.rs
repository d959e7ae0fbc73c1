//! What waits for somebody's own word: facts to confirm, days about which two people said different things.

use crate::access::{About, Actor, Right};
use crate::cases::{Known, is_theirs};
use crate::corrections::CorrectionState;
use crate::{Office, OfficeError};

/// How much waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Corrections of others that they may confirm.
    pub corrections: usize,
    /// Days and children about which two people said different things, and which they may decide.
    pub conflicts: usize,
    /// Cases of children out of school in which it is their turn.
    pub cases: usize,
    /// Their own pupils with whom nobody was in touch this month.
    pub pupils: usize,
}

impl Office {
    /// What waits for somebody's own word.
    ///
    /// # Errors
    /// What the store says.
    pub fn waiting(&self, actor: &Actor) -> Result<Waiting, OfficeError> {
        let county = self.county_code()?;
        self.store.read(|tx| {
            let mut waiting = Waiting::default();
            if actor.may(Right::Confirm) {
                let scope = actor.scope(Right::Confirm);
                let mut found = tx.rows_of_corrections(county, CorrectionState::Waiting)?;
                found.retain(|(_, author, _)| *author != actor.login);
                // Whose ground is the county need not be asked about rows.
                if !scope.is_whole() {
                    let rows = found.iter().map(|(.., row)| *row);
                    let abouts = About::of_rows(tx, county, rows)?;
                    found.retain(|(.., row)| abouts.get(row).is_some_and(|a| a.is_in(&scope)));
                }
                waiting.corrections = found.len();
            }
            for conflict in tx.open_conflicts(county)? {
                let view = crate::entries::view(tx, county, actor, &conflict)?;
                waiting.conflicts += usize::from(view.is_some_and(|view| view.may_decide));
            }
            if actor.may(Right::Case) {
                let day = crate::entries::today(tx, county, actor)?;
                for known in Known::open(tx, county, &self.rules.cases)? {
                    let duty = known.case.duty(&self.rules.cases, day);
                    waiting.cases +=
                        usize::from(duty.is_some_and(|d| is_theirs(actor, &d, &known)));
                }
            }
            if actor.may(Right::Visit) && actor.user != 0 {
                waiting.pupils = self.pupils_waiting(tx, county, actor)?;
            }
            Ok(waiting)
        })
    }
}
