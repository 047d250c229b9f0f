//! Digits, tables, and the pieces of a verification, against the RustCrypto curve.

use sm2::elliptic_curve::PrimeField;
use sm2::elliptic_curve::group::Group;
use sm2::elliptic_curve::sec1::ToSec1Point;
use sm2::{ProjectivePoint, Scalar};

use super::super::digits::{Digits, count};
use super::super::prime::{N, P, Words, minus, plus, power_of_two};
use super::super::table::Entry;
use super::super::{Table, Width};
use super::{Random, random_below};

/// A scalar of the RustCrypto crate from words below n.
pub(super) fn scalar(words: &Words) -> Scalar {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words.iter().rev()) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
    Scalar::from_repr(bytes.into()).unwrap()
}

fn words(bytes: &[u8]) -> Words {
    let mut out = [0; 4];
    for (word, chunk) in out.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *word = u64::from_be_bytes(chunk.try_into().unwrap());
    }
    out
}

/// The affine coordinates of a point that is not at infinity.
pub(super) fn coordinates(point: &ProjectivePoint) -> (Words, Words) {
    let encoded = point.to_affine().to_sec1_point(false);
    (words(&encoded.as_bytes()[1..33]), words(&encoded.as_bytes()[33..]))
}

pub(super) fn generator() -> (Words, Words) {
    coordinates(&ProjectivePoint::GENERATOR)
}

/// Scalars at the ends of their range and around powers of two, then random ones; none is zero.
pub(super) fn scalars(random: &mut Random, len: usize) -> Vec<Words> {
    let less = |k: u64| minus(&N, &[k, 0, 0, 0]).0;
    let mut out = vec![[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], less(1), less(2), less(3)];
    for bit in [1, 4, 5, 8, 13, 63, 64, 65, 127, 128, 254, 255] {
        let power = power_of_two(bit);
        out.extend([power, minus(&power, &[1, 0, 0, 0]).0, plus(&power, &[1, 0, 0, 0]).0]);
    }
    while out.len() < len {
        out.push(random_below(random, &N));
    }
    out
}

#[test]
fn digits_add_up_to_the_scalar() {
    let mut random = Random(10);
    for window in 2..=16 {
        for words in scalars(&mut random, 60) {
            let digits = Digits::new(&words, window);
            let base = Scalar::from(1u64 << window);
            let mut sum = Scalar::ZERO;
            for row in (0..count(window)).rev() {
                let (index, negative) = digits.at(row);
                assert!(index < 1 << (window - 1));
                let digit = Scalar::from(2 * index as u64 + 1);
                sum = sum * base + if negative { -digit } else { digit };
            }
            assert_eq!(sum, scalar(&words), "{words:x?} in windows of {window}");
        }
    }
}

/// Montgomery form with R = 2^`bits`.
fn enter(x: &Words, bits: u32) -> Words {
    let mut value = *x;
    for _ in 0..bits {
        let (double, carry) = plus(&value, &value);
        let (less, borrow) = minus(&double, &P);
        value = if carry || !borrow { less } else { double };
    }
    value
}

#[test]
fn tables_hold_the_odd_multiples() {
    let mut random = Random(11);
    for width in Width::available() {
        for window in [2, 3, 5, 8, 11] {
            let point = ProjectivePoint::GENERATOR * scalar(&random_below(&mut random, &N));
            let (x, y) = coordinates(&point);
            let table = Table::new(width, x, y, window);
            let half = 1 << (window - 1);
            assert_eq!(table.bytes(), size_of::<Table>() + 64 * half * count(window));
            let mut base = point;
            for row in 0..count(window) {
                let mut multiple = base;
                let step = base.double();
                for index in 0..half {
                    let (x, y) = coordinates(&multiple);
                    let Entry(entry) = table.entry(row, index);
                    assert_eq!(entry[..4], enter(&x, 260), "{width:?} {window} row {row} index {index}");
                    assert_eq!(entry[4..], enter(&y, 260), "{width:?} {window} row {row} index {index}");
                    multiple += step;
                }
                for _ in 0..window {
                    base = base.double();
                }
            }
        }
    }
}
