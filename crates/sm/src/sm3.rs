//! The SM3 digest, GB/T 32905-2016: one stream, or many at once.
//!
//! | | one stream | many streams |
//! |---|---|---|
//! | [`Lanes::Portable`] | the standard's loop | one after another |
//! | [`Lanes::Avx2`] | message words of eight blocks expanded at once, rounds in general registers | 8 lanes |
//! | [`Lanes::Avx512`] | the same with AVX-512's rotations | 16 lanes, 8 where few messages are left |

use std::fmt;

#[cfg(target_arch = "x86_64")]
mod lanes;
mod portable;
#[cfg(target_arch = "x86_64")]
mod rounds;

pub use crate::streams::Lanes;
use crate::streams::{self, BLOCK, Plan, Words};

/// An SM3 computation that takes its message piece by piece.
#[derive(Clone)]
pub struct Sm3 {
    words: Words,
    /// What does not fill a block yet: `bytes % 64` bytes.
    rest: [u8; 2 * BLOCK],
    bytes: u64,
    compress: fn(&mut Words, &[u8]),
}

impl Sm3 {
    /// Starts an empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::on(Lanes::best())
    }

    /// Starts an empty message that is computed so, or portably if the processor cannot.
    #[must_use]
    pub fn on(lanes: Lanes) -> Self {
        Self {
            words: portable::INITIAL,
            rest: [0; 2 * BLOCK],
            bytes: 0,
            compress: one(lanes.or_portable()),
        }
    }

    /// Appends a piece of the message.
    pub fn update(&mut self, mut piece: &[u8]) {
        let held = self.held();
        self.bytes = self.bytes.wrapping_add(piece.len() as u64);
        if held > 0 {
            let (head, tail) = piece.split_at(piece.len().min(BLOCK - held));
            self.rest[held..held + head.len()].copy_from_slice(head);
            if held + head.len() < BLOCK {
                return;
            }
            (self.compress)(&mut self.words, &self.rest[..BLOCK]);
            piece = tail;
        }
        let (blocks, rest) = piece.split_at(piece.len() / BLOCK * BLOCK);
        if !blocks.is_empty() {
            (self.compress)(&mut self.words, blocks);
        }
        self.rest[..rest.len()].copy_from_slice(rest);
    }

    /// Ends the message and gives its digest.
    #[must_use]
    pub fn finalize(mut self) -> [u8; 32] {
        let held = self.held();
        let end = streams::pad(&mut self.rest, held, self.bytes);
        (self.compress)(&mut self.words, &self.rest[..end]);
        streams::to_bytes(&self.words)
    }

    fn held(&self) -> usize {
        (self.bytes % BLOCK as u64) as usize
    }
}

impl Default for Sm3 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sm3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sm3").finish_non_exhaustive()
    }
}

/// Gives the digest of the pieces laid end to end.
///
/// ```
/// use cinnabar_sm::sm3::digest;
/// assert_eq!(digest([&b"a"[..], b"bc"]), digest([&b"abc"[..]]));
/// ```
#[must_use]
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    digest_on(Lanes::best(), parts)
}

/// Gives the same digest as [`digest`], computed so, or portably if the processor cannot.
#[must_use]
pub fn digest_on<'a>(lanes: Lanes, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut message = Sm3::on(lanes);
    for part in parts {
        message.update(part);
    }
    message.finalize()
}

/// Gives the digest of each message, itself a list of pieces laid end to end: index for index, whatever their lengths.
///
/// Messages are hashed side by side, so many short ones take a fraction of the time that they take one by one. Pieces
/// are read where they lie.
///
/// ```
/// use cinnabar_sm::sm3::{digest, digest_many};
/// let (z, m) = ([7; 32], b"a licence");
/// assert_eq!(digest_many(&[&[&z, m], &[m]]), [digest([&z[..], m]), digest([&m[..]])]);
/// ```
#[must_use]
pub fn digest_many(messages: &[&[&[u8]]]) -> Vec<[u8; 32]> {
    digest_many_on(Lanes::best(), messages)
}

/// Gives the same digests as [`digest_many`], computed so, or portably if the processor cannot.
#[must_use]
pub fn digest_many_on(lanes: Lanes, messages: &[&[&[u8]]]) -> Vec<[u8; 32]> {
    let lanes = lanes.or_portable();
    let plan = Plan {
        initial: portable::INITIAL,
        one: one(lanes),
    };
    match lanes {
        Lanes::Portable => streams::digest_many::<1, 1>(&plan, None, None, messages),
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx2 => streams::digest_many::<8, 8>(&plan, Some(lanes::AVX2), None, messages),
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx512 => streams::digest_many(&plan, Some(lanes::AVX512), Some(lanes::VL), messages),
        #[cfg(not(target_arch = "x86_64"))]
        Lanes::Avx2 | Lanes::Avx512 => unreachable!("no processor but x86-64 has these"),
    }
}

/// One stream's compression.
fn one(lanes: Lanes) -> fn(&mut Words, &[u8]) {
    match lanes {
        Lanes::Portable => portable::compress,
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx2 => lanes::one_avx2,
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx512 => lanes::one_vl,
        #[cfg(not(target_arch = "x86_64"))]
        Lanes::Avx2 | Lanes::Avx512 => unreachable!("no processor but x86-64 has these"),
    }
}
