//! The only way to PASSED: one value for each mandatory check, each made by that check alone.

use super::clean::CleanProof;
use super::coverage::CoverageProof;
use super::integrity::IntegrityProof;
use super::revocation::RevocationProof;
use super::seal::SealProof;
use super::status::StatusProof;
use super::time::TimeProof;
use super::trust::TrustProof;

/// Evidence that every mandatory check was made and held. It cannot be made outside judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proof(());

/// What one signature needs to pass.
pub(super) struct SignatureProofs {
    pub integrity: Option<IntegrityProof>,
    pub coverage: Option<CoverageProof>,
    pub seal: Option<SealProof>,
    pub trust: Option<TrustProof>,
    pub time: Option<TimeProof>,
    pub revocation: Option<RevocationProof>,
    pub clean: Option<CleanProof>,
}

impl SignatureProofs {
    /// The proof of a whole signature; `None` when one check is missing.
    pub fn conclude(self) -> Option<Proof> {
        let (_, _, _) = (self.integrity?, self.coverage?, self.seal?);
        let (_, _, _, _) = (self.trust?, self.time?, self.revocation?, self.clean?);
        Some(Proof(()))
    }
}

/// The proof of a document: every signature's own (at least one), its structure and its status.
pub(super) fn conclude_document(
    signatures: &[Option<Proof>],
    structure: Option<CleanProof>,
    status: Option<StatusProof>,
) -> Option<Proof> {
    let (_, _) = (structure?, status?);
    if signatures.is_empty() {
        return None;
    }
    signatures.iter().copied().reduce(Option::and).flatten()
}
