//! Answers the claims of many documents at once: right or wrong, nothing else.
//!
//! No certificate, seal, trust or time is known here. The cache holds arithmetic only, keyed by the scheme, the key, the
//! message and the value together: a hit can never carry a decision from one certificate to another.

use std::collections::HashMap;
use std::sync::Mutex;

use cinnabar_sm::{sm2, sm3};
use md5::Digest as _;
use ring::{digest, signature};

use crate::claims::{Alternative, DigestAlgorithm, DigestClaim, Piece, Scheme, ValueClaim, VerifyingKey};
use crate::plan::Work;

/// How many link answers are kept; 48 bytes each.
const CACHE_ENTRIES: usize = 1 << 16;

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

/// Answers claims; keep one for a run, so that links met again cost a look-up.
#[derive(Debug, Default)]
pub struct Engine {
    links: Mutex<HashMap<[u8; 32], Answer>>,
}

impl Engine {
    /// An engine with an empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the work of any number of documents; one is a batch of one.
    pub fn compute(&self, works: &[Work<'_>]) -> Vec<Answers> {
        let mut keys = Keys::default();
        works
            .iter()
            .map(|work| Answers {
                digests: Hashes::default().answer(&work.claims.digests),
                values: work.claims.values.iter().map(|c| answer_value(c, &mut keys)).collect(),
                links: work.links.iter().map(|l| self.recall(&l.claim, &mut keys)).collect(),
                crls: work.crls.iter().map(|c| self.recall(&c.claim, &mut keys)).collect(),
            })
            .collect()
    }

    fn recall(&self, claim: &ValueClaim, keys: &mut Keys) -> Answer {
        let name = fingerprint(claim);
        if let Some(answer) = self.links.lock().ok().and_then(|cache| cache.get(&name).copied()) {
            return answer;
        }
        let answer = answer_value(claim, keys);
        if let Ok(mut cache) = self.links.lock() {
            if cache.len() >= CACHE_ENTRIES {
                cache.clear();
            }
            cache.insert(name, answer);
        }
        answer
    }
}

/// SM3 over scheme, key, every reading of the message, and value, each with its length.
fn fingerprint(claim: &ValueClaim) -> [u8; 32] {
    let mut hash = sm3::Sm3::new();
    let mut part = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(format!("{:?}", claim.scheme).as_bytes());
    match &claim.key {
        VerifyingKey::Sm2(point) => part(point),
        VerifyingKey::Rsa(der, _) => part(der),
        VerifyingKey::P256(point) | VerifyingKey::P384(point) => part(point),
        VerifyingKey::Unknown(oid) => part(oid.as_bytes()),
    }
    part(&claim.value);
    for alternative in &claim.alternatives {
        part(alternative.name.as_bytes());
        for piece in &alternative.pieces {
            part(piece.bytes());
        }
    }
    hash.finalize()
}

/// Points already checked to lie on the curve, for this batch.
#[derive(Default)]
struct Keys(HashMap<[u8; 65], Option<sm2::PublicKey>>);

impl Keys {
    fn sm2(&mut self, point: &[u8; 65]) -> Option<&sm2::PublicKey> {
        self.0
            .entry(*point)
            .or_insert_with(|| sm2::PublicKey::from_sec1(point).ok())
            .as_ref()
    }
}

/// Digests already made of one document's bytes: a list may name one file many times, and signatures share theirs.
#[derive(Default)]
struct Hashes(HashMap<(DigestAlgorithm, Vec<PieceName>), Vec<u8>>);

/// A piece by where it lies; shared bytes live as long as the claims do, so an address names them.
#[derive(PartialEq, Eq, Hash)]
enum PieceName {
    Shared(usize, usize, usize),
    Inline(Vec<u8>),
}

/// Inline pieces longer than this are hashed again rather than remembered.
const MAX_NAME: usize = 64;

impl Hashes {
    fn answer(&mut self, claims: &[DigestClaim]) -> Vec<Answer> {
        claims.iter().map(|claim| self.answer_one(claim)).collect()
    }

    fn answer_one(&mut self, claim: &DigestClaim) -> Answer {
        claim
            .alternatives
            .iter()
            .find(|a| self.hash(claim.algorithm, &a.pieces) == claim.expected)
            .map_or(Answer::Wrong, |a| Answer::Right {
                alternative: a.name,
                raw: false,
            })
    }

