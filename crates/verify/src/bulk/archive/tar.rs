//! Tar archives (POSIX ustar and pax, GNU long names), read once from front to back.
//!
//! Nothing that an archive says about lengths is believed beyond [`Limits`]: long names are cut off, data that is too long is
//! passed over, and a compressed stream that unfolds out of all proportion ends there.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::names::{self, MAX_NAME};
use super::{Kind, Limits, Names};
use crate::bulk::item::{self, Item};
use crate::codes::Code;
use crate::extract::{self, Unreadable};

/// The size of a block.
pub const BLOCK: usize = 512;

/// The longest extended header that is read.
const MAX_EXTENDED: u64 = 64 << 10;

/// The entries of a tar as items, whose bytes are at hand.
pub struct Items {
    stream: Box<dyn Read + Send>,
    name: String,
    limits: Limits,
    names: Names,
    seen: u64,
    over: bool,
}

/// Opens a tar stream, compressed with gzip or not.
///
/// # Errors
/// [`Unreadable`] when the first bytes cannot be read.
pub fn open(stream: impl Read + Send + 'static, name: &str, limits: &Limits) -> Result<Items, Unreadable> {
    let mut stream = stream;
    let mut head = [0; 3];
    let n = item::fill(&mut stream, &mut head).map_err(item::io_error)?;
    let whole = io::Cursor::new(head.get(..n).unwrap_or_default().to_vec()).chain(stream);
    let stream: Box<dyn Read + Send> = if super::is_gzip(&head) {
        let packed = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            inner: whole,
            count: Arc::clone(&packed),
        };
        Box::new(Proportionate {
            inner: MultiGzDecoder::new(BufReader::with_capacity(64 << 10, counted)),
            packed,
            unpacked: 0,
            limits: limits.clone(),
        })
    } else {
        Box::new(BufReader::with_capacity(64 << 10, whole))
    };
    Ok(Items {
        stream,
        name: name.to_owned(),
        limits: limits.clone(),
        names: Names::default(),
        seen: 0,
        over: false,
    })
}

/// What went by on the way in.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(place)?;
        self.count.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// An unpacked stream that ends with an error when it unfolds out of proportion.
struct Proportionate<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    unpacked: u64,
    limits: Limits,
}

impl<R: Read> Read for Proportionate<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(place)?;
        self.unpacked += n as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        if !self.limits.allow(packed, self.unpacked) {
            return Err(io::Error::other(Bomb(packed, self.unpacked)));
        }
        Ok(n)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} bytes unpack to {1} and more")]
struct Bomb(u64, u64);

fn failed(error: io::Error) -> Unreadable {
    let bomb = error.get_ref().is_some_and(|inner| inner.is::<Bomb>());
    let code = if bomb { Code::LimitExceeded } else { Code::IoError };
    Unreadable::new(code, format!("tar: {error}"))
}

fn broken(detail: &str) -> Unreadable {
    Unreadable::new(Code::FormatFailure, format!("tar: {detail}"))
}

/// A header's fields as far as they matter.
struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
}

/// Whether a block is a tar header: its checksum is right.
pub fn is_header(block: &[u8]) -> bool {
    let Some(stored) = block.get(148..156).and_then(number) else {
        return false;
    };
    let sum = |signed: bool| -> i64 {
        let byte = |b: u8| {
            if signed {
                i64::from(b.cast_signed())
            } else {
                i64::from(b)
            }
        };
        block
            .iter()
            .enumerate()
            .map(|(at, b)| if (148..156).contains(&at) { 32 } else { byte(*b) })
            .sum()
    };
    let stored = i64::try_from(stored).unwrap_or(-1);
    block.len() == BLOCK && block.first() != Some(&0) && (sum(false) == stored || sum(true) == stored)
}

/// An octal number, or a binary one when the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        // Negative, or more than 64 bits can hold.
        let (high, low) = rest.split_at(rest.len().saturating_sub(8));
        if first & 0x7f != 0 || high.iter().any(|b| *b != 0) {
            return None;
        }
        return Some(low.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    field.get(..end).unwrap_or_default()
}

impl Header {
    fn read(block: &[u8; BLOCK]) -> Result<Self, Unreadable> {
        if !is_header(block) {
            return Err(broken("a header's checksum is wrong"));
        }
        let part = |from: usize, to: usize| block.get(from..to).unwrap_or_default();
        let mut name = text(part(0, 100)).to_vec();
        let prefix = text(part(345, 500));
        if part(257, 263) == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Self {
            name,
            size: number(part(124, 136)).ok_or_else(|| broken("a size is malformed"))?,
            kind: block[156],
        })
    }
}

