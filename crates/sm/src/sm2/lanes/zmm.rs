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

#![expect(unsafe_code, reason = "vector instructions, behind a token that proves them")]
#![expect(
    clippy::needless_range_loop,
    reason = "limbs of several numbers are walked side by side"
)]

use core::arch::x86_64::*;

use super::field::{Field, MAX_LANES};
use super::prime::{P, Words, cut, power_of_two, times};
use super::table::Entry;

type V = __m512i;

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
///
/// # Safety
///
/// A value of the type must be impossible to get where the processor lacks AVX-512 F and DQ, or what else the methods
/// of the implementation use: they and [`Vector`] execute these instructions without asking.
pub(super) unsafe trait Multiply: Copy {
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
    use super::{Loose, Multiply, Tight, V, Vector, start};

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
                super::zmm::operations::$operation(m, $($name),+)
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

/// The instructions, safe through the token.
pub(super) trait Vector: Multiply {
    #[inline(always)]
    fn splat(self, a: u64) -> V {
        // SAFETY: the token exists, so the processor has AVX-512F (`Multiply`).
        unsafe { _mm512_set1_epi64(a.cast_signed()) }
    }
    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_add_epi64(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_sub_epi64(a, b) }
    }
    #[inline(always)]
    fn and(self, a: V, b: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_and_si512(a, b) }
    }
    /// Shifts left.
    #[inline(always)]
    fn left<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_slli_epi64::<BITS>(a) }
    }
    /// Shifts right and keeps the sign.
    #[inline(always)]
    fn right<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_srai_epi64::<BITS>(a) }
    }
    /// Shifts right and fills with zeros.
    #[inline(always)]
    fn cut_right<const BITS: u32>(self, a: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_srli_epi64::<BITS>(a) }
    }
    /// (a | b) & mask
    #[inline(always)]
    fn or_and(self, a: V, b: V, mask: V) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_ternarylogic_epi64::<0b1010_1000>(a, b, mask) }
    }
    /// a, but b where a bit of `lanes` is set.
    #[inline(always)]
    fn blend(self, a: V, b: V, lanes: u8) -> V {
        // SAFETY: as in `splat`.
        unsafe { _mm512_mask_mov_epi64(a, lanes, b) }
    }
    /// The lanes where a and b are equal.
    #[inline(always)]
    fn equal(self, a: V, b: V) -> u8 {
        // SAFETY: as in `splat`.
        unsafe { _mm512_cmpeq_epi64_mask(a, b) }
    }
    /// The lanes where a is negative.
    #[inline(always)]
    fn negative(self, a: V) -> u8 {
        // SAFETY: as in `splat`.
        unsafe { _mm512_movepi64_mask(a) }
    }
    /// Swaps each lane with the one whose number differs by the bit `by` (4, 2 or 1).
    #[inline(always)]
    fn swapped(self, a: V, by: usize) -> V {
        // SAFETY: as in `splat`.
        unsafe {
            match by {
                4 => _mm512_shuffle_i64x2::<0b01_00_11_10>(a, a),
                2 => _mm512_shuffle_i64x2::<0b10_11_00_01>(a, a),
                _ => _mm512_permutex_epi64::<0b10_11_00_01>(a),
            }
        }
    }
    #[inline(always)]
    fn gathered(self, a: [u64; 8]) -> V {
        // SAFETY: both types are 64 bytes of plain integers.
        unsafe { core::mem::transmute::<[u64; 8], V>(a) }
    }
    #[inline(always)]
    fn apart(self, a: V) -> [u64; 8] {
        // SAFETY: both types are 64 bytes of plain integers.
        unsafe { core::mem::transmute::<V, [u64; 8]>(a) }
    }
    #[inline(always)]
    fn constant(self, limbs: &[u64; 5]) -> [V; 5] {
        let mut out = [self.splat(0); 5];
        for i in 0..5 {
            out[i] = self.splat(limbs[i]);
        }
        out
    }

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

    /// One half (0: x, 1: y) of two entries.
    #[inline(always)]
    fn pair(self, low: &Entry, high: &Entry, half: usize) -> V {
        let (low, high) = (&low.0.as_chunks::<4>().0[half], &high.0.as_chunks::<4>().0[half]);
        // SAFETY: both are 32 bytes, and the loads are unaligned ones. The instructions: as in `splat`.
        unsafe {
            let (low, high) = (
                _mm256_loadu_si256(low.as_ptr().cast()),
                _mm256_loadu_si256(high.as_ptr().cast()),
            );
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
        }
    }

    /// The transpose of four words of eight rows: `rows[i]` to lane i of each word.
    #[inline(always)]
    fn gather(self, rows: &[&Entry; 8], half: usize) -> [V; 4] {
        // The rows are paired so that two steps of shuffles give the lanes in order.
        let (a, b) = (self.pair(rows[0], rows[2], half), self.pair(rows[1], rows[3], half));
        let (c, d) = (self.pair(rows[4], rows[6], half), self.pair(rows[5], rows[7], half));
        // SAFETY: as in `splat`.
        unsafe {
            let (ab0, ab1) = (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
            let (cd0, cd1) = (_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
            [
                _mm512_shuffle_i64x2::<0x88>(ab0, cd0),
                _mm512_shuffle_i64x2::<0x88>(ab1, cd1),
                _mm512_shuffle_i64x2::<0xdd>(ab0, cd0),
                _mm512_shuffle_i64x2::<0xdd>(ab1, cd1),
            ]
        }
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

impl<M: Multiply> Vector for M {}

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
