use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fujiao_office::Office;

use crate::commands::now;
use crate::settings::machine;

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
                    Ok(Some(job)) => tracing::info!(job, "办完一件"),
                    Ok(None) => std::thread::sleep(PAUSE),
                    // What is wrong with the books shows on every page; here it passes or it does not.
                    Err(error) => {
                        tracing::error!(%error, "办不了排着的事");
                        std::thread::sleep(LONG_PAUSE);
                    }
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

/// What this worker is called among all that share the books, on whichever machines.
fn name() -> String {
    format!("{} {} {}", machine(), std::process::id(), now())
}

/// How often a program that serves says that it lives.
const BEAT: Duration = Duration::from_secs(15);

/// Says that the program lives, and asks for the day's backup when it is due, for as long as this lives; then says goodbye.
pub(crate) struct Keeper {
    office: Office,
    over: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Keeper {
    /// Starts one for the books of an office.
    pub(crate) fn start(office: Office) -> Self {
        let (over, wait) = std::sync::mpsc::channel();
        let kept = office.clone();
        let thread = std::thread::spawn(move || {
            loop {
                match kept.queue_backup_if_due(now()) {
                    Ok(true) => tracing::info!("到点备份"),
                    Ok(false) => {}
                    Err(error) => tracing::error!(%error, "看不了备份到没到点"),
                }
                if wait.recv_timeout(BEAT) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
                if let Err(error) = kept.still_serving(now(), false) {
                    tracing::error!(%error, "台账没有应答");
                }
            }
        });
        Self { office, over: Some(over), thread: Some(thread) }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Books that do not take a goodbye are taken for cut off, which does no harm.
        let _ = self.office.still_serving(now(), true);
    }
}
