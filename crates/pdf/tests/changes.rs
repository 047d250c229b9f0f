//! What a later revision does to a signed file is named for what it is, and prepared attacks are not vouched for.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::fmt::Write as _;

use cinnabar_pdf::sign::{SignatureField, prepare};
use cinnabar_pdf::{Change, ChangeKind, Coverage, Limits, Pdf, read};

fn open(bytes: &[u8]) -> Pdf {
    read(bytes, &Limits::default()).unwrap()
}

/// Appends objects as a revision, as any editor would.
fn append(pdf: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut out = pdf.to_vec();
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        writeln!(table, "{number} 1\n{:010} 00000 n ", out.len()).unwrap();
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    append_section(pdf, out, &table, trailer)
}

fn append_section(pdf: &[u8], mut out: Vec<u8>, table: &str, trailer: &str) -> Vec<u8> {
    let prev = open(pdf).revisions.last().unwrap().startxref;
    let start = out.len();
    let root = if trailer.contains("/Root") { "" } else { "/Root 1 0 R" };
    out.extend_from_slice(
        format!("{table}trailer\n<< /Size 99 {root} /Prev {prev} {trailer} >>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    out
}

const CATALOG: &str = "<< /Type /Catalog /Pages 2 0 R /Lang (zh) >>";
const TREE: &str = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 40 0 R >> >> /Annots [6 0 R] >>";
const TEXT: &str = "<< /Length 5 >>\nstream\n0 0 m\nendstream";
const INFO: &str = "<< /Title (Licence) /Producer (A) >>";
const NOTE: &str = "<< /Type /Annot /Subtype /Text /Rect [1 1 20 20] /AP << /N 7 0 R >> >>";
const LOOK: &str = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 5 >>\nstream\n0 0 m\nendstream";
const FORM: &str = "<< /Fields [9 0 R 10 0 R] /DA (/Helv 0 Tf) >>";
const EMPTY: &str = "<< /FT /Sig /T (Empty) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>";
const ENTRY: &str = "<< /FT /Tx /T (Name) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /P 3 0 R >>";

/// A page that refers to object 40, which does not exist; a note, a text field and an empty signature field.
fn document() -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
    let catalog = CATALOG.replace(">>", "/AcroForm 8 0 R >>");
    for (number, body) in [
        (1, catalog.as_str()),
        (2, TREE),
        (3, PAGE),
        (4, TEXT),
        (5, INFO),
        (6, NOTE),
        (7, LOOK),
        (8, FORM),
        (9, EMPTY),
        (10, ENTRY),
    ] {
        writeln!(table, "{number} 1\n{:010} 00000 n ", out.len()).unwrap();
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let start = out.len();
    out.extend_from_slice(
        format!("{table}trailer\n<< /Size 11 /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    out
}

fn sign(pdf: &[u8], name: &str) -> Vec<u8> {
    let mut field = SignatureField::new(name);
    field.reserve = 300;
    prepare(pdf, &field).unwrap().finish(&[0x30, 9]).unwrap()
}

fn signed() -> Vec<u8> {
    sign(&document(), "Issuer")
}

/// Changes after the first signature.
fn after(bytes: &[u8]) -> Vec<Change> {
    let pdf = open(bytes);
    let first = &pdf.signatures[0];
    assert_eq!(first.field_name, "Issuer");
    assert_eq!((first.covers, first.fatal()), (Coverage::Revision(1), false));
    first.changes.clone()
}

fn kinds(bytes: &[u8]) -> Vec<ChangeKind> {
    after(bytes).iter().map(|change| change.kind).collect()
}

fn refused(bytes: &[u8]) -> bool {
    after(bytes).iter().any(|change| !change.allowed_by_default())
}

/// Adds a signature by hand, so that a test can put something wrong beside it.
fn hand_signed(pdf: &[u8], mut objects: Vec<(u32, String)>) -> Vec<u8> {
    let room = "0".repeat(40);
    objects.push((
        60,
        format!(
            "<< /Type /Sig /Filter /F /SubFilter /S /ByteRange [0 AAAAAAAA BBBBBBBB CCCCCCCC] /Contents <30{room}> >>"
        ),
    ));
    let list: Vec<(u32, &str)> = objects.iter().map(|(n, body)| (*n, body.as_str())).collect();
    let mut out = append(pdf, &list, "/Info 5 0 R");
    let find = |needle: &[u8]| out.windows(needle.len()).rposition(|w| w == needle).unwrap();
    let gap = find(b"/Contents <30") + 10;
    let end = gap + 44;
    let places = [(b"AAAAAAAA", gap), (b"BBBBBBBB", end), (b"CCCCCCCC", out.len() - end)];
    let places = places.map(|(mark, value)| (find(mark), value));
    for (at, value) in places {
        out[at..at + 8].copy_from_slice(format!("{value:8}").as_bytes());
    }
    out
}

#[test]
fn an_unchanged_rewrite_is_no_change() {
    assert_eq!(kinds(&append(&signed(), &[(4, TEXT), (6, NOTE)], "/Info 5 0 R")), []);
}

#[test]
fn edits_are_named_for_what_they_are() {
    let signed = signed();
    let other = TEXT.replace("0 m", "0 l");
    let note = NOTE.replace("20 20", "30 30");
    let entry = ENTRY.replace("/Rect", "/V (x) /Rect");
    for (number, body, kind) in [
        (4, other.as_str(), ChangeKind::Content),
        (6, &note, ChangeKind::Annotation),
        (10, &entry, ChangeKind::FormFill),
        (5, "<< /Title (Other) >>", ChangeKind::Metadata),
        (1, CATALOG, ChangeKind::FormFill),
        (40, LOOK, ChangeKind::Content),
        (70, LOOK, ChangeKind::Unreferenced),
    ] {
        let bytes = append(&signed, &[(number, body)], "/Info 5 0 R");
        assert_eq!(kinds(&bytes), [kind], "object {number}: {:?}", after(&bytes));
        assert_eq!(after(&bytes)[0].object.0, number);
    }
}

#[test]
fn a_change_that_is_taken_back_is_still_reported() {
    let edited = append(&signed(), &[(4, &TEXT.replace("0 m", "0 l"))], "/Info 5 0 R");
    let restored = append(&edited, &[(4, TEXT)], "/Info 5 0 R");
    assert_eq!(kinds(&restored), [ChangeKind::Content, ChangeKind::Content]);
}

#[test]
fn a_new_root_or_a_freed_object_is_a_change() {
    let signed = signed();
    let moved = append(&signed, &[(70, CATALOG)], "/Info 5 0 R /Root 70 0 R");
    assert!(refused_or_removed(&moved));
    let freed = append_section(
        &signed,
        signed.clone(),
        "xref\n6 1\n0000000000 00001 f \n",
        "/Info 5 0 R",
    );
    assert_eq!(kinds(&freed), [ChangeKind::Annotation]);
}

fn refused_or_removed(bytes: &[u8]) -> bool {
    let pdf = open(bytes);
    let removed = pdf.signatures[0]
        .anomalies
        .iter()
        .any(|a| a.code() == "SIGNATURE_REMOVED");
    removed && pdf.signatures[0].changes.iter().any(|c| c.kind == ChangeKind::Content)
}

#[test]
fn an_entry_that_leads_elsewhere_is_a_change() {
    let signed = signed();
    let at = signed.windows(8).position(|w| w == b"\n5 0 obj").unwrap() + 1;
    let table = format!("xref\n4 1\n{at:010} 00000 n \n");
    let bytes = append_section(&signed, signed.clone(), &table, "/Info 5 0 R");
    assert_eq!(kinds(&bytes), [ChangeKind::Content]);
    let codes: Vec<_> = open(&bytes).anomalies.iter().map(|a| a.code()).collect();
    assert_eq!(codes, ["XREF_ENTRY_WRONG"]);
}

#[test]
fn a_signed_entry_cannot_reach_into_later_revisions() {
    let original = document();
    let late = original.len() + 6000;
    let table = format!("xref\n40 1\n{late:010} 00000 n \n");
    let open_ended = append_section(&original, original.clone(), &table, "/Info 5 0 R");
    let pdf = open(&open_ended);
    assert_eq!(pdf.anomalies[0].code(), "XREF_ENTRY_WRONG");
}

#[test]
fn a_signature_beside_other_changes_vouches_for_itself_only() {
    let signed = signed();
    let twice = sign(&signed, "Second");
    assert!(
        after(&twice).iter().all(|c| c.kind == ChangeKind::Signature),
        "{:?}",
        after(&twice)
    );
    let widget = |extra: &str| {
        (
            61,
            format!(
                "<< /FT /Sig /T (S2) /Type /Annot /Subtype /Widget /Rect [0 0 50 50] /P 3 0 R /V 60 0 R {extra} >>"
            ),
        )
    };
    let form = (
        8,
        FORM.replace("10 0 R", "10 0 R 11 0 R 61 0 R")
            .replace("/DA", "/SigFlags 3 /DA"),
    );
    // The number of the field that `sign` made.
    let form = (form.0, form.1.replace("11 0 R", "12 0 R"));
    let page = (3, PAGE.replace("6 0 R]", "6 0 R 12 0 R 61 0 R]"));
    let base = || vec![form.clone(), page.clone()];
    let check = |extra: Vec<(u32, String)>| {
        let mut objects = base();
        objects.extend(extra);
        hand_signed(&signed, objects)
    };
    let look = (62, LOOK.to_owned());
    let good = check(vec![widget("/AP << /N 62 0 R >>"), look.clone()]);
    let kinds_of_good = kinds(&good);
    assert_eq!(kinds_of_good[0], ChangeKind::VisibleSignature, "{:?}", after(&good));
    assert!(
        kinds_of_good[1..].iter().all(|kind| *kind == ChangeKind::Signature),
        "{:?}",
        after(&good)
    );
    // An action, a changed text, an added note, a prepared reference, another's appearance: none is vouched for.
    let with_action = check(vec![widget("/A << /S /JavaScript /JS (1) >>")]);
    let with_text = check(vec![widget(""), (4, TEXT.replace("0 m", "0 l"))]);
    let with_look = check(vec![widget("/AP << /N 7 0 R >>"), (7, LOOK.replace("m\n", "l\n"))]);
    let prepared = check(vec![widget("/AP << /N 40 0 R >>"), (40, LOOK.to_owned())]);
    let kid = check(vec![
        (61, "<< /FT /Sig /T (S2) /V 60 0 R /Kids [6 0 R] >>".to_owned()),
        (6, NOTE.replace("7 0 R", "62 0 R")),
        look,
    ]);
    let store = check(vec![
        widget(""),
        (
            1,
            CATALOG.replace(">>", "/AcroForm 8 0 R /DSS << /Certs [40 0 R] >> >>"),
        ),
        (40, "<< /Length 1 >>\nstream\nx\nendstream".to_owned()),
    ]);
    let dropped = {
        let mut objects = base();
        objects[0].1 = objects[0].1.replace("10 0 R", "");
        objects.push(widget(""));
        hand_signed(&signed, objects)
    };
    let title = check(vec![widget(""), (5, "<< /Title (Other) /Producer (A) >>".to_owned())]);
    for (name, bytes) in [
        ("action", with_action),
        ("text", with_text),
        ("look", with_look),
        ("prepared", prepared),
        ("kid", kid),
        ("store", store),
        ("dropped", dropped),
        ("title", title),
    ] {
        let vouched = |c: &Change| c.allowed_by_default() || c.kind == ChangeKind::VisibleSignature;
        assert!(!after(&bytes).iter().all(vouched), "{name}: {:?}", after(&bytes));
    }
    let producer = check(vec![widget(""), (5, INFO.replace("(A)", "(B) /ModDate (D:2026)"))]);
    let seen = after(&producer);
    let vouched = |c: &Change| c.allowed_by_default() || c.kind == ChangeKind::VisibleSignature;
    assert!(seen.iter().all(vouched), "{seen:?}");
}

#[test]
fn an_empty_field_that_is_added_is_not_a_signature() {
    let form = FORM
        .replace("10 0 R", "10 0 R 12 0 R 61 0 R")
        .replace("/DA", "/SigFlags 3 /DA");
    let bytes = append(
        &signed(),
        &[(8, &form), (61, &EMPTY.replace("Empty", "E2"))],
        "/Info 5 0 R",
    );
    assert!(refused(&bytes));
}

#[test]
fn a_store_alone_is_allowed() {
    let catalog = CATALOG.replace(">>", "/AcroForm 8 0 R /DSS 70 0 R >>");
    let stream = "<< /Length 1 >>\nstream\nx\nendstream";
    let bytes = append(
        &signed(),
        &[(1, &catalog), (70, "<< /Certs [71 0 R] >>"), (71, stream)],
        "/Info 5 0 R",
    );
    assert!(
        kinds(&bytes).iter().all(|kind| *kind == ChangeKind::Dss),
        "{:?}",
        after(&bytes)
    );
    let grown = append(
        &bytes,
        &[(70, "<< /Certs [71 0 R 72 0 R] >>"), (72, stream)],
        "/Info 5 0 R",
    );
    assert!(!refused(&grown), "{:?}", after(&grown));
}

#[test]
fn a_removed_signature_is_reported_with_its_change() {
    let bytes = append(&signed(), &[(8, FORM)], "/Info 5 0 R");
    let pdf = open(&bytes);
    let codes: Vec<_> = pdf.signatures[0].anomalies.iter().map(|a| a.code()).collect();
    assert_eq!(codes, ["SIGNATURE_REMOVED"]);
    assert!(refused(&bytes));
}

#[test]
fn a_revision_outside_the_chain_is_reported() {
    let original = document();
    let signed = sign(&original, "Issuer");
    // An update that claims to follow the original and passes over the signed revision.
    let prev = open(&original).revisions[0].startxref;
    let mut bytes = signed.clone();
    let start = bytes.len();
    bytes.extend_from_slice(
        format!("xref\n0 0\ntrailer\n<< /Size 99 /Root 1 0 R /Info 5 0 R /Prev {prev} >>\nstartxref\n{start}\n%%EOF\n")
            .as_bytes(),
    );
    let pdf = open(&bytes);
    assert!(pdf.signatures.is_empty());
    assert!(pdf.anomalies.iter().any(|a| a.code() == "HIDDEN_REVISION"));
}

#[test]
fn bytes_after_the_end_are_trailing() {
    let mut bytes = signed();
    bytes.extend_from_slice(b"\n\n \n");
    let pdf = open(&bytes);
    assert_eq!(
        (pdf.trailing.clone(), pdf.signatures[0].covers),
        (None, Coverage::WholeFile)
    );
    bytes.extend_from_slice(b"7 0 obj");
    let pdf = open(&bytes);
    assert_eq!(pdf.trailing.unwrap().end, bytes.len());
    assert_eq!(pdf.signatures[0].covers, Coverage::Revision(1));
}

#[test]
fn altered_byte_ranges_are_fatal() {
    let bytes = signed();
    let at = bytes.windows(10).rposition(|w| w == b"/ByteRange").unwrap();
    let stated = open(&bytes).signatures[0].byte_range.unwrap();
    let [_, first, second, rest] = stated;
    for (ranges, code) in [
        ([1, first - 1, second, rest], "BYTE_RANGE_MALFORMED"),
        ([0, first, first, rest], "BYTE_RANGE_OVERLAP"),
        ([0, first, second, rest + 1], "BYTE_RANGE_OUTSIDE"),
        ([0, first, second, u64::MAX / 2], "BYTE_RANGE_OUTSIDE"),
        ([0, first, second + 2, rest - 2], "GAP_MISMATCH"),
        ([0, first - 2, second, rest], "GAP_MISMATCH"),
        ([0, first, second, rest - 3], "BYTE_RANGE_NOT_REVISION_END"),
    ] {
        let [a, b, c, d] = ranges;
        let mut altered = bytes.clone();
        let text = format!("/ByteRange [{a} {b} {c} {d}]");
        if text.len() > 47 {
            continue;
        }
        altered[at..at + 47].copy_from_slice(format!("{text:47}").as_bytes());
        let pdf = open(&altered);
        let codes: Vec<_> = pdf.signatures[0].anomalies.iter().map(|a| a.code()).collect();
        assert!(codes.contains(&code), "{text}: {codes:?}");
        assert!(pdf.signatures[0].fatal());
    }
}
