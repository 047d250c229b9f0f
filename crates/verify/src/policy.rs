//! Named policies: what a verdict demands beyond arithmetic.

use crate::codes::Code;

/// Which time of signing counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRule {
    /// Only a time that a trusted time-stamp authority vouches for.
    Proven,
    /// The signer's own word does; the report carries `TIME_CLAIMED`.
    ClaimedAllowed,
}

/// How much must be known about revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationRule {
    /// Fresh evidence for every certificate below the anchor.
    Required,
    /// Evidence counts when it is there.
    IfAvailable,
}

/// How much must be known about the licence's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRule {
    /// A fresh status is needed.
    Required,
    /// A status counts when it is there.
    IfAvailable,
}

/// A policy, named in every report.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The name given on the command line.
    pub name: &'static str,
    /// The version of the rules below.
    pub version: &'static str,
    /// Which time counts.
    pub time: TimeRule,
    /// What revocation needs.
    pub revocation: RevocationRule,
    /// What status needs.
    pub status: StatusRule,
    /// Deviations from the standards that do not stand in the way of PASSED.
    pub tolerates: &'static [Code],
}

/// Deviations that real products write and that change nothing an attacker could use.
const TOLERATED: &[Code] = &[
    Code::RawSm2Value,
    Code::PathCase,
    Code::AttributesUnsorted,
    Code::ContentTypeDiffers,
    Code::BerEncoding,
    Code::FormDeviation,
    Code::PropertyInfoDiffers,
    Code::CertificateEncoding,
    Code::UnreferencedEntry,
    Code::SealCritical,
];

/// Judges the document: the default.
pub const DOCUMENT: Policy = Policy {
    name: "document",
    version: "1",
    time: TimeRule::ClaimedAllowed,
    revocation: RevocationRule::IfAvailable,
    status: StatusRule::IfAvailable,
    tolerates: TOLERATED,
};

/// Judges the licence too: its status must be known and good, and it must be in force.
pub const LICENCE: Policy = Policy {
    name: "licence",
    version: "1",
    time: TimeRule::ClaimedAllowed,
    revocation: RevocationRule::IfAvailable,
    status: StatusRule::Required,
    tolerates: TOLERATED,
};

/// Judges as if nobody were believed: proven time, revocation evidence, no deviation.
pub const STRICT: Policy = Policy {
    name: "strict",
    version: "1",
    time: TimeRule::Proven,
    revocation: RevocationRule::Required,
    status: StatusRule::IfAvailable,
    tolerates: &[],
};

impl Policy {
    /// All policies, in the order of strictness.
    pub const ALL: [&'static Policy; 3] = [&DOCUMENT, &LICENCE, &STRICT];

    /// Looks a policy up by name.
    pub fn named(name: &str) -> Option<&'static Policy> {
        Self::ALL.into_iter().find(|p| p.name == name)
    }
}
