//! Eight lanes: AVX2.
#![allow(
    unsafe_code,
    reason = "loads and stores of vectors; each names the array that it stays inside"
)]

use std::arch::x86_64::*;

pub(crate) const LANES: usize = 8;
pub(crate) type Vector = __m256i;

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn splat(word: u32) -> Vector {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn add(a: Vector, b: Vector) -> Vector {
    _mm256_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn xor(a: Vector, b: Vector) -> Vector {
    _mm256_xor_si256(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn xor3(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_xor_si256(_mm256_xor_si256(b, c), a)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_or_si256(_mm256_and_si256(b, c), _mm256_and_si256(a, _mm256_or_si256(b, c)))
}

/// `b` where `a` is set, `c` elsewhere.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_xor_si256(_mm256_and_si256(_mm256_xor_si256(b, c), a), c)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn rotate<const LEFT: i32>(a: Vector) -> Vector {
    match LEFT {
        8 | 16 => {
            let from = if LEFT == 8 {
                _mm_set_epi8(14, 13, 12, 15, 10, 9, 8, 11, 6, 5, 4, 7, 2, 1, 0, 3)
            } else {
                _mm_set_epi8(13, 12, 15, 14, 9, 8, 11, 10, 5, 4, 7, 6, 1, 0, 3, 2)
            };
            _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(from))
        }
        _ => _mm256_or_si256(
            _mm256_sllv_epi32(a, _mm256_set1_epi32(LEFT)),
            _mm256_srlv_epi32(a, _mm256_set1_epi32(32 - LEFT)),
        ),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn shift_right<const BITS: u32>(a: Vector) -> Vector {
    _mm256_srl_epi32(a, _mm_set1_epi64x(i64::from(BITS)))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn load(words: &[u32; LANES]) -> Vector {
    // SAFETY: reads the 32 bytes of `words`; the instruction asks no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn store(words: &mut [u32; LANES], vector: Vector) {
    // SAFETY: writes the 32 bytes of `words`; the instruction asks no alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), vector) }
}

/// The sixteen words of each run's block at byte `at`: word by word, all runs of a word together.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn block(runs: &[&[u8]; LANES], at: usize) -> [Vector; 16] {
    let swap = _mm256_broadcastsi128_si256(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    let blocks: [&[u8]; LANES] = std::array::from_fn(|i| &runs[i][at..at + 64]);
    let quarter = |run: usize, quarter: usize| {
        let bytes = &blocks[run][16 * quarter..16 * quarter + 16];
        // SAFETY: reads the 16 bytes of `bytes`; the instruction asks no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    };
    let mut words = [_mm256_setzero_si256(); 16];
    for q in 0..4 {
        // Runs i and i + 4 share a vector, so that no word need cross its middle.
        let row = |i: usize| {
            _mm256_shuffle_epi8(
                _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(quarter(i, q)), quarter(i + 4, q)),
                swap,
            )
        };
        let (a, b, c, d) = (row(0), row(1), row(2), row(3));
        let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
        words[4 * q] = _mm256_unpacklo_epi64(ab, cd);
        words[4 * q + 1] = _mm256_unpackhi_epi64(ab, cd);
        let (ab, cd) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
        words[4 * q + 2] = _mm256_unpacklo_epi64(ab, cd);
        words[4 * q + 3] = _mm256_unpackhi_epi64(ab, cd);
    }
    words
}
