//! Zip archives (APPNOTE 6.3.10): the directory as a stream, each entry by itself.
//!
//! The directory rules: local headers only tell where an entry's bytes begin. An archive whose entries share bytes is
//! refused as soon as it shows, so that what is unpacked stays in proportion to the archive.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use flate2::read::DeflateDecoder;

use super::names::{self, MAX_NAME};
use super::{Kind, Limits, Names};
use crate::bulk::item::{self, Fetch, Fetched, Item};
use crate::codes::Code;
use crate::extract::{self, Unreadable};

const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: usize = 22;
const END64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
/// "Look into the record for large archives."
const FULL16: u64 = u16::MAX as u64;
const FULL32: u64 = u32::MAX as u64;
/// The directory is read in pieces of this size.
const BUFFER: usize = 64 << 10;
/// An OFD package has no more entries than this, so a larger directory is not searched for one.
const MOST_OF_A_DOCUMENT: u64 = 16_384;

/// Bytes that can be read at any place by several threads.
pub trait ReadAt: Send + Sync {
    /// How many there are.
    fn length(&self) -> u64;

    /// Reads some at `offset`; 0 at the end.
    ///
    /// # Errors
    /// As [`io::Read::read`].
    fn read_at(&self, place: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn length(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    #[cfg(unix)]
    fn read_at(&self, place: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, place, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, place: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, place, offset)
    }
}

impl ReadAt for Arc<[u8]> {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, place: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.get(start..).unwrap_or_default();
        rest.read(place)
    }
}

/// What a file with a zip's first bytes is.
pub enum Opened {
    /// An OFD package: one document.
    Document,
    /// An archive; its entries as items.
    Archive(Box<Items>),
}

/// The entries of a zip as items.
pub struct Items {
    archive: Arc<dyn ReadAt>,
    name: String,
    limits: Limits,
    directory: Window,
    end: End,
    names: Names,
    seen: u64,
    packed: u64,
    over: bool,
}

/// Opens a zip.
///
/// # Errors
/// [`Unreadable`] when there is no directory, or it lies outside the file.
pub fn open(archive: Arc<dyn ReadAt>, name: &str, limits: &Limits) -> Result<Opened, Unreadable> {
    let end = End::find(&*archive)?;
    let items = |limits: &Limits| Items {
        directory: Window::new(Arc::clone(&archive), end.offset, end.offset + end.size),
        archive: Arc::clone(&archive),
        name: name.to_owned(),
        limits: limits.clone(),
        end,
        names: Names::default(),
        seen: 0,
        packed: 0,
        over: false,
    };
    if end.entries <= MOST_OF_A_DOCUMENT {
        let mut entries = items(limits);
        while let Some(Ok(entry)) = entries.entry() {
            if entry.name == "OFD.xml" || entry.name == "/OFD.xml" {
                return Ok(Opened::Document);
            }
        }
    }
    Ok(Opened::Archive(Box::new(items(limits))))
}

impl Items {
    /// How many entries the archive says that it has.
    pub fn entries(&self) -> u64 {
        self.end.entries
    }

    /// The next entry of the directory.
    fn entry(&mut self) -> Option<Result<Entry, Unreadable>> {
        if self.over || self.seen >= self.end.entries {
            return None;
        }
        if self.seen >= self.limits.entries {
            self.over = true;
            let detail = format!("more than {} entries", self.limits.entries);
            return Some(Err(Unreadable::new(Code::LimitExceeded, detail)));
        }
        self.seen += 1;
        let read = Entry::read(&mut self.directory).and_then(|entry| {
            self.packed = self.packed.saturating_add(entry.packed);
            if self.packed > self.archive.length() {
                return Err(broken("entries share their bytes"));
            }
            Ok(entry)
        });
        self.over = read.is_err();
        Some(read)
    }

    fn item(&mut self, entry: Entry) -> Item {
        let name = format!("{}!{}", self.name, entry.name);
        let again = self.names.again(&entry.name);
        let kind = super::kind(&entry.name);
        if kind == Kind::Archive {
            return super::nested(name);
        }
        let content = EntryContent {
            archive: Arc::clone(&self.archive),
            limits: self.limits.clone(),
            entry,
            only_documents: kind == Kind::Perhaps,
            again,
        };
        Item::fetch(name, content)
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            return match self.entry()? {
                Ok(entry) if entry.name.ends_with(['/', '\\']) && entry.unpacked == 0 => continue,
                Ok(entry) => Some(self.item(entry)),
                // The archive itself gets a line, under its own name.
                Err(why) => Some(Item::unreadable(self.name.clone(), why.code, why.detail)),
            };
        }
    }
}

