//! The inverse of one residue modulo p, in variable time.
//!
//! The division steps of Bernstein and Yang ("Fast constant-time gcd computation and modular inversion", 2019), 62 at a
//! time on the low words alone; the transition matrix then moves the full numbers on. A run of zero bits is one step
//! here, because what is inverted is made of public signatures.

#![forbid(unsafe_code)]

use super::prime::{P, Words};

const LIMB: u32 = 62;
const MASK: u64 = (1 << LIMB) - 1;

/// A number as five signed limbs of 62 bits: all but the last lie in `0..2^62`.
type Signed = [i64; 5];

/// What 62 division steps do: 2^62·(f', g') = (u·f + v·g, q·f + r·g).
struct Steps {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse of `x` modulo p, or nothing if `x` is zero. `x` lies in `0..p`.
pub(super) fn invert(x: &Words) -> Option<Words> {
    if *x == [0; 4] {
        return None;
    }
    let (mut f, mut g) = (signed(&P), signed(x));
    let (mut d, mut e): (Signed, Signed) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    let mut len = 5;
    // d·x ≡ f and e·x ≡ g (mod p), up to the same power of two that `advance` divides away.
    loop {
        let steps = divide(&mut eta, f[0].cast_unsigned(), g[0].cast_unsigned());
        advance(&mut d, &mut e, &steps);
        shrink(&mut f, &mut g, len, &steps);
        if g[..len].iter().all(|&limb| limb == 0) {
            break;
        }
        let (top_f, top_g) = (f[len - 1], g[len - 1]);
        if len > 1 && (top_f == 0 || top_f == -1) && (top_g == 0 || top_g == -1) {
            // The limb holds the sign only: the one below takes it over.
            f[len - 2] |= top_f << LIMB;
            g[len - 2] |= top_g << LIMB;
            len -= 1;
        }
    }
    // f is 1 or -1, the greatest common divisor with a sign.
    Some(settle(d, f[len - 1] < 0))
}

#[expect(clippy::cast_possible_wrap, reason = "limbs have 62 bits")]
fn signed(words: &Words) -> Signed {
    [
        (words[0] & MASK) as i64,
        ((words[0] >> 62 | words[1] << 2) & MASK) as i64,
        ((words[1] >> 60 | words[2] << 4) & MASK) as i64,
        ((words[2] >> 58 | words[3] << 6) & MASK) as i64,
        (words[3] >> 56) as i64,
    ]
}

/// Makes 62 division steps on the low bits of f (odd) and g.
#[expect(clippy::cast_possible_wrap, reason = "entries of the matrix are at most 2^62")]
fn divide(eta: &mut i32, mut f: u64, mut g: u64) -> Steps {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let mut left = LIMB;
    loop {
        // A guard bit stops the count at the steps that are left.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= zeros.cast_signed();
        left -= zeros;
        if left == 0 {
            break;
        }
        // How many bits of g may be cleared by one multiple of f before the roles change or the steps run out.
        let factor = if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
            let bits = (eta.cast_unsigned() + 1).min(left).min(6);
            // -g/f modulo 64: f·(f² - 2) is -1/f to six bits.
            f.wrapping_mul(g).wrapping_mul(f.wrapping_mul(f).wrapping_sub(2)) & (u64::MAX >> (64 - bits))
        } else {
            let bits = (eta.cast_unsigned() + 1).min(left).min(4);
            // f + ((f + 1) & 4)·2 is 1/f modulo 16.
            let inverse = f.wrapping_add((f.wrapping_add(1) & 4) << 1);
            inverse.wrapping_neg().wrapping_mul(g) & (u64::MAX >> (64 - bits))
        };
        g = g.wrapping_add(f.wrapping_mul(factor));
        q = q.wrapping_add(u.wrapping_mul(factor));
        r = r.wrapping_add(v.wrapping_mul(factor));
    }
    Steps {
        u: u as i64,
        v: v as i64,
        q: q as i64,
        r: r as i64,
    }
}

