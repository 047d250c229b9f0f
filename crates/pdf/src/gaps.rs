//! What a revision after a signed one may consist of: the objects that it lists, its sections, white space.

use std::ops::Range;

use crate::anomaly::AnomalyKind;
use crate::chain::{blank, dispute};
use crate::document::Document;
use crate::error::PdfError;
use crate::object::Object;
use crate::parser::{Parser, is_space};
use crate::xref::XrefEntry;

/// Length of a comment near `startxref`; some producers leave their name there.
const MAX_COMMENT: usize = 128;

/// Notes hybrid sections and sizes that make readers differ. `signed` is the first signed revision.
pub(crate) fn check(document: &Document<'_>, signed: Option<usize>) {
    let layers = &document.layers;
    let size = |index: usize| {
        let layer = layers.get(index)?;
        layer.trailer.find("Size").and_then(Object::as_integer)
    };
    for (index, layer) in layers.iter().enumerate() {
        if let Some(number) = dispute(layers, index, signed) {
            document.note(
                AnomalyKind::HybridConflict,
                format!("object {number} in the sections at byte {}", layer.startxref),
            );
        }
        if signed.is_none_or(|signed| index <= signed) {
            continue;
        }
        let used = layer.entries.iter().filter(|(_, entry)| **entry != XrefEntry::Free);
        let highest = used.map(|(number, _)| i64::from(*number)).max();
        let before = (0..index).filter_map(size).max().unwrap_or(0);
        // A revision that lists nothing and is not the last hides nothing by its size.
        let matters = highest.is_some() || index == document.current();
        let right = |size: i64| size > highest.unwrap_or(0) && size >= before;
        if matters && !size(index).is_some_and(right) {
            document.note(
                AnomalyKind::SizeWrong,
                format!("in the section at byte {}", layer.startxref),
            );
        }
    }
}

/// The first bytes of a revision that belong to no object and no section that it lists.
pub(crate) fn unlisted(document: &Document<'_>, revision: usize) -> Result<Option<Range<usize>>, PdfError> {
    let layers = &document.layers;
    let older = revision.checked_sub(1).and_then(|index| layers.get(index));
    let (Some(layer), Some(from)) = (layers.get(revision), older.map(|older| older.end)) else {
        return Ok(None);
    };
    let mut parts: Vec<Range<usize>> = layer.section_ranges().collect();
    for (number, entry) in &layer.entries {
        if let XrefEntry::File { offset, .. } = entry
            && (from..layer.eof).contains(offset)
        {
            parts.push(*offset..extent(document, revision, *number, *offset, layer.eof)?);
        }
    }
    parts.retain(|part| part.start >= from && part.start < part.end);
    parts.sort_by_key(|part| (part.start, part.end));
    parts.dedup();
    if let Some(hidden) = hidden_object(document.bytes, from..layer.eof, &parts) {
        return Ok(Some(hidden));
    }
    let tail = layer.tail();
    parts.push(tail..layer.eof);
    let mut at = from;
    for part in parts {
        let gap = document.bytes.get(at..part.start);
        if !gap.is_some_and(blank) {
            return Ok(Some(at.min(part.start)..part.start.max(at)));
        }
        at = part.end;
    }
    let end = document.bytes.get(tail..layer.eof).unwrap_or_default();
    Ok((!is_ending(end)).then_some(tail..layer.eof))
}

/// The first thing in a revision that reads like the beginning of an object and is none of those listed, be it inside a
/// stream, a string or a comment: a reader that mends files by scanning them would take it for one. `listed` is sorted.
fn hidden_object(bytes: &[u8], revision: Range<usize>, listed: &[Range<usize>]) -> Option<Range<usize>> {
    let part = bytes.get(revision.clone())?;
    memchr::memmem::find_iter(part, b"obj")
        .filter_map(|at| object_start(part.get(..at)?))
        .map(|at| revision.start + at)
        .find(|start| {
            // If only white space lies between an object listed and this, it does behind the last one before this too.
            let before = listed.partition_point(|part| part.start <= *start);
            let last = before.checked_sub(1).and_then(|index| listed.get(index));
            !last.is_some_and(|part| bytes.get(part.start..*start).is_some_and(blank))
        })
        .map(|start| start..start + 3)
}

/// Where the two numbers before an `obj` begin, if there are two; the second may touch the word.
fn object_start(before: &[u8]) -> Option<usize> {
    let (generation, _) = number_start(before)?;
    let (number, blanks) = number_start(before.get(..generation)?)?;
    (blanks > 0).then_some(number)
}

/// Where a number begins that stands at the end of `before`, and how much white space follows it.
fn number_start(before: &[u8]) -> Option<(usize, usize)> {
    let blanks = before.iter().rev().take_while(|byte| is_space(**byte)).count();
    let end = before.len() - blanks;
    let digits = before
        .get(..end)?
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (digits > 0).then_some((end - digits, blanks))
}

/// Where an object ends, `endobj` included; its own beginning if it is not one.
fn extent(
    document: &Document<'_>,
    revision: usize,
    number: u32,
    offset: usize,
    bound: usize,
) -> Result<usize, PdfError> {
    let bytes = document.bytes.get(..bound).unwrap_or(document.bytes);
    let mut parser = Parser::new(bytes, offset, document.limits);
    let Ok((id, object)) = parser.indirect() else {
        return Ok(offset);
    };
    document.spend(parser.pos.saturating_sub(offset))?;
    if let Object::Stream(stream) = &object {
        let Some(range) = document.stream_range(revision, stream)? else {
            return Ok(offset);
        };
        parser.pos = range.end;
        parser.skip_blank();
        if !parser.keyword("endstream") {
            return Ok(offset);
        }
    }
    parser.skip_blank();
    Ok(if id.0 == number && parser.keyword("endobj") {
        parser.pos
    } else {
        offset
    })
}

/// `startxref`, its number, `%%EOF` and short comments.
fn is_ending(bytes: &[u8]) -> bool {
    bytes.split(|byte| matches!(byte, b'\n' | b'\r')).all(|line| {
        let line = line.trim_ascii();
        if line.starts_with(b"%") {
            return line.len() <= MAX_COMMENT && memchr::memmem::find(line, b"obj").is_none();
        }
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.all(|word| word == b"startxref" || word == b"%%EOF" || word.iter().all(u8::is_ascii_digit))
    })
}
