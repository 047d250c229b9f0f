//! The ways to compute, against each other and against what the field's laws demand.
#![allow(clippy::unwrap_used)]

use super::{Fe, Field, P, portable::Portable};

/// SplitMix64: enough to spread cases, the same ones in every run.
struct Draw(u64);

impl Draw {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Words that carry and borrow often, always below p.
    fn element(&mut self) -> Fe {
        loop {
            let words = std::array::from_fn(|_| match self.word() % 6 {
                0 => 0,
                1 => u64::MAX,
                2 => 0xffff_fffe_ffff_ffff,
                3 => 1 << (self.word() % 64),
                _ => self.word(),
            });
            if super::portable::sub(&words, &P).1 {
                return Fe(words);
            }
        }
    }
}

fn edges() -> Vec<Fe> {
    let mut edges = vec![Fe::ZERO, Fe::ONE, Fe::SQUARE, Fe::CUBE, Fe::B];
    for small in 0..4u64 {
        edges.push(Fe([small, 0, 0, 0]));
        edges.push(Fe(super::portable::sub(&P, &[small + 1, 0, 0, 0]).0));
    }
    for i in 0..4 {
        let mut words = [0; 4];
        words[i] = u64::from(u32::MAX);
        edges.push(Fe(words));
        words[i] = 1 << 63;
        edges.push(Fe(words));
    }
    edges
}

fn pairs(count: usize) -> Vec<(Fe, Fe)> {
    let mut draw = Draw(7);
    let edges = edges();
    let crossed = edges.iter().flat_map(|a| edges.iter().map(|b| (*a, *b)));
    let drawn = (0..count).map(|_| (draw.element(), draw.element()));
    crossed.collect::<Vec<_>>().into_iter().chain(drawn).collect()
}

/// `a·b mod p` bit by bit, sharing nothing with the code under test but addition.
fn slow_product(a: &Fe, b: &Fe) -> Fe {
    let field = Portable;
    let mut sum = Fe::ZERO;
    for bit in (0..256).rev() {
        sum = field.add(&sum, &sum);
        if a.0[bit / 64] >> (bit % 64) & 1 == 1 {
            sum = field.add(&sum, b);
        }
    }
    sum
}

#[test]
fn multiplication_is_that_of_the_field() {
    let field = Portable;
    for (a, b) in pairs(2_000) {
        // mul(a·R, b·R) = a·b·R
        let (am, bm) = (slow_product(&a, &Fe::ONE), slow_product(&b, &Fe::ONE));
        assert_eq!(field.enter(&a.0), am);
        assert_eq!(field.leave(&am), a.0);
        assert_eq!(field.leave(&field.mul(&am, &bm)), slow_product(&a, &b).0);
        assert_eq!(field.sqr(&am), field.mul(&am, &am));
    }
}

#[test]
fn addition_keeps_numbers_below_p() {
    let field = Portable;
    for (a, b) in pairs(20_000) {
        let sum = field.add(&a, &b);
        assert!(super::portable::sub(&sum.0, &P).1);
        assert_eq!(field.sub(&sum, &b), a);
        assert_eq!(field.sub(&sum, &a), b);
        assert_eq!(field.add(&field.sub(&a, &b), &b), a);
        assert_eq!(field.add(&field.neg(&a), &a), Fe::ZERO);
        let half = field.halve(&a);
        assert!(super::portable::sub(&half.0, &P).1);
        assert_eq!(field.add(&half, &half), a);
    }
}

#[test]
fn inverses_invert() {
    let field = Portable;
    for (a, _) in pairs(2_000) {
        let inverse = field.invert(&a);
        let one = if a.is_zero() { Fe::ZERO } else { Fe::ONE };
        assert_eq!(field.mul(&a, &inverse), one, "{a:x?}");
        assert!(super::portable::sub(&inverse.0, &P).1);
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn assembly_computes_what_plain_rust_does() {
    let Some(adx) = super::adx::Adx::detect() else {
        eprintln!("this processor has no ADX");
        return;
    };
    for (a, b) in pairs(200_000) {
        assert_eq!(adx.mul(&a, &b), Portable.mul(&a, &b), "{a:x?} {b:x?}");
        assert_eq!(adx.sqr(&a), Portable.sqr(&a), "{a:x?}");
        assert_eq!(adx.add(&a, &b), Portable.add(&a, &b), "{a:x?} {b:x?}");
        assert_eq!(adx.sub(&a, &b), Portable.sub(&a, &b), "{a:x?} {b:x?}");
    }
}
