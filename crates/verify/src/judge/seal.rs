//! The seal lists its signer and was valid when it was used.

use super::Subject;
use super::time::SigningTime;
use crate::codes::{Code, Finding};

/// Proves that the seal, if there is one, lists the signer and was valid at the time of signing.
pub(super) struct SealProof(());

pub(super) fn check(subject: &Subject<'_>, time: &SigningTime, findings: &mut Vec<Finding>) -> Option<SealProof> {
    let Some(seal) = &subject.claims.seal else {
        return Some(SealProof(()));
    };
    let mut held = true;
    let listed = match seal.lists_signer {
        None => true,
        Some(listed) => listed || seal.listed_digests.iter().any(|id| subject.digest(*id).is_right()),
    };
    if !listed {
        findings.push(Finding::new(Code::SignerNotInSeal));
        held = false;
    }
    if let (Some(maker), Some(signer)) = (&seal.maker, &subject.claims.signer)
        && maker.raw() == signer.raw()
    {
        findings.push(Finding::new(Code::SelfMadeSeal));
    }
    let (Some(from), Some(to)) = (seal.valid_from, seal.valid_to) else {
        findings.push(Finding::about(Code::TimeUnreadable, "seal validity"));
        return None;
    };
    match time.best() {
        Some(at) if at < from || at > to => {
            let code = if time.is_assumed() {
                Code::OutOfBoundsNoPoe
            } else {
                Code::SealOutOfValidity
            };
            findings.push(Finding::about(code, "seal"));
            None
        }
        Some(_) => held.then_some(SealProof(())),
        None => None,
    }
}
