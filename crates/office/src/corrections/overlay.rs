use std::collections::BTreeMap;

use fujiao_model::{Field, Fields, Value};
use fujiao_store::{CorrectionState, Keys, StoreError, StoredRow, Tx};

use crate::natural_key::Hash128;

/// The corrections in force, by natural key of the row and by field.
#[derive(Debug, Default)]
pub(crate) struct Overlay(BTreeMap<Hash128, BTreeMap<Field, Value>>);

impl Overlay {
    /// All that is in force in a county.
    pub(crate) fn read(tx: &mut Tx, county: u32) -> Result<Self, StoreError> {
        let mut overlay = Self::default();
        if tx.any_correction(county)? {
            for c in tx.corrections(county, CorrectionState::InForce)? {
                overlay.0.entry(c.natural_key).or_default().insert(c.field, c.now);
            }
        }
        Ok(overlay)
    }

    /// Whether nothing is corrected.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lays what is in force over what a row says.
    pub(crate) fn lay_over(&self, natural_key: &Hash128, fields: &mut Fields) {
        for (field, now) in self.0.get(natural_key).into_iter().flatten() {
            set(fields, *field, now.clone());
        }
    }

    /// A keyed hash of all that is in force: two assessments with equal hashes saw the same corrections.
    pub(crate) fn digest(&self, keys: &Keys) -> Hash128 {
        let mut parts = Vec::new();
        for (key, fields) in &self.0 {
            for (field, now) in fields {
                parts.push(format!("{:032x} {}", u128::from_be_bytes(*key), field.code()));
                parts.push(now.stored());
            }
        }
        keys.digest("corrections", parts.iter().map(String::as_str))
    }
}

/// Lays what is in force over the rows of a person, as their page reads them.
pub(crate) fn lay_over(
    tx: &mut Tx,
    county: u32,
    person: u64,
    rows: &mut [StoredRow],
) -> Result<(), StoreError> {
    for (row_id, c) in tx.corrections_about(county, person)? {
        let row = rows.iter_mut().find(|row| row.row_id == row_id);
        if let Some(row) = row.filter(|_| c.state == CorrectionState::InForce) {
            set(&mut row.row.fields, c.field, c.now);
        }
    }
    Ok(())
}

/// An id that was put right leaves nothing of the wrong one.
fn set(fields: &mut Fields, field: Field, now: Value) {
    if field == Field::CitizenId {
        fields.remove(Field::IdAsWritten);
    }
    fields.set(field, now);
}
