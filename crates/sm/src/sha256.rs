//! The SHA-256 digest, FIPS 180-4: one stream, or many at once, scheduled as [`crate::sm3`] is.
//!
//! Some processors have instructions for SHA-256, and these change what is fastest:
//!
//! | | with the instructions | without |
//! |---|---|---|
//! | one stream | the instructions | words of eight blocks expanded at once, rounds in general registers |
//! | many, [`Lanes::Avx512`] | 16 lanes, the instructions for two streams where few messages are left | 16 lanes, then 8 |
//! | many, [`Lanes::Avx2`] | the instructions for two streams, which eight lanes do not reach | 8 lanes |
//! | [`Lanes::Portable`] | the standard's loop | the standard's loop |
//!
//! Sixteen lanes were measured at twice the speed of the instructions in one stream, two streams at 1.25 times, eight
//! lanes of AVX2 at 0.8 times.

#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod ni;
mod portable;
#[cfg(test)]
mod tests;

pub use crate::streams::Lanes;
use crate::streams::{self, Plan, Stream, Words};

/// Gives the digest of the pieces laid end to end.
///
/// ```
/// use cinnabar_sm::sha256::digest;
/// assert_eq!(digest([&b"a"[..], b"bc"]), digest([&b"abc"[..]]));
/// ```
#[must_use]
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    digest_on(Lanes::best(), parts)
}

/// Gives the same digest as [`digest`], computed so, or portably if the processor cannot.
#[must_use]
pub fn digest_on<'a>(lanes: Lanes, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut message = Stream::new(portable::INITIAL, one(lanes.or_portable()));
    for part in parts {
        message.update(part);
    }
    message.finalize()
}

/// Gives the digest of each message, itself a list of pieces laid end to end: index for index, whatever their lengths.
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
        Lanes::Avx2 if ni::is_available() => streams::digest_many::<2, 2>(&plan, Some(ni::TWO), None, messages),
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx2 => streams::digest_many::<8, 8>(&plan, Some(lanes::AVX2), None, messages),
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx512 if ni::is_available() => {
            streams::digest_many(&plan, Some(lanes::AVX512), Some(ni::TWO), messages)
        }
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
        Lanes::Avx2 | Lanes::Avx512 if ni::is_available() => ni::one,
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx2 => lanes::one_avx2,
        #[cfg(target_arch = "x86_64")]
        Lanes::Avx512 => lanes::one_vl,
        #[cfg(not(target_arch = "x86_64"))]
        Lanes::Avx2 | Lanes::Avx512 => unreachable!("no processor but x86-64 has these"),
    }
}
