//! What a run found, counted.

use std::collections::BTreeMap;
use std::process::ExitCode;

use cinnabar_verify::bulk::Outcome;
use cinnabar_verify::codes::Code;
use cinnabar_verify::{Report, Verdict};
use serde::{Deserialize, Serialize};

/// Seals that are counted one by one; those met later are counted together.
const MAX_SEALS: usize = 4096;

/// Reasons that say that there was nothing to judge.
const UNREADABLE: [Code; 5] = [
    Code::IoError,
    Code::DeadlineExceeded,
    Code::ListEntryInvalid,
    Code::NestedArchive,
    Code::InternalError,
];

/// What a result adds to the tally.
#[derive(Debug)]
pub struct Mark {
    verdict: Verdict,
    reason: &'static str,
    seals: Vec<(String, String)>,
    bytes: u64,
    repeat: bool,
}

impl Mark {
    /// What `outcome` adds.
    pub fn new(outcome: &Outcome) -> Self {
        let report: &Report = &outcome.report;
        let seals = report.signatures.iter().filter_map(|s| s.seal.as_ref());
        Self {
            verdict: report.verdict,
            reason: report.reason,
            seals: seals.map(|seal| (seal.id.clone(), seal.name.clone())).collect(),
            bytes: outcome.bytes,
            repeat: outcome.repeat,
        }
    }
}

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub documents: u64,
    pub passed: u64,
    pub failed: u64,
    pub undetermined: u64,
    pub unreadable: u64,
    /// Files that are no documents.
    pub skipped: u64,
    /// Documents identical to an earlier one.
    pub repeats: u64,
    /// Bytes of documents.
    pub bytes: u64,
    pub reasons: BTreeMap<String, u64>,
    /// Seals met, by number and name.
    pub seals: BTreeMap<String, SealCount>,
    pub further_seals: u64,
}

/// A seal, and how many signatures it stands on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealCount {
    pub name: String,
    pub signatures: u64,
}

impl Tally {
    /// Counts one result.
    pub fn count(&mut self, mark: Mark) {
        self.documents += 1;
        self.bytes += mark.bytes;
        self.repeats += u64::from(mark.repeat);
        match mark.verdict {
            Verdict::Passed(_) => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Indeterminate if UNREADABLE.iter().any(|c| c.as_str() == mark.reason) => self.unreadable += 1,
            Verdict::Indeterminate => self.undetermined += 1,
        }
        match self.reasons.get_mut(mark.reason) {
            Some(count) => *count += 1,
            None => drop(self.reasons.insert(mark.reason.to_owned(), 1)),
        }
        for (id, name) in mark.seals {
            let room = self.seals.len() < MAX_SEALS;
            match self.seals.get_mut(&id) {
                Some(seal) => seal.signatures += 1,
                None if room => drop(self.seals.insert(id, SealCount { name, signatures: 1 })),
                None => self.further_seals += 1,
            }
        }
    }

    /// Unreadable outranks failed: a script must not take a partial run for a whole one.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            _ if self.unreadable > 0 => ExitCode::from(2),
            _ if self.failed > 0 => ExitCode::from(1),
            _ if self.undetermined > 0 => ExitCode::from(3),
            // A folder without any document proves nothing.
            _ if self.passed == 0 => ExitCode::from(2),
            _ => ExitCode::SUCCESS,
        }
    }
}
