//! What a list says about a document, and whether the document is the one it means.

use std::sync::Arc;

use cinnabar_sm::sm3;
use ring::digest;
use serde_json::{Map, Value};

use crate::codes::{Code, Finding};
use crate::report::{Report, Verdict};

/// What a report may call a document.
const KINDS: [&str; 4] = ["OFD", "PDF", "SEAL", "SIGNATURE_VALUE"];

/// What a list says about one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed {
    /// The caller's own name for it.
    pub id: Option<String>,
    /// The SHA-256 that its bytes must have.
    pub sha256: Option<[u8; 32]>,
    /// The SM3 that its bytes must have.
    pub sm3: Option<[u8; 32]>,
    /// What it must be: `OFD`, `PDF`, `SEAL`, `SIGNATURE_VALUE`, or a licence type's code or name.
    pub kind: Option<String>,
    /// The entry as it stands in the list, to be echoed.
    pub entry: Map<String, Value>,
}

impl Listed {
    /// Compares the digests that the list demands.
    pub(super) fn compare(&self, bytes: &Arc<[u8]>) -> Option<Finding> {
        let differs = |name: &str| Finding::about(Code::ListedFileDiffers, name);
        if let Some(expected) = &self.sha256
            && digest::digest(&digest::SHA256, bytes).as_ref() != expected
        {
            return Some(differs("sha256"));
        }
        if let Some(expected) = &self.sm3
            && sm3::digest([&bytes[..]]) != *expected
        {
            return Some(differs("sm3"));
        }
        None
    }

    /// Compares the type that the list demands with what was found.
    pub(super) fn compare_kind(&self, report: &Report) -> Option<Finding> {
        let expected = self.kind.as_deref()?;
        // A licence may call itself what it likes, and be called like a format too.
        if KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(expected)) {
            let fits = report.kind.is_some_and(|kind| kind.eq_ignore_ascii_case(expected));
            return (!fits).then(|| Finding::about(Code::ListedFileDiffers, "type"));
        }
        let licence = report.licence.as_ref();
        let found = [
            licence.and_then(|l| l.type_code.as_deref()),
            licence.and_then(|l| l.name.as_deref()),
        ];
        let fits = found.into_iter().flatten().any(|f| f == expected);
        (!fits).then(|| Finding::about(Code::ListedFileDiffers, "type"))
    }
}

/// Makes the report say that the file is not the one listed: a violation, so that it outranks whatever the file proves.
///
/// A file that could not be read keeps its own reason.
pub(super) fn refuse(report: &mut Report, finding: Finding) {
    if report.verdict == Verdict::Indeterminate && report.kind.is_none() {
        return;
    }
    if report.verdict != Verdict::Failed {
        report.verdict = Verdict::Failed;
        report.reason = finding.code.as_str();
    }
    report.findings.insert(0, finding);
}
