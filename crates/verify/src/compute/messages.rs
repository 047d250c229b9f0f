//! The messages of a batch, each hashed once, many at a time.

use std::collections::HashMap;

use cinnabar_sm::{sha256, sm3};
use md5::Digest as _;
use ring::digest;

use super::statistics::Counts;
use crate::claims::{DigestAlgorithm, Piece};

/// A digest of up to 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest {
    bytes: [u8; 64],
    length: usize,
}

impl Digest {
    fn new(digest: &[u8]) -> Self {
        let mut bytes = [0; 64];
        let length = digest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&digest[..length]);
        Self { bytes, length }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// As SM2 takes it.
    pub(super) fn to_32(self) -> [u8; 32] {
        self.bytes.first_chunk().copied().unwrap_or_default()
    }
}

/// Where a message stands among [`Messages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

/// Messages to hash and their digests. A list may name one file many times, and signatures share what they cover: a message that
/// is the same bytes at the same place is hashed once in a batch.
///
/// Everything that a message points at is borrowed for as long as this lives, so that an address names it.
#[derive(Default)]
pub(super) struct Messages<'a> {
    places: HashMap<Name, Place>,
    asked: Vec<Message<'a>>,
    digests: Vec<Digest>,
}

#[derive(Clone, Copy)]
struct Message<'a> {
    algorithm: DigestAlgorithm,
    /// Z, for SM2.
    prefix: Option<[u8; 32]>,
    pieces: &'a [Piece],
}

impl Message<'_> {
    fn length(&self) -> usize {
        let prefix = self.prefix.map_or(0, |z| z.len());
        prefix + self.pieces.iter().map(|p| p.bytes().len()).sum::<usize>()
    }
}

/// What a message is made of. Most have one piece, and need no list.
#[derive(PartialEq, Eq, Hash)]
struct Name {
    algorithm: DigestAlgorithm,
    prefix: Option<[u8; 32]>,
    first: Option<PieceName>,
    rest: Vec<PieceName>,
}

#[derive(PartialEq, Eq, Hash)]
enum PieceName {
    At(usize, usize),
    Short(Vec<u8>),
}

/// Pieces made for one claim, such as Z, lie at an address of their own each time; short ones go by their content.
const SHORT: usize = 64;

impl PieceName {
    fn of(piece: &Piece) -> Self {
        match piece {
            Piece::Inline(bytes) if bytes.len() <= SHORT => Self::Short(bytes.clone()),
            other => Self::At(other.bytes().as_ptr().addr(), other.bytes().len()),
        }
    }
}

impl<'a> Messages<'a> {
    /// Asks for a digest; the place is good once [`Messages::hash`] has run.
    pub(super) fn ask(&mut self, algorithm: DigestAlgorithm, prefix: Option<[u8; 32]>, pieces: &'a [Piece]) -> Place {
        let mut names = pieces.iter().map(PieceName::of);
        let name = Name {
            algorithm,
            prefix,
            first: names.next(),
            rest: names.collect(),
        };
        let next = Place(self.asked.len());
        let place = *self.places.entry(name).or_insert(next);
        if place == next {
            self.asked.push(Message {
                algorithm,
                prefix,
                pieces,
            });
        }
        place
    }

    /// Hashes what was asked for since the last time: SM3 and SHA-256 over many messages at once.
    pub(super) fn hash(&mut self, counts: &mut Counts) {
        let new = &self.asked[self.digests.len()..];
        counts.messages += new.len() as u64;
        counts.hashed_bytes += new.iter().map(|m| m.length() as u64).sum::<u64>();
        let mut sm3 = many(new, DigestAlgorithm::Sm3, sm3::digest_many).into_iter();
        let mut sha256 = many(new, DigestAlgorithm::Sha256, sha256::digest_many).into_iter();
        self.digests.extend(new.iter().map(|message| match message.algorithm {
            DigestAlgorithm::Sm3 => Digest::new(&sm3.next().unwrap_or_default()),
            DigestAlgorithm::Sha256 => Digest::new(&sha256.next().unwrap_or_default()),
            DigestAlgorithm::Sha384 => with_ring(&digest::SHA384, message.pieces),
            DigestAlgorithm::Sha512 => with_ring(&digest::SHA512, message.pieces),
            DigestAlgorithm::Sha1 => with_ring(&digest::SHA1_FOR_LEGACY_USE_ONLY, message.pieces),
            DigestAlgorithm::Md5 => {
                let mut context = md5::Md5::new();
                message.pieces.iter().for_each(|p| context.update(p.bytes()));
                Digest::new(&context.finalize())
            }
        }));
    }

    pub(super) fn digest(&self, place: Place) -> Digest {
        self.digests.get(place.0).copied().unwrap_or(Digest::new(&[]))
    }
}

/// The digests of the messages among these that one algorithm hashes, in order.
fn many(
    messages: &[Message<'_>],
    algorithm: DigestAlgorithm,
    digest_many: impl Fn(&[&[&[u8]]]) -> Vec<[u8; 32]>,
) -> Vec<[u8; 32]> {
    let mut pieces: Vec<&[u8]> = Vec::new();
    let mut ends = Vec::new();
    for message in messages.iter().filter(|m| m.algorithm == algorithm) {
        pieces.extend(message.prefix.as_ref().map(|z| &z[..]));
        pieces.extend(message.pieces.iter().map(Piece::bytes));
        ends.push(pieces.len());
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let cut = |(start, end)| pieces.get(start..end).unwrap_or_default();
    let messages: Vec<&[&[u8]]> = starts.zip(ends.iter().copied()).map(cut).collect();
    digest_many(&messages)
}

fn with_ring(algorithm: &'static digest::Algorithm, pieces: &[Piece]) -> Digest {
    let mut context = digest::Context::new(algorithm);
    pieces.iter().for_each(|p| context.update(p.bytes()));
    Digest::new(context.finish().as_ref())
}
