//! The engine with a judge that does as its documents say.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::*;
use crate::codes::Code;
use crate::extract::Unreadable;
use crate::report::Report;
use crate::{Context, Document, judge, policy};

/// Judges `panic` by panicking, `sleep` by sleeping for a minute, anything else at once; remembers what it was given.
#[derive(Default)]
struct Actor {
    batches: Mutex<Vec<Vec<String>>>,
}

impl Judge for Actor {
    fn judge(&self, documents: &[Document]) -> Vec<Report> {
        let names = documents.iter().map(|(name, _)| name.clone()).collect();
        self.batches.lock().unwrap().push(names);
        let report = |(name, bytes): &Document| match &bytes.as_ref().unwrap()[..] {
            b"panic" => panic!("as the document asks"),
            b"sleep" => {
                thread::sleep(Duration::from_secs(60));
                self.unreadable(name, &Unreadable::new(Code::FormatFailure, "slept"))
            }
            _ => self.unreadable(name, &Unreadable::new(Code::FormatFailure, "judged")),
        };
        documents.iter().map(report).collect()
    }

    fn unreadable(&self, name: &str, why: &Unreadable) -> Report {
        judge::judge_unreadable(name, why, &Context::new(None, &policy::DOCUMENT, 0))
    }

    fn document_bytes(&self) -> u64 {
        1 << 20
    }
}

impl Actor {
    fn judged(&self) -> usize {
        self.batches.lock().unwrap().iter().map(Vec::len).sum()
    }
}

/// Content that comes when told, or never.
struct Gate(mpsc::Receiver<&'static [u8]>);

impl Fetch for Gate {
    fn open(&mut self) -> Result<Option<u64>, Unreadable> {
        Ok(Some(5))
    }

    fn read(self: Box<Self>, _limit: u64) -> Result<Fetched, Unreadable> {
        let bytes = self.0.recv().map_err(|_| Unreadable::new(Code::IoError, "gone"))?;
        Ok(Fetched::Bytes(bytes.into()))
    }
}

struct Panics;

impl Fetch for Panics {
    fn open(&mut self) -> Result<Option<u64>, Unreadable> {
        panic!("as it is called")
    }

    fn read(self: Box<Self>, _limit: u64) -> Result<Fetched, Unreadable> {
        Ok(Fetched::NotADocument)
    }
}

fn document(name: impl ToString, bytes: impl AsRef<[u8]>) -> Item {
    Item::ready(name.to_string(), bytes.as_ref().into())
}

fn many(count: usize) -> impl Iterator<Item = Item> + Send + 'static {
    (0..count).map(|n| document(n, n.to_string()))
}

fn options() -> Options {
    Options::with_jobs(2)
}

/// The names and codes, in the order in which they came.
fn results(
    items: impl Iterator<Item = Item> + Send + 'static,
    actor: &Arc<Actor>,
    options: &Options,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let progress = Arc::new(Progress::default());
    let ending = run(
        items,
        Arc::clone(actor),
        options,
        &Cancel::default(),
        &progress,
        |outcome| (outcome, 100),
        |event| {
            if let Event::Judged { sequence, value } = event {
                assert_eq!(sequence, value.sequence);
                found.push((value.report.file, value.report.findings[0].code.as_str().to_owned()));
            }
            Ok(())
        },
    );
    assert_eq!(ending.unwrap(), Ending::Complete);
    found
}

