//! The end record and the central directory (APPNOTE 4.3.12 to 4.3.16).

use std::ops::Range;

use super::fields::{Fields, extra};
use crate::{Limits, PackageError, name};

const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const RECORD: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_BYTES: usize = 22;

/// Where the directory lies and how many records it has.
pub(super) struct End {
    pub(super) directory: Range<usize>,
    count: u64,
}

/// One record of the central directory.
pub(super) struct Record {
    pub(super) name: String,
    pub(super) raw_name: Range<usize>,
    pub(super) directory: bool,
    pub(super) backslashes: bool,
    pub(super) unmarked: bool,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) stored: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    pub(super) range: Range<usize>,
}

pub(super) fn find_end(source: &[u8]) -> Result<End, PackageError> {
    let begins = source.starts_with(&LOCAL) || source.starts_with(&END);
    let at = match locate(source) {
        Ok(at) => at,
        Err(error) if begins => return Err(error),
        Err(_) => return Err(PackageError::NotZip),
    };
    let mut fields = Fields::new(source, at, "the end record");
    fields.signature(END)?;
    let disks = [fields.u16()?, fields.u16()?];
    let counts = [fields.u16()?, fields.u16()?];
    let (size, offset) = (fields.u32()?, fields.u32()?);
    let found = at
        .checked_sub(20)
        .filter(|from| source.get(*from..).is_some_and(|rest| rest.starts_with(&LOCATOR64)));
    let saturated = counts.contains(&u16::MAX) || size == u32::MAX || offset == u32::MAX;
    let (count, size, offset, limit) = match found {
        Some(locator) => {
            let wide = read_end64(source, locator)?;
            let narrow = [
                u64::from(counts[0]),
                u64::from(counts[1]),
                u64::from(size),
                u64::from(offset),
            ];
            let ceilings = [
                u64::from(u16::MAX),
                u64::from(u16::MAX),
                u64::from(u32::MAX),
                u64::from(u32::MAX),
            ];
            let agree = narrow.iter().zip(ceilings).zip(wide.values);
            if agree
                .into_iter()
                .any(|((narrow, ceiling), wide)| *narrow != ceiling && *narrow != wide)
            {
                return Err(PackageError::BadStructure {
                    what: "a zip64 end record that contradicts the other",
                    at,
                });
            }
            (wide.values[1], wide.values[2], wide.values[3], wide.at)
        }
        None if saturated => {
            return Err(PackageError::BadStructure {
                what: "an end record that needs a zip64 one",
                at,
            });
        }
        None => (u64::from(counts[1]), u64::from(size), u64::from(offset), at),
    };
    if disks != [0, 0] || (found.is_none() && counts[0] != counts[1]) {
        return Err(PackageError::Unsupported {
            entry: "the end record".into(),
            feature: "several disks",
        });
    }
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let stop = start.saturating_add(length);
    if stop > limit {
        return Err(PackageError::Truncated {
            what: "the central directory",
            at: limit,
        });
    }
    if !begins {
        return Err(PackageError::LeadingData { bytes: leading(source) });
    }
    if stop < limit {
        return Err(PackageError::HiddenData {
            at: stop,
            bytes: limit - stop,
        });
    }
    Ok(End {
        directory: start..stop,
        count,
    })
}

fn leading(source: &[u8]) -> usize {
    source
        .windows(4)
        .position(|window| window == LOCAL)
        .unwrap_or(source.len())
}

/// Finds the one end record that closes the source; a second candidate would be a second archive.
fn locate(source: &[u8]) -> Result<usize, PackageError> {
    let earliest = source.len().saturating_sub(END_BYTES + usize::from(u16::MAX));
    let tail = source.get(earliest..).unwrap_or_default();
    let found: Vec<usize> = memchr::memmem::find_iter(tail, &END).map(|at| earliest + at).collect();
    let mut candidates = found.into_iter().rev();
    let Some(last) = candidates.next() else {
        return Err(PackageError::Truncated {
            what: "the archive",
            at: source.len(),
        });
    };
    let close = |at: usize| {
        let length = source.get(at + 20..at + 22)?;
        Some(at + END_BYTES + usize::from(u16::from_le_bytes([*length.first()?, *length.get(1)?])))
    };
    for earlier in candidates {
        if close(earlier) == Some(source.len()) {
            return Err(PackageError::BadStructure {
                what: "a second end record",
                at: earlier,
            });
        }
    }
    match close(last) {
        Some(end) if end == source.len() => Ok(last),
        Some(end) if end < source.len() => Err(PackageError::TrailingData {
            bytes: source.len() - end,
        }),
        _ => Err(PackageError::Truncated {
            what: "the end record",
            at: source.len(),
        }),
    }
}

struct End64 {
    at: usize,
    /// Records on this disk, records, size, offset.
    values: [u64; 4],
}

fn read_end64(source: &[u8], locator: usize) -> Result<End64, PackageError> {
    let what = "the zip64 end record";
    let mut fields = Fields::new(source, locator, what);
    fields.signature(LOCATOR64)?;
    let disk = fields.u32()?;
    let at = usize::try_from(fields.u64()?).unwrap_or(usize::MAX);
    let disks = fields.u32()?;
    let mut fields = Fields::new(source, at, what);
    fields.signature(END64)?;
    let rest = fields.u64()?;
    fields.take(4)?;
    let own = [fields.u32()?, fields.u32()?];
    let values = [fields.u64()?, fields.u64()?, fields.u64()?, fields.u64()?];
    if disk != 0 || disks > 1 || own != [0, 0] || values[0] != values[1] {
        return Err(PackageError::Unsupported {
            entry: what.into(),
            feature: "several disks",
        });
    }
    if rest != 44 || fields.at != locator {
        return Err(PackageError::BadStructure { what, at });
    }
    Ok(End64 { at, values })
}

