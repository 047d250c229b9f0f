//! PDF revisions that dress a change up as a form, as evidence, as a time stamp, or hide it from some readers.

use cinnabar_pdf::sign::{SignatureField, prepare};
use cinnabar_sm::sm3;
use cinnabar_verify::Integrity;

use crate::support::pdf::{Signing, append, append_with, draft};
use crate::support::*;

const FORGED: &str = "<< /Length 27 >>\nstream\n1 0 0 rg 72 700 100 50 re f\nendstream";

/// The signed catalogue with more keys, and its form.
fn catalog(more: &str) -> String {
    format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {} {more} >>", form())
}

fn form() -> String {
    let text = String::from_utf8_lossy(&PDF);
    let rest = &text[text.rfind("/AcroForm").unwrap() + "/AcroForm".len()..];
    let rest = rest.trim_start();
    assert!(rest.starts_with("<<"));
    rest[..rest.find(">>").unwrap() + 2].to_owned()
}

fn number(pdf: &[u8], key: &str) -> usize {
    let text = String::from_utf8_lossy(pdf);
    let rest = text[text.rfind(key).unwrap() + key.len()..].trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap();
    rest[..end].parse().unwrap()
}

fn offset(pdf: &[u8], needle: &str) -> usize {
    pdf.windows(needle.len()).position(|w| w == needle.as_bytes()).unwrap()
}

/// Signs with a field of the caller's.
fn signed(pdf: &[u8], field: &SignatureField) -> Vec<u8> {
    let pending = prepare(pdf, field).unwrap();
    let plain = Signing {
        seal: None,
        seal_hash: None,
        ..Signing::good(&PKI)
    };
    let value = plain.value(sm3::digest(pending.message()));
    pending.finish(&value).unwrap()
}

fn field(name: &str) -> SignatureField {
    let mut field = SignatureField::new(name);
    field.time = SIGNED_AT;
    field.reserve = 3000;
    field
}

fn told_of(pdf: &[u8], code: &str, detail: &str) {
    let report = verify(pdf);
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    let findings = report
        .findings
        .iter()
        .chain(report.signatures.iter().flat_map(|s| &s.findings));
    let mut named = findings.filter(|f| f.code.as_str() == code);
    assert!(
        named.any(|f| f.detail.as_deref().is_some_and(|d| d.contains(detail))),
        "{code} {detail}: {}",
        told(&report)
    );
}

/// Evidence changes nothing, but no signer answers for the revision that brings it, until one signs it.
#[test]
fn evidence_passes_once_a_signer_vouches_for_its_revision() {
    let stream = "<< /Length 1 >>\nstream\nx\nendstream";
    let revision = append(&PDF, &[(1, &catalog("/DSS << /Certs [50 0 R] >>")), (50, stream)]);
    let report = verify(&revision);
    undetermined(&report, "UNVOUCHED_REVISION");
    assert_eq!(report.integrity, Integrity::Intact);
    passed(&verify(&signed(&revision, &field("Later"))));
}

/// Some readers mend a file by scanning it for whatever reads like an object.
#[test]
fn what_reads_like_an_object_inside_a_stream_or_a_string_fails_whoever_signs_it() {
    let inside = "4 0 obj << /Length 5 >>";
    let stream = format!("<< /Length {} >>\nstream\n{inside}\nendstream", inside.len());
    let in_stream = append(&PDF, &[(1, &catalog("/DSS << /Certs [50 0 R] >>")), (50, &stream)]);
    let string = "/DSS << >> /Extensions << /ADBE << /URL (4 0 obj null endobj) >> >>";
    let in_string = append(&PDF, &[(1, &catalog(string))]);
    for revision in [in_stream, in_string] {
        told_of(&revision, "DOCUMENT_CHANGED_AFTER_SIGNING", "no listed object");
        let again = signed(&revision, &field("Later"));
        told_of(&again, "DOCUMENT_CHANGED_AFTER_SIGNING", "no listed object");
    }
}

#[test]
fn an_entry_of_the_evidence_that_is_something_else_fails() {
    let entry = "/DSS << /VRI << /AB << /Type /Page /Contents 51 0 R >> >> >>";
    let revision = append(
        &PDF,
        &[
            (
                1,
                &catalog(&entry.replace("<< /Type /Page /Contents 51 0 R >>", "50 0 R")),
            ),
            (50, "<< /Type /Page >>"),
        ],
    );
    told_of(&revision, "DOCUMENT_CHANGED_AFTER_SIGNING", "");
}

#[test]
fn blanks_without_end_after_the_last_revision_do_not_pass() {
    let padded = [&PDF[..], &[b'\n'; 30_000]].concat();
    undetermined(&verify(&padded), "UNVOUCHED_REVISION");
    passed(&verify(&[&PDF[..], b"\r\n"].concat()));
}

