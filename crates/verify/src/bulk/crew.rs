//! The threads of a run: one lists, some read, some judge, one watches the time.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::expect;
use super::flow::Flow;
use super::item::{self, Content, Fetch, Fetched, Item};
use super::options::{Cancel, Options, Progress};
use super::ready::{Loaded, Queue};
use super::repeats::{self, Meeting, Repeats};
use super::run::{Message, Outcome, Ticket};
use super::slot::{GivenUp, Slot, Task};
use super::verifier::Judge;
use crate::codes::Code;
use crate::extract::Unreadable;
use crate::report::Report;

/// What an input of unknown length holds of the budget while it is read.
const UNKNOWN_BYTES: u64 = 1 << 20;

pub(super) struct Crew<T, J: Judge, R> {
    pub(super) flow: Flow,
    pub(super) progress: Arc<Progress>,
    judge: Arc<J>,
    options: Options,
    cancel: Cancel,
    render: R,
    tell: Sender<Message<T>>,
    intake: Queue<(Arc<Ticket>, Box<dyn Fetch>)>,
    ready: Queue<Loaded>,
    repeats: Repeats<Arc<Ticket>>,
    slots: Mutex<Vec<Arc<Slot>>>,
    given_up: AtomicUsize,
}

impl<T, J, R> Crew<T, J, R>
where
    J: Judge,
{
    pub(super) fn new(
        judge: Arc<J>,
        options: Options,
        cancel: Cancel,
        progress: Arc<Progress>,
        render: R,
        tell: Sender<Message<T>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            flow: Flow::new(options.window, options.flight_bytes, cancel.clone()),
            progress,
            judge,
            repeats: Repeats::new(options.repeat_bytes),
            options,
            cancel,
            render,
            tell,
            intake: Queue::new(),
            ready: Queue::new(),
            slots: Mutex::default(),
            given_up: AtomicUsize::new(0),
        })
    }

    /// Ends all threads that are not stuck.
    pub(super) fn close(&self) {
        self.flow.close();
        self.intake.close();
        self.ready.close();
    }
}