/// What extended headers say about the entry that follows.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Extended {
    /// `"<length> <key>=<value>\n"`, one after another.
    fn read(&mut self, mut records: &[u8]) -> Result<(), Unreadable> {
        let malformed = || broken("an extended header is malformed");
        while !records.is_empty() {
            let space = records.iter().position(|b| *b == b' ').ok_or_else(malformed)?;
            let length = std::str::from_utf8(records.get(..space).unwrap_or_default()).ok();
            let length: usize = length.and_then(|l| l.parse().ok()).ok_or_else(malformed)?;
            let record = records.get(space + 1..length).ok_or_else(malformed)?;
            let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record.iter().position(|b| *b == b'=').ok_or_else(malformed)?;
            let (key, value) = record.split_at(equals);
            let value = value.get(1..).unwrap_or_default();
            match key {
                b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                    self.size = Some(size.ok_or_else(malformed)?);
                }
                _ if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
            records = records.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Items {
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Unreadable> {
        let mut block = [0; BLOCK];
        match item::fill(&mut self.stream, &mut block).map_err(failed)? {
            BLOCK => Ok(Some(block)),
            0 => Ok(None),
            _ => Err(broken("ends early")),
        }
    }

    /// Reads `size` bytes and passes over the padding; only up to `most` are kept.
    fn data(&mut self, size: u64, most: u64) -> Result<Arc<[u8]>, Unreadable> {
        let kept = size.min(most);
        // Room is made as the bytes come: a size that is not true costs nothing.
        let sure = (kept <= 1 << 20).then_some(kept);
        let bytes = item::read_all(&[], (&mut self.stream).take(kept), sure, kept).map_err(failed)?;
        if bytes.len() as u64 != kept {
            return Err(broken("ends early"));
        }
        let padded = size
            .checked_next_multiple_of(BLOCK as u64)
            .ok_or_else(|| broken("a size is malformed"))?;
        self.pass(padded - kept)?;
        Ok(bytes)
    }

    fn pass(&mut self, count: u64) -> Result<(), Unreadable> {
        let passed = io::copy(&mut (&mut self.stream).take(count), &mut io::sink()).map_err(failed)?;
        if passed == count {
            Ok(())
        } else {
            Err(broken("ends early"))
        }
    }

    fn entry(&mut self) -> Result<Option<Item>, Unreadable> {
        let mut extended = Extended::default();
        loop {
            let Some(block) = self.block()? else {
                // Many writers leave out the two empty blocks; none leaves out the entry of an extended header.
                return Ok(None);
            };
            if block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            let header = Header::read(&block)?;
            match header.kind {
                b'L' => {
                    let name = self.data(header.size, MAX_NAME as u64)?;
                    extended.name = Some(text(&name).to_vec());
                }
                b'x' if header.size <= MAX_EXTENDED => {
                    let records = self.data(header.size, MAX_EXTENDED)?;
                    extended.read(&records)?;
                }
                b'x' => return Err(broken("an extended header is too long")),
                b'K' | b'g' => drop(self.data(header.size, 0)?),
                _ => {
                    self.seen += 1;
                    if self.seen > self.limits.entries {
                        let detail = format!("tar: more than {} entries", self.limits.entries);
                        return Err(Unreadable::new(Code::LimitExceeded, detail));
                    }
                    if let Some(item) = self.item(&header, &extended)? {
                        return Ok(Some(item));
                    }
                    extended = Extended::default();
                }
            }
        }
    }

    /// The entry as an item, unless it holds no bytes at all.
    fn item(&mut self, header: &Header, extended: &Extended) -> Result<Option<Item>, Unreadable> {
        let inner = names::decode(extended.name.as_deref().unwrap_or(&header.name));
        let size = extended.size.unwrap_or(header.size);
        let name = format!("{}!{inner}", self.name);
        let kind = super::kind(&inner);
        let told = |code, detail: &str| Item::unreadable(name.clone(), code, format!("tar: {detail}"));
        let sparse = extended.sparse || header.kind == b'S';
        match header.kind {
            // Folders, devices: their size means nothing.
            b'3' | b'4' | b'5' | b'6' => Ok(None),
            b'1' | b'2' => {
                Ok((kind == Kind::Document)
                    .then(|| told(Code::IoError, "a link; the bytes are those of another entry")))
            }
            _ if sparse => {
                self.data(size, 0)?;
                Ok(Some(told(Code::IoError, "a sparse file is not supported")))
            }
            _ if kind == Kind::Archive => {
                self.data(size, 0)?;
                Ok(Some(super::nested(name)))
            }
            _ if size > self.limits.entry_bytes => {
                self.data(size, 0)?;
                let detail = format!("{size} bytes, the limit is {}", self.limits.entry_bytes);
                Ok(Some(told(Code::LimitExceeded, &detail)))
            }
            _ => {
                let again = self.names.again(&inner);
                let bytes = self.data(size, size)?;
                let document = kind == Kind::Document || extract::sniff(&bytes);
                Ok(Some(match (document, again) {
                    (true, false) => Item::ready(name, bytes),
                    (true, true) => {
                        let why = super::same_name();
                        Item::unreadable(name, why.code, why.detail)
                    }
                    (false, _) => Item::not_a_document(name),
                }))
            }
        }
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        if self.over {
            return None;
        }
        match self.entry() {
            Ok(Some(item)) => Some(item),
            Ok(None) => {
                self.over = true;
                None
            }
            Err(why) => {
                self.over = true;
                Some(Item::unreadable(self.name.clone(), why.code, why.detail))
            }
        }
    }
}
