#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
use super::*;
use crate::testing::{self, Plan, extended_key_usage, extension, key_usage, oid, tlv};

const NOW: i64 = 1_700_000_000;

fn faults(path: &[&Plan], at: i64, purpose: Purpose) -> Vec<(usize, PathFault)> {
    let certificates: Vec<Certificate> = path.iter().map(|plan| plan.certificate()).collect();
    check(&certificates.iter().collect::<Vec<_>>(), at, purpose)
}

fn signer() -> Plan {
    Plan::new("leaf", "ca").with(key_usage(0xc0))
}

#[test]
fn a_sound_path_has_no_fault() {
    let (ca, root) = (Plan::ca("ca", "root", Some(0)), Plan::ca("root", "root", None));
    for purpose in [Purpose::Signer, Purpose::SealMaker] {
        assert_eq!(faults(&[&signer(), &ca, &root], NOW, purpose), []);
    }
    assert_eq!(faults(&[&ca, &root], NOW, Purpose::CrlIssuer), []);
    assert_eq!(faults(&[&signer()], NOW, Purpose::Signer), []);
}

#[test]
fn validity_includes_both_ends() {
    let (first, last) = (1_577_836_800, 1_893_455_999);
    assert_eq!(faults(&[&signer()], first, Purpose::Signer), []);
    assert_eq!(faults(&[&signer()], last, Purpose::Signer), []);
    assert_eq!(
        faults(&[&signer()], first - 1, Purpose::Signer),
        [(0, PathFault::NotYetValid)]
    );
    assert_eq!(
        faults(&[&signer()], last + 1, Purpose::Signer),
        [(0, PathFault::Expired)]
    );
}

#[test]
fn an_issuer_must_be_a_ca_allowed_to_sign_certificates() {
    let not_ca = Plan::new("ca", "root").with(key_usage(0x04));
    assert_eq!(
        faults(&[&signer(), &not_ca], NOW, Purpose::Signer),
        [(1, PathFault::NotCa)]
    );
    let no_cert_sign = Plan::new("ca", "root")
        .with(testing::basic_constraints(true, None))
        .with(key_usage(0x80));
    assert_eq!(
        faults(&[&signer(), &no_cert_sign], NOW, Purpose::Signer),
        [(1, PathFault::KeyUsage)]
    );
    let other_name = Plan::ca("other", "root", None);
    assert_eq!(
        faults(&[&signer(), &other_name], NOW, Purpose::Signer),
        [(1, PathFault::NameMismatch)]
    );
}

#[test]
fn path_length_counts_cas_below_but_not_self_issued_ones() {
    let ca = Plan::ca("ca", "middle", None);
    let rollover = Plan::ca("middle", "middle", None);
    let middle = Plan::ca("middle", "root", Some(1));
    let root = Plan::ca("root", "root", Some(1));
    assert_eq!(faults(&[&signer(), &ca, &rollover, &middle], NOW, Purpose::Signer), []);
    assert_eq!(
        faults(&[&signer(), &ca, &middle, &root], NOW, Purpose::Signer),
        [(3, PathFault::PathLengthExceeded)]
    );
}

#[test]
fn the_leaf_must_be_for_its_purpose() {
    let encipher_only = Plan::new("leaf", "ca").with(key_usage(0x20));
    assert_eq!(
        faults(&[&encipher_only], NOW, Purpose::Signer),
        [(0, PathFault::KeyUsage)]
    );
    assert_eq!(
        faults(&[&encipher_only], NOW, Purpose::CrlIssuer),
        [(0, PathFault::KeyUsage)]
    );
    let non_repudiation = Plan::new("leaf", "ca").with(key_usage(0x40));
    assert_eq!(faults(&[&non_repudiation], NOW, Purpose::Signer), []);
    assert_eq!(
        faults(&[&non_repudiation], NOW, Purpose::TimeStamp),
        [(0, PathFault::ExtendedKeyUsage)]
    );

    let tsa = |critical, usages: &[&str]| signer().with(extended_key_usage(critical, usages));
    assert_eq!(faults(&[&tsa(true, &[TIME_STAMPING])], NOW, Purpose::TimeStamp), []);
    let wrong = [(0, PathFault::ExtendedKeyUsage)];
    assert_eq!(faults(&[&tsa(false, &[TIME_STAMPING])], NOW, Purpose::TimeStamp), wrong);
    assert_eq!(
        faults(&[&tsa(true, &[TIME_STAMPING, OCSP_SIGNING])], NOW, Purpose::TimeStamp),
        wrong
    );
    assert_eq!(faults(&[&tsa(true, &[TIME_STAMPING])], NOW, Purpose::Signer), wrong);
    assert_eq!(
        faults(
            &[&tsa(true, &["1.3.6.1.5.5.7.3.2", TIME_STAMPING])],
            NOW,
            Purpose::Signer
        ),
        []
    );
}

#[test]
fn weak_algorithms_are_named_but_an_anchors_own_signature_does_not_matter() {
    let sha1 = |mut plan: Plan| {
        plan.inner_algorithm = tlv(0x30, &[&oid("1.2.840.113549.1.1.5")]);
        plan.outer_algorithm = plan.inner_algorithm.clone();
        plan
    };
    let mut small = Plan::ca("ca", "root", None);
    small.spki = testing::rsa_spki(128);
    let weak = |name: &str| PathFault::WeakAlgorithm(name.to_owned());
    assert_eq!(
        faults(&[&sha1(signer()), &sha1(small)], NOW, Purpose::Signer),
        [(0, weak("1.2.840.113549.1.1.5")), (1, weak("RSA-1024"))]
    );
}

#[test]
fn unknown_critical_extensions_are_faults_wherever_they_are() {
    let odd = Plan::ca("ca", "root", None).with(extension("2.5.29.30", Some(true), &[0x30, 0]));
    assert_eq!(
        faults(&[&signer(), &odd], NOW, Purpose::Signer),
        [(1, PathFault::UnknownCriticalExtension("2.5.29.30".to_owned()))]
    );
}

#[test]
fn candidates_are_ordered_by_key_identifier_bounded_and_without_repetition() {
    let aki = |id: u8| extension("2.5.29.35", None, &tlv(0x30, &[&tlv(0x80, &[&[id]])]));
    let ski = |id: u8| extension("2.5.29.14", None, &tlv(4, &[&[id]]));
    let leaf = signer().with(aki(1)).certificate();
    let ca = |id: u8| Plan::ca("ca", "root", None).with(ski(id)).certificate();
    let plain = Plan::ca("CA", "root", None).certificate();
    let pool = vec![
        ca(2),
        plain.clone(),
        ca(1),
        ca(1),
        Plan::ca("other", "root", None).certificate(),
        leaf.clone(),
    ];
    assert_eq!(candidate_issuers(&leaf, &pool), [2, 1, 0]);
    let many: Vec<Certificate> = (2..60).map(ca).chain([ca(1)]).collect();
    let found = candidate_issuers(&leaf, &many);
    assert_eq!((found.len(), found[0]), (MAX_CANDIDATE_ISSUERS, 58));
    let root = Plan::ca("root", "root", None).certificate();
    assert_eq!(candidate_issuers(&root, std::slice::from_ref(&root)), [0usize; 0]);
}
