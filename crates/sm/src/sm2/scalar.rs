//! Numbers modulo the group order `n`, and the equation that a signature asks for.
//!
//! Verification needs no inversion modulo `n`: with `t = r + s` it asks whether `x([s]G + [t]Q) ≡ r - e (mod n)`
//! (GB/T 32918.2-2016, 7.1).
#![forbid(unsafe_code)]

use super::{
    Signature,
    field::portable::{add, sub},
};

/// `n`, the least word first.
pub(super) const N: [u64; 4] = [
    0x53bb_f409_39d5_4123,
    0x7203_df6b_21c6_052b,
    0xffff_ffff_ffff_ffff,
    0xffff_fffe_ffff_ffff,
];

/// `(n - 1) / 2`.
const HALF: [u64; 4] = [
    0xa9dd_fa04_9cea_a091,
    0xb901_efb5_90e3_0295,
    0xffff_ffff_ffff_ffff,
    0x7fff_ffff_7fff_ffff,
];

/// Is `x([u1]G + [u2]Q) ≡ x (mod n)`? All below `n`, `u1` and `u2` not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Equation {
    pub u1: [u64; 4],
    pub u2: [u64; 4],
    pub x: [u64; 4],
}

impl Equation {
    /// `None` when the signature is out of range or `r + s ≡ 0`, which no signature may be.
    pub(super) fn new(e: &[u8; 32], signature: &Signature) -> Option<Self> {
        let (r, s) = (scalar(&signature.r)?, scalar(&signature.s)?);
        let t = sum(&r, &s);
        let e = words(e);
        let (less, borrow) = sub(&e, &N);
        // n > 2^255, so that one subtraction reduces any 32 bytes.
        let x = difference(&r, &if borrow { e } else { less });
        (t != [0; 4]).then_some(Self { u1: s, u2: t, x })
    }
}

/// Reads 32 bytes, big endian.
pub(super) fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*chunk);
    }
    words
}

/// Reads a number of `1..n`.
pub(super) fn scalar(bytes: &[u8; 32]) -> Option<[u64; 4]> {
    let number = words(bytes);
    (number != [0; 4] && sub(&number, &N).1).then_some(number)
}

fn sum(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (sum, carry) = add(a, b);
    let (less, borrow) = sub(&sum, &N);
    if borrow && !carry { sum } else { less }
}

fn difference(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let (difference, borrow) = sub(a, b);
    if borrow { add(&difference, &N).0 } else { difference }
}

/// Gives `(k, negative)` with `k < 2^255` and `u ≡ ±k`.
pub(super) fn halved(u: &[u64; 4]) -> ([u64; 4], bool) {
    if sub(&HALF, u).1 {
        (sub(&N, u).0, true)
    } else {
        (*u, false)
    }
}

/// Takes up to 32 bits out of a number; beyond its end there are zeros.
fn bits(k: &[u64; 4], at: u32, count: u32) -> i32 {
    let (word, shift) = ((at / 64) as usize, at % 64);
    let low = k.get(word).copied().unwrap_or(0);
    let high = k.get(word + 1).copied().unwrap_or(0);
    let both = u128::from(low) | u128::from(high) << 64;
    let mask = (1u128 << count) - 1;
    i32::try_from(both >> shift & mask).unwrap_or(0)
}

/// How many windows of so many bits hold a number below `2^255` in signed digits.
pub(super) const fn windows(window: u32) -> u32 {
    256u32.div_ceil(window)
}

/// Gives the digits of `u` in signed windows, the least first: `u ≡ Σ digit·2^(window·i)`, each at most `2^(window-1)` in size.
pub(super) fn digits(u: &[u64; 4], window: u32) -> impl Iterator<Item = i32> {
    let (k, negative) = halved(u);
    let mut carry = 0;
    (0..windows(window)).map(move |i| {
        let mut digit = bits(&k, i * window, window) + carry;
        carry = i32::from(digit > 1 << (window - 1));
        digit -= carry << window;
        if negative { -digit } else { digit }
    })
}

/// Gives `k` in non-adjacent form: odd digits below `2^(window-1)` in size, at least `window` places apart, for `window <= 8`.
pub(super) fn sparse(k: &[u64; 4], window: u32) -> [i8; 257] {
    let mut out = [0; 257];
    let (mut at, mut carry) = (0u32, 0);
    while at < 257 {
        if bits(k, at, 1) == carry {
            at += 1;
            continue;
        }
        let mut digit = bits(k, at, window) + carry;
        carry = digit >> (window - 1) & 1;
        digit -= carry << window;
        out[at as usize] = i8::try_from(digit).unwrap_or(0);
        at += window;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [[u64; 4]; 12] = [
        [1, 0, 0, 0],
        [2, 0, 0, 0],
        [0x8000, 0, 0, 0],
        [u64::MAX, 0, 0, 0],
        [u64::MAX, u64::MAX, u64::MAX, 0x7fff_fffe_ffff_ffff],
        HALF,
        [HALF[0] + 1, HALF[1], HALF[2], HALF[3]],
        [N[0] - 1, N[1], N[2], N[3]],
        [N[0] - 2, N[1], N[2], N[3]],
        [
            0xdead_beef_0bad_cafe,
            0x0123_4567_89ab_cdef,
            0xfeed_face_cafe_f00d,
            0x8765_4321_0fed_cba9,
        ],
        [0, 0, 0, 0x8000_0000_0000_0000],
        [
            0x5555_5555_5555_5555,
            0xaaaa_aaaa_aaaa_aaaa,
            0x5555_5555_5555_5555,
            0x2aaa_aaaa_aaaa_aaaa,
        ],
    ];

    /// Σ digit·2^place modulo n, by Horner's rule.
    fn value(digits: &[i32], window: u32) -> [u64; 4] {
        let mut out = [0; 4];
        for digit in digits.iter().rev() {
            for _ in 0..window {
                out = sum(&out, &out);
            }
            let size = [u64::from(digit.unsigned_abs()), 0, 0, 0];
            out = if *digit < 0 {
                difference(&out, &size)
            } else {
                sum(&out, &size)
            };
        }
        out
    }

    #[test]
    fn digits_stand_for_their_number() {
        for u in CASES {
            for window in 4..=16 {
                let digits: Vec<i32> = digits(&u, window).collect();
                assert!(digits.iter().all(|digit| digit.unsigned_abs() <= 1 << (window - 1)));
                assert_eq!(value(&digits, window), u, "window {window}");
            }
        }
    }

    #[test]
    fn sparse_digits_stand_for_their_number() {
        for u in CASES {
            for window in 4..=8 {
                let digits = sparse(&u, window);
                assert!(digits.iter().all(|digit| *digit == 0 || digit % 2 != 0));
                assert_eq!(value(&digits.map(i32::from), 1), u, "window {window}");
            }
        }
    }

    #[test]
    fn halves_join_to_one_order() {
        assert_eq!(sum(&HALF, &[HALF[0] + 1, HALF[1], HALF[2], HALF[3]]), [0; 4]);
    }
}
