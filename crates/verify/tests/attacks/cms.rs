//! SignedData whose parts are missing, doubled or contradictory, in a PDF and in an OFD.

use cinnabar_pki::write::der;
use cinnabar_sm::sm3;

use crate::support::cms::*;
use crate::support::pdf::{Signing, draft};
use crate::support::pki::Identity;
use crate::support::zip::{content, unzip, zip};
use crate::support::*;

fn plain() -> Signing<'static> {
    Signing {
        seal: None,
        seal_hash: None,
        ..Signing::good(&PKI)
    }
}

fn plan(signers: Vec<Vec<u8>>) -> Plan<'static> {
    Plan {
        content_type: DATA,
        content: None,
        certificates: vec![&PKI.signer],
        signers,
    }
}

/// The verdict on a PDF whose value is made from the digest of its signed bytes.
fn with(value: impl Fn([u8; 32]) -> Vec<u8>) -> cinnabar_verify::Report {
    verify(&plain().sign_with(&draft(), value))
}

fn with_attributes(change: impl Fn(&mut Vec<Vec<u8>>)) -> cinnabar_verify::Report {
    with(|digest| {
        let mut attributes = plain().attributes(digest);
        change(&mut attributes);
        plan(vec![signer(&PKI.signer, attributes)]).der()
    })
}

/// The good document's value, so that what the other tests spoil is all that is wrong.
#[test]
fn a_value_put_together_by_hand_passes() {
    let report = with(|digest| plain().value(digest));
    passed(&report);
    assert!(has(&report, "NO_SEAL_STRUCTURE"));
}

#[test]
fn a_value_without_a_signer_fails() {
    failed(&with(|_| plan(Vec::new()).der()), "SIGNATURE_VALUE_MISSING");
}

#[test]
fn a_value_with_two_signers_fails() {
    let two = |digest| {
        let one = signer(&PKI.signer, plain().attributes(digest));
        let other = signer(&PKI.other_signer, cms::attributes(DATA, digest));
        let mut plan = plan(vec![one, other]);
        plan.certificates.push(&PKI.other_signer);
        plan.der()
    };
    failed(&with(two), "MULTIPLE_SIGNERS");
}

#[test]
fn attributes_without_a_message_digest_fail() {
    let report = with_attributes(|all| drop(all.remove(1)));
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    assert!(has(&report, "ATTRIBUTES_INVALID"), "{}", told(&report));
}

#[test]
fn attributes_without_a_content_type_fail() {
    failed(&with_attributes(|all| drop(all.remove(0))), "ATTRIBUTES_INVALID");
}

#[test]
fn a_content_type_other_than_the_contents_fails() {
    let wrong = |all: &mut Vec<Vec<u8>>| all[0] = attribute(CONTENT_TYPE, der::oid(TST_INFO).unwrap());
    failed(&with_attributes(wrong), "ATTRIBUTES_INVALID");
}

#[test]
fn a_message_digest_of_something_else_fails() {
    let wrong = |all: &mut Vec<Vec<u8>>| all[1] = attribute(MESSAGE_DIGEST, der::octet_string(&[7; 32]));
    failed(&with_attributes(wrong), "HASH_FAILURE");
}

#[test]
fn two_message_digests_fail_in_either_order() {
    for at in [1, 2] {
        let report = with_attributes(|all| all.insert(at, attribute(MESSAGE_DIGEST, der::octet_string(&[7; 32]))));
        assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    }
}

#[test]
fn a_signing_certificate_attribute_that_names_another_fails() {
    let wrong = |all: &mut Vec<Vec<u8>>| all[3] = signing_certificate(&PKI.other_signer);
    failed(&with_attributes(wrong), "SIGNING_CERTIFICATE_MISMATCH");
}

#[test]
fn a_value_by_another_key_fails() {
    let other = |digest| {
        let attributes = plain().attributes(digest);
        let value = PKI.other_signer.sign(&der::set_of(attributes.clone()));
        plan(vec![signer_info(
            &PKI.signer,
            Some(der::set_content(attributes)),
            &value,
        )])
        .der()
    };
    failed(&with(other), "SIG_CRYPTO_FAILURE");
}

