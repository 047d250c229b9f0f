//! How a run is made, how it is stopped, and how far it is.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// In which order results come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the documents were listed.
    Listed,
    /// As they are finished.
    Finished,
}

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that extract, compute and judge.
    pub jobs: usize,
    /// Threads that read.
    pub readers: usize,
    /// In which order results come.
    pub order: Order,
    /// How long reading, and again judging, may take for one document.
    pub deadline: Option<Duration>,
    /// Documents that one thread takes at a time.
    pub batch: usize,
    /// Bytes of documents that one thread takes at a time, unless one alone is larger.
    pub batch_bytes: u64,
    /// Bytes of documents and of results that wait, unless one alone is larger.
    pub flight_bytes: u64,
    /// Documents listed and not yet delivered.
    pub window: u64,
    /// Bytes of reports remembered for files met again.
    pub repeat_bytes: usize,
    /// Whether a file met again is judged again.
    pub judge_repeats: bool,
    /// Threads given up because they are stuck; past it no more are started in their place.
    pub stuck: usize,
}

impl Default for Options {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with_jobs(cores)
    }
}

impl Options {
    /// The defaults for so many judging threads.
    pub fn with_jobs(jobs: usize) -> Self {
        let jobs = jobs.max(1);
        Self {
            jobs,
            readers: jobs.max(4),
            order: Order::Listed,
            deadline: None,
            batch: 64,
            batch_bytes: 8 << 20,
            flight_bytes: (32 << 20) + (jobs as u64) * (16 << 20),
            window: 16_384,
            repeat_bytes: 32 << 20,
            judge_repeats: false,
            stuck: 1024,
        }
    }
}

/// Stops a run from anywhere; a signal handler may set the flag itself.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops the run.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// How far a run is; shared with whoever wants to look.
#[derive(Debug, Default)]
pub struct Progress {
    pub(super) listed: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) repeats: AtomicU64,
    pub(super) skipped: AtomicU64,
    pub(super) all_listed: AtomicBool,
}

/// A look at [`Progress`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Files listed so far.
    pub listed: u64,
    /// Files whose result was delivered, those left out included.
    pub delivered: u64,
    /// Bytes of documents read.
    pub bytes: u64,
    /// Documents that were identical to an earlier one.
    pub repeats: u64,
    /// Files that turned out to be no documents.
    pub skipped: u64,
    /// Whether all are listed, so that `listed` is the total.
    pub all_listed: bool,
}

impl Progress {
    /// How far it is now.
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            listed: read(&self.listed),
            delivered: read(&self.delivered),
            bytes: read(&self.bytes),
            repeats: read(&self.repeats),
            skipped: read(&self.skipped),
            all_listed: self.all_listed.load(Ordering::Relaxed),
        }
    }

    pub(super) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}
