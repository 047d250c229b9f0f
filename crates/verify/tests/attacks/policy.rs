//! Time, validity, revocation and status under each policy.

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::policy::{DOCUMENT, LICENCE, STRICT};
use cinnabar_verify::{Engine, Report};

use crate::support::cms::Stamp;
use crate::support::ofd::Signing;
use crate::support::pki::{Identity, Pki, Plan, crl, crl_signed_by, trust};
use crate::support::*;

fn good() -> Signing<'static> {
    Signing::good(&PKI)
}

fn strictly(bytes: &[u8], trust: &TrustSet) -> Report {
    verify_as(bytes, Some(trust), &STRICT, AT, &Engine::new())
}

fn stamped(stamp: Stamp<'_>) -> Vec<u8> {
    let token = |value: &[u8]| stamp.token(value);
    Signing {
        stamp: Some(&token),
        ..good()
    }
    .document()
}

fn proven() -> Vec<u8> {
    stamped(Stamp::good(&PKI.stamper, SIGNED_AT + 60))
}

/// The lists of all authorities, with one more certificate revoked at a time.
fn revoking(ca: &Identity, who: &Identity, at: i64) -> TrustSet {
    let mut lists = PKI.fresh_crls();
    lists.push(crl(ca, AT - DAY, AT + DAY, &[(who, at)]));
    PKI.trust_with(&lists)
}

#[test]
fn the_seal_must_be_valid_at_the_claimed_time() {
    for (from, to) in [(SIGNED_AT - 90 * DAY, SIGNED_AT - 1), (SIGNED_AT + 1, AT)] {
        let order = seal::Order {
            valid_from: from,
            valid_to: to,
            ..Default::default()
        };
        let seal = order.make(&PKI.maker, &[&PKI.signer]);
        failed(
            &verify(&Signing { seal: &seal, ..good() }.document()),
            "SEAL_OUT_OF_VALIDITY",
        );
        let sealed = pdf::Signing {
            seal_hash: Some(cinnabar_sm::sm3::digest([seal.as_slice()])),
            seal: Some(seal),
            ..pdf::Signing::good(&PKI)
        };
        failed(&verify(&sealed.document()), "SEAL_OUT_OF_VALIDITY");
    }
}

#[test]
fn a_seal_that_has_expired_since_is_still_good() {
    let order = seal::Order {
        valid_to: SIGNED_AT + DAY,
        ..Default::default()
    };
    let seal = order.make(&PKI.maker, &[&PKI.signer]);
    passed(&verify(&Signing { seal: &seal, ..good() }.document()));
}

#[test]
fn the_certificate_must_be_valid_at_the_claimed_time() {
    for (from, to) in [(SIGNED_AT - 90 * DAY, SIGNED_AT - 1), (SIGNED_AT + 1, AT)] {
        let signer = Plan::leaf("Bureau", 5).valid(from, to).issued_by(&PKI.org_ca);
        let seal = seal::Order::default().make(&PKI.maker, &[&signer]);
        let document = Signing {
            signer: &signer,
            seal: &seal,
            ..good()
        }
        .document();
        failed(&verify(&document), "CERTIFICATE_OUT_OF_VALIDITY");
    }
}

#[test]
fn a_seal_made_outside_its_makers_validity_does_not_pass() {
    let maker = Plan::leaf("Seal maker", 4)
        .valid(SIGNED_AT - 50 * DAY, AT)
        .issued_by(&PKI.seal_ca);
    let seal = seal::Order::default().make(&maker, &[&PKI.signer]);
    undetermined(
        &verify(&Signing { seal: &seal, ..good() }.document()),
        "SEAL_MAKER_OUT_OF_VALIDITY",
    );
}

#[test]
fn an_authority_that_had_expired_is_not_followed() {
    let old = Plan::authority("Old CA", 8)
        .valid(SIGNED_AT - 900 * DAY, SIGNED_AT - DAY)
        .self_signed();
    let signer = Plan::leaf("Bureau", 5).issued_by(&old);
    let document = pdf::Signing {
        signer: &signer,
        seal: None,
        seal_hash: None,
        ..pdf::Signing::good(&PKI)
    };
    let report = verify_under(&document.document(), &trust(&[(&old, &["signer"])], &[]));
    undetermined(&report, "CHAIN_CONSTRAINTS_FAILURE");
}

