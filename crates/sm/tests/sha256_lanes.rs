//! Each way of computing SHA-256 against another implementation of it, and the examples of the standard.
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::sha256::{Lanes, digest, digest_many, digest_many_on, digest_on};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn sample(length: usize) -> Vec<u8> {
    let mut state = 11u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(length)
    .collect()
}

#[test]
fn published_digests_come_out_each_way() {
    // FIPS 180-2, appendix B.1 to B.3, and the empty message.
    let million = vec![b'a'; 1_000_000];
    let vectors: [(&[u8], &str); 4] = [
        (
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            &million,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ];
    for (message, expected) in vectors {
        assert_eq!(hex::encode(digest([message])), expected);
        for lanes in Lanes::available() {
            assert_eq!(hex::encode(digest_on(lanes, [message])), expected, "{lanes:?}");
            for count in [1, 2, 9, 17] {
                for digest in digest_many_on(lanes, &vec![&[message][..]; count]) {
                    assert_eq!(hex::encode(digest), expected, "{lanes:?} {count}");
                }
            }
        }
    }
}

#[test]
fn every_way_and_length_agrees_with_another_implementation() {
    let data = sample(1200);
    let cut: Vec<[&[u8]; 3]> = (0..=1100).map(|n| [&data[..n / 3], &data[n / 3..n], &[]]).collect();
    let messages: Vec<&[&[u8]]> = cut.iter().map(|pieces| &pieces[..]).collect();
    for lanes in Lanes::available() {
        for (length, many) in digest_many_on(lanes, &messages).iter().enumerate() {
            let expected = Sha256::digest(&data[..length]);
            assert_eq!(many[..], expected[..], "{lanes:?} {length}");
            assert_eq!(
                digest_on(lanes, [&data[..length]])[..],
                expected[..],
                "{lanes:?} {length}"
            );
        }
    }
    assert_eq!(digest_many(&messages)[777][..], Sha256::digest(&data[..777])[..]);
}

proptest! {
    #[test]
    fn digests_do_not_depend_on_company(
        messages in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..150), 0..5), 0..40),
    ) {
        let cut: Vec<Vec<&[u8]>> = messages.iter().map(|m| m.iter().map(Vec::as_slice).collect()).collect();
        let cut: Vec<&[&[u8]]> = cut.iter().map(Vec::as_slice).collect();
        for lanes in Lanes::available() {
            let digests = digest_many_on(lanes, &cut);
            prop_assert_eq!(digests.len(), messages.len());
            for (message, digest) in messages.iter().zip(digests) {
                prop_assert_eq!(&digest[..], &Sha256::digest(message.concat())[..], "{:?}", lanes);
            }
        }
    }
}