#[test]
fn the_page_as_the_form_or_as_its_list_fails() {
    let as_stream = form().replace(">>", "/Length 27 >>") + &FORGED[FORGED.find(">>").unwrap() + 2..];
    let moved = |holder: &str| format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {holder} >>");
    told_of(
        &append(&PDF, &[(1, &moved("4 0 R")), (4, &as_stream)]),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
        "object",
    );
    told_of(
        &append(&PDF, &[(1, &moved("3 0 R")), (3, &form())]),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
        "form",
    );
    let fields = form().replace("/Fields [", "/Fields 4 0 R /Old [");
    let list = form();
    let list = &list[list.find('[').unwrap()..=list.find(']').unwrap()];
    told_of(
        &append(
            &PDF,
            &[(1, &moved(&fields.replace(&format!("/Old {list}"), ""))), (4, list)],
        ),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
        "Fields",
    );
    told_of(
        &append(
            &PDF,
            &[
                (1, &catalog("/DSS 4 0 R")),
                (4, "<< /Length 1 /Certs [] >>\nstream\nx\nendstream"),
            ],
        ),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
        "DSS",
    );
}

#[test]
fn metadata_that_were_first_declared_evidence_fail_and_the_signed_ones_are_told() {
    let mut first = field("First");
    first.info = vec![("Holder".to_owned(), "The holder".to_owned())];
    let original = signed(&draft(), &first);
    let info = number(&original, "/Info");
    let keep = format!("/Info {info} 0 R");
    let text = String::from_utf8_lossy(&original);
    let at = text.rfind("/AcroForm").unwrap();
    let end = at + text[at..].find(">>").unwrap() + 2;
    let root = format!(
        "<< /Type /Catalog /Pages 2 0 R {} /DSS << /Certs [{info} 0 R] >> >>",
        &text[at..end]
    );
    let declared = append_with(&original, &[(1, &root)], &keep);
    let info = info as u32;
    let forged = append_with(&declared, &[(info, "<< /Holder (Somebody else) >>")], &keep);
    told_of(&forged, "DOCUMENT_CHANGED_AFTER_SIGNING", "metadata");
    let read = cinnabar_pdf::read(&forged, &cinnabar_pdf::Limits::default()).unwrap();
    assert!(read.metadata.contains(&("Holder".to_owned(), "The holder".to_owned())));
}

/// A table calls an object free that the stream beside it places: some readers lose it, some do not.
#[test]
fn a_hybrid_section_that_hides_an_object_fails() {
    let (size, previous) = (number(&PDF, "/Size"), number(&PDF, "startxref"));
    for listed in [true, false] {
        let mut pdf = PDF.clone();
        let forged = pdf.len();
        if !listed {
            pdf.extend(format!("4 0 obj\n{FORGED}\nendobj\n").bytes());
        }
        let place = if listed { offset(&PDF, "4 0 obj") } else { forged };
        let row = [&[1][..], &(offset(&PDF, "4 0 obj") as u32).to_be_bytes(), &[0, 0]].concat();
        let stream = pdf.len();
        pdf.extend(
            format!(
                "{size} 0 obj\n<< /Type /XRef /Size {} /W [1 4 2] /Index [4 1] /Length 7 /Root 1 0 R >>\nstream\n",
                size + 1
            )
            .bytes(),
        );
        pdf.extend(row);
        pdf.extend(b"\nendstream\nendobj\n");
        let start = pdf.len();
        let entry = if listed {
            "0000000000 65535 f ".to_owned()
        } else {
            format!("{place:010} 00000 f ")
        };
        pdf.extend(
            format!(
                "xref\n4 1\n{entry}\ntrailer\n<< /Root 1 0 R /Prev {previous} /XRefStm {stream} /Size {} >>\nstartxref\n{start}\n%%EOF\n",
                size + 1
            )
            .bytes(),
        );
        told_of(&pdf, "STRUCTURE_AMBIGUOUS", "object 4");
    }
}

#[test]
fn bytes_that_no_section_lists_fail() {
    let hidden = format!("4 0 obj\n{FORGED}\nendobj\n");
    for gap in [hidden.as_str(), "% 4 0 obj\n", "x "] {
        let revision = append(&[&PDF[..], gap.as_bytes()].concat(), &[(1, &catalog("/DSS << >>"))]);
        told_of(&revision, "DOCUMENT_CHANGED_AFTER_SIGNING", "no listed object");
    }
}

#[test]
fn a_size_that_leaves_objects_out_fails() {
    let revision = append(&PDF, &[(1, &catalog("/DSS << /Certs [] >>"))]);
    undetermined(&verify(&revision), "UNVOUCHED_REVISION");
    let at = revision.windows(5).rposition(|w| w == b"/Size").unwrap();
    let text = format!("/Size {}", number(&PDF, "/Size"));
    let mut shrunk = revision.clone();
    shrunk[at..at + text.len()].copy_from_slice(format!("{:w$}", "/Size 3", w = text.len()).as_bytes());
    told_of(&shrunk, "STRUCTURE_AMBIGUOUS", "in the section");
}

#[test]
fn a_time_stamp_that_shows_fails_and_a_signature_that_shows_is_left_to_a_person() {
    let mut later = field("Later");
    later.rect_mm = [10.0, 10.0, 60.0, 30.0];
    undetermined(&verify(&signed(&PDF, &later)), "LATER_VISIBLE_SIGNATURE");
    passed(&verify(&signed(&PDF, &field("Unseen"))));
    later.sub_filter = "ETSI.RFC3161".to_owned();
    told_of(
        &signed(&PDF, &later),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
        "visible document time stamp",
    );
}
