//! Many messages hashed at once: which message sits in which vector lane, and when.
//!
//! ```text
//! messages ──order──▶ queue ──▶ seats (one a lane) ──▶ compress: one block of every lane at a time
//!                       ▲             │
//!                       └── refill ───┴── a message ends: its digest
//! ```
//!
//! SM3 and SHA-256 share all of this: both take blocks of 64 bytes, keep eight words and pad alike. Each brings its own
//! compression, for one stream and for as many streams as a vector has lanes.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
mod cursor;
mod schedule;
mod stream;
#[cfg(target_arch = "x86_64")]
pub(crate) mod vl;

use std::sync::LazyLock;

pub(crate) use cursor::{BLOCK, Cursor, pad};
pub(crate) use schedule::{Plan, Stage, digest_many};
pub(crate) use stream::Stream;

/// The eight words of one stream.
pub(crate) type Words = [u32; 8];

/// The eight words of `N` streams: word by word, all lanes of a word together.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct State<const N: usize>(pub(crate) [[u32; N]; 8]);

impl<const N: usize> State<N> {
    fn column(&self, lane: usize) -> Words {
        std::array::from_fn(|word| self.0[word][lane])
    }

    fn set_column(&mut self, lane: usize, words: &Words) {
        for (row, word) in self.0.iter_mut().zip(words) {
            row[lane] = *word;
        }
    }
}

/// How a digest is computed: which of the processor's vectors are used. All give the same digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lanes {
    /// No vectors and no unsafe code: any processor.
    Portable,
    /// Eight lanes of AVX2; needs BMI1 and BMI2 too, which every maker added with it.
    Avx2,
    /// Sixteen lanes of AVX-512 (F, BW and VL).
    Avx512,
}

impl Lanes {
    /// The ways that this processor has, the slowest first; [`Lanes::Portable`] is always one.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Portable, Self::Avx2, Self::Avx512]
            .into_iter()
            .filter(|lanes| lanes.is_available())
            .collect()
    }

    /// The fastest way that this processor has.
    #[must_use]
    pub fn best() -> Self {
        static BEST: LazyLock<Lanes> = LazyLock::new(|| {
            if Lanes::Avx512.is_available() {
                Lanes::Avx512
            } else if Lanes::Avx2.is_available() {
                Lanes::Avx2
            } else {
                Lanes::Portable
            }
        });
        *BEST
    }

    /// This way if the processor has it, else the portable one.
    pub(crate) fn or_portable(self) -> Self {
        if self.is_available() { self } else { Self::Portable }
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        let avx2 =
            || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2");
        match self {
            Self::Portable => true,
            Self::Avx2 => avx2(),
            Self::Avx512 => {
                avx2()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Self::Portable
    }
}

/// The digest that eight words stand for.
pub(crate) fn to_bytes(words: &Words) -> [u8; 32] {
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}
