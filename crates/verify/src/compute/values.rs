//! Signature values: SM2 many at once, the rest one by one; what recurs is asked of the memory first.

use std::collections::HashMap;
use std::sync::Arc;

use cinnabar_sm::sm2;

use super::classic::Method;
use super::memory::{Memory, Question};
use super::messages::{Digest, Messages, Place};
use super::statistics::Counts;
use super::{Answer, Engine};
use crate::claims::{DigestAlgorithm, Scheme, StandingClaim, ValueClaim, VerifyingKey};

/// Stands for SM2 with SM3 and the default identifier in the memory of answers; see [`Method::tag`] for the others.
const SM2_SM3: u8 = 0x01;

/// A value claim, and whether its answer is worth keeping.
pub(super) enum Asked<'a> {
    /// Of this document alone.
    Once(&'a ValueClaim),
    /// Of a seal, which comes with every document that bears it.
    Recurring(&'a ValueClaim),
    /// Of a certificate or a revocation list.
    Standing(&'a StandingClaim),
}

impl<'a> Asked<'a> {
    fn claim(&self) -> &'a ValueClaim {
        match self {
            Self::Once(claim) | Self::Recurring(claim) => claim,
            Self::Standing(standing) => standing.claim(),
        }
    }

    fn recurs(&self) -> bool {
        !matches!(self, Self::Once(_))
    }
}

/// The value claims of a batch and their answers.
pub(super) struct Values<'a> {
    asked: Vec<Asked<'a>>,
    answers: Vec<Answer>,
    keys: Keys,
    waiting: Vec<Waiting<'a>>,
}

struct Waiting<'a> {
    index: usize,
    reading: usize,
    way: Way<'a>,
    digest: Source,
}

/// How a value is computed.
#[derive(Clone, Copy)]
enum Way<'a> {
    Sm2 {
        /// Index into [`Keys`].
        key: usize,
        value: sm2::Signature,
        raw: bool,
    },
    Classic(Method<'a>),
}

/// Where the digest of the reading comes from.
#[derive(Clone, Copy)]
enum Source {
    /// Whoever computes the value makes it.
    None,
    Message(Place),
    Made(Digest),
}

