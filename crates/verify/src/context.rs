//! What a judgement is made under: trust set, policy, time, evidence.

use std::sync::Arc;

use cinnabar_pki::crl::Crl;
use cinnabar_pki::trust::TrustSet;

use crate::plan::Known;
use crate::policy::Policy;

/// Everything that judge may know beyond the document. It reads no clock and no file.
///
/// Making one prepares the trust set's certificates and lists, so make it once and verify many documents under it; clones share
/// what was prepared.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The trust set; without one nothing is PASSED.
    pub(crate) trust: Option<&'a TrustSet>,
    /// The policy.
    pub policy: &'a Policy,
    /// The time of verification, Unix seconds, UTC.
    pub at: i64,
    known: Arc<Known>,
}

impl<'a> Context<'a> {
    /// A context with the trust set's own evidence.
    pub fn new(trust: Option<&'a TrustSet>, policy: &'a Policy, at: i64) -> Self {
        Self::with_crls(trust, policy, at, Vec::new())
    }

    /// A context with these revocation lists beside those of the trust set, which come first.
    pub fn with_crls(trust: Option<&'a TrustSet>, policy: &'a Policy, at: i64, crls: Vec<Arc<Crl>>) -> Self {
        let own = trust.iter().flat_map(|t| &t.crls).cloned().map(Arc::new);
        let known = Known::new(trust, own.chain(crls).collect());
        Self {
            trust,
            policy,
            at,
            known: Arc::new(known),
        }
    }

    /// The trust set; without one nothing is PASSED. It cannot be exchanged, because much is prepared from it.
    pub fn trust(&self) -> Option<&'a TrustSet> {
        self.trust
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }
}
