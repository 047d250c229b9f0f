//! Claims, answers and a context give the report. Pure: no clock, no file, the same input gives the same bytes.

mod clean;
mod coverage;
mod integrity;
mod issuer;
mod proof;
mod revocation;
mod seal;
mod status;
mod time;
mod trust;

pub use proof::Proof;

use crate::Limits;
use crate::claims::{DigestClaim, DigestId, SignatureClaims, ValueClaim, ValueId};
use crate::codes::{Code, Finding, Weight};
use crate::compute::{Answer, Answers};
use crate::context::Context;
use crate::extract::Unreadable;
use crate::plan::Work;
use crate::policy::Policy;
use crate::report::{
    Checks, EvidenceSummary, Integrity, Named, Report, SealReport, SignatureReport, Status, Trust, TrustSetSummary,
    Verdict,
};
use crate::text::rfc3339;
use proof::SignatureProofs;

/// One signature with everything that its judges may look at.
struct Subject<'a> {
    claims: &'a SignatureClaims,
    work: &'a Work<'a>,
    answers: &'a Answers,
    path_limit: usize,
}

impl<'a> Subject<'a> {
    fn digest(&self, id: DigestId) -> Answer {
        self.answers.digests.get(id.0).copied().unwrap_or(Answer::Unsupported)
    }

    fn value(&self, id: ValueId) -> Answer {
        self.answers.values.get(id.0).copied().unwrap_or(Answer::Unsupported)
    }

    fn digest_claim(&self, id: DigestId) -> Option<&'a DigestClaim> {
        self.work.claims.digests.get(id.0)
    }

    fn value_claim(&self, id: ValueId) -> Option<&'a ValueClaim> {
        self.work.claims.values.get(id.0)
    }
}

/// Judges one document.
pub fn judge(file: &str, work: &Work<'_>, answers: &Answers, context: &Context<'_>, limits: &Limits) -> Report {
    let claims = work.claims;
    let mut needs = Vec::new();
    let mut evidence = Vec::new();
    let mut structure = claims.findings.clone();
    if work.cut {
        structure.push(Finding::about(Code::LimitExceeded, "certificate links"));
    }

    let mut signatures = Vec::with_capacity(claims.signatures.len());
    let mut proofs = Vec::with_capacity(claims.signatures.len());
    for signature in &claims.signatures {
        let subject = Subject {
            claims: signature,
            work,
            answers,
            path_limit: limits.path,
        };
        let (report, proof) = judge_signature(&subject, context, &mut evidence);
        proofs.push(proof);
        signatures.push(report);
    }
    issuer::check(claims, &mut structure);
    let structure_proof = clean::check(&structure, context.policy);
    let (status, status_proof) = status::check(claims.licence.as_ref(), context, &mut structure, &mut needs);
    let proof = proof::conclude_document(&proofs, structure_proof, status_proof);
    if context.trust.is_some_and(|t| t.development) {
        structure.push(Finding::new(Code::DevelopmentTrust));
    }

    let mut findings = structure;
    findings.extend(signatures.iter().flat_map(|s| s.findings.iter().cloned()));
    order(&mut findings, context.policy);
    for finding in &findings {
        match finding.code {
            Code::RevocationUnknown | Code::RevocationNotChecked | Code::RevocationStale => {
                needs.push(format!(
                    "revocation list for {}",
                    finding.subject.as_deref().unwrap_or("a certificate")
                ));
            }
            Code::NoTrustSet => needs.push("a trust set".to_owned()),
            _ => {}
        }
    }
    needs.sort();
    needs.dedup();
    let (verdict, reason) = conclude(proof, &findings, context.policy);
    Report {
        kind: Some(claims.kind.name()),
        verdict,
        reason,
        integrity: document_integrity(&signatures, &findings),
        trust: document_trust(&signatures),
        status,
        subject: claims.licence.as_ref().and_then(|l| l.holder.clone()),
        signatures,
        licence: claims.licence.clone(),
        findings,
        checks: Checks {
            digests: answers.digests.len(),
            values: answers.values.len(),
            links: answers.links.len(),
            crls: answers.crls.len(),
        },
        evidence,
        needs,
        ..empty(file, context)
    }
}

/// Reports on a document that gave no claims.
pub fn judge_unreadable(file: &str, why: &Unreadable, context: &Context<'_>) -> Report {
    let findings = vec![why.finding()];
    let (verdict, reason) = conclude(None, &findings, context.policy);
    Report {
        verdict,
        reason,
        findings,
        ..empty(file, context)
    }
}

fn empty(file: &str, context: &Context<'_>) -> Report {
    Report {
        file: file.to_owned(),
        kind: None,
        verdict: Verdict::Indeterminate,
        reason: Code::IoError.as_str(),
        integrity: Integrity::Unknown,
        trust: Trust::Unknown,
        status: Status::NotApplicable,
        subject: None,
        signatures: Vec::new(),
        licence: None,
        findings: Vec::new(),
        checks: Checks::default(),
        policy: Named {
            name: context.policy.name.to_owned(),
            version: context.policy.version.to_owned(),
        },
        trust_set: context.trust.map(|t| TrustSetSummary {
            name: t.name.clone(),
            version: t.version.clone(),
            digest: hex(&t.digest),
            development: t.development,
        }),
        evidence: Vec::new(),
        needs: Vec::new(),
        at: rfc3339(context.at),
    }
}

