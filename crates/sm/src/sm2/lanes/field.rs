//! What the algorithms ask of a width: residues modulo p, one in each lane.
//!
//! A value of a type that implements [`Field`] is a *token*: it can be had only where the processor has the instructions,
//! so its methods are safe to call. They are fast only when inlined into a function that enables those instructions;
//! that is why everything here and above is `#[inline(always)]` and entered through one function a width.
//!
//! Residues are in Montgomery form, and lazily reduced. Two types say how far:
//!
//! - `Tight`: carried limbs, a value in `0..4p`. Only these may be multiplied.
//! - `Loose`: signed limbs that were not carried. Only sums and differences take these. What multiplications give lies in
//!   `0..1.1p`, a coordinate of a table in `0..=p`. The limbs of what [`mul_sub`](Field::mul_sub) gives are those of s and
//!   less than 2^57 more: it may be chained 32 times before someone must carry.

use super::prime::Words;
use super::table::Entry;

/// The widest width; narrower ones use the first lanes of such an array.
pub(super) const MAX_LANES: usize = 8;

/// Arithmetic modulo p in all lanes at once.
pub(super) trait Field: Copy {
    /// How many residues are computed at once, at most [`MAX_LANES`].
    const LANES: usize;
    type Tight: Copy;
    type Loose: Copy;

    /// a·b, below 2p.
    fn mul(self, a: &Self::Tight, b: &Self::Tight) -> Self::Tight;
    /// a², below 2p.
    fn square(self, a: &Self::Tight) -> Self::Tight;
    /// a·b - s, for s in `-2p..6p`.
    fn mul_sub(self, a: &Self::Tight, b: &Self::Tight, s: &Self::Loose) -> Self::Loose;
    /// a² - s, for s in `-2p..6p`.
    fn square_sub(self, a: &Self::Tight, s: &Self::Loose) -> Self::Loose;
    /// a·b + c·d.
    fn dot(self, a: &Self::Tight, b: &Self::Tight, c: &Self::Tight, d: &Self::Tight) -> Self::Loose;

    /// a - b, for a difference in `-2p..2p`.
    fn difference(self, a: &Self::Loose, b: &Self::Loose) -> Self::Tight;
    /// a + b, for a sum in `0..4p`.
    fn sum(self, a: &Self::Loose, b: &Self::Loose) -> Self::Tight;
    /// a + b, carried by nobody.
    fn plus(self, a: &Self::Loose, b: &Self::Loose) -> Self::Loose;
    /// k·a below 1.1p, for k up to 4.
    fn small_multiple(self, a: &Self::Tight, k: u64) -> Self::Tight;
    /// -k·a, for k·a in `0..=4p`.
    fn negative_multiple(self, a: &Self::Loose, k: u64) -> Self::Tight;
    /// Carries a value in `-2p..2p`.
    fn tighten(self, a: &Self::Loose) -> Self::Tight;
    /// Takes carried limbs for uncarried ones.
    fn loosen(self, a: &Self::Tight) -> Self::Loose;

    /// The lanes where a is 0 modulo p, as bits.
    fn zero_lanes(self, a: &Self::Tight) -> u8;
    /// a, but b in the lanes of `lanes`.
    fn replace(self, a: &Self::Tight, b: &Self::Tight, lanes: u8) -> Self::Tight;
    /// The same of uncarried limbs.
    fn replace_loose(self, a: &Self::Loose, b: &Self::Loose, lanes: u8) -> Self::Loose;
    /// Swaps each lane with the one whose number differs by the bit `by`: 4, 2 or 1, below the number of lanes.
    fn swap(self, a: &Self::Tight, by: usize) -> Self::Tight;

    /// One, in Montgomery form.
    fn one(self) -> Self::Tight;
    /// Takes canonical integers into Montgomery form.
    fn enter(self, values: &[Words; MAX_LANES]) -> Self::Tight;
    /// The canonical integer of the first lane, *in* Montgomery form.
    fn first(self, a: &Self::Tight) -> Words;
    /// Inverts a Montgomery form that [`first`](Self::first) gave and [`invert`](super::inverse::invert) inverted:
    /// into all lanes, back in Montgomery form.
    fn spread_inverse(self, inverse: &Words) -> Self::Tight;
    /// Loads one point a lane; y is negated in the lanes of `negative`.
    fn load(self, entries: &[&Entry; MAX_LANES], negative: u8) -> (Self::Loose, Self::Loose);
    /// Canonical points, one a lane, to be loaded later.
    fn store(self, x: &Self::Tight, y: &Self::Tight) -> [Entry; MAX_LANES];
}
