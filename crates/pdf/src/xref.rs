//! Cross-reference sections: tables (ISO 32000-1, 7.5.4) and streams (7.5.8).

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::PdfError;
use crate::filter::{self, FilterFault};
use crate::limits::Limits;
use crate::object::{Dictionary, Object, ObjectId, Stream};
use crate::parser::{Fault, Parser};

/// Where an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XrefEntry {
    Free,
    File {
        offset: usize,
        generation: u16,
    },
    Compressed {
        container: u32,
        index: u32,
    },
    /// Leads beyond its own revision: never followed.
    Broken,
}

/// How a section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SectionKind {
    Table,
    Stream(ObjectId),
}

/// What is left to be spent on cross-reference sections.
pub(crate) struct Budget {
    pub entries: usize,
    pub inflated: usize,
}

/// One section with its trailer.
#[derive(Debug)]
pub(crate) struct Section {
    pub offset: usize,
    /// Just after the trailer dictionary or `endobj`.
    pub end: usize,
    pub kind: SectionKind,
    pub entries: HashMap<u32, XrefEntry>,
    pub trailer: Arc<Dictionary>,
    /// An object that the section names at two places.
    pub duplicate: Option<u32>,
}

impl Section {
    /// Reads the section at `offset`.
    pub fn read(bytes: &[u8], offset: usize, limits: &Limits, budget: &mut Budget) -> Result<Self, PdfError> {
        if offset >= bytes.len() {
            return Err(PdfError::Xref {
                offset,
                detail: "the offset lies beyond the end of the file",
            });
        }
        let mut parser = Parser::new(bytes, offset, limits);
        parser.skip_blank();
        let mut collected = Collected {
            entries: HashMap::new(),
            duplicate: None,
            budget,
        };
        let start = parser.pos;
        let (kind, trailer) = if parser.keyword("xref") {
            (SectionKind::Table, table(&mut parser, offset, &mut collected)?)
        } else {
            stream(bytes, &mut parser, offset, limits, &mut collected)?
        };
        Ok(Self {
            offset: start,
            end: parser.pos,
            kind,
            entries: collected.entries,
            trailer,
            duplicate: collected.duplicate,
        })
    }

    /// An offset stated in the trailer.
    pub fn link(&self, key: &str) -> Result<Option<usize>, PdfError> {
        match self.trailer.find(key) {
            None => Ok(None),
            Some(value) => value
                .as_integer()
                .and_then(|value| usize::try_from(value).ok())
                .map(Some)
                .ok_or(PdfError::Xref {
                    offset: self.offset,
                    detail: "Prev or XRefStm is not an offset",
                }),
        }
    }
}

struct Collected<'b> {
    entries: HashMap<u32, XrefEntry>,
    duplicate: Option<u32>,
    budget: &'b mut Budget,
}

/// Entries that room is made for at once; beyond it, it grows.
const MAX_EXPECTED: usize = 4096;
/// Bytes of the shortest entry of a table: `1 0 n` and a space.
const MIN_ENTRY: usize = 6;

impl Collected<'_> {
    /// Makes room for `count` entries, but for no more than `most`, which the file has bytes for.
    fn expect(&mut self, count: u64, most: usize) {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.entries
            .reserve(count.min(most).min(self.budget.entries).min(MAX_EXPECTED));
    }

    fn insert(&mut self, number: u32, entry: XrefEntry) -> Result<(), PdfError> {
        self.budget.entries = self
            .budget
            .entries
            .checked_sub(1)
            .ok_or(PdfError::LimitExceeded("max_entries"))?;
        match self.entries.get(&number) {
            Some(known) if *known != entry => self.duplicate = Some(number),
            Some(_) => {}
            None => {
                self.entries.insert(number, entry);
            }
        }
        Ok(())
    }
}

fn table(parser: &mut Parser<'_>, offset: usize, collected: &mut Collected<'_>) -> Result<Arc<Dictionary>, PdfError> {
    let damaged = |detail| PdfError::Xref { offset, detail };
    loop {
        parser.skip_space();
        if parser.keyword("trailer") {
            break;
        }
        let subsection = parser.unsigned().and_then(|first| {
            parser.skip_space();
            Some((first, parser.unsigned()?))
        });
        let (first, count) = subsection.ok_or(damaged("expected a subsection or 'trailer'"))?;
        collected.expect(count, parser.left() / MIN_ENTRY);
        for i in 0..count {
            let (number, entry) = entry(parser, first.checked_add(i)).ok_or(damaged("bad table entry"))?;
            collected.insert(number, entry)?;
        }
    }
    let trailer = parser
        .object()
        .map_err(|fault| fault.in_xref(offset, "the trailer is not a dictionary"))?;
    match trailer {
        Object::Dictionary(trailer) => Ok(trailer),
        _ => Err(damaged("the trailer is not a dictionary")),
    }
}

fn entry(parser: &mut Parser<'_>, number: Option<u64>) -> Option<(u32, XrefEntry)> {
    let number = u32::try_from(number?).ok()?;
    parser.skip_blank();
    let (offset, generation, used) = match parser.table_entry() {
        Some(usual) => usual,
        None => {
            let offset = parser.unsigned()?;
            parser.skip_blank();
            let generation = parser.unsigned()?;
            parser.skip_blank();
            let used = parser.keyword("n");
            if !used && !parser.keyword("f") {
                return None;
            }
            (offset, generation, used)
        }
    };
    let offset = usize::try_from(offset).ok()?;
    let generation = u16::try_from(generation).ok()?;
    if used {
        let entry = if offset == 0 {
            XrefEntry::Free
        } else {
            XrefEntry::File { offset, generation }
        };
        Some((number, entry))
    } else {
        Some((number, XrefEntry::Free))
    }
}

