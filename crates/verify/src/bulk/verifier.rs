//! Who judges.

use std::sync::Arc;

use cinnabar_pki::trust::TrustSet;

use crate::extract::Unreadable;
use crate::policy::Policy;
use crate::report::Report;
use crate::{Context, Document, Engine, Grounds, Limits, judge, verify_batch};

/// Judges documents; shared by all threads of a run.
pub trait Judge: Send + Sync + 'static {
    /// One report for each document, in their order.
    fn judge(&self, documents: &[Document]) -> Vec<Report>;

    /// The report on a document that cannot be had.
    fn unreadable(&self, name: &str, why: &Unreadable) -> Report;

    /// The largest document that [`Judge::judge`] looks into, bytes.
    fn document_bytes(&self) -> u64;
}

/// Judges by [`verify_batch`], under one trust set, policy and time.
#[derive(Debug)]
pub struct Verifier {
    grounds: Grounds,
    policy: &'static Policy,
    at: i64,
    limits: Limits,
    engine: Engine,
}

impl Verifier {
    /// A verifier with the default limits; `at` is the time of verification, Unix seconds.
    pub fn new(trust: Option<Arc<TrustSet>>, policy: &'static Policy, at: i64) -> Self {
        Self {
            grounds: Grounds::new(trust, Vec::new()),
            policy,
            at,
            limits: Limits::default(),
            engine: Engine::new(),
        }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What its arithmetic has met so far.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    fn context(&self) -> Context<'_> {
        self.grounds.context(self.policy, self.at)
    }
}

impl Judge for Verifier {
    fn judge(&self, documents: &[Document]) -> Vec<Report> {
        verify_batch(documents, &self.context(), &self.limits, &self.engine)
    }

    fn unreadable(&self, name: &str, why: &Unreadable) -> Report {
        judge::judge_unreadable(name, why, &self.context())
    }

    fn document_bytes(&self) -> u64 {
        self.limits.document_bytes
    }
}
