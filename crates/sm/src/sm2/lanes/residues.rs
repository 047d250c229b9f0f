//! Residues of five 52-bit limbs in 512-bit registers, eight lanes: all but the multiplication, which each width brings.
//!
//! R = 2^260. p ≡ -1 modulo 2^52, so each quotient digit q of the Montgomery reduction is the low limb itself, and
//!
//! ```text
//! q·p = -q + q·(2^12 - 2^44)·2^52 + q·(2^48 - 2^16)·2^208
//! ```
//!
//! Bounds. A tight value has limbs below 2^52 and is below 4p < 2^260/4. A column of the product of two (or of the sum of two
//! products) sums at most 20 halves below 2^52, the reduction adds at most 8 more, and what is subtracted is below 2^58: all
//! columns stay within ±2^59, and arithmetic shifts carry their signs. With a, b < 4p: (a·b + q·p) / R < 16p²/2^260 + p < 2p.
//!
//! A loose value after [`Multiply::fold`] has limbs within ±2^58 and lies in 0..1.1p: the top limb's bits from 2^256 on, t,
//! are replaced by t·(2^256 - p) < 16·2^225.

#![expect(
    clippy::needless_range_loop,
    reason = "limbs of several numbers are walked side by side"
)]

use super::field::{Field, MAX_LANES};
use super::prime::{P, Words, cut, power_of_two, times};
use super::table::Entry;
use super::zmm::{V, Vector};

pub(super) const LIMB: u64 = (1 << 52) - 1;
const P52: [u64; 5] = cut(&P, 52);
const ONE: [u64; 5] = cut(&power_of_two(260), 52);
const SQUARE: [u64; 5] = cut(&power_of_two(520), 52);
const CUBE: [u64; 5] = cut(&power_of_two(780), 52);

/// Carried limbs, below 4p.
#[derive(Clone, Copy)]
pub(super) struct Tight(pub(super) [V; 5]);

/// Uncarried limbs.
#[derive(Clone, Copy)]
pub(super) struct Loose(pub(super) [V; 5]);

/// The multiplication of a width with 512-bit registers.
pub(super) trait Multiply: Vector {
    /// The ten columns of a·b, added to `columns`.
    fn columns(self, a: &Tight, b: &Tight, columns: [V; 10]) -> [V; 10];
    /// The ten columns of a², added to `columns`.
    fn square_columns(self, a: &Tight, columns: [V; 10]) -> [V; 10];
    /// Divides by R: the upper five columns plus what the multiples of p that clear the lower five bring.
    fn reduce(self, columns: [V; 10]) -> [V; 5];
    /// Folds the bits from 2^256 on, so that the value falls below 1.1p. The top limb is not negative.
    fn fold(self, limbs: [V; 5]) -> [V; 5];

    /// The operations of [`Field`] of the same names, compiled once ([`operations`]) and not into each place of their use:
    /// the whole would be ten times as long and would not stay in the instruction cache.
    fn mul_once(self, a: &Tight, b: &Tight) -> Tight;
    fn square_once(self, a: &Tight) -> Tight;
    fn mul_sub_once(self, a: &Tight, b: &Tight, s: &Loose) -> Loose;
    fn square_sub_once(self, a: &Tight, s: &Loose) -> Loose;
    fn dot_once(self, a: &Tight, b: &Tight, c: &Tight, d: &Tight) -> Loose;
}

/// What [`Multiply`] wants compiled once; each width calls these in functions that enable its instructions.
pub(super) mod operations {
    use super::super::zmm::V;
    use super::{Limbs, Loose, Multiply, Tight, start};

    #[inline(always)]
    pub(in super::super) fn mul<M: Multiply>(m: M, a: &Tight, b: &Tight) -> Tight {
        m.carry(m.reduce(m.columns(a, b, [m.splat(0); 10])))
    }
    #[inline(always)]
    pub(in super::super) fn square<M: Multiply>(m: M, a: &Tight) -> Tight {
        m.carry(m.reduce(m.square_columns(a, [m.splat(0); 10])))
    }
    #[inline(always)]
    pub(in super::super) fn mul_sub<M: Multiply>(m: M, a: &Tight, b: &Tight, s: &Loose) -> Loose {
        folded(m, m.columns(a, b, start(m, s)))
    }
    #[inline(always)]
    pub(in super::super) fn square_sub<M: Multiply>(m: M, a: &Tight, s: &Loose) -> Loose {
        folded(m, m.square_columns(a, start(m, s)))
    }
    #[inline(always)]
    pub(in super::super) fn dot<M: Multiply>(m: M, a: &Tight, b: &Tight, c: &Tight, d: &Tight) -> Loose {
        folded(m, m.columns(c, d, m.columns(a, b, [m.splat(0); 10])))
    }
    #[inline(always)]
    fn folded<M: Multiply>(m: M, columns: [V; 10]) -> Loose {
        Loose(m.fold(m.reduce(columns)))
    }
}

