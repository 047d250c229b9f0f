#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
use super::*;
use crate::testing::{self, Plan, basic_constraints, extended_key_usage, extension, key_usage, oid, tlv};

#[test]
fn fields_are_exact_slices_of_the_input() {
    let plan = Plan::ca("中间机构", "Root", Some(1));
    let der = plan.der();
    let certificate = Certificate::parse(&der).unwrap();
    assert_eq!(certificate.raw(), der);
    assert_eq!(certificate.issuer_raw(), plan.issuer);
    assert_eq!(certificate.subject_raw(), plan.subject);
    assert_eq!(certificate.spki_raw(), plan.spki);
    assert_eq!(certificate.signature(), [9; 64]);
    assert!(
        der.windows(certificate.tbs().len())
            .any(|window| window == certificate.tbs())
    );
    assert_eq!(
        (certificate.subject_text().as_str(), certificate.issuer_text().as_str()),
        ("CN=中间机构", "CN=Root")
    );
    assert_eq!(
        (certificate.not_before(), certificate.not_after()),
        (1_577_836_800, 1_893_455_999)
    );
    assert!(
        certificate.is_ca()
            && certificate.key_usage().unwrap().cert_sign()
            && certificate.key_usage().unwrap().crl_sign()
    );
    assert_eq!(certificate.key_usage().unwrap().names(), ["keyCertSign", "cRLSign"]);
    assert_eq!(certificate.path_length(), Some(1));
    assert!(matches!(certificate.public_key(), PublicKey::Sm2(_)));
    assert_eq!(certificate.deviations(), []);
}

#[test]
fn key_usage_bits_are_counted_from_the_left() {
    let usage = |bits| {
        Plan::new("a", "b")
            .with(key_usage(bits))
            .certificate()
            .key_usage()
            .unwrap()
    };
    assert!(usage(0x80).digital_signature() && !usage(0x80).non_repudiation());
    assert!(usage(0x40).non_repudiation() && !usage(0x40).digital_signature());
    let nine_bits = Plan::new("a", "b")
        .with(extension("2.5.29.15", None, &tlv(3, &[&[7, 0, 0x80]])))
        .certificate();
    assert_eq!(nine_bits.key_usage().unwrap().names(), ["decipherOnly"]);
}

#[test]
fn written_out_defaults_are_tolerated_and_noted() {
    let false_ca = tlv(0x30, &[&[1, 1, 0]]);
    let certificate = Plan::new("a", "b")
        .with(extension("2.5.29.19", Some(false), &false_ca))
        .certificate();
    assert!(!certificate.is_ca());
    assert_eq!(certificate.deviations(), [Deviation::ExplicitDefault]);
}

#[test]
fn null_parameters_on_one_side_only_are_tolerated_and_noted() {
    let mut plan = Plan::new("a", "b");
    plan.outer_algorithm = tlv(0x30, &[&oid(testing::SM2_SM3), &[5, 0]]);
    assert_eq!(plan.certificate().deviations(), [Deviation::AlgorithmParametersDiffer]);
    plan.outer_algorithm = tlv(0x30, &[&oid("1.2.840.113549.1.1.11")]);
    assert!(matches!(
        Certificate::parse(&plan.der()),
        Err(CertificateError::AlgorithmMismatch { .. })
    ));
}

#[test]
fn what_decides_must_be_readable_and_unique() {
    let twice = Plan::new("a", "b")
        .with(basic_constraints(true, None))
        .with(basic_constraints(false, None));
    assert!(matches!(
        Certificate::parse(&twice.der()),
        Err(CertificateError::DuplicateExtension(_))
    ));
    for dotted in ["2.5.29.15", "2.5.29.19", "2.5.29.37"] {
        let broken = Plan::new("a", "b").with(extension(dotted, None, &[0x30, 0x05]));
        assert!(
            matches!(Certificate::parse(&broken.der()), Err(CertificateError::Extension { oid, .. }) if oid == dotted)
        );
    }
    let hint = Plan::new("a", "b")
        .with(extension("2.5.29.14", None, &[0x30, 0x05]))
        .certificate();
    assert_eq!(
        hint.deviations(),
        [Deviation::MalformedExtension("2.5.29.14".to_owned())]
    );
}