impl<'a> Values<'a> {
    pub(super) fn new(asked: Vec<Asked<'a>>, cache: &sm2::KeyCache) -> Self {
        let mut keys = Keys::default();
        let mut answers = Vec::with_capacity(asked.len());
        let mut waiting = Vec::new();
        for (index, one) in asked.iter().enumerate() {
            match way(one.claim(), &mut keys, cache) {
                Ok(way) => {
                    answers.push(Answer::Wrong);
                    waiting.push(Waiting {
                        index,
                        reading: 0,
                        way,
                        digest: Source::None,
                    });
                }
                Err(answer) => answers.push(answer),
            }
        }
        Self {
            asked,
            answers,
            keys,
            waiting,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks for the digests of the readings to try next, where they are needed. What has no reading left is wrong.
    pub(super) fn ask(&mut self, messages: &mut Messages<'a>) {
        self.waiting.retain_mut(|waiting| {
            let asked = &self.asked[waiting.index];
            let Some(reading) = asked.claim().alternatives.get(waiting.reading) else {
                return false;
            };
            let made = standing(asked, waiting.reading).and_then(|s| s.digest().get());
            waiting.digest = match (made, waiting.way) {
                (Some(digest), _) => Source::Made(*digest),
                (None, Way::Sm2 { key, .. }) => {
                    let z = self.keys.z(key);
                    Source::Message(messages.ask(DigestAlgorithm::Sm3, Some(z), &reading.pieces))
                }
                (None, Way::Classic(method)) if asked.recurs() => {
                    Source::Message(messages.ask(method.digest, None, &reading.pieces))
                }
                (None, Way::Classic(_)) => Source::None,
            };
            true
        });
    }

    /// Computes what was asked for, unless it is remembered.
    pub(super) fn settle(&mut self, messages: &Messages<'_>, engine: &Engine, counts: &mut Counts) {
        let mut round = Round::new(&engine.memory, counts);
        let mut met = Vec::with_capacity(self.waiting.len());
        for waiting in &self.waiting {
            let asked = &self.asked[waiting.index];
            let digest = match waiting.digest {
                Source::Message(place) => Some(messages.digest(place)),
                Source::Made(digest) => Some(digest),
                Source::None => None,
            };
            if let (Some(digest), Some(standing)) = (digest, standing(asked, waiting.reading)) {
                // Another thread may have been first, with the same digest.
                let _ = standing.digest().set(digest);
            }
            met.push(round.meet(asked, waiting, digest, &self.keys));
        }
        let right = round.compute(&self.keys, &engine.keys);
        let mut met = met.into_iter();
        self.waiting.retain_mut(|waiting| {
            let holds = match met.next() {
                Some(Met::Known(holds)) => holds,
                Some(Met::Check(check)) => right.get(check).copied().unwrap_or(false),
                None => false,
            };
            let claim = self.asked[waiting.index].claim();
            match claim.alternatives.get(waiting.reading) {
                Some(reading) if holds => {
                    self.answers[waiting.index] = Answer::Right {
                        alternative: reading.name,
                        raw: matches!(waiting.way, Way::Sm2 { raw: true, .. }),
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

/// The claim whose own digest is meant, which it keeps for its first reading only.
fn standing<'a>(asked: &Asked<'a>, reading: usize) -> Option<&'a StandingClaim> {
    match asked {
        Asked::Standing(standing) if reading == 0 => Some(standing),
        _ => None,
    }
}

/// How a claim is computed, or what can be answered without computing.
fn way<'a>(claim: &'a ValueClaim, keys: &mut Keys, cache: &sm2::KeyCache) -> Result<Way<'a>, Answer> {
    if let (Scheme::Sm2Sm3, VerifyingKey::Sm2(point)) = (&claim.scheme, &claim.key) {
        let key = keys.meet(point, cache).ok_or(Answer::Wrong)?;
        let (value, encoding) = sm2::Signature::from_any(&claim.value).map_err(|_| Answer::Wrong)?;
        let raw = matches!(encoding, sm2::Encoding::Raw);
        return Ok(Way::Sm2 { key, value, raw });
    }
    Method::of(claim).map(Way::Classic).ok_or(Answer::Unsupported)
}

/// The SM2 keys of a batch: those on the curve, each looked up once.
#[derive(Default)]
struct Keys {
    places: HashMap<[u8; 65], Option<usize>>,
    known: Vec<([u8; 65], Arc<sm2::KnownKey>)>,
}

impl Keys {
    /// Looks a key up for its Z; that is no use that would be worth a table.
    fn meet(&mut self, point: &[u8; 65], cache: &sm2::KeyCache) -> Option<usize> {
        let known = &mut self.known;
        *self.places.entry(*point).or_insert_with(|| {
            known.push((*point, cache.meet(point, 0)?));
            Some(known.len() - 1)
        })
    }

    fn point(&self, key: usize) -> &[u8; 65] {
        &self.known[key].0
    }

    fn z(&self, key: usize) -> [u8; 32] {
        *self.known[key].1.z()
    }

    /// The keys in the form that suits so many uses each; those without a use as they are.
    fn for_uses(&self, uses: &[usize], cache: &sm2::KeyCache) -> Vec<Arc<sm2::KnownKey>> {
        let prepare = |((point, known), uses): (&([u8; 65], Arc<sm2::KnownKey>), &usize)| {
            let met = (*uses > 0).then(|| cache.meet(point, *uses)).flatten();
            met.unwrap_or_else(|| Arc::clone(known))
        };
        self.known.iter().zip(uses).map(prepare).collect()
    }
}

/// The answer to one reading, or the check that will give it.
#[derive(Clone, Copy)]
enum Met {
    Known(bool),
    Check(usize),
}

/// What is left to compute when the memory and the batch itself have been asked.
struct Round<'r> {
    memory: &'r Memory,
    counts: &'r mut Counts,
    met: HashMap<Question, Met>,
    checks: Vec<Check>,
}

struct Check {
    key: usize,
    digest: [u8; 32],
    value: sm2::Signature,
    /// What to keep the answer under.
    question: Option<Question>,
}

impl<'r> Round<'r> {
    fn new(memory: &'r Memory, counts: &'r mut Counts) -> Self {
        Self {
            memory,
            counts,
            met: HashMap::new(),
            checks: Vec::new(),
        }
    }

    /// Answers one reading if it was answered before, by RSA or ECDSA at once, and by SM2 with all the others.
    fn meet(&mut self, asked: &Asked<'_>, waiting: &Waiting<'_>, digest: Option<Digest>, keys: &Keys) -> Met {
        let claim = asked.claim();
        let question = digest.filter(|_| asked.recurs()).and_then(|digest| match &waiting.way {
            // The two halves in full, so that both encodings of a value are one question.
            Way::Sm2 { key, value, .. } => {
                let halves = [value.r, value.s].concat();
                Question::new(SM2_SM3, keys.point(*key), digest.bytes(), &halves)
            }
            Way::Classic(method) => Question::new(method.tag, method.key, digest.bytes(), &claim.value),
        });
        if let Some(question) = &question {
            if let Some(met) = self.met.get(question) {
                self.counts.repeated += 1;
                return *met;
            }
            if let Some(right) = self.memory.recall(question) {
                self.counts.recalled += 1;
                self.met.insert(question.clone(), Met::Known(right));
                return Met::Known(right);
            }
        }
        self.counts.signatures += 1;
        match (&waiting.way, digest) {
            (Way::Sm2 { key, value, .. }, Some(digest)) => {
                let met = Met::Check(self.checks.len());
                if let Some(question) = &question {
                    self.met.insert(question.clone(), met);
                }
                self.checks.push(Check {
                    key: *key,
                    digest: digest.to_32(),
                    value: *value,
                    question,
                });
                met
            }
            (Way::Sm2 { .. }, None) => Met::Known(false),
            (Way::Classic(method), _) => {
                let reading = claim.alternatives.get(waiting.reading);
                let right = reading.is_some_and(|reading| method.verify(&reading.pieces, &claim.value));
                if let Some(question) = question {
                    self.met.insert(question.clone(), Met::Known(right));
                    self.memory.keep(question, right);
                }
                Met::Known(right)
            }
        }
    }

    /// Answers the SM2 checks, and keeps what is worth keeping.
    fn compute(self, keys: &Keys, cache: &sm2::KeyCache) -> Vec<bool> {
        let mut uses = vec![0; keys.known.len()];
        for check in &self.checks {
            uses[check.key] += 1;
        }
        let keys = keys.for_uses(&uses, cache);
        let checks: Vec<sm2::Check<'_>> = self
            .checks
            .iter()
            .map(|check| sm2::Check {
                key: keys[check.key].key(),
                digest: check.digest,
                signature: check.value,
            })
            .collect();
        let right = sm2::verify_many(&checks);
        drop(checks);
        for (check, right) in self.checks.into_iter().zip(&right) {
            if let Some(question) = check.question {
                self.memory.keep(question, *right);
            }
        }
        right
    }
}
