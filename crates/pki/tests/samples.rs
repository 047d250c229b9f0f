//! Certificates, signed messages and time stamps that other software made, read and recomputed.
//!
//! The samples lie beside the repository; without them these tests say so and pass.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::fs;
use std::path::{Path, PathBuf};

use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_pki::cms::{self, Dialect, SignedData};
use cinnabar_pki::path::{self, Purpose};
use cinnabar_pki::tlv::{Reader, Tag, Tlv};
use cinnabar_pki::{Limits, tsp};
use cinnabar_sm::sm2;
use cinnabar_sm::sm3;

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if !folder.is_dir() {
        eprintln!("skipped: there are no samples at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn read(path: &str) -> Option<Vec<u8>> {
    Some(fs::read(samples()?.join(path)).unwrap())
}

fn verifies(certificate: &Certificate, message: &[u8], signature: &[u8]) -> bool {
    let PublicKey::Sm2(point) = certificate.public_key() else {
        panic!("not an SM2 key")
    };
    let (signature, _) = sm2::Signature::from_any(signature).unwrap();
    sm2::PublicKey::from_sec1(point).unwrap().verify(message, &signature)
}

/// The decoded /Contents strings of a PDF that are long enough for a signature.
fn contents_of(pdf: &[u8]) -> Vec<Vec<u8>> {
    let key = b"/Contents";
    let mut found = Vec::new();
    for at in (0..pdf.len()).filter(|at| pdf[*at..].starts_with(key)) {
        let after = pdf[at + key.len()..].trim_ascii_start();
        let Some(hex) = after
            .strip_prefix(b"<")
            .and_then(|rest| rest.split(|byte| *byte == b'>').next())
        else {
            continue;
        };
        let digits: Vec<u8> = hex
            .iter()
            .filter_map(|byte| char::from(*byte).to_digit(16))
            .map(|digit| digit as u8)
            .collect();
        if digits.len() > 200 {
            found.push(
                digits
                    .chunks(2)
                    .map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0))
                    .collect(),
            );
        }
    }
    found
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|this| this == extension) {
            found.push(path);
        }
    }
    found.sort();
}

/// Every certificate inside OCTET STRINGs of a seal or seal signature.
fn embedded_certificates(value: &Tlv<'_>, found: &mut Vec<Certificate>) {
    if value.constructed {
        let mut children = value.children().unwrap();
        while let Ok(Some(child)) = children.try_read() {
            embedded_certificates(&child, found);
        }
    } else if value.tag == Tag::OCTET_STRING && value.content_bytes().starts_with(&[0x30, 0x82]) {
        found.push(Certificate::parse(value.content_bytes()).unwrap());
    }
}

#[test]
fn certificates_verify_under_their_issuer_over_their_raw_tbs() {
    let Some(root) = read("ofd/keys/ofdrw-ROOT.cer") else {
        return;
    };
    let root = Certificate::parse(&root).unwrap();
    assert!(root.is_ca() && root.is_self_issued());
    assert_eq!(
        root.subject_common_name().as_deref(),
        Some("OFD Reader and WriterROOT Certificate")
    );
    assert_eq!(root.subject_organization().as_deref(), Some("OFD R&W"));
    assert!(verifies(&root, root.tbs(), root.signature()));
    for file in ["ofd/keys/ofdrw-USER.cer", "ofd/keys/ofdrw-SealBuilder.cer"] {
        let leaf = Certificate::parse(&read(file).unwrap()).unwrap();
        assert_eq!(
            path::candidate_issuers(&leaf, &[leaf.clone(), root.clone()]),
            [1],
            "{file}"
        );
        assert!(verifies(&root, leaf.tbs(), leaf.signature()), "{file}");
        let faults = path::check(&[&leaf, &root], leaf.not_before(), Purpose::Signer);
        assert!(faults.iter().all(|(index, _)| *index == 1), "{file}: {faults:?}");
    }
}

