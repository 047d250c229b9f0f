//! Each way of computing SM3 against another implementation of it.
#![allow(clippy::unwrap_used, missing_docs)]

use ::sm3::Digest;
use cinnabar_sm::sm3::{Lanes, digest_many_on, digest_on};

fn sample(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(length)
    .collect()
}

#[test]
fn every_way_and_length_agrees_with_another_implementation() {
    let data = sample(2000);
    for lanes in Lanes::available() {
        for length in 0..=1100 {
            let expected = ::sm3::Sm3::digest(&data[..length]);
            assert_eq!(
                digest_on(lanes, [&data[..length]])[..],
                expected[..],
                "{lanes:?} {length}"
            );
            let cut = length / 3;
            let alone = digest_many_on(lanes, &[&[&data[..cut], &[], &data[cut..length]]]);
            assert_eq!(alone[0][..], expected[..], "{lanes:?} {length}");
        }
    }
}

#[test]
fn messages_of_every_length_in_one_call_each_get_their_own_digest() {
    let data = sample(3000);
    let cut: Vec<[&[u8]; 3]> = (0..data.len())
        .map(|n| [&data[..n / 3], &data[n / 3..n / 2], &data[n / 2..n]])
        .collect();
    let messages: Vec<&[&[u8]]> = cut.iter().map(|pieces| &pieces[..]).collect();
    for lanes in Lanes::available() {
        for (length, digest) in digest_many_on(lanes, &messages).iter().enumerate() {
            assert_eq!(
                digest[..],
                ::sm3::Sm3::digest(&data[..length])[..],
                "{lanes:?} {length}"
            );
        }
    }
}
