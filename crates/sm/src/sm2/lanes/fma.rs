//! Multiplication with AVX-512 F and DQ alone: 52-bit products by fused multiplication and addition of doubles.
//!
//! For integers a, b below 2^52, rounding towards zero, with ⌊ ⌋ by 2^52:
//!
//! ```text
//! high = a·b + 2^104           keeps ⌊a·b⌋: a double in 2^104..2^105 counts in steps of 2^52
//! low  = a·b + (2^104 + 2^52 - high)   is 2^52 + a·b mod 2^52, exact
//! ```
//!
//! The bits of both, read as integers, are the two halves plus a constant each, so that they are added to the columns as they
//! are and the constants are taken off together. Five instructions a product; with VPMULUDQ and limbs of 29 bits the whole
//! multiplication would take a fifth more.

#![expect(unsafe_code, reason = "vector instructions, behind a token that proves them")]

use core::arch::x86_64::*;

use super::residues::{LIMB, Loose, Multiply, Tight, compiled_once};
use super::zmm::{V, Vector};

/// Whatever the rounding mode of the thread is: towards zero, no exceptions raised.
const CUT: i32 = _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC;

/// The bits of 2^104 and of 2^52.
const HIGH: u64 = (1023 + 104) << 52;
const LOW: u64 = (1023 + 52) << 52;

/// Proof that the processor has AVX-512 F and DQ.
#[derive(Clone, Copy)]
pub(super) struct Fma(());

impl Fma {
    /// The token, if the processor has the instructions.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
        has.then_some(Self(()))
    }

    /// An integer below 2^52 as a double.
    #[inline(always)]
    fn double(self, a: V) -> __m512d {
        // SAFETY: the token was given by `detect`.
        unsafe { _mm512_cvtepu64_pd(a) }
    }

    /// The low half plus `LOW` and the high half plus `HIGH`.
    #[inline(always)]
    fn product(self, a: __m512d, b: __m512d) -> (V, V) {
        // SAFETY: the token was given by `detect`.
        unsafe {
            let one = _mm512_castsi512_pd(_mm512_set1_epi64(HIGH.cast_signed()));
            // 2^104 + 2^52: one step above 2^104.
            let both = _mm512_castsi512_pd(_mm512_set1_epi64((HIGH + 1).cast_signed()));
            let high = _mm512_fmadd_round_pd::<CUT>(a, b, one);
            let low = _mm512_fmadd_round_pd::<CUT>(a, b, _mm512_sub_pd(both, high));
            (_mm512_castpd_si512(low), _mm512_castpd_si512(high))
        }
    }

    #[inline(always)]
    fn doubles(self, a: &Tight) -> [__m512d; 5] {
        let [a, b, c, d, e] = a.0;
        [
            self.double(a),
            self.double(b),
            self.double(c),
            self.double(d),
            self.double(e),
        ]
    }

    /// Takes off the constants of `lows[i]` low and `lows[i - 1]` high halves in column i.
    #[inline(always)]
    fn settle(self, columns: &mut [V; 10], lows: &[u64; 10]) {
        for i in 0..10 {
            let highs = if i == 0 { 0 } else { lows[i - 1] };
            let surplus = lows[i].wrapping_mul(LOW).wrapping_add(highs.wrapping_mul(HIGH));
            columns[i] = self.sub(columns[i], self.splat(surplus));
        }
    }
}

// SAFETY: `detect` is the only way to a value, and it asks for all that is used.
unsafe impl Vector for Fma {}

impl Multiply for Fma {
    #[inline(always)]
    fn columns(self, a: &Tight, b: &Tight, mut columns: [V; 10]) -> [V; 10] {
        let (a, b) = (self.doubles(a), self.doubles(b));
        self.settle(&mut columns, &[1, 2, 3, 4, 5, 4, 3, 2, 1, 0]);
        for i in 0..5 {
            for j in 0..5 {
                let (low, high) = self.product(a[i], b[j]);
                columns[i + j] = self.add(columns[i + j], low);
                columns[i + j + 1] = self.add(columns[i + j + 1], high);
            }
        }
        columns
    }

    #[inline(always)]
    fn square_columns(self, a: &Tight, mut columns: [V; 10]) -> [V; 10] {
        let a = self.doubles(a);
        let mut mixed = [self.splat(0); 10];
        self.settle(&mut mixed, &[0, 1, 1, 2, 2, 2, 1, 1, 0, 0]);
        self.settle(&mut columns, &[1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        for i in 0..5 {
            for j in i + 1..5 {
                let (low, high) = self.product(a[i], a[j]);
                mixed[i + j] = self.add(mixed[i + j], low);
                mixed[i + j + 1] = self.add(mixed[i + j + 1], high);
            }
            let (low, high) = self.product(a[i], a[i]);
            columns[2 * i] = self.add(columns[2 * i], low);
            columns[2 * i + 1] = self.add(columns[2 * i + 1], high);
        }
        for i in 1..9 {
            columns[i] = self.add(columns[i], self.left::<1>(mixed[i]));
        }
        columns
    }

    #[inline(always)]
    fn reduce(self, mut columns: [V; 10]) -> [V; 5] {
        // As in the module `ifma`.
        let inner = self.double(self.splat((1 << 52) - (1 << 44) + (1 << 12)));
        let outer = self.double(self.splat((1 << 48) - (1 << 16)));
        let mask = self.splat(LIMB);
        self.settle(&mut columns, &[0, 1, 1, 1, 2, 2, 1, 1, 1, 0]);
        for i in 0..5 {
            let q = self.and(columns[i], mask);
            let digit = self.double(q);
            let (inner_low, inner_high) = self.product(digit, inner);
            let (outer_low, outer_high) = self.product(digit, outer);
            columns[i + 1] = self.add(self.add(columns[i + 1], self.right::<52>(columns[i])), inner_low);
            columns[i + 2] = self.sub(self.add(columns[i + 2], inner_high), q);
            columns[i + 4] = self.add(columns[i + 4], outer_low);
            columns[i + 5] = self.add(columns[i + 5], outer_high);
        }
        [columns[5], columns[6], columns[7], columns[8], columns[9]]
    }

    #[inline(always)]
    fn fold(self, mut limbs: [V; 5]) -> [V; 5] {
        let top = self.right::<48>(limbs[4]);
        limbs[0] = self.add(limbs[0], top);
        limbs[1] = self.add(limbs[1], self.sub(self.left::<44>(top), self.left::<12>(top)));
        limbs[4] = self.add(self.and(limbs[4], self.splat((1 << 48) - 1)), self.left::<16>(top));
        limbs
    }

    compiled_once! { "avx512f,avx512dq" }
}
