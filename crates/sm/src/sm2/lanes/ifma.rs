//! Multiplication with AVX-512 IFMA: 52-bit products added to 64-bit columns, low and high half by one instruction each.

#![expect(unsafe_code, reason = "vector instructions, behind a token that proves them")]

use core::arch::x86_64::*;

use super::residues::{LIMB, Loose, Multiply, Tight, compiled_once};
use super::zmm::{V, Vector};

/// Proof that the processor has AVX-512 F, DQ and IFMA.
#[derive(Clone, Copy)]
pub(super) struct Ifma(());

impl Ifma {
    /// The token, if the processor has the instructions.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512ifma");
        has.then_some(Self(()))
    }

    #[inline(always)]
    fn low(self, sum: V, a: V, b: V) -> V {
        // SAFETY: the token was given by `detect`.
        unsafe { _mm512_madd52lo_epu64(sum, a, b) }
    }

    #[inline(always)]
    fn high(self, sum: V, a: V, b: V) -> V {
        // SAFETY: the token was given by `detect`.
        unsafe { _mm512_madd52hi_epu64(sum, a, b) }
    }
}

// SAFETY: `detect` is the only way to a value, and it asks for all that is used.
unsafe impl Vector for Ifma {}

impl Multiply for Ifma {
    #[inline(always)]
    fn columns(self, a: &Tight, b: &Tight, mut columns: [V; 10]) -> [V; 10] {
        for i in 0..5 {
            for j in 0..5 {
                columns[i + j] = self.low(columns[i + j], a.0[i], b.0[j]);
                columns[i + j + 1] = self.high(columns[i + j + 1], a.0[i], b.0[j]);
            }
        }
        columns
    }

    #[inline(always)]
    fn square_columns(self, a: &Tight, mut columns: [V; 10]) -> [V; 10] {
        // The instruction reads 52 bits, so it is the sum of the mixed products that is doubled, not a factor.
        let mut mixed = [self.splat(0); 10];
        for i in 0..5 {
            for j in i + 1..5 {
                mixed[i + j] = self.low(mixed[i + j], a.0[i], a.0[j]);
                mixed[i + j + 1] = self.high(mixed[i + j + 1], a.0[i], a.0[j]);
            }
        }
        for i in 1..9 {
            columns[i] = self.add(columns[i], self.left::<1>(mixed[i]));
        }
        for i in 0..5 {
            columns[2 * i] = self.low(columns[2 * i], a.0[i], a.0[i]);
            columns[2 * i + 1] = self.high(columns[2 * i + 1], a.0[i], a.0[i]);
        }
        columns
    }

    #[inline(always)]
    fn reduce(self, mut columns: [V; 10]) -> [V; 5] {
        // q·p without its lowest limb, which only clears the column: see the module `residues`. 2^12 - 2^44 is negative, so it is
        // written as (2^52 - 2^44 + 2^12) - 2^52.
        let inner = self.splat((1 << 52) - (1 << 44) + (1 << 12));
        let outer = self.splat((1 << 48) - (1 << 16));
        let mask = self.splat(LIMB);
        for i in 0..5 {
            let q = columns[i];
            columns[i + 1] = self.add(columns[i + 1], self.right::<52>(q));
            columns[i + 1] = self.low(columns[i + 1], q, inner);
            columns[i + 2] = self.high(columns[i + 2], q, inner);
            columns[i + 2] = self.sub(columns[i + 2], self.and(q, mask));
            columns[i + 4] = self.low(columns[i + 4], q, outer);
            columns[i + 5] = self.high(columns[i + 5], q, outer);
        }
        [columns[5], columns[6], columns[7], columns[8], columns[9]]
    }

    #[inline(always)]
    fn fold(self, mut limbs: [V; 5]) -> [V; 5] {
        let top = self.right::<48>(limbs[4]);
        limbs[0] = self.add(limbs[0], top);
        limbs[1] = self.low(limbs[1], top, self.splat((1 << 44) - (1 << 12)));
        limbs[4] = self.and(limbs[4], self.splat((1 << 48) - 1));
        limbs[4] = self.low(limbs[4], top, self.splat(1 << 16));
        limbs
    }

    compiled_once! { "avx512f,avx512dq,avx512ifma" }
}