#[test]
fn unknown_critical_extensions_are_listed_name_constraints_among_them() {
    let certificate = Plan::new("a", "b")
        .with(extension("1.2.156.999.1", Some(true), b"?"))
        .with(extension("1.2.156.999.2", None, b"?"))
        .with(extension("2.5.29.30", Some(true), b"?"))
        .with(extension("2.5.29.32", Some(true), b"?"))
        .certificate();
    assert_eq!(certificate.unknown_critical(), ["1.2.156.999.1", "2.5.29.30"]);
    assert!(!certificate.is_development());
    assert!(
        Plan::new("a", "b")
            .with(extension(DEVELOPMENT_OID, None, &[5, 0]))
            .certificate()
            .is_development()
    );
}

#[test]
fn key_identifiers_and_extended_usages() {
    let certificate = Plan::new("a", "b")
        .with(extension("2.5.29.14", None, &tlv(4, &[&[1, 2, 3]])))
        .with(extension(
            "2.5.29.35",
            None,
            &tlv(0x30, &[&tlv(0x80, &[&[4, 5]]), &tlv(0x82, &[&[7]])]),
        ))
        .with(extended_key_usage(true, &["1.3.6.1.5.5.7.3.8"]))
        .certificate();
    assert_eq!(certificate.subject_key_id(), Some(&[1, 2, 3][..]));
    assert_eq!(certificate.authority_key_id(), Some(&[4, 5][..]));
    assert_eq!(
        certificate.extended_key_usage(),
        Some(&["1.3.6.1.5.5.7.3.8".to_owned()][..])
    );
    assert!(certificate.extended_key_usage_is_critical());
}

#[test]
fn keys_are_told_apart_and_rsa_is_measured() {
    let mut plan = Plan::new("a", "b");
    plan.spki = testing::rsa_spki(256);
    assert!(matches!(
        plan.certificate().public_key(),
        PublicKey::Rsa { bits: 2048, .. }
    ));
    let compressed = tlv(3, &[&[0, 2], &[7; 32]]);
    plan.spki = tlv(
        0x30,
        &[
            &tlv(0x30, &[&oid("1.2.840.10045.2.1"), &oid("1.2.156.10197.1.301")]),
            &compressed,
        ],
    );
    assert!(
        matches!(plan.certificate().public_key(), PublicKey::Unknown { algorithm } if algorithm == "1.2.156.10197.1.301")
    );
}

#[test]
fn odd_serial_numbers_are_noted() {
    for (serial, odd) in [
        (vec![0], true),
        (vec![0x80], true),
        (vec![0, 0x7f], true),
        (vec![0, 0x80], false),
        (vec![1; 21], true),
    ] {
        let mut plan = Plan::new("a", "b");
        plan.serial = serial.clone();
        assert_eq!(
            plan.certificate().deviations().contains(&Deviation::OddSerial),
            odd,
            "{serial:?}"
        );
    }
}

#[test]
fn bytes_after_the_certificate_are_refused() {
    let der = [Plan::new("a", "b").der(), vec![0]].concat();
    assert!(matches!(
        Certificate::parse(&der),
        Err(CertificateError::Structure(TlvError::Trailing { .. }))
    ));
}

#[test]
fn no_damaged_certificate_panics() {
    let plan = Plan::ca("机构", "Root", Some(1)).with(extended_key_usage(true, &["1.3.6.1.5.5.7.3.8"]));
    testing::torment(&plan.der(), 20_000, |bytes| {
        if let Ok(certificate) = Certificate::parse(bytes) {
            let _ = (
                certificate.subject_text(),
                certificate.is_self_issued(),
                certificate.tbs().len(),
                format!("{certificate:?}"),
            );
        }
    });
}
