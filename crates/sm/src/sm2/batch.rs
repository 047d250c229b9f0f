//! Many verifications at once.

use super::{PreparedKey, PublicKey, Signature};

/// The key of one verification.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// Without a table.
    Plain(&'a PublicKey),
    /// With one.
    Prepared(&'a PreparedKey),
}

/// One verification to make.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// Who is said to have signed.
    pub key: Key<'a>,
    /// `e = SM3(Z ‖ M)`.
    pub digest: [u8; 32],
    /// The value.
    pub signature: Signature,
}

/// Answers every check, index for index. A wrong one changes no other's answer.
#[must_use]
pub fn verify_many(checks: &[Check<'_>]) -> Vec<bool> {
    checks
        .iter()
        .map(|check| match check.key {
            Key::Plain(key) => key.verify_digest(&check.digest, &check.signature),
            Key::Prepared(key) => key.verify_digest(&check.digest, &check.signature),
        })
        .collect()
}
