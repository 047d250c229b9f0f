//! Signatures whose partial sums meet inside a verifier: equal points, which an addition must double, and opposite ones, which
//! are infinity on the way.
//!
//! A verifier cuts s and t into digits, which gives a list of points `g·G + q·Q` to be added in some order. For any two partial sums of that
//! list there is one key under which they are equal and one under which they are opposite: `g + q·d = ±(g' + q'·d)` is linear in
//! the secret d. Here are the ways to cut and the orders that implementations use; which of them the code at hand uses is left
//! to chance.

use sm2::Scalar;

use crate::{
    curve::{canonical, inverse, power_of_two, random_scalar, small},
    dice::Dice,
};

/// `g·G + q·Q`.
#[derive(Clone, Copy)]
struct Addend {
    g: Scalar,
    q: Scalar,
    /// The place of its digit.
    place: usize,
}

/// Gives s, t and a secret under which two partial sums of `[s]G + [t]Q` meet in some order of additions.
pub fn meeting(dice: &mut Dice) -> Option<(Scalar, Scalar, Scalar)> {
    let (s, t) = (random_scalar(dice), random_scalar(dice));
    let of_g = cut(dice, &s, &[5, 5, 13, 13, 6, 7, 8, 12]);
    let of_q = cut(dice, &t, &[5, 5, 7, 7, 13, 4, 6, 8]);
    let g = of_g.iter().map(|(digit, place)| Addend {
        g: *digit,
        q: Scalar::ZERO,
        place: *place,
    });
    let q = of_q.iter().map(|(digit, place)| Addend {
        g: Scalar::ZERO,
        q: *digit,
        place: *place,
    });
    let mut list: Vec<Addend> = match dice.below(4) {
        // The key by doublings first, as one sum.
        0 => {
            let whole = Addend {
                g: Scalar::ZERO,
                q: t,
                place: 0,
            };
            std::iter::once(whole).chain(g).collect()
        }
        1 => q.chain(g).collect(),
        _ => g.chain(q).collect(),
    };
    if dice.one_in(3) {
        // Doublings for both at once: from the highest place down.
        list.sort_by_key(|addend| std::cmp::Reverse(addend.place));
    }
    let (left, right) = match dice.below(4) {
        0 | 1 => prefix(dice, &list),
        2 => tree(dice, &list),
        _ => lanes(dice, &list),
    };
    let sign = if dice.one_in(2) { Scalar::ONE } else { -Scalar::ONE };
    let secret = (right.g * sign - left.g) * inverse(&(left.q - right.q * sign));
    (secret != Scalar::ZERO).then_some((s, t, secret))
}

/// The digits of a number, each times its power of two, and their places.
fn cut(dice: &mut Dice, u: &Scalar, windows: &[usize]) -> Vec<(Scalar, usize)> {
    let width = *dice.pick(windows);
    let negated = -*u;
    let bits = |x: &Scalar| -> Vec<bool> {
        let bytes = canonical(x);
        (0..280)
            .map(|i| i < 256 && bytes[31 - i / 8] >> (i % 8) & 1 == 1)
            .collect()
    };
    let half = 1i64 << (width - 1);
    let mut digits: Vec<(i64, usize)> = Vec::new();
    let flip;
    match dice.below(3) {
        // Odd digits, none of them zero.
        0 => {
            flip = bool::from(u.is_even());
            let odd = bits(if flip { &negated } else { u });
            let count = 256usize.div_ceil(width);
            for i in 0..count {
                let at = |j: usize| i64::from(if j == width * count - 1 { true } else { odd[j + 1] });
                let b: i64 = (0..width).map(|j| at(i * width + j) << j).sum();
                digits.push((2 * b + 1 - 2 * half, i * width));
            }
        }
        // Digits of at most half a window in size, with a carry.
        1 => {
            flip = canonical(&negated) < canonical(u);
            let k = bits(if flip { &negated } else { u });
            let mut carry = 0;
            for i in 0..256usize.div_ceil(width) {
                let mut digit: i64 = (0..width).map(|j| i64::from(k[i * width + j]) << j).sum::<i64>() + carry;
                carry = i64::from(digit > half);
                digit -= carry * 2 * half;
                digits.push((digit, i * width));
            }
        }
        // Sparse odd digits.
        _ => {
            flip = canonical(&negated) < canonical(u);
            let k = bits(if flip { &negated } else { u });
            let (mut i, mut carry) = (0, 0);
            while i < 257 {
                if i64::from(k[i]) == carry {
                    i += 1;
                    continue;
                }
                let mut digit: i64 = (0..width).map(|j| i64::from(k[i + j]) << j).sum::<i64>() + carry;
                carry = i64::from(digit >= half);
                digit -= carry * 2 * half;
                digits.push((digit, i));
                i += width;
            }
        }
    }
    digits
        .into_iter()
        .filter(|(digit, _)| *digit != 0)
        .map(|(digit, place)| {
            let size = small(digit.unsigned_abs()) * power_of_two(place);
            (if (digit < 0) != flip { -size } else { size }, place)
        })
        .collect()
}

fn sum<'a>(addends: impl IntoIterator<Item = &'a Addend>) -> Addend {
    let none = Addend {
        g: Scalar::ZERO,
        q: Scalar::ZERO,
        place: 0,
    };
    addends.into_iter().fold(none, |sum, addend| Addend {
        g: sum.g + addend.g,
        q: sum.q + addend.q,
        place: 0,
    })
}

/// One after another: what was added before, and the next.
fn prefix(dice: &mut Dice, list: &[Addend]) -> (Addend, Addend) {
    let next = 1 + dice.below(list.len() - 1);
    (sum(&list[..next]), list[next])
}

/// In pairs, then pairs of pairs: two neighbours on some level.
fn tree(dice: &mut Dice, list: &[Addend]) -> (Addend, Addend) {
    let level = dice.below(list.len().ilog2() as usize + 1);
    let size = 1 << level;
    let pairs = list.len().saturating_sub(size + 1) / (2 * size) + 1;
    let start = 2 * size * dice.below(pairs);
    let middle = (start + size).min(list.len() - 1);
    let end = (middle + size).min(list.len());
    (sum(&list[start.min(middle)..middle]), sum(&list[middle..end]))
}

/// Each of eight lanes adds every eighth point, then the lanes are added in halves.
fn lanes(dice: &mut Dice, list: &[Addend]) -> (Addend, Addend) {
    let lane = |from: usize, step: usize| sum(list.iter().skip(from).step_by(step));
    match dice.below(4) {
        0 => {
            let lane = dice.below(8);
            let own: Vec<Addend> = list.iter().skip(lane).step_by(8).copied().collect();
            if own.len() < 2 {
                return (sum(&own), sum([]));
            }
            prefix(dice, &own)
        }
        1 => {
            let first = dice.below(4);
            (lane(first, 8), lane(first + 4, 8))
        }
        2 => {
            let first = dice.below(2);
            (lane(first, 4), lane(first + 2, 4))
        }
        _ => (lane(0, 2), lane(1, 2)),
    }
}