#[test]
fn a_value_without_the_signers_certificate_names_nobody() {
    let bare = |digest| {
        let mut plan = plan(vec![signer(&PKI.signer, plain().attributes(digest))]);
        plan.certificates = vec![&PKI.other_signer];
        plan.der()
    };
    undetermined(&with(bare), "NO_SIGNING_CERTIFICATE_FOUND");
}

/// A namesake's certificate with the same issuer and serial number beside the right one: readers may differ on who signed.
#[test]
fn two_certificates_that_the_signer_identifier_fits_do_not_pass() {
    let stranger = pki::Pki::new();
    for right_first in [true, false] {
        let both = |digest| {
            let mut plan = plan(vec![signer(&PKI.signer, plain().attributes(digest))]);
            plan.certificates = vec![&PKI.signer, &stranger.signer];
            if !right_first {
                plan.certificates.reverse();
            }
            plan.der()
        };
        let report = with(both);
        assert!(!report.verdict.is_passed(), "{}", told(&report));
    }
}

#[test]
fn content_that_is_neither_the_document_nor_its_digest_fails() {
    for inside in [b"something else".to_vec(), vec![7; 32]] {
        let report = with(|_| {
            let value = PKI.signer.sign(&inside);
            let mut plan = plan(vec![signer_info(&PKI.signer, None, &value)]);
            plan.content = Some(inside.clone());
            plan.der()
        });
        assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
        assert!(
            has(&report, "CONTENT_UNBOUND") || has(&report, "HASH_FAILURE"),
            "{}",
            told(&report)
        );
    }
}

/// The attributes of a good signature, offered as content that was signed without attributes.
#[test]
fn attributes_passed_off_as_content_fail() {
    let attributes = plain().attributes([7; 32]);
    let set = der::set_of(attributes.clone());
    let report = with(|_| {
        let mut plan = plan(vec![signer_info(&PKI.signer, None, &PKI.signer.sign(&set))]);
        plan.content = Some(set.clone());
        plan.der()
    });
    failed(&report, "CONTENT_UNBOUND");
}

#[test]
fn garbage_in_place_of_a_value_fails() {
    for junk in [vec![0x30, 0x03, 0x02, 0x01, 0x05], vec![0xff; 64], b"<xml/>".to_vec()] {
        let report = with(|_| junk.clone());
        assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
    }
}

#[test]
fn bytes_after_the_value_fail() {
    let report = with(|digest| {
        let mut value = plain().value(digest);
        value.extend(b"\0\0\0hidden");
        value
    });
    assert_eq!(report.verdict.as_str(), "FAILED", "{}", told(&report));
}

fn ofd_with(value: impl Fn([u8; 32]) -> Vec<u8>) -> cinnabar_verify::Report {
    let mut entries = unzip(&OFD);
    let digest = sm3::digest([content(&mut entries, "Signature.xml").as_slice()]);
    *content(&mut entries, "SignedValue.dat") = value(digest);
    verify(&zip(&entries))
}

#[test]
fn an_ofd_with_a_signed_message_passes_and_its_spoilt_kin_fail() {
    let value = |identity: &'static Identity, attributes| Plan {
        certificates: vec![identity],
        ..plan(vec![signer(identity, attributes)])
    };
    passed(&ofd_with(|digest| {
        value(&PKI.signer, cms::attributes(DATA, digest)).der()
    }));
    failed(
        &ofd_with(|_| value(&PKI.signer, cms::attributes(DATA, [7; 32])).der()),
        "HASH_FAILURE",
    );
    failed(&ofd_with(|_| plan(Vec::new()).der()), "SIGNATURE_VALUE_MISSING");
    let foreign = ofd_with(|digest| value(&PKI.other_signer, cms::attributes(DATA, digest)).der());
    failed(&foreign, "SIGNER_NOT_IN_SEAL");
}
