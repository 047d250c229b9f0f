//! The queues between listing, reading and judging.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::repeats::Key;
use super::run::Ticket;

/// A document that was read.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub(super) ticket: Arc<Ticket>,
    pub(super) bytes: Arc<[u8]>,
    /// Its key, once it is known to be the first of its kind.
    pub(super) first: Option<Key>,
    /// Whether it must be judged by itself, after a batch took too long or panicked.
    pub(super) alone: bool,
}

/// A queue whose takers wait; closing it ends the waiting.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    turned: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    idle: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                idle: 0,
                closed: false,
            }),
            turned: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, value: T) {
        self.lock().waiting.push_back(value);
        self.turned.notify_one();
    }

    pub(super) fn push_front(&self, values: impl DoubleEndedIterator<Item = T>) {
        let mut state = self.lock();
        values.rev().for_each(|value| state.waiting.push_front(value));
        drop(state);
        self.turned.notify_all();
    }

    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.turned.notify_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Waits until something is there; nothing once the queue is closed.
    fn wait(&self) -> Option<MutexGuard<'_, State<T>>> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.closed {
            state.idle += 1;
            state = self.turned.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
        (!state.closed).then_some(state)
    }

    pub(super) fn take(&self) -> Option<T> {
        self.wait()?.waiting.pop_front()
    }
}

impl Queue<Loaded> {
    /// Takes what is there, up to `most` documents and `bytes` bytes, and leaves a share to others that wait.
    pub(super) fn take_batch(&self, most: usize, bytes: u64) -> Option<Vec<Loaded>> {
        let mut state = self.wait()?;
        let share = state.waiting.len().div_ceil(state.idle + 1).clamp(1, most.max(1));
        let mut batch: Vec<Loaded> = Vec::with_capacity(share);
        let mut sum = 0;
        while batch.len() < share {
            let Some(next) = state.waiting.front() else { break };
            sum += next.bytes.len() as u64;
            if !batch.is_empty() && (next.alone || sum > bytes) {
                break;
            }
            let alone = next.alone;
            batch.extend(state.waiting.pop_front());
            if alone {
                break;
            }
        }
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn loaded(length: usize, alone: bool) -> Loaded {
        Loaded {
            ticket: Arc::new(Ticket::new(0, String::new(), None)),
            bytes: vec![0; length].into(),
            first: None,
            alone,
        }
    }

    #[test]
    fn a_batch_is_what_is_there_within_bounds() {
        let queue = Queue::new();
        let lengths = |batch: Vec<Loaded>| batch.iter().map(|l| l.bytes.len()).collect::<Vec<_>>();
        for (length, alone) in [
            (1, false),
            (2, false),
            (3, false),
            (90, false),
            (200, false),
            (4, false),
            (5, true),
            (6, false),
        ] {
            queue.push(loaded(length, alone));
        }
        assert_eq!(lengths(queue.take_batch(2, 100).unwrap()), [1, 2]);
        assert_eq!(lengths(queue.take_batch(9, 100).unwrap()), [3, 90]);
        assert_eq!(
            lengths(queue.take_batch(9, 100).unwrap()),
            [200],
            "larger than a batch may be"
        );
        assert_eq!(lengths(queue.take_batch(9, 100).unwrap()), [4]);
        assert_eq!(lengths(queue.take_batch(9, 100).unwrap()), [5], "alone");
        assert_eq!(lengths(queue.take_batch(9, 100).unwrap()), [6]);
        queue.close();
        assert!(queue.take_batch(9, 100).is_none());
    }
}