/// The methods of [`Multiply`] that are compiled once, with the instructions of a token enabled.
macro_rules! compiled_once {
    ($features:literal: $($method:ident = $operation:ident($($name:ident: $kind:ty),+) -> $result:ty;)+) => {$(
        #[inline(always)]
        fn $method(self, $($name: &$kind),+) -> $result {
            #[target_feature(enable = $features)]
            #[inline(never)]
            fn once<M: Multiply>(m: M, $($name: &$kind),+) -> $result {
                super::residues::operations::$operation(m, $($name),+)
            }
            // SAFETY: the token proves the instructions.
            unsafe { once(self, $($name),+) }
        }
    )+};
    ($features:literal) => {
        compiled_once! { $features:
            mul_once = mul(a: Tight, b: Tight) -> Tight;
            square_once = square(a: Tight) -> Tight;
            mul_sub_once = mul_sub(a: Tight, b: Tight, s: Loose) -> Loose;
            square_sub_once = square_sub(a: Tight, s: Loose) -> Loose;
            dot_once = dot(a: Tight, b: Tight, c: Tight, d: Tight) -> Loose;
        }
    };
}
pub(super) use compiled_once;

/// Limbs carried, cut and put together.
pub(super) trait Limbs: Vector {
    /// Carries to limbs below 2^52; the value must not be negative.
    #[inline(always)]
    fn carry(self, mut limbs: [V; 5]) -> Tight {
        let mask = self.splat(LIMB);
        for i in 0..4 {
            limbs[i + 1] = self.add(limbs[i + 1], self.right::<52>(limbs[i]));
            limbs[i] = self.and(limbs[i], mask);
        }
        Tight(limbs)
    }

    /// Cuts four words into five limbs.
    #[inline(always)]
    fn cut(self, w: [V; 4]) -> [V; 5] {
        let mask = self.splat(LIMB);
        [
            self.and(w[0], mask),
            self.or_and(self.cut_right::<52>(w[0]), self.left::<12>(w[1]), mask),
            self.or_and(self.cut_right::<40>(w[1]), self.left::<24>(w[2]), mask),
            self.or_and(self.cut_right::<28>(w[2]), self.left::<36>(w[3]), mask),
            self.cut_right::<16>(w[3]),
        ]
    }

    /// The canonical value of a tight one (4p itself is let through, too), as four words.
    #[inline(always)]
    fn canonical(self, a: &Tight) -> [V; 4] {
        let mut value = *a;
        // From 0..=4p to 0..=2p to 0..=p to 0..p.
        for multiple in [2, 1, 1] {
            let mut less = value.0;
            let p = self.constant(&times(P52, multiple));
            for i in 0..5 {
                less[i] = self.sub(less[i], p[i]);
            }
            let less = self.carry(less);
            let keep = self.negative(less.0[4]);
            for i in 0..5 {
                value.0[i] = self.blend(less.0[i], value.0[i], keep);
            }
        }
        let [a, b, c, d, e] = value.0;
        let all = self.splat(u64::MAX);
        [
            self.or_and(a, self.left::<52>(b), all),
            self.or_and(self.cut_right::<12>(b), self.left::<40>(c), all),
            self.or_and(self.cut_right::<24>(c), self.left::<28>(d), all),
            self.or_and(self.cut_right::<36>(d), self.left::<16>(e), all),
        ]
    }
}

impl<M: Vector> Limbs for M {}

/// The columns that a product minus `s` starts from: 6p - s in the upper half.
#[inline(always)]
fn start<M: Multiply>(m: M, s: &Loose) -> [V; 10] {
    let bias = m.constant(&times(P52, 6));
    let mut columns = [m.splat(0); 10];
    for i in 0..5 {
        columns[5 + i] = m.sub(bias[i], s.0[i]);
    }
    columns
}

impl<M: Multiply> Field for M {
    const LANES: usize = 8;
    type Tight = Tight;
    type Loose = Loose;

    #[inline(always)]
    fn mul(self, a: &Tight, b: &Tight) -> Tight {
        self.mul_once(a, b)
    }
    #[inline(always)]
    fn square(self, a: &Tight) -> Tight {
        self.square_once(a)
    }
    #[inline(always)]
    fn mul_sub(self, a: &Tight, b: &Tight, s: &Loose) -> Loose {
        self.mul_sub_once(a, b, s)
    }
    #[inline(always)]
    fn square_sub(self, a: &Tight, s: &Loose) -> Loose {
        self.square_sub_once(a, s)
    }
    #[inline(always)]
    fn dot(self, a: &Tight, b: &Tight, c: &Tight, d: &Tight) -> Loose {
        self.dot_once(a, b, c, d)
    }

