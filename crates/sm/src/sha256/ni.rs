//! The compression in the processor's own SHA instructions, for one stream or for a few whose rounds are interleaved.
#![allow(
    unsafe_code,
    reason = "loads of vectors, and calls of functions that need the SHA instructions"
)]

use std::arch::x86_64::*;

use super::portable::K;
use crate::streams::{BLOCK, Stage, State, Words};

/// Whether the processor has what this module needs.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")
}

/// One stream.
///
/// # Panics
/// On a processor without the instructions.
pub(super) fn one(words: &mut Words, blocks: &[u8]) {
    assert!(is_available());
    let mut state = State(words.map(|word| [word]));
    // SAFETY: the processor was asked just now.
    unsafe { compress(&mut state, &[blocks], blocks.len() / BLOCK) };
    *words = state.0.map(|[word]| word);
}

/// Two streams: a round waits for the one before, and the second stream fills the wait.
pub(super) const TWO: Stage<2> = Stage {
    compress: |state, runs, blocks| {
        assert!(is_available());
        // SAFETY: the processor was asked just now.
        unsafe { compress(state, runs, blocks) }
    },
    floor: 1,
};

/// Takes so many blocks of each run into its lane of the state.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn compress<const N: usize>(state: &mut State<N>, runs: &[&[u8]; N], blocks: usize) {
    let swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    let s = &state.0;
    let four = |a: usize, b: usize, c: usize, d: usize, n: usize| {
        let [a, b, c, d] = [a, b, c, d].map(|word| s[word][n].cast_signed());
        _mm_set_epi32(a, b, c, d)
    };
    let mut abef: [__m128i; N] = std::array::from_fn(|n| four(0, 1, 4, 5, n));
    let mut cdgh: [__m128i; N] = std::array::from_fn(|n| four(2, 3, 6, 7, n));
    for at in 0..blocks {
        let (abef_before, cdgh_before) = (abef, cdgh);
        let mut w: [[__m128i; N]; 4] = std::array::from_fn(|quarter| {
            std::array::from_fn(|n| {
                let bytes = &runs[n][at * BLOCK + 16 * quarter..][..16];
                // SAFETY: reads the 16 bytes of `bytes`; the instruction asks no alignment.
                _mm_shuffle_epi8(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }, swap)
            })
        });
        for i in 0..16 {
            let [k0, k1, k2, k3] = [0, 1, 2, 3].map(|j| K[4 * i + j].cast_signed());
            let k = _mm_set_epi32(k3, k2, k1, k0);
            for n in 0..N {
                let wk = _mm_add_epi32(w[i % 4][n], k);
                cdgh[n] = _mm_sha256rnds2_epu32(cdgh[n], abef[n], wk);
                abef[n] = _mm_sha256rnds2_epu32(abef[n], cdgh[n], _mm_shuffle_epi32::<0x0e>(wk));
                if i < 12 {
                    let (w0, w1, w2, w3) = (w[i % 4][n], w[(i + 1) % 4][n], w[(i + 2) % 4][n], w[(i + 3) % 4][n]);
                    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
                    w[i % 4][n] = _mm_sha256msg2_epu32(sum, w3);
                }
            }
        }
        for n in 0..N {
            abef[n] = _mm_add_epi32(abef[n], abef_before[n]);
            cdgh[n] = _mm_add_epi32(cdgh[n], cdgh_before[n]);
        }
    }
    for n in 0..N {
        for (vector, words) in [(abef[n], [5, 4, 1, 0]), (cdgh[n], [7, 6, 3, 2])] {
            let mut lanes = [0u32; 4];
            // SAFETY: writes the 16 bytes of `lanes`; the instruction asks no alignment.
            unsafe { _mm_storeu_si128(lanes.as_mut_ptr().cast(), vector) };
            for (word, value) in words.into_iter().zip(lanes) {
                state.0[word][n] = value;
            }
        }
    }
}
