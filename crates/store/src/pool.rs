use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::StoreError;

/// Connections for one use: opened when first needed, at most `most` at a time, kept when given back.
pub(crate) struct Pool<C> {
    state: Mutex<State<C>>,
    given_back: Condvar,
    most: usize,
    open: Box<dyn Fn() -> Result<C, StoreError> + Send + Sync>,
}

struct State<C> {
    idle: Vec<C>,
    in_use: usize,
}

impl<C> Pool<C> {
    pub(crate) fn new(
        most: usize,
        open: impl Fn() -> Result<C, StoreError> + Send + Sync + 'static,
    ) -> Self {
        let state = Mutex::new(State { idle: Vec::new(), in_use: 0 });
        Self { state, given_back: Condvar::new(), most, open: Box::new(open) }
    }

    /// A connection; waits while all are in use.
    pub(crate) fn take(&self) -> Result<Lent<'_, C>, StoreError> {
        // Nothing under the lock can panic half-way, so a poisoned lock still holds a sound state.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.idle.is_empty() && state.in_use >= self.most {
            state = self.given_back.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.lend(state)
    }

    /// A connection, if not all are in use.
    pub(crate) fn take_if_free(&self) -> Result<Option<Lent<'_, C>>, StoreError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.in_use >= self.most { Ok(None) } else { self.lend(state).map(Some) }
    }

    fn lend(&self, mut state: MutexGuard<'_, State<C>>) -> Result<Lent<'_, C>, StoreError> {
        state.in_use += 1;
        let idle = state.idle.pop();
        drop(state);
        let mut lent = Lent { pool: self, connection: None, keep: false };
        lent.connection = Some(match idle {
            Some(connection) => connection,
            None => (self.open)()?, // `lent` gives the place back if this fails
        });
        Ok(lent)
    }
}

/// A connection on loan. It returns to the pool only after [`Lent::keep`]: one whose use panicked or failed half-way
/// is closed, which rolls back what it had begun.
pub(crate) struct Lent<'p, C> {
    pool: &'p Pool<C>,
    connection: Option<C>,
    keep: bool,
}

impl<C> Lent<'_, C> {
    pub(crate) fn keep(mut self) {
        self.keep = true;
    }

    /// Closes the connection, with those that lie idle, and opens another in its place.
    pub(crate) fn renew(&mut self) -> Result<(), StoreError> {
        self.connection = None;
        let idle = std::mem::take(
            &mut self.pool.state.lock().unwrap_or_else(PoisonError::into_inner).idle,
        );
        drop(idle);
        self.connection = Some((self.pool.open)()?);
        Ok(())
    }
}

impl<C> Deref for Lent<'_, C> {
    type Target = C;
    fn deref(&self) -> &C {
        self.connection.as_ref().expect("lent with a connection")
    }
}

impl<C> DerefMut for Lent<'_, C> {
    fn deref_mut(&mut self) -> &mut C {
        self.connection.as_mut().expect("lent with a connection")
    }
}

impl<C> Drop for Lent<'_, C> {
    fn drop(&mut self) {
        let connection = self.connection.take();
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.in_use -= 1;
        if self.keep {
            state.idle.extend(connection);
        }
        drop(state);
        self.pool.given_back.notify_one();
    }
}
