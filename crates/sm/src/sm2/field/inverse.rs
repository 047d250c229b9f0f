//! Inversion modulo `p` by division steps (Bernstein and Yang, "Fast constant-time gcd computation and modular inversion", 2019),
//! in the variable-time form: about a third of the time of an exponentiation.
//!
//! Numbers are five signed words of 62 bits. A round takes 62 division steps on the lowest words of `f` and `g` alone, which
//! gives a 2×2 matrix, and then applies the matrix to the whole of `(f, g)` and, modulo `p`, to `(d, e)`; `d·x ≡ f` and `e·x ≡ g`
//! hold throughout, up to the same power of two, which the division by `2^62` cancels.
#![forbid(unsafe_code)]

use super::P;

type Wide = [i64; 5];

const MASK: u64 = u64::MAX >> 2;
/// `p` in words of 62 bits.
const MODULUS: Wide = split(&P);

/// Gives `1/x mod p`, zero for zero. `x` lies below `p`.
pub(super) fn invert(x: &[u64; 4]) -> [u64; 4] {
    let (mut f, mut g) = (MODULUS, split(x));
    let (mut d, mut e): (Wide, Wide) = ([0; 5], [1, 0, 0, 0, 0]);
    let mut eta = -1;
    while g != [0; 5] {
        let matrix = steps(&mut eta, f[0].cast_unsigned(), g[0].cast_unsigned());
        (d, e) = apply_modulo(&d, &e, &matrix);
        (f, g) = apply(&f, &g, &matrix);
    }
    // f is now 1 or -1, or p when x was zero and d with it.
    join(&normal(d, f[4] < 0))
}

/// `[u, v, q, r]`: `f' = (u·f + v·g)/2^62`, `g' = (q·f + r·g)/2^62`.
type Matrix = [i64; 4];

/// Takes 62 division steps, runs of zero bits at once.
fn steps(eta: &mut i64, f: u64, g: u64) -> Matrix {
    let (mut u, mut v, mut q, mut r) = (1u64, 0u64, 0u64, 1u64);
    let (mut f, mut g) = (f, g);
    let mut left = 62u32;
    loop {
        // The set bits above stop the count at what is left.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return [u, v, q, r].map(u64::cast_signed);
        }
        let swapped = *eta < 0;
        if swapped {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // w·f + g has as many low zero bits as may be cancelled before the next swap, six after one and four otherwise.
        let room = left.min(u32::try_from(*eta + 1).unwrap_or(u32::MAX));
        let bits = u64::MAX >> (64 - room);
        let w = if swapped {
            let inverse = f.wrapping_mul(f).wrapping_sub(2);
            f.wrapping_mul(g).wrapping_mul(inverse) & bits & 63
        } else {
            let inverse = f.wrapping_add((f.wrapping_add(1) & 4) << 1);
            inverse.wrapping_neg().wrapping_mul(g) & bits & 15
        };
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
}

fn apply(f: &Wide, g: &Wide, [u, v, q, r]: &Matrix) -> (Wide, Wide) {
    let row = |a: i64, b: i64| {
        let mut sum = wide(a, f[0]) + wide(b, g[0]);
        let mut out = [0; 5];
        for i in 1..5 {
            sum = (sum >> 62) + wide(a, f[i]) + wide(b, g[i]);
            out[i - 1] = low(sum);
        }
        out[4] = top(sum >> 62);
        out
    };
    (row(*u, *v), row(*q, *r))
}

fn apply_modulo(d: &Wide, e: &Wide, [u, v, q, r]: &Matrix) -> (Wide, Wide) {
    let row = |a: i64, b: i64| {
        // Adding p for a negative number keeps the result within (-2p, p).
        let mut times = (a & (d[4] >> 63)) + (b & (e[4] >> 63));
        let first = wide(a, d[0]) + wide(b, e[0]);
        // 1/p ≡ -1 (mod 2^62), so that this many p make the sum divisible.
        times -= (times.wrapping_sub(low(first)).cast_unsigned() & MASK).cast_signed();
        let mut sum = first + wide(MODULUS[0], times);
        let mut out = [0; 5];
        for i in 1..5 {
            sum = (sum >> 62) + wide(a, d[i]) + wide(b, e[i]) + wide(MODULUS[i], times);
            out[i - 1] = low(sum);
        }
        out[4] = top(sum >> 62);
        out
    };
    (row(*u, *v), row(*q, *r))
}

fn wide(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

#[expect(clippy::cast_possible_truncation, reason = "the low 62 bits are what is wanted")]
fn low(sum: i128) -> i64 {
    sum as i64 & MASK.cast_signed()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the numbers stay below 2^258, their top words far below 2^62"
)]
fn top(sum: i128) -> i64 {
    sum as i64
}

/// Brings a number of (-2p, p), negated if asked, into 0..p.
fn normal(d: Wide, negate: bool) -> Wide {
    let d = if d[4] < 0 { sum(&d, &MODULUS, 1) } else { d };
    let d = if negate { sum(&[0; 5], &d, -1) } else { d };
    if d[4] < 0 { sum(&d, &MODULUS, 1) } else { d }
}

/// `a + sign·b`, its words carried through.
fn sum(a: &Wide, b: &Wide, sign: i64) -> Wide {
    let mut out = [0; 5];
    let mut carry = 0;
    for i in 0..5 {
        let word = a[i] + sign * b[i] + carry;
        (out[i], carry) = if i < 4 {
            (word & MASK.cast_signed(), word >> 62)
        } else {
            (word, 0)
        };
    }
    out
}

const fn split(x: &[u64; 4]) -> Wide {
    [
        (x[0] & MASK).cast_signed(),
        ((x[0] >> 62 | x[1] << 2) & MASK).cast_signed(),
        ((x[1] >> 60 | x[2] << 4) & MASK).cast_signed(),
        ((x[2] >> 58 | x[3] << 6) & MASK).cast_signed(),
        (x[3] >> 56).cast_signed(),
    ]
}

fn join(d: &Wide) -> [u64; 4] {
    let d = d.map(i64::cast_unsigned);
    [
        d[0] | d[1] << 62,
        d[1] >> 2 | d[2] << 60,
        d[2] >> 4 | d[3] << 58,
        d[3] >> 6 | d[4] << 56,
    ]
}
