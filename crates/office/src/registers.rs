//! The registers: persons, households, schools and places, made from the rows that departments sent.

pub(crate) mod enrolments;
pub(crate) mod former;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod schools;
pub(crate) mod standing;

use fujiao_model::{Fields, RosterKind};
use sha2::{Digest, Sha256};

/// A live source row in memory.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Id in the store; rows are kept in ascending order of it.
    pub id: u64,
    pub kind: RosterKind,
    pub fields: Fields,
    /// Hash of file content, sheet and row: the same for the same file wherever it lies.
    pub origin: u64,
    /// The person of an earlier run, if any.
    pub person_id: Option<u64>,
}

/// An id that depends on nothing but what it names: 63 bits, so that it fits a `bigint`.
pub(crate) fn stable_id(kind: &str, name: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update([0x1f]);
    hash.update(name);
    u64::from_be_bytes(hash.finalize()[..8].try_into().expect("32 bytes hold 8")) >> 1
}

/// Positions of rows by kind, each list ascending.
#[derive(Debug, Default)]
pub(crate) struct ByKind(std::collections::BTreeMap<RosterKind, Vec<u32>>);

impl ByKind {
    pub(crate) fn of(rows: &[Row]) -> Self {
        let mut by_kind = Self::default();
        for (at, row) in rows.iter().enumerate() {
            by_kind
                .0
                .entry(row.kind)
                .or_default()
                .push(u32::try_from(at).expect("rows fit 32 bits"));
        }
        by_kind
    }

    pub(crate) fn get(&self, kind: RosterKind) -> &[u32] {
        self.0.get(&kind).map_or(&[], Vec::as_slice)
    }
}