#[test]
fn a_time_in_the_future_does_not_pass() {
    undetermined(&verify(&good().at(AT + DAY).document()), "TIME_IN_FUTURE");
    let later = pdf::Signing {
        time: AT + DAY,
        ..pdf::Signing::good(&PKI)
    };
    undetermined(&verify(&later.document()), "TIME_IN_FUTURE");
    // A clock may run five minutes ahead.
    passed(&verify(&good().at(AT + 60).document()));
}

#[test]
fn a_revoked_signer_never_passes_on_his_own_word() {
    for claimed_to_be_older in [true, false] {
        let at = if claimed_to_be_older {
            SIGNED_AT + DAY
        } else {
            SIGNED_AT - DAY
        };
        let report = verify_under(&OFD, &revoking(&PKI.org_ca, &PKI.signer, at));
        match claimed_to_be_older {
            true => undetermined(&report, "REVOKED_NO_POE"),
            false => failed(&report, "REVOKED"),
        }
    }
}

#[test]
fn a_revoked_seal_maker_never_passes_on_the_signers_word() {
    let report = verify_under(&OFD, &revoking(&PKI.seal_ca, &PKI.maker, SIGNED_AT + DAY));
    undetermined(&report, "REVOKED_NO_POE");
    let report = verify_under(&OFD, &revoking(&PKI.seal_ca, &PKI.maker, SIGNED_AT - DAY));
    failed(&report, "REVOKED");
}

#[test]
fn a_proven_time_before_the_revocation_saves_the_signature_and_one_after_does_not() {
    let document = proven();
    let report = strictly(&document, &revoking(&PKI.org_ca, &PKI.signer, SIGNED_AT + DAY));
    passed(&report);
    assert!(has(&report, "TIME_PROVEN"));
    failed(
        &strictly(&document, &revoking(&PKI.org_ca, &PKI.signer, SIGNED_AT + 30)),
        "REVOKED",
    );
}

/// The claim says before, the stamp says after.
#[test]
fn a_proven_time_outranks_the_claim() {
    let document = stamped(Stamp::good(&PKI.stamper, SIGNED_AT + 10 * DAY));
    let report = verify_under(&document, &revoking(&PKI.org_ca, &PKI.signer, SIGNED_AT + DAY));
    failed(&report, "REVOKED");
}

#[test]
fn a_stale_list_does_not_pass() {
    for trust in [
        PKI.trust_with(&[crl(&PKI.org_ca, AT - 30 * DAY, AT - DAY, &[])]),
        PKI.trust_with(&[crl(&PKI.seal_ca, AT - 30 * DAY, AT - DAY, &[])]),
    ] {
        undetermined(&verify_under(&OFD, &trust), "REVOCATION_DATA_STALE");
    }
}

#[test]
fn a_list_from_the_future_is_no_evidence() {
    let future = [&PKI.org_ca, &PKI.seal_ca, &PKI.stamp_ca].map(|ca| crl(ca, AT + DAY, AT + 2 * DAY, &[]));
    undetermined(
        &strictly(&proven(), &PKI.trust_with(&future)),
        "REVOCATION_DATA_MISSING",
    );
}

/// Neither to clear a signer nor to revoke him.
#[test]
fn a_list_signed_by_another_key_is_ignored() {
    let stranger = Pki::new();
    for hand in [&stranger.org_ca, &PKI.seal_ca, &PKI.signer] {
        let revoking = crl_signed_by(&PKI.org_ca, hand, AT - DAY, AT + DAY, &[(&PKI.signer, SIGNED_AT - DAY)]);
        let report = verify_under(&OFD, &PKI.trust_with(&[revoking]));
        passed(&report);
        assert!(has(&report, "REVOCATION_NOT_CHECKED"));
        let clearing = crl_signed_by(&PKI.org_ca, hand, AT - DAY, AT + DAY, &[]);
        let lists = [
            clearing,
            crl(&PKI.seal_ca, AT - DAY, AT + DAY, &[]),
            crl(&PKI.stamp_ca, AT - DAY, AT + DAY, &[]),
        ];
        undetermined(&strictly(&proven(), &PKI.trust_with(&lists)), "REVOCATION_DATA_MISSING");
    }
}

/// An older list that names the signer counts, whatever a newer one leaves out.
#[test]
fn an_entry_on_any_list_counts() {
    let lists = [
        crl(&PKI.org_ca, AT - DAY, AT + DAY, &[]),
        crl(
            &PKI.org_ca,
            AT - 30 * DAY,
            AT - 20 * DAY,
            &[(&PKI.signer, SIGNED_AT - DAY)],
        ),
    ];
    failed(&verify_under(&OFD, &PKI.trust_with(&lists)), "REVOKED");
}

