//! Each operation of each width against additions and doublings of plain integers.
//!
//! Values are given and read as they stand in Montgomery form, so that the largest limbs and the largest unreduced values
//! are really met.

use super::super::field::{Field, MAX_LANES};
use super::super::fma::Fma;
use super::super::ifma::Ifma;
use super::super::inverse::invert;
use super::super::prime::{P, Words, minus, plus, power_of_two};
use super::super::table::Entry;
use super::{Random, random_below};

fn add(a: &Words, b: &Words) -> Words {
    let (sum, carry) = plus(a, b);
    let (less, borrow) = minus(&sum, &P);
    if carry || !borrow { less } else { sum }
}

fn negate(a: &Words) -> Words {
    add(&minus(&P, a).0, &[0; 4])
}

fn multiply(a: &Words, b: &Words) -> Words {
    let mut product = [0; 4];
    for bit in (0..256).rev() {
        product = add(&product, &product);
        if b[bit / 64] >> (bit % 64) & 1 != 0 {
            product = add(&product, a);
        }
    }
    product
}

/// Residues where carries and limbs are at their ends, then random ones.
fn residues(random: &mut Random, count: usize) -> Vec<Words> {
    let mut out = vec![
        [0; 4],
        [1, 0, 0, 0],
        [2, 0, 0, 0],
        minus(&P, &[1, 0, 0, 0]).0,
        minus(&P, &[2, 0, 0, 0]).0,
    ];
    for bits in [26, 29, 51, 52, 53, 58, 64, 104, 156, 207, 208, 209, 224, 255] {
        let power = power_of_two(bits);
        out.extend([power, minus(&power, &[1, 0, 0, 0]).0, negate(&power)]);
    }
    // All limbs full but the top one.
    out.push([u64::MAX, u64::MAX, u64::MAX, 0xffff_fffd_ffff_ffff]);
    while out.len() < count {
        out.push(random_below(random, &P));
    }
    out
}

/// What a width computes with, laid out for comparing.
struct Bench<F: Field> {
    f: F,
    /// 2^-(limbs·bits) modulo p: what a multiplication multiplies with besides.
    shrink: Words,
}

impl<F: Field> Bench<F> {
    fn new(f: F) -> Self {
        let one = f.first(&f.one());
        Self {
            f,
            shrink: invert(&one).unwrap(),
        }
    }

    fn load(&self, values: &[Words; MAX_LANES]) -> F::Loose {
        let entries = values.map(|[a, b, c, d]| Entry([a, b, c, d, 0, 0, 0, 0]));
        self.f.load(&entries.each_ref(), 0).0
    }

    fn each(&self, a: &F::Tight) -> Vec<Words> {
        (0..F::LANES)
            .map(|lane| {
                // Swaps bring the lane to the front.
                let by = |bit: usize, a: F::Tight| if lane & bit == 0 { a } else { self.f.swap(&a, bit) };
                self.f.first(&by(4, by(2, by(1, *a))))
            })
            .collect()
    }

    fn expect(&self, name: &str, a: &F::Tight, wanted: impl Fn(usize) -> Words) {
        for (lane, value) in self.each(a).into_iter().enumerate() {
            assert_eq!(value, wanted(lane), "{name}, lane {lane}");
        }
    }

    fn product(&self, a: &Words, b: &Words) -> Words {
        multiply(&multiply(a, b), &self.shrink)
    }