/// (f, g) ← matrix·(f, g) / 2^62, which is exact; only the first `len` limbs count.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limbs are masked to 62 bits, tops fit by the bounds of the steps"
)]
fn shrink(f: &mut Signed, g: &mut Signed, len: usize, steps: &Steps) {
    let (mut carry_f, mut carry_g) = (0i128, 0i128);
    for i in 0..len {
        let (fi, gi) = (i128::from(f[i]), i128::from(g[i]));
        carry_f += i128::from(steps.u) * fi + i128::from(steps.v) * gi;
        carry_g += i128::from(steps.q) * fi + i128::from(steps.r) * gi;
        if i > 0 {
            f[i - 1] = carry_f as i64 & MASK.cast_signed();
            g[i - 1] = carry_g as i64 & MASK.cast_signed();
        }
        carry_f >>= LIMB;
        carry_g >>= LIMB;
    }
    f[len - 1] = carry_f as i64;
    g[len - 1] = carry_g as i64;
}

/// (d, e) ← matrix·(d, e) / 2^62 modulo p. Both stay in -2p..p.
#[expect(
    clippy::cast_possible_truncation,
    reason = "limbs are masked to 62 bits, tops fit since |d|, |e| < 2p"
)]
fn advance(d: &mut Signed, e: &mut Signed, steps: &Steps) {
    let Steps { u, v, q, r } = *steps;
    let (sign_d, sign_e) = (d[4] >> 63, e[4] >> 63);
    // A negative d or e has p added first, so that the result keeps its range.
    let (mut md, mut me) = ((u & sign_d) + (v & sign_e), (q & sign_d) + (r & sign_e));
    let (mut carry_d, mut carry_e) = (0i128, 0i128);
    let mask = MASK.cast_signed();
    for i in 0..5 {
        let (di, ei) = (i128::from(d[i]), i128::from(e[i]));
        carry_d += i128::from(u) * di + i128::from(v) * ei;
        carry_e += i128::from(q) * di + i128::from(r) * ei;
        if i == 0 {
            // p ≡ -1 modulo 2^62, so a low limb equal to the multiple of p cancels.
            md -= md.wrapping_sub(carry_d as i64) & mask;
            me -= me.wrapping_sub(carry_e as i64) & mask;
        }
        carry_d += multiple_of_p(md, i);
        carry_e += multiple_of_p(me, i);
        if i > 0 {
            d[i - 1] = carry_d as i64 & mask;
            e[i - 1] = carry_e as i64 & mask;
        }
        carry_d >>= LIMB;
        carry_e >>= LIMB;
    }
    d[4] = carry_d as i64;
    e[4] = carry_e as i64;
}

/// One limb of m·p, with p written as -1 + (2^2 - 2^34)·2^62 - 2^38·2^186 + 2^8·2^248.
fn multiple_of_p(m: i64, limb: usize) -> i128 {
    let m = i128::from(m);
    match limb {
        0 => -m,
        1 => (m << 2) - (m << 34),
        3 => -(m << 38),
        4 => m << 8,
        _ => 0,
    }
}

/// Brings ±d, which lies in -2p..2p, into 0..p.
#[expect(clippy::cast_possible_truncation, reason = "limbs are masked to 62 bits")]
fn settle(d: Signed, negate: bool) -> Words {
    let mut value = d;
    for multiple in [2i64, -1, -1, -1] {
        let mut carry = 0i128;
        let mut moved = [0; 5];
        for i in 0..5 {
            let limb = i128::from(if negate && multiple == 2 { -value[i] } else { value[i] });
            carry += limb + multiple_of_p(multiple, i);
            moved[i] = if i < 4 {
                carry as i64 & MASK.cast_signed()
            } else {
                carry as i64
            };
            carry >>= LIMB;
        }
        // After 2p is added the value is positive; then p is taken away as long as it stays so.
        if multiple == 2 || moved[4] >= 0 {
            value = moved;
        }
    }
    let limb = value.map(i64::cast_unsigned);
    [
        limb[0] | limb[1] << 62,
        limb[1] >> 2 | limb[2] << 60,
        limb[2] >> 4 | limb[3] << 58,
        limb[3] >> 6 | limb[4] << 56,
    ]
}
