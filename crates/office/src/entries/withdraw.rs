//! Taking back what one wrote.

use fujiao_store::Event;

use super::rows::Rows;
use super::{EntryError, EntryKey, conflicts};
use crate::access::Actor;
use crate::{Office, OfficeError};

impl Office {
    /// Takes an entry back, with a reason. What was said stays in the books; it counts no more.
    ///
    /// # Errors
    /// [`EntryError`] if it is not theirs, was edited or taken back before, or no reason is given.
    pub fn withdraw_entry(
        &self,
        actor: &Actor,
        key: EntryKey,
        why: &str,
    ) -> Result<(), OfficeError> {
        let county = self.county_code()?;
        let why = conflicts::reason(why)?;
        self.store.write(|tx| {
            let entry = tx
                .entry_of_key(county, &key.0)?
                .filter(|e| e.user == actor.user)
                .ok_or(EntryError::NoEntry)?;
            if !matches!(entry.state.as_str(), "in_force" | "conflict") {
                return Err(EntryError::NotInForce.into());
            }
            tx.set_entry_state(county, entry.number, "withdrawn", &actor.name, Some(why))?;
            tx.set_fact_state(county, entry.number, None, "superseded")?;
            conflicts::resettle_all(tx, county, entry.number, actor)?;
            Rows::new(tx, county, actor).of_entry(entry.number)?;
            tx.audit(&Event {
                county,
                at: actor.at,
                actor: &actor.login,
                action: "withdraw",
                object: &format!("entry {}", entry.number),
                detail: &format!("{} on {}", entry.kind, entry.on),
            })?;
            Ok(())
        })
    }
}