    /// All operations on two vectors of canonical residues.
    fn compare(&self, a: &[Words; MAX_LANES], b: &[Words; MAX_LANES]) {
        let f = self.f;
        let (la, lb) = (self.load(a), self.load(b));
        let (ta, tb) = (f.tighten(&la), f.tighten(&lb));
        self.expect("load", &ta, |i| a[i]);
        self.expect("mul", &f.mul(&ta, &tb), |i| self.product(&a[i], &b[i]));
        self.expect("square", &f.square(&ta), |i| self.product(&a[i], &a[i]));
        self.expect("difference", &f.difference(&la, &lb), |i| add(&a[i], &negate(&b[i])));
        self.expect("sum", &f.sum(&la, &lb), |i| add(&a[i], &b[i]));
        self.expect("double", &f.small_multiple(&ta, 2), |i| add(&a[i], &a[i]));
        self.expect("triple", &f.small_multiple(&ta, 3), |i| add(&add(&a[i], &a[i]), &a[i]));
        self.expect("quadruple", &f.small_multiple(&ta, 4), |i| {
            multiply(&a[i], &[4, 0, 0, 0])
        });
        self.expect("negative", &f.negative_multiple(&la, 1), |i| negate(&a[i]));
        self.expect("negative double", &f.negative_multiple(&la, 2), |i| {
            negate(&add(&a[i], &a[i]))
        });
        self.expect("mul_sub", &f.tighten(&f.mul_sub(&ta, &tb, &f.plus(&la, &la))), |i| {
            add(&self.product(&a[i], &b[i]), &negate(&add(&a[i], &a[i])))
        });
        self.expect("square_sub", &f.tighten(&f.square_sub(&ta, &f.plus(&lb, &la))), |i| {
            add(&self.product(&a[i], &a[i]), &negate(&add(&a[i], &b[i])))
        });
        self.expect("dot", &f.tighten(&f.dot(&ta, &tb, &tb, &tb)), |i| {
            add(&self.product(&a[i], &b[i]), &self.product(&b[i], &b[i]))
        });
        // The largest values that the contract of `Field` allows: sums just below 4p, multiplied and squared.
        let (wide_a, wide_b) = (
            f.sum(&la, &f.plus(&la, &f.plus(&la, &la))),
            f.sum(&lb, &f.plus(&lb, &f.plus(&lb, &lb))),
        );
        let four = |x: &Words| multiply(x, &[4, 0, 0, 0]);
        self.expect("wide", &wide_a, |i| four(&a[i]));
        self.expect("wide mul", &f.mul(&wide_a, &wide_b), |i| {
            self.product(&four(&a[i]), &four(&b[i]))
        });
        self.expect("wide square", &f.square(&wide_a), |i| {
            self.product(&four(&a[i]), &four(&a[i]))
        });
        let five = |x: &Words| multiply(x, &[5, 0, 0, 0]);
        let s = f.plus(&f.loosen(&wide_b), &lb);
        self.expect("wide mul_sub", &f.tighten(&f.mul_sub(&wide_a, &wide_b, &s)), |i| {
            add(&self.product(&four(&a[i]), &four(&b[i])), &negate(&five(&b[i])))
        });
        self.expect("wide square_sub", &f.tighten(&f.square_sub(&wide_a, &s)), |i| {
            add(&self.product(&four(&a[i]), &four(&a[i])), &negate(&five(&b[i])))
        });
        self.expect(
            "wide dot",
            &f.tighten(&f.dot(&wide_a, &wide_b, &wide_b, &wide_b)),
            |i| {
                add(
                    &self.product(&four(&a[i]), &four(&b[i])),
                    &self.product(&four(&b[i]), &four(&b[i])),
                )
            },
        );
        self.expect("wide quadruple", &f.small_multiple(&wide_a, 4), |i| {
            multiply(&a[i], &[16, 0, 0, 0])
        });
        // Results of multiplications are loose values of their own: they must do for all that takes such.
        let (x, y) = (f.mul_sub(&ta, &tb, &la), f.square_sub(&tb, &la));
        let wanted_x = |i: usize| add(&self.product(&a[i], &b[i]), &negate(&a[i]));
        let wanted_y = |i: usize| add(&self.product(&b[i], &b[i]), &negate(&a[i]));
        self.expect("loose difference", &f.difference(&x, &y), |i| {
            add(&wanted_x(i), &negate(&wanted_y(i)))
        });
        self.expect("loose sum", &f.sum(&x, &y), |i| add(&wanted_x(i), &wanted_y(i)));
        self.expect("loose negative", &f.negative_multiple(&x, 2), |i| {
            negate(&add(&wanted_x(i), &wanted_x(i)))
        });
        self.expect(
            "loose square_sub",
            &f.tighten(&f.square_sub(&f.tighten(&x), &f.plus(&x, &y))),
            |i| {
                add(
                    &self.product(&wanted_x(i), &wanted_x(i)),
                    &negate(&add(&wanted_x(i), &wanted_y(i))),
                )
            },
        );
    }
}

