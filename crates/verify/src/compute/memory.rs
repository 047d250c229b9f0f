//! Answers kept: arithmetic, and nothing else.
//!
//! An answer is kept under everything that the arithmetic depends on, written out in full: the algorithm, the verifying key, the
//! digest of the message and the signature value, each with its length. Nothing is shortened to a hash, so two different
//! computations cannot share an answer, whoever made the certificates that asked for them. How a value was encoded and which
//! reading of a message held are no part of it; the one who asks knows them.
//!
//! A new answer is on trial. When room is needed, those on trial leave in the order they came, and one that was asked for again
//! moves on to the proven instead. Only where trials take less than an eighth of the room does a proven one leave, the least asked
//! for first. So a flood of answers that nobody asks for twice passes through and leaves the proven ones alone; whatever an attacker
//! makes leave is computed again, which costs time and changes nothing.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What an answer is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question(Arc<[u8]>);

impl Question {
    /// Longer ones are not kept: no honest key and value are.
    const MAX: usize = 4096;

    /// `None` when key and value are too long to be kept.
    pub(super) fn new(algorithm: u8, key: &[u8], digest: &[u8], value: &[u8]) -> Option<Self> {
        let parts = [key, digest, value];
        let length = 1 + parts.iter().map(|p| 4 + p.len()).sum::<usize>();
        if length > Self::MAX {
            return None;
        }
        let mut name = Vec::with_capacity(length);
        name.push(algorithm);
        for part in parts {
            name.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
            name.extend_from_slice(part);
        }
        Some(Self(name.into()))
    }

    /// What keeping it takes, its places in the tables included.
    fn cost(&self) -> usize {
        self.0.len() + 160
    }
}

/// Answers by question, bounded in bytes. Threads share it by reference and meet only where they ask at once for what the same
/// sixteenth holds.
#[derive(Debug)]
pub(super) struct Memory {
    shards: [Mutex<Shard>; 16],
    choice: RandomState,
    bytes: usize,
}

impl Memory {
    /// Keeps at most so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            shards: Default::default(),
            choice: RandomState::new(),
            bytes: bytes / 16,
        }
    }

    pub(super) fn recall(&self, question: &Question) -> Option<bool> {
        let mut shard = self.shard(question);
        let kept = shard.answers.get_mut(question)?;
        kept.uses = kept.uses.saturating_add(1).min(MAX_USES);
        Some(kept.right)
    }

    pub(super) fn keep(&self, question: Question, right: bool) {
        self.shard(&question).keep(question, right, self.bytes);
    }

    /// How many answers are held, and what they take.
    pub(super) fn held(&self) -> (usize, usize) {
        let shards = self.shards.iter().map(lock);
        shards.fold((0, 0), |(answers, bytes), shard| {
            (
                answers + shard.answers.len(),
                bytes + shard.trial_bytes + shard.proven_bytes,
            )
        })
    }

    fn shard(&self, question: &Question) -> MutexGuard<'_, Shard> {
        let hash = usize::try_from(self.choice.hash_one(question) >> 60).unwrap_or_default();
        lock(&self.shards[hash & 15])
    }
}

/// A thread that stopped while it held the lock leaves whole entries behind: each is correct by itself.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More uses than this count no more.
const MAX_USES: u8 = 3;

#[derive(Debug, Default)]
struct Shard {
    answers: HashMap<Question, Kept>,
    trial: VecDeque<Question>,
    trial_bytes: usize,
    proven: VecDeque<Question>,
    proven_bytes: usize,
}

#[derive(Debug)]
struct Kept {
    right: bool,
    /// How often it was asked for since it last moved.
    uses: u8,
}

impl Shard {
    fn keep(&mut self, question: Question, right: bool, room: usize) {
        if question.cost() > room || self.answers.contains_key(&question) {
            return;
        }
        self.trial_bytes += question.cost();
        self.trial.push_back(question.clone());
        self.answers.insert(question, Kept { right, uses: 0 });
        while self.trial_bytes + self.proven_bytes > room {
            let from_trial = self.trial_bytes > room / 8 || self.proven.is_empty();
            if !(if from_trial {
                self.end_trial()
            } else {
                self.pass_proven()
            }) {
                return;
            }
        }
    }

