//! Many signatures: lanes are signatures.
//!
//! The points of each signature are added pairwise, level by level, with one inversion a level for the whole batch. When a
//! level has too few additions to pay for its inversion the rest is added without any.

#![expect(unsafe_code, reason = "a prefetch")]

use super::field::Field;
use super::group::{Group, Row, key_rows};
use super::table::Table;
use super::tree::{Affine, Prefixes, Step, add_all};
use super::{Job, Outcome, single, unknown};

/// How many groups share their inversions: more save little and leave the second-level cache.
const GROUPS: usize = 16;

/// The additions that pay for an inversion, in vectors: an addition without costs about 200 cycles more, an inversion 5000.
const WORTH_INVERTING: usize = 24;

/// A group of so few signatures is faster one at a time.
const FEW: usize = 2;

#[inline(always)]
pub(super) fn verify_many<F: Field>(f: F, g: &Table, jobs: &[Job], out: &mut [Outcome]) {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    if jobs.windows(2).any(|pair| key_rows(&pair[0]) != key_rows(&pair[1])) {
        // A group adds equally many points in all lanes.
        order.sort_by_key(|&place| core::cmp::Reverse(key_rows(&jobs[place])));
    }
    let mut groups = Vec::with_capacity(jobs.len().div_ceil(F::LANES));
    for alike in order.chunk_by(|&a, &b| key_rows(&jobs[a]) == key_rows(&jobs[b])) {
        for places in alike.chunks(F::LANES) {
            if places.len() <= FEW && key_rows(&jobs[places[0]]) > 0 {
                for &place in places {
                    out[place] = single::verify(f, g, &jobs[place]);
                }
            } else {
                groups.push(Group::new(jobs, places));
            }
        }
    }
    let mut scratch = Scratch {
        points: Vec::new(),
        steps: Vec::new(),
        prefixes: Prefixes::new(),
    };
    for groups in groups.chunks_mut(GROUPS) {
        verify_groups(f, g, groups, &mut scratch, out);
    }
}

/// Memory that is kept from one chunk to the next.
struct Scratch<F: Field> {
    points: Vec<Affine<F>>,
    steps: Vec<Step>,
    prefixes: Prefixes<F>,
}

#[inline(always)]
fn verify_groups<F: Field>(f: F, g: &Table, groups: &mut [Group], scratch: &mut Scratch<F>, out: &mut [Outcome]) {
    let Scratch {
        points,
        steps,
        prefixes,
    } = scratch;
    let slots = groups.iter().map(|group| g.rows() + group.key_rows).max().unwrap_or(0);
    points.clear();
    points.reserve(slots * groups.len());
    // Rows are looked up, and their lines asked for, one group ahead of their use.
    let mut ahead: Vec<Row> = Vec::with_capacity(slots);
    let mut rows: Vec<Row> = Vec::with_capacity(slots);
    for number in 0..=groups.len() {
        core::mem::swap(&mut ahead, &mut rows);
        ahead.clear();
        if let Some(group) = groups.get(number) {
            group.rows(g, |row| {
                row.entries.iter().copied().for_each(fetch);
                ahead.push(row);
            });
        }
        if number > 0 {
            for row in &rows {
                let (x, y) = f.load(&row.entries, row.negative);
                points.push(Affine { x, y });
            }
            // Groups lie `slots` apart.
            let last = points[points.len() - 1];
            points.resize(number * slots, last);
        }
    }

    let mut left: Vec<usize> = groups.iter().map(|group| g.rows() + group.key_rows).collect();
    let mut stride = 1;
    while left.iter().map(|rows| rows / 2).sum::<usize>() >= WORTH_INVERTING {
        steps.clear();
        for (number, rows) in left.iter_mut().enumerate() {
            let start = number * slots;
            steps.extend((0..*rows / 2).map(|pair| {
                let a = start + 2 * pair * stride;
                Step {
                    into: a,
                    a,
                    b: a + stride,
                }
            }));
            *rows = rows.div_ceil(2);
        }
        add_all(f, points, steps, prefixes, |step, lanes| {
            groups[step.a / slots].exceptional |= lanes
        });
        stride *= 2;
    }
    let starts = unknown::multiply(f, groups);
    for ((number, group), start) in groups.iter().enumerate().zip(starts) {
        let rest = (0..left[number]).map(|row| points[number * slots + row * stride]);
        group.finish(f, start, rest, out);
    }
}

/// Asks for a line of memory that will be read soon.
#[inline(always)]
fn fetch<T>(line: &T) {
    // SAFETY: a prefetch reads nothing as far as the program can tell, and every x86-64 has SSE.
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(core::ptr::from_ref(line).cast());
    }
}
