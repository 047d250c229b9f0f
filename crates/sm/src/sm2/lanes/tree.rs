//! Many affine additions at the price of one inversion.
//!
//! Montgomery's trick runs down the list of additions in each lane; the products of the lanes are multiplied together, one
//! residue is inverted, and the way back gives each addition its inverse. Four chains run side by side, because a
//! multiplication takes longer than it keeps the multipliers busy.

use super::field::Field;
use super::inverse::invert;

const CHAINS: usize = 4;

/// A point a lane, in affine coordinates.
#[derive(Clone, Copy)]
pub(super) struct Affine<F: Field> {
    pub(super) x: F::Loose,
    pub(super) y: F::Loose,
}

/// One addition in each lane: `points[into] = points[a] + points[b]`, a doubling if a is b.
///
/// What one step writes no other step of the same list reads.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) into: usize,
    pub(super) a: usize,
    pub(super) b: usize,
}

/// Memory that is kept from one list to the next.
pub(super) struct Prefixes<F: Field>(Vec<F::Tight>);

impl<F: Field> Prefixes<F> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }
}

/// x_b - x_a, or 2y for a doubling.
#[inline(always)]
fn denominator<F: Field>(f: F, points: &[Affine<F>], step: &Step) -> F::Tight {
    let (a, b) = (&points[step.a], &points[step.b]);
    if step.a == step.b {
        f.sum(&a.y, &a.y)
    } else {
        f.difference(&b.x, &a.x)
    }
}

/// y_b - y_a, or 3(x² - 1) for a doubling.
#[inline(always)]
fn numerator<F: Field>(f: F, points: &[Affine<F>], step: &Step) -> F::Tight {
    let (a, b) = (&points[step.a], &points[step.b]);
    if step.a == step.b {
        let square = f.tighten(&f.square_sub(&f.tighten(&a.x), &f.loosen(&f.one())));
        f.small_multiple(&square, 3)
    } else {
        f.difference(&b.y, &a.y)
    }
}

/// Makes all additions of `steps`.
///
/// Lanes where the points are equal or opposite (or y is zero) get a meaningless point, and `exceptional` is told the
/// step and the lanes; no other lane is touched by it.
#[inline(always)]
pub(super) fn add_all<F: Field>(
    f: F,
    points: &mut [Affine<F>],
    steps: &[Step],
    prefixes: &mut Prefixes<F>,
    mut exceptional: impl FnMut(&Step, u8),
) {
    let prefixes = &mut prefixes.0;
    let mut products = [f.one(); CHAINS];
    prefixes.clear();
    prefixes.reserve(steps.len());
    for quad in steps.chunks(CHAINS) {
        for (product, step) in products.iter_mut().zip(quad) {
            prefixes.push(*product);
            *product = f.mul(product, &denominator(f, points, step));
        }
    }
    // The lanes to leave out, one byte a step; empty as long as no denominator is zero, which is practically always.
    let mut left_out = Vec::new();
    let mut inverses = match invert_each(f, &products) {
        Some(inverses) => inverses,
        None => {
            products = [f.one(); CHAINS];
            prefixes.clear();
            for quad in steps.chunks(CHAINS) {
                for (product, step) in products.iter_mut().zip(quad) {
                    prefixes.push(*product);
                    let value = denominator(f, points, step);
                    let zero = f.zero_lanes(&value);
                    if zero != 0 {
                        exceptional(step, zero);
                    }
                    left_out.push(zero);
                    *product = f.mul(product, &f.replace(&value, &f.one(), zero));
                }
            }
            // Nothing that is zero was left in, and p is prime.
            invert_each(f, &products).unwrap_or(products)
        }
    };
    let mut slopes = inverses;
    let mut xs = [points[0].x; CHAINS];
    for (number, quad) in steps.chunks(CHAINS).enumerate().rev() {
        let first = number * CHAINS;
        for (j, step) in quad.iter().enumerate() {
            let mut value = denominator(f, points, step);
            if let Some(&lanes) = left_out.get(first + j) {
                value = f.replace(&value, &f.one(), lanes);
            }
            slopes[j] = f.mul(&inverses[j], &prefixes[first + j]);
            inverses[j] = f.mul(&inverses[j], &value);
        }
        for (j, step) in quad.iter().enumerate() {
            slopes[j] = f.mul(&slopes[j], &numerator(f, points, step));
        }
        for (j, step) in quad.iter().enumerate() {
            // Carried, or its limbs would double from level to level. Those of y grow by addition only: see `Field`.
            let x = f.square_sub(&slopes[j], &f.plus(&points[step.a].x, &points[step.b].x));
            xs[j] = f.loosen(&f.tighten(&x));
        }
        for (j, step) in quad.iter().enumerate() {
            let a = points[step.a];
            let y = f.mul_sub(&slopes[j], &f.difference(&a.x, &xs[j]), &a.y);
            points[step.into] = Affine { x: xs[j], y };
        }
    }
}

/// Inverts all lanes of four residues with one inversion; nothing if any is zero.
#[inline(always)]
pub(super) fn invert_each<F: Field>(f: F, values: &[F::Tight; CHAINS]) -> Option<[F::Tight; CHAINS]> {
    let [a, b, c, d] = values;
    let (ab, cd) = (f.mul(a, b), f.mul(c, d));
    let mut product = f.mul(&ab, &cd);
    let mut swapped = [product; 3];
    let mut depth = 0;
    let mut by = F::LANES / 2;
    while by > 0 {
        swapped[depth] = f.swap(&product, by);
        product = f.mul(&product, &swapped[depth]);
        depth += 1;
        by /= 2;
    }
    let mut inverse = f.spread_inverse(&invert(&f.first(&product))?);
    // product = earlier product · its lanes swapped, level by level.
    while depth > 0 {
        depth -= 1;
        inverse = f.mul(&inverse, &swapped[depth]);
    }
    let (inverse_ab, inverse_cd) = (f.mul(&inverse, &cd), f.mul(&inverse, &ab));
    Some([
        f.mul(&inverse_ab, b),
        f.mul(&inverse_ab, a),
        f.mul(&inverse_cd, d),
        f.mul(&inverse_cd, c),
    ])
}
