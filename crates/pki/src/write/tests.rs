//! What the builders write, read back by this crate's own readers.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use cinnabar_sm::{sm2, sm3};

use super::*;
use crate::{
    Limits,
    certificate::{Certificate, DEVELOPMENT_OID, PublicKey},
    cms::{self, Dialect},
    crl::Crl,
};

const FROM: i64 = 1_735_689_600;
const TO: i64 = 2_366_841_600;

fn key() -> sm2::SecretKey {
    sm2::SecretKey::from_bytes(&[7; 32]).unwrap()
}

fn spki(key: &sm2::SecretKey) -> Vec<u8> {
    let algorithm = der::sequence([
        der::oid("1.2.840.10045.2.1").unwrap(),
        der::oid("1.2.156.10197.1.301").unwrap(),
    ]);
    der::sequence([algorithm, der::bit_string(&key.public_key().to_sec1())])
}

fn name(common: &str) -> Name {
    Name::new(&[
        (NamePart::Country, "CN"),
        (NamePart::Organization, "朱砂市公安局"),
        (NamePart::CommonName, common),
    ])
    .unwrap()
}

fn builder() -> CertificateBuilder {
    let spki = spki(&key());
    let id = key_identifier(&spki);
    CertificateBuilder {
        serial: vec![0xca, 0xfe],
        algorithm: SignatureAlgorithm::Sm2Sm3,
        issuer: name("甲"),
        not_before: FROM,
        not_after: TO,
        subject: name("甲"),
        spki,
        extensions: vec![
            Extension::authority(Some(0)),
            Extension::key_usage(&[Usage::CertSign, Usage::CrlSign]),
            Extension::subject_key_id(&id),
            Extension::authority_key_id(&id),
            Extension::text(DEVELOPMENT_OID, "CINNABAR DEVELOPMENT KEY"),
        ],
    }
}

fn sign(to_be_signed: ToBeSigned) -> Vec<u8> {
    let signature = key().sign(to_be_signed.message()).unwrap();
    to_be_signed.assemble(&signature.to_der()).unwrap()
}

fn certificate() -> Vec<u8> {
    sign(builder().finalize().unwrap())
}

#[test]
fn a_certificate_reads_back_as_it_was_asked_for() {
    let der = certificate();
    let read = Certificate::parse(&der).unwrap();
    assert_eq!(read.raw(), der);
    assert_eq!(read.tbs(), builder().finalize().unwrap().message());
    assert_eq!(read.serial(), [0, 0xca, 0xfe]);
    assert_eq!((read.not_before(), read.not_after()), (FROM, TO));
    assert_eq!(read.subject_common_name().as_deref(), Some("甲"));
    assert_eq!(read.subject_organization().as_deref(), Some("朱砂市公安局"));
    assert_eq!(read.signature_algorithm(), "1.2.156.10197.1.501");
    assert_eq!(*read.public_key(), PublicKey::Sm2(key().public_key().to_sec1()));
    assert!(read.is_ca() && read.is_self_issued() && read.is_development());
    assert_eq!(read.path_length(), Some(0));
    let usage = read.key_usage().unwrap();
    assert!(usage.cert_sign() && usage.crl_sign() && !usage.digital_signature() && !usage.non_repudiation());
    assert_eq!(read.subject_key_id(), read.authority_key_id());
    assert!(read.deviations().is_empty(), "{:?}", read.deviations());
    let signature = sm2::Signature::from_der(read.signature()).unwrap();
    assert!(key().public_key().verify(read.tbs(), &signature));
}

#[test]
fn a_certificate_that_breaks_the_profile_is_not_written() {
    for serial in [vec![], vec![0], vec![0, 1], vec![0x80; 20], vec![1; 21]] {
        assert_eq!(
            CertificateBuilder { serial, ..builder() }.finalize(),
            Err(WriteError::Serial)
        );
    }
    let period = CertificateBuilder {
        not_after: FROM,
        ..builder()
    }
    .finalize();
    assert_eq!(period, Err(WriteError::Period { begin: FROM, end: FROM }));
    let mut twice = builder();
    twice.extensions.push(Extension::authority(None));
    assert_eq!(
        twice.finalize(),
        Err(WriteError::DuplicateAttribute {
            oid: "2.5.29.19".into()
        })
    );
    let hollow = CertificateBuilder {
        spki: vec![0x30, 0x01],
        ..builder()
    }
    .finalize();
    assert!(matches!(hollow, Err(WriteError::NotDer { .. })));
    assert_eq!(
        builder().finalize().unwrap().assemble(&[]),
        Err(WriteError::EmptySignature)
    );
}