fn broken(detail: &str) -> Unreadable {
    Unreadable::new(Code::FormatFailure, format!("zip: {detail}"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn read_exact_at(archive: &dyn ReadAt, place: &mut [u8], offset: u64) -> Result<(), Unreadable> {
    let mut window = At {
        archive,
        offset,
        end: u64::MAX,
    };
    match item::fill(&mut window, place) {
        Ok(n) if n == place.len() => Ok(()),
        Ok(_) => Err(broken("ends early")),
        Err(error) => Err(item::io_error(error)),
    }
}

/// Where the directory is.
#[derive(Debug, Clone, Copy)]
struct End {
    entries: u64,
    offset: u64,
    size: u64,
}

impl End {
    fn find(archive: &dyn ReadAt) -> Result<Self, Unreadable> {
        let length = archive.length();
        // The record may be followed by a comment of up to 64 KiB.
        let tail = length.min((END_BYTES + usize::from(u16::MAX)) as u64);
        let mut bytes = vec![0; usize::try_from(tail).unwrap_or(0)];
        read_exact_at(archive, &mut bytes, length - tail)?;
        let fits = |at: &usize| {
            bytes.get(*at..*at + 4) == Some(b"PK\x05\x06")
                && usize::from(u16_at(&bytes, at + 20)) + at + END_BYTES <= bytes.len()
        };
        let last = bytes.len().checked_sub(END_BYTES).ok_or_else(|| broken("too short"))?;
        let at = (0..=last).rev().find(fits).ok_or_else(|| broken("no directory"))?;
        let mut end = Self {
            entries: u16_at(&bytes, at + 10).into(),
            size: u32_at(&bytes, at + 12).into(),
            offset: u32_at(&bytes, at + 16).into(),
        };
        let place = length - tail + at as u64;
        if (end.entries == FULL16 || end.size == FULL32 || end.offset == FULL32)
            && let Some(large) = Self::find64(archive, place)?
        {
            end = large;
        }
        match end.offset.checked_add(end.size) {
            Some(after) if after <= place => Ok(end),
            _ => Err(broken("the directory lies outside the file")),
        }
    }

    /// The record of a large archive, by the locator in front of the ordinary one.
    fn find64(archive: &dyn ReadAt, place: u64) -> Result<Option<Self>, Unreadable> {
        let Some(at) = place.checked_sub(LOCATOR_BYTES as u64) else {
            return Ok(None);
        };
        let mut locator = [0; LOCATOR_BYTES];
        read_exact_at(archive, &mut locator, at)?;
        if !locator.starts_with(b"PK\x06\x07") {
            return Ok(None);
        }
        let mut record = [0; END64_BYTES];
        read_exact_at(archive, &mut record, u64_at(&locator, 8))?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err(broken("no directory"));
        }
        Ok(Some(Self {
            entries: u64_at(&record, 32),
            size: u64_at(&record, 40),
            offset: u64_at(&record, 48),
        }))
    }
}

/// A part of the archive as a stream.
struct At<'a> {
    archive: &'a dyn ReadAt,
    offset: u64,
    end: u64,
}

impl Read for At<'_> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let most = place.len().min(left);
        let n = self
            .archive
            .read_at(place.get_mut(..most).unwrap_or_default(), self.offset)?;
        self.offset += n as u64;
        Ok(n)
    }
}

/// The directory, a piece at a time.
struct Window {
    archive: Arc<dyn ReadAt>,
    offset: u64,
    end: u64,
    bytes: Vec<u8>,
    used: usize,
}

