//! One byte changed anywhere, and the file cut short anywhere: never PASSED.

use std::ops::Range;
use std::sync::Mutex;

use cinnabar_verify::{Engine, policy};

use crate::support::zip::{content, unzip, zip};
use crate::support::*;

/// Changes the byte at each offset and gives the offsets, with the mask, after which the document still passed.
fn survivors(document: &[u8], offsets: &[usize], masks: &[u8]) -> Vec<(usize, u8)> {
    let engine = Engine::new();
    let found = Mutex::new(Vec::new());
    let (engine, through) = (&engine, &found);
    let half = offsets.len().div_ceil(2).max(1);
    std::thread::scope(|scope| {
        for part in offsets.chunks(half) {
            scope.spawn(move || {
                for &offset in part {
                    for mask in masks {
                        let mut changed = document.to_vec();
                        changed[offset] ^= mask;
                        let report = verify_as(&changed, Some(&TRUST), &policy::DOCUMENT, AT, engine);
                        if report.verdict.is_passed() {
                            through.lock().unwrap().push((offset, *mask));
                        }
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_unstable();
    found
}

fn describe(document: &[u8], found: &[(usize, u8)]) -> String {
    let lines = found.iter().map(|(offset, mask)| {
        let around = &document[offset.saturating_sub(24)..(offset + 24).min(document.len())];
        format!(
            "{offset} ^ {mask:#x}: …{}…",
            String::from_utf8_lossy(around).escape_debug()
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn position(document: &[u8], needle: &[u8]) -> usize {
    document.windows(needle.len()).position(|w| w == needle).unwrap()
}

/// Bytes of an archive that say nothing about the document: when an entry was packed, by which version of which
/// program on which system, and its attributes there. No OFD reader shows them, and an attribute that would make a
/// link of a file is refused. Everything else in the headers must hold.
fn meaningless_in_archive(archive: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for at in 0..archive.len() - 4 {
        match &archive[at..at + 4] {
            b"PK\x03\x04" => ranges.extend([at + 4..at + 6, at + 10..at + 14]),
            b"PK\x01\x02" => ranges.extend([at + 4..at + 8, at + 12..at + 16, at + 36..at + 42]),
            _ => {}
        }
    }
    ranges
}

#[test]
fn every_changed_byte_of_an_ofd_is_seen_save_those_that_say_nothing() {
    let document = zip(&unzip(&OFD));
    let offsets: Vec<usize> = (0..document.len()).collect();
    let allowed = meaningless_in_archive(&document);
    let mut found = survivors(&document, &offsets, &[1, 0x20]);
    found.retain(|(offset, _)| !allowed.iter().any(|range| range.contains(offset)));
    assert!(found.is_empty(), "{}", describe(&document, &found));
}

/// Some bits of a deflate stream may change and give the very same files: the unused ones of its last byte, or those of
/// another code for the same content. Headers have no such excuse.
#[test]
fn every_changed_byte_of_a_compressed_ofd_is_seen_unless_it_gives_the_same_files() {
    let offsets: Vec<usize> = (0..OFD.len()).step_by(3).collect();
    let allowed = meaningless_in_archive(&OFD);
    let mut found = survivors(&OFD, &offsets, &[1, 0x80]);
    found.retain(|(offset, mask)| {
        let mut changed = OFD.clone();
        changed[*offset] ^= mask;
        let same_files = in_deflate_stream(&OFD, *offset) && unzip(&changed) == unzip(&OFD);
        !allowed.iter().any(|range| range.contains(offset)) && !same_files
    });
    assert!(found.is_empty(), "{}", describe(&OFD, &found));
}

fn in_deflate_stream(archive: &[u8], offset: usize) -> bool {
    let header = archive[..=offset]
        .windows(4)
        .rposition(|w| w == b"PK\x03\x04")
        .unwrap_or(0);
    let number = |at: usize, bytes: usize| -> usize {
        (0..bytes)
            .map(|i| usize::from(archive[header + at + i]) << (8 * i))
            .sum()
    };
    let start = header + 30 + number(26, 2) + number(28, 2);
    number(8, 2) == 8 && (start..start + number(18, 4)).contains(&offset)
}

/// The checksum of the archive protects nothing from an attacker: here it is made right again after each change.
#[test]
fn every_changed_byte_inside_an_entry_is_seen_without_the_help_of_checksums() {
    let good = unzip(&OFD);
    for (name, _) in &good {
        let document = zip(&good);
        let length = good.iter().find(|(n, _)| n == name).unwrap().1.len();
        let step = if name.contains("/Signs/") { 5 } else { 11 };
        let mut through = Vec::new();
        for offset in (0..length).step_by(step) {
            let mut entries = good.clone();
            content(&mut entries, name)[offset] ^= 1;
            let changed = zip(&entries);
            assert_ne!(changed, document);
            if verify(&changed).verdict.is_passed() {
                through.push(offset);
            }
        }
        if name.ends_with("Signatures.xml") {
            // No signature covers the list, so that another can follow; the report says so. What its bytes decide
            // (which signatures there are) is proven in `ofd`.
            continue;
        }
        assert!(through.is_empty(), "{name}: {through:?}");
    }
}

/// Parts of a SignedData that nobody signs and nothing rests on: the version numbers, the list of digest algorithms
/// (the one that counts stands in the SignerInfo), and the string types of the name that points to a certificate.
fn meaningless_in_value(value: &[u8]) -> Vec<Range<usize>> {
    let outer = position(value, &[0x02, 0x01, 0x01, 0x31]);
    let name = PKI.org_ca.name.as_der();
    let info = value.windows(name.len()).rposition(|w| w == name).unwrap();
    let strings = [position(name, b"CN") - 2, position(name, b"Organisation") - 2];
    let mut ranges = vec![
        outer + 2..outer + 3,
        outer + 5..outer + 5 + usize::from(value[outer + 4]),
        info - 3..info - 2,
    ];
    ranges.extend(strings.map(|at| info + at..info + at + 1));
    ranges
}

/// Bytes of `/Contents` as the digits that write them may change case, too.
#[test]
fn every_changed_byte_of_a_pdf_is_seen_save_those_that_say_nothing() {
    let contents = pdf::contents(&PDF);
    let value = pdf::value(&PDF);
    let end = contents.start + 2 * value.len();
    let offsets: Vec<usize> = (0..PDF.len())
        .filter(|o| !(end + 8..contents.end - 8).contains(o))
        .collect();
    let allowed = meaningless_in_value(&value);
    let mut found = survivors(&PDF, &offsets, &[1, 0x20]);
    found.retain(|(offset, mask)| {
        let Some(digit) = offset.checked_sub(contents.start).filter(|_| *offset < end) else {
            return true;
        };
        let case = *mask == 0x20 && PDF[*offset].is_ascii_alphabetic();
        !case && !allowed.iter().any(|range| range.contains(&(digit / 2)))
    });
    assert!(found.is_empty(), "{}", describe(&PDF, &found));
}

/// White space between the digits of a string is allowed and says nothing (ISO 32000-1, 7.3.4.3); digits are data.
#[test]
fn data_hidden_in_the_padding_of_a_pdf_value_is_seen() {
    let contents = pdf::contents(&PDF);
    let offsets: Vec<usize> = (contents.end - 400..contents.end).step_by(7).collect();
    let found = survivors(&PDF, &offsets, &[1, 0x20]);
    assert!(found.is_empty(), "{}", describe(&PDF, &found));
}

#[test]
fn an_ofd_cut_short_anywhere_is_no_ofd() {
    for length in (0..OFD.len()).step_by(13).chain(OFD.len() - 30..OFD.len()) {
        failed(&verify(&OFD[..length]), "FORMAT_FAILURE");
    }
}

/// Save where it ends with its first revision: there it is whole, and unsigned. In its last line the structure is whole
/// again, and only the signed range is not.
#[test]
fn a_pdf_cut_short_anywhere_is_no_pdf() {
    let unsigned = pdf::draft().len();
    for length in (0..PDF.len()).step_by(13).chain(PDF.len() - 30..PDF.len()) {
        let report = verify(&PDF[..length]);
        match length {
            _ if length + 1 == unsigned || length == unsigned => failed(&report, "UNSIGNED"),
            _ if length + 8 > PDF.len() && report.reason != "FORMAT_FAILURE" => failed(&report, "BYTE_RANGE_INVALID"),
            _ => failed(&report, "FORMAT_FAILURE"),
        }
    }
}