fn stream(
    bytes: &[u8],
    parser: &mut Parser<'_>,
    offset: usize,
    limits: &Limits,
    collected: &mut Collected<'_>,
) -> Result<(SectionKind, Arc<Dictionary>), PdfError> {
    let damaged = |detail| PdfError::Xref { offset, detail };
    let (id, object) = parser
        .indirect()
        .map_err(|fault: Fault| fault.in_xref(offset, "neither 'xref' nor a cross-reference stream"))?;
    let Object::Stream(stream) = object else {
        return Err(damaged("neither 'xref' nor a cross-reference stream"));
    };
    let dictionary = stream.dictionary.clone();
    if !dictionary.find("Type").is_some_and(|t| t.is_name("XRef")) {
        return Err(damaged("the stream is not of type XRef"));
    }
    let length = dictionary
        .find("Length")
        .and_then(Object::as_integer)
        .and_then(|length| usize::try_from(length).ok());
    let data = stream_range(bytes, &stream, length)
        .ok_or(damaged("the stream does not end"))?
        .0;
    let data = bytes.get(data).ok_or(damaged("the stream does not end"))?;
    parser.pos = stream.start + data.len();
    parser.skip_blank();
    parser.keyword("endstream");
    parser.skip_blank();
    parser.keyword("endobj");
    let table = filter::decode(
        &dictionary,
        data,
        limits.max_stream_bytes.min(collected.budget.inflated),
    )
    .map_err(|fault| match fault {
        FilterFault::TooLarge => PdfError::LimitExceeded("max_stream_bytes"),
        FilterFault::Damaged | FilterFault::Unsupported => damaged("the stream cannot be decoded"),
    })?;
    collected.budget.inflated -= table.len();
    stream_entries(&dictionary, &table, collected)?.ok_or(damaged("W, Index or Size is not usable"))?;
    Ok((SectionKind::Stream(id), dictionary))
}

/// Where the data of a stream ends, and whether the stated `length` is right.
pub(crate) fn stream_range(
    bytes: &[u8],
    stream: &Stream,
    length: Option<usize>,
) -> Option<(std::ops::Range<usize>, bool)> {
    let bytes = bytes.get(..stream.bound)?;
    let ends_at = |end: usize| {
        let rest = bytes.get(end..).unwrap_or_default();
        [&b""[..], b"\r\n", b"\n", b"\r"].iter().any(|eol| {
            rest.strip_prefix(*eol)
                .is_some_and(|rest| rest.starts_with(b"endstream"))
        })
    };
    let stated = length
        .and_then(|length| stream.start.checked_add(length))
        .filter(|end| ends_at(*end));
    if let Some(end) = stated {
        return Some((stream.start..end, true));
    }
    let found = find(bytes, b"endstream", stream.start)?;
    let body = bytes.get(stream.start..found)?;
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    Some((stream.start..stream.start + body.len(), false))
}

/// The first place of `needle` at or after `from`.
pub(crate) fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, needle).map(|at| from + at)
}

fn stream_entries(
    dictionary: &Dictionary,
    table: &[u8],
    collected: &mut Collected<'_>,
) -> Result<Option<()>, PdfError> {
    let numbers = |object: &Object| -> Option<Vec<u32>> {
        object
            .as_array()?
            .iter()
            .map(|item| u32::try_from(item.as_integer()?).ok())
            .collect()
    };
    let widths = dictionary.find("W").and_then(numbers);
    let Some([w0, w1, w2]) = widths.as_deref().and_then(|w| <[u32; 3]>::try_from(w).ok()) else {
        return Ok(None);
    };
    if [w0, w1, w2].iter().any(|width| *width > 8) || w0 + w1 + w2 == 0 {
        return Ok(None);
    }
    let index = match dictionary.find("Index") {
        Some(index) => numbers(index),
        None => dictionary
            .find("Size")
            .and_then(|size| u32::try_from(size.as_integer()?).ok())
            .map(|size| vec![0, size]),
    };
    let Some(index) = index else {
        return Ok(None);
    };
    let (w0, w1, w2) = (w0 as usize, w1 as usize, w2 as usize);
    let mut rows = table.chunks_exact(w0 + w1 + w2);
    for pair in index.as_chunks::<2>().0 {
        let [first, count] = *pair;
        for i in 0..count {
            let Some(row) = rows.next() else {
                return Ok(None);
            };
            let (kind, rest) = row.split_at(w0);
            let (second, third) = rest.split_at(w1);
            let kind = if w0 == 0 { 1 } else { big_endian(kind) };
            let Some(number) = first.checked_add(i) else {
                return Ok(None);
            };
            let (second, third) = (big_endian(second), big_endian(third));
            let entry = match kind {
                0 => Some(XrefEntry::Free),
                1 => usize::try_from(second)
                    .ok()
                    .zip(u16::try_from(third).ok())
                    .map(|(offset, generation)| XrefEntry::File { offset, generation }),
                2 => u32::try_from(second)
                    .ok()
                    .zip(u32::try_from(third).ok())
                    .map(|(container, index)| XrefEntry::Compressed { container, index }),
                _ => Some(XrefEntry::Broken),
            };
            let Some(entry) = entry else {
                return Ok(None);
            };
            collected.insert(number, entry)?;
        }
    }
    Ok(Some(()))
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
