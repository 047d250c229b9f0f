//! One verification at a time, complete in every exceptional case.
#![forbid(unsafe_code)]

use super::{
    base,
    field::Field,
    point::{Addend, Affine, Jacobian},
    scalar::{self, Equation},
    table::Table,
};

/// The window of the unknown key: eight odd multiples are made for it.
const WINDOW: u32 = 5;

/// With a key that has no table: some 255 doublings, with the sparse digits of both multiples on the way.
#[inline(never)]
pub(super) fn plain<F: Field>(f: F, key: &Affine, equation: &Equation) -> bool {
    let (k, k_negative) = scalar::halved(&equation.u2);
    let digits = scalar::sparse(&k, WINDOW);
    let mut odd = [Addend::new(f, Jacobian::from(*key)); 1 << (WINDOW - 2)];
    let twice = Addend::new(f, Jacobian::from(*key).double(f));
    for i in 1..odd.len() {
        odd[i] = Addend::new(f, odd[i - 1].point.add(f, &twice, false));
    }
    let large = base::large();
    let (u, u_negative) = scalar::halved(&equation.u1);
    let base_digits = if large.is_none() {
        scalar::sparse(&u, base::ODD_WINDOW)
    } else {
        [0; 257]
    };
    let base_odd = base::odd(f);

    let mut sum = Jacobian::INFINITY;
    for (digit, base_digit) in digits.iter().zip(&base_digits).rev() {
        if !sum.z.is_zero() {
            sum = sum.double(f);
        }
        if *digit != 0 {
            let addend = &odd[usize::from(digit.unsigned_abs() / 2)];
            sum = sum.add(f, addend, k_negative != (*digit < 0));
        }
        if *base_digit != 0 {
            let addend = &base_odd[usize::from(base_digit.unsigned_abs() / 2)];
            sum = sum.add_affine(f, addend, u_negative != (*base_digit < 0));
        }
    }
    if let Some(large) = large {
        sum = accumulate(f, sum, large.addends(&equation.u1));
    }
    sum.has_x(f, &equation.x)
}

/// With a table of the key: one addition a window and neither doublings nor inversions.
#[inline(never)]
pub(super) fn prepared<F: Field>(f: F, base: &Table, key: &Table, equation: &Equation) -> bool {
    let sum = accumulate(
        f,
        Jacobian::INFINITY,
        base.addends(&equation.u1).chain(key.addends(&equation.u2)),
    );
    sum.has_x(f, &equation.x)
}

fn accumulate<'a, F: Field>(f: F, start: Jacobian, addends: impl Iterator<Item = (&'a Affine, bool)>) -> Jacobian {
    addends.fold(start, |sum, (addend, negative)| sum.add_affine(f, addend, negative))
}
