//! Every signed file made by other software is read as what it is known to be.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::path::PathBuf;

use cinnabar_pdf::{Change, ChangeKind, Coverage, Kind, Limits, Pdf, read};

fn sample(name: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/pdf");
    let bytes = std::fs::read(folder.join(name)).ok();
    if bytes.is_none() {
        eprintln!("skipped: {name} is not at hand");
    }
    bytes
}

fn open(name: &str) -> Option<Pdf> {
    sample(name).map(|bytes| read(&bytes, &Limits::default()).unwrap())
}

fn disallowed(pdf: &Pdf) -> usize {
    let changes = pdf.signatures.iter().flat_map(|s| &s.changes);
    let vouched = |change: &&Change| change.allowed_by_default() || change.kind == ChangeKind::VisibleSignature;
    changes.filter(|change| !vouched(change)).count()
}

/// Codes of the file, then those of each signature.
fn codes(pdf: &Pdf) -> Vec<&'static str> {
    let own = pdf.anomalies.iter();
    let theirs = pdf.signatures.iter().flat_map(|s| &s.anomalies);
    own.chain(theirs).map(|anomaly| anomaly.code()).collect()
}

#[test]
fn valid_files_have_no_anomaly_and_no_disallowed_change() {
    for (name, signatures, last_covers_all) in [
        ("sm2-cms-stdoids-timestamp-valid.pdf", 1, true),
        ("dss-pdf-signed-original.pdf", 1, true),
        ("docmdp-p1-certified.pdf", 1, true),
        ("two-sigs-incremental.pdf", 2, true),
        ("pades-lta.pdf", 2, false),
        ("pyhanko-minimal-two-fields-signed-twice.pdf", 2, true),
        ("pyhanko-sig-no-signed-attrs.pdf", 1, true),
    ] {
        let Some(pdf) = open(name) else { continue };
        assert_eq!(codes(&pdf), Vec::<&str>::new(), "{name}");
        assert_eq!(pdf.signatures.len(), signatures, "{name}");
        assert_eq!(disallowed(&pdf), 0, "{name}");
        let last = pdf.signatures.last().unwrap();
        let whole = last.covers == Coverage::WholeFile;
        assert_eq!(whole, last_covers_all, "{name}");
        assert!(!pdf.encrypted && pdf.trailing.is_none(), "{name}");
    }
}

#[test]
fn attacks_and_edits_are_named() {
    let table: [(&str, &[&str], bool, usize); 9] = [
        ("dss-pdf-signed-added-page.pdf", &[], false, 7),
        (
            "shadow-hide.pdf",
            &["STREAM_LENGTH", "XREF_ENTRY_WRONG", "STREAM_LENGTH"],
            false,
            2,
        ),
        (
            "dss-pades-spoofing-replaced-reason.pdf",
            &["DICTIONARY_CHANGED"],
            false,
            7,
        ),
        ("rub-isa_A.pdf", &["XREF_DAMAGED", "TRAILING_BYTES"], false, 0),
        ("rub-siwa_A.pdf", &["XREF_MISPLACED", "GAP_MISMATCH"], true, 0),
        (
            "rub-usf_01_Empty_Contents.pdf",
            &["STREAM_LENGTH", "CONTENTS_EMPTY", "BYTE_RANGE_OUTSIDE"],
            true,
            1,
        ),
        ("dss-pdf-byterange-overlap.pdf", &["GAP_MISMATCH"], true, 5),
        ("pyhanko-tail-uncovered.pdf", &["BYTE_RANGE_NOT_REVISION_END"], true, 1),
        ("pdfjs-gap-excludes-delimiters.pdf", &["DELIMITERS_SIGNED"], false, 0),
    ];
    for (name, expected, fatal, changes) in table {
        let Some(pdf) = open(name) else { continue };
        assert_eq!(codes(&pdf), expected, "{name}");
        assert_eq!(pdf.signatures.iter().any(|s| s.fatal()), fatal, "{name}");
        assert_eq!(disallowed(&pdf), changes, "{name}");
        assert!(!expected.is_empty() || changes > 0, "{name}");
    }
}

#[test]
fn files_that_fail_by_their_digest_are_still_read() {
    if let Some(pdf) = open("two-sigs-incremental-EDITED.pdf") {
        assert_eq!(pdf.signatures.len(), 2);
        assert!(!pdf.signatures[0].fatal() && pdf.signatures[1].fatal());
    }
    // Ten bytes are missing within it, so that its last cross-reference section is not where it should be.
    if let Some(pdf) = open("dss-pdf-signed-corrupted.pdf") {
        assert_eq!(codes(&pdf), ["XREF_DAMAGED", "TRAILING_BYTES"]);
    }
}

#[test]
fn facts_are_those_in_the_file() {
    if let Some(pdf) = open("docmdp-p1-certified.pdf") {
        assert_eq!(pdf.signatures[0].doc_mdp, Some(1));
        assert_eq!(pdf.pages, 16);
    }
    if let Some(pdf) = open("pades-lta.pdf") {
        assert_eq!(pdf.signatures[1].kind, Kind::DocTimeStamp);
        assert_eq!(pdf.signatures[0].covers, Coverage::Revision(2));
        assert_eq!(pdf.signatures[0].signed_ranges, [0..2905, 25421..25853]);
        let kinds = pdf.signatures[0].changes.iter().map(|change| change.kind);
        assert!(kinds.clone().any(|kind| kind == ChangeKind::Dss));
        assert!(kinds.clone().any(|kind| kind == ChangeKind::DocTimeStamp));
    }
    if let Some(pdf) = open("sm2-cms-stdoids-timestamp-valid.pdf") {
        let signature = &pdf.signatures[0];
        assert_eq!(signature.field_name, "Signature1");
        assert_eq!(signature.sub_filter, "adbe.pkcs7.detached");
        assert_eq!(signature.claimed_time.as_deref(), Some("D:20211019163047+08'00'"));
        assert_eq!(signature.visible.unwrap().rect, [100.0, 100.0, 220.0, 220.0]);
    }
    if let Some(pdf) = open("dss-pades-spoofing-replaced-reason.pdf") {
        assert_ne!(pdf.signatures[0].reason.as_deref(), Some("EVIL"));
    }
}
