//! Who may sign what: authorities with a namesake, in another role, or without the right to be one.

use cinnabar_pki::write::Usage;
use cinnabar_verify::{Engine, Report, policy};

use crate::support::ofd::Signing;
use crate::support::pki::{Identity, Pki, Plan, trust};
use crate::support::*;

fn signed_by(signer: &Identity, seal: &[u8]) -> Vec<u8> {
    Signing {
        signer,
        seal,
        ..Signing::good(&PKI)
    }
    .document()
}

fn pdf_by(signer: &Identity) -> Vec<u8> {
    pdf::Signing {
        signer,
        seal: None,
        seal_hash: None,
        ..pdf::Signing::good(&PKI)
    }
    .document()
}

/// The verdict on an OFD and on a PDF of this signer, whose seal a good maker made.
fn of_signer(signer: &Identity) -> [Report; 2] {
    let seal = seal::Order::default().make(&PKI.maker, &[signer]);
    [verify(&signed_by(signer, &seal)), verify(&pdf_by(signer))]
}

#[test]
fn namesakes_with_other_keys_are_strangers() {
    let stranger = Pki::new();
    let theirs = Signing::good(&stranger).document();
    let report = verify(&theirs);
    undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    assert!(has(&report, "SEAL_MAKER_UNTRUSTED"), "{}", told(&report));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        (&json["trust"], &json["integrity"]),
        (&"UNTRUSTED".into(), &"INTACT".into())
    );
    passed(&verify_under(&theirs, &stranger.trust()));
}

