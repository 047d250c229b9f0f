//! The chain of revisions: which cross-reference sections belong together, and where each revision ends.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::error::PdfError;
use crate::limits::Limits;
use crate::object::Dictionary;
use crate::parser::{Parser, is_space};
use crate::xref::{Budget, Section, SectionKind, XrefEntry, find};

/// One revision: what was written between two `%%EOF`s.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Offset of the section that the revision's `startxref` names.
    pub startxref: usize,
    /// Just after `%%EOF`.
    pub eof: usize,
    /// After the end of line that follows `%%EOF`.
    pub end: usize,
    pub kind: SectionKind,
    pub trailer: Arc<Dictionary>,
    pub entries: HashMap<u32, XrefEntry>,
    sections: Vec<SectionPlace>,
    /// What the table says where a stream that it names says otherwise.
    disputed: Vec<(u32, XrefEntry, Option<XrefEntry>)>,
}

/// Where a section stands, and whether only `XRefStm` leads to it: a table may name that of an earlier revision.
#[derive(Debug, Clone, Copy)]
struct SectionPlace {
    offset: usize,
    end: usize,
    hybrid: bool,
}

impl Layer {
    /// Where its cross-reference sections stand.
    pub fn section_ranges(&self) -> impl Iterator<Item = Range<usize>> {
        self.sections.iter().map(|section| section.offset..section.end)
    }

    /// Where the part begins that holds `startxref`.
    pub fn tail(&self) -> usize {
        let own = self.sections.iter().filter(|section| !section.hybrid);
        own.map(|section| section.end).max().unwrap_or(self.eof)
    }
}

/// All revisions, oldest first.
#[derive(Debug)]
pub(crate) struct Chain {
    pub layers: Vec<Layer>,
    pub anomalies: Vec<Anomaly>,
}

#[derive(Debug, Clone, Copy)]
struct Marker {
    /// Where the keyword `startxref` stands.
    at: usize,
    /// The offset it names.
    target: usize,
    eof: usize,
}

/// How many damaged ends of file are passed over in search of a good one.
const MAX_ATTEMPTS: usize = 32;
/// Length of a comment between `startxref` and `%%EOF`.
const MAX_COMMENT: usize = 512;
/// How many ends of revisions a file may show, those inside its streams included.
const MAX_MARKERS: usize = 16_384;

