//! Scalars as signed odd digits: none is zero, so every window of every signature adds one point.
//!
//! For odd u below 2^(w·m), with d_i = 2·b_i + 1 - 2^w and b_i in `0..2^w`, the sum of d_i·2^(w·i) telescopes to
//! 2·V + 1 - 2^(w·m), where V has the digits b_i. So V = (u - 1)/2 + 2^(w·m - 1), and the digits are cut out of it. An even
//! scalar is replaced by n - u, which is odd, and all signs turn.

#![forbid(unsafe_code)]

use super::prime::{N, Words, minus};

/// A scalar ready to be cut into digits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    value: [u64; 6],
    window: u32,
    flip: bool,
}

/// The number of digits of `window` bits that a scalar has.
pub(super) const fn count(window: u32) -> usize {
    256usize.div_ceil(window as usize)
}

impl Digits {
    /// Recodes a scalar below n.
    #[inline]
    pub(super) fn new(scalar: &Words, window: u32) -> Self {
        let flip = scalar[0] & 1 == 0;
        let odd = if flip { minus(&N, scalar).0 } else { *scalar };
        let mut value = [0; 6];
        for i in 0..4 {
            value[i] = odd[i] >> 1 | odd.get(i + 1).map_or(0, |next| next << 63);
        }
        let top = window as usize * count(window) - 1;
        value[top / 64] |= 1 << (top % 64);
        Self { value, window, flip }
    }

    /// The digit of one row: which of the odd multiples 1, 3, 5 … is meant, and whether it is subtracted.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "an index has at most 15 bits")]
    pub(super) fn at(&self, row: usize) -> (usize, bool) {
        let bit = row * self.window as usize;
        let (word, shift) = (bit / 64, bit % 64);
        let low = self.value[word] >> shift;
        let bits = low | self.value[word + 1] << 1 << (63 - shift);
        let half = 1u64 << (self.window - 1);
        let positive = bits & half != 0;
        let index = if positive { bits } else { !bits } & (half - 1);
        (index as usize, !positive ^ self.flip)
    }
}
