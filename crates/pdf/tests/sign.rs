//! Signing: the original bytes stay a prefix, other programs accept the structure, and our reader sees what was meant.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::process::Command;

use cinnabar_pdf::sign::{Appearance, SignError, SignatureField, prepare, write_metadata};
use cinnabar_pdf::{ChangeKind, Coverage, Limits, Pdf, PdfError, example, read};

fn open(bytes: &[u8]) -> Pdf {
    read(bytes, &Limits::default()).unwrap()
}

/// The example with a cross-reference stream and its page tree in an object stream.
fn example_with_streams() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let tree = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.2755906 841.8897638] >>";
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    let header = format!("1 0 2 {} 3 {} ", catalog.len(), catalog.len() + tree.len());
    let data = format!("{header}{catalog}{tree}{page}");
    let container = bytes.len();
    bytes.extend_from_slice(
        format!(
            "4 0 obj\n<< /Type /ObjStm /N 3 /First {} /Length {} >>\nstream\n{data}\nendstream\nendobj\n",
            header.len(),
            data.len()
        )
        .as_bytes(),
    );
    let start = bytes.len();
    let mut table = vec![0, 0, 0, 255];
    for index in 0..3 {
        table.extend_from_slice(&[2, 0, 4, index]);
    }
    for offset in [container, start] {
        table.push(1);
        table.extend_from_slice(&(offset as u16).to_be_bytes());
        table.push(0);
    }
    bytes.extend_from_slice(
        format!(
            "5 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length {} >>\nstream\n",
            table.len()
        )
        .as_bytes(),
    );
    bytes.extend_from_slice(&table);
    bytes.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    bytes
}

fn visible(name: &str) -> SignatureField {
    let mut field = SignatureField::new(name);
    field.rect_mm = [150.0, 240.0, 42.0, 42.0];
    field.appearance = Some(Appearance {
        content: "0.8 0 0 rg 1 1 40 40 re f".to_owned(),
        width_mm: 42.0,
        height_mm: 42.0,
    });
    field.sub_filter = "ETSI.CAdES.detached".to_owned();
    field.reason = Some("核发证照 (issue)".to_owned());
    field.signer_name = Some("Market Supervision".to_owned());
    field.location = Some("back\\slash".to_owned());
    field.time = 1_780_272_245;
    field.seal = Some(vec![0x30, 0x03, 0x02, 0x01, 0x05]);
    field
}

