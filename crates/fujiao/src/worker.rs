use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fujiao_office::Office;

use crate::commands::now;

/// How long it waits when there is nothing to do.
const PAUSE: Duration = Duration::from_millis(400);
/// How long it waits when the books do not answer.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Does long jobs, one after another, on a thread of its own for as long as this lives.
///
/// Nobody waits for it at the end: a job that is cut off is taken again by whoever serves these books next.
pub(crate) struct Worker(Arc<AtomicBool>);

impl Worker {
    /// Starts one for the books of an office.
    pub(crate) fn start(office: Office) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (watched, owner) = (Arc::clone(&over), name());
        std::thread::spawn(move || {
            while !watched.load(Ordering::Relaxed) {
                match office.work(&owner, now) {
                    Ok(Some(_)) => {}
                    Ok(None) => std::thread::sleep(PAUSE),
                    // What is wrong with the books shows on every page; here it passes or it does not.
                    Err(_) => std::thread::sleep(LONG_PAUSE),
                }
            }
        });
        Self(over)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What this worker is called among all that share the books.
fn name() -> String {
    format!("{} {}", std::process::id(), now())
}
