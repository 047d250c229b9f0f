//! The raw structure of a ZIP archive, read so that only one reading is possible.
//!
//! Every byte of the source must belong to exactly one structure: entries one after another from byte 0, then the
//! central directory, then its end record. What the local headers say must be what the directory says.

mod assemble;
mod directory;
mod fields;
mod inflate;
mod local;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use assemble::{Assembler, Oversize};
pub(crate) use inflate::Inflater;

use crate::{Limits, PackageError, name};

/// An archive whose structure has been checked.
#[derive(Debug)]
pub(crate) struct Archive<'a> {
    source: &'a [u8],
    /// Entries in the order in which they lie in the source, directories included.
    pub(crate) entries: Vec<RawEntry>,
}

/// One entry, as ranges of the source.
#[derive(Debug)]
pub(crate) struct RawEntry {
    /// Name with `/` separators; directories keep their trailing one.
    pub(crate) name: String,
    pub(crate) directory: bool,
    pub(crate) backslashes: bool,
    pub(crate) unmarked: bool,
    /// Local header, data and data descriptor.
    pub(crate) raw: Range<usize>,
    /// Stored data.
    pub(crate) data: Range<usize>,
    /// Central directory record.
    pub(crate) central: Range<usize>,
    deflated: bool,
    crc: u32,
    size: usize,
}

impl<'a> Archive<'a> {
    /// Reads the structure of `source` without inflating anything.
    pub(crate) fn open(source: &'a [u8], limits: &Limits) -> Result<Self, PackageError> {
        if source.len() > limits.max_package_bytes {
            return Err(PackageError::PackageTooLarge {
                found: source.len(),
                limit: limits.max_package_bytes,
            });
        }
        let end = directory::find_end(source)?;
        let records = directory::read(source, &end, limits)?;
        let entries = local::lay_out(source, &records, end.directory.start)?;
        let archive = Self { source, entries };
        archive.refuse_ambiguous_names()?;
        archive.refuse_bombs(limits)?;
        Ok(archive)
    }

    pub(crate) fn bytes(&self, range: &Range<usize>) -> &'a [u8] {
        self.source.get(range.clone()).unwrap_or_default()
    }

    /// Inflates one entry and checks length and CRC.
    pub(crate) fn inflate(&self, entry: &RawEntry, inflater: &mut Inflater) -> Result<Arc<[u8]>, PackageError> {
        let corrupt = |reason| PackageError::CorruptEntry {
            entry: entry.name.clone(),
            reason,
        };
        let stored = self.bytes(&entry.data);
        let content = if entry.deflated {
            inflater.inflate(stored, entry.size).map_err(corrupt)?
        } else {
            Arc::from(stored)
        };
        if content.len() != entry.size {
            return Err(corrupt("its length is not what its header says"));
        }
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        if crc.sum() != entry.crc {
            return Err(corrupt("its CRC is wrong"));
        }
        Ok(content)
    }

    fn refuse_ambiguous_names(&self) -> Result<(), PackageError> {
        let keys: Vec<String> = self.entries.iter().map(|entry| name::key(&entry.name)).collect();
        let mut files: HashMap<&str, &RawEntry> = HashMap::with_capacity(keys.len());
        for (entry, key) in self.entries.iter().zip(&keys).filter(|(entry, _)| !entry.directory) {
            if let Some(other) = files.insert(key, entry) {
                return Err(if other.name == entry.name {
                    PackageError::DuplicateEntry(entry.name.clone())
                } else {
                    PackageError::AmbiguousName(other.name.clone(), entry.name.clone())
                });
            }
        }
        for (entry, key) in self.entries.iter().zip(&keys) {
            let own = if entry.directory { key.len() } else { 0 };
            let parents = key.match_indices('/').map(|(at, _)| at).chain((own > 0).then_some(own));
            for end in parents {
                if let Some(file) = key.get(..end).and_then(|parent| files.get(parent)) {
                    return Err(PackageError::AmbiguousName(file.name.clone(), entry.name.clone()));
                }
            }
        }
        Ok(())
    }

    fn refuse_bombs(&self, limits: &Limits) -> Result<(), PackageError> {
        let mut total = 0usize;
        for entry in &self.entries {
            let limit = limits.max_entry_bytes;
            if entry.size > limit {
                return Err(PackageError::TooLarge {
                    entry: entry.name.clone(),
                    limit,
                });
            }
            total = total.saturating_add(entry.size);
            if total > limits.max_total_bytes {
                return Err(PackageError::TooLarge {
                    entry: entry.name.clone(),
                    limit: limits.max_total_bytes,
                });
            }
            let allowed = entry
                .data
                .len()
                .saturating_mul(limits.max_ratio)
                .max(limits.ratio_floor_bytes);
            if entry.size > allowed {
                return Err(PackageError::RatioExceeded {
                    entry: entry.name.clone(),
                    limit: limits.max_ratio,
                });
            }
        }
        Ok(())
    }
}
