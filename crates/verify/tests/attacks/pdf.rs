//! PDF: what comes after the signed bytes, what the ByteRange leaves out, and the seal that is bound to the signature.

use cinnabar_keys::Signer;
use cinnabar_keys::soft::SoftKey;
use cinnabar_pki::cms::Dialect;
use cinnabar_pki::pem;
use cinnabar_pki::trust::TrustSet;
use cinnabar_pki::write::{SignatureAlgorithm, SignedContent, SignedDataBuilder};
use cinnabar_sm::sm3;

use crate::support::pdf::{Signing, append, append_with, draft};
use crate::support::*;

fn good() -> Signing<'static> {
    Signing::good(&PKI)
}

const DRAWING: &str = "<< /Length 27 >>\nstream\n1 0 0 rg 72 700 100 50 re f\nendstream";

/// Replaces bytes that must be there by as many others.
fn patched(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = pdf.windows(from.len()).rposition(|w| w == from.as_bytes()).unwrap();
    let mut changed = pdf.to_vec();
    changed[at..at + to.len()].copy_from_slice(to.as_bytes());
    changed
}

fn byte_range(pdf: &[u8]) -> (String, [usize; 4]) {
    let text = String::from_utf8_lossy(pdf);
    let at = text.rfind("/ByteRange").unwrap();
    let from = at + text[at..].find('[').unwrap();
    let stated = text[from..=from + text[from..].find(']').unwrap()].to_owned();
    let numbers: Vec<usize> = stated
        .trim_matches(['[', ']'])
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    (stated, numbers.try_into().unwrap())
}

fn with_range(pdf: &[u8], numbers: [usize; 4]) -> Vec<u8> {
    let (stated, _) = byte_range(pdf);
    let text = format!("[{} {} {} {}", numbers[0], numbers[1], numbers[2], numbers[3]);
    let width = stated.len() - 1;
    patched(pdf, &stated, &format!("{text:<width$}]"))
}

