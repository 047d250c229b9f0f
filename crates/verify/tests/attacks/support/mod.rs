//! Documents that the tests make, and how they look at the verdict.

pub mod cms;
pub mod ofd;
pub mod pdf;
pub mod pki;
pub mod seal;
pub mod zip;

use std::sync::{Arc, LazyLock};

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::policy::{self, Policy};
use cinnabar_verify::{Context, Engine, Limits, Report, verify_one};

use pki::Pki;

/// When the documents say that they were signed: 2026-09-21.
pub const SIGNED_AT: i64 = 1_790_000_000;
/// When they are verified: 2027-01-15.
pub const AT: i64 = 1_800_000_000;
pub const DAY: i64 = 86_400;

/// The PKI that most tests share.
pub static PKI: LazyLock<Pki> = LazyLock::new(Pki::new);
/// Its trust set.
pub static TRUST: LazyLock<TrustSet> = LazyLock::new(|| PKI.trust());
/// A good OFD under it.
pub static OFD: LazyLock<Vec<u8>> = LazyLock::new(|| ofd::Signing::good(&PKI).document());
/// A good PDF under it.
pub static PDF: LazyLock<Vec<u8>> = LazyLock::new(|| pdf::Signing::good(&PKI).document());

pub fn verify_as(bytes: &[u8], trust: Option<&TrustSet>, policy: &Policy, at: i64, engine: &Engine) -> Report {
    let context = Context::new(trust, policy, at);
    verify_one("document", &Arc::from(bytes), &context, &Limits::default(), engine)
}

/// Under the shared trust set and the default policy.
pub fn verify(bytes: &[u8]) -> Report {
    verify_under(bytes, &TRUST)
}

pub fn verify_under(bytes: &[u8], trust: &TrustSet) -> Report {
    verify_as(bytes, Some(trust), &policy::DOCUMENT, AT, &Engine::new())
}

/// The verdict and everything found, for a failing test's message.
pub fn told(report: &Report) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|f| {
            let subject = f.subject.as_deref().unwrap_or("");
            format!("{} {subject} {}", f.code.as_str(), f.detail.as_deref().unwrap_or(""))
        })
        .collect();
    let verdict = report.verdict.as_str();
    format!("{verdict}/{}\n  {}", report.reason, findings.join("\n  "))
}

pub fn has(report: &Report, code: &str) -> bool {
    report.findings.iter().any(|f| f.code.as_str() == code)
}

#[track_caller]
pub fn passed(report: &Report) {
    assert!(report.verdict.is_passed() && report.reason == "OK", "{}", told(report));
}

#[track_caller]
pub fn concluded(report: &Report, verdict: &str, reason: &str) {
    let got = (report.verdict.as_str(), report.reason);
    assert_eq!(got, (verdict, reason), "{}", told(report));
}

#[track_caller]
pub fn failed(report: &Report, reason: &str) {
    concluded(report, "FAILED", reason);
}

#[track_caller]
pub fn undetermined(report: &Report, reason: &str) {
    concluded(report, "INDETERMINATE", reason);
}