#[test]
fn every_document_has_one_result_in_the_order_listed() {
    let actor = Arc::new(Actor::default());
    let names: Vec<_> = results(many(5000), &actor, &options())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, (0..5000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(actor.judged(), 5000);
    assert!(actor.batches.lock().unwrap().iter().all(|b| b.len() <= 64));
}

#[test]
fn a_tiny_window_and_budget_slow_a_run_down_and_no_more() {
    let tight = Options {
        window: 2,
        flight_bytes: 1,
        ..options()
    };
    for order in [Order::Listed, Order::Finished] {
        let actor = Arc::new(Actor::default());
        let names: HashSet<_> = results(many(300), &actor, &Options { order, ..tight.clone() })
            .into_iter()
            .collect();
        assert_eq!(names.len(), 300, "{order:?}");
    }
}

#[test]
fn identical_documents_are_judged_once_and_each_is_named() {
    let items = || (0..900).map(|n| document(n, (n % 3).to_string()));
    let actor = Arc::new(Actor::default());
    let names: Vec<_> = results(items(), &actor, &options())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, (0..900).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(actor.judged(), 3);

    let actor = Arc::new(Actor::default());
    let again = Options {
        judge_repeats: true,
        ..options()
    };
    assert_eq!(results(items(), &actor, &again).len(), 900);
    assert_eq!(actor.judged(), 900);
}

#[test]
fn a_panic_costs_only_the_document_that_causes_it() {
    let items = [
        document("a", "1"),
        document("b", "panic"),
        Item::fetch("c".into(), Panics),
        document("d", "2"),
    ];
    let found = results(items.into_iter(), &Arc::default(), &options());
    let codes: Vec<_> = found
        .iter()
        .map(|(name, code)| (name.as_str(), code.as_str()))
        .collect();
    let expected = [
        ("a", "FORMAT_FAILURE"),
        ("b", "INTERNAL_ERROR"),
        ("c", "INTERNAL_ERROR"),
        ("d", "FORMAT_FAILURE"),
    ];
    assert_eq!(codes, expected);
}

#[test]
fn what_is_not_read_or_judged_in_time_is_told_and_the_rest_goes_on() {
    let (_never, gate) = mpsc::channel();
    let mut items = vec![Item::fetch("stuck".into(), Gate(gate)), document("slow", "sleep")];
    items.extend(many(200));
    let hurried = Options {
        deadline: Some(Duration::from_millis(300)),
        readers: 1,
        jobs: 1,
        ..options()
    };
    let found = results(items.into_iter(), &Arc::default(), &hurried);
    assert_eq!(found.len(), 202);
    let late: Vec<_> = found
        .iter()
        .filter(|(_, code)| code == "DEADLINE_EXCEEDED")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(late, ["stuck", "slow"]);
}

#[test]
fn in_order_of_completion_nobody_waits_for_the_slowest() {
    let (tell, gate) = mpsc::channel();
    let mut items = vec![Item::fetch("first".into(), Gate(gate))];
    items.extend(many(100));
    let mut names = Vec::new();
    let unordered = Options {
        order: Order::Finished,
        ..options()
    };
    run(
        items.into_iter(),
        Arc::new(Actor::default()),
        &unordered,
        &Cancel::default(),
        &Arc::default(),
        |outcome| (outcome.report.file, 1),
        |event| {
            if let Event::Judged { value, .. } = event {
                names.push(value);
            }
            if names.len() == 100 {
                // All others are through; only now the first may be read.
                let _ = tell.send(b"late!");
            }
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(names.last().unwrap(), "first");
    assert_eq!(names.len(), 101);
}

#[test]
fn a_stopped_run_ends_although_a_reader_is_stuck_and_gives_what_was_judged() {
    let (_never, gate) = mpsc::channel();
    let mut items = vec![document("zero", "0"), Item::fetch("stuck".into(), Gate(gate))];
    items.extend(many(10));
    let cancel = Cancel::default();
    let judged = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&judged);
    let mut names = Vec::new();
    let ending = run(
        items.into_iter(),
        Arc::new(Actor::default()),
        &options(),
        &cancel,
        &Arc::default(),
        move |outcome| {
            counted.fetch_add(1, Ordering::SeqCst);
            (outcome.report.file, 1)
        },
        |event| {
            match event {
                Event::Judged { value, .. } => names.push(value),
                _ if judged.load(Ordering::SeqCst) == 11 => cancel.stop(),
                _ => {}
            }
            Ok(())
        },
    );
    assert_eq!(ending.unwrap(), Ending::Stopped);
    names.sort();
    assert_eq!(names.len(), 11, "all but the one that is stuck: {names:?}");
}

#[test]
fn a_sink_that_fails_ends_the_run_with_its_error() {
    let error = run(
        many(1000),
        Arc::new(Actor::default()),
        &options(),
        &Cancel::default(),
        &Arc::default(),
        |outcome| (outcome, 1),
        |_| Err(io::Error::other("disk full")),
    );
    assert_eq!(error.unwrap_err().to_string(), "disk full");
}

#[test]
fn a_list_that_breaks_off_is_an_error_and_not_a_shorter_list() {
    let items = (0..10).map(|n| if n == 5 { panic!("the list") } else { document(n, "x") });
    run(
        items,
        Arc::new(Actor::default()),
        &options(),
        &Cancel::default(),
        &Arc::default(),
        |o| (o, 1),
        |_| Ok(()),
    )
    .unwrap_err();
}

#[test]
fn a_document_that_is_not_the_one_listed_fails_and_its_twin_does_not() {
    let listed = |sha256: [u8; 32]| {
        Arc::new(Listed {
            sha256: Some(sha256),
            ..Default::default()
        })
    };
    let right: [u8; 32] = ring::digest::digest(&ring::digest::SHA256, b"twin")
        .as_ref()
        .try_into()
        .unwrap();
    let items = [
        document("right", "twin").listed(listed(right)),
        document("wrong", "twin").listed(listed([0; 32])),
    ];
    let found = results(items.into_iter(), &Arc::default(), &options());
    assert_eq!(found[0].1, "FORMAT_FAILURE");
    assert_eq!(found[1].1, "LISTED_FILE_DIFFERS");
}