#[test]
fn a_namesake_beside_the_right_authority_does_not_hide_it() {
    let stranger = Pki::new();
    let both = trust(
        &[
            (&stranger.org_ca, &["signer"]),
            (&stranger.seal_ca, &["seal-maker"]),
            (&PKI.org_ca, &["signer"]),
            (&PKI.seal_ca, &["seal-maker"]),
        ],
        &[],
    );
    passed(&verify_under(&OFD, &both));
    let mixed = trust(&[(&stranger.org_ca, &["signer"]), (&PKI.seal_ca, &["seal-maker"])], &[]);
    undetermined(&verify_under(&OFD, &mixed), "NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn a_signer_certified_by_the_seal_makers_authority_is_not_trusted() {
    for report in of_signer(&Plan::leaf("Bureau", 5).issued_by(&PKI.seal_ca)) {
        undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    }
    for report in of_signer(&PKI.maker) {
        undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    }
}

#[test]
fn a_seal_maker_certified_by_the_signers_authority_is_not_trusted() {
    for maker in [&PKI.signer, &PKI.other_signer] {
        let seal = seal::Order::default().make(maker, &[&PKI.signer]);
        undetermined(&verify(&signed_by(&PKI.signer, &seal)), "SEAL_MAKER_UNTRUSTED");
    }
}

#[test]
fn a_time_stamper_may_not_sign_documents_even_if_its_authority_may() {
    let all = trust(
        &[
            (&PKI.stamp_ca, &["signer", "time-stamp"]),
            (&PKI.seal_ca, &["seal-maker"]),
        ],
        &[],
    );
    let report = verify_under(&pdf_by(&PKI.stamper), &all);
    failed(&report, "KEY_USAGE");
}

#[test]
fn roles_of_the_trust_set_are_not_mixed_up() {
    let swapped = trust(&[(&PKI.org_ca, &["seal-maker"]), (&PKI.seal_ca, &["signer"])], &[]);
    let report = verify_under(&OFD, &swapped);
    undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    assert!(has(&report, "SEAL_MAKER_UNTRUSTED"));
    let stamps_only = trust(&[(&PKI.org_ca, &["time-stamp"]), (&PKI.seal_ca, &["time-stamp"])], &[]);
    undetermined(&verify_under(&OFD, &stamps_only), "NO_CERTIFICATE_CHAIN_FOUND");
}

/// A document signer's key certifies a friend.
#[test]
fn a_signer_who_plays_authority_is_not_followed() {
    for report in of_signer(&Plan::leaf("Friend", 9).issued_by(&PKI.signer)) {
        assert!(!report.verdict.is_passed(), "{}", told(&report));
        assert!(!has(&report, "TIME_PROVEN"));
    }
    // The friend brings the whole chain along.
    let friend = Plan::leaf("Friend", 9).issued_by(&PKI.signer);
    let document = pdf::Signing {
        signer: &friend,
        seal: None,
        seal_hash: None,
        ..pdf::Signing::good(&PKI)
    };
    let with_chain = document.sign_with(&pdf::draft(), |digest| {
        cms::Plan {
            content_type: cms::DATA,
            content: None,
            certificates: vec![&friend, &PKI.signer, &PKI.org_ca],
            signers: vec![cms::signer(&friend, document.attributes(digest))],
        }
        .der()
    });
    undetermined(&verify(&with_chain), "CHAIN_CONSTRAINTS_FAILURE");
}

#[test]
fn an_authority_that_may_not_certify_is_not_followed() {
    let weak = Plan {
        usages: vec![Usage::CrlSign],
        ..Plan::authority("Weak CA", 8)
    }
    .self_signed();
    let signer = Plan::leaf("Bureau", 5).issued_by(&weak);
    let report = verify_under(&pdf_by(&signer), &trust(&[(&weak, &["signer"])], &[]));
    undetermined(&report, "CHAIN_CONSTRAINTS_FAILURE");
}

#[test]
fn a_certificate_that_may_not_sign_fails() {
    let signer = Plan {
        usages: vec![Usage::CertSign],
        ..Plan::leaf("Bureau", 5)
    }
    .issued_by(&PKI.org_ca);
    for report in of_signer(&signer) {
        failed(&report, "KEY_USAGE");
    }
}

/// A certificate whose words were changed after it was issued: all names fit, the authority's value does not.
#[test]
fn a_certificate_that_its_authority_did_not_sign_is_not_trusted() {
    let good = Plan::leaf("Bureau", 5).issued_by(&PKI.org_ca);
    let mut der = good.der.clone();
    let at = der.windows(6).rposition(|w| w == b"Bureau").unwrap();
    der[at..at + 6].copy_from_slice(b"Palace");
    let signer = Identity { der, ..good };
    for report in of_signer(&signer) {
        undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    }
}

#[test]
fn a_self_signed_signer_is_not_trusted() {
    for report in of_signer(&Plan::leaf("Bureau", 5).self_signed()) {
        undetermined(&report, "NO_CERTIFICATE_CHAIN_FOUND");
    }
    for report in of_signer(&PKI.org_ca) {
        assert!(!report.verdict.is_passed(), "{}", told(&report));
    }
}

/// One engine for all documents, the evil ones first: its cache must carry no decision over.
#[test]
fn an_engine_that_met_the_evil_document_first_judges_the_same() {
    let stranger = Pki::new();
    let evil = Signing::good(&stranger).document();
    let trusting = stranger.trust();
    let documents = [&evil, &*OFD, &evil, &*PDF, &*OFD, &evil];
    let engine = Engine::new();
    for document in documents {
        for trust in [&trusting, &*TRUST] {
            let shared = verify_as(document, Some(trust), &policy::DOCUMENT, AT, &engine);
            let alone = verify_under(document, trust);
            assert_eq!(
                serde_json::to_vec(&shared).unwrap(),
                serde_json::to_vec(&alone).unwrap()
            );
        }
    }
    undetermined(
        &verify_as(&evil, Some(&TRUST), &policy::DOCUMENT, AT, &engine),
        "NO_CERTIFICATE_CHAIN_FOUND",
    );
}

/// Certificates of no use must not crowd out the one that matters.
#[test]
fn a_crowd_of_namesakes_does_not_hide_the_trusted_authority() {
    let crowd: Vec<Identity> = (0..12)
        .map(|n| Plan::authority("Organisation CA", 40 + n).self_signed())
        .collect();
    let document = pdf::Signing {
        seal: None,
        seal_hash: None,
        ..pdf::Signing::good(&PKI)
    };
    let small = document.sign_with(&pdf::draft(), |digest| {
        cms::Plan {
            content_type: cms::DATA,
            content: None,
            certificates: [&PKI.signer].into_iter().chain(crowd.iter().take(2)).collect(),
            signers: vec![cms::signer(&PKI.signer, document.attributes(digest))],
        }
        .der()
    });
    passed(&verify(&small));
    let mut anchors: Vec<(&Identity, &[&str])> = vec![(&PKI.org_ca, &["signer"])];
    anchors.extend(crowd.iter().map(|ca| (ca, &["seal-maker"][..])));
    passed(&verify_under(&small, &trust(&anchors, &[])));
}

#[test]
fn an_anchor_past_its_sunset_is_not_trusted_for_what_was_signed_later() {
    let text = "name = \"t\"\nversion = \"1\"\n[[anchor]]\ncertificate = \"a\"\nroles = [\"signer\"]\nsunset = \"2026-09-01T00:00:00Z\"\n";
    let read = |_: &str| Ok(PKI.org_ca.der.clone());
    let set = cinnabar_pki::trust::TrustSet::parse(text, &read).unwrap();
    undetermined(&verify_under(&pdf_by(&PKI.signer), &set), "NO_CERTIFICATE_CHAIN_FOUND");
}