#[test]
fn names_keep_to_the_types_of_x520() {
    let der = name("甲").as_der().to_vec();
    assert!(
        der.windows(4).any(|bytes| bytes == [0x13, 2, b'C', b'N']),
        "country is PrintableString"
    );
    assert!(
        der.windows(5).any(|bytes| bytes == [0x0c, 3, 0xe7, 0x94, 0xb2]),
        "the rest is UTF8String"
    );
    for (part, text) in [
        (NamePart::Country, "cn"),
        (NamePart::Country, "CHN"),
        (NamePart::CommonName, ""),
        (NamePart::CommonName, "a\nb"),
        (NamePart::SerialNumber, "编号"),
        (NamePart::Organization, "局".repeat(65).as_str()),
    ] {
        assert!(
            matches!(Name::new(&[(part, text)]), Err(WriteError::Name { .. })),
            "{part:?} {text}"
        );
    }
    assert_eq!(Name::from_der(name("甲").as_der()).unwrap(), name("甲"));
    assert!(Name::from_der(&[0x30, 0x01]).is_err());
}

#[test]
fn a_revocation_list_reads_back_with_and_without_entries() {
    let empty = CrlBuilder {
        algorithm: SignatureAlgorithm::Sm2Sm3,
        issuer: name("甲"),
        authority_key_id: vec![1; 20],
        number: 3,
        this_update: FROM,
        next_update: TO,
        revoked: Vec::new(),
    };
    let read = Crl::parse(&sign(empty.finalize().unwrap())).unwrap();
    assert_eq!((read.this_update(), read.next_update()), (FROM, Some(TO)));
    assert!(!read.is_delta() && !read.has_critical_unknown());
    assert!(read.revocation(&[5]).is_none());

    let entry = |serial, reason| RevokedEntry {
        serial: vec![serial],
        at: FROM,
        reason,
    };
    let full = CrlBuilder {
        revoked: vec![entry(5, Some(5)), entry(6, None)],
        ..empty
    };
    let read = Crl::parse(&sign(full.finalize().unwrap())).unwrap();
    let five = read.revocation(&[5]).unwrap();
    assert_eq!((five.at, five.reason), (FROM, Some(5)));
    assert_eq!(read.revocation(&[6]).unwrap().reason, None);
    assert!(read.revocation(&[7]).is_none());
    let signature = sm2::Signature::from_der(read.signature()).unwrap();
    assert!(key().public_key().verify(read.tbs(), &signature));
}

fn detached(dialect: Dialect) -> SignedDataBuilder {
    SignedDataBuilder {
        dialect,
        algorithm: SignatureAlgorithm::Sm2Sm3,
        signer: certificate(),
        chain: vec![certificate()],
        content: SignedContent::Detached {
            digest: sm3::digest([&b"document"[..]]),
        },
        signing_time: None,
        attributes: vec![Attribute {
            oid: "1.3.6.1.4.1.59999.1.2".into(),
            value: der::octet_string(&[9; 32]),
        }],
    }
}

fn assembled(builder: &SignedDataBuilder) -> (Vec<u8>, Vec<u8>) {
    let pending = builder.to_be_signed().unwrap();
    let signature = key().sign(pending.message()).unwrap().to_der();
    let der = pending.assemble(&signature, &[]).unwrap();
    assert!(der.len() <= pending.reserve(0).unwrap());
    (pending.message().to_vec(), der)
}