#[test]
fn strict_needs_a_list_for_each_certificate() {
    let document = proven();
    passed(&strictly(&document, &PKI.trust_with(&PKI.fresh_crls())));
    undetermined(&strictly(&document, &PKI.trust()), "REVOCATION_DATA_MISSING");
    for missing in 0..2 {
        let mut lists = PKI.fresh_crls();
        lists.remove(missing);
        undetermined(&strictly(&document, &PKI.trust_with(&lists)), "REVOCATION_DATA_MISSING");
    }
}

#[test]
fn strict_needs_a_proven_time() {
    let trust = PKI.trust_with(&PKI.fresh_crls());
    for document in [&*OFD, &*PDF] {
        undetermined(&strictly(document, &trust), "NO_PROVEN_TIME");
    }
}

#[test]
fn a_stamp_proves_nothing_unless_all_of_it_is_right() {
    let trust = PKI.trust_with(&PKI.fresh_crls());
    let stranger = Pki::new();
    let other = |stamped: &[u8]| Stamp::good(&PKI.stamper, SIGNED_AT + 60).token(&[stamped, b"x"].concat());
    let over_another_value = Signing {
        stamp: Some(&other),
        ..good()
    }
    .document();
    let unbound = Stamp {
        message_digest: false,
        ..Stamp::good(&PKI.stamper, SIGNED_AT + 60)
    };
    let cases = [
        ("over another value", over_another_value),
        ("without messageDigest", stamped(unbound)),
        ("by a stranger", stamped(Stamp::good(&stranger.stamper, SIGNED_AT + 60))),
        (
            "by a document signer",
            stamped(Stamp::good(&PKI.other_signer, SIGNED_AT + 60)),
        ),
        (
            "outside the stamper's validity",
            stamped(Stamp::good(&PKI.stamper, SIGNED_AT - 500 * DAY)),
        ),
    ];
    for (case, document) in cases {
        let report = strictly(&document, &trust);
        assert!(!report.verdict.is_passed(), "{case}: {}", told(&report));
        assert!(!has(&report, "TIME_PROVEN"), "{case}: {}", told(&report));
    }
}

#[test]
fn a_stamp_from_the_future_does_not_pass() {
    let trust = PKI.trust_with(&PKI.fresh_crls());
    undetermined(
        &strictly(&stamped(Stamp::good(&PKI.stamper, AT + DAY)), &trust),
        "TIME_IN_FUTURE",
    );
}

#[test]
fn a_revoked_stamper_proves_nothing() {
    let report = strictly(&proven(), &revoking(&PKI.stamp_ca, &PKI.stamper, SIGNED_AT - DAY));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
    assert!(!has(&report, "TIME_PROVEN"), "{}", told(&report));
}

#[test]
fn strict_needs_a_list_for_the_stamper_too() {
    let mut lists = PKI.fresh_crls();
    lists.pop();
    let report = strictly(&proven(), &PKI.trust_with(&lists));
    assert!(!report.verdict.is_passed(), "{}", told(&report));
}

#[test]
fn the_licence_policy_needs_a_status() {
    for document in [&*OFD, &*PDF] {
        let report = verify_as(document, Some(&TRUST), &LICENCE, AT, &Engine::new());
        undetermined(&report, "STATUS_UNKNOWN");
    }
}

#[test]
fn a_licence_past_its_last_day_is_told_and_fails_under_its_policy() {
    let names = cinnabar_licence::metadata::names();
    let item = |key: &str, value: &'static str| (names.name(key).unwrap().to_owned(), value.to_owned());
    let items = [
        item(
            "identifier",
            "1.2.156.3005.2.11100000000013338W011.11990100MB0C0001XH.0001.001.U",
        ),
        item("valid_to", "2020-01-01"),
    ];
    let items: Vec<(&str, &str)> = items
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let document = good().sign(&ofd::draft(&items));
    let report = verify_as(&document, Some(&TRUST), &DOCUMENT, AT, &Engine::new());
    passed(&report);
    assert!(has(&report, "LICENCE_PAST_VALIDITY"), "{}", told(&report));
    let report = verify_as(&document, Some(&TRUST), &LICENCE, AT, &Engine::new());
    failed(&report, "LICENCE_EXPIRED");
}
