//! A path of certificates from a signer to an anchor that the trust set names for this role.

use std::collections::HashSet;

use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::path::{self, PathFault, Purpose};
use cinnabar_pki::trust::Role;

use super::Subject;
use super::time::SigningTime;
use crate::codes::{Code, Finding};
use crate::context::Context;

/// How many paths are tried before giving up.
const TRIES: usize = 64;

/// Proves that the signer, and the seal maker if there is a seal, lead to anchors for their roles.
pub(super) struct TrustProof(());

/// The outcome of building a path.
pub(super) enum Chain {
    /// Leaf first, as indices into the pool; the last is the anchor.
    Trusted {
        /// The path.
        path: Vec<usize>,
    },
    /// A path exists and breaks these rules.
    Faulty(Vec<(usize, PathFault)>),
    /// No path.
    None,
}

/// Both chains of a signature.
pub(super) struct Chains {
    pub signer: Option<Chain>,
    pub maker: Option<Chain>,
}

pub(super) fn check(
    subject: &Subject<'_>,
    context: &Context<'_>,
    time: &SigningTime,
    findings: &mut Vec<Finding>,
) -> (Chains, Option<TrustProof>) {
    let mut chains = Chains {
        signer: None,
        maker: None,
    };
    if context.trust.is_none() {
        findings.push(Finding::new(Code::NoTrustSet));
    }
    let (role, purpose) = if subject.claims.document_time_stamp {
        (Role::TimeStamp, Purpose::TimeStamp)
    } else {
        (Role::Signer, Purpose::Signer)
    };
    let (at, assumed) = (time.best(), time.is_assumed());
    let known_by = time.proven.unwrap_or(context.at);
    let mut held = true;
    let signer_needed = subject.claims.form != crate::claims::Form::SealOnly;
    match (&subject.claims.signer, at) {
        (Some(signer), Some(at)) => {
            leaf_faults(signer, at, assumed, purpose, findings);
            let chain = chain(subject, context, signer, role, purpose, at, known_by);
            held &= tell(&chain, Code::NoCertificateChain, context, findings);
            chains.signer = Some(chain);
        }
        (None, _) | (_, None) => held &= !signer_needed,
    }
    if let Some(seal) = &subject.claims.seal {
        let made = seal.created.or(seal.valid_from);
        match (&seal.maker, made) {
            (Some(maker), Some(made)) => {
                if made < maker.not_before() || made > maker.not_after() {
                    findings.push(Finding::new(Code::MakerOutOfValidity));
                }
                let chain = chain(
                    subject,
                    context,
                    maker,
                    Role::SealMaker,
                    Purpose::SealMaker,
                    made,
                    known_by,
                );
                held &= tell(&chain, Code::SealMakerUntrusted, context, findings);
                chains.maker = Some(chain);
            }
            _ => held = false,
        }
    }
    let proof = (held && context.trust.is_some()).then_some(TrustProof(()));
    (chains, proof)
}

/// What must hold of the signer's own certificate, whoever issued it.
fn leaf_faults(signer: &Certificate, at: i64, assumed: bool, purpose: Purpose, findings: &mut Vec<Finding>) {
    if at < signer.not_before() || at > signer.not_after() {
        // Without any stated time nobody claimed to have signed outside the validity.
        let code = if assumed {
            Code::OutOfBoundsNoPoe
        } else {
            Code::CertificateOutOfValidity
        };
        findings.push(Finding::about(code, "signer certificate"));
    }
    if !signer.deviations().is_empty() {
        findings.push(Finding::about(Code::CertificateEncoding, "signer certificate"));
    }
    for (_, fault) in path::check(&[signer], at, purpose) {
        if matches!(fault, PathFault::KeyUsage | PathFault::ExtendedKeyUsage) {
            findings.push(Finding::about(Code::KeyUsage, "signer certificate"));
        }
    }
}

/// Says what a chain lacks; true when it is trusted.
fn tell(chain: &Chain, missing: Code, context: &Context<'_>, findings: &mut Vec<Finding>) -> bool {
    match chain {
        Chain::Trusted { .. } => true,
        Chain::Faulty(faults) => {
            for (index, fault) in faults.iter().take(8) {
                let code = match fault {
                    PathFault::WeakAlgorithm(_) => Code::WeakAlgorithm,
                    _ => Code::ChainConstraints,
                };
                let subject = if *index == 0 {
                    "leaf".to_owned()
                } else {
                    format!("issuer {index}")
                };
                findings.push(Finding::about(code, subject).with(format!("{fault:?}")));
            }
            false
        }
        Chain::None => {
            if context.trust.is_some() {
                findings.push(Finding::new(missing));
            }
            false
        }
    }
}

/// Looks for a path from `leaf` to an anchor for `role`, over links whose arithmetic holds, valid at `at`.
///
/// An anchor counts when the signature is known to have existed before its sunset: `known_by` is a proven time or the time
/// of verification, never a claim, which could be backdated.
pub(super) fn chain(
    subject: &Subject<'_>,
    context: &Context<'_>,
    leaf: &Certificate,
    role: Role,
    purpose: Purpose,
    at: i64,
    known_by: i64,
) -> Chain {
    let (Some(trust), Some(start)) = (context.trust, subject.work.position(leaf)) else {
        return Chain::None;
    };
    let anchors: HashSet<usize> = trust
        .anchors
        .iter()
        .filter(|a| a.roles.contains(&role) && a.sunset.is_none_or(|sunset| known_by < sunset))
        .filter_map(|a| subject.work.position(&a.certificate))
        .collect();
    let mut first_fault = None;
    let mut tries = 0;
    let mut stack = vec![vec![start]];
    while let Some(path) = stack.pop() {
        tries += 1;
        if tries > TRIES {
            break;
        }
        let Some(&last) = path.last() else { continue };
        if anchors.contains(&last) {
            let certificates: Vec<&Certificate> = path.iter().filter_map(|i| subject.work.pool.get(*i)).collect();
            let faults = path::check(&certificates, at, purpose);
            if faults.is_empty() {
                return Chain::Trusted { path };
            }
            first_fault.get_or_insert(faults);
            continue;
        }
        if path.len() >= subject.path_limit {
            continue;
        }
        for (index, link) in subject.work.links.iter().enumerate() {
            let right = subject.answers.links.get(index).is_some_and(|a| a.is_right());
            if link.subject == last && right && !path.contains(&link.issuer) {
                let mut longer = path.clone();
                longer.push(link.issuer);
                stack.push(longer);
            }
        }
    }
    first_fault.map_or(Chain::None, Chain::Faulty)
}
