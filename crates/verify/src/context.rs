//! What a judgement is made under: trust set, policy, time, evidence.

use std::sync::Arc;

use cinnabar_pki::crl::Crl;
use cinnabar_pki::trust::TrustSet;

use crate::policy::Policy;

/// Everything that judge may know beyond the document. It reads no clock and no file.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The trust set; without one nothing is PASSED.
    pub trust: Option<&'a TrustSet>,
    /// The policy.
    pub policy: &'a Policy,
    /// The time of verification, Unix seconds, UTC.
    pub at: i64,
    /// Revocation lists at hand.
    pub crls: Vec<Arc<Crl>>,
}

impl<'a> Context<'a> {
    /// A context with the trust set's own evidence.
    pub fn new(trust: Option<&'a TrustSet>, policy: &'a Policy, at: i64) -> Self {
        let crls = trust
            .map(|t| t.crls.iter().cloned().map(Arc::new).collect())
            .unwrap_or_default();
        Self {
            trust,
            policy,
            at,
            crls,
        }
    }
}
