//! Field arithmetic in plain Rust.
#![forbid(unsafe_code)]

use super::{Fe, Field, P};

/// The way that works on every processor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

impl Field for Portable {
    #[inline(always)]
    fn mul(self, a: &Fe, b: &Fe) -> Fe {
        Fe(reduce(product(&a.0, &b.0)))
    }

    #[inline(always)]
    fn sqr(self, a: &Fe) -> Fe {
        Fe(reduce(square(&a.0)))
    }

    #[inline(always)]
    fn add(self, a: &Fe, b: &Fe) -> Fe {
        let (sum, carry) = add(&a.0, &b.0);
        Fe(below_p(sum, carry))
    }

    #[inline(always)]
    fn sub(self, a: &Fe, b: &Fe) -> Fe {
        let (difference, borrow) = sub(&a.0, &b.0);
        let mask = 0u64.wrapping_sub(u64::from(borrow));
        Fe(add(&difference, &[mask, P[1] & mask, mask, P[3] & mask]).0)
    }
}

/// Four-word addition.
#[inline(always)]
pub(crate) fn add(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (c0, carry) = a[0].carrying_add(b[0], false);
    let (c1, carry) = a[1].carrying_add(b[1], carry);
    let (c2, carry) = a[2].carrying_add(b[2], carry);
    let (c3, carry) = a[3].carrying_add(b[3], carry);
    ([c0, c1, c2, c3], carry)
}

/// Four-word subtraction.
#[inline(always)]
pub(crate) fn sub(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let (c0, borrow) = a[0].borrowing_sub(b[0], false);
    let (c1, borrow) = a[1].borrowing_sub(b[1], borrow);
    let (c2, borrow) = a[2].borrowing_sub(b[2], borrow);
    let (c3, borrow) = a[3].borrowing_sub(b[3], borrow);
    ([c0, c1, c2, c3], borrow)
}

/// `a / 2 mod p`.
#[inline(always)]
pub(crate) fn halve(a: &Fe) -> Fe {
    let mask = 0u64.wrapping_sub(a.0[0] & 1);
    let ([w, x, y, z], carry) = add(&a.0, &[mask, P[1] & mask, mask, P[3] & mask]);
    Fe([
        w >> 1 | x << 63,
        x >> 1 | y << 63,
        y >> 1 | z << 63,
        z >> 1 | u64::from(carry) << 63,
    ])
}

/// Brings a number below `2p` below `p`.
#[inline(always)]
fn below_p(number: [u64; 4], carry: bool) -> [u64; 4] {
    let (less, borrow) = sub(&number, &P);
    if borrow && !carry { number } else { less }
}

#[inline(always)]
fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 8] {
    let mut t = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (t[i + j], carry) = a[i].carrying_mul_add(b[j], t[i + j], carry);
        }
        t[i + 4] = carry;
    }
    t
}

#[inline(always)]
fn square(a: &[u64; 4]) -> [u64; 8] {
    let (t1, c) = a[0].carrying_mul(a[1], 0);
    let (t2, c) = a[0].carrying_mul(a[2], c);
    let (t3, t4) = a[0].carrying_mul(a[3], c);
    let (t3, c) = a[1].carrying_mul_add(a[2], t3, 0);
    let (t4, t5) = a[1].carrying_mul_add(a[3], t4, c);
    let (t5, t6) = a[2].carrying_mul_add(a[3], t5, 0);
    let doubled = [
        t1 << 1,
        t2 << 1 | t1 >> 63,
        t3 << 1 | t2 >> 63,
        t4 << 1 | t3 >> 63,
        t5 << 1 | t4 >> 63,
        t6 << 1 | t5 >> 63,
        t6 >> 63,
    ];
    let (r0, h0) = a[0].carrying_mul(a[0], 0);
    let (l1, h1) = a[1].carrying_mul(a[1], 0);
    let (l2, h2) = a[2].carrying_mul(a[2], 0);
    let (l3, h3) = a[3].carrying_mul(a[3], 0);
    let (r1, c) = doubled[0].carrying_add(h0, false);
    let (r2, c) = doubled[1].carrying_add(l1, c);
    let (r3, c) = doubled[2].carrying_add(h1, c);
    let (r4, c) = doubled[3].carrying_add(l2, c);
    let (r5, c) = doubled[4].carrying_add(h2, c);
    let (r6, c) = doubled[5].carrying_add(l3, c);
    let (r7, _) = doubled[6].carrying_add(h3, c);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// Divides by `2^256` modulo `p`.
#[inline(always)]
fn reduce(t: [u64; 8]) -> [u64; 4] {
    let low = step(step(step(step([t[0], t[1], t[2], t[3]]))));
    let (sum, carry) = add(&low, &[t[4], t[5], t[6], t[7]]);
    below_p(sum, carry)
}

/// Adds `m·p` for the lowest word `m` and drops that word, which is then zero: `m·(p + 1)/2^64` joins the rest.
#[inline(always)]
fn step([m, a, b, c]: [u64; 4]) -> [u64; 4] {
    let (low, high) = (m << 32, m >> 32);
    let (a, carry) = a.carrying_add(m, false);
    let (b, carry) = b.carrying_add(0, carry);
    let (c, carry) = c.carrying_add(0, carry);
    let (a, borrow) = a.borrowing_sub(low, false);
    let (b, borrow) = b.borrowing_sub(high, borrow);
    let (c, borrow) = c.borrowing_sub(low, borrow);
    // The whole is below 2^256, so that what wraps on the way wraps back.
    let top = m
        .wrapping_add(u64::from(carry))
        .wrapping_sub(high)
        .wrapping_sub(u64::from(borrow));
    [a, b, c, top]
}
