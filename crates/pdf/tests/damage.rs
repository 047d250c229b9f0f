//! Reading is total: cut and altered files give an answer or an error, never a panic, in bounded time.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::path::PathBuf;

use cinnabar_pdf::sign::{SignatureField, prepare};
use cinnabar_pdf::{Limits, PdfError, read};

fn signed() -> Vec<u8> {
    let once = prepare(&cinnabar_pdf::example(), &SignatureField::new("A"));
    let once = once.unwrap().finish(&[1; 100]).unwrap();
    let mut field = SignatureField::new("B");
    field.reserve = 200;
    prepare(&once, &field).unwrap().finish(&[2; 100]).unwrap()
}

/// Small samples, as mutations are many.
fn corpus() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/pdf");
    let mut corpus = vec![signed()];
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            let files = paths.iter().filter(|p| p.extension().is_some_and(|e| e == "pdf"));
            corpus.extend(files.map(|path| std::fs::read(path).unwrap()));
        }
        Err(_) => eprintln!("skipped: no samples at hand"),
    }
    corpus.retain(|bytes| bytes.len() < 100_000);
    corpus
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

#[test]
fn truncation_anywhere_is_never_taken_for_the_whole() {
    let bytes = signed();
    let whole = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(whole.signatures.len(), 2);
    let first = whole.revisions[0].eof;
    for length in 0..bytes.len() - 2 {
        match read(&bytes[..length], &Limits::default()) {
            Ok(pdf) => {
                assert!(length >= first, "{length}");
                assert!(pdf.signatures.len() < 2, "{length}");
                let ends = whole.revisions.iter().any(|r| (r.eof..=r.end).contains(&length));
                assert_eq!(pdf.trailing.is_none(), ends, "{length}");
            }
            Err(error) if length < 8 => assert!(matches!(error, PdfError::NotPdf | PdfError::Truncated)),
            Err(error) => assert_eq!(error, PdfError::Truncated, "{length}"),
        }
    }
}

#[test]
fn samples_cut_at_many_places_do_not_panic() {
    for bytes in corpus() {
        let step = (bytes.len() / 150).max(1);
        for length in (0..bytes.len()).step_by(step) {
            let _ = read(&bytes[..length], &Limits::default());
        }
    }
}

#[test]
fn altered_samples_do_not_panic() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let tokens: [&[u8]; 12] = [
        b"<<",
        b">>",
        b"[",
        b"]",
        b"(",
        b"%%EOF",
        b"endstream",
        b"obj",
        b" 0 R",
        b"-1",
        b"99999999999",
        b"xref",
    ];
    for bytes in corpus() {
        for _ in 0..120 {
            let mut altered = bytes.clone();
            for _ in 0..=random.below(6) {
                let at = random.below(altered.len());
                match random.below(4) {
                    0 => altered[at] = random.below(256) as u8,
                    1 => altered[at] ^= 1 << random.below(8),
                    2 => {
                        let end = (at + random.below(40)).min(altered.len());
                        altered.drain(at..end);
                    }
                    _ => {
                        let token = tokens[random.below(tokens.len())];
                        altered.splice(at..at, token.iter().copied());
                    }
                }
                if altered.is_empty() {
                    break;
                }
            }
            let _ = read(&altered, &Limits::default());
        }
    }
}

#[test]
fn altered_structure_does_not_panic() {
    // Alters only the last part of a file, where the structure is dense.
    let mut random = Random(77);
    for bytes in corpus() {
        let tail = bytes.len().saturating_sub(1200);
        for _ in 0..200 {
            let mut altered = bytes.clone();
            for _ in 0..3 {
                let at = tail + random.below(altered.len() - tail);
                altered[at] = b"0123456789 /<>[]R\n"[random.below(18)];
            }
            let _ = read(&altered, &Limits::default());
        }
    }
}

#[test]
fn what_is_no_pdf_is_refused() {
    for bytes in [&b""[..], b"PK\x03\x04", b"%PDF", &[0; 5000]] {
        assert_eq!(read(bytes, &Limits::default()), Err(PdfError::NotPdf));
    }
    assert_eq!(read(b"%PDF-1.7\n", &Limits::default()), Err(PdfError::Truncated));
}

#[test]
fn a_prev_chain_that_returns_is_cyclic() {
    let bytes = cinnabar_pdf::example();
    let text = String::from_utf8_lossy(&bytes[bytes.len() - 60..]).into_owned();
    let start: usize = text
        .split("startxref\n")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let cut = bytes.len() - 60 + text.find("trailer").map_or(0, |at| at);
    let mut cyclic = bytes[..cut].to_vec();
    cyclic.extend_from_slice(
        format!("trailer\n<< /Size 4 /Root 1 0 R /Prev {start} >>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    assert_eq!(read(&cyclic, &Limits::default()), Err(PdfError::Cyclic("Prev chain")));
}

#[test]
fn limits_are_kept() {
    let bytes = signed();
    let narrow = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        read(&bytes, &limits)
    };
    for (result, name) in [
        (narrow(|l| l.max_file_bytes = 10), "max_file_bytes"),
        (narrow(|l| l.max_sections = 2), "max_sections"),
        (narrow(|l| l.max_entries = 5), "max_entries"),
        (narrow(|l| l.max_depth = 1), "max_depth"),
        (narrow(|l| l.max_items = 3), "max_items"),
        (narrow(|l| l.max_parsed_bytes = 100), "max_parsed_bytes"),
        (narrow(|l| l.max_pages = 0), "max_pages"),
        (narrow(|l| l.max_fields = 1), "max_fields"),
        (narrow(|l| l.max_signatures = 1), "max_signatures"),
    ] {
        assert_eq!(result, Err(PdfError::LimitExceeded(name)));
    }
}