impl Chain {
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, PdfError> {
        let markers = markers(bytes, limits)?;
        let mut first_error = None;
        let mut budget = Budget {
            entries: limits.max_entries,
            inflated: limits.max_inflated_bytes,
        };
        for (attempt, marker) in markers.iter().rev().take(MAX_ATTEMPTS).enumerate() {
            match follow(bytes, *marker, &markers, limits, &mut budget) {
                Ok(mut chain) => {
                    if let Some(PdfError::Xref { offset, detail }) = first_error {
                        chain.anomalies.push(Anomaly::new(
                            AnomalyKind::XrefDamaged,
                            format!("{attempt} later startxref is unusable; the last leads to byte {offset}: {detail}"),
                        ));
                    }
                    chain.find_hidden(bytes, &markers, limits);
                    return Ok(chain);
                }
                Err(error @ PdfError::Xref { .. }) => first_error = first_error.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(first_error.unwrap_or(PdfError::Truncated))
    }

    /// A `startxref` that names a real section outside the chain is a revision some readers may show.
    fn find_hidden(&mut self, bytes: &[u8], markers: &[Marker], limits: &Limits) {
        let known: HashSet<usize> = self
            .layers
            .iter()
            .flat_map(|layer| layer.sections.iter().map(|section| section.offset))
            .collect();
        let last = self.layers.last().map_or(0, |layer| layer.end);
        let strangers = markers
            .iter()
            .filter(|marker| marker.eof <= last && !known.contains(&marker.target));
        for marker in strangers.take(MAX_ATTEMPTS) {
            let mut budget = Budget {
                entries: 10_000,
                inflated: 1 << 20,
            };
            let section = Section::read(bytes, marker.target, limits, &mut budget);
            if marker.target > 0 && section.is_ok_and(|s| !known.contains(&s.offset)) {
                self.anomalies.push(Anomaly::new(
                    AnomalyKind::HiddenRevision,
                    format!("the section at byte {} is in no Prev chain", marker.target),
                ));
            }
        }
    }
}

/// All places where `startxref`, a number and `%%EOF` follow each other.
fn markers(bytes: &[u8], limits: &Limits) -> Result<Vec<Marker>, PdfError> {
    let mut markers = Vec::new();
    let mut from = 0;
    while let Some(at) = find(bytes, b"startxref", from) {
        from = at + 9;
        let mut parser = Parser::new(bytes, from, limits);
        parser.skip_blank();
        let target = parser.unsigned().and_then(|target| usize::try_from(target).ok());
        let Some(target) = target else { continue };
        skip_to_eof_mark(bytes, &mut parser);
        if parser.literal(b"%%EOF") {
            markers.push(Marker {
                at,
                target,
                eof: parser.pos,
            });
        }
        if markers.len() > MAX_MARKERS {
            return Err(PdfError::LimitExceeded("max_sections"));
        }
    }
    Ok(markers)
}

/// Skips white space and comments, but stops before `%%EOF`, a comment itself.
fn skip_to_eof_mark(bytes: &[u8], parser: &mut Parser<'_>) {
    for _ in 0..8 {
        parser.skip_blank();
        let rest = bytes.get(parser.pos..).unwrap_or_default();
        if !rest.starts_with(b"%") || rest.starts_with(b"%%EOF") {
            return;
        }
        let line = rest
            .iter()
            .take(MAX_COMMENT)
            .position(|b| *b == b'\n' || *b == b'\r')
            .unwrap_or(MAX_COMMENT.min(rest.len()));
        parser.pos += line;
    }
}

/// Follows `Prev` from the section that `marker` names down to the first revision.
fn follow(
    bytes: &[u8],
    marker: Marker,
    markers: &[Marker],
    limits: &Limits,
    budget: &mut Budget,
) -> Result<Chain, PdfError> {
    let mut walk = Walk {
        bytes,
        limits,
        budget,
        seen: HashSet::new(),
        hybrids: HashMap::new(),
    };
    let mut anomalies = Vec::new();
    let mut layers: Vec<Layer> = Vec::new();
    let mut next = Some(marker.target);
    while let Some(offset) = next {
        let mut sections = Vec::new();
        let mut prev = walk.read(offset, &mut sections)?;
        // A linearized file has two sections in one revision: the first page's, which names the main one further on.
        if let Some(main) = prev.filter(|prev| *prev > offset) {
            prev = walk.read(main, &mut sections)?;
        }
        let layer = layer(bytes, offset, &sections, markers, &mut anomalies);
        layers.push(layer);
        next = prev;
    }
    layers.reverse();
    check_order(&layers, &mut anomalies);
    check_entries(&mut layers, &mut anomalies);
    Ok(Chain { layers, anomalies })
}

struct Walk<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    budget: &'a mut Budget,
    seen: HashSet<usize>,
    hybrids: HashMap<usize, Arc<Section>>,
}

impl Walk<'_> {
    /// Reads a section and the stream that a hybrid table names; gives its `Prev`.
    fn read(&mut self, offset: usize, sections: &mut Vec<(Arc<Section>, bool)>) -> Result<Option<usize>, PdfError> {
        if !self.seen.insert(offset) {
            return Err(PdfError::Cyclic("Prev chain"));
        }
        if self.seen.len() > self.limits.max_sections {
            return Err(PdfError::LimitExceeded("max_sections"));
        }
        let section = Section::read(self.bytes, offset, self.limits, self.budget)?;
        let prev = section.link("Prev")?;
        let hybrid = section.link("XRefStm")?;
        let is_table = section.kind == SectionKind::Table;
        sections.push((Arc::new(section), false));
        if let Some(hybrid) = hybrid.filter(|_| is_table) {
            let section = match self.hybrids.get(&hybrid) {
                Some(known) => known.clone(),
                None => Arc::new(Section::read(self.bytes, hybrid, self.limits, self.budget)?),
            };
            self.hybrids.insert(hybrid, section.clone());
            sections.push((section, true));
        }
        Ok(prev)
    }
}

fn layer(
    bytes: &[u8],
    startxref: usize,
    sections: &[(Arc<Section>, bool)],
    markers: &[Marker],
    anomalies: &mut Vec<Anomaly>,
) -> Layer {
    let mut entries = sections
        .first()
        .map(|(first, _)| first.entries.clone())
        .unwrap_or_default();
    for (section, _) in sections.iter().skip(1) {
        for (number, entry) in &section.entries {
            let slot = entries.entry(*number).or_insert(*entry);
            // A hybrid table hides an object by calling it free; its stream says where it is.
            if *slot == XrefEntry::Free {
                *slot = *entry;
            }
        }
    }
    for (section, _) in sections {
        if let Some(number) = section.duplicate {
            anomalies.push(Anomaly::new(
                AnomalyKind::DuplicateEntry,
                format!("object {number} in the section at byte {}", section.offset),
            ));
        }
    }
    let own_sections = || {
        sections
            .iter()
            .filter(|(_, hybrid)| !hybrid)
            .map(|(section, _)| section)
    };
    let last = own_sections().map(|section| section.end).max().unwrap_or(0);
    let own = |marker: &&Marker| marker.at >= last && marker.target == startxref;
    let marker = markers.iter().find(own);
    let direct = marker.is_some_and(|marker| bytes.get(last..marker.at).is_some_and(blank_or_comment));
    if !direct {
        anomalies.push(Anomaly::new(
            AnomalyKind::XrefMisplaced,
            format!("the section at byte {startxref} is not followed by its own startxref"),
        ));
    }
    let eof = marker.map_or(last, |marker| marker.eof);
    Layer {
        startxref,
        eof,
        end: after_line(bytes, eof),
        kind: own_sections().next().map_or(SectionKind::Table, |section| section.kind),
        trailer: own_sections()
            .next()
            .map(|section| section.trailer.clone())
            .unwrap_or_default(),
        sections: sections
            .iter()
            .map(|(section, hybrid)| SectionPlace {
                offset: section.offset,
                end: section.end,
                hybrid: *hybrid,
            })
            .collect(),
        disputed: disputed(sections),
        entries,
    }
}