impl<T, J, R> Crew<T, J, R>
where
    T: Send + 'static,
    J: Judge,
    R: Fn(Outcome) -> (T, u64) + Send + Sync + 'static,
{
    pub(super) fn start(self: &Arc<Self>, items: impl Iterator<Item = Item> + Send + 'static) -> io::Result<()> {
        for _ in 0..self.options.jobs.max(1) {
            self.start_judge()?;
        }
        for _ in 0..self.options.readers.max(1) {
            self.start_reader()?;
        }
        if let Some(deadline) = self.options.deadline {
            self.spawn("watch", move |crew| crew.watch(deadline))?;
        }
        self.spawn("list", move |crew| {
            let listed = panic::catch_unwind(AssertUnwindSafe(|| crew.list(items)));
            let message = listed.map_or(Message::ListingFailed, Message::AllListed);
            let _ = crew.tell.send(message);
        })
    }

    fn spawn(self: &Arc<Self>, name: &str, work: impl FnOnce(&Arc<Self>) + Send + 'static) -> io::Result<()> {
        let crew = Arc::clone(self);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&crew))
            .map(drop)
    }

    fn start_judge(self: &Arc<Self>) -> io::Result<()> {
        let slot = self.slot();
        self.spawn("judge", move |crew| {
            while let Some(batch) = crew.ready.take_batch(crew.options.batch, crew.options.batch_bytes) {
                if crew.judge_batch(&slot, batch).is_err() {
                    return;
                }
            }
        })
    }

    fn start_reader(self: &Arc<Self>) -> io::Result<()> {
        let slot = self.slot();
        self.spawn("read", move |crew| {
            while let Some((ticket, fetch)) = crew.intake.take() {
                if crew.read(&slot, &ticket, fetch).is_err() {
                    return;
                }
            }
        })
    }

    fn slot(&self) -> Arc<Slot> {
        let slot = Arc::new(Slot::default());
        self.slots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&slot));
        slot
    }

    /// Lists the items and returns how many there were.
    fn list(&self, items: impl Iterator<Item = Item>) -> u64 {
        let mut sequence = 0;
        for item in items {
            if self.flow.admit(sequence).is_err() {
                break;
            }
            Progress::add(&self.progress.listed, 1);
            let ticket = Arc::new(Ticket::new(sequence, item.name, item.listed));
            sequence += 1;
            match item.content {
                Content::Fetch(fetch) => self.intake.push((ticket, fetch)),
                Content::Unreadable(why) => self.settle_unread(&ticket, &why),
                Content::NotADocument => self.skip(&ticket),
                Content::Ready(bytes) => {
                    if self.flow.acquire(ticket.sequence, bytes.len() as u64).is_err() {
                        break;
                    }
                    self.load(ticket, bytes);
                }
            }
        }
        sequence
    }

    /// Reads one document. While it waits for room the clock stands still.
    fn read(&self, slot: &Slot, ticket: &Arc<Ticket>, mut fetch: Box<dyn Fetch>) -> Result<(), GivenUp> {
        let timed = self.options.deadline.is_some() && fetch.hurried();
        if timed && self.given_up.load(Ordering::Relaxed) >= self.options.stuck {
            let why = Unreadable::new(
                Code::DeadlineExceeded,
                "not tried: too many files cannot be read in time",
            );
            self.settle_unread(ticket, &why);
            return Ok(());
        }
        let begin = |held| {
            if timed {
                slot.begin(Task::Reading(Arc::clone(ticket), held));
            }
        };
        begin(0);
        let opened = guarded(|| fetch.open());
        slot.finish()?;
        let size = match opened {
            Ok(size) => size.unwrap_or(UNKNOWN_BYTES),
            Err(why) => {
                self.settle_unread(ticket, &why);
                return Ok(());
            }
        };
        let limit = self.judge.document_bytes();
        let held = size.min(limit);
        if self.flow.acquire(ticket.sequence, held).is_err() {
            return Ok(());
        }
        begin(held);
        let read = guarded(|| fetch.read(limit));
        slot.finish()?;
        match read {
            // What was read of it is not the document: nothing may be compared with it.
            Ok(Fetched::Bytes(bytes)) if bytes.len() as u64 > limit => {
                self.flow.change(held, 0);
                self.settle_unread(ticket, &item::too_long(bytes.len() as u64, limit));
            }
            Ok(Fetched::Bytes(bytes)) => {
                self.flow.change(held, bytes.len() as u64);
                self.load(Arc::clone(ticket), bytes);
            }
            Ok(Fetched::NotADocument) => {
                self.flow.change(held, 0);
                self.skip(ticket);
            }
            Err(why) => {
                self.flow.change(held, 0);
                self.settle_unread(ticket, &why);
            }
        }
        Ok(())
    }

    fn load(&self, ticket: Arc<Ticket>, bytes: Arc<[u8]>) {
        let _ = ticket.bytes.set(bytes.len() as u64);
        Progress::add(&self.progress.bytes, bytes.len() as u64);
        self.ready.push(Loaded {
            ticket,
            bytes,
            first: None,
            alone: false,
        });
    }

    /// Judges a batch, unless the watch takes it away meanwhile.
    fn judge_batch(&self, slot: &Slot, batch: Vec<Loaded>) -> Result<(), GivenUp> {
        let fresh: Vec<Loaded> = batch.into_iter().filter_map(|loaded| self.meet(loaded)).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        if self.options.deadline.is_some() {
            slot.begin(Task::Judging(fresh.clone()));
        }
        let reports = self.reports(&fresh);
        slot.finish()?;
        for (loaded, report) in fresh.into_iter().zip(reports) {
            match report {
                Ok(report) => self.settle_first(&loaded, report, true),
                Err(why) => self.settle_first(&loaded, self.judge.unreadable(&loaded.ticket.name, &why), false),
            }
        }
        Ok(())
    }

    /// What is left to judge of a document: nothing when an identical one was, or is being, judged.
    fn meet(&self, mut loaded: Loaded) -> Option<Loaded> {
        if let Some(listed) = &loaded.ticket.listed
            && !loaded.alone
            && let Some(finding) = listed.compare(&loaded.bytes)
        {
            let _ = loaded.ticket.differs.set(finding);
        }
        if self.options.judge_repeats || loaded.first.is_some() {
            return Some(loaded);
        }
        let key = repeats::key(&loaded.bytes);
        match self.repeats.meet(key, Arc::clone(&loaded.ticket)) {
            Meeting::First(_) => {
                loaded.first = Some(key);
                Some(loaded)
            }
            Meeting::Waits => {
                // Its bytes are let go; the report will come.
                None
            }
            Meeting::Known(ticket, report) => {
                self.settle(&ticket, Report::clone(&report), true);
                None
            }
        }
    }

    /// The report of each, or why there is none: after a panic each is tried alone, so that only the guilty one suffers.
    fn reports(&self, batch: &[Loaded]) -> Vec<Result<Report, Unreadable>> {
        let judge = |batch: &[Loaded]| {
            let documents: Vec<_> = batch
                .iter()
                .map(|loaded| (loaded.ticket.name.clone(), Ok(Arc::clone(&loaded.bytes))))
                .collect();
            let judged = panic::catch_unwind(AssertUnwindSafe(|| self.judge.judge(&documents)));
            judged.ok().filter(|reports| reports.len() == batch.len())
        };
        if let Some(reports) = judge(batch) {
            return reports.into_iter().map(Ok).collect();
        }
        batch
            .iter()
            .map(|loaded| {
                let report = judge(std::slice::from_ref(loaded)).and_then(|mut reports| reports.pop());
                report.ok_or_else(panicked)
            })
            .collect()
    }

    fn settle_first(&self, loaded: &Loaded, report: Report, keep: bool) {
        if let Some(key) = loaded.first {
            let report = Arc::new(report.clone());
            for waiting in self.repeats.settle(key, &report, keep) {
                self.settle(&waiting, Report::clone(&report), true);
            }
        }
        self.settle(&loaded.ticket, report, false);
    }

    fn skip(&self, ticket: &Ticket) {
        Progress::add(&self.progress.skipped, 1);
        let _ = self.tell.send(Message::Done {
            sequence: ticket.sequence,
            weight: 0,
            value: None,
        });
    }

    fn settle_unread(&self, ticket: &Arc<Ticket>, why: &Unreadable) {
        self.settle(ticket, self.judge.unreadable(&ticket.name, why), false);
    }

    /// Renders a result and sends it; what the document held of the budget is now what the result holds.
    fn settle(&self, ticket: &Arc<Ticket>, mut report: Report, repeat: bool) {
        report.file.clone_from(&ticket.name);
        if let Some(finding) = ticket.differs.get() {
            expect::refuse(&mut report, finding.clone());
        } else if let Some(finding) = ticket.listed.as_ref().and_then(|listed| listed.compare_kind(&report)) {
            expect::refuse(&mut report, finding);
        }
        if repeat {
            Progress::add(&self.progress.repeats, 1);
        }
        let outcome = |report| Outcome {
            sequence: ticket.sequence,
            report,
            bytes: ticket.held(),
            repeat,
            listed: ticket.listed.clone(),
        };
        let rendered = panic::catch_unwind(AssertUnwindSafe(|| (self.render)(outcome(report))))
            .unwrap_or_else(|_| (self.render)(outcome(self.judge.unreadable(&ticket.name, &panicked()))));
        let (value, weight) = rendered;
        self.flow.change(ticket.held(), weight);
        let _ = self.tell.send(Message::Done {
            sequence: ticket.sequence,
            weight,
            value: Some(value),
        });
    }

    /// Takes late tasks away, reports what is late for certain, and puts a new thread in the place of the stuck one.
    fn watch(self: &Arc<Self>, deadline: Duration) {
        let pause = (deadline / 4).clamp(Duration::from_millis(2), Duration::from_millis(100));
        while !self.ready.is_closed() && !self.cancel.is_stopped() {
            thread::sleep(pause);
            let slots: Vec<_> = self.slots.lock().unwrap_or_else(PoisonError::into_inner).clone();
            for slot in slots {
                if let Some(task) = slot.take_late(deadline) {
                    self.slots
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .retain(|s| !Arc::ptr_eq(s, &slot));
                    self.give_up(task, deadline);
                }
            }
        }
    }

    fn give_up(self: &Arc<Self>, task: Task, deadline: Duration) {
        self.given_up.fetch_add(1, Ordering::Relaxed);
        let late = |doing: &str| Unreadable::new(Code::DeadlineExceeded, format!("not {doing} within {deadline:?}"));
        match task {
            Task::Reading(ticket, held) => {
                self.flow.change(held, 0);
                self.settle_unread(&ticket, &late("read"));
                // Without a new thread those that are left go on; the one that is stuck may come back.
                let _ = self.start_reader();
            }
            Task::Judging(batch) => {
                match batch.as_slice() {
                    [one] => {
                        let report = self.judge.unreadable(&one.ticket.name, &late("judged"));
                        self.settle_first(one, report, false);
                    }
                    // One of them is slow: which, shows when each has a thread to itself.
                    many => self.ready.push_front(
                        many.iter()
                            .cloned()
                            .map(|mut loaded| {
                                loaded.alone = true;
                                loaded
                            })
                            .collect::<Vec<_>>()
                            .into_iter(),
                    ),
                }
                let _ = self.start_judge();
            }
        }
    }
}

fn panicked() -> Unreadable {
    Unreadable::new(Code::InternalError, "a verifying thread panicked")
}

/// Runs something of the caller's; a panic is an error.
fn guarded<V>(work: impl FnOnce() -> Result<V, Unreadable>) -> Result<V, Unreadable> {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()))
}
