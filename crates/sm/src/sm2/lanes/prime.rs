//! The prime of the curve, the group order, and residues as four little-endian words.
//!
//! Only what is needed once a batch lives here; the lanes do the rest.

#![forbid(unsafe_code)]

/// A residue or a coordinate: four little-endian words.
pub(super) type Words = [u64; 4];

/// p = 2^256 - 2^224 - 2^96 + 2^64 - 1.
pub(super) const P: Words = [
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_0000_0000,
    0xffff_ffff_ffff_ffff,
    0xffff_fffe_ffff_ffff,
];

/// The order n of the group.
pub(super) const N: Words = [
    0x53bb_f409_39d5_4123,
    0x7203_df6b_21c6_052b,
    0xffff_ffff_ffff_ffff,
    0xffff_fffe_ffff_ffff,
];

/// Subtracts; the flag tells of a borrow.
pub(super) const fn minus(a: &Words, b: &Words) -> (Words, bool) {
    let mut out = [0; 4];
    let mut borrow = false;
    let mut i = 0;
    while i < 4 {
        let (once, under) = a[i].overflowing_sub(b[i]);
        let (twice, again) = once.overflowing_sub(borrow as u64);
        out[i] = twice;
        borrow = under | again;
        i += 1;
    }
    (out, borrow)
}

/// Adds; the flag tells of a carry.
pub(super) const fn plus(a: &Words, b: &Words) -> (Words, bool) {
    let mut out = [0; 4];
    let mut carry = false;
    let mut i = 0;
    while i < 4 {
        let (once, over) = a[i].overflowing_add(b[i]);
        let (twice, again) = once.overflowing_add(carry as u64);
        out[i] = twice;
        carry = over | again;
        i += 1;
    }
    (out, carry)
}

/// 2^exponent mod p.
pub(super) const fn power_of_two(exponent: u32) -> Words {
    let mut value: Words = [1, 0, 0, 0];
    let mut i = 0;
    while i < exponent {
        let (double, carry) = plus(&value, &value);
        let (less, borrow) = minus(&double, &P);
        value = if carry || !borrow { less } else { double };
        i += 1;
    }
    value
}

/// Cuts four words into `L` limbs of `BITS` bits.
pub(super) const fn cut<const L: usize>(words: &Words, bits: usize) -> [u64; L] {
    let mut out = [0; L];
    let mut i = 0;
    while i < L {
        let (word, shift) = (i * bits / 64, i * bits % 64);
        let mut limb = if word < 4 { words[word] >> shift } else { 0 };
        if shift + bits > 64 && word + 1 < 4 {
            limb |= words[word + 1] << (64 - shift);
        }
        out[i] = limb & ((1 << bits) - 1);
        i += 1;
    }
    out
}

/// Multiplies each limb by a small factor; nothing is carried.
pub(super) const fn times<const L: usize>(limbs: [u64; L], factor: u64) -> [u64; L] {
    let mut out = limbs;
    let mut i = 0;
    while i < L {
        out[i] *= factor;
        i += 1;
    }
    out
}