fn judge_signature(
    subject: &Subject<'_>,
    context: &Context<'_>,
    evidence: &mut Vec<EvidenceSummary>,
) -> (SignatureReport, Option<Proof>) {
    let claims = subject.claims;
    let mut findings = claims.findings.clone();
    let integrity = integrity::check(subject, &mut findings);
    let coverage = coverage::check(subject, &mut findings);
    let (signing, time) = time::check(subject, context, &mut findings, evidence);
    let seal = seal::check(subject, &signing, &mut findings);
    let (chains, trust) = trust::check(subject, context, &signing, &mut findings);
    let revocation = revocation::check(subject, context, &chains, &signing, &mut findings, evidence);

    let intact = integrity::sum_up(integrity.as_ref(), &findings);
    let trusted = |chain: &Option<trust::Chain>| match chain {
        _ if context.trust.is_none() => Trust::Unknown,
        Some(trust::Chain::Trusted { .. }) => Trust::Trusted,
        Some(_) => Trust::Untrusted,
        None => Trust::Unknown,
    };
    let overall = match (&trust, context.trust, claims.signer.is_some() || claims.seal.is_some()) {
        (Some(_), ..) => Trust::Trusted,
        (None, Some(_), true) => Trust::Untrusted,
        _ => Trust::Unknown,
    };
    order(&mut findings, context.policy);
    findings.dedup();
    let clean = clean::check(&findings, context.policy);
    let proof = SignatureProofs {
        integrity,
        coverage,
        seal,
        trust,
        time,
        revocation,
        clean,
    }
    .conclude();
    let (verdict, reason) = conclude(proof, &findings, context.policy);
    let report = SignatureReport {
        id: claims.id.clone(),
        form: claims.form.name(),
        verdict,
        reason,
        integrity: intact,
        trust: overall,
        signer: claims.signer.as_ref().map(|c| c.subject_text()),
        issuer: claims.signer.as_ref().map(|c| c.issuer_text()),
        certificate: claims.signer.as_ref().map(|c| hex(&c.fingerprint_sm3())),
        algorithm: claims
            .value
            .and_then(|id| subject.value_claim(id))
            .map(|c| format!("{:?}", c.scheme)),
        seal: claims.seal.as_ref().map(|seal| SealReport {
            name: seal.name.clone(),
            id: seal.id.clone(),
            version: seal.version,
            maker: seal.maker.as_ref().map(|c| c.subject_text()),
            maker_trust: trusted(&chains.maker),
            valid_from: seal.valid_from.map(rfc3339),
            valid_to: seal.valid_to.map(rfc3339),
        }),
        claimed_time: claims
            .claimed
            .as_ref()
            .map(|c| c.unix.map_or_else(|| c.text.clone(), rfc3339)),
        proven_time: signing.proven.map(rfc3339),
        covers: claims.coverage.extent.clone(),
        uncovered: claims.coverage.uncovered.iter().map(|(path, _)| path.clone()).collect(),
        findings,
    };
    (report, proof)
}

/// A violation outranks missing knowledge; PASSED only from a proof.
fn conclude(proof: Option<Proof>, findings: &[Finding], policy: &Policy) -> (Verdict, &'static str) {
    let first = |weight| {
        findings
            .iter()
            .map(|f| f.code)
            .filter(|c| clean::weight(*c, policy) == weight)
            .min()
            .map(Code::as_str)
    };
    if let Some(reason) = first(Weight::Violation) {
        return (Verdict::Failed, reason);
    }
    match (proof, first(Weight::Unknown)) {
        (Some(proof), None) => (Verdict::Passed(proof), "OK"),
        (_, reason) => (
            Verdict::Indeterminate,
            reason.unwrap_or(Code::ChainConstraints.as_str()),
        ),
    }
}

fn order(findings: &mut [Finding], policy: &Policy) {
    findings.sort_by_key(|f| (std::cmp::Reverse(clean::weight(f.code, policy)), f.code));
}

fn document_integrity(signatures: &[SignatureReport], findings: &[Finding]) -> Integrity {
    if findings.iter().any(|f| integrity::breaks(f.code)) {
        Integrity::Broken
    } else if !signatures.is_empty() && signatures.iter().all(|s| s.integrity == Integrity::Intact) {
        Integrity::Intact
    } else {
        Integrity::Unknown
    }
}

fn document_trust(signatures: &[SignatureReport]) -> Trust {
    if signatures.iter().any(|s| s.trust == Trust::Untrusted) {
        Trust::Untrusted
    } else if !signatures.is_empty() && signatures.iter().all(|s| s.trust == Trust::Trusted) {
        Trust::Trusted
    } else {
        Trust::Unknown
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 0xf)]).collect()
}
