//! What the lanes compute, against plain integers and the RustCrypto curve.

mod curve;
mod field;
mod verify;

use super::prime::{Words, minus};

/// A small generator (SplitMix64): the same cases in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap() % len
    }
}

fn random_below(random: &mut Random, bound: &Words) -> Words {
    loop {
        let value = [random.next(), random.next(), random.next(), random.next()];
        if minus(&value, bound).1 {
            return value;
        }
    }
}
