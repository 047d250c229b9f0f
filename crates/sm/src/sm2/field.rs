//! Arithmetic modulo `p = 2^256 - 2^224 - 2^96 + 2^64 - 1`, the field of the curve (GB/T 32918.5-2017, 2).
//!
//! Numbers are four words, the least first, always below `p`, in Montgomery form with `R = 2^256`. Because `p ≡ -1 (mod 2^64)`
//! the Montgomery factor of a step is the lowest word itself, and because `p + 1` has few bits set, a step needs shifts and no
//! multiplication.
//!
//! | module | runs on |
//! |---|---|
//! | [`portable`] | everything |
//! | [`adx`] | x86-64 with BMI2 and ADX |
//! | [`inverse`] | everything: inversion by division steps |
//!
//! Nothing here takes care to run in constant time: the numbers come from public keys and signatures.

#[cfg(target_arch = "x86_64")]
pub(super) mod adx;
mod inverse;
pub(super) mod portable;

/// `p`.
pub(super) const P: [u64; 4] = [
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_0000_0000,
    0xffff_ffff_ffff_ffff,
    0xffff_fffe_ffff_ffff,
];

/// An element in Montgomery form, below `p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fe(pub(super) [u64; 4]);

impl Fe {
    pub(super) const ZERO: Self = Self([0; 4]);
    /// `R mod p`.
    pub(super) const ONE: Self = Self([0x1, 0xffff_ffff, 0x0, 0x1_0000_0000]);
    /// `R² mod p`, which takes numbers into Montgomery form.
    const SQUARE: Self = Self([0x2_0000_0003, 0x2_ffff_ffff, 0x1_0000_0001, 0x4_0000_0002]);
    /// `R³ mod p`, which mends the form after an inversion.
    const CUBE: Self = Self([0x12_0000_0016, 0xe_ffff_fff8, 0xa_0000_000c, 0x1b_0000_0009]);
    /// The curve's `b`.
    const B: Self = Self([
        0x90d2_3063_2bc0_dd42,
        0x71cf_379a_e9b5_37ab,
        0x5279_8150_5ea5_1c3c,
        0x240f_e188_ba20_e2c8,
    ]);

    #[inline(always)]
    pub(super) fn is_zero(&self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }
}

/// One way to compute. A value of the type proves that the processor can.
pub(super) trait Field: Copy + Send + Sync + 'static {
    fn mul(self, a: &Fe, b: &Fe) -> Fe;
    fn sqr(self, a: &Fe) -> Fe;
    fn add(self, a: &Fe, b: &Fe) -> Fe;
    fn sub(self, a: &Fe, b: &Fe) -> Fe;

    /// `a / 2`.
    #[inline(always)]
    fn halve(self, a: &Fe) -> Fe {
        portable::halve(a)
    }

    #[inline(always)]
    fn neg(self, a: &Fe) -> Fe {
        self.sub(&Fe::ZERO, a)
    }

    /// Takes a number below `2^256` into the field.
    #[inline(always)]
    fn enter(self, number: &[u64; 4]) -> Fe {
        self.mul(&Fe(*number), &Fe::SQUARE)
    }

    /// Gives the number that the element stands for.
    #[inline(always)]
    fn leave(self, a: &Fe) -> [u64; 4] {
        self.mul(a, &Fe([1, 0, 0, 0])).0
    }

    /// Asks for a point's line of cache.
    #[inline(always)]
    fn prefetch<T>(self, _place: &T) {}

    /// `1 / a`; zero for zero.
    fn invert(self, a: &Fe) -> Fe {
        self.mul(&Fe(inverse::invert(&a.0)), &Fe::CUBE)
    }

    /// Tells whether `y² = x³ - 3x + b`.
    fn on_curve(self, x: &Fe, y: &Fe) -> bool {
        let three = self.add(&self.add(&Fe::ONE, &Fe::ONE), &Fe::ONE);
        let slope = self.mul(x, &self.sub(&self.sqr(x), &three));
        self.sqr(y) == self.add(&slope, &Fe::B)
    }
}

#[cfg(test)]
mod tests;
