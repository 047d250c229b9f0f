//! When the document was signed: proven by a trusted stamp, or claimed by the signer.

use super::trust::{self, Chain};
use super::{Subject, revocation};
use crate::claims::StampClaims;
use crate::codes::{Code, Finding};
use crate::context::Context;
use crate::policy::TimeRule;
use crate::report::EvidenceSummary;
use cinnabar_pki::path::Purpose;
use cinnabar_pki::trust::Role;

/// How far a signer's clock may run ahead, seconds.
const CLOCK_SKEW: i64 = 300;

/// Proves that the time of signing is known as well as the policy demands.
pub(super) struct TimeProof(());

/// What is known about the time of signing, Unix seconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SigningTime {
    /// From a trusted stamp.
    pub proven: Option<i64>,
    /// The signer's word.
    pub claimed: Option<i64>,
    /// The time of verification, used when the signer states none.
    pub assumed: Option<i64>,
}

impl SigningTime {
    /// Whether nobody states when the document was signed.
    pub fn is_assumed(&self) -> bool {
        self.proven.or(self.claimed).is_none()
    }

    /// The best that is known.
    pub fn best(&self) -> Option<i64> {
        self.proven.or(self.claimed).or(self.assumed)
    }
}

pub(super) fn check(
    subject: &Subject<'_>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    evidence: &mut Vec<EvidenceSummary>,
) -> (SigningTime, Option<TimeProof>) {
    let mut time = SigningTime {
        proven: proven(subject, context, findings, evidence),
        ..SigningTime::default()
    };
    match &subject.claims.claimed {
        Some(claimed) => match claimed.unix {
            Some(unix) => time.claimed = Some(unix),
            None if time.proven.is_none() => {
                findings.push(Finding::about(Code::TimeUnreadable, claimed.source).with(claimed.text.clone()));
            }
            None => {}
        },
        None => {
            time.assumed = Some(context.at);
            findings.push(Finding::new(Code::NoTimeClaim));
        }
    }
    if time
        .proven
        .or(time.claimed)
        .is_some_and(|t| t > context.at.saturating_add(CLOCK_SKEW))
    {
        findings.push(Finding::new(Code::TimeInFuture));
        return (time, None);
    }
    let proof = if time.proven.is_some() || subject.claims.document_time_stamp {
        if time.proven.is_some() {
            findings.push(Finding::new(Code::TimeProven));
        }
        Some(TimeProof(()))
    } else if context.policy.time == TimeRule::Proven {
        findings.push(Finding::new(Code::TimeNotProven));
        None
    } else {
        if time.claimed.is_some() {
            findings.push(Finding::new(Code::TimeClaimed));
        }
        time.best().map(|_| TimeProof(()))
    };
    (time, proof)
}

/// The earliest time that a sound stamp of a trusted authority gives.
fn proven(
    subject: &Subject<'_>,
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    evidence: &mut Vec<EvidenceSummary>,
) -> Option<i64> {
    let mut earliest: Option<i64> = None;
    for stamp in &subject.claims.stamps {
        let sound = stamp.imprint.is_some_and(|id| subject.digest(id).is_right())
            && stamp.content.is_none_or(|id| subject.digest(id).is_right())
            && stamp.certificate.is_none_or(|id| subject.digest(id).is_right())
            && stamp.value.is_some_and(|id| subject.value(id).is_right());
        if !sound {
            findings.push(Finding::new(Code::StampInvalid));
            continue;
        }
        if is_weak(subject, stamp) {
            findings.push(Finding::new(Code::StampUntrusted).with("its algorithm is no longer safe"));
            continue;
        }
        let chain = stamp.signer.as_ref().map(|signer| {
            trust::chain(
                subject,
                context,
                signer,
                Role::TimeStamp,
                Purpose::TimeStamp,
                stamp.time,
                context.at,
            )
        });
        match chain {
            Some(Chain::Trusted { path }) => {
                if revocation::stamp_stands(subject, context, &path, stamp.time, findings, evidence) {
                    earliest = Some(earliest.map_or(stamp.time, |t| t.min(stamp.time)));
                }
            }
            _ => findings.push(Finding::new(Code::StampUntrusted)),
        }
    }
    earliest
}

fn is_weak(subject: &Subject<'_>, stamp: &StampClaims) -> bool {
    let digests = [stamp.imprint, stamp.content];
    let weak = |id| subject.digest_claim(id).is_none_or(|claim| claim.algorithm.is_weak());
    let value = stamp.value.and_then(|id| subject.value_claim(id));
    digests.into_iter().flatten().any(weak) || value.is_none_or(|claim| claim.scheme.is_weak())
}
