//! Reads every seal and seal signature of the sample collection and compares it with what its manifest says, arithmetic included.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_pki::tlv::{parse_generalized_time, parse_utc_time};
use cinnabar_seal::{
    CertificateList, Deviation, Limits, Seal, SealError, SealSignature, SignedValueKind, Version, detect,
    looks_like_seal, parse_seal, parse_signature,
};
use cinnabar_sm::{sm2, sm3};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

fn samples() -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/ofd");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no sample collection at {}", dir.display());
    None
}

/// The files of one signature of a sample, by name within its folder.
type Folder = BTreeMap<String, Vec<u8>>;

/// The signature folders of an OFD or of an unpacked sample, in order.
fn folders(path: &Path) -> Vec<Folder> {
    if path.is_dir() {
        let read = |e: std::fs::DirEntry| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap());
        return vec![std::fs::read_dir(path).unwrap().map(|e| read(e.unwrap())).collect()];
    }
    let mut found: BTreeMap<String, Folder> = BTreeMap::new();
    let mut zip = zip::ZipArchive::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().to_string();
        let Some((folder, file)) = name.rsplit_once('/').filter(|(folder, _)| folder.contains("/Signs/")) else {
            continue;
        };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        found
            .entry(folder.to_owned())
            .or_default()
            .insert(file.to_owned(), bytes);
    }
    found.into_values().collect()
}

fn verifies(certificate: &[u8], message: &[u8], value: &[u8]) -> bool {
    let certificate = Certificate::parse(certificate).unwrap();
    let PublicKey::Sm2(point) = certificate.public_key() else {
        return false;
    };
    let (value, _) = sm2::Signature::from_any(value).unwrap();
    sm2::PublicKey::from_sec1(point.as_ref())
        .unwrap()
        .verify(message, &value)
}

fn manifest_time(text: &str) -> Option<i64> {
    match text.split_once(':').unwrap() {
        ("UTC", t) => parse_utc_time(t.as_bytes()),
        (_, t) => parse_generalized_time(t.as_bytes()),
    }
}

