//! What each thread is busy with, so that a thread that takes too long can be given up.
//!
//! Either the thread finishes its task or the watch takes it away: the slot's lock decides which, so that every document
//! gets exactly one result. A thread whose task was taken away ends when it comes back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ready::Loaded;
use super::run::Ticket;

#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Busy(Instant, Task),
    GivenUp,
}

/// What a thread is busy with.
#[derive(Debug)]
pub(super) enum Task {
    /// A document, and what it holds of the budget meanwhile.
    Reading(Arc<Ticket>, u64),
    Judging(Vec<Loaded>),
}

/// The task was taken away: the thread must end.
#[derive(Debug)]
pub(super) struct GivenUp;

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self, task: Task) {
        *self.lock() = State::Busy(Instant::now(), task);
    }

    pub(super) fn finish(&self) -> Result<(), GivenUp> {
        let mut state = self.lock();
        if matches!(*state, State::GivenUp) {
            return Err(GivenUp);
        }
        *state = State::Idle;
        Ok(())
    }

    /// Takes the task away if it has been going on for `deadline`.
    pub(super) fn take_late(&self, deadline: Duration) -> Option<Task> {
        let mut state = self.lock();
        match &*state {
            State::Busy(since, _) if since.elapsed() >= deadline => {}
            _ => return None,
        }
        match std::mem::replace(&mut *state, State::GivenUp) {
            State::Busy(_, task) => Some(task),
            State::Idle | State::GivenUp => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_task_is_finished_or_taken_away_never_both() {
        let slot = Slot::default();
        assert!(slot.take_late(Duration::ZERO).is_none(), "an idle thread is left alone");
        slot.begin(Task::Judging(Vec::new()));
        assert!(slot.take_late(Duration::from_secs(3600)).is_none());
        slot.finish().unwrap();
        assert!(slot.take_late(Duration::ZERO).is_none());
        slot.begin(Task::Judging(Vec::new()));
        assert!(slot.take_late(Duration::ZERO).is_some());
        assert!(slot.take_late(Duration::ZERO).is_none());
        slot.finish().unwrap_err();
    }
}
