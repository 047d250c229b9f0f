//! Points without inversions: x = X/Z², y = Y/Z³, with a = -3.
//!
//! None of these formulas asks for exceptions. Where equal or opposite points are added Z becomes zero, and every further
//! addition keeps it so: one look at the end tells.

use super::field::Field;
use super::tree::Affine;

/// A point a lane.
#[derive(Clone, Copy)]
pub(super) struct Jacobian<F: Field> {
    pub(super) x: F::Loose,
    pub(super) y: F::Loose,
    pub(super) z: F::Tight,
}

impl<F: Field> Jacobian<F> {
    #[inline(always)]
    pub(super) fn from_affine(f: F, p: &Affine<F>) -> Self {
        Self {
            x: p.x,
            y: p.y,
            z: f.one(),
        }
    }

    /// Adds two affine points: 4M + 2S.
    #[inline(always)]
    pub(super) fn from_sum(f: F, p: &Affine<F>, q: &Affine<F>) -> Self {
        let h = f.difference(&q.x, &p.x);
        let r = f.difference(&q.y, &p.y);
        Self::from_differences(f, &f.tighten(&p.x), &p.y, &h, &r, h)
    }

    /// Adds an affine point: 8M + 3S, the last two products reduced as one.
    #[inline(always)]
    pub(super) fn add_affine(&self, f: F, q: &Affine<F>) -> Self {
        let zz = f.square(&self.z);
        let u = f.mul(&zz, &f.tighten(&q.x));
        let zzz = f.mul(&zz, &self.z);
        let s = f.mul(&zzz, &f.tighten(&q.y));
        let h = f.difference(&f.loosen(&u), &self.x);
        let r = f.difference(&f.loosen(&s), &self.y);
        let z = f.mul(&self.z, &h);
        Self::from_differences(f, &f.tighten(&self.x), &self.y, &h, &r, z)
    }

    /// Adds to each lane the one whose number differs by the bit `by`; both then hold the same sum.
    #[inline(always)]
    pub(super) fn add_swapped(&self, f: F, by: usize) -> Self {
        let zz = f.square(&self.z);
        let zzz = f.mul(&zz, &self.z);
        // What the one lane brings up to the common denominator the other one needs as well.
        let u = f.mul(&f.tighten(&self.x), &f.swap(&zz, by));
        let s = f.mul(&f.tighten(&self.y), &f.swap(&zzz, by));
        let z = f.mul(&self.z, &f.swap(&self.z, by));
        let h = f.difference(&f.loosen(&f.swap(&u, by)), &f.loosen(&u));
        let r = f.difference(&f.loosen(&f.swap(&s, by)), &f.loosen(&s));
        let z = f.mul(&z, &h);
        Self::from_differences(f, &u, &f.loosen(&s), &h, &r, z)
    }

    /// What all additions share: (u, s) is one point and (u + h, s + r) the other, over the same denominator.
    #[inline(always)]
    fn from_differences(f: F, u: &F::Tight, s: &F::Loose, h: &F::Tight, r: &F::Tight, z: F::Tight) -> Self {
        let hh = f.square(h);
        let hhh = f.mul(&hh, h);
        let v = f.loosen(&f.mul(&hh, u));
        // HHH + 2V is below 2p + 2·1.5p.
        let x = f.square_sub(r, &f.plus(&f.loosen(&hhh), &f.plus(&v, &v)));
        let y = f.dot(r, &f.difference(&v, &x), &f.negative_multiple(s, 1), &hhh);
        Self { x, y, z }
    }

    /// Doubles: 4M + 4S, two of the products reduced as one.
    #[inline(always)]
    pub(super) fn double(&self, f: F) -> Self {
        let zz = f.loosen(&f.square(&self.z));
        let x = f.tighten(&self.x);
        let yy = f.square(&f.tighten(&self.y));
        let z = f.mul(&f.sum(&self.y, &self.y), &self.z);
        let slope = f.mul(&f.difference(&self.x, &zz), &f.sum(&self.x, &zz));
        let slope = f.small_multiple(&slope, 3);
        let four = f.small_multiple(&yy, 4);
        let s = f.loosen(&f.mul(&x, &four));
        let x = f.square_sub(&slope, &f.plus(&s, &s));
        let y = f.dot(
            &slope,
            &f.difference(&s, &x),
            &four,
            &f.negative_multiple(&f.loosen(&yy), 2),
        );
        Self { x, y, z }
    }

    /// Replaces this point by `other` in the lanes of `lanes`.
    #[inline(always)]
    pub(super) fn replace(&self, f: F, other: &Self, lanes: u8) -> Self {
        Self {
            x: f.replace_loose(&self.x, &other.x, lanes),
            y: f.replace_loose(&self.y, &other.y, lanes),
            z: f.replace(&self.z, &other.z, lanes),
        }
    }
}
