//! The signer vouches for all that the document shows and carries.

use super::Subject;
use crate::codes::{Code, Finding};

/// How many uncovered parts are named one by one.
const NAMED: usize = 20;

/// Proves that nothing shown or carried is left out.
pub(super) struct CoverageProof(());

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> Option<CoverageProof> {
    let uncovered = &subject.claims.coverage.uncovered;
    for (path, by) in uncovered.iter().take(NAMED) {
        findings.push(Finding::about(Code::ContentNotCovered, path.clone()).with(format!("reached by {by}")));
    }
    if uncovered.len() > NAMED {
        let more = format!("and {} more", uncovered.len() - NAMED);
        findings.push(Finding::about(Code::ContentNotCovered, more));
    }
    uncovered.is_empty().then_some(CoverageProof(()))
}