#[test]
fn every_sample_is_read_as_its_manifest_says() {
    let Some(dir) = samples() else { return };
    let manifest: Value = serde_json::from_slice(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    let (mut seals, mut others) = (0, 0);
    for sample in manifest["samples"].as_array().unwrap() {
        let Some(signatures) = sample["signatures"].as_array() else {
            continue;
        };
        let folders = folders(&dir.join(sample["file"].as_str().unwrap()));
        assert_eq!(folders.len(), signatures.len(), "{}", sample["file"]);
        for (expected, files) in signatures.iter().zip(&folders) {
            let value = &files["SignedValue.dat"];
            if expected["ses"].is_object() {
                assert_eq!(detect(value), SignedValueKind::SealSignature);
                let signature = parse_signature(value, &Limits::default()).unwrap();
                compare(
                    &signature,
                    &expected["ses"],
                    files,
                    &format!("{} {}", sample["file"], expected["id"]),
                );
                assert_eq!(signature.raw, *value);
                if let Some(seal) = files.get("Seal.esl") {
                    assert!(looks_like_seal(seal));
                    assert_eq!(
                        expected["sealFileVsEmbedded"].as_str() == Some("identical to embedded seal"),
                        *seal == signature.seal.raw
                    );
                }
                seals += 1;
            } else {
                let kind = if expected["cms"].is_object() {
                    SignedValueKind::SignedData
                } else {
                    SignedValueKind::BareSm2
                };
                assert_eq!(detect(value), kind, "{}", sample["file"]);
                assert_eq!(
                    parse_signature(value, &Limits::default()),
                    Err(SealError::AnotherKind { kind })
                );
                others += 1;
            }
        }
    }
    assert!(seals >= 8 && others >= 3, "{seals} seal signatures, {others} others");
}

fn compare(signature: &SealSignature, expected: &Value, files: &Folder, name: &str) {
    let seal = &signature.seal;
    let version = match &expected["structure"].as_str().unwrap()[..2] {
        "V1" => Version::V1,
        "V4" => Version::V4,
        _ => Version::V5,
    };
    assert_eq!((signature.version, seal.version), (version, version), "{name}");
    assert_eq!(expected["headerVersion"], seal.header_version, "{name}");
    assert_eq!(expected["tbsVersion"], signature.tbs_version, "{name}");
    assert_eq!(expected["vid"], seal.vid.as_str(), "{name}");
    assert_eq!(expected["esID"], seal.es_id.as_str(), "{name}");
    assert_eq!(expected["sealName"], seal.name.as_str(), "{name}");
    assert_eq!(expected["sealType"], seal.kind, "{name}");
    assert!(matches!(seal.certificates, CertificateList::Certificates(_)), "{name}");
    let times: Vec<_> = expected["sealTimes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| manifest_time(t.as_str().unwrap()))
        .collect();
    assert_eq!(times, [seal.created, seal.valid_from, seal.valid_to], "{name}");
    assert_eq!(expected["picture"]["type"], seal.picture.kind.as_str(), "{name}");
    assert_eq!(expected["picture"]["len"], seal.picture.data.len(), "{name}");
    assert_eq!(expected["picture"]["w"], seal.picture.width_mm, "{name}");
    assert_eq!(expected["picture"]["h"], seal.picture.height_mm, "{name}");
    let extensions: Vec<Value> = seal
        .extensions
        .iter()
        .map(|e| {
            let flag = if e.critical { "01:ff" } else { "01:00" };
            serde_json::json!([e.oid, flag, format!("04:{}", hex::encode(&e.value))])
        })
        .collect();
    let listed = expected["sealExt"]["items"].as_array().cloned().unwrap_or_default();
    assert_eq!(listed, extensions, "{name}");
    assert_eq!(expected["tbsExt"].is_null(), signature.extensions.is_empty(), "{name}");

    let time = expected["timeInfo"].as_str().unwrap().split(' ').next().unwrap();
    assert_eq!(signature.time_text, time, "{name}");
    assert!(signature.time.is_some(), "{name}");
    assert_eq!(expected["propertyInfo"], signature.property_info.as_str(), "{name}");
    assert_eq!(expected["signAlg"], signature.algorithm.as_str(), "{name}");
    assert_eq!(expected["sealSignAlg"], seal.algorithm.as_str(), "{name}");
    let raw = signature.deviations.contains(&Deviation::RawSm2Signature);
    assert_eq!(expected["signatureForm"].as_str() == Some("raw r||s 64"), raw, "{name}");

    assert_eq!(
        expected["signerInSealCertList"],
        seal.lists(&signature.certificate),
        "{name}"
    );
    let digest_matches = sm3::digest([files["Signature.xml"].as_slice()]).as_slice() == signature.data_hash;
    assert_eq!(
        !expected["dataHashOK"].as_array().unwrap().is_empty(),
        digest_matches,
        "{name}"
    );
    let seal_valid = verifies(&seal.maker_certificate, &seal.signed_bytes, &seal.signature);
    assert_eq!(expected["sealSignatureValid"], seal_valid, "{name}");
    let valid = verifies(&signature.certificate, &signature.signed_bytes, &signature.signature);
    assert_eq!(expected["signatureValid"], valid, "{name}");
}

#[test]
fn bare_seals_of_all_three_versions_are_read_and_their_makers_signatures_verify() {
    let Some(dir) = samples() else { return };
    for (file, version, header, created) in [
        ("UserV1", Version::V1, 1, parse_utc_time(b"200422021807Z")),
        ("UserV4", Version::V4, 4, parse_generalized_time(b"20200422020900Z")),
        ("UserV5", Version::V5, 5, parse_generalized_time(b"20260424085323Z")),
    ] {
        let bytes = std::fs::read(dir.join(format!("esl/ofdrw-{file}.esl"))).unwrap();
        assert!(looks_like_seal(&bytes));
        assert_eq!(detect(&bytes), SignedValueKind::Unknown, "a seal is no signed value");
        let seal: Seal = parse_seal(&bytes, &Limits::default()).unwrap();
        assert_eq!(
            (seal.version, seal.header_version, seal.created),
            (version, header, created),
            "{file}"
        );
        assert_eq!(
            (seal.id.as_str(), seal.picture.kind.as_str(), seal.picture.width_mm),
            ("ES", "PNG", 40)
        );
        assert_eq!((seal.raw.as_slice(), &seal.timestamp), (bytes.as_slice(), &None));
        assert_eq!(seal.deviations, [], "{file}");
        assert!(
            verifies(&seal.maker_certificate, &seal.signed_bytes, &seal.signature),
            "{file}"
        );
        assert!(matches!(
            parse_signature(&bytes, &Limits::default()),
            Err(SealError::Encoding(_) | SealError::Unexpected { .. })
        ));
    }
    let bytes = std::fs::read(dir.join("esl/ofdrw-SignedValueV4.dat")).unwrap();
    let signature = parse_signature(&bytes, &Limits::default()).unwrap();
    assert_eq!(signature.time_text, "20201012111403Z");
    assert!(verifies(
        &signature.certificate,
        &signature.signed_bytes,
        &signature.signature
    ));
    assert!(signature.seal.lists(&signature.certificate));
}

#[test]
fn vendors_departures_are_named() {
    let Some(dir) = samples() else { return };
    let codes = |file: &str| {
        let files = folders(&dir.join(file)).swap_remove(0);
        let signature = parse_signature(&files["SignedValue.dat"], &Limits::default()).unwrap();
        let codes = |list: &[Deviation]| list.iter().map(Deviation::code).collect::<Vec<_>>();
        (codes(&signature.seal.deviations), codes(&signature.deviations))
    };
    assert_eq!(
        codes("siglayer/tongz-zibo-v4-raw64"),
        (vec![], vec!["UNKNOWN_CRITICAL_EXTENSION", "RAW_SM2_SIGNATURE"])
    );
    assert_eq!(
        codes("iofd-v1-TAMPERED.ofd"),
        (
            vec!["DUMMY_CERT_LIST", "UNKNOWN_CRITICAL_EXTENSION"],
            vec!["NON_STANDARD_TIME"]
        )
    );
    assert_eq!(
        codes("tax-v4-baiwang-test-invoice.ofd"),
        (vec!["EXPLICIT_DEFAULT"], vec![])
    );
}

#[test]
fn every_truncation_of_a_sample_is_an_error() {
    let Some(dir) = samples() else { return };
    let signed = std::fs::read(dir.join("siglayer/tongz-zibo-v4-raw64/SignedValue.dat")).unwrap();
    let seal = std::fs::read(dir.join("esl/ofdrw-UserV1.esl")).unwrap();
    // Within the picture one place is like another; a stride that is prime to all lengths covers the rest.
    for length in (0..signed.len()).filter(|n| n % 7 == 0 || *n < 1100 || *n > 9900) {
        assert!(
            parse_signature(&signed[..length], &Limits::default()).is_err(),
            "{length}"
        );
    }
    for length in (0..seal.len()).filter(|n| n % 7 == 0 || *n < 800 || *n > 16300) {
        assert!(parse_seal(&seal[..length], &Limits::default()).is_err(), "{length}");
    }
}
