//! No finding stands in the way: neither a violation, nor something unknown, nor a deviation the policy does not tolerate.

use crate::codes::{Code, Finding, Weight};
use crate::policy::Policy;

/// Proves that the findings allow PASSED.
pub(super) struct CleanProof(());

pub(super) fn check(findings: &[Finding], policy: &Policy) -> Option<CleanProof> {
    findings
        .iter()
        .all(|f| weight(f.code, policy) == Weight::Note)
        .then_some(CleanProof(()))
}

/// A code's weight under a policy: a tolerated deviation is a note, any other is something unknown.
pub(super) fn weight(code: Code, policy: &Policy) -> Weight {
    match code.weight() {
        Weight::Deviation if policy.tolerates.contains(&code) => Weight::Note,
        Weight::Deviation => Weight::Unknown,
        weight => weight,
    }
}
