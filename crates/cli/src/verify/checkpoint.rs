//! How far a run came, kept in a file, so that a later one can go on without loss or repetition.
//!
//! The file holds one line of JSON and a second with its BLAKE3, and is replaced as a whole: what can be read is whole.
//! It is written after the results that it speaks of are on the disk. What follows them in the output is cut off on resuming.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cinnabar_verify::bulk::{Cancel, Item};
use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::tally::Tally;

const VERSION: u32 = 1;

/// What a run is made of: all of it must be the same when it is resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub inputs: Vec<String>,
    /// The trust set's digest.
    pub trust: Option<String>,
    pub policy: String,
    /// The time of verification, Unix seconds.
    pub at: i64,
    pub format: String,
    pub order: String,
    pub output: String,
}

impl Terms {
    /// What differs, by the names of the options.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let pairs = [
            ("the inputs 输入", self.inputs != other.inputs),
            ("--trust", self.trust != other.trust),
            ("--policy", self.policy != other.policy),
            ("--at", self.at != other.at),
            ("--format", self.format != other.format),
            ("--unordered", self.order != other.order),
            ("--output", self.output != other.output),
        ];
        pairs
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(name, _)| name)
            .collect()
    }
}

/// How far a run came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    pub terms: Terms,
    /// So many files from the start have their result.
    pub done: u64,
    /// And these after them.
    pub ahead: BTreeSet<u64>,
    /// A hash over the names of the first `done` files.
    pub names: String,
    /// The length of the output that holds these results, bytes.
    pub length: u64,
    /// Results in it.
    pub written: u64,
    pub tally: Tally,
    /// Nothing is left to do.
    pub complete: bool,
}

impl State {
    /// A run that has not begun.
    pub fn new(terms: Terms) -> Self {
        Self {
            version: VERSION,
            terms,
            done: 0,
            ahead: BTreeSet::new(),
            names: blake3::Hash::from_bytes([0; 32]).to_hex().to_string(),
            length: 0,
            written: 0,
            tally: Tally::default(),
            complete: false,
        }
    }

    /// Reads a checkpoint.
    pub fn load(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path)?;
        let damaged = || io::Error::other("it is damaged or is no checkpoint");
        let (line, sum) = text.trim_end().split_once('\n').ok_or_else(damaged)?;
        if blake3::hash(line.as_bytes()).to_hex().as_str() != sum {
            return Err(damaged());
        }
        let state: Self = serde_json::from_str(line)?;
        if state.version != VERSION {
            return Err(io::Error::other(format!(
                "its version is {}, not {VERSION}",
                state.version
            )));
        }
        Ok(state)
    }

    /// Replaces the checkpoint.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let line = serde_json::to_string(self)?;
        let sum = blake3::hash(line.as_bytes()).to_hex();
        let mut name = OsString::from(path);
        name.push(".new");
        let new = PathBuf::from(name);
        let mut file = File::create(&new)?;
        write!(file, "{line}\n{sum}\n")?;
        file.sync_data()?;
        fs::rename(new, path)
    }
}

/// Which files are under way, and which have their result: between the thread that lists and the one that writes.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    /// The number of the first entry: all files before it have their result.
    done: u64,
    /// The hash of their names.
    names: [u8; 32],
    entries: VecDeque<Entry>,
    /// Why the list cannot be what it was.
    fault: Option<String>,
}

#[derive(Debug)]
struct Entry {
    /// Its number in this run, or that of the next one for a file that an earlier run was through with.
    sequence: u64,
    delivered: bool,
    /// The hash of all names up to and with this one.
    names: [u8; 32],
}

