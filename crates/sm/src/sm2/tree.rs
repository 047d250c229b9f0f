//! Many verifications with tables at once, in affine form.
//!
//! A verification is the sum of some 40 to 100 table entries. All are laid out, neighbours are added in pairs, then the sums, and so on:
//! a tree of seven levels. On a level all additions of all verifications are independent, so that they share one inversion and run
//! four abreast. An affine addition is then five multiplications and a square, half of what other forms need.
//!
//! An affine addition cannot add equal or opposite points. Where two abscissas are equal, the verification is marked and
//! answered by [`single`](super::single) instead; its sum goes on with a one in the place of the zero, and harms no neighbour.
#![forbid(unsafe_code)]

use super::{
    field::{Fe, Field},
    point::{Affine, candidates},
    scalar::Equation,
    table::{Table, invert_all},
};

/// Verifications that go through the tree together. Their points fill 200 to 400 KB, which the second cache holds.
pub(super) const BATCH: usize = 64;

/// One verification of a batch.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub key: &'a Table,
    pub equation: Equation,
}

/// Answers each task, or `None` where its sum met an exceptional case.
pub(super) fn verify<F: Field>(f: F, base: &Table, tasks: &[Task<'_>]) -> Vec<Option<bool>> {
    let mut tree = Tree::default();
    tasks
        .chunks(BATCH)
        .flat_map(|tasks| tree.verify(f, base, tasks))
        .collect()
}

#[derive(Default)]
struct Tree {
    points: Vec<Affine>,
    sums: Vec<Sum>,
    inverses: Vec<Fe>,
    scratch: Vec<Fe>,
}

/// The points that are still to be added up for one task.
struct Sum {
    start: usize,
    left: usize,
    exceptional: bool,
}

impl Tree {
    fn verify<F: Field>(&mut self, f: F, base: &Table, tasks: &[Task<'_>]) -> Vec<Option<bool>> {
        self.gather(f, base, tasks);
        while let most @ 2.. = self.sums.iter().map(|sum| sum.left).max().unwrap_or(0) {
            self.level(f, most == 2);
        }
        self.sums
            .iter()
            .zip(tasks)
            .map(|(sum, task)| {
                let point = self.points.get(sum.start).filter(|_| !sum.exceptional)?;
                // No digits at all would be infinity; a number that is not zero has some.
                Some(sum.left == 1 && candidates(&task.equation.x).any(|x| f.enter(&x) == point.x))
            })
            .collect()
    }

    /// Copies the entries out of their tables, which are far larger than any cache: those of the next task are already under way.
    fn gather<F: Field>(&mut self, f: F, base: &Table, tasks: &[Task<'_>]) {
        self.points.clear();
        self.sums.clear();
        let mut next: Vec<(&Affine, bool)> = Vec::new();
        let mut this = Vec::new();
        for task in tasks.iter().map(Some).chain([None]) {
            std::mem::swap(&mut this, &mut next);
            next.clear();
            if let Some(Task { key, equation }) = task {
                next.extend(base.addends(&equation.u1));
                next.extend(key.addends(&equation.u2));
                next.iter().for_each(|(point, _)| f.prefetch(point));
            }
            if this.is_empty() {
                continue;
            }
            self.sums.push(Sum {
                start: self.points.len(),
                left: this.len(),
                exceptional: false,
            });
            self.points.extend(this.iter().map(|(point, negative)| Affine {
                x: point.x,
                y: if *negative { f.neg(&point.y) } else { point.y },
            }));
        }
    }

    /// Halves every sum. On the last level only abscissas are wanted.
    fn level<F: Field>(&mut self, f: F, last: bool) {
        let Self {
            points,
            sums,
            inverses,
            scratch,
        } = self;
        inverses.clear();
        for sum in sums.iter_mut() {
            let points = points.get(sum.start..sum.start + sum.left).unwrap_or_default();
            for [a, b] in points.as_chunks::<2>().0 {
                let run = f.sub(&b.x, &a.x);
                let meet = run.is_zero();
                sum.exceptional |= meet;
                inverses.push(if meet { Fe::ONE } else { run });
            }
        }
        invert_all(f, inverses, scratch);
        let mut inverses = inverses.as_slice();
        for sum in sums.iter_mut() {
            let points = points.get_mut(sum.start..sum.start + sum.left).unwrap_or_default();
            let pairs = points.len() / 2;
            let (own, rest) = inverses.split_at_checked(pairs).unwrap_or_default();
            inverses = rest;
            if last {
                add_pairs::<F, true>(f, points, own);
            } else {
                add_pairs::<F, false>(f, points, own);
            }
            if points.len() % 2 == 1 {
                points[pairs] = points[points.len() - 1];
            }
            sum.left = points.len().div_ceil(2);
        }
    }
}

/// Adds neighbours; sum `i` takes the place of point `i`, which was added before.
fn add_pairs<F: Field, const LAST: bool>(f: F, points: &mut [Affine], inverses: &[Fe]) {
    let (chunks, rest) = inverses.as_chunks::<4>();
    for (i, inverses) in chunks.iter().enumerate() {
        add_abreast::<F, 4, LAST>(f, points, 4 * i, inverses);
    }
    for (i, inverse) in rest.iter().enumerate() {
        add_abreast::<F, 1, LAST>(f, points, 4 * chunks.len() + i, &[*inverse]);
    }
}

/// Adds `N` pairs step by step, so that the processor finds `N` multiplications that do not wait for each other.
#[inline(always)]
fn add_abreast<F: Field, const N: usize, const LAST: bool>(f: F, points: &mut [Affine], at: usize, inverses: &[Fe; N]) {
    let Some(pairs) = points
        .get(2 * at..)
        .and_then(|pairs| pairs.as_chunks::<2>().0.first_chunk::<N>())
    else {
        return;
    };
    let mut sums = [Affine::G; N];
    let mut slopes = [Fe::ONE; N];
    for i in 0..N {
        let [a, b] = &pairs[i];
        slopes[i] = f.mul(&f.sub(&b.y, &a.y), &inverses[i]);
    }
    for i in 0..N {
        let [a, b] = &pairs[i];
        sums[i].x = f.sub(&f.sub(&f.sqr(&slopes[i]), &a.x), &b.x);
    }
    if !LAST {
        for i in 0..N {
            let [a, _] = &pairs[i];
            sums[i].y = f.sub(&f.mul(&slopes[i], &f.sub(&a.x, &sums[i].x)), &a.y);
        }
    }
    if let Some(out) = points.get_mut(at..).and_then(|points| points.first_chunk_mut::<N>()) {
        *out = sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::{field::portable::Portable, scalar::N, single};

    /// With `Q = G` and tables of equal windows, the halves of the tree are equal when the multipliers are, and opposite when those are.
    #[test]
    fn equal_and_opposite_sums_are_marked_and_harm_no_neighbour() {
        let f = Portable;
        let table = Table::new(f, &Affine::G, 8);
        // Thirty-two digits, none of them zero, so that each multiple fills half of the tree.
        let number = |i: u64| [i * 0x0101_0101_0101_0101; 4];
        let negated = |k: [u64; 4]| crate::sm2::field::portable::sub(&N, &k).0;
        // 2G in affine form: one entry of the table.
        let two = table.addends(&[2, 0, 0, 0]).next().unwrap().0.x;
        let task = |u1, u2, x| Task {
            key: &table,
            equation: Equation { u1, u2, x },
        };
        let tasks = [
            task(number(1), number(2), [5, 0, 0, 0]),
            task(number(3), number(3), [5, 0, 0, 0]),
            task([1, 0, 0, 0], [1, 0, 0, 0], f.leave(&two)),
            task([3, 0, 0, 0], negated([1, 0, 0, 0]), f.leave(&two)),
            task(number(4), negated(number(4)), [0; 4]),
            task(number(5), number(6), [6, 0, 0, 0]),
        ];
        let answers = verify(f, &table, &tasks);
        assert_eq!(answers, [Some(false), None, None, Some(true), None, Some(false)]);
        let whole = tasks.map(|task| single::prepared(f, &table, task.key, &task.equation));
        assert_eq!(whole, [false, false, true, true, false, false]);
        let plain = tasks.map(|task| single::plain(f, &Affine::G, &task.equation));
        assert_eq!(plain, whole);
    }
}
