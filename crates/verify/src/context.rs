//! What a judgement is made under: trust set, policy, time, evidence.

use std::sync::Arc;

use cinnabar_pki::crl::Crl;
use cinnabar_pki::trust::TrustSet;

use crate::plan::Known;
use crate::policy::Policy;

/// A trust set and revocation lists with all that can be prepared from them. Make it once and keep it for a run or longer: threads
/// share it by reference, and each [`Context`] from it costs nothing.
#[derive(Debug, Default)]
pub struct Grounds {
    trust: Option<Arc<TrustSet>>,
    known: Known,
}

impl Grounds {
    /// Prepares a trust set with its own revocation lists and, after them, these.
    pub fn new(trust: Option<Arc<TrustSet>>, crls: Vec<Arc<Crl>>) -> Self {
        let known = prepare(trust.as_deref(), crls);
        Self { trust, known }
    }

    /// The trust set; without one nothing is PASSED.
    pub fn trust(&self) -> Option<&Arc<TrustSet>> {
        self.trust.as_ref()
    }

    /// A context on these grounds; `at` is the time of verification, Unix seconds, UTC.
    pub fn context<'a>(&'a self, policy: &'a Policy, at: i64) -> Context<'a> {
        Context {
            trust: self.trust.as_deref(),
            policy,
            at,
            known: Prepared::Borrowed(&self.known),
        }
    }
}

/// Everything that judge may know beyond the document. It reads no clock and no file.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The trust set; without one nothing is PASSED.
    pub(crate) trust: Option<&'a TrustSet>,
    /// The policy.
    pub policy: &'a Policy,
    /// The time of verification, Unix seconds, UTC.
    pub at: i64,
    known: Prepared<'a>,
}

/// What was prepared from the trust set, which therefore cannot be exchanged.
#[derive(Debug, Clone)]
enum Prepared<'a> {
    Borrowed(&'a Known),
    Own(Arc<Known>),
}

impl<'a> Context<'a> {
    /// A context with the trust set's own evidence, prepared for this context and its clones; see [`Grounds`] for many contexts.
    pub fn new(trust: Option<&'a TrustSet>, policy: &'a Policy, at: i64) -> Self {
        Self {
            trust,
            policy,
            at,
            known: Prepared::Own(Arc::new(prepare(trust, Vec::new()))),
        }
    }

    /// The trust set; without one nothing is PASSED.
    pub fn trust(&self) -> Option<&'a TrustSet> {
        self.trust
    }

    pub(crate) fn known(&self) -> &Known {
        match &self.known {
            Prepared::Borrowed(known) => known,
            Prepared::Own(known) => known,
        }
    }
}

fn prepare(trust: Option<&TrustSet>, crls: Vec<Arc<Crl>>) -> Known {
    let own = trust.iter().flat_map(|t| &t.crls).cloned().map(Arc::new);
    Known::new(trust, own.chain(crls).collect())
}
