//! What may be under way at once: a window of documents and a budget of bytes.
//!
//! The oldest document that is not yet delivered always gets what it asks for. Whatever else waits, it waits for older
//! ones, so nothing waits for ever, and at most one document goes past the budget.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::options::Cancel;

pub(super) struct Flow {
    state: Mutex<State>,
    turned: Condvar,
    window: u64,
    bytes: u64,
    cancel: Cancel,
}

#[derive(Default)]
struct State {
    held: u64,
    oldest: u64,
    closed: bool,
}

/// The run was stopped while something waited.
#[derive(Debug)]
pub(super) struct Stopped;

impl Flow {
    pub(super) fn new(window: u64, bytes: u64, cancel: Cancel) -> Self {
        Self {
            state: Mutex::default(),
            turned: Condvar::new(),
            window: window.max(1),
            bytes,
            cancel,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, mut ready: impl FnMut(&mut State) -> bool) -> Result<(), Stopped> {
        let mut state = self.lock();
        loop {
            if state.closed || self.cancel.is_stopped() {
                return Err(Stopped);
            }
            if ready(&mut state) {
                return Ok(());
            }
            state = self.turned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until document `sequence` may be listed.
    pub(super) fn admit(&self, sequence: u64) -> Result<(), Stopped> {
        self.wait(|state| sequence - state.oldest < self.window)
    }

    /// Waits for room for `bytes` of document `sequence`.
    pub(super) fn acquire(&self, sequence: u64, bytes: u64) -> Result<(), Stopped> {
        self.wait(|state| {
            let fits = state.held.saturating_add(bytes) <= self.bytes;
            let granted = fits || state.held == 0 || sequence == state.oldest;
            if granted {
                state.held += bytes;
            }
            granted
        })
    }

    /// Changes what a document holds, without waiting.
    pub(super) fn change(&self, from: u64, to: u64) {
        let mut state = self.lock();
        state.held = state.held.saturating_sub(from) + to;
        drop(state);
        if to < from {
            self.turned.notify_all();
        }
    }

    /// Tells which document is now the oldest.
    pub(super) fn advance(&self, oldest: u64) {
        self.lock().oldest = oldest;
        self.turned.notify_all();
    }

    /// Ends all waiting.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.turned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn flow() -> Arc<Flow> {
        Arc::new(Flow::new(4, 100, Cancel::default()))
    }

    /// Runs `wait` on its own thread and says whether it had to wait; then lets `turn` end the waiting.
    fn waits(
        wait: impl FnOnce() -> Result<(), Stopped> + Send + 'static,
        turn: impl FnOnce(),
    ) -> (bool, Result<(), Stopped>) {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let answer = wait();
            tell.send(()).unwrap();
            answer
        });
        let waited = told.recv_timeout(Duration::from_millis(50)).is_err();
        turn();
        (waited, thread.join().unwrap())
    }

    #[test]
    fn bytes_wait_for_room_but_never_those_of_the_oldest() {
        let flow = flow();
        flow.acquire(1, 90).unwrap();
        let other = Arc::clone(&flow);
        let (waited, answer) = waits(move || other.acquire(2, 20), || flow.change(90, 0));
        assert!(waited && answer.is_ok());
        flow.acquire(0, 1000).unwrap();
        let other = Arc::clone(&flow);
        let (waited, answer) = waits(move || other.acquire(3, 1), || flow.advance(3));
        assert!(waited && answer.is_ok());
    }

    #[test]
    fn the_window_moves_with_the_oldest() {
        let flow = flow();
        flow.admit(3).unwrap();
        let other = Arc::clone(&flow);
        let (waited, answer) = waits(move || other.admit(4), || flow.advance(1));
        assert!(waited && answer.is_ok());
    }

    #[test]
    fn closing_ends_all_waiting() {
        let flow = flow();
        let other = Arc::clone(&flow);
        let (waited, answer) = waits(move || other.admit(9), || flow.close());
        assert!(waited && answer.is_err());
    }
}
