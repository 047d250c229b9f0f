//! Tables of a point's odd multiples in every window, one cache line a point.

use super::Width;
use super::digits::{self, Digits};
use super::field::{Field, MAX_LANES};
use super::jacobian::Jacobian;
use super::prime::Words;
use super::tree::{Affine, Prefixes, Step, add_all, invert_each};

/// x and y in Montgomery form, canonical, as little-endian words.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Entry(pub(super) [u64; 8]);

/// Row i holds (2j + 1)·2^(w·i) times the point, for j below 2^(w-1).
pub(in super::super) struct Table {
    width: Width,
    window: u32,
    entries: Vec<Entry>,
}

/// The narrowest and widest windows: below, the first row has no odd multiple but the point; above, a table of more than
/// 32 MiB is slower than a smaller one.
const WINDOWS: core::ops::RangeInclusive<u32> = 2..=16;

impl Table {
    /// Computes the table of the point (x, y), which must be on the curve: canonical little-endian words. The window is
    /// brought into 2..=16.
    ///
    /// It serves widths of the same domain only; [`verify_many`](super::verify_many) refuses others.
    pub(in super::super) fn new(width: Width, x: Words, y: Words, window: u32) -> Self {
        let window = window.clamp(*WINDOWS.start(), *WINDOWS.end());
        Self {
            width,
            window,
            entries: super::build_table(width, &x, &y, window),
        }
    }

    /// The memory that the table takes.
    pub(in super::super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.entries.len() * size_of::<Entry>()
    }

    /// The width that it was computed for.
    pub(super) fn width(&self) -> Width {
        self.width
    }

    /// How many points a multiplication by this table adds.
    pub(super) fn rows(&self) -> usize {
        digits::count(self.window)
    }

    /// Recodes a scalar for this table.
    #[inline(always)]
    pub(super) fn digits(&self, scalar: &Words) -> Digits {
        Digits::new(scalar, self.window)
    }

    /// The point that one digit stands for, and whether it is subtracted.
    #[inline(always)]
    pub(super) fn pick(&self, digits: &Digits, row: usize) -> (&Entry, bool) {
        let (index, negative) = digits.at(row);
        (self.entry(row, index), negative)
    }

    /// 2·index + 1 times the point times 2^(w·row).
    #[inline(always)]
    pub(super) fn entry(&self, row: usize, index: usize) -> &Entry {
        &self.entries[(row << (self.window - 1)) + index]
    }
}

/// The entries of a table. Lanes are windows here.
#[inline(always)]
pub(super) fn build<F: Field>(f: F, x: &Words, y: &Words, window: u32) -> Vec<Entry> {
    let rows = digits::count(window);
    let half = 1 << (window - 1);
    let mut entries = vec![Entry([0; 8]); rows * half];
    let base = Affine {
        x: f.loosen(&f.enter(&[*x; MAX_LANES])),
        y: f.loosen(&f.enter(&[*y; MAX_LANES])),
    };
    // The multiples are computed in slots below `half`; the two above hold the even multiple that each round adds.
    let mut points = vec![base; half + 2];
    let mut steps = Vec::new();
    let mut prefixes = Prefixes::new();
    let mut power = Jacobian::from_affine(f, &base);
    for start in (0..rows).step_by(F::LANES) {
        let live = F::LANES.min(rows - start);
        let mut bases = power;
        for lane in 0..live {
            bases = bases.replace(f, &power, u8::MAX << lane);
            if start + lane + 1 < rows {
                for _ in 0..window {
                    power = power.double(f);
                }
            }
        }
        points[0] = normalise(f, &[bases; 1])[0];
        odd_multiples(f, &mut points, half, &mut steps, &mut prefixes);
        for (j, point) in points[..half].iter().enumerate() {
            let stored = f.store(&f.tighten(&point.x), &f.tighten(&point.y));
            for (lane, entry) in stored.iter().enumerate().take(live) {
                entries[(start + lane) * half + j] = *entry;
            }
        }
    }
    entries
}

/// Fills slots 1, 2 … below `half` with 3, 5 … times slot 0. `half` is a power of two; two slots above it are used.
///
/// No step meets equal or opposite points: small multiples of a point of prime order differ.
#[inline(always)]
pub(super) fn odd_multiples<F: Field>(
    f: F,
    points: &mut [Affine<F>],
    half: usize,
    steps: &mut Vec<Step>,
    prefixes: &mut Prefixes<F>,
) {
    let (mut even, mut next) = (half, half + 1);
    let mut count = 1;
    steps.clear();
    steps.push(Step { into: even, a: 0, b: 0 });
    add_all(f, points, steps, prefixes, |_, _| ());
    while count < half {
        // Slots below `count` hold 1, 3 … 2·count - 1 times the point, `even` holds 2·count times.
        steps.clear();
        steps.extend((0..count).map(|j| Step {
            into: count + j,
            a: even,
            b: j,
        }));
        steps.push(Step {
            into: next,
            a: even,
            b: even,
        });
        add_all(f, points, steps, prefixes, |_, _| ());
        (even, next) = (next, even);
        count *= 2;
    }
}

/// Makes up to four Jacobian points affine; one with Z = 0 stays meaningless.
#[inline(always)]
pub(super) fn normalise<F: Field, const C: usize>(f: F, points: &[Jacobian<F>; C]) -> [Affine<F>; C] {
    let mut values = [f.one(); 4];
    for (value, point) in values.iter_mut().zip(points) {
        *value = f.replace(&point.z, &f.one(), f.zero_lanes(&point.z));
    }
    let inverses = invert_each(f, &values).unwrap_or(values);
    let mut out = [Affine {
        x: points[0].x,
        y: points[0].y,
    }; C];
    for i in 0..C {
        let square = f.square(&inverses[i]);
        out[i].x = f.loosen(&f.mul(&square, &f.tighten(&points[i].x)));
        out[i].y = f.loosen(&f.mul(&f.mul(&square, &inverses[i]), &f.tighten(&points[i].y)));
    }
    out
}
