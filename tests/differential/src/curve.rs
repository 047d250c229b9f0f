//! Numbers and points that the cases are made from. The arithmetic is RustCrypto's; what is built with it is checked against
//! OpenSSL's, which shares nothing with it.

use sm2::{
    AffinePoint, FieldBytes, ProjectivePoint, Scalar, U256,
    elliptic_curve::{
        PrimeField,
        ops::{MulByGeneratorVartime, Reduce},
        point::{AffineCoordinates, DecompressPoint},
        sec1::ToSec1Point,
        subtle::Choice,
    },
};

use crate::dice::Dice;

/// The group order n.
pub const N: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
/// The field's prime p.
pub const P: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff");

pub fn bytes(number: U256) -> [u8; 32] {
    number.to_be_bytes().into()
}

pub fn number(bytes: &[u8; 32]) -> U256 {
    U256::from_be_slice(bytes)
}

/// The number modulo n.
pub fn scalar(number: U256) -> Scalar {
    reduce(&bytes(number))
}

pub fn reduce(bytes: &[u8; 32]) -> Scalar {
    Scalar::reduce(&FieldBytes::from(*bytes))
}

pub fn canonical(scalar: &Scalar) -> [u8; 32] {
    scalar.to_repr().into()
}

pub fn random_scalar(dice: &mut Dice) -> Scalar {
    reduce(&dice.bytes())
}

/// 1/x; of 0 it is 0.
pub fn inverse(x: &Scalar) -> Scalar {
    Option::<Scalar>::from(x.invert()).unwrap_or(Scalar::ZERO)
}

pub fn small(value: u64) -> Scalar {
    Scalar::from(value)
}

/// 2^exponent modulo n.
pub fn power_of_two(exponent: usize) -> Scalar {
    (0..exponent).fold(Scalar::ONE, |x, _| x.double())
}

/// x of a point that is not at infinity, as an integer below p.
pub fn abscissa(point: &ProjectivePoint) -> [u8; 32] {
    point.to_affine().x().into()
}

/// `04 ‖ x ‖ y`; nothing for the point at infinity.
pub fn sec1(point: &ProjectivePoint) -> Option<[u8; 65]> {
    point.to_affine().to_sec1_point(false).as_bytes().try_into().ok()
}

/// A point with that x, if the curve has one.
pub fn lift(x: U256, odd: bool) -> Option<ProjectivePoint> {
    let point = AffinePoint::decompress(&FieldBytes::from(bytes(x)), Choice::from(u8::from(odd)));
    Option::<AffinePoint>::from(point).map(ProjectivePoint::from)
}

/// The next point at or after x.
pub fn lift_from(mut x: U256, odd: bool) -> ProjectivePoint {
    loop {
        if let Some(point) = lift(x, odd) {
            return point;
        }
        x = x.wrapping_add(&U256::ONE);
    }
}

/// kG.
pub fn times_g(k: &Scalar) -> ProjectivePoint {
    ProjectivePoint::mul_by_generator_vartime(k)
}

/// sG + tQ.
pub fn combine(s: &Scalar, t: &Scalar, q: &ProjectivePoint) -> ProjectivePoint {
    ProjectivePoint::mul_by_generator_and_mul_add_vartime(s, t, q)
}

/// Widths of windows that implementations use.
const WINDOWS: [usize; 13] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16];

/// A scalar whose digits are unlike those of a random one: tiny, near the order, near powers of two, the same digit throughout,
/// digits at the ends of their range, long runs of zeros and ones, one window only.
pub fn odd_scalar(dice: &mut Dice) -> Scalar {
    let tiny = scalar(U256::from_u64(dice.next() >> (48 + dice.below(16))));
    let exponent = dice.below(257);
    let width = *dice.pick(&WINDOWS);
    let sign = |x: Scalar, dice: &mut Dice| if dice.one_in(2) { -x } else { x };
    match dice.below(12) {
        0 => sign(tiny, dice),
        1 => {
            let x = power_of_two(exponent);
            sign(x, dice)
        }
        2 => {
            let x = power_of_two(exponent) - Scalar::ONE;
            sign(x, dice)
        }
        3 => {
            let x = power_of_two(exponent) + sign(tiny, dice);
            sign(x, dice)
        }
        4 | 5 => {
            let half = 1 << (width - 1);
            let digit = *dice.pick(&[0, 1, half - 1, half, half + 1, 2 * half - 1, 2 * half - 2]);
            repeated(dice, width, |_| digit)
        }
        6 => {
            let half = 1 << (width - 1);
            let ends = [0, 1, half - 1, half, half + 1, 2 * half - 1];
            repeated(dice, width, |dice| *dice.pick(&ends))
        }
        7 => {
            let place = dice.below(256usize.div_ceil(width)) * width;
            let digit = scalar(U256::from_u64(dice.next() & ((1 << width) - 1)));
            sign(power_of_two(place) * digit, dice)
        }
        8 => {
            // Runs of equal bits.
            let (mut out, mut bit, mut left) = ([0u8; 32], false, 0);
            for i in 0..256 {
                if left == 0 {
                    bit = !bit;
                    left = 1 + dice.below(96);
                }
                left -= 1;
                out[i / 8] |= u8::from(bit) << (7 - i % 8);
            }
            reduce(&out)
        }
        9 => (0..1 + dice.below(4)).fold(Scalar::ZERO, |x, _| {
            let bit = power_of_two(dice.below(256));
            x + sign(bit, dice)
        }),
        10 => {
            // Half as long as usual, at either end.
            let x = scalar(number(&dice.bytes()).shr(128));
            if dice.one_in(2) { x * power_of_two(128) } else { x }
        }
        _ => inverse(&small(2)) + sign(tiny, dice),
    }
}

/// Digits of `width` bits from the top down, cut where the whole would pass n.
fn repeated(dice: &mut Dice, width: usize, mut digit: impl FnMut(&mut Dice) -> u64) -> Scalar {
    let mut out = U256::ZERO;
    for place in (0..256usize.div_ceil(width)).map(|i| i * width) {
        out |= U256::from_u64(digit(dice)).shl_vartime(place as u32);
    }
    if out >= N {
        out = out.shl_vartime(1).shr_vartime(1 + dice.below(8) as u32);
    }
    scalar(out)
}
