//! Local headers (APPNOTE 4.3.7) and how entries fill the source without gap or overlap.

use super::RawEntry;
use super::directory::{Record, refuse_other_name, widen};
use super::fields::Fields;
use crate::PackageError;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
const HAS_DESCRIPTOR: u16 = 0x8;
/// Language encoding and deflate effort: some rewriters keep the old local flags when they make a new directory.
const HARMLESS: u16 = 0x806;

/// Checks each record against its local header and lines the entries up from byte 0 to the directory.
pub(super) fn lay_out(source: &[u8], records: &[Record], end: usize) -> Result<Vec<RawEntry>, PackageError> {
    let mut order: Vec<&Record> = records.iter().collect();
    order.sort_by_key(|record| record.offset);
    let within = source.get(..end).unwrap_or_default();
    let mut next = 0usize;
    let mut entries = Vec::with_capacity(order.len());
    for (index, record) in order.iter().enumerate() {
        let start = usize::try_from(record.offset).unwrap_or(usize::MAX);
        if start < next {
            return Err(PackageError::Overlap {
                entry: record.name.clone(),
            });
        }
        if start > next {
            return Err(gap(next, start.min(end)));
        }
        let limit = order
            .get(index + 1)
            .map_or(end, |r| usize::try_from(r.offset).unwrap_or(usize::MAX).min(end));
        let entry = read_entry(source, within, record, start, limit)?;
        next = entry.raw.end;
        entries.push(entry);
    }
    if next != end {
        return Err(gap(next, end));
    }
    Ok(entries)
}

fn gap(from: usize, to: usize) -> PackageError {
    let bytes = to.saturating_sub(from);
    if from == 0 {
        PackageError::LeadingData { bytes }
    } else {
        PackageError::HiddenData { at: from, bytes }
    }
}

fn read_entry(
    source: &[u8],
    within: &[u8],
    record: &Record,
    start: usize,
    limit: usize,
) -> Result<RawEntry, PackageError> {
    let mismatch = |field| PackageError::HeaderMismatch {
        entry: record.name.clone(),
        field,
    };
    let mut fields = Fields::new(within, start, "a local header");
    fields.signature(LOCAL)?;
    fields.take(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let crc = fields.u32()?;
    let (stored, size) = (fields.u32()?, fields.u32()?);
    let (name_length, extra_length) = (usize::from(fields.u16()?), usize::from(fields.u16()?));
    let name = fields.take(name_length)?;
    let area = fields.take(extra_length)?;
    if Some(name) != source.get(record.raw_name.clone()) {
        return Err(mismatch("name"));
    }
    refuse_other_name(area, std::str::from_utf8(name).unwrap_or_default())?;
    if (flags ^ record.flags) & !HARMLESS != 0 {
        return Err(mismatch("flags"));
    }
    if method != record.method {
        return Err(mismatch("method"));
    }
    let described = flags & HAS_DESCRIPTOR != 0;
    let [stored, size, _] = widen(area, [size, stored, 0], &record.name)?;
    let deferred = described && crc == 0 && stored == 0 && size == 0;
    if !deferred {
        for (local, central, field) in [
            (u64::from(crc), u64::from(record.crc), "CRC"),
            (stored, record.stored, "stored size"),
            (size, record.size, "size"),
        ] {
            if local != central {
                return Err(mismatch(field));
            }
        }
    }
    let length = usize::try_from(record.stored).unwrap_or(usize::MAX);
    let data = fields.at..fields.at.saturating_add(length);
    if data.end > within.len() {
        return Err(PackageError::Truncated {
            what: "the data of an entry",
            at: within.len(),
        });
    }
    if data.end > limit {
        return Err(PackageError::Overlap {
            entry: record.name.clone(),
        });
    }
    let raw_end = if described {
        read_descriptor(within, record, data.end, limit)?
    } else {
        data.end
    };
    let deflated = method == 8;
    if !deflated && record.stored != record.size {
        return Err(mismatch("stored size"));
    }
    if record.directory && (record.size != 0 || length > 2) {
        return Err(PackageError::UnsafeName {
            name: record.name.clone(),
            reason: "it is a directory with content",
        });
    }
    let size = usize::try_from(record.size).unwrap_or(usize::MAX);
    Ok(RawEntry {
        name: record.name.clone(),
        directory: record.directory,
        backslashes: record.backslashes,
        unmarked: record.unmarked,
        raw: start..raw_end,
        data,
        central: record.range.clone(),
        deflated,
        crc: record.crc,
        size,
    })
}

/// The room up to the next structure says which of the four forms of a data descriptor this must be.
fn read_descriptor(source: &[u8], record: &Record, at: usize, limit: usize) -> Result<usize, PackageError> {
    let mismatch = || PackageError::HeaderMismatch {
        entry: record.name.clone(),
        field: "data descriptor",
    };
    let room = limit.saturating_sub(at);
    let mut fields = Fields::new(source, at, "a data descriptor");
    if matches!(room, 16 | 24) {
        fields.signature(DESCRIPTOR).map_err(|_| mismatch())?;
    }
    let crc = fields.u32()?;
    let (stored, size) = match room {
        12 | 16 => (u64::from(fields.u32()?), u64::from(fields.u32()?)),
        20 | 24 => (fields.u64()?, fields.u64()?),
        0..12 => return Err(mismatch()),
        _ => return Err(PackageError::HiddenData { at, bytes: room }),
    };
    if (crc, stored, size) != (record.crc, record.stored, record.size) {
        return Err(mismatch());
    }
    Ok(fields.at)
}