/// Objects that a stream named by `XRefStm` places, and the table of the same revision does not, or elsewhere.
fn disputed(sections: &[(Arc<Section>, bool)]) -> Vec<(u32, XrefEntry, Option<XrefEntry>)> {
    let stated = |number| {
        let mut tables = sections.iter().filter(|(_, hybrid)| !hybrid);
        tables.find_map(|(section, _)| section.entries.get(&number).copied())
    };
    let streams = sections.iter().filter(|(_, hybrid)| *hybrid);
    let placed = streams.flat_map(|(section, _)| section.entries.iter());
    placed
        .map(|(number, entry)| (*number, *entry, stated(*number)))
        .filter(|(_, entry, table)| *table != Some(*entry))
        .collect()
}

/// Whether readers that know `XRefStm` and readers that do not see two documents, in revisions after `signed` or about
/// objects that an earlier revision has.
pub(crate) fn dispute(layers: &[Layer], index: usize, signed: Option<usize>) -> Option<u32> {
    let older = layers.get(..index)?;
    let before = |number: u32| {
        let known = older.iter().rev().find_map(|layer| layer.entries.get(&number));
        known.filter(|entry| **entry != XrefEntry::Free)
    };
    let late = signed.is_some_and(|signed| index > signed);
    let layer = layers.get(index)?;
    let mut own = layer.sections.iter().filter(|section| section.hybrid);
    // Some producers go on naming the stream of an earlier revision; what their tables state comes first.
    let stale = own.all(|own| {
        older
            .iter()
            .flat_map(|layer| &layer.sections)
            .any(|s| s.offset == own.offset)
    });
    let conflicts = layer.disputed.iter().filter(|(number, entry, table)| {
        let known = before(*number);
        let gone = *entry == XrefEntry::Free && known.is_none() && table.is_none_or(|t| t == XrefEntry::Free);
        let repeated = table.is_none() && known == Some(entry);
        let replaced = stale && table.is_some_and(|table| !matches!(table, XrefEntry::Free | XrefEntry::Broken));
        !gone && !repeated && !replaced && (late || known.is_some())
    });
    conflicts.map(|(number, _, _)| *number).min()
}

fn blank_or_comment(bytes: &[u8]) -> bool {
    let mut parser = Parser::new(bytes, 0, &Limits::default());
    parser.skip_space();
    parser.pos == bytes.len()
}

/// The offset after the end of line that may stand at `pos`.
fn after_line(bytes: &[u8], pos: usize) -> usize {
    let rest = bytes.get(pos..).unwrap_or_default();
    let length = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    };
    pos + length
}

fn check_order(layers: &[Layer], anomalies: &mut Vec<Anomaly>) {
    for pair in layers.windows(2) {
        let [older, newer] = pair else { continue };
        let own = newer.sections.iter().filter(|section| !section.hybrid);
        let begins = own.map(|section| section.offset).min().unwrap_or(0);
        if begins < older.eof || newer.eof <= older.eof {
            anomalies.push(Anomaly::new(
                AnomalyKind::RevisionOrder,
                format!(
                    "the revision of the section at byte {} does not follow the one before it",
                    newer.startxref
                ),
            ));
        }
    }
}

/// An entry that leads beyond its own revision would let later bytes speak for it.
fn check_entries(layers: &mut [Layer], anomalies: &mut Vec<Anomaly>) {
    for layer in layers {
        let end = layer.eof;
        let mut broken: Vec<u32> = Vec::new();
        for (number, entry) in &mut layer.entries {
            if matches!(entry, XrefEntry::File { offset, .. } if *offset >= end) {
                *entry = XrefEntry::Broken;
            }
            if *entry == XrefEntry::Broken {
                broken.push(*number);
            }
        }
        if let Some(number) = broken.iter().min() {
            anomalies.push(Anomaly::new(
                AnomalyKind::XrefEntryWrong,
                format!(
                    "{} entries of the section at byte {} lead nowhere, the first is object {number}",
                    broken.len(),
                    layer.startxref
                ),
            ));
        }
    }
}

/// True if there is nothing but white space.
pub(crate) fn blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| is_space(*byte))
}
