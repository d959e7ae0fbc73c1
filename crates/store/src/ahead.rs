use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

const CHUNK: usize = 2048;

/// Gives `take` what `make` makes of each item, in order, while another thread makes the next ones: sealing and
/// writing keep both cores busy.
pub(crate) fn ahead<T: Sync, U: Send, R>(
    items: &[T],
    make: impl Fn(usize, &T) -> U + Send,
    take: impl FnOnce(&mut dyn Iterator<Item = U>) -> R,
) -> R {
    // Not worth a thread.
    if items.len() < CHUNK {
        return take(&mut items.iter().enumerate().map(|(at, item)| make(at, item)));
    }
    thread::scope(|scope| {
        let (give, get) = sync_channel::<Vec<U>>(2);
        scope.spawn(move || {
            let mut at = 0;
            for chunk in items.chunks(CHUNK) {
                let out = chunk.iter().enumerate().map(|(n, item)| make(at + n, item)).collect();
                at += chunk.len();
                // Nobody takes any more: the writing failed, and says so itself.
                if give.send(out).is_err() {
                    return;
                }
            }
        });
        take(&mut get.into_iter().flatten())
    })
}

/// Runs `give` here, which sends chunks, while `make` turns them into values in another thread; all values in order.
pub(crate) fn behind<C: Send, U: Send, E: Send>(
    make: impl Fn(C) -> Result<Vec<U>, E> + Send,
    give: impl FnOnce(&SyncSender<C>) -> Result<(), E>,
) -> Result<Vec<U>, E> {
    thread::scope(|scope| {
        let (sender, receiver): (_, Receiver<C>) = sync_channel(4);
        let worker = scope.spawn(move || {
            let mut out = Vec::new();
            for chunk in receiver {
                out.append(&mut make(chunk)?);
            }
            Ok(out)
        });
        let given = give(&sender);
        drop(sender);
        let values = worker.join().expect("decoding does not panic");
        given?;
        values
    })
}
