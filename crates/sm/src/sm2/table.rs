//! Tables of the multiples of one point, in signed windows: `j·2^(window·i)·P` for every window `i` and `1 <= j <= 2^(window-1)`.
//! With one, a multiple of `P` is a sum of one entry a window, and nothing need be doubled.
#![forbid(unsafe_code)]

use super::{
    field::{Fe, Field},
    point::{Affine, Jacobian, to_affine},
    scalar,
};

/// Additions that share an inversion when a table is made: enough to make its cost vanish, few enough for the cache.
const SHARED: usize = 512;

pub(super) struct Table {
    window: u32,
    entries: Box<[Affine]>,
}

impl Table {
    /// `point` is of the curve. No addition on the way can meet an exceptional case: the order of every point is the prime `n`,
    /// and the multiples that are added are small and unlike.
    pub(super) fn new<F: Field>(f: F, point: &Affine, window: u32) -> Self {
        let mut entries = vec![Affine::G; entries(window)].into_boxed_slice();
        let half = 1 << (window - 1);
        let mut bases = Vec::new();
        let mut base = Jacobian::from(*point);
        for _ in 0..scalar::windows(window) {
            bases.push(base);
            for _ in 0..window {
                base = base.double(f);
            }
        }
        for (row, base) in entries.chunks_mut(half).zip(to_affine(f, &bases)) {
            if let Some(first) = row.first_mut() {
                *first = base;
            }
        }
        let (mut slopes, mut scratch) = (Vec::new(), Vec::new());
        let mut have = 1;
        while have < half {
            for rows in entries.chunks_mut(half * (SHARED / have).max(1)) {
                slopes.clear();
                for row in rows.chunks(half) {
                    slopes.extend(growth(row, have).map(|(a, b)| denominator(f, a, b)));
                }
                invert_all(f, &mut slopes, &mut scratch);
                let mut inverses = slopes.iter();
                for row in rows.chunks_mut(half) {
                    let (known, fresh) = row.split_at_mut(have.min(row.len()));
                    let Some(last) = known.last() else { continue };
                    for ((a, inverse), out) in known.iter().zip(&mut inverses).zip(fresh) {
                        *out = sum(f, last, a, inverse);
                    }
                }
            }
            have *= 2;
        }
        Self { window, entries }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.entries)
    }

    /// Gives the entries whose sum is `[u]P`, those to be negated marked. Zero digits have none.
    pub(super) fn addends(&self, u: &[u64; 4]) -> impl Iterator<Item = (&Affine, bool)> {
        scalar::digits(u, self.window).enumerate().filter_map(|(i, digit)| {
            let j = (digit.unsigned_abs() as usize).checked_sub(1)?;
            let entry = self.entries.get((i << (self.window - 1)) + j)?;
            Some((entry, digit < 0))
        })
    }
}

/// How many entries a table has: the last window holds few bits.
const fn entries(window: u32) -> usize {
    let last = scalar::windows(window) - 1;
    ((last as usize) << (window - 1)) + (1 << (255 - last * window))
}

/// How many bytes a table takes whose last window is as full as the others.
pub(super) const fn most_bytes(window: u32) -> usize {
    ((scalar::windows(window) as usize) << (window - 1)) * size_of::<Affine>()
}

/// The pairs of known entries of a row whose sums are the next ones: the last with each in turn.
fn growth(row: &[Affine], have: usize) -> impl Iterator<Item = (&Affine, &Affine)> {
    let fresh = row.len().saturating_sub(have).min(have);
    let known = row.get(..have).unwrap_or_default();
    known.iter().take(fresh).filter_map(|a| Some((known.last()?, a)))
}

fn denominator<F: Field>(f: F, a: &Affine, b: &Affine) -> Fe {
    if a == b { f.add(&a.y, &a.y) } else { f.sub(&b.x, &a.x) }
}

/// `a + b`, or `2a`, given the inverse of what the slope divides by.
fn sum<F: Field>(f: F, a: &Affine, b: &Affine, inverse: &Fe) -> Affine {
    let rise = if a == b {
        let less = f.sub(&f.sqr(&a.x), &Fe::ONE);
        f.add(&f.add(&less, &less), &less)
    } else {
        f.sub(&b.y, &a.y)
    };
    let slope = f.mul(&rise, inverse);
    let x = f.sub(&f.sub(&f.sqr(&slope), &a.x), &b.x);
    let y = f.sub(&f.mul(&slope, &f.sub(&a.x, &x)), &a.y);
    Affine { x, y }
}

/// Inverts every number with one inversion for all; none is zero. Four chains of products run side by side, so that a
/// multiplication seldom waits for another.
pub(super) fn invert_all<F: Field>(f: F, values: &mut [Fe], products: &mut Vec<Fe>) {
    products.resize(values.len(), Fe::ONE);
    let (chunks, rest) = values.as_chunks_mut::<4>();
    let (befores, before_rest) = products.as_chunks_mut::<4>();
    let mut chains = [Fe::ONE; 4];
    for (chunk, before) in chunks.iter().zip(befores.iter_mut()) {
        *before = chains;
        for (chain, value) in chains.iter_mut().zip(chunk) {
            *chain = f.mul(chain, value);
        }
    }
    for (value, before) in rest.iter().zip(before_rest.iter_mut()) {
        *before = chains[0];
        chains[0] = f.mul(&chains[0], value);
    }
    let [a, b, c, d] = chains;
    let (ab, cd) = (f.mul(&a, &b), f.mul(&c, &d));
    let inverse = f.invert(&f.mul(&ab, &cd));
    let (ab, cd) = (f.mul(&inverse, &cd), f.mul(&inverse, &ab));
    let mut chains = [f.mul(&ab, &b), f.mul(&ab, &a), f.mul(&cd, &d), f.mul(&cd, &c)];
    for (value, before) in rest.iter_mut().zip(before_rest).rev() {
        let inverse = f.mul(&chains[0], before);
        chains[0] = f.mul(&chains[0], value);
        *value = inverse;
    }
    for (chunk, before) in chunks.iter_mut().zip(befores).rev() {
        for ((chain, value), before) in chains.iter_mut().zip(chunk).zip(before) {
            let inverse = f.mul(chain, before);
            *chain = f.mul(chain, value);
            *value = inverse;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::field::portable::Portable;

    #[test]
    fn entries_are_the_multiples_they_stand_for() {
        for window in [4, 5, 7, 8] {
            let table = Table::new(Portable, &Affine::G, window);
            let mut base = Jacobian::from(Affine::G);
            for row in table.entries.chunks(1 << (window - 1)) {
                let addend = to_affine(Portable, &[base])[0];
                let mut multiple = Jacobian::INFINITY;
                for entry in row {
                    multiple = multiple.add_affine(Portable, &addend, false);
                    assert_eq!(to_affine(Portable, &[multiple])[0], *entry);
                }
                for _ in 0..window {
                    base = base.double(Portable);
                }
            }
        }
    }

    #[test]
    fn inverses_for_any_count() {
        let f = Portable;
        for count in 0..23u64 {
            let values: Vec<Fe> = (0..count).map(|i| f.enter(&[i + 1, i, 0, 7])).collect();
            let mut inverses = values.clone();
            invert_all(f, &mut inverses, &mut Vec::new());
            assert!(values.iter().zip(&inverses).all(|(a, b)| f.mul(a, b) == Fe::ONE));
        }
    }
}