#[test]
fn detached_signed_data_reads_back_in_both_dialects() {
    for (dialect, data, algorithm) in [
        (Dialect::Cms, "1.2.840.113549.1.7.1", "1.2.156.10197.1.501"),
        (Dialect::Gbt35275, "1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.301.1"),
    ] {
        let (message, der) = assembled(&detached(dialect));
        let read = cms::parse(&der, &Limits::default()).unwrap();
        assert_eq!((read.dialect, read.ber, read.used), (dialect, false, der.len()));
        assert_eq!((read.econtent_type.as_str(), read.econtent.as_ref()), (data, None));
        assert_eq!(read.certificates.len(), 1, "the same certificate is embedded once");
        let [signer] = read.signers.as_slice() else {
            panic!("one signer")
        };
        assert_eq!(signer.digest_algorithm, "1.2.156.10197.1.401");
        assert_eq!(signer.signature_algorithm, algorithm);
        assert_eq!(read.signer_certificate(signer).unwrap().raw(), certificate());
        let attributes = signer.signed_attributes.as_ref().unwrap();
        assert_eq!(attributes.set_bytes, message);
        assert_eq!(attributes.sorted_set_bytes, None, "written in DER order");
        assert!(!attributes.duplicates);
        assert_eq!(attributes.content_type.as_deref(), Some(data));
        assert_eq!(
            attributes.message_digest.as_deref(),
            Some(&sm3::digest([&b"document"[..]])[..])
        );
        assert_eq!(attributes.signing_time, None);
        let [hash] = attributes.signing_certificate.as_slice() else {
            panic!("one certificate hash")
        };
        assert_eq!(hash.algorithm, "1.2.156.10197.1.401");
        assert_eq!(hash.hash, sm3::digest([&certificate()[..]]));
        assert_eq!(
            attributes.other,
            [("1.3.6.1.4.1.59999.1.2".to_owned(), der::octet_string(&[9; 32]))]
        );
        let signature = sm2::Signature::from_der(&signer.signature).unwrap();
        assert!(key().public_key().verify(&message, &signature));
    }
}

#[test]
fn an_embedded_digest_is_signed_without_attributes() {
    let digest = sm3::digest([&b"Signature.xml"[..]]);
    let builder = SignedDataBuilder {
        content: SignedContent::EmbeddedDigest { digest },
        attributes: Vec::new(),
        ..detached(Dialect::Gbt35275)
    };
    let (message, der) = assembled(&builder);
    assert_eq!(message, digest);
    let read = cms::parse(&der, &Limits::default()).unwrap();
    assert_eq!(read.econtent.as_deref(), Some(&digest[..]));
    assert!(read.signers.first().unwrap().signed_attributes.is_none());
    let timed = SignedDataBuilder {
        signing_time: Some(FROM),
        ..builder
    };
    assert_eq!(timed.to_be_signed(), Err(WriteError::NoRoomForAttributes));
}

#[test]
fn signing_time_and_a_time_stamp_find_their_places() {
    let builder = SignedDataBuilder {
        signing_time: Some(FROM),
        ..detached(Dialect::Cms)
    };
    let pending = builder.to_be_signed().unwrap();
    let token = Attribute {
        oid: "1.2.840.113549.1.9.16.2.14".into(),
        value: der::sequence([der::null()]),
    };
    let der = pending.assemble(&[1; 70], std::slice::from_ref(&token)).unwrap();
    assert!(der.len() <= pending.reserve(token.value.len() + 20).unwrap());
    let read = cms::parse(&der, &Limits::default()).unwrap();
    let signer = read.signers.first().unwrap();
    assert_eq!(signer.signed_attributes.as_ref().unwrap().signing_time, Some(FROM));
    assert_eq!(signer.timestamps, std::slice::from_ref(&token.value));
    assert!(matches!(
        pending.assemble(&[1], &[token.clone(), token]),
        Err(WriteError::DuplicateAttribute { .. })
    ));
}

#[test]
fn a_signed_data_that_could_not_verify_is_not_begun() {
    let unreadable = SignedDataBuilder {
        signer: vec![0x30, 0],
        ..detached(Dialect::Cms)
    };
    assert_eq!(
        unreadable.to_be_signed(),
        Err(WriteError::Certificate { whose: "signer" })
    );
    let chain = SignedDataBuilder {
        chain: vec![vec![1]],
        ..detached(Dialect::Cms)
    };
    assert_eq!(chain.to_be_signed(), Err(WriteError::Certificate { whose: "chain" }));
    let other = SignedDataBuilder {
        algorithm: SignatureAlgorithm::RsaSha256,
        ..detached(Dialect::Cms)
    };
    assert!(matches!(other.to_be_signed(), Err(WriteError::KeyMismatch { .. })));
    let content_type = Attribute {
        oid: "1.2.840.113549.1.9.3".into(),
        value: der::null(),
    };
    let twice = SignedDataBuilder {
        attributes: vec![content_type],
        ..detached(Dialect::Cms)
    };
    assert!(matches!(
        twice.to_be_signed(),
        Err(WriteError::DuplicateAttribute { .. })
    ));
    let loose = Attribute {
        oid: "1.2.3".into(),
        value: vec![4, 9],
    };
    let loose = SignedDataBuilder {
        attributes: vec![loose],
        ..detached(Dialect::Cms)
    };
    assert_eq!(loose.to_be_signed(), Err(WriteError::NotDer { of: "1.2.3".into() }));
}
