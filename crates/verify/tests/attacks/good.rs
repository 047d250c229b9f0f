//! What passes, under which words, and what the report promises to programs.

use cinnabar_verify::{Engine, policy};
use serde_json::Value;

use crate::support::ofd::Signing as OfdSigning;
use crate::support::pdf::{self, Signing as PdfSigning};
use crate::support::*;

#[test]
fn a_good_ofd_passes_under_its_trust_set() {
    let report = verify(&OFD);
    passed(&report);
    assert!(has(&report, "TIME_CLAIMED"), "{}", told(&report));
}

#[test]
fn a_good_sealed_pdf_passes_under_its_trust_set() {
    let report = verify(&PDF);
    passed(&report);
    assert!(!has(&report, "NO_SEAL_STRUCTURE"), "{}", told(&report));
    assert_eq!(report.signatures[0].seal.as_ref().unwrap().name, "Bureau seal");
}

#[test]
fn without_a_trust_set_nothing_passes() {
    for document in [&OFD, &PDF] {
        let report = verify_as(document, None, &policy::DOCUMENT, AT, &Engine::new());
        undetermined(&report, "NO_TRUST_SET");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(
            (&json["integrity"], &json["trust"]),
            (&"INTACT".into(), &"UNKNOWN".into())
        );
    }
}

#[test]
fn both_signatures_in_continue_mode_pass() {
    let seal = seal::Order::default().make(&PKI.maker, &[&PKI.other_signer]);
    let other = OfdSigning {
        signer: &PKI.other_signer,
        seal: &seal,
        ..OfdSigning::good(&PKI).at(SIGNED_AT + DAY)
    };
    let report = verify(&other.sign(&OFD));
    passed(&report);
    assert_eq!(report.signatures.len(), 2);
    assert!(report.signatures.iter().all(|s| s.verdict.is_passed()));
    assert!(has(&report, "SIGNATURE_LIST_UNPROTECTED"));

    let other = PdfSigning {
        signer: &PKI.other_signer,
        field: "Second",
        seal: None,
        seal_hash: None,
        time: SIGNED_AT + DAY,
    };
    let report = verify(&other.sign(&PDF));
    passed(&report);
    assert_eq!(report.signatures.len(), 2);
    assert!(report.signatures.iter().all(|s| s.verdict.is_passed()));
    assert!(has(&report, "PERMITTED_UPDATE_AFTER_SIGNING"));
}

#[test]
fn a_document_passes_only_if_each_of_its_signatures_does() {
    let stranger = pki::Pki::new();
    let seal = seal::Order::default().make(&PKI.maker, &[&stranger.signer]);
    let other = OfdSigning {
        signer: &stranger.signer,
        seal: &seal,
        ..OfdSigning::good(&PKI)
    };
    let report = verify(&other.sign(&OFD));
    undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    assert!(report.signatures[0].verdict.is_passed());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let changed = [OFD[..OFD.len() / 2].to_vec(), pdf::append(&PDF, &[(4, "<< >>")])];
    for document in [&*OFD, &*PDF, &changed[0], &changed[1]] {
        let once = serde_json::to_vec(&verify(document)).unwrap();
        let trust = PKI.trust_with(&PKI.fresh_crls());
        let engine = Engine::new();
        let with_lists =
            || serde_json::to_vec(&verify_as(document, Some(&trust), &policy::STRICT, AT, &engine)).unwrap();
        let listed = with_lists();
        for _ in 0..4 {
            assert_eq!(serde_json::to_vec(&verify(document)).unwrap(), once);
            assert_eq!(with_lists(), listed);
        }
    }
}

#[test]
fn the_promised_names_and_values_are_there() {
    let wrong = pdf::append(&PDF, &[(4, "<< /Length 0 >>\nstream\n\nendstream")]);
    for document in [&*OFD, &*PDF, &wrong, &Vec::new()] {
        let report: Value = serde_json::to_value(verify(document)).unwrap();
        assert_eq!(report["file"], "document");
        let one_of = |key: &str, values: &[&str]| {
            let value = report[key].as_str().unwrap_or_else(|| panic!("{key} is missing"));
            assert!(values.contains(&value), "{key} is {value}");
        };
        one_of("verdict", &["PASSED", "FAILED", "INDETERMINATE"]);
        one_of("integrity", &["INTACT", "BROKEN", "UNKNOWN"]);
        one_of("trust", &["TRUSTED", "UNTRUSTED", "UNKNOWN"]);
        one_of("status", &["NOT_APPLICABLE", "UNKNOWN", "EXPIRED"]);
        assert!(!report["reason"].as_str().unwrap().is_empty());
        assert!(report["signatures"].is_array());
        for signature in report["signatures"].as_array().unwrap() {
            for key in ["id", "form", "verdict", "reason", "integrity", "trust", "findings"] {
                assert!(!signature[key].is_null(), "{key} is missing");
            }
        }
        for finding in report["findings"].as_array().unwrap() {
            for key in ["code", "severity", "zh", "en"] {
                assert!(finding[key].is_string(), "{key} is missing");
            }
        }
    }
}

#[test]
fn a_verdict_other_than_passed_names_a_finding_as_its_reason() {
    let cut = OFD[..OFD.len() / 2].to_vec();
    for document in [&cut, &pdf::draft(), &b"text".to_vec()] {
        let report = verify(document);
        assert!(!report.verdict.is_passed());
        assert!(has(&report, report.reason), "{}", told(&report));
    }
}