fn compare_all<F: Field>(f: F) {
    let bench = Bench::new(f);
    let mut random = Random(1);
    let values = residues(&mut random, 150);
    // Each value meets each other one, in changing lanes.
    for shift in 0..values.len() {
        for start in (0..values.len()).step_by(MAX_LANES * 9) {
            let at = |offset: usize| values[(start + offset) % values.len()];
            bench.compare(&core::array::from_fn(at), &core::array::from_fn(|i| at(i + shift)));
        }
    }
}

fn select_and_swap<F: Field>(f: F) {
    let bench = Bench::new(f);
    let mut random = Random(2);
    let a: [Words; MAX_LANES] = core::array::from_fn(|_| random_below(&mut random, &P));
    let b: [Words; MAX_LANES] = core::array::from_fn(|_| random_below(&mut random, &P));
    let (la, lb) = (bench.load(&a), bench.load(&b));
    let (ta, tb) = (f.tighten(&la), f.tighten(&lb));
    for lanes in 0..=u8::MAX {
        let wanted = |i: usize| if lanes >> i & 1 != 0 { b[i] } else { a[i] };
        bench.expect("replace", &f.replace(&ta, &tb, lanes), wanted);
        bench.expect("replace_loose", &f.tighten(&f.replace_loose(&la, &lb, lanes)), wanted);
        let same = bench.load(&core::array::from_fn(wanted));
        let live = u8::MAX >> (8 - F::LANES);
        assert_eq!(f.zero_lanes(&f.difference(&same, &la)) & live, !lanes & live);
        // The same zeros as other multiples of p: 2p - a·1 + (p - a) … all are seen.
        let sum = f.sum(&f.loosen(&f.negative_multiple(&same, 1)), &la);
        assert_eq!(f.zero_lanes(&sum) & live, !lanes & live);
    }
    let mut by = F::LANES / 2;
    while by > 0 {
        bench.expect("swap", &f.swap(&ta, by), |i| a[i ^ by]);
        by /= 2;
    }
}

fn in_and_out<F: Field>(f: F) {
    let bench = Bench::new(f);
    let mut random = Random(3);
    let one = f.first(&f.one());
    for values in residues(&mut random, 96).chunks_exact(2 * MAX_LANES) {
        let a: [Words; MAX_LANES] = core::array::from_fn(|i| values[i]);
        let b: [Words; MAX_LANES] = core::array::from_fn(|i| values[MAX_LANES + i]);
        bench.expect("enter", &f.enter(&a), |i| multiply(&a[i], &one));
        let (x, y) = (f.tighten(&bench.load(&a)), f.tighten(&bench.load(&b)));
        let entries = f.store(&x, &y);
        for i in 0..F::LANES {
            assert_eq!(entries[i].0[..4], a[i]);
            assert_eq!(entries[i].0[4..], b[i]);
        }
        for negative in [0, 0x55, 0xaa, 0xff] {
            let (x, y) = f.load(&entries.each_ref(), negative);
            bench.expect("x", &f.tighten(&x), |i| a[i]);
            bench.expect("y", &f.tighten(&y), |i| {
                if negative >> i & 1 != 0 { negate(&b[i]) } else { b[i] }
            });
        }
        if let Some(inverse) = invert(&f.first(&x)) {
            let product = f.mul(&f.spread_inverse(&inverse), &x);
            assert_eq!(f.first(&product), one);
        }
    }
}

fn all<F: Field>(f: F) {
    in_and_out(f);
    select_and_swap(f);
    compare_all(f);
}

#[test]
fn ifma_agrees_with_plain_integers() {
    if let Some(f) = Ifma::detect() {
        all(f);
    }
}

#[test]
fn doubles_agree_with_plain_integers() {
    if let Some(f) = Fma::detect() {
        all(f);
    }
}

#[test]
fn an_inverse_times_its_residue_is_one() {
    let mut random = Random(4);
    assert_eq!(invert(&[0; 4]), None);
    for x in residues(&mut random, 2000) {
        if let Some(inverse) = invert(&x) {
            assert_eq!(multiply(&inverse, &x), [1, 0, 0, 0], "{x:x?}");
            assert!(minus(&inverse, &P).1, "canonical");
        }
    }
}
