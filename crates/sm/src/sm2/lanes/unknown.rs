//! Keys without a table: each lane multiplies its own point by its own scalar, five bits a step.

use super::digits::{self, Digits};
use super::field::{Field, MAX_LANES};
use super::group::Group;
use super::jacobian::Jacobian;
use super::table::Entry;
use super::tree::{Affine, Prefixes, Step, add_all};
use super::{Multiplier, group};

/// Bits a digit: sixteen odd multiples of each key.
const WINDOW: u32 = 5;
const HALF: usize = 1 << (WINDOW - 1);

/// The product u2·Q of each group whose keys have no tables.
#[inline(always)]
pub(super) fn multiply<F: Field>(f: F, groups: &[Group]) -> Vec<Option<Jacobian<F>>> {
    let mut out = vec![None; groups.len()];
    let plain: Vec<usize> = (0..groups.len())
        .filter(|&number| groups[number].key_rows == 0)
        .collect();
    if plain.is_empty() {
        return out;
    }
    // The odd multiples of all keys together, so that they share inversions.
    let spaced = HALF + 2;
    let mut points = Vec::with_capacity(plain.len() * spaced);
    for &number in &plain {
        let coordinates = groups[number].jobs.map(|job| match job.key {
            Multiplier::Point { x, y } => (x, y),
            Multiplier::Table(_) => ([0; 4], [0; 4]),
        });
        let x = f.loosen(&f.enter(&coordinates.map(|(x, _)| x)));
        let y = f.loosen(&f.enter(&coordinates.map(|(_, y)| y)));
        points.extend([Affine { x, y }; HALF + 2]);
    }
    odd_multiples(f, &mut points, plain.len());
    for (position, &number) in plain.iter().enumerate() {
        let mut entries = Vec::with_capacity(HALF);
        for point in &points[position * spaced..][..HALF] {
            entries.push(f.store(&f.tighten(&point.x), &f.tighten(&point.y)));
        }
        out[number] = Some(multiply_group(f, &groups[number], &entries));
    }
    out
}

/// Fills slots 1 to 15 of each key with 3, 5 … 31 times slot 0.
#[inline(always)]
fn odd_multiples<F: Field>(f: F, points: &mut [Affine<F>], keys: usize) {
    let spaced = HALF + 2;
    let mut prefixes = Prefixes::new();
    let (mut even, mut next) = (HALF, HALF + 1);
    let mut steps: Vec<Step> = (0..keys)
        .map(|key| Step {
            into: key * spaced + even,
            a: key * spaced,
            b: key * spaced,
        })
        .collect();
    add_all(f, points, &steps, &mut prefixes, |_, _| ());
    let mut count = 1;
    while count < HALF {
        steps.clear();
        for start in (0..keys).map(|key| key * spaced) {
            steps.extend((0..count).map(|j| Step {
                into: start + count + j,
                a: start + even,
                b: start + j,
            }));
            if 2 * count < HALF {
                steps.push(Step {
                    into: start + next,
                    a: start + even,
                    b: start + even,
                });
            }
        }
        add_all(f, points, &steps, &mut prefixes, |_, _| ());
        (even, next) = (next, even);
        count *= 2;
    }
}

#[inline(always)]
fn multiply_group<F: Field>(f: F, group: &group::Group, entries: &[[Entry; MAX_LANES]]) -> Jacobian<F> {
    let digits = group.jobs.map(|job| Digits::new(&job.u2, WINDOW));
    let rows = digits::count(WINDOW);
    let mut sum = Jacobian::from_affine(f, &pick(f, &digits, entries, rows - 1));
    for row in (0..rows - 1).rev() {
        for _ in 0..WINDOW {
            sum = sum.double(f);
        }
        sum = sum.add_affine(f, &pick(f, &digits, entries, row));
    }
    sum
}

/// The multiple that each lane adds in one row.
#[inline(always)]
fn pick<F: Field>(f: F, digits: &[Digits; MAX_LANES], entries: &[[Entry; MAX_LANES]], row: usize) -> Affine<F> {
    let mut picked = [&entries[0][0]; MAX_LANES];
    let mut negative = 0;
    for lane in 0..MAX_LANES {
        let (index, minus) = digits[lane].at(row);
        picked[lane] = &entries[index][lane];
        negative |= u8::from(minus) << lane;
    }
    let (x, y) = f.load(&picked, negative);
    Affine { x, y }
}