impl Ledger {
    /// A ledger that goes on where `state` ends.
    pub fn new(state: &State) -> io::Result<Self> {
        let names = blake3::Hash::from_hex(&state.names).map_err(io::Error::other)?;
        Ok(Self(Mutex::new(Book {
            done: state.done,
            names: *names.as_bytes(),
            ..Book::default()
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a file has its result.
    pub fn deliver(&self, sequence: u64) {
        let mut book = self.lock();
        let first = book.entries.partition_point(|entry| entry.sequence < sequence);
        if let Some(entry) = book.entries.iter_mut().skip(first).find(|entry| !entry.delivered) {
            entry.delivered = true;
        }
        while book.entries.front().is_some_and(|entry| entry.delivered)
            && let Some(entry) = book.entries.pop_front()
        {
            book.done += 1;
            book.names = entry.names;
        }
    }

    /// Writes into `state` how far it is.
    pub fn tell(&self, state: &mut State) {
        let book = self.lock();
        state.done = book.done;
        state.names = blake3::Hash::from_bytes(book.names).to_hex().to_string();
        let ahead = (book.done..).zip(&book.entries).filter(|(_, entry)| entry.delivered);
        state.ahead = ahead.map(|(number, _)| number).collect();
    }

    /// Why the list is not the one that the checkpoint speaks of, if so.
    pub fn fault(&self) -> Option<String> {
        self.lock().fault.clone()
    }
}

/// The items that are left, noted in the ledger as they are listed.
pub struct Remaining {
    inputs: Inputs,
    ledger: Arc<Ledger>,
    cancel: Cancel,
    /// What an earlier run is through with.
    done: u64,
    ahead: BTreeSet<u64>,
    names_then: [u8; 32],
    number: u64,
    sequence: u64,
    names: [u8; 32],
}

impl Remaining {
    /// What is left of `inputs` after `state`. If they are not the same files, `cancel` stops the run and the ledger says why.
    pub fn new(inputs: Inputs, state: &State, ledger: Arc<Ledger>, cancel: Cancel) -> Self {
        let names_then = ledger.lock().names;
        Self {
            inputs,
            ledger,
            cancel,
            done: state.done,
            ahead: state.ahead.clone(),
            names_then,
            number: 0,
            sequence: 0,
            names: [0; 32],
        }
    }

    fn fault(&self, why: String) {
        self.ledger.lock().fault = Some(why);
        self.cancel.stop();
    }

    fn changed(&mut self) -> bool {
        if self.number == self.done && self.names != self.names_then {
            self.fault(format!(
                "the first {} files are not those of then 前 {} 个文件已变",
                self.done, self.done
            ));
            return true;
        }
        false
    }
}

impl Iterator for Remaining {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if self.changed() {
                return None;
            }
            let Some(item) = self.inputs.next() else {
                if self.number < self.done {
                    self.fault(format!("there are {} files, and there were {}", self.number, self.done));
                }
                return None;
            };
            let mut hash = blake3::Hasher::new();
            hash.update(&self.names).update(item.name.as_bytes());
            self.names = *hash.finalize().as_bytes();
            let number = self.number;
            self.number += 1;
            if number < self.done {
                continue;
            }
            let delivered = self.ahead.remove(&number);
            self.ledger.lock().entries.push_back(Entry {
                sequence: self.sequence,
                delivered,
                names: self.names,
            });
            if !delivered {
                self.sequence += 1;
                return Some(item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::verify::inputs::Input;

    fn state() -> State {
        State::new(Terms {
            inputs: vec!["a".into()],
            trust: None,
            policy: "document".into(),
            at: 1,
            format: "ndjson".into(),
            order: "listed".into(),
            output: "out".into(),
        })
    }

    fn files(count: usize) -> (tempfile::TempDir, Inputs) {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..count {
            fs::write(folder.path().join(format!("{n}.ofd")), "x").unwrap();
        }
        let inputs = Inputs::new(vec![Input::Path(folder.path().to_owned())], 100);
        (folder, inputs)
    }

    #[test]
    fn a_checkpoint_is_read_as_written_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        state().save(&path).unwrap();
        assert_eq!(State::load(&path).unwrap(), state());
        let whole = fs::read(&path).unwrap();
        for end in 0..whole.len() - 1 {
            fs::write(&path, &whole[..end]).unwrap();
            assert!(State::load(&path).is_err(), "torn after {end} bytes");
        }
        for at in 0..whole.len() - 1 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(State::load(&path).is_err(), "damaged at {at}");
        }
    }

    #[test]
    fn what_is_left_is_what_has_no_result_whatever_came_out_of_order() {
        let (folder, inputs) = files(6);
        let ledger = Arc::new(Ledger::new(&state()).unwrap());
        let remaining = Remaining::new(inputs, &state(), Arc::clone(&ledger), Cancel::default());
        assert_eq!(remaining.count(), 6);
        for sequence in [3, 0, 1, 5] {
            ledger.deliver(sequence);
        }
        let mut then = state();
        ledger.tell(&mut then);
        assert_eq!((then.done, then.ahead.clone()), (2, BTreeSet::from([3, 5])));

        let again = || Inputs::new(vec![Input::Path(folder.path().to_owned())], 100);
        let ledger = Arc::new(Ledger::new(&then).unwrap());
        let remaining = Remaining::new(again(), &then, Arc::clone(&ledger), Cancel::default());
        let names: Vec<_> = remaining.map(|item| item.name.chars().rev().nth(4).unwrap()).collect();
        assert_eq!(names, ['2', '4']);
        ledger.deliver(1);
        ledger.tell(&mut then);
        assert_eq!((then.done, then.ahead.clone()), (2, BTreeSet::from([3, 4, 5])));
        ledger.deliver(0);
        ledger.tell(&mut then);
        assert_eq!((then.done, then.ahead.len()), (6, 0));

        fs::remove_file(folder.path().join("0.ofd")).unwrap();
        for _ in 0..2 {
            let ledger = Arc::new(Ledger::new(&then).unwrap());
            let cancel = Cancel::default();
            assert_eq!(
                Remaining::new(again(), &then, Arc::clone(&ledger), cancel.clone()).count(),
                0
            );
            assert!(cancel.is_stopped() && ledger.fault().is_some());
            // Another name in its place is noticed as well.
            fs::write(folder.path().join("00.ofd"), "x").unwrap();
        }
    }
}
