//! Each way of computing SM3 against another implementation of it.
#![allow(clippy::unwrap_used, missing_docs)]

use ::sm3::Digest;
use cinnabar_sm::sm3::{Lanes, Sm3, digest, digest_many, digest_many_on, digest_on};
use proptest::{prelude::*, sample::Index};

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

#[test]
fn every_number_of_messages_from_none_to_some_dozens_is_served() {
    let data = sample(64 * 80);
    for lanes in Lanes::available() {
        for count in 0..50 {
            // One long message, a few of middling length, the rest short, in no order.
            let cut: Vec<[&[u8]; 1]> = (0..count)
                .map(|i| [&data[..[4000, 64, 0, 700, 55, 130, 1][(i * 5 + count) % 7]]])
                .collect();
            let messages: Vec<&[&[u8]]> = cut.iter().map(|pieces| &pieces[..]).collect();
            let digests = digest_many_on(lanes, &messages);
            assert_eq!(digests.len(), count);
            for (pieces, digest) in cut.iter().zip(digests) {
                assert_eq!(digest[..], ::sm3::Sm3::digest(pieces[0])[..], "{lanes:?} of {count}");
            }
        }
    }
}

#[test]
fn ten_thousand_messages_of_unlike_lengths_keep_their_places() {
    let data = sample(1 << 16);
    let cut: Vec<[&[u8]; 2]> = (0..10_000usize)
        .map(|i| {
            let length = (i * 7919) % 701 * if i % 1000 == 3 { 80 } else { 1 };
            [&data[i..i + 32], &data[i % 99..i % 99 + length]]
        })
        .collect();
    let messages: Vec<&[&[u8]]> = cut.iter().map(|pieces| &pieces[..]).collect();
    for lanes in Lanes::available() {
        for (pieces, digest) in cut.iter().zip(digest_many_on(lanes, &messages)) {
            let expected = ::sm3::Sm3::new()
                .chain_update(pieces[0])
                .chain_update(pieces[1])
                .finalize();
            assert_eq!(digest[..], expected[..], "{lanes:?}");
        }
    }
}

#[test]
fn the_best_way_is_one_that_the_processor_has() {
    assert!(Lanes::available().contains(&Lanes::Portable));
    assert_eq!(Lanes::available().last(), Some(&Lanes::best()));
    let (z, message) = ([3; 32], b"a licence");
    let expected = ::sm3::Sm3::new().chain_update(z).chain_update(message).finalize();
    assert_eq!(digest([&z[..], message])[..], expected[..]);
    assert_eq!(digest_many(&[&[&z, message]])[0][..], expected[..]);
}

/// A message cut at the marks.
fn pieces<'a>(message: &'a [u8], marks: &[Index]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = marks.iter().map(|mark| mark.index(message.len() + 1)).collect();
    ends.extend([0, message.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|ends| &message[ends[0]..ends[1]]).collect()
}

proptest! {
    #[test]
    fn digests_do_not_depend_on_cuts_or_company(
        messages in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..600), prop::collection::vec(any::<Index>(), 0..6)),
            0..40,
        ),
    ) {
        let cut: Vec<Vec<&[u8]>> = messages.iter().map(|(message, marks)| pieces(message, marks)).collect();
        let cut: Vec<&[&[u8]]> = cut.iter().map(Vec::as_slice).collect();
        for lanes in Lanes::available() {
            let digests = digest_many_on(lanes, &cut);
            prop_assert_eq!(digests.len(), messages.len());
            for (((message, _), pieces), digest) in messages.iter().zip(&cut).zip(digests) {
                prop_assert_eq!(&digest[..], &::sm3::Sm3::digest(message)[..], "{:?}", lanes);
                let mut stream = Sm3::on(lanes);
                pieces.iter().for_each(|piece| stream.update(piece));
                prop_assert_eq!(stream.finalize(), digest, "{:?}", lanes);
            }
        }
    }
}