    /// The oldest on trial leaves, or joins the proven.
    fn end_trial(&mut self) -> bool {
        let Some(question) = self.trial.pop_front() else {
            return false;
        };
        self.trial_bytes -= question.cost();
        match self.answers.get_mut(&question) {
            Some(kept) if kept.uses > 0 => {
                kept.uses = 0;
                self.proven_bytes += question.cost();
                self.proven.push_back(question);
            }
            _ => {
                self.answers.remove(&question);
            }
        }
        true
    }

    /// The oldest proven one leaves, unless it was asked for since it was last passed.
    fn pass_proven(&mut self) -> bool {
        let Some(question) = self.proven.pop_front() else {
            return false;
        };
        match self.answers.get_mut(&question) {
            Some(kept) if kept.uses > 0 => {
                kept.uses -= 1;
                self.proven.push_back(question);
            }
            _ => {
                self.proven_bytes -= question.cost();
                self.answers.remove(&question);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(number: u32) -> Question {
        Question::new(1, &number.to_be_bytes(), &[0; 32], &[0; 64]).expect("it is short")
    }

    #[test]
    fn no_two_computations_share_a_question() {
        let fields: [&[u8]; 4] = [b"", b"a", b"ab", b"b"];
        let mut seen = std::collections::HashSet::new();
        for algorithm in [1, 0x10, 0x11] {
            for key in fields {
                for digest in fields {
                    for value in fields {
                        let name = Question::new(algorithm, key, digest, value);
                        assert!(seen.insert(name), "{algorithm} {key:?} {digest:?} {value:?}");
                    }
                }
            }
        }
        assert!(Question::new(1, &[0; 2048], &[0; 32], &[0; 4096]).is_none());
    }

    #[test]
    fn an_answer_is_recalled_as_it_was_kept() {
        let memory = Memory::new(1 << 20);
        memory.keep(question(1), true);
        memory.keep(question(2), false);
        assert_eq!(memory.recall(&question(1)), Some(true));
        assert_eq!(memory.recall(&question(2)), Some(false));
        assert_eq!(memory.recall(&question(3)), None);
    }

    #[test]
    fn memory_stays_within_its_bytes() {
        let memory = Memory::new(1 << 18);
        for number in 0..100_000 {
            memory.keep(question(number), true);
            if number % 3 == 0 {
                memory.recall(&question(number));
            }
            if number % 1000 == 0 {
                assert!(memory.held().1 <= 1 << 18);
            }
        }
        let (answers, bytes) = memory.held();
        assert!(bytes <= 1 << 18 && answers > 500, "{answers} {bytes}");
        assert_eq!(answers * question(0).cost(), bytes);
        for shard in &memory.shards {
            let shard = lock(shard);
            assert_eq!(shard.answers.len(), shard.trial.len() + shard.proven.len());
        }
    }

    #[test]
    fn a_flood_of_answers_that_nobody_asks_for_again_does_not_drive_out_those_in_use() {
        let memory = Memory::new(1 << 18);
        let hot: Vec<Question> = (0..100).map(question).collect();
        for question in &hot {
            memory.keep(question.clone(), true);
            memory.recall(question);
        }
        for number in 1000..101_000 {
            memory.keep(question(number), false);
        }
        assert!(hot.iter().all(|q| memory.recall(q) == Some(true)));
    }

    #[test]
    fn answers_in_use_make_room_for_others_when_they_are_used_no_more() {
        let memory = Memory::new(1 << 16);
        for number in 0..20_000 {
            memory.keep(question(number), true);
            memory.recall(&question(number));
        }
        assert_eq!(memory.recall(&question(0)), None);
        memory.keep(question(20_000), true);
        assert_eq!(memory.recall(&question(20_000)), Some(true));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let memory = Memory::new(0);
        memory.keep(question(1), true);
        assert_eq!(memory.recall(&question(1)), None);
        assert_eq!(memory.held(), (0, 0));
    }
}