#[test]
fn a_revision_that_changes_the_page_fails() {
    for objects in [
        vec![(4, DRAWING)],
        vec![
            (9, DRAWING),
            (
                3,
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 9 0 R >>",
            ),
        ],
        vec![(2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>")],
        vec![(
            1,
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (1) >> >>",
        )],
        vec![(1, "<< /Type /Catalog /Pages 2 0 R >>")],
    ] {
        let report = verify(&append(&PDF, &objects));
        assert_eq!(report.verdict.as_str(), "FAILED", "{objects:?}: {}", told(&report));
    }
    failed(
        &verify(&append(&PDF, &[(4, DRAWING)])),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
    );
}

#[test]
fn a_revision_that_changes_a_key_of_the_trailer_fails() {
    let report = verify(&append_with(&PDF, &[(20, "<< /Title (Other) >>")], "/Info 20 0 R"));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
}

/// An appended revision whose cross-reference offsets the original object, without a new one: an object in the gap.
#[test]
fn bytes_after_the_end_fail() {
    for tail in ["x", "%%EOF", "4 0 obj\n<< >>\nendobj\n", "\n\n\0\0a"] {
        let report = verify(&[&PDF[..], tail.as_bytes()].concat());
        assert_eq!(report.verdict.as_str(), "FAILED", "{tail:?}: {}", told(&report));
    }
    failed(&verify(&[&PDF[..], b"hidden"].concat()), "TRAILING_DATA");
}

#[test]
fn bytes_before_the_header_do_not_pass() {
    let report = verify(&[b"junk\n", &PDF[..]].concat());
    assert!(!report.verdict.is_passed(), "{}", told(&report));
}

#[test]
fn a_range_that_leaves_more_out_than_the_value_fails() {
    let (_, [a, b, c, d]) = byte_range(&PDF);
    for numbers in [
        [a, b - 10, c, d],
        [a, b, c + 10, d - 10],
        [a + 10, b - 10, c, d],
        [a, b, c, d - 10],
        [a, b, c, 0],
        [0, 0, 0, 0],
        [a, b + 1, c - 1, d + 1],
        [c, d, a, b],
        [a, b, 10, d],
        [a, c + d, c, d],
        [a, b, c, usize::MAX],
    ] {
        let report = verify(&with_range(&PDF, numbers));
        assert_eq!(report.verdict.as_str(), "FAILED", "{numbers:?}: {}", told(&report));
        assert!(
            has(&report, "BYTE_RANGE_INVALID") || has(&report, "HASH_FAILURE"),
            "{}",
            told(&report)
        );
    }
}

/// The signer's own hand signs a range that leaves out what lies behind the value: arithmetic holds, coverage does not.
#[test]
fn a_rightly_signed_range_that_leaves_the_end_out_fails() {
    let (_, [a, b, c, d]) = byte_range(&PDF);
    let shortened = with_range(&PDF, [a, b, c, d - 20]);
    let digest = sm3::digest([&shortened[..b], &shortened[c..c + d - 20]]);
    let value: String = good().value(digest).iter().map(|b| format!("{b:02X}")).collect();
    let mut forged = shortened;
    let room = pdf::contents(&forged);
    forged[room].fill(b'0');
    let start = pdf::contents(&forged).start;
    forged[start..start + value.len()].copy_from_slice(value.as_bytes());
    let report = verify(&forged);
    assert!(
        !has(&report, "HASH_FAILURE") && !has(&report, "SIG_CRYPTO_FAILURE"),
        "{}",
        told(&report)
    );
    failed(&report, "BYTE_RANGE_INVALID");
}

/// Signature wrapping: the signed value moves into an object of the attacker's, the field points there.
#[test]
fn a_field_that_is_led_to_another_value_fails() {
    let text = String::from_utf8_lossy(&PDF);
    let at = text.find("/Type /Sig").or_else(|| text.find("/Type/Sig")).unwrap();
    let number: u32 = text[..at]
        .rfind(" 0 obj")
        .map(|end| text[..end].rsplit('\n').next().unwrap().parse().unwrap())
        .unwrap();
    let body_start = at + text[..at].rfind("<<").map_or(0, |start| start) - at;
    let body_end = text[at..].find("endobj").unwrap() + at;
    let copy = text[body_start..body_end].trim_end().to_owned();
    let report = verify(&append(&PDF, &[(number, &copy.replace("/M (D:2026", "/M (D:2025"))]));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
}

#[test]
fn a_signature_that_was_removed_by_a_revision_fails() {
    let report = verify(&append(
        &PDF,
        &[(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] >> >>")],
    ));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    assert!(
        has(&report, "SIGNATURE_REMOVED") || has(&report, "DOCUMENT_CHANGED_AFTER_SIGNING"),
        "{}",
        told(&report)
    );
}

#[test]
fn a_seal_without_its_attribute_is_not_bound() {
    let unbound = Signing {
        seal_hash: None,
        ..good()
    };
    failed(&verify(&unbound.document()), "SEAL_NOT_BOUND");
}

#[test]
fn an_attribute_without_its_seal_is_not_bound() {
    let missing = Signing { seal: None, ..good() };
    failed(&verify(&missing.document()), "SEAL_NOT_BOUND");
}

#[test]
fn an_attribute_for_another_seal_is_not_bound() {
    let other = Signing {
        seal_hash: Some([7; 32]),
        ..good()
    };
    failed(&verify(&other.document()), "SEAL_NOT_BOUND");
}

#[test]
fn a_seal_that_does_not_list_the_signer_fails() {
    let foreign = Signing {
        signer: &PKI.other_signer,
        ..good()
    };
    failed(&verify(&foreign.document()), "SIGNER_NOT_IN_SEAL");
}

#[test]
fn a_seal_that_cannot_be_read_fails() {
    let junk = vec![0x30, 0x03, 0x02, 0x01, 0x05];
    let hash = sm3::digest([junk.as_slice()]);
    let broken = Signing {
        seal: Some(junk),
        seal_hash: Some(hash),
        ..good()
    };
    failed(&verify(&broken.document()), "SIGNATURE_VALUE_UNREADABLE");
}

#[test]
fn a_value_of_zeros_is_no_value() {
    failed(
        &verify(&good().sign_with(&draft(), |_| vec![0])),
        "SIGNATURE_VALUE_MISSING",
    );
}

#[test]
fn an_unsigned_file_is_unsigned() {
    failed(&verify(&draft()), "UNSIGNED");
}

/// The shape of PAdES B-B with the development RSA keys; the trust set is named, and says that it is for development.
#[test]
fn an_rsa_signature_passes_and_what_it_signs_cannot_change() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../keys-dev");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let key = SoftKey::open(&read("rsa/market.key"), b"cinnabar-development").unwrap();
    let certificate = pem::decode(&read("rsa/market.crt"), "CERTIFICATE").unwrap().remove(0);
    let authority = pem::decode(&read("rsa/org-ca.crt"), "CERTIFICATE").unwrap().remove(0);
    let trust = TrustSet::load(folder.join("trust.toml")).unwrap();
    let mut field = cinnabar_pdf::sign::SignatureField::new("Seal");
    field.time = SIGNED_AT;
    field.sub_filter = "ETSI.CAdES.detached".to_owned();
    field.reserve = 6000;
    let pending = cinnabar_pdf::sign::prepare(&draft(), &field).unwrap();
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    pending.message().iter().for_each(|part| context.update(part));
    let message = SignedDataBuilder {
        dialect: Dialect::Cms,
        algorithm: SignatureAlgorithm::RsaSha256,
        signer: certificate,
        chain: vec![authority],
        content: SignedContent::Detached {
            digest: context.finish().as_ref().try_into().unwrap(),
        },
        signing_time: None,
        attributes: Vec::new(),
    }
    .to_be_signed()
    .unwrap();
    let value = message.assemble(&key.sign(message.message()).unwrap(), &[]).unwrap();
    let signed = pending.finish(&value).unwrap();
    let report = verify_under(&signed, &trust);
    passed(&report);
    assert!(has(&report, "DEVELOPMENT_TRUST"));

    // Nobody signs the certificates inside the value, and one that is spoilt is found in the trust set.
    let contents = pdf::contents(&signed);
    let unsigned = contents.start..contents.start + 2 * value.len() - 800;
    for offset in (0..signed.len())
        .step_by(11)
        .filter(|offset| !unsigned.contains(offset))
    {
        let mut changed = signed.clone();
        changed[offset] ^= 1;
        let report = verify_under(&changed, &trust);
        assert!(!report.verdict.is_passed(), "{offset}: {}", told(&report));
    }
}

/// Shadows: revisions that dress a change of the page up as something that is allowed.
#[test]
fn a_change_dressed_up_as_something_allowed_does_not_pass() {
    let catalog = |more: &str| format!("<< /Type /Catalog /Pages 2 0 R /AcroForm {} {more} >>", form(&PDF));
    let store = catalog("/DSS << /Certs [4 0 R] >>");
    let stamp_field =
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Blank) /Rect [0 0 595 842] /P 3 0 R /AP << /N 31 0 R >> >>";
    let picture = "<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length 24 >>\nstream\n1 1 1 rg 0 0 595 842 re f\nendstream";
    let with_field = catalog("").replacen("[", "[30 0 R ", 1);
    let page =
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R /Annots [30 0 R] >>";
    let cases: [(&str, Vec<(u32, &str)>); 5] = [
        ("the page's drawing as evidence", vec![(1, &store), (4, DRAWING)]),
        (
            "an empty signature field over the page",
            vec![(1, &with_field), (3, page), (30, stamp_field), (31, picture)],
        ),
        (
            "an annotation over the page",
            vec![
                (3, page),
                (
                    30,
                    "<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 31 0 R >> >>",
                ),
                (31, picture),
            ],
        ),
        (
            "metadata",
            vec![
                (1, "<< /Type /Catalog /Pages 2 0 R /Metadata 32 0 R >>"),
                (32, "<< /Type /Metadata /Length 0 >>\nstream\n\nendstream"),
            ],
        ),
        (
            "another box of the page",
            vec![(
                3,
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> /Contents 4 0 R >>",
            )],
        ),
    ];
    for (case, objects) in cases {
        let report = verify(&append(&PDF, &objects));
        assert_eq!(report.verdict.as_str(), "FAILED", "{case}: {}", told(&report));
    }
}

/// The form of the signed file, as its catalogue names it.
fn form(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf);
    let at = text.rfind("/AcroForm").unwrap() + "/AcroForm".len();
    let rest = text[at..].trim_start();
    let end = rest.find(">>").unwrap() + 2;
    match rest.starts_with("<<") {
        true => rest[..end].to_owned(),
        false => rest[..rest.find('R').unwrap() + 1].to_owned(),
    }
}

