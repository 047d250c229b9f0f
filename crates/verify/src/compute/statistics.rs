//! What an engine has done, for progress lines, summaries and metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use cinnabar_sm::sm2;

/// What an engine has done since it was made, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Documents computed.
    pub documents: u64,
    /// Messages hashed.
    pub messages: u64,
    /// Bytes of them.
    pub hashed_bytes: u64,
    /// Signature values computed, right or wrong, one for each reading that was tried.
    pub signatures: u64,
    /// Readings answered from memory.
    pub recalled: u64,
    /// Readings answered by another claim of the same batch.
    pub repeated: u64,
    /// Answers in memory.
    pub answers_held: usize,
    /// Bytes that they take.
    pub answer_bytes: usize,
    /// SM2 keys in memory.
    pub keys_held: usize,
    /// Those of them that have a table.
    pub keys_prepared: usize,
    /// Bytes that keys and tables take.
    pub key_bytes: usize,
}

/// What one batch adds.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub documents: u64,
    pub messages: u64,
    pub hashed_bytes: u64,
    pub signatures: u64,
    pub recalled: u64,
    pub repeated: u64,
}

/// What all batches of an engine added; written once a batch.
#[derive(Debug, Default)]
pub(super) struct Totals {
    documents: AtomicU64,
    messages: AtomicU64,
    hashed_bytes: AtomicU64,
    signatures: AtomicU64,
    recalled: AtomicU64,
    repeated: AtomicU64,
}

impl Totals {
    pub(super) fn add(&self, counts: &Counts) {
        let add = |to: &AtomicU64, more| to.fetch_add(more, Ordering::Relaxed);
        add(&self.documents, counts.documents);
        add(&self.messages, counts.messages);
        add(&self.hashed_bytes, counts.hashed_bytes);
        add(&self.signatures, counts.signatures);
        add(&self.recalled, counts.recalled);
        add(&self.repeated, counts.repeated);
    }

    pub(super) fn statistics(&self, (answers_held, answer_bytes): (usize, usize), keys: sm2::CacheStats) -> Statistics {
        let read = |from: &AtomicU64| from.load(Ordering::Relaxed);
        Statistics {
            documents: read(&self.documents),
            messages: read(&self.messages),
            hashed_bytes: read(&self.hashed_bytes),
            signatures: read(&self.signatures),
            recalled: read(&self.recalled),
            repeated: read(&self.repeated),
            answers_held,
            answer_bytes,
            keys_held: keys.keys,
            keys_prepared: keys.tables,
            key_bytes: keys.bytes,
        }
    }
}
