//! Makes seals and signatures, reads them back, and asks openssl whether they are sound.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use cinnabar_pki::tlv::{Reader, Tag};
use cinnabar_seal::make::{MakeError, RSA_WITH_SHA256, SM2_WITH_SM3, SealRequest, SignatureRequest};
use cinnabar_seal::{
    CertificateList, Limits, Picture, SealSignature, SignedValueKind, Version, detect, parse_seal, parse_signature,
};
use cinnabar_sm::sm2::{SecretKey, Signature};
use std::io::Write;
use std::process::{Command, Stdio};

const NAME: &str = "某某市市场监督管理局";
const PATH: &str = "/Doc_0/Signs/Sign_0/Signature.xml";

fn request() -> SealRequest {
    SealRequest {
        name: NAME.into(),
        es_id: "11010000000001".into(),
        vid: "CINNABAR".into(),
        kind: 1,
        certificates: vec![b"signer certificate".to_vec(), vec![7; 300]],
        created: 1_790_000_000,
        valid_from: 1_790_000_000,
        valid_to: 1_885_000_000,
        picture: Picture {
            kind: "PNG".into(),
            data: vec![9; 70_000],
            width_mm: 42,
            height_mm: 42,
        },
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_bytes(&[seed; 32]).unwrap()
}

fn sealed(timestamp: Option<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let info = request().to_be_signed().unwrap();
    let seal = SealRequest::finish(
        &info,
        b"maker certificate",
        SM2_WITH_SM3,
        &key(3).sign(&info).unwrap().to_der(),
    )
    .unwrap();
    let tbs = SignatureRequest {
        seal: &seal,
        time: 1_790_000_600,
        data_hash: [5; 32],
        property_info: PATH,
    }
    .to_be_signed()
    .unwrap();
    let value = key(4).sign(&tbs).unwrap().to_der();
    let whole = SignatureRequest::finish(&tbs, b"signer certificate", SM2_WITH_SM3, &value, timestamp).unwrap();
    (seal, whole)
}

#[test]
fn what_is_made_is_read_back_without_deviation() {
    let (seal_bytes, whole) = sealed(Some(b"token"));
    assert_eq!(detect(&whole), SignedValueKind::SealSignature);
    let signature: SealSignature = parse_signature(&whole, &Limits::default()).unwrap();
    let seal = parse_seal(&seal_bytes, &Limits::default()).unwrap();
    assert_eq!(signature.seal, seal);
    assert_eq!(
        (signature.raw.as_slice(), seal.raw.as_slice()),
        (whole.as_slice(), seal_bytes.as_slice())
    );
    assert_eq!((seal.deviations.len(), signature.deviations.len()), (0, 0));
    assert_eq!(
        (signature.version, seal.header_version, signature.tbs_version),
        (Version::V4, 4, 4)
    );
    let asked = request();
    assert_eq!(
        (&seal.name, &seal.es_id, &seal.vid, seal.kind),
        (&asked.name, &asked.es_id, &asked.vid, asked.kind)
    );
    assert_eq!(seal.picture, asked.picture);
    assert_eq!(seal.certificates, CertificateList::Certificates(asked.certificates));
    assert_eq!(
        (seal.created, seal.valid_from, seal.valid_to),
        (Some(1_790_000_000), Some(1_790_000_000), Some(1_885_000_000))
    );
    assert!(seal.lists(b"signer certificate") && !seal.lists(b"another certificate"));
    assert_eq!(
        (signature.time, signature.time_text.as_str()),
        (Some(1_790_000_600), "20260921142320Z")
    );
    assert_eq!(
        (signature.data_hash.as_slice(), signature.property_info.as_str()),
        ([5; 32].as_slice(), PATH)
    );
    assert_eq!(signature.timestamp.as_deref(), Some(b"token".as_slice()));

    let verifies = |seed, message: &[u8], value: &[u8]| {
        key(seed)
            .public_key()
            .verify(message, &Signature::from_der(value).unwrap())
    };
    assert!(verifies(3, &seal.signed_bytes, &seal.signature));
    assert!(verifies(4, &signature.signed_bytes, &signature.signature));
}

#[test]
fn an_rsa_seal_has_the_same_structure() {
    let info = request().to_be_signed().unwrap();
    let seal = SealRequest::finish(&info, b"maker", RSA_WITH_SHA256, &[0x5a; 384]).unwrap();
    let read = parse_seal(&seal, &Limits::default()).unwrap();
    assert_eq!(
        (read.algorithm.as_str(), read.signature.len(), read.signed_bytes),
        (RSA_WITH_SHA256, 384, info)
    );
    assert_eq!(read.deviations, []);
}

#[test]
fn what_the_standard_cannot_hold_is_refused_by_field() {
    let refuse = |change: fn(&mut SealRequest)| {
        let mut request = request();
        change(&mut request);
        request.to_be_signed().unwrap_err()
    };
    assert!(matches!(
        refuse(|r| r.vid = "朱砂".into()),
        MakeError::NotAscii {
            field: "header.Vid",
            ..
        }
    ));
    assert!(matches!(
        refuse(|r| r.es_id.clear()),
        MakeError::Empty { field: "esID" }
    ));
    assert!(matches!(
        refuse(|r| r.certificates.clear()),
        MakeError::Empty {
            field: "property.certList"
        }
    ));
    assert!(matches!(refuse(|r| r.valid_to = 0), MakeError::ValidityReversed));
    assert!(matches!(
        refuse(|r| r.valid_to = i64::MAX),
        MakeError::TimeOutOfRange {
            field: "property.validEnd",
            ..
        }
    ));

    let info = request().to_be_signed().unwrap();
    let der = key(3).sign(&info).unwrap().to_der();
    assert_eq!(
        SealRequest::finish(&info, b"m", SM2_WITH_SM3, &[1; 64]),
        Err(MakeError::SignatureNotDer)
    );
    assert!(matches!(
        SealRequest::finish(&info, b"m", "1.2.x", &der),
        Err(MakeError::BadOid { .. })
    ));
    assert!(matches!(
        SealRequest::finish(b"not info", b"m", SM2_WITH_SM3, &der),
        Err(MakeError::Unreadable(_))
    ));
    let request = SignatureRequest {
        seal: b"not a seal",
        time: 0,
        data_hash: [0; 32],
        property_info: PATH,
    };
    assert!(matches!(request.to_be_signed(), Err(MakeError::Unreadable(_))));
}

#[test]
fn every_value_is_der_with_nothing_left_over() {
    fn walk(mut reader: Reader<'_>) -> usize {
        let mut seen = 0;
        while let Some(value) = reader.try_read().unwrap() {
            assert!(value.is_der_length());
            seen += 1;
            if value.constructed {
                assert!(value.tag == Tag::SEQUENCE || value.tag == Tag::context(0));
                seen += walk(value.children().unwrap());
            }
        }
        seen
    }
    assert_eq!(walk(Reader::new(&sealed(Some(b"token")).1)), 36);
}

#[test]
fn openssl_parses_what_is_made() {
    let child = Command::new("openssl")
        .args(["asn1parse", "-inform", "DER"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: no openssl on this machine");
        return;
    };
    let (_, whole) = sealed(None);
    child.stdin.take().unwrap().write_all(&whole).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stdout);
    for part in [
        "GENERALIZEDTIME   :20260921142320Z",
        "IA5STRING         :CINNABAR",
        NAME,
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