/// Nobody signed what an unsigned revision carries, even where no page shows it.
#[test]
fn an_unsigned_revision_that_nothing_explains_does_not_pass() {
    for objects in [vec![(40, "<< /Hidden (data) >>")], vec![(40, DRAWING)], vec![]] {
        let report = verify(&append(&PDF, &objects));
        assert!(!report.verdict.is_passed(), "{objects:?}: {}", told(&report));
    }
}

/// A second, trusted signer adds more than a signature: the first one did not vouch for that.
#[test]
fn a_trusted_second_signer_cannot_change_the_document() {
    let second = pdf::Signing {
        signer: &PKI.other_signer,
        field: "Second",
        seal: None,
        seal_hash: None,
        ..good()
    };
    passed(&verify(&second.sign(&PDF)));
    let report = verify(&second.sign(&append(&PDF, &[(4, DRAWING)])));
    failed(&report, "DOCUMENT_CHANGED_AFTER_SIGNING");
    let mut field = cinnabar_pdf::sign::SignatureField::new("Second");
    field.time = SIGNED_AT;
    field.reserve = 3000;
    field.info = vec![("Holder".to_owned(), "Somebody else".to_owned())];
    let pending = cinnabar_pdf::sign::prepare(&PDF, &field).unwrap();
    let value = second.value(sm3::digest(pending.message()));
    failed(
        &verify(&pending.finish(&value).unwrap()),
        "DOCUMENT_CHANGED_AFTER_SIGNING",
    );
}

/// The first signer's revision is whole; the page is another one by the time the second signs.
#[test]
fn a_second_signature_does_not_lend_its_coverage() {
    let unsigned_second = append(&PDF, &[(4, DRAWING)]);
    let report = verify(&unsigned_second);
    assert!(
        report.signatures.iter().all(|s| !s.verdict.is_passed()),
        "{}",
        told(&report)
    );
}
