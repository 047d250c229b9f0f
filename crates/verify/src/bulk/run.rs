//! One run, from the caller's thread: results in order, the sink, the end.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::crew::Crew;
use super::expect::Listed;
use super::item::Item;
use super::options::{Cancel, Options, Order, Progress};
use super::verifier::Judge;
use crate::codes::Finding;
use crate::report::Report;

/// How often the sink hears [`Event::Idle`] while nothing else happens, and how soon a stop is noticed.
const TICK: Duration = Duration::from_millis(50);

/// The result for one document, to be rendered on the thread that judged it.
#[derive(Debug)]
pub struct Outcome {
    /// Its place in the list, from 0; files left out count.
    pub sequence: u64,
    /// The report, under the document's own name.
    pub report: Report,
    /// The document's size, bytes; 0 when it could not be read.
    pub bytes: u64,
    /// Whether it is identical to a document met before, whose report it got.
    pub repeat: bool,
    /// What a list said about it.
    pub listed: Option<Arc<Listed>>,
}

/// What the sink is told, on the caller's thread.
#[derive(Debug)]
pub enum Event<T> {
    /// A document has its result, rendered.
    Judged {
        /// Its place in the list.
        sequence: u64,
        /// What `render` made of its outcome.
        value: T,
    },
    /// A file turned out to be no document.
    Skipped {
        /// Its place in the list.
        sequence: u64,
    },
    /// Nothing happened for a moment; or the run is about to end.
    Idle,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every document has its result.
    Complete,
    /// It was stopped; what was judged until then was delivered.
    Stopped,
}

/// One document on its way.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) sequence: u64,
    pub(super) name: String,
    pub(super) listed: Option<Arc<Listed>>,
    /// How long it is, once it was read.
    pub(super) bytes: OnceLock<u64>,
    /// That it is not the file that the list means.
    pub(super) differs: OnceLock<Finding>,
}

impl Ticket {
    pub(super) fn new(sequence: u64, name: String, listed: Option<Arc<Listed>>) -> Self {
        Self {
            sequence,
            name,
            listed,
            bytes: OnceLock::new(),
            differs: OnceLock::new(),
        }
    }

    /// Bytes that it holds of the budget.
    pub(super) fn held(&self) -> u64 {
        self.bytes.get().copied().unwrap_or(0)
    }
}

/// What the threads tell the caller's thread.
pub(super) enum Message<T> {
    Done {
        sequence: u64,
        weight: u64,
        value: Option<T>,
    },
    AllListed(u64),
    ListingFailed,
}

/// Judges every item and hands the results to `sink`.
///
/// `render` is called on the judging threads and returns the result and how many bytes it holds; `sink` on this thread.
/// Stopped by `cancel`, it returns soon, without waiting for threads that are stuck; they end by themselves.
///
/// # Errors
/// What `sink` returned, which ends the run; or that threads cannot be started or the list of items panicked.
pub fn run<T, I, R, S>(
    items: I,
    judge: Arc<impl Judge>,
    options: &Options,
    cancel: &Cancel,
    progress: &Arc<Progress>,
    render: R,
    mut sink: S,
) -> io::Result<Ending>
where
    T: Send + 'static,
    I: Iterator<Item = Item> + Send + 'static,
    R: Fn(Outcome) -> (T, u64) + Send + Sync + 'static,
    S: FnMut(Event<T>) -> io::Result<()>,
{
    let (tell, told) = mpsc::channel();
    let crew = Crew::new(
        judge,
        options.clone(),
        cancel.clone(),
        Arc::clone(progress),
        render,
        tell,
    );
    let guard = Closing(&crew);
    crew.start(items)?;

    let mut arrivals = Arrivals::default();
    let mut total = None;
    let ending = loop {
        if cancel.is_stopped() {
            break Ending::Stopped;
        }
        if total == Some(arrivals.delivered) {
            break Ending::Complete;
        }
        match told.recv_timeout(TICK) {
            Ok(Message::Done {
                sequence,
                weight,
                value,
            }) => {
                arrivals.take(sequence, weight, value);
                deliver(&mut arrivals, options.order == Order::Listed, &crew, &mut sink)?;
            }
            Ok(Message::AllListed(count)) => {
                total = Some(count);
                progress.all_listed.store(true, Ordering::Relaxed);
            }
            Ok(Message::ListingFailed) => return Err(io::Error::other("listing the documents failed")),
            Err(RecvTimeoutError::Timeout) => sink(Event::Idle)?,
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the verifying threads are gone")),
        }
    };
    if ending == Ending::Stopped {
        // What is judged is delivered, even behind a document that is not.
        while let Ok(message) = told.try_recv() {
            if let Message::Done {
                sequence,
                weight,
                value,
            } = message
            {
                arrivals.take(sequence, weight, value);
            }
        }
        deliver(&mut arrivals, false, &crew, &mut sink)?;
    }
    drop(guard);
    sink(Event::Idle)?;
    Ok(ending)
}

/// Ends the threads when the run ends, however it ends.
struct Closing<'a, T, J: Judge, R>(&'a Arc<Crew<T, J, R>>);

impl<T, J: Judge, R> Drop for Closing<'_, T, J, R> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Results that came and wait for their turn.
struct Arrivals<T> {
    waiting: BTreeMap<u64, (u64, Option<T>)>,
    /// Delivered ahead of the oldest.
    ahead: std::collections::BTreeSet<u64>,
    oldest: u64,
    delivered: u64,
}

impl<T> Default for Arrivals<T> {
    fn default() -> Self {
        Self {
            waiting: BTreeMap::new(),
            ahead: Default::default(),
            oldest: 0,
            delivered: 0,
        }
    }
}

impl<T> Arrivals<T> {
    fn take(&mut self, sequence: u64, weight: u64, value: Option<T>) {
        self.waiting.insert(sequence, (weight, value));
    }

    /// The next to deliver: the oldest when the order is kept, else any.
    fn next(&mut self, in_order: bool) -> Option<(u64, u64, Option<T>)> {
        let first = self.waiting.first_entry()?;
        if in_order && *first.key() != self.oldest {
            return None;
        }
        let (sequence, (weight, value)) = first.remove_entry();
        self.delivered += 1;
        self.ahead.insert(sequence);
        while self.ahead.remove(&self.oldest) {
            self.oldest += 1;
        }
        Some((sequence, weight, value))
    }
}

fn deliver<T, J: Judge, R>(
    arrivals: &mut Arrivals<T>,
    in_order: bool,
    crew: &Crew<T, J, R>,
    sink: &mut impl FnMut(Event<T>) -> io::Result<()>,
) -> io::Result<()> {
    let before = arrivals.oldest;
    while let Some((sequence, weight, value)) = arrivals.next(in_order) {
        Progress::add(&crew.progress.delivered, 1);
        sink(match value {
            Some(value) => Event::Judged { sequence, value },
            None => Event::Skipped { sequence },
        })?;
        crew.flow.change(weight, 0);
    }
    if arrivals.oldest != before {
        crew.flow.advance(arrivals.oldest);
    }
    Ok(())
}
