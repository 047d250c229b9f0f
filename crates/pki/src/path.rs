//! Certification paths: which certificates may have issued one, and what is wrong with a given path.
//!
//! RFC 5280 section 6, without signatures, revocation and trust: those are answered elsewhere. Pure functions of their arguments.
//!
//! Not processed: certificate policies (none is ever asked for) and name constraints; where critical, the latter are an
//! [`PathFault::UnknownCriticalExtension`], so that such a path is refused rather than passed unchecked.

use std::collections::HashSet;

use crate::certificate::{Certificate, PublicKey};
use crate::name;

/// No more issuers than this are proposed for one certificate.
pub const MAX_CANDIDATE_ISSUERS: usize = 8;
/// RSA keys shorter than this are weak.
pub const MIN_RSA_BITS: u32 = 2048;

const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// What the leaf of a path is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs seals.
    SealMaker,
    /// Signs documents.
    Signer,
    /// Signs time-stamp tokens.
    TimeStamp,
    /// Signs revocation lists.
    CrlIssuer,
}

/// What is wrong with one certificate of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathFault {
    /// The validity begins later.
    NotYetValid,
    /// The validity has ended.
    Expired,
    /// Its subject is not the issuer of the certificate before it.
    NameMismatch,
    /// It issued a certificate without being a CA.
    NotCa,
    /// More CAs follow below it than it allows.
    PathLengthExceeded,
    /// Its key usage does not allow what the key did.
    KeyUsage,
    /// Its extended key usage does not allow what the key did.
    ExtendedKeyUsage,
    /// It has a critical extension nobody here understands (dotted OID).
    UnknownCriticalExtension(String),
    /// Its signature or its key is too weak: the algorithm's OID, or `RSA-` and the bits.
    WeakAlgorithm(String),
}

impl PathFault {
    /// A stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            PathFault::NotYetValid => "CERT_NOT_YET_VALID",
            PathFault::Expired => "CERT_EXPIRED",
            PathFault::NameMismatch => "CERT_NAME_MISMATCH",
            PathFault::NotCa => "CERT_NOT_CA",
            PathFault::PathLengthExceeded => "CERT_PATH_LENGTH_EXCEEDED",
            PathFault::KeyUsage => "CERT_KEY_USAGE",
            PathFault::ExtendedKeyUsage => "CERT_EXTENDED_KEY_USAGE",
            PathFault::UnknownCriticalExtension(_) => "CERT_UNKNOWN_CRITICAL_EXTENSION",
            PathFault::WeakAlgorithm(_) => "CERT_WEAK_ALGORITHM",
        }
    }
}

/// The places in `pool` of certificates that may have issued `cert`, likeliest first, [`MAX_CANDIDATE_ISSUERS`] at most.
///
/// Their subject is the issuer's name. Those whose key identifier is the one `cert` names come first, those without an identifier next,
/// those with another one last; among equals the order of the pool stays, so put trusted certificates first. `cert` itself and repeated
/// certificates are left out. No signature is checked.
pub fn candidate_issuers(cert: &Certificate, pool: &[Certificate]) -> Vec<usize> {
    let mut seen = HashSet::from([cert.raw()]);
    let mut found: Vec<(u8, usize)> = Vec::new();
    for (index, candidate) in pool.iter().enumerate() {
        if name::equal(candidate.subject_raw(), cert.issuer_raw()) && seen.insert(candidate.raw()) {
            let rank = match (cert.authority_key_id(), candidate.subject_key_id()) {
                (Some(wanted), Some(id)) if wanted == id => 0,
                (Some(_), Some(_)) => 2,
                _ => 1,
            };
            found.push((rank, index));
        }
    }
    found.sort_unstable();
    found
        .into_iter()
        .take(MAX_CANDIDATE_ISSUERS)
        .map(|(_, index)| index)
        .collect()
}

