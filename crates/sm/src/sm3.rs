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
use crate::streams::{self, Plan, Stream, Words};

/// An SM3 computation that takes its message piece by piece.
#[derive(Clone)]
pub struct Sm3(Stream);

impl Sm3 {
    /// Starts an empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::on(Lanes::best())
    }

    /// Starts an empty message that is computed so, or portably if the processor cannot.
    #[must_use]
    pub fn on(lanes: Lanes) -> Self {
        Self(Stream::new(portable::INITIAL, one(lanes.or_portable())))
    }

    /// Appends a piece of the message.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Ends the message and gives its digest.
    #[must_use]
    pub fn finalize(self) -> [u8; 32] {
        self.0.finalize()
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
