//! No input makes the reader panic, and no change of a byte goes unnoticed where it counts.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod support;

use cinnabar_ofd::{Limits, Package, read};
use support::{Entry, Zip, files, pack, samples};

fn tight() -> Limits {
    Limits {
        max_entry_bytes: 1 << 20,
        max_total_bytes: 4 << 20,
        ..Limits::default()
    }
}

/// A small generator: the same mutations in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below.max(1) as u64) as usize
    }
}

fn try_read(bytes: &[u8]) -> bool {
    let limits = tight();
    let Ok(package) = Package::open(bytes, &limits) else {
        return false;
    };
    read::read(&package, &limits).is_ok()
}

fn corpus() -> Vec<Vec<u8>> {
    let mut corpus = vec![pack(&files())];
    let deflated = files()
        .iter()
        .map(|(name, text)| Entry::deflated(name, text.as_bytes()))
        .collect();
    corpus.push(Zip::new(deflated).bytes());
    if let Some(folder) = samples() {
        for file in ["tax-v4-baiwang-test-invoice.ofd", "ofdrw-raw-sm2-digital-sign.ofd"] {
            corpus.push(std::fs::read(folder.join(file)).unwrap());
        }
    }
    corpus
}

#[test]
fn every_truncation_is_refused() {
    for bytes in corpus() {
        let step = (bytes.len() / 700).max(1);
        for end in (0..bytes.len()).step_by(step) {
            assert!(!try_read(&bytes[..end]), "cut at {end}");
        }
    }
}

#[test]
fn mutated_archives_never_panic() {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for bytes in corpus() {
        for _ in 0..1500 {
            let mut mutated = bytes.clone();
            for _ in 0..=noise.next(4) {
                let at = noise.next(mutated.len());
                match noise.next(4) {
                    0 => mutated[at] = noise.next(256) as u8,
                    1 => mutated[at] ^= 1 << noise.next(8),
                    2 => mutated[at] = 0xff,
                    _ => {
                        mutated.remove(at);
                    }
                }
            }
            try_read(&mutated);
        }
    }
}

/// The CRC catches flipped bits before XML is parsed; here the XML itself is spoilt.
#[test]
fn mutated_xml_never_panics() {
    let mut noise = Noise(0x1234_5678_9abc_def1);
    let pieces = [
        "<", ">", "\"", "/", "..", "\\", "&#0;", "&#x20;", "<!--", "]]>", "<a>", "ofd:", "-", "1e999", "\u{feff}",
    ];
    let original = files();
    for _ in 0..4000 {
        let mut files = original.clone();
        for _ in 0..=noise.next(3) {
            let (_, text) = &mut files[noise.next(15)];
            let mut at = noise.next(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match noise.next(3) {
                0 => text.insert_str(at, pieces[noise.next(pieces.len())]),
                1 => text.truncate(at),
                _ => {
                    let end = (at + noise.next(20)).min(text.len());
                    if text.is_char_boundary(end) {
                        text.replace_range(at..end, pieces[noise.next(pieces.len())]);
                    }
                }
            }
        }
        try_read(&pack(&files));
    }
}

#[test]
fn one_changed_byte_of_a_stored_file_is_noticed() {
    let bytes = pack(&files());
    let start = bytes.windows(7).position(|w| w == b"<ofd:Pa").unwrap();
    for at in start..start + 40 {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(Package::open(&changed, &tight()).unwrap_err().code(), "CORRUPT_ENTRY");
    }
}
