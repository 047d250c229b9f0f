//! Revocation, from lists whose own signature holds.

use cinnabar_pki::crl::{Crl, Revocation};

use super::Subject;
use super::time::SigningTime;
use super::trust::{Chain, Chains};
use crate::codes::{Code, Finding};
use crate::context::Context;
use crate::plan::CrlLink;
use crate::policy::RevocationRule;
use crate::report::EvidenceSummary;
use crate::text::rfc3339;

/// Proves that revocation is known as well as the policy demands, and that nothing is revoked.
pub(super) struct RevocationProof(());

pub(super) fn check(
    subject: &Subject<'_>,
    context: &Context<'_>,
    chains: &Chains,
    time: &SigningTime,
    findings: &mut Vec<Finding>,
    evidence: &mut Vec<EvidenceSummary>,
) -> Option<RevocationProof> {
    let mut held = true;
    for chain in [&chains.signer, &chains.maker].into_iter().flatten() {
        let Chain::Trusted { path } = chain else { continue };
        for pair in path.windows(2) {
            if let [certificate, issuer] = *pair {
                held &= check_one(subject, context, (certificate, issuer), time, findings, evidence);
            }
        }
    }
    held.then_some(RevocationProof(()))
}

fn check_one(
    subject: &Subject<'_>,
    context: &Context<'_>,
    link: (usize, usize),
    time: &SigningTime,
    findings: &mut Vec<Finding>,
    evidence: &mut Vec<EvidenceSummary>,
) -> bool {
    let name = || subject_name(subject, link.0);
    match known(subject, context, link, evidence) {
        Known::Revoked(revocation) => {
            let code = match (time.proven, time.claimed) {
                (Some(proven), _) if proven < revocation.at => return true,
                (None, Some(claimed)) if claimed < revocation.at => Code::RevokedNoPoe,
                _ => Code::Revoked,
            };
            findings.push(Finding::about(code, name()).with(format!("revoked at {}", rfc3339(revocation.at))));
            false
        }
        Known::Good => true,
        Known::Stale => {
            findings.push(Finding::about(Code::RevocationStale, name()));
            false
        }
        Known::Nothing if context.policy.revocation == RevocationRule::Required => {
            findings.push(Finding::about(Code::RevocationUnknown, name()));
            false
        }
        Known::Nothing => {
            findings.push(Finding::about(Code::RevocationNotChecked, name()));
            true
        }
    }
}

/// Whether a stamp made at `at` still proves its time, as far as the revocation of the path's certificates tells. The
/// stamp's own time cannot vouch for a key that may have been stolen, so an entry counts whenever it was made, unless
/// it gives a reason that leaves earlier stamps in force (RFC 3161, 4).
pub(super) fn stamp_stands(
    subject: &Subject<'_>,
    context: &Context<'_>,
    path: &[usize],
    at: i64,
    findings: &mut Vec<Finding>,
    evidence: &mut Vec<EvidenceSummary>,
) -> bool {
    const LEAVES_STAMPS_IN_FORCE: [u32; 3] = [3, 4, 5];
    let required = context.policy.revocation == RevocationRule::Required;
    path.windows(2).all(|pair| {
        let [certificate, issuer] = *pair else { return false };
        let code = match known(subject, context, (certificate, issuer), evidence) {
            Known::Good => return true,
            Known::Revoked(revocation) => {
                let harmless = revocation.reason.is_some_and(|r| LEAVES_STAMPS_IN_FORCE.contains(&r));
                if harmless && at < revocation.at {
                    return true;
                }
                Code::StampUntrusted
            }
            Known::Nothing if !required => return true,
            Known::Nothing => Code::RevocationUnknown,
            Known::Stale if required => Code::RevocationStale,
            Known::Stale => Code::StampUntrusted,
        };
        findings.push(Finding::about(code, subject_name(subject, certificate)));
        false
    })
}

/// What the lists at hand say about one certificate.
enum Known {
    Revoked(Revocation),
    Good,
    Stale,
    Nothing,
}

fn known(
    subject: &Subject<'_>,
    context: &Context<'_>,
    (certificate, issuer): (usize, usize),
    evidence: &mut Vec<EvidenceSummary>,
) -> Known {
    let (Some(certificate), Some(issuer_certificate)) =
        (subject.work.pool.get(certificate), subject.work.pool.get(issuer))
    else {
        return Known::Nothing;
    };
    let lists: Vec<&CrlLink> = sound_lists(subject, issuer)
        .filter(|link| link.crl.this_update() <= context.at)
        .collect();
    let mut used = |crl: &Crl| {
        let used = EvidenceSummary {
            kind: "CRL",
            issuer: issuer_certificate.subject_text(),
            this_update: rfc3339(crl.this_update()),
            next_update: crl.next_update().map(rfc3339),
        };
        if !evidence.contains(&used) {
            evidence.push(used);
        }
    };
    // An entry counts on any list; its absence only on a complete and fresh one.
    const REMOVED_FROM_CRL: Option<u32> = Some(8);
    let entry = |link: &&CrlLink| {
        let found = link.crl.revocation(certificate.serial())?;
        (found.reason != REMOVED_FROM_CRL).then_some(found)
    };
    if let Some((link, revocation)) = lists.iter().find_map(|l| Some((l, entry(l)?))) {
        used(&link.crl);
        return Known::Revoked(revocation);
    }
    let Some(link) = lists
        .iter()
        .filter(|l| complete(&l.crl))
        .max_by_key(|l| l.crl.this_update())
    else {
        return Known::Nothing;
    };
    used(&link.crl);
    if link.crl.next_update().is_none_or(|next| next < context.at) {
        return Known::Stale;
    }
    Known::Good
}

fn subject_name(subject: &Subject<'_>, index: usize) -> String {
    let Some(certificate) = subject.work.pool.get(index) else {
        return String::new();
    };
    certificate
        .subject_common_name()
        .unwrap_or_else(|| certificate.subject_text())
}

/// Lists of this issuer with a right signature.
fn sound_lists<'a>(subject: &'a Subject<'_>, issuer: usize) -> impl Iterator<Item = &'a CrlLink> {
    subject.work.crls.iter().enumerate().filter_map(move |(index, link)| {
        let right = subject.answers.crls.get(index).is_some_and(|a| a.is_right());
        let may_sign = subject
            .work
            .pool
            .get(link.issuer)
            .is_some_and(|c| c.key_usage().is_none_or(|usage| usage.crl_sign()));
        (link.issuer == issuer && right && may_sign).then_some(link)
    })
}

fn complete(crl: &Crl) -> bool {
    !crl.is_delta() && !crl.has_critical_unknown()
}
