use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
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

/// Runs `give` here, which sends chunks, while other threads turn them into values by `make`; all values in order.
pub(crate) fn behind<C: Send, U: Send, E: Send>(
    make: impl Fn(C) -> Result<Vec<U>, E> + Sync,
    give: impl FnOnce(&mut dyn FnMut(C)) -> Result<(), E>,
) -> Result<Vec<U>, E> {
    let (sender, receiver) = sync_channel::<(usize, C)>(4);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        let decode = || {
            let mut out: Vec<(usize, Vec<U>)> = Vec::new();
            loop {
                // The lock is let go before the chunk is decoded.
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((at, chunk)) = next else { return Ok(out) };
                out.push((at, make(chunk)?));
            }
        };
        let workers = [scope.spawn(decode), scope.spawn(decode)];
        let mut at = 0;
        // If nobody takes any more, a worker has failed and says so itself.
        let given = give(&mut |chunk| {
            let _ = sender.send((at, chunk));
            at += 1;
        });
        drop(sender);
        let mut chunks = Vec::new();
        for worker in workers {
            chunks.append(&mut worker.join().expect("decoding does not panic")?);
        }
        given?;
        chunks.sort_by_key(|(at, _)| *at);
        let mut values = Vec::with_capacity(chunks.iter().map(|(_, of)| of.len()).sum());
        for (_, mut of) in chunks {
            values.append(&mut of);
        }
        Ok(values)
    })
}