#[test]
fn certificates_inside_seals_are_read() {
    let Some(folder) = samples() else { return };
    let (mut paths, mut certificates) = (Vec::new(), Vec::new());
    files(&folder, "esl", &mut paths);
    files(&folder, "dat", &mut paths);
    for path in &paths {
        let bytes = fs::read(path).unwrap();
        embedded_certificates(&Reader::new(&bytes).read("seal").unwrap(), &mut certificates);
    }
    assert!(certificates.len() >= 10, "{}", certificates.len());
    for certificate in &certificates {
        eprintln!("{} | {:?}", certificate.subject_text(), certificate.deviations());
        assert!(matches!(certificate.public_key(), PublicKey::Sm2(_)));
        assert!(!certificate.subject_text().is_empty());
    }
}

#[test]
fn a_chinese_message_signs_its_attributes_in_file_order() {
    let Some(bytes) = read("ofd/siglayer/ccb-receipt-cms-pkcs9/SignedValue.dat") else {
        return;
    };
    let document = read("ofd/siglayer/ccb-receipt-cms-pkcs9/Signature.xml").unwrap();
    let message = cms::parse(&bytes, &Limits::DEFAULT).unwrap();
    assert_eq!(
        (message.dialect, message.econtent_type.as_str()),
        (Dialect::Gbt35275, cms::GBT35275_DATA)
    );
    let signer = &message.signers[0];
    let attributes = signer.signed_attributes.as_ref().unwrap();
    assert_eq!(
        attributes.message_digest.as_deref(),
        Some(&sm3::digest([&document[..]])[..])
    );
    let certificate = message.signer_certificate(signer).unwrap();
    assert!(verifies(certificate, &attributes.set_bytes, &signer.signature));
}

#[test]
fn every_signature_in_a_pdf_is_read_der_and_ber() {
    let Some(folder) = samples() else { return };
    let mut paths = Vec::new();
    files(&folder, "pdf", &mut paths);
    let (mut read, mut ber, mut tokens) = (0, 0, 0);
    for path in &paths {
        for contents in contents_of(&fs::read(path).unwrap()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match cms::parse(&contents, &Limits::DEFAULT) {
                Ok(message) => {
                    read += 1;
                    ber += usize::from(message.ber);
                    tokens += check_message(&name, &message);
                }
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
    assert!(
        read >= 20 && tokens >= 3 && ber >= 4,
        "{read} messages, {ber} in BER, {tokens} time stamps"
    );
}

/// Checks what holds for every sample and counts its time stamps.
fn check_message(name: &str, message: &SignedData) -> usize {
    let signer = &message.signers[0];
    let certificate = message.signer_certificate(signer);
    eprintln!(
        "{name}: {} certificates, {} unreadable, ber {}, sorted {}, {}",
        message.certificates.len(),
        message.unreadable_certificates,
        message.ber,
        signer
            .signed_attributes
            .as_ref()
            .is_none_or(|attributes| attributes.sorted_set_bytes.is_none()),
        certificate.map(Certificate::subject_text).unwrap_or_default()
    );
    let is_token = message.econtent_type == tsp::TST_INFO;
    for token in &signer.timestamps {
        let token = tsp::parse(token).unwrap();
        assert!(token.gen_time > 1_000_000_000 && !token.imprint.is_empty(), "{name}");
    }
    signer.timestamps.len() + usize::from(is_token)
}

#[test]
fn an_sm2_pdf_with_standard_identifiers_and_a_time_stamp() {
    let Some(pdf) = read("pdf/sm2-cms-stdoids-timestamp-valid.pdf") else {
        return;
    };
    let contents = contents_of(&pdf).remove(0);
    let message = cms::parse(&contents, &Limits::DEFAULT).unwrap();
    let signer = &message.signers[0];
    let certificate = message.signer_certificate(signer).unwrap();
    let attributes = signer.signed_attributes.as_ref().unwrap();
    assert!(verifies(certificate, &attributes.set_bytes, &signer.signature));
    let token = tsp::parse(&signer.timestamps[0]).unwrap();
    let stamper = &token.signed.signers[0];
    let signed = stamper.signed_attributes.as_ref().unwrap();
    assert!(message.used < contents.len());
    assert!(verifies(
        token.signed.signer_certificate(stamper).unwrap(),
        &signed.set_bytes,
        &stamper.signature
    ));
}