    fn hash(&mut self, algorithm: DigestAlgorithm, pieces: &[Piece]) -> Vec<u8> {
        let name = pieces.iter().map(|piece| match piece {
            Piece::Shared(bytes, range) => Some(PieceName::Shared(bytes.as_ptr().addr(), range.start, range.end)),
            Piece::Inline(bytes) if bytes.len() <= MAX_NAME => Some(PieceName::Inline(bytes.clone())),
            Piece::Inline(_) => None,
        });
        match name.collect::<Option<Vec<_>>>() {
            Some(name) => {
                let made = self.0.entry((algorithm, name));
                made.or_insert_with(|| hash(algorithm, pieces)).clone()
            }
            None => hash(algorithm, pieces),
        }
    }
}

/// Hashes a message piece by piece.
pub(crate) fn hash(algorithm: DigestAlgorithm, pieces: &[Piece]) -> Vec<u8> {
    let ring_digest = |algorithm| {
        let mut context = digest::Context::new(algorithm);
        pieces.iter().for_each(|p| context.update(p.bytes()));
        context.finish().as_ref().to_vec()
    };
    match algorithm {
        DigestAlgorithm::Sm3 => sm3::digest(pieces.iter().map(Piece::bytes)).to_vec(),
        DigestAlgorithm::Sha256 => ring_digest(&digest::SHA256),
        DigestAlgorithm::Sha384 => ring_digest(&digest::SHA384),
        DigestAlgorithm::Sha512 => ring_digest(&digest::SHA512),
        DigestAlgorithm::Sha1 => ring_digest(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        DigestAlgorithm::Md5 => {
            let mut context = md5::Md5::new();
            pieces.iter().for_each(|p| context.update(p.bytes()));
            context.finalize().to_vec()
        }
    }
}

fn answer_value(claim: &ValueClaim, keys: &mut Keys) -> Answer {
    match (&claim.scheme, &claim.key) {
        (Scheme::Sm2Sm3, VerifyingKey::Sm2(point)) => {
            let Some(key) = keys.sm2(point) else {
                return Answer::Wrong;
            };
            let Ok((value, encoding)) = sm2::Signature::from_any(&claim.value) else {
                return Answer::Wrong;
            };
            let z = key.z(sm2::DEFAULT_ID);
            let raw = matches!(encoding, sm2::Encoding::Raw);
            first_right(claim, raw, |a| {
                let e = sm3::digest(std::iter::once(&z[..]).chain(a.pieces.iter().map(Piece::bytes)));
                key.verify_digest(&e, &value)
            })
        }
        (Scheme::RsaPkcs1(algorithm), VerifyingKey::Rsa(der, _)) => match rsa_pkcs1(*algorithm) {
            Some(method) => ring_verify(claim, method, der),
            None => Answer::Unsupported,
        },
        (Scheme::RsaPss(algorithm), VerifyingKey::Rsa(der, _)) => match rsa_pss(*algorithm) {
            Some(method) => ring_verify(claim, method, der),
            None => Answer::Unsupported,
        },
        (Scheme::Ecdsa(DigestAlgorithm::Sha256), VerifyingKey::P256(point)) => {
            ring_verify(claim, &signature::ECDSA_P256_SHA256_ASN1, point)
        }
        (Scheme::Ecdsa(DigestAlgorithm::Sha384), VerifyingKey::P256(point)) => {
            ring_verify(claim, &signature::ECDSA_P256_SHA384_ASN1, point)
        }
        (Scheme::Ecdsa(DigestAlgorithm::Sha256), VerifyingKey::P384(point)) => {
            ring_verify(claim, &signature::ECDSA_P384_SHA256_ASN1, point)
        }
        (Scheme::Ecdsa(DigestAlgorithm::Sha384), VerifyingKey::P384(point)) => {
            ring_verify(claim, &signature::ECDSA_P384_SHA384_ASN1, point)
        }
        _ => Answer::Unsupported,
    }
}

fn rsa_pkcs1(algorithm: DigestAlgorithm) -> Option<&'static dyn signature::VerificationAlgorithm> {
    Some(match algorithm {
        DigestAlgorithm::Sha1 => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        DigestAlgorithm::Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sm3 | DigestAlgorithm::Md5 => return None,
    })
}

fn rsa_pss(algorithm: DigestAlgorithm) -> Option<&'static dyn signature::VerificationAlgorithm> {
    Some(match algorithm {
        DigestAlgorithm::Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
        DigestAlgorithm::Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
        DigestAlgorithm::Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn ring_verify(claim: &ValueClaim, method: &'static dyn signature::VerificationAlgorithm, key: &[u8]) -> Answer {
    let key = signature::UnparsedPublicKey::new(method, key);
    first_right(claim, false, |a| match a.pieces.as_slice() {
        [one] => key.verify(one.bytes(), &claim.value).is_ok(),
        many => {
            let message: Vec<u8> = many.iter().flat_map(|p| p.bytes().iter().copied()).collect();
            key.verify(&message, &claim.value).is_ok()
        }
    })
}

fn first_right(claim: &ValueClaim, raw: bool, mut holds: impl FnMut(&Alternative) -> bool) -> Answer {
    claim
        .alternatives
        .iter()
        .find(|a| holds(a))
        .map_or(Answer::Wrong, |a| Answer::Right {
            alternative: a.name,
            raw,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_file_that_is_listed_many_times_is_hashed_once() {
        let file: Arc<[u8]> = Arc::from(&b"page"[..]);
        let claim = |bytes: &Arc<[u8]>, expected: Vec<u8>| DigestClaim {
            algorithm: DigestAlgorithm::Sm3,
            alternatives: vec![Alternative::standard(vec![Piece::whole(bytes)])],
            expected,
        };
        let right = sm3::digest([&b"page"[..]]).to_vec();
        let mut claims = vec![claim(&file, right.clone()); 400];
        claims.push(claim(&file, vec![0; 32]));
        claims.push(claim(&Arc::from(&b"another page"[..]), right));
        let mut hashes = Hashes::default();
        let answers = hashes.answer(&claims);
        assert!(answers[..400].iter().all(|a| a.is_right()));
        assert!(answers[400..].iter().all(|a| !a.is_right()));
        assert_eq!(hashes.0.len(), 2);
    }
}
