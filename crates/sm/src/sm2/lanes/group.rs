//! A group: as many signatures as there are lanes.

use super::digits::Digits;
use super::field::{Field, MAX_LANES};
use super::jacobian::Jacobian;
use super::prime::{N, P, Words, minus, plus};
use super::table::{Entry, Table};
use super::tree::Affine;
use super::{Job, Multiplier, Outcome};

/// Up to [`MAX_LANES`] jobs whose keys have tables of the same window, or none of which has one.
pub(super) struct Group<'a> {
    /// The jobs, the last one repeated in the lanes beyond `live`.
    pub(super) jobs: [&'a Job<'a>; MAX_LANES],
    /// Where their outcomes go.
    pub(super) places: [usize; MAX_LANES],
    pub(super) live: usize,
    /// Points of the key's table that are added; zero for a key without.
    pub(super) key_rows: usize,
    /// Lanes that met equal or opposite points.
    pub(super) exceptional: u8,
}

/// The points of one row: a table entry a lane, and which of them are subtracted.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) entries: [&'a Entry; MAX_LANES],
    pub(super) negative: u8,
}

/// The rows that a table of the key gives.
pub(super) fn key_rows(job: &Job) -> usize {
    match job.key {
        Multiplier::Table(table) => table.rows(),
        Multiplier::Point { .. } => 0,
    }
}

impl<'a> Group<'a> {
    /// Groups the jobs at `places`, of which there is at least one and at most as many as lanes.
    pub(super) fn new(jobs: &'a [Job<'a>], places: &[usize]) -> Self {
        let place = |lane: usize| places[lane.min(places.len() - 1)];
        let mut group = Self {
            jobs: [&jobs[place(0)]; MAX_LANES],
            places: [place(0); MAX_LANES],
            live: places.len(),
            key_rows: key_rows(&jobs[place(0)]),
            exceptional: 0,
        };
        for lane in 0..MAX_LANES {
            group.jobs[lane] = &jobs[place(lane)];
            group.places[lane] = place(lane);
        }
        group
    }

    /// Looks up the entries of all rows, `g` first, and hands them on in order.
    #[inline(always)]
    pub(super) fn rows(&self, g: &'a Table, mut take: impl FnMut(Row<'a>)) {
        let digits: [Digits; MAX_LANES] = self.jobs.map(|job| g.digits(&job.u1));
        self.walk(g.rows(), |lane, row| g.pick(&digits[lane], row), &mut take);
        if let Multiplier::Table(first) = self.jobs[0].key {
            let mut tables = [first; MAX_LANES];
            for (table, job) in tables.iter_mut().zip(self.jobs) {
                if let Multiplier::Table(own) = job.key {
                    *table = own;
                }
            }
            let mut lane = 0;
            let digits = tables.map(|table| {
                lane += 1;
                table.digits(&self.jobs[lane - 1].u2)
            });
            self.walk(
                self.key_rows,
                |lane, row| tables[lane].pick(&digits[lane], row),
                &mut take,
            );
        }
    }

    #[inline(always)]
    fn walk(&self, rows: usize, pick: impl Fn(usize, usize) -> (&'a Entry, bool), take: &mut impl FnMut(Row<'a>)) {
        for row in 0..rows {
            let mut picked = Row {
                entries: [pick(0, row).0; MAX_LANES],
                negative: 0,
            };
            for lane in 0..MAX_LANES {
                let (entry, negative) = pick(lane, row);
                picked.entries[lane] = entry;
                picked.negative |= u8::from(negative) << lane;
            }
            take(picked);
        }
    }

    /// Adds up what is left of a group and compares: X against x·Z².
    #[inline(always)]
    pub(super) fn finish<F: Field>(
        &self,
        f: F,
        start: Option<Jacobian<F>>,
        mut points: impl Iterator<Item = Affine<F>>,
        out: &mut [Outcome],
    ) {
        let mut sum = match (start, points.next()) {
            (Some(sum), Some(p)) => sum.add_affine(f, &p),
            (Some(sum), None) => sum,
            (None, Some(p)) => match points.next() {
                Some(q) => Jacobian::from_sum(f, &p, &q),
                None => Jacobian::from_affine(f, &p),
            },
            (None, None) => return,
        };
        for p in points {
            sum = sum.add_affine(f, &p);
        }
        let exceptional = self.exceptional | f.zero_lanes(&sum.z);
        let right = matches(f, &sum, &self.jobs.map(|job| job.x));
        for lane in 0..self.live {
            out[self.places[lane]] = outcome(exceptional, right, lane);
        }
    }
}

/// The outcome of one lane.
pub(super) fn outcome(exceptional: u8, right: u8, lane: usize) -> Outcome {
    if exceptional >> lane & 1 != 0 {
        Outcome::Exceptional
    } else if right >> lane & 1 != 0 {
        Outcome::Right
    } else {
        Outcome::Wrong
    }
}

/// The lanes where the affine x of `sum` is the wanted one, or that plus n if this is still below p.
#[inline(always)]
pub(super) fn matches<F: Field>(f: F, sum: &Jacobian<F>, wanted: &[Words; MAX_LANES]) -> u8 {
    let zz = f.square(&sum.z);
    let mut lanes = equal(f, sum, &zz, wanted);
    // p - n is below 2^128, so that one signature in 2^128 comes here unless it was made to.
    if wanted.iter().any(|x| x[2] | x[3] == 0) {
        let mut second = *wanted;
        let mut possible = 0;
        for (lane, x) in second.iter_mut().enumerate() {
            let (more, carry) = plus(x, &N);
            if !carry && minus(&more, &P).1 {
                *x = more;
                possible |= 1 << lane;
            }
        }
        lanes |= equal(f, sum, &zz, &second) & possible;
    }
    lanes
}

/// The lanes where X is x·Z².
#[inline(always)]
fn equal<F: Field>(f: F, sum: &Jacobian<F>, zz: &F::Tight, wanted: &[Words; MAX_LANES]) -> u8 {
    let x = f.mul(&f.enter(wanted), zz);
    f.zero_lanes(&f.difference(&f.loosen(&x), &sum.x))
}
