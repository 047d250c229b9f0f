//! One signature: lanes are its points.
//!
//! Each lane adds every eighth point without inversions, then the lanes are added together in three steps, all of them
//! doing the same in the end.

use super::field::{Field, MAX_LANES};
use super::group::{matches, outcome};
use super::jacobian::Jacobian;
use super::table::{Entry, Table};
use super::tree::Affine;
use super::{Job, Multiplier, Outcome};

/// Rows of the largest two tables: windows of two bits.
const MAX_ROWS: usize = 256;

/// Verifies by two tables; a key without one is left to other code as exceptional.
#[inline(always)]
pub(super) fn verify<F: Field>(f: F, g: &Table, job: &Job) -> Outcome {
    let Multiplier::Table(key) = job.key else {
        return Outcome::Exceptional;
    };
    let (u1, u2) = (g.digits(&job.u1), key.digits(&job.u2));
    let mut picked: [(&Entry, bool); MAX_ROWS] = [g.pick(&u1, 0); MAX_ROWS];
    let count = g.rows() + key.rows();
    for (row, place) in picked[..g.rows()].iter_mut().enumerate() {
        *place = g.pick(&u1, row);
    }
    for (row, place) in picked[g.rows()..count].iter_mut().enumerate() {
        *place = key.pick(&u2, row);
    }
    let picked = &picked[..count];

    let mut sum: Option<Jacobian<F>> = None;
    let mut waiting: Option<Affine<F>> = None;
    for points in picked.chunks(F::LANES) {
        let mut entries = [points[0].0; MAX_LANES];
        let mut negative = 0;
        for (lane, &(entry, minus)) in points.iter().enumerate() {
            entries[lane] = entry;
            negative |= u8::from(minus) << lane;
        }
        let (x, y) = f.load(&entries, negative);
        let next = Affine { x, y };
        match (sum, waiting.take()) {
            (None, None) => waiting = Some(next),
            (None, Some(first)) => {
                let both = Jacobian::from_sum(f, &first, &next);
                let missing = lanes_from(points.len());
                sum = Some(both.replace(f, &Jacobian::from_affine(f, &first), missing));
            }
            (Some(before), _) => {
                sum = Some(
                    before
                        .add_affine(f, &next)
                        .replace(f, &before, lanes_from(points.len())),
                )
            }
        }
    }
    // Two scalars have more digits than there are lanes, so there were at least two rounds.
    let Some(mut sum) = sum else {
        return Outcome::Exceptional;
    };
    let mut by = F::LANES / 2;
    while by > 0 {
        sum = sum.add_swapped(f, by);
        by /= 2;
    }
    outcome(f.zero_lanes(&sum.z), matches(f, &sum, &[job.x; MAX_LANES]), 0)
}

/// The lanes from `count` on.
fn lanes_from(count: usize) -> u8 {
    u8::MAX
        .checked_shl(u32::try_from(count).unwrap_or(u32::MAX))
        .unwrap_or(0)
}