impl Window {
    fn new(archive: Arc<dyn ReadAt>, offset: u64, end: u64) -> Self {
        Self {
            archive,
            offset,
            end,
            bytes: Vec::new(),
            used: 0,
        }
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Unreadable> {
        if self.bytes.len() - self.used < count {
            self.bytes.drain(..self.used);
            self.used = 0;
            let held = self.bytes.len();
            self.bytes.resize(held + BUFFER.max(count), 0);
            let mut rest = At {
                archive: &*self.archive,
                offset: self.offset,
                end: self.end,
            };
            let n = item::fill(&mut rest, self.bytes.get_mut(held..).unwrap_or_default()).map_err(item::io_error)?;
            self.offset = rest.offset;
            self.bytes.truncate(held + n);
        }
        let taken = self.bytes.get(self.used..self.used + count);
        self.used += count;
        taken.ok_or_else(|| broken("the directory ends early"))
    }
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    encrypted: bool,
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
    offset: u64,
}

impl Entry {
    fn read(directory: &mut Window) -> Result<Self, Unreadable> {
        let fixed: [u8; CENTRAL_BYTES] = directory.take(CENTRAL_BYTES)?.try_into().map_err(|_| broken("short"))?;
        if !fixed.starts_with(&CENTRAL) {
            return Err(broken("a directory entry is malformed"));
        }
        let flags = u16_at(&fixed, 8);
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        let rest = directory.take(name + extra + comment)?;
        let (raw, rest) = rest.split_at(name);
        let extra = rest.get(..extra).unwrap_or_default();
        let mut entry = Self {
            name: decode(raw, flags & 1 << 11 != 0, extra),
            encrypted: flags & 1 != 0,
            method: u16_at(&fixed, 10),
            crc: u32_at(&fixed, 16),
            packed: u32_at(&fixed, 20).into(),
            unpacked: u32_at(&fixed, 24).into(),
            offset: u32_at(&fixed, 42).into(),
        };
        if let Some(large) = field(extra, 0x0001) {
            let mut at = 0;
            for value in [&mut entry.unpacked, &mut entry.packed, &mut entry.offset] {
                if *value == FULL32 && large.len() >= at + 8 {
                    *value = u64_at(large, at);
                    at += 8;
                }
            }
        }
        Ok(entry)
    }
}

/// One extra field by its number.
fn field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let end = 4 + usize::from(u16_at(extra, 2));
        let body = extra.get(4..end)?;
        if u16_at(extra, 0) == number {
            return Some(body);
        }
        extra = extra.get(end..)?;
    }
    None
}

/// UTF-8 where the flag or the Unicode path field says so; otherwise by what the bytes look like.
fn decode(raw: &[u8], utf8: bool, extra: &[u8]) -> String {
    if !utf8
        && let Some([1, a, b, c, d, path @ ..]) = field(extra, 0x7075)
        && u32::from_le_bytes([*a, *b, *c, *d]) == crc(raw)
        && std::str::from_utf8(path).is_ok()
        && path.len() <= MAX_NAME
    {
        return names::decode(path);
    }
    names::decode(raw)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

struct EntryContent {
    archive: Arc<dyn ReadAt>,
    limits: Limits,
    entry: Entry,
    only_documents: bool,
    /// An entry before it has this name.
    again: bool,
}

impl EntryContent {
    /// Where the entry's bytes begin.
    fn start(&self) -> Result<u64, Unreadable> {
        let mut local = [0; LOCAL_BYTES];
        read_exact_at(&*self.archive, &mut local, self.entry.offset)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(broken("an entry is not where the directory says"));
        }
        let names = u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
        Ok(self.entry.offset + LOCAL_BYTES as u64 + names)
    }

    fn unpacked(&self, packed: At<'_>, limit: u64) -> Result<Fetched, Unreadable> {
        match self.entry.method {
            0 => self.check(packed, limit),
            8 => self.check(DeflateDecoder::new(packed), limit),
            other => Err(Unreadable::new(
                Code::IoError,
                format!("zip: compression method {other} is not supported"),
            )),
        }
    }

    fn check(&self, mut reader: impl Read, limit: u64) -> Result<Fetched, Unreadable> {
        let mut head = Vec::new();
        let failed = |error: io::Error| broken(&error.to_string());
        if self.only_documents {
            (&mut reader).take(1024).read_to_end(&mut head).map_err(failed)?;
            if !extract::sniff(&head) {
                return Ok(Fetched::NotADocument);
            }
        }
        if self.again {
            return Err(super::same_name());
        }
        // One byte more than is said to come is looked for, and never more.
        let limit = limit.min(self.entry.unpacked);
        let bytes = item::read_all(&head, reader, Some(self.entry.unpacked), limit).map_err(failed)?;
        if bytes.len() as u64 != self.entry.unpacked {
            return Err(broken("an entry is not as long as the directory says"));
        }
        if crc(&bytes) != self.entry.crc {
            return Err(broken("the checksum of an entry is wrong"));
        }
        Ok(Fetched::Bytes(bytes))
    }
}

impl Fetch for EntryContent {
    fn open(&mut self) -> Result<Option<u64>, Unreadable> {
        let entry = &self.entry;
        if entry.encrypted {
            return Err(Unreadable::new(Code::Encrypted, "zip: the entry needs a password"));
        }
        if entry.unpacked > self.limits.entry_bytes || !self.limits.allow(entry.packed, entry.unpacked) {
            let detail = format!("zip: {} bytes unpack to {}", entry.packed, entry.unpacked);
            return Err(Unreadable::new(Code::LimitExceeded, detail));
        }
        Ok(Some(entry.unpacked))
    }

    fn read(self: Box<Self>, limit: u64) -> Result<Fetched, Unreadable> {
        let offset = self.start()?;
        let packed = At {
            archive: &*self.archive,
            offset,
            end: offset.saturating_add(self.entry.packed),
        };
        self.unpacked(packed, limit)
    }
}
