//! Digest claims: each reading is tried only where the one before it did not hold.

use super::Answer;
use super::messages::{Messages, Place};
use crate::claims::DigestClaim;

/// The digest claims of a batch and their answers.
pub(super) struct Digests<'a> {
    claims: Vec<&'a DigestClaim>,
    answers: Vec<Answer>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    claim: usize,
    reading: usize,
    message: Option<Place>,
}

impl<'a> Digests<'a> {
    pub(super) fn new(claims: Vec<&'a DigestClaim>) -> Self {
        let first = |claim| Waiting {
            claim,
            reading: 0,
            message: None,
        };
        Self {
            answers: vec![Answer::Wrong; claims.len()],
            waiting: (0..claims.len()).map(first).collect(),
            claims,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks for the digests of the readings to try next. What has no reading left is wrong.
    pub(super) fn ask(&mut self, messages: &mut Messages<'a>) {
        self.waiting.retain_mut(|waiting| {
            let claim = self.claims[waiting.claim];
            let Some(reading) = claim.alternatives.get(waiting.reading) else {
                return false;
            };
            waiting.message = Some(messages.ask(claim.algorithm, None, &reading.pieces));
            true
        });
    }

    /// Compares the digests that were asked for.
    pub(super) fn settle(&mut self, messages: &Messages<'_>) {
        self.waiting.retain_mut(|waiting| {
            let claim = self.claims[waiting.claim];
            let holds = waiting
                .message
                .is_some_and(|place| messages.digest(place).bytes() == claim.expected);
            match claim.alternatives.get(waiting.reading) {
                Some(reading) if holds => {
                    self.answers[waiting.claim] = Answer::Right {
                        alternative: reading.name,
                        raw: false,
                    };
                    false
                }
                _ => {
                    waiting.reading += 1;
                    true
                }
            }
        });
    }

    /// The answers, in the order of the claims.
    pub(super) fn into_answers(self) -> Vec<Answer> {
        self.answers
    }
}
