//! Archives of documents: zip and tar, read as streams of items, nothing extracted to disk.
//!
//! - A zip's directory is read entry by entry and each entry inflated by the thread that reads it. A zip that holds an
//!   `OFD.xml` at its top is a document, not an archive of documents.
//! - A tar, compressed with gzip or not, is read once from front to back, also from a pipe.
//! - An entry is called `archive.zip!folder/name.ofd`. Names are UTF-8 where the archive says so or they are valid UTF-8, GBK
//!   (GB 18030) otherwise.
//! - An archive inside an archive is told and not opened.
//! - Of entries with one name only the first is judged: which of them a program unpacks is anybody's guess.
//! - [`Limits`] bound what an archive may unfold to. What passes one is told by name, and the rest goes on where it can.

mod names;
pub mod tar;
pub mod zip;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::codes::Code;
use crate::extract::{self, Unreadable};

use super::item::Item;

/// Endings that make an entry a document whatever it holds.
pub const DOCUMENT_ENDINGS: [&str; 4] = ["ofd", "pdf", "esl", "dat"];

/// What an archive may unfold to.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Entries of one archive, those that are no documents included.
    pub entries: u64,
    /// Bytes of one unpacked entry.
    pub entry_bytes: u64,
    /// Unpacked size divided by packed size, for what is larger than [`Limits::ratio_floor`].
    pub ratio: u64,
    /// Unpacked bytes that are exempt from the ratio.
    pub ratio_floor: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 10_000_000,
            entry_bytes: 256 << 20,
            ratio: 200,
            ratio_floor: 4 << 20,
        }
    }
}

impl Limits {
    /// Whether so many packed bytes may give so many unpacked ones.
    fn allow(&self, packed: u64, unpacked: u64) -> bool {
        unpacked <= self.ratio_floor || unpacked / self.ratio <= packed
    }
}

/// What an entry is by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Document,
    Archive,
    /// Its first bytes tell.
    Perhaps,
}

fn kind(name: &str) -> Kind {
    let ending = names::ending(name);
    let lower = name.to_ascii_lowercase();
    if DOCUMENT_ENDINGS.contains(&ending.as_str()) {
        Kind::Document
    } else if ["zip", "tar", "tgz"].contains(&ending.as_str()) || lower.ends_with(".tar.gz") {
        Kind::Archive
    } else {
        Kind::Perhaps
    }
}

/// The names that an archive has used, as keyed hashes: 9 to 18 bytes a name.
#[derive(Default)]
struct Names {
    keys: RandomState,
    seen: HashSet<u64>,
}

impl Names {
    /// Whether the name was there before.
    fn again(&mut self, name: &str) -> bool {
        !self.seen.insert(self.keys.hash_one(name))
    }
}

fn same_name() -> Unreadable {
    Unreadable::new(Code::FormatFailure, "another entry of the archive has this name")
}

fn nested(name: String) -> Item {
    Item::unreadable(name, Code::NestedArchive, "unpack it, or name it by itself")
}

/// Whether the first bytes are those of a zip.
pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// Whether the first bytes are those of a gzip stream.
pub fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b, 8])
}

/// Whether the first block is that of a tar.
pub fn is_tar(head: &[u8]) -> bool {
    head.get(..tar::BLOCK).is_some_and(tar::is_header) && !extract::sniff(head)
}
