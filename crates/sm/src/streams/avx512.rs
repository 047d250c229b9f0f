//! Sixteen lanes: AVX-512 F and BW.
#![allow(
    unsafe_code,
    reason = "loads and stores of vectors; each names the array that it stays inside"
)]

use std::arch::x86_64::*;

pub(crate) const LANES: usize = 16;
pub(crate) type Vector = __m512i;

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn splat(word: u32) -> Vector {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn add(a: Vector, b: Vector) -> Vector {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn xor(a: Vector, b: Vector) -> Vector {
    _mm512_xor_si512(a, b)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn xor3(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0xe8>(a, b, c)
}

/// `b` where `a` is set, `c` elsewhere.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm512_ternarylogic_epi32::<0xca>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn rotate<const LEFT: i32>(a: Vector) -> Vector {
    _mm512_rol_epi32::<LEFT>(a)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn shift_right<const BITS: u32>(a: Vector) -> Vector {
    _mm512_srli_epi32::<BITS>(a)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn load(words: &[u32; LANES]) -> Vector {
    // SAFETY: reads the 64 bytes of `words`; the instruction asks no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn store(words: &mut [u32; LANES], vector: Vector) {
    // SAFETY: writes the 64 bytes of `words`; the instruction asks no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
}

/// The sixteen words of each run's block at byte `at`: word by word, all runs of a word together.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn block(runs: &[&[u8]; LANES], at: usize) -> [Vector; 16] {
    let swap = _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    let mut rows = [_mm512_setzero_si512(); 16];
    for (row, run) in rows.iter_mut().zip(runs) {
        let bytes = &run[at..at + 64];
        // SAFETY: reads the 64 bytes of `bytes`; the instruction asks no alignment.
        *row = _mm512_shuffle_epi8(unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }, swap);
    }
    // Words of two runs, then of four, then the quarters of a vector change places.
    let mut pairs = rows;
    for i in (0..16).step_by(2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    let mut fours = pairs;
    for i in (0..16).step_by(4) {
        fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    let mut words = fours;
    for i in 0..4 {
        let a = _mm512_shuffle_i32x4::<0x44>(fours[i], fours[4 + i]);
        let b = _mm512_shuffle_i32x4::<0xee>(fours[i], fours[4 + i]);
        let c = _mm512_shuffle_i32x4::<0x44>(fours[8 + i], fours[12 + i]);
        let d = _mm512_shuffle_i32x4::<0xee>(fours[8 + i], fours[12 + i]);
        words[i] = _mm512_shuffle_i32x4::<0x88>(a, c);
        words[4 + i] = _mm512_shuffle_i32x4::<0xdd>(a, c);
        words[8 + i] = _mm512_shuffle_i32x4::<0x88>(b, d);
        words[12 + i] = _mm512_shuffle_i32x4::<0xdd>(b, d);
    }
    words
}
