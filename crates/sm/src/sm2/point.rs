//! Points of `y² = x³ - 3x + b` and how to add them.
//!
//! Every function here is complete: it is right for equal points, opposite points and infinity.
#![forbid(unsafe_code)]

use super::field::{Fe, Field, P, portable};

/// A point that is not at infinity. Aligned so that one line of cache holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Affine {
    pub x: Fe,
    pub y: Fe,
}

impl Affine {
    /// The base point, GB/T 32918.5-2017, 2.
    pub(super) const G: Self = Self {
        x: Fe([
            0x6132_8990_f418_029e,
            0x3e79_81ed_dca6_c050,
            0xd6a1_ed99_ac24_c3c3,
            0x9116_7a5e_e1c1_3b05,
        ]),
        y: Fe([
            0xc135_4e59_3c2d_0ddd,
            0xc1f5_e578_8d32_95fa,
            0x8d4c_fb06_6e2a_48f8,
            0x63cd_65d4_81d7_35bd,
        ]),
    };
}

/// A point as `(x/z², y/z³)`; at infinity `z` is zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jacobian {
    pub x: Fe,
    pub y: Fe,
    pub z: Fe,
}

/// A point with `z²` and `z³`, which an addition wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addend {
    pub point: Jacobian,
    zz: Fe,
    zzz: Fe,
}

impl Addend {
    pub(super) fn new<F: Field>(f: F, point: Jacobian) -> Self {
        let zz = f.sqr(&point.z);
        let zzz = f.mul(&zz, &point.z);
        Self { point, zz, zzz }
    }
}

impl From<Affine> for Jacobian {
    fn from(Affine { x, y }: Affine) -> Self {
        Self { x, y, z: Fe::ONE }
    }
}

impl Jacobian {
    pub(super) const INFINITY: Self = Self {
        x: Fe::ONE,
        y: Fe::ONE,
        z: Fe::ZERO,
    };

    /// Four multiplications and four squares, in an order in which neighbours seldom wait for each other. Infinity stays there.
    #[inline(always)]
    pub(super) fn double<F: Field>(&self, f: F) -> Self {
        let zz = f.sqr(&self.z);
        let y2 = f.add(&self.y, &self.y);
        let yy4 = f.sqr(&y2);
        let slope = f.mul(&f.add(&self.x, &zz), &f.sub(&self.x, &zz));
        let xyy4 = f.mul(&yy4, &self.x);
        let slope = f.add(&f.add(&slope, &slope), &slope);
        let slope2 = f.sqr(&slope);
        let z = f.mul(&y2, &self.z);
        let y8 = f.halve(&f.sqr(&yy4));
        let x = f.sub(&f.sub(&slope2, &xyy4), &xyy4);
        let y = f.sub(&f.mul(&slope, &f.sub(&xyy4, &x)), &y8);
        Self { x, y, z }
    }

    /// Adds `other`, or its opposite.
    #[inline(always)]
    pub(super) fn add_affine<F: Field>(&self, f: F, other: &Affine, negative: bool) -> Self {
        let y2 = if negative { f.neg(&other.y) } else { other.y };
        if self.z.is_zero() {
            return Affine { x: other.x, y: y2 }.into();
        }
        let zz = f.sqr(&self.z);
        let zzz = f.mul(&zz, &self.z);
        let u = f.mul(&other.x, &zz);
        let s = f.mul(&y2, &zzz);
        let h = f.sub(&u, &self.x);
        let r = f.sub(&s, &self.y);
        if h.is_zero() {
            return self.meet(f, &r);
        }
        let hh = f.sqr(&h);
        let rr = f.sqr(&r);
        let v = f.mul(&self.x, &hh);
        let hhh = f.mul(&hh, &h);
        let z = f.mul(&self.z, &h);
        let x = f.sub(&f.sub(&f.sub(&rr, &hhh), &v), &v);
        let sy = f.mul(&self.y, &hhh);
        let y = f.sub(&f.mul(&r, &f.sub(&v, &x)), &sy);
        Self { x, y, z }
    }

    /// Adds `other`, or its opposite.
    #[inline(always)]
    pub(super) fn add<F: Field>(&self, f: F, other: &Addend, negative: bool) -> Self {
        let y2 = if negative { f.neg(&other.point.y) } else { other.point.y };
        if self.z.is_zero() {
            return Self { y: y2, ..other.point };
        }
        if other.point.z.is_zero() {
            return *self;
        }
        let zz = f.sqr(&self.z);
        let u1 = f.mul(&self.x, &other.zz);
        let s1 = f.mul(&self.y, &other.zzz);
        let zzz = f.mul(&zz, &self.z);
        let u2 = f.mul(&other.point.x, &zz);
        let s2 = f.mul(&y2, &zzz);
        let h = f.sub(&u2, &u1);
        let r = f.sub(&s2, &s1);
        if h.is_zero() {
            return self.meet(f, &r);
        }
        let hh = f.sqr(&h);
        let rr = f.sqr(&r);
        let v = f.mul(&u1, &hh);
        let hhh = f.mul(&hh, &h);
        let z = f.mul(&f.mul(&self.z, &other.point.z), &h);
        let x = f.sub(&f.sub(&f.sub(&rr, &hhh), &v), &v);
        let sy = f.mul(&s1, &hhh);
        let y = f.sub(&f.mul(&r, &f.sub(&v, &x)), &sy);
        Self { x, y, z }
    }

    /// The sum with a point of the same abscissa: the same point when the ordinates do not differ, otherwise the opposite one.
    #[cold]
    fn meet<F: Field>(&self, f: F, difference: &Fe) -> Self {
        if difference.is_zero() {
            self.double(f)
        } else {
            Self::INFINITY
        }
    }

    /// Tells whether the abscissa, a number below `p`, is `x` modulo `n`. It never is at infinity.
    pub(super) fn has_x<F: Field>(&self, f: F, x: &[u64; 4]) -> bool {
        if self.z.is_zero() {
            return false;
        }
        let zz = f.sqr(&self.z);
        candidates(x).any(|x| f.mul(&f.enter(&x), &zz) == self.x)
    }
}

/// The numbers below `p` that are `x` modulo `n`: one, or two when `x < p - n`.
pub(super) fn candidates(x: &[u64; 4]) -> impl Iterator<Item = [u64; 4]> {
    let (second, carry) = portable::add(x, &super::scalar::N);
    let below = !carry && portable::sub(&second, &P).1;
    [*x].into_iter().chain(below.then_some(second))
}

/// Brings points that are not at infinity to their affine form with one inversion for all.
pub(super) fn to_affine<F: Field>(f: F, points: &[Jacobian]) -> Vec<Affine> {
    let mut products = Vec::with_capacity(points.len());
    let mut product = Fe::ONE;
    for point in points {
        products.push(product);
        product = f.mul(&product, &point.z);
    }
    let mut inverse = f.invert(&product);
    let mut affine = vec![Affine::G; points.len()];
    for ((point, before), out) in points.iter().zip(&products).zip(&mut affine).rev() {
        let z = f.mul(&inverse, before);
        inverse = f.mul(&inverse, &point.z);
        let zz = f.sqr(&z);
        out.x = f.mul(&point.x, &zz);
        out.y = f.mul(&point.y, &f.mul(&zz, &z));
    }
    affine
}
