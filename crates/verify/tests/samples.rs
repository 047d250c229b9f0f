//! Files that other software signed get the verdict that recomputation from their raw bytes gave.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinnabar_verify::codes::Weight;
use cinnabar_verify::{Context, Engine, Integrity, Limits, Report, Verdict, policy, verify_one};
use serde_json::Value;

/// 2026-11-22, after every sample's claimed time.
const AT: i64 = 1_795_305_600;

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: the sample files are not beside this checkout");
    None
}

fn verify(path: &Path) -> Report {
    let bytes: Arc<[u8]> = std::fs::read(path).unwrap().into();
    let context = Context::new(None, &policy::DOCUMENT, AT);
    verify_one(
        &path.display().to_string(),
        &bytes,
        &context,
        &Limits::default(),
        &Engine::new(),
    )
}

fn told(report: &Report) -> String {
    let codes: Vec<String> = report
        .findings
        .iter()
        .map(|f| format!("{}[{}]", f.code.as_str(), f.detail.as_deref().unwrap_or("")))
        .collect();
    format!(
        "{} {} {:?}: {}",
        report.verdict.as_str(),
        report.reason,
        report.integrity,
        codes.join(", ")
    )
}

/// What the manifest demands, or what is wrong with the report.
fn disagreement(expected: &str, report: &Report) -> Option<String> {
    let not_passed_and_named = !report.verdict.is_passed()
        && report.findings.iter().any(|f| {
            f.code.weight() != Weight::Note && !matches!(f.code.as_str(), "NO_TRUST_SET" | "NO_CERTIFICATE_CHAIN_FOUND")
        });
    let agrees = match expected {
        "valid" => report.integrity == Integrity::Intact && report.verdict != Verdict::Failed,
        "invalid" => report.verdict == Verdict::Failed,
        "undetermined" => report.verdict == Verdict::Indeterminate,
        "valid-with-warning" | "valid-signature-but-document-changed" => not_passed_and_named,
        _ => true,
    };
    (!agrees).then(|| format!("expected {expected}, got {}", told(report)))
}

fn check_manifest(kind: &str) {
    let Some(folder) = samples().map(|s| s.join(kind)) else {
        return;
    };
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for sample in manifest["samples"].as_array().unwrap() {
        let (Some(file), Some(expected)) = (sample["file"].as_str(), sample["expected"].as_str()) else {
            continue;
        };
        if expected == "n/a" {
            continue;
        }
        checked += 1;
        if let Some(why) = disagreement(expected, &verify(&folder.join(file))) {
            wrong.push(format!("{file}: {why}"));
        }
    }
    assert!(checked > 0, "the manifest names no sample");
    assert!(
        wrong.is_empty(),
        "{} of {checked} samples disagree:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_ofd_sample_gets_the_verdict_of_its_manifest() {
    check_manifest("ofd");
}

#[test]
fn every_pdf_sample_gets_the_verdict_of_its_manifest() {
    check_manifest("pdf");
}

#[test]
fn values_without_their_document_are_undetermined() {
    let Some(folder) = samples() else { return };
    for name in ["ccb-receipt-cms-pkcs9", "tongz-zibo-v4-raw64"] {
        let report = verify(&folder.join("ofd/siglayer").join(name).join("SignedValue.dat"));
        assert_eq!(report.verdict, Verdict::Indeterminate, "{name}: {}", told(&report));
        assert_eq!(report.reason, "SIGNED_DATA_NOT_FOUND", "{name}: {}", told(&report));
    }
}