pub(super) fn read(source: &[u8], end: &End, limits: &Limits) -> Result<Vec<Record>, PackageError> {
    if end.count > u64::try_from(limits.max_entries).unwrap_or(u64::MAX) {
        return Err(PackageError::TooManyEntries {
            found: end.count,
            limit: limits.max_entries,
        });
    }
    let within = source.get(..end.directory.end).unwrap_or_default();
    let mut at = end.directory.start;
    let mut records = Vec::new();
    while at < end.directory.end {
        let record = read_record(within, at, limits)?;
        at = record.range.end;
        records.push(record);
        if records.len() as u64 > end.count {
            break;
        }
    }
    if records.len() as u64 != end.count {
        let what = "a directory whose records are not as many as its end says";
        return Err(PackageError::BadStructure { what, at });
    }
    Ok(records)
}

fn read_record(source: &[u8], at: usize, limits: &Limits) -> Result<Record, PackageError> {
    let mut fields = Fields::new(source, at, "a record of the central directory");
    fields.signature(RECORD)?;
    fields.take(4)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let crc = fields.u32()?;
    let (stored, size) = (fields.u32()?, fields.u32()?);
    let lengths = [
        usize::from(fields.u16()?),
        usize::from(fields.u16()?),
        usize::from(fields.u16()?),
    ];
    let disk = fields.u16()?;
    fields.take(2)?;
    let (attributes, offset) = (fields.u32()?, fields.u32()?);
    let raw_name = fields.at..fields.at.saturating_add(lengths[0]);
    let bytes = fields.take(lengths[0])?;
    let area = fields.take(lengths[1])?;
    fields.take(lengths[2])?;
    let readable = String::from_utf8_lossy(bytes).into_owned();
    if bytes.len() > limits.max_name_bytes {
        return Err(PackageError::UnsafeName {
            name: String::new(),
            reason: "it is too long",
        });
    }
    if flags & 0x2041 != 0 || method == 99 {
        return Err(PackageError::Encrypted { by: readable });
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(PackageError::UnsafeName {
            name: readable,
            reason: "it is not UTF-8",
        });
    };
    let backslashes = text.contains('\\');
    let canonical = text.replace('\\', "/");
    let directory = canonical.ends_with('/');
    let checked = canonical.strip_suffix('/').unwrap_or(&canonical);
    if let Some(reason) = name::objection(checked) {
        return Err(PackageError::UnsafeName { name: readable, reason });
    }
    refuse_other_name(area, text)?;
    if !matches!(attributes >> 28, 0 | 4 | 8) {
        return Err(PackageError::SymbolicLink(canonical));
    }
    if disk != 0 {
        return Err(PackageError::Unsupported {
            entry: canonical,
            feature: "several disks",
        });
    }
    if flags & 0x20 != 0 || !matches!(method, 0 | 8) {
        return Err(PackageError::Unsupported {
            entry: canonical,
            feature: "a compression other than deflate",
        });
    }
    let [stored, size, offset] = widen(area, [size, stored, offset], &canonical)?;
    let unmarked = flags & 0x800 == 0 && !canonical.is_ascii();
    let range = at..fields.at;
    Ok(Record {
        name: canonical,
        raw_name,
        directory,
        backslashes,
        unmarked,
        flags,
        method,
        crc,
        stored,
        size,
        offset,
        range,
    })
}

/// A Unicode Path field (0x7075) may only repeat the name: a reader that honours it would see another file.
pub(super) fn refuse_other_name(area: &[u8], name: &str) -> Result<(), PackageError> {
    let Some(field) = extra(area, 0x7075, "a Unicode Path field")? else {
        return Ok(());
    };
    match field.get(5..) {
        Some(other) if other == name.as_bytes() => Ok(()),
        other => {
            let other = String::from_utf8_lossy(other.unwrap_or_default()).into_owned();
            Err(PackageError::AmbiguousName(name.to_owned(), other))
        }
    }
}

/// Takes size, stored size and offset (in the order of the zip64 field) to 64 bits; gives stored, size, offset.
pub(super) fn widen(area: &[u8], narrow: [u32; 3], entry: &str) -> Result<[u64; 3], PackageError> {
    let odd = PackageError::HeaderMismatch {
        entry: entry.to_owned(),
        field: "zip64 sizes",
    };
    let mut wide = narrow.map(u64::from);
    let needed = narrow.iter().filter(|value| **value == u32::MAX).count();
    let field = extra(area, 1, "a zip64 field")?;
    match field {
        None if needed > 0 => return Err(odd),
        None => {}
        Some(field) if field.len() != needed * 8 => return Err(odd),
        Some(field) => {
            let mut fields = Fields::new(field, 0, "a zip64 field");
            for value in wide.iter_mut().filter(|value| **value == u64::from(u32::MAX)) {
                *value = fields.u64()?;
            }
        }
    }
    Ok([wide[1], wide[0], wide[2]])
}