    #[inline(always)]
    fn difference(self, a: &Loose, b: &Loose) -> Tight {
        let mut limbs = self.constant(&times(P52, 2));
        for i in 0..5 {
            limbs[i] = self.add(self.sub(a.0[i], b.0[i]), limbs[i]);
        }
        self.carry(limbs)
    }
    #[inline(always)]
    fn sum(self, a: &Loose, b: &Loose) -> Tight {
        self.carry(self.plus(a, b).0)
    }
    #[inline(always)]
    fn plus(self, a: &Loose, b: &Loose) -> Loose {
        let mut limbs = a.0;
        for i in 0..5 {
            limbs[i] = self.add(limbs[i], b.0[i]);
        }
        Loose(limbs)
    }
    #[inline(always)]
    fn small_multiple(self, a: &Tight, k: u64) -> Tight {
        let mut limbs = a.0;
        for limb in &mut limbs {
            *limb = match k {
                2 => self.left::<1>(*limb),
                3 => self.add(self.left::<1>(*limb), *limb),
                _ => self.left::<2>(*limb),
            };
        }
        self.carry(self.fold(limbs))
    }
    #[inline(always)]
    fn negative_multiple(self, a: &Loose, k: u64) -> Tight {
        let mut limbs = self.constant(&times(P52, 4));
        for i in 0..5 {
            let limb = if k == 2 { self.left::<1>(a.0[i]) } else { a.0[i] };
            limbs[i] = self.sub(limbs[i], limb);
        }
        self.carry(limbs)
    }
    #[inline(always)]
    fn tighten(self, a: &Loose) -> Tight {
        self.carry(a.0)
    }
    #[inline(always)]
    fn loosen(self, a: &Tight) -> Loose {
        Loose(a.0)
    }

    #[inline(always)]
    fn zero_lanes(self, a: &Tight) -> u8 {
        let mut zero = 0;
        for multiple in 0..5 {
            let mut lanes = u8::MAX;
            let limbs = carried(&times(P52, multiple));
            for i in 0..5 {
                lanes &= self.equal(a.0[i], self.splat(limbs[i]));
            }
            zero |= lanes;
        }
        zero
    }
    #[inline(always)]
    fn replace(self, a: &Tight, b: &Tight, lanes: u8) -> Tight {
        let mut limbs = a.0;
        for i in 0..5 {
            limbs[i] = self.blend(limbs[i], b.0[i], lanes);
        }
        Tight(limbs)
    }
    #[inline(always)]
    fn replace_loose(self, a: &Loose, b: &Loose, lanes: u8) -> Loose {
        Loose(self.replace(&Tight(a.0), &Tight(b.0), lanes).0)
    }
    #[inline(always)]
    fn swap(self, a: &Tight, by: usize) -> Tight {
        let mut limbs = a.0;
        for limb in &mut limbs {
            *limb = self.swapped(*limb, by);
        }
        Tight(limbs)
    }

    #[inline(always)]
    fn one(self) -> Tight {
        Tight(self.constant(&ONE))
    }
    #[inline(always)]
    fn enter(self, values: &[Words; MAX_LANES]) -> Tight {
        let mut words = [self.splat(0); 4];
        for i in 0..4 {
            let mut lanes = [0; 8];
            for lane in 0..8 {
                lanes[lane] = values[lane][i];
            }
            words[i] = self.gathered(lanes);
        }
        self.mul(&Tight(self.cut(words)), &Tight(self.constant(&SQUARE)))
    }
    #[inline(always)]
    fn first(self, a: &Tight) -> Words {
        let [a, b, c, d] = self.canonical(a);
        [self.apart(a)[0], self.apart(b)[0], self.apart(c)[0], self.apart(d)[0]]
    }
    #[inline(always)]
    fn spread_inverse(self, inverse: &Words) -> Tight {
        // The inverse of v·R is v^-1·R^-1; the multiplication takes one R off R³.
        self.mul(&Tight(self.constant(&cut(inverse, 52))), &Tight(self.constant(&CUBE)))
    }
    #[inline(always)]
    fn load(self, entries: &[&Entry; MAX_LANES], negative: u8) -> (Loose, Loose) {
        let x = self.cut(self.gather(entries, 0));
        let mut y = self.cut(self.gather(entries, 1));
        let p = self.constant(&P52);
        for i in 0..5 {
            y[i] = self.blend(y[i], self.sub(p[i], y[i]), negative);
        }
        (Loose(x), Loose(y))
    }
    #[inline(always)]
    fn store(self, x: &Tight, y: &Tight) -> [Entry; MAX_LANES] {
        let mut out = [Entry([0; 8]); MAX_LANES];
        let (x, y) = (self.canonical(x), self.canonical(y));
        for i in 0..4 {
            let (x, y) = (self.apart(x[i]), self.apart(y[i]));
            for lane in 0..8 {
                out[lane].0[i] = x[lane];
                out[lane].0[4 + i] = y[lane];
            }
        }
        out
    }
}

/// Carries the limbs of a constant.
const fn carried(limbs: &[u64; 5]) -> [u64; 5] {
    let mut out = *limbs;
    let mut i = 0;
    while i < 4 {
        out[i + 1] += out[i] >> 52;
        out[i] &= LIMB;
        i += 1;
    }
    out
}
