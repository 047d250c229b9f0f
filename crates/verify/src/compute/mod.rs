//! Answers the claims of many documents at once: right or wrong, nothing else.
//!
//! ```text
//! round   hash every reading to try now   ─▶ compare digests, recall or compute values
//! again   only for claims that did not hold, with their next reading
//! ```
//!
//! No certificate, seal, trust or time is known here. A batch of one takes the same way as a batch of thousands. What is
//! remembered is arithmetic alone, kept under everything that it depends on, so that a hit can never carry a decision from one
//! certificate to another. Certificate links, revocation lists and seals are remembered, since they come again with other documents. What
//! a signer or a time-stamp authority signed for one document never does, and is computed every time.

mod classic;
mod digests;
mod memory;
mod messages;
mod statistics;
mod values;

use std::collections::HashSet;

use cinnabar_sm::sm2;

pub(crate) use messages::Digest;
pub use statistics::Statistics;

use crate::claims::Claims;
use crate::plan::Work;
use digests::Digests;
use memory::Memory;
use messages::Messages;
use statistics::{Counts, Totals};
use values::{Asked, Values};

/// The answer to one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It holds, in the reading named; `raw` when an SM2 value was 64 bytes instead of DER.
    Right {
        /// The name of the reading that held.
        alternative: &'static str,
        /// The value was raw `r ‖ s`.
        raw: bool,
    },
    /// It does not hold in any reading.
    Wrong,
    /// The algorithm is not known here, so nothing can be said.
    Unsupported,
}

impl Answer {
    /// Whether the claim holds in some reading.
    pub fn is_right(self) -> bool {
        matches!(self, Self::Right { .. })
    }

    /// Whether the claim holds in the reading called `name`.
    pub fn holds_as(self, name: &str) -> bool {
        matches!(self, Self::Right { alternative, .. } if alternative == name)
    }
}

/// The answers to one document's work, index for index.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// To the claims' digests.
    pub digests: Vec<Answer>,
    /// To the claims' values.
    pub values: Vec<Answer>,
    /// To the planned certificate links.
    pub links: Vec<Answer>,
    /// To the planned revocation lists.
    pub crls: Vec<Answer>,
}

/// Answers claims, and remembers what recurs. Keep one for a run and share it between threads by reference.
#[derive(Debug)]
pub struct Engine {
    keys: sm2::KeyCache,
    memory: Memory,
    totals: Totals,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// The memory of [`Engine::new`]: 96 MiB, of which 80 are for tables of keys and 16 for answers. Both grow as they are needed;
    /// the verification of a few licences takes a few MiB.
    pub const DEFAULT_MEMORY: usize = 96 << 20;

    /// An engine that remembers nothing yet and will hold at most [`Engine::DEFAULT_MEMORY`].
    pub fn new() -> Self {
        Self::with_memory(Self::DEFAULT_MEMORY)
    }

    /// An engine that holds at most so many bytes of tables and answers beside the documents that it works on: a sixth for answers
    /// (some 70 000 in 16 MiB), the rest for tables of the keys met most.
    pub fn with_memory(bytes: usize) -> Self {
        let answers = bytes / 6;
        Self {
            keys: sm2::KeyCache::new(bytes - answers),
            memory: Memory::new(answers),
            totals: Totals::default(),
        }
    }

    /// What was done so far.
    pub fn statistics(&self) -> Statistics {
        self.totals.statistics(self.memory.held(), self.keys.stats())
    }

    /// Answers the work of any number of documents; one is a batch of one.
    pub fn compute(&self, works: &[Work<'_>]) -> Vec<Answers> {
        let mut counts = Counts {
            documents: works.len() as u64,
            ..Counts::default()
        };
        let mut messages = Messages::default();
        let mut digests = Digests::new(works.iter().flat_map(|work| &work.claims.digests).collect());
        let mut values = Values::new(works.iter().flat_map(asked).collect(), &self.keys);
        loop {
            digests.ask(&mut messages);
            values.ask(&mut messages);
            if digests.is_done() && values.is_done() {
                break;
            }
            messages.hash(&mut counts);
            digests.settle(&messages);
            values.settle(&messages, self, &mut counts);
        }
        self.totals.add(&counts);
        deal(works, digests.into_answers(), values.into_answers())
    }
}

/// The value claims of a document in the order in which [`deal`] gives their answers back.
fn asked<'a>(work: &'a Work<'_>) -> Vec<Asked<'a>> {
    let seals = seal_values(work.claims);
    let values = work.claims.values.iter().enumerate();
    let values = values.map(|(index, claim)| match seals.contains(&index) {
        true => Asked::Recurring(claim),
        false => Asked::Once(claim),
    });
    let links = work.links.iter().map(|link| Asked::Standing(&link.claim));
    let crls = work.crls.iter().map(|link| Asked::Standing(&link.claim));
    values.chain(links).chain(crls).collect()
}

/// Which values a seal maker made.
fn seal_values(claims: &Claims) -> HashSet<usize> {
    let seals = claims.signatures.iter().filter_map(|s| s.seal.as_ref());
    seals.filter_map(|seal| seal.value).map(|id| id.0).collect()
}

/// Gives each document its answers.
fn deal(works: &[Work<'_>], digests: Vec<Answer>, values: Vec<Answer>) -> Vec<Answers> {
    let (mut digests, mut values) = (digests.into_iter(), values.into_iter());
    let deal_one = |work: &Work<'_>| Answers {
        digests: digests.by_ref().take(work.claims.digests.len()).collect(),
        values: values.by_ref().take(work.claims.values.len()).collect(),
        links: values.by_ref().take(work.links.len()).collect(),
        crls: values.by_ref().take(work.crls.len()).collect(),
    };
    works.iter().map(deal_one).collect()
}