/// Checks a path, leaf first and trust anchor last, as of `at` (Unix seconds), for what the leaf is used for. Each fault comes with the
/// place of its certificate in the path; no fault means that nothing but signatures, revocation and trust is left to check.
///
/// The anchor is checked like any other certificate, which RFC 5280 leaves open; only how it was signed does not matter. A path of one is
/// a leaf trusted directly.
pub fn check(path: &[&Certificate], at: i64, purpose: Purpose) -> Vec<(usize, PathFault)> {
    let mut faults = Vec::new();
    let mut cas_below = 0u32;
    for (index, certificate) in path.iter().enumerate() {
        let mut report = |fault| faults.push((index, fault));
        let is_anchor = index + 1 == path.len();
        check_each(certificate, at, is_anchor, &mut report);
        match index.checked_sub(1).and_then(|below| path.get(below)) {
            None => check_leaf(certificate, purpose, &mut report),
            Some(issued) => {
                if !name::equal(issued.issuer_raw(), certificate.subject_raw()) {
                    report(PathFault::NameMismatch);
                }
                check_ca(certificate, cas_below, &mut report);
                if !certificate.is_self_issued() {
                    cas_below = cas_below.saturating_add(1);
                }
            }
        }
    }
    faults
}

/// The weakness of a signature algorithm (dotted OID), if it has one: MD2, MD4, MD5 or SHA-1 inside.
pub fn is_weak_signature_algorithm(oid: &str) -> bool {
    matches!(
        oid,
        "1.2.840.113549.1.1.2"
            | "1.2.840.113549.1.1.3"
            | "1.2.840.113549.1.1.4"
            | "1.2.840.113549.1.1.5"
            | "1.3.14.3.2.3"
            | "1.3.14.3.2.13"
            | "1.3.14.3.2.27"
            | "1.3.14.3.2.29"
            | "1.2.840.10040.4.3"
            | "1.2.840.10045.4.1"
            | "1.2.156.10197.1.502"
            | "1.2.156.10197.1.505"
    )
}

fn check_each(certificate: &Certificate, at: i64, is_anchor: bool, report: &mut impl FnMut(PathFault)) {
    if at < certificate.not_before() {
        report(PathFault::NotYetValid);
    }
    if at > certificate.not_after() {
        report(PathFault::Expired);
    }
    for oid in certificate.unknown_critical() {
        report(PathFault::UnknownCriticalExtension(oid.clone()));
    }
    if !is_anchor && is_weak_signature_algorithm(certificate.signature_algorithm()) {
        report(PathFault::WeakAlgorithm(certificate.signature_algorithm().to_owned()));
    }
    if let PublicKey::Rsa { bits, .. } = certificate.public_key()
        && *bits < MIN_RSA_BITS
    {
        report(PathFault::WeakAlgorithm(format!("RSA-{bits}")));
    }
}

fn check_leaf(leaf: &Certificate, purpose: Purpose, report: &mut impl FnMut(PathFault)) {
    let allowed = leaf.key_usage().is_none_or(|usage| match purpose {
        Purpose::CrlIssuer => usage.crl_sign(),
        Purpose::SealMaker | Purpose::Signer | Purpose::TimeStamp => {
            usage.digital_signature() || usage.non_repudiation()
        }
    });
    if !allowed {
        report(PathFault::KeyUsage);
    }
    let usages = leaf.extended_key_usage();
    let allowed = match purpose {
        // RFC 3161 2.3: critical, and this usage only.
        Purpose::TimeStamp => {
            leaf.extended_key_usage_is_critical() && usages.is_some_and(|usages| usages == [TIME_STAMPING])
        }
        // Sealing certificates in the field carry client authentication, e-mail protection or private usages. One that is
        // for time stamps or OCSP answers only must not sign documents.
        Purpose::SealMaker | Purpose::Signer => usages.is_none_or(|usages| {
            usages
                .iter()
                .any(|usage| usage != TIME_STAMPING && usage != OCSP_SIGNING)
        }),
        Purpose::CrlIssuer => true,
    };
    if !allowed {
        report(PathFault::ExtendedKeyUsage);
    }
}

fn check_ca(ca: &Certificate, cas_below: u32, report: &mut impl FnMut(PathFault)) {
    if !ca.is_ca() {
        report(PathFault::NotCa);
    }
    if ca.path_length().is_some_and(|limit| cas_below > limit) {
        report(PathFault::PathLengthExceeded);
    }
    if ca.key_usage().is_some_and(|usage| !usage.cert_sign()) {
        report(PathFault::KeyUsage);
    }
}

#[cfg(test)]
mod tests;
