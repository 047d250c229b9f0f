//! What the bytes of a signature cover: `ByteRange` against `Contents` and the ends of revisions.
//!
//! The rules: four integers, the first 0; the gap is exactly the `Contents` token of this very dictionary;
//! the second part ends where a revision ends, and the dictionary is part of that revision.

use std::ops::Range;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::chain::blank;
use crate::document::Document;
use crate::error::PdfError;
use crate::model::Coverage;
use crate::object::{Dictionary, Object};

/// The outcome for one wording of a signature dictionary.
pub(crate) struct Facts {
    pub byte_range: Option<[u64; 4]>,
    pub contents: Vec<u8>,
    pub signed_ranges: Vec<Range<usize>>,
    pub revision: Option<usize>,
    pub covers: Coverage,
    pub anomalies: Vec<Anomaly>,
}

/// Checks the dictionary as it is in `revision`. `in_file`: its ranges are those of the file, not of an object stream.
/// `current_in` tells whether this wording is the one of a revision.
pub(crate) fn check(
    document: &Document<'_>,
    dictionary: &Dictionary,
    revision: usize,
    in_file: bool,
    current_in: impl Fn(usize) -> bool,
) -> Result<Facts, PdfError> {
    let mut facts = Facts {
        byte_range: None,
        contents: Vec::new(),
        signed_ranges: Vec::new(),
        revision: None,
        covers: Coverage::Nothing,
        anomalies: Vec::new(),
    };
    if dictionary.duplicates {
        facts.flag(
            AnomalyKind::SignatureDuplicateKey,
            "the signature dictionary names a key twice",
        );
    }
    let token = facts.read_contents(document, dictionary).filter(|_| in_file);
    let stated = document.value(revision, dictionary, "ByteRange")?;
    let Some(ranges) = facts.read_ranges(document, &stated) else {
        return Ok(facts);
    };
    let [first, second] = ranges.clone();
    facts.signed_ranges = ranges.to_vec();
    facts.check_gap(first.end..second.start, token);
    facts.check_end(document, second.end, current_in);
    Ok(facts)
}

impl Facts {
    fn flag(&mut self, kind: AnomalyKind, detail: impl Into<String>) {
        self.anomalies.push(Anomaly::new(kind, detail));
    }

    /// Decodes `Contents` and gives the range of its token in the file.
    fn read_contents(&mut self, document: &Document<'_>, dictionary: &Dictionary) -> Option<Range<usize>> {
        let entry = dictionary.entry("Contents");
        let Some((entry, text)) = entry.and_then(|entry| match &entry.value {
            Object::String(text) => Some((entry, text)),
            _ => None,
        }) else {
            self.flag(AnomalyKind::ContentsMissing, "Contents is not a string");
            return None;
        };
        self.contents.clone_from(&text.bytes);
        if !text.hex || !text.clean {
            self.flag(
                AnomalyKind::ContentsMalformed,
                "Contents is not a clean hexadecimal string",
            );
        }
        if text.bytes.iter().all(|byte| *byte == 0) {
            self.flag(AnomalyKind::ContentsEmpty, "Contents holds no value");
        }
        let token = document.bytes.get(entry.range.clone())?;
        (token.first() == Some(&b'<') && token.last() == Some(&b'>')).then(|| entry.range.clone())
    }

    fn read_ranges(&mut self, document: &Document<'_>, stated: &Object) -> Option<[Range<usize>; 2]> {
        if matches!(stated, Object::Null) {
            self.flag(AnomalyKind::ByteRangeMissing, "there is no ByteRange");
            return None;
        }
        let numbers: Option<Vec<u64>> = stated.as_array().and_then(|items| {
            items
                .iter()
                .map(|item| u64::try_from(item.as_integer()?).ok())
                .collect()
        });
        let numbers = numbers.and_then(|numbers| <[u64; 4]>::try_from(numbers).ok());
        let Some([start, length, next, rest]) = numbers else {
            self.flag(
                AnomalyKind::ByteRangeMalformed,
                "ByteRange is not four non-negative integers",
            );
            return None;
        };
        self.byte_range = Some([start, length, next, rest]);
        self.covers = Coverage::NotARevisionEnd;
        if start != 0 {
            self.flag(AnomalyKind::ByteRangeMalformed, "ByteRange does not begin at byte 0");
        }
        let size = document.bytes.len();
        let part = |start: u64, length: u64| {
            let start = usize::try_from(start).ok()?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            (end <= size).then_some(start..end)
        };
        let (Some(first), Some(second)) = (part(start, length), part(next, rest)) else {
            self.flag(
                AnomalyKind::ByteRangeOutside,
                format!("ByteRange reaches beyond the end of the file at byte {size}"),
            );
            return None;
        };
        if second.start <= first.end {
            self.flag(
                AnomalyKind::ByteRangeOverlap,
                "the parts of ByteRange leave nothing between them",
            );
            return None;
        }
        Some([first, second])
    }

    fn check_gap(&mut self, gap: Range<usize>, token: Option<Range<usize>>) {
        let Some(token) = token else {
            self.flag(AnomalyKind::GapMismatch, "there is no Contents token to leave out");
            return;
        };
        if gap == token {
            return;
        }
        if gap == (token.start + 1..token.end.saturating_sub(1)) {
            self.flag(
                AnomalyKind::DelimitersSigned,
                "the delimiters of Contents are among the signed bytes",
            );
            return;
        }
        self.flag(
            AnomalyKind::GapMismatch,
            format!(
                "ByteRange leaves out bytes {}..{}, but Contents is at {}..{}",
                gap.start, gap.end, token.start, token.end
            ),
        );
    }

    fn check_end(&mut self, document: &Document<'_>, end: usize, current_in: impl Fn(usize) -> bool) {
        let ends_here = |eof: usize| document.bytes.get(eof..end).is_some_and(blank);
        self.revision = document.layers.iter().rposition(|layer| ends_here(layer.eof));
        let Some(signed) = self.revision else {
            self.flag(
                AnomalyKind::ByteRangeNotRevisionEnd,
                format!("the signed bytes end at byte {end}, where no revision ends"),
            );
            return;
        };
        if !current_in(signed) {
            self.flag(
                AnomalyKind::NotInSignedRevision,
                format!("revision {signed}, which the signed bytes end with, does not have this dictionary"),
            );
        }
        let rest = document.bytes.get(end..).unwrap_or_default();
        self.covers = if signed == document.current() && blank(rest) {
            Coverage::WholeFile
        } else {
            Coverage::Revision(signed)
        };
    }
}
