//! Every digest and value holds, and they bind the signature to the document.

use super::Subject;
use crate::claims::{DigestId, Form, Scheme, VerifyingKey};
use crate::codes::{Code, Finding};
use crate::compute::Answer;
use crate::report::Integrity;

/// Proves that every digest and value of a signature holds.
pub(super) struct IntegrityProof(());

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> Option<IntegrityProof> {
    let before = findings.len();
    let value = check_value(subject, findings);
    let content = check_content(subject, findings);
    let references = check_references(subject, findings);
    for (code, id) in &subject.claims.bindings {
        if !subject.digest(*id).is_right() {
            findings.push(Finding::new(*code));
        }
    }
    let seal = check_seal_value(subject, findings);
    weak_algorithms(subject, findings);
    let held = value && content && references && seal;
    let wrong = findings[before..].iter().any(|f| breaks(f.code));
    (held && !wrong).then_some(IntegrityProof(()))
}

/// What integrity a signature's findings and proof amount to.
pub(super) fn sum_up(proof: Option<&IntegrityProof>, findings: &[Finding]) -> Integrity {
    if findings.iter().any(|f| breaks(f.code)) {
        Integrity::Broken
    } else if proof.is_some() && !findings.iter().any(|f| f.code == Code::ContentNotCovered) {
        Integrity::Intact
    } else {
        Integrity::Unknown
    }
}

/// Codes which say that what is shown is not what was signed.
pub(super) fn breaks(code: Code) -> bool {
    matches!(
        code,
        Code::HashFailure
            | Code::SigCryptoFailure
            | Code::ByteRangeInvalid
            | Code::DocumentChanged
            | Code::SignatureDictionaryChanged
            | Code::SignatureRemoved
            | Code::TrailingData
            | Code::StructureAmbiguous
            | Code::ReferenceMissing
            | Code::ReferencesEmpty
            | Code::ValueMissing
            | Code::ValueUnreadable
            | Code::ValueOverXml
            | Code::ContentUnbound
            | Code::AttributesInvalid
            | Code::SigningCertificateMismatch
            | Code::SealSignatureInvalid
            | Code::SealMismatch
            | Code::SealNotBound
    )
}

fn check_value(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> bool {
    if subject.claims.form == Form::SealOnly {
        return true;
    }
    let Some(id) = subject.claims.value else {
        // Extraction has said why: no certificate, no value, nothing readable.
        return false;
    };
    match subject.value(id) {
        Answer::Right {
            alternative: "signature-xml",
            ..
        } => {
            findings.push(Finding::new(Code::ValueOverXml));
            false
        }
        Answer::Right { raw, .. } => {
            if raw {
                findings.push(Finding::new(Code::RawSm2Value));
            }
            if subject
                .value_claim(id)
                .is_some_and(|c| c.alternatives.iter().any(|a| a.name == "sorted"))
            {
                findings.push(Finding::new(Code::AttributesUnsorted));
            }
            true
        }
        Answer::Wrong => {
            findings.push(Finding::new(Code::SigCryptoFailure));
            false
        }
        Answer::Unsupported => {
            unsupported(subject, id, "signature value", findings);
            false
        }
    }
}

fn unsupported(subject: &Subject<'_>, id: crate::claims::ValueId, what: &str, findings: &mut Vec<Finding>) {
    if findings
        .iter()
        .any(|f| matches!(f.code, Code::AlgorithmMismatch | Code::UnsupportedAlgorithm))
    {
        return;
    }
    let detail = subject.value_claim(id).map(|c| match (&c.scheme, &c.key) {
        (Scheme::Unknown(oid), _) => oid.clone(),
        (_, VerifyingKey::Unknown(oid)) => oid.clone(),
        (scheme, _) => format!("{scheme:?}"),
    });
    findings.push(Finding::about(Code::UnsupportedAlgorithm, what).with(detail.unwrap_or_default()));
}

fn check_content(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> bool {
    let claims = subject.claims;
    let mut held = true;
    for id in &claims.content {
        held &= check_digest(subject, *id, "signed content", findings);
    }
    let alone = claims.form == Form::SealOnly || findings.iter().any(|f| f.code == Code::SignedDataNotFound);
    if claims.content.is_empty() && !claims.content_is_signed && !alone {
        if claims.value.is_some() {
            findings.push(Finding::new(Code::ContentUnbound));
        }
        return false;
    }
    held
}

fn check_references(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> bool {
    let mut held = true;
    for (path, id) in &subject.claims.references {
        held &= check_digest(subject, *id, path, findings);
    }
    held
}

fn check_digest(subject: &Subject<'_>, id: DigestId, about: &str, findings: &mut Vec<Finding>) -> bool {
    let answer = subject.digest(id);
    if answer.holds_as("z-prefixed") {
        findings.push(Finding::about(Code::ZPrefixedDigest, about));
        return false;
    }
    if !answer.is_right() {
        findings.push(Finding::about(Code::HashFailure, about));
    }
    answer.is_right()
}

fn check_seal_value(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> bool {
    let Some(seal) = &subject.claims.seal else { return true };
    let Some(id) = seal.value else { return false };
    match subject.value(id) {
        Answer::Right { raw, .. } => {
            if raw {
                findings.push(Finding::about(Code::RawSm2Value, "seal"));
            }
            true
        }
        Answer::Wrong => {
            findings.push(Finding::new(Code::SealSignatureInvalid));
            false
        }
        Answer::Unsupported => {
            unsupported(subject, id, "seal signature", findings);
            false
        }
    }
}

fn weak_algorithms(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let mut weak = Vec::new();
    let digests = subject
        .claims
        .content
        .iter()
        .chain(subject.claims.references.iter().map(|(_, id)| id));
    for claim in digests.filter_map(|id| subject.digest_claim(*id)) {
        if claim.algorithm.is_weak() {
            weak.push(claim.algorithm.name().to_owned());
        }
    }
    let seal_value = subject.claims.seal.as_ref().and_then(|s| s.value);
    for claim in subject
        .claims
        .value
        .into_iter()
        .chain(seal_value)
        .filter_map(|id| subject.value_claim(id))
    {
        if let Scheme::RsaPkcs1(digest) | Scheme::RsaPss(digest) | Scheme::Ecdsa(digest) = &claim.scheme
            && digest.is_weak()
        {
            weak.push(format!("signature with {}", digest.name()));
        }
        if let VerifyingKey::Rsa(_, bits) = claim.key
            && bits < 2048
        {
            weak.push(format!("RSA {bits}"));
        }
    }
    weak.sort();
    weak.dedup();
    findings.extend(weak.into_iter().map(|name| Finding::about(Code::WeakAlgorithm, name)));
}