/// Runs a program on a file; `None` if it is not installed.
fn ask(program: &str, arguments: &[&str], bytes: &[u8], name: &str) -> Option<(bool, String)> {
    let path = std::env::temp_dir().join(format!("cinnabar-pdf-{}-{name}.pdf", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new(program).args(arguments).arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let Ok(output) = output else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

#[test]
fn a_signed_file_is_read_back_as_it_was_meant() {
    for source in [example(), example_with_streams()] {
        let prepared = prepare(&source, &visible("Issuer")).unwrap();
        let [first, second] = prepared.message();
        assert_eq!(first.len() + second.len() + 2 + 2 * (16 << 10), prepared.bytes.len());
        let ranges = prepared.ranges.clone();
        let signed = prepared.finish(&[0x30, 0x01, 0xAB]).unwrap();
        assert!(signed.starts_with(&source));
        let pdf = open(&signed);
        assert_eq!((pdf.revisions.len(), pdf.pages, pdf.anomalies.len()), (2, 1, 0));
        let signature = &pdf.signatures[0];
        assert_eq!(signature.anomalies, []);
        assert_eq!(signature.signed_ranges, ranges);
        assert_eq!(signature.covers, Coverage::WholeFile);
        assert_eq!(signature.contents.len(), 16 << 10);
        assert!(signature.contents.starts_with(&[0x30, 0x01, 0xAB, 0]));
        assert_eq!(signature.field_name, "Issuer");
        assert_eq!(signature.sub_filter, "ETSI.CAdES.detached");
        assert_eq!(signature.reason.as_deref(), Some("核发证照 (issue)"));
        assert_eq!(signature.location.as_deref(), Some("back\\slash"));
        assert_eq!(signature.claimed_time.as_deref(), Some("D:20260601000405Z"));
        assert_eq!(signature.seal.as_deref(), Some(&[0x30, 3, 2, 1, 5][..]));
        let [left, bottom, right, top] = signature.visible.unwrap().rect;
        assert!((right - left - 42.0 * 72.0 / 25.4).abs() < 0.001);
        assert!((top - bottom - 42.0 * 72.0 / 25.4).abs() < 0.001);
        assert!((left - 425.1969).abs() < 0.001 && top < 842.0 - 680.0);
    }
}

#[test]
fn qpdf_finds_no_fault_in_a_signed_file() {
    for (name, source) in [("table", example()), ("stream", example_with_streams())] {
        let signed = prepare(&source, &visible("A")).unwrap().finish(&[1]).unwrap();
        let twice = prepare(&signed, &visible("B")).unwrap().finish(&[2]).unwrap();
        for bytes in [&source, &signed, &twice] {
            let Some((good, text)) = ask("qpdf", &["--check"], bytes, name) else {
                return;
            };
            assert!(good && !text.contains("WARNING"), "{name}: {text}");
        }
    }
}

#[test]
fn pdfsig_lists_the_signature_with_our_ranges() {
    for (name, source) in [("sig-table", example()), ("sig-stream", example_with_streams())] {
        let prepared = prepare(&source, &visible("Issuer")).unwrap();
        let ranges = prepared.ranges.clone();
        let signed = prepared.finish(&[0x30, 0x82, 0, 1, 5]).unwrap();
        let Some((_, text)) = ask("pdfsig", &[], &signed, name) else {
            return;
        };
        assert!(text.contains("Signature Field Name: Issuer"), "{text}");
        assert!(text.contains("Total document signed"), "{text}");
        let stated = format!("[0 - {}], [{} - {}]", ranges[0].end, ranges[1].start, ranges[1].end);
        assert!(text.contains(&stated), "{text}");
    }
}

#[test]
fn a_second_signature_leaves_the_first_one_in_force() {
    for source in [example(), example_with_streams()] {
        let signed = prepare(&source, &visible("A")).unwrap().finish(&[1]).unwrap();
        let twice = prepare(&signed, &visible("B")).unwrap().finish(&[2]).unwrap();
        let pdf = open(&twice);
        assert_eq!(pdf.anomalies, []);
        let [first, second] = &pdf.signatures[..] else {
            panic!("{}", pdf.signatures.len())
        };
        assert_eq!(first.covers, Coverage::Revision(1));
        assert_eq!(second.covers, Coverage::WholeFile);
        assert!(first.anomalies.is_empty() && second.anomalies.is_empty());
        assert!(!first.changes.is_empty());
        for change in &first.changes {
            assert!(
                matches!(change.kind, ChangeKind::Signature | ChangeKind::VisibleSignature),
                "{change:?}"
            );
        }
    }
}

#[test]
fn an_invisible_signature_shows_nowhere() {
    let signed = prepare(&example(), &SignatureField::new("A")).unwrap();
    let pdf = open(&signed.finish(&[1]).unwrap());
    assert_eq!(pdf.signatures[0].visible, None);
}

#[test]
fn private_metadata_is_written_and_read_back() {
    let keys = vec![("证照标识".to_owned(), "1.2.156.3005.2".to_owned())];
    let plain = write_metadata(&example(), &keys).unwrap();
    assert_eq!(open(&plain).metadata, keys);
    let mut field = visible("A");
    field.info = vec![("Holder".to_owned(), "李四".to_owned())];
    let signed = prepare(&plain, &field).unwrap().finish(&[1]).unwrap();
    let pdf = open(&signed);
    assert_eq!(pdf.metadata.len(), 2);
    assert_eq!(pdf.metadata[1], ("Holder".to_owned(), "李四".to_owned()));
    let later = write_metadata(&signed, &[("Holder".to_owned(), "王五".to_owned())]).unwrap();
    let pdf = open(&later);
    let kinds: Vec<ChangeKind> = pdf.signatures[0].changes.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [ChangeKind::Metadata]);
    let mut sneaky = visible("B");
    sneaky.info = vec![("Holder".to_owned(), "王五".to_owned())];
    let resigned = prepare(&signed, &sneaky).unwrap().finish(&[1]).unwrap();
    let changes = &open(&resigned).signatures[0].changes;
    assert!(changes.iter().any(|c| c.kind == ChangeKind::Metadata));
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let refuse = |change: fn(&mut SignatureField)| {
        let mut field = visible("A");
        change(&mut field);
        prepare(&example(), &field).unwrap_err()
    };
    assert_eq!(refuse(|f| f.page = 3), SignError::NoSuchPage { page: 3, pages: 1 });
    assert_eq!(refuse(|f| f.rect_mm[2] = -1.0), SignError::Rectangle);
    assert_eq!(refuse(|f| f.rect_mm[0] = f64::NAN), SignError::Rectangle);
    assert_eq!(refuse(|f| f.rect_mm[0] = 170.0), SignError::OutsidePage(0));
    assert_eq!(refuse(|f| f.rect_mm[1] = -1.0), SignError::OutsidePage(0));
    assert_eq!(refuse(|f| f.name.clear()), SignError::FieldName);
    assert_eq!(refuse(|f| f.reserve = 0), SignError::Reserve(0));
    assert_eq!(refuse(|f| f.time = i64::MAX), SignError::Time(i64::MAX));
    let title = || ("Title".to_owned(), String::new());
    let error = write_metadata(&example(), &[title()]).unwrap_err();
    assert_eq!(error, SignError::StandardKey("Title".to_owned()));
    let signed = prepare(&example(), &visible("A")).unwrap().finish(&[1]).unwrap();
    assert_eq!(prepare(&signed, &visible("A")).unwrap_err(), SignError::DuplicateField);
    let mut trailing = signed;
    trailing.extend_from_slice(b"more");
    assert_eq!(
        prepare(&trailing, &visible("B")).unwrap_err(),
        SignError::Irregular("TRAILING_BYTES")
    );
    let mut field = SignatureField::new("A");
    field.reserve = 4;
    let error = prepare(&example(), &field).unwrap().finish(&[0; 5]).unwrap_err();
    assert_eq!(error, SignError::TooLarge { size: 5, reserved: 4 });
}

#[test]
fn an_encrypted_file_is_reported_and_not_signed() {
    let text = String::from_utf8_lossy(&example()).replace("/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R");
    let start = text.find("xref\n0 4").unwrap();
    let mut bytes = example();
    bytes.truncate(bytes.windows(8).position(|w| w == b"xref\n0 4").unwrap());
    bytes.extend_from_slice(&text.as_bytes()[start..]);
    let pdf = open(&bytes);
    assert!(pdf.encrypted && pdf.signatures.is_empty());
    assert_eq!(
        prepare(&bytes, &visible("A")).unwrap_err(),
        SignError::Pdf(PdfError::Encrypted)
    );
}

/// PDF/A-2 allows a string of 32 767 bytes at most; the seal is read back whole however it is cut.
#[test]
fn a_seal_longer_than_a_string_may_be_is_written_as_an_array() {
    let mut seal = vec![0x30, 0x83, 0x01, 0x11, 0x70];
    seal.resize(70_005, 7);
    let mut field = visible("Seal");
    field.seal = Some(seal.clone());
    let signed = prepare(&example(), &field).unwrap().finish(&[0x30, 0]).unwrap();
    let pdf = open(&signed);
    let signature = &pdf.signatures[0];
    assert_eq!(signature.seal.as_deref(), Some(&seal[..]));
    assert!(signature.anomalies.is_empty(), "{:?}", signature.anomalies);
    let longest = signed.split(|b| matches!(b, b'<' | b'>')).map(<[u8]>::len).max();
    assert!(longest <= Some(2 * 32_767), "{longest:?}");
}
