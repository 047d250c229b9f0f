//! The instructions on 512-bit registers, eight lanes of 64 bits.

#![expect(unsafe_code, reason = "vector instructions, behind a token that proves them")]

use core::arch::x86_64::*;

use super::table::Entry;

/// Eight integers of 64 bits.
pub(super) type V = __m512i;

/// The instructions, safe through a token.
///
/// # Safety
///
/// A value of the type must be impossible to get where the processor lacks AVX-512 F and DQ: the methods execute these
/// instructions without asking.
pub(super) unsafe trait Vector: Copy {
    #[inline(always)]
    fn splat(self, a: u64) -> V {
        // SAFETY: the token exists, so the processor has AVX-512F and DQ (`Vector`).
        unsafe { _mm512_set1_epi64(a.cast_signed()) }
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_add_epi64(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_sub_epi64(a, b) }
    }
    #[inline(always)]
    fn and(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_and_si512(a, b) }
    }
    /// Shifts left.
    #[inline(always)]
    fn left<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_slli_epi64::<BITS>(a) }
    }
    /// Shifts right and keeps the sign.
    #[inline(always)]
    fn right<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_srai_epi64::<BITS>(a) }
    }
    /// Shifts right and fills with zeros.
    #[inline(always)]
    fn cut_right<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_srli_epi64::<BITS>(a) }
    }
    /// (a | b) & mask
    #[inline(always)]
    fn or_and(self, a: V, b: V, mask: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_ternarylogic_epi64::<0b1010_1000>(a, b, mask) }
    }
    /// a, but b where a bit of `lanes` is set.
    #[inline(always)]
    fn blend(self, a: V, b: V, lanes: u8) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_mask_mov_epi64(a, lanes, b) }
    }
    /// The lanes where a and b are equal.
    #[inline(always)]
    fn equal(self, a: V, b: V) -> u8 {
        // SAFETY: as in `splat`.
        unsafe { _mm512_cmpeq_epi64_mask(a, b) }
    }
    /// The lanes where a is negative.
    #[inline(always)]
    fn negative(self, a: V) -> u8 {
        // SAFETY: as in `splat`.
        unsafe { _mm512_movepi64_mask(a) }
    }
    /// Swaps each lane with the one whose number differs by the bit `by` (4, 2 or 1).
    #[inline(always)]
    fn swapped(self, a: V, by: usize) -> V {
        // SAFETY: as in `splat`.
        unsafe {
            match by {
                4 => _mm512_shuffle_i64x2::<0b01_00_11_10>(a, a),
                2 => _mm512_shuffle_i64x2::<0b10_11_00_01>(a, a),
                _ => _mm512_permutex_epi64::<0b10_11_00_01>(a),
            }
        }
    }
    #[inline(always)]
    fn gathered(self, a: [u64; 8]) -> V {
        // SAFETY: both types are 64 bytes of plain integers.
        unsafe { core::mem::transmute::<[u64; 8], V>(a) }
    }
    #[inline(always)]
    fn apart(self, a: V) -> [u64; 8] {
        // SAFETY: both types are 64 bytes of plain integers.
        unsafe { core::mem::transmute::<V, [u64; 8]>(a) }
    }
    /// The limbs of a constant, the same in all lanes.
    #[inline(always)]
    fn constant(self, limbs: &[u64; 5]) -> [V; 5] {
        let mut out = [self.splat(0); 5];
        for i in 0..5 {
            out[i] = self.splat(limbs[i]);
        }
        out
    }

    /// One half (0: x, 1: y) of two entries.
    #[inline(always)]
    fn pair(self, low: &Entry, high: &Entry, half: usize) -> V {
        let (low, high) = (&low.0.as_chunks::<4>().0[half], &high.0.as_chunks::<4>().0[half]);
        // SAFETY: both are 32 bytes, and the loads are unaligned ones. The instructions: as in `splat`.
        unsafe {
            let (low, high) = (
                _mm256_loadu_si256(low.as_ptr().cast()),
                _mm256_loadu_si256(high.as_ptr().cast()),
            );
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
        }
    }

    /// The transpose of four words of eight rows: `rows[i]` to lane i of each word.
    #[inline(always)]
    fn gather(self, rows: &[&Entry; 8], half: usize) -> [V; 4] {
        // The rows are paired so that two steps of shuffles give the lanes in order.
        let (a, b) = (self.pair(rows[0], rows[2], half), self.pair(rows[1], rows[3], half));
        let (c, d) = (self.pair(rows[4], rows[6], half), self.pair(rows[5], rows[7], half));
        // SAFETY: as in `splat`.
        unsafe {
            let (ab0, ab1) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
            let (cd0, cd1) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
            [
                _mm512_shuffle_i64x2::<0x88>(ab0, cd0),
                _mm512_shuffle_i64x2::<0x88>(ab1, cd1),
                _mm512_shuffle_i64x2::<0xdd>(ab0, cd0),
                _mm512_shuffle_i64x2::<0xdd>(ab1, cd1),
            ]
        }
    }
}
