//! Files that other software made: what the reader finds is what an independent recomputation found.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use cinnabar_ofd::{Limits, Package, read};
use support::{codes, samples};

#[test]
fn samples_read_as_the_manifest_says() {
    let Some(folder) = samples() else { return };
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let limits = Limits::default();
    let mut read_files = 0;
    for sample in manifest["samples"].as_array().unwrap() {
        let file = sample["file"].as_str().unwrap();
        if !file.ends_with(".ofd") {
            continue;
        }
        let package = Package::open(&std::fs::read(folder.join(file)).unwrap(), &limits).expect(file);
        let ofd = read::read(&package, &limits).expect(file);
        let body = &ofd.bodies[0];
        let expected = sample["signatures"].as_array().unwrap();
        assert_eq!(body.signatures.len(), expected.len(), "{file}");
        for (signature, expected) in body.signatures.iter().zip(expected) {
            assert_eq!(Some(signature.id.as_str()), expected["id"].as_str(), "{file}");
            assert_eq!(
                signature.method.as_deref(),
                expected["signatureMethod"].as_str(),
                "{file}"
            );
            assert_eq!(
                signature.date_time.as_deref(),
                expected["signatureDateTime"].as_str(),
                "{file}"
            );
            assert_eq!(
                signature.check_method.as_deref(),
                expected["checkMethod"].as_str(),
                "{file}"
            );
            assert_eq!(
                Some(signature.references.len() as u64),
                expected["references"].as_u64(),
                "{file}"
            );
            assert_eq!(
                signature.stamps.len(),
                expected["stampAnnots"].as_array().unwrap().len(),
                "{file}"
            );
            let covered: BTreeSet<&str> = signature.references.iter().filter_map(|r| r.path.as_deref()).collect();
            assert_eq!(
                covered.len(),
                signature.references.len(),
                "{file}: every reference is found, once"
            );
            let not_covered: Vec<&str> = package.names().into_iter().filter(|n| !covered.contains(n)).collect();
            let listed: Vec<&str> = expected["notCovered"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect();
            assert_eq!(not_covered, listed, "{file} {}", signature.id);
            let mismatches: Vec<&str> = signature
                .references
                .iter()
                .filter(|r| {
                    let content = package.entry(r.path.as_deref().unwrap()).unwrap();
                    r.check_value.as_deref() != Some(cinnabar_sm::sm3::digest([content]).as_slice())
                })
                .map(|r| r.file_ref.as_str())
                .collect();
            let listed: Vec<&str> = expected["digestMismatch"]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_str().unwrap())
                .collect();
            if signature.check_method.as_deref() != Some("1.2.156.10197.1.401.2") {
                assert_eq!(mismatches, listed, "{file}");
            }
        }
        read_files += 1;
    }
    assert!(read_files >= 9);
}

#[test]
fn departures_of_the_samples_are_named() {
    let Some(folder) = samples() else { return };
    let limits = Limits::default();
    for (file, expected, unreachable) in [
        (
            "tax-v4-baiwang-test-invoice.ofd",
            vec!["PATH_CASE"],
            vec!["Doc_0/Tags/CustomTags.xml", "Doc_0/Tags/Tag_Invoice.xml"],
        ),
        ("tax-v4-baiwang-ukey-TEMPLATE-UNPROTECTED.ofd", vec![], vec![]),
        (
            "licence-sign-cms-yunnan-landuse.ofd",
            vec![],
            vec!["Doc_0/Document.xml", "Doc_0/DocumentRes.xml"],
        ),
        ("ofdrw-v4-whole-protected.ofd", vec![], vec![]),
        (
            "ofdrw-two-sigs-FIRST-BROKEN-BY-SECOND.ofd",
            vec!["DUPLICATE_MAX_SIGN_ID", "MISSING_FILE"],
            vec![],
        ),
        ("iofd-v1-TAMPERED.ofd", vec![], vec![]),
        ("ofdrw-raw-sm2-digital-sign.ofd", vec![], vec![]),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let ofd = read::read(&Package::open(&bytes, &limits).unwrap(), &limits).unwrap();
        assert_eq!(
            codes(&ofd),
            expected,
            "{file}: {:?}",
            ofd.all_deviations().collect::<Vec<_>>()
        );
        assert_eq!(ofd.unreachable, unreachable, "{file}");
    }
}

#[test]
fn templates_without_protection_are_reachable_and_so_show_as_uncovered() {
    let Some(folder) = samples() else { return };
    let bytes = std::fs::read(folder.join("tax-v4-baiwang-ukey-TEMPLATE-UNPROTECTED.ofd")).unwrap();
    let limits = Limits::default();
    let ofd = read::read(&Package::open(&bytes, &limits).unwrap(), &limits).unwrap();
    let body = &ofd.bodies[0];
    let covered: BTreeSet<&str> = body.signatures[0]
        .references
        .iter()
        .filter_map(|r| r.path.as_deref())
        .collect();
    let open: Vec<&str> = body
        .reachable
        .iter()
        .map(|r| r.path.as_str())
        .filter(|p| !covered.contains(p))
        .collect();
    for template in ["Doc_0/TPLS/TPL_0/Content.xml", "Doc_0/TPLS/TPL_1/Content.xml"] {
        assert!(open.contains(&template), "{open:?}");
    }
}
