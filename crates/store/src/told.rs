use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Statements from this long on are said to be slow, unless told otherwise.
const SLOW: Duration = Duration::from_millis(500);

/// Counts what is asked of the books.
pub(crate) struct Told {
    pub(crate) slow: Duration,
    reads: Kind,
    writes: Kind,
}

#[derive(Default)]
struct Kind {
    done: AtomicU64,
    failed: AtomicU64,
    micros: AtomicU64,
}

impl Default for Told {
    fn default() -> Self {
        Self { slow: SLOW, reads: Kind::default(), writes: Kind::default() }
    }
}

impl Told {
    /// A transaction ended.
    pub(crate) fn transaction(&self, writes: bool, well: bool, took: Duration) {
        let kind = if writes { &self.writes } else { &self.reads };
        let count = if well { &kind.done } else { &kind.failed };
        count.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        kind.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        Traffic {
            reads: get(&self.reads.done),
            reads_failed: get(&self.reads.failed),
            reads_micros: get(&self.reads.micros),
            writes: get(&self.writes.done),
            writes_failed: get(&self.writes.failed),
            writes_micros: get(&self.writes.micros),
        }
    }
}

/// Transactions since the books were opened by this program. Refused input counts as failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Reads that ended well.
    pub reads: u64,
    /// Reads that did not.
    pub reads_failed: u64,
    /// What all reads took, in microseconds.
    pub reads_micros: u64,
    /// Writes that are in the books.
    pub writes: u64,
    /// Writes that were rolled back.
    pub writes_failed: u64,
    /// What all writes took with their waiting, in microseconds.
    pub writes_micros: u64,
}
