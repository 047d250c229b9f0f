//! The examples printed in the standards, and what must never verify.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, missing_docs)]

use cinnabar_sm::{
    sm2::{DEFAULT_ID, Encoding, Error, PublicKey, SecretKey, Signature},
    sm3,
};
use proptest::prelude::*;

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// GB/T 32918.5-2017, annex A.2: key, Z, e and signature for "message digest".
const D: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const P: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                 ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const Z: &str = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3";
const E: &str = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
const R: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
const S: &str = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
const N: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
const MESSAGE: &[u8] = b"message digest";

fn standard() -> (PublicKey, Signature) {
    (
        PublicKey::from_sec1(&bytes::<65>(P)).unwrap(),
        Signature {
            r: bytes(R),
            s: bytes(S),
        },
    )
}

#[test]
fn sm3_gives_the_digests_of_the_standard() {
    let abc = bytes("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_eq!(sm3::digest([&b"abc"[..]]), abc);
    let long = bytes("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    assert_eq!(sm3::digest(std::iter::repeat_n(&b"abcd"[..], 16)), long);
    let mut stream = sm3::Sm3::new();
    stream.update(b"a");
    let fork = stream.clone();
    stream.update(b"bc");
    assert_eq!(stream.finalize(), abc);
    assert_ne!(fork.finalize(), abc);
}

#[test]
fn sm2_verifies_the_example_of_the_standard() {
    let (key, signature) = standard();
    assert_eq!(SecretKey::from_bytes(&bytes(D)).unwrap().public_key(), key);
    assert_eq!(key.z(DEFAULT_ID), bytes::<32>(Z));
    assert_eq!(sm3::digest([&key.z(DEFAULT_ID)[..], MESSAGE]), bytes::<32>(E));
    assert!(key.verify_digest(&bytes(E), &signature));
    assert!(key.verify(MESSAGE, &signature));
    assert!(!key.verify(b"message digesu", &signature));
}

#[test]
fn another_identifier_gives_another_z() {
    let (key, _) = standard();
    assert_ne!(key.z(b"ALICE123@YAHOO.COM"), key.z(DEFAULT_ID));
    assert_ne!(key.z(&[]), key.z(&[0; 9000]));
}

#[test]
fn both_encodings_round_trip_and_are_told_apart() {
    let (_, signature) = standard();
    let der = signature.to_der();
    assert_eq!(Signature::from_any(&der).unwrap(), (signature, Encoding::Der));
    let raw = [signature.r, signature.s].concat();
    assert_eq!(Signature::from_any(&raw).unwrap(), (signature, Encoding::Raw));
    assert_eq!(Signature::from_raw(&raw[1..]), Err(Error::RawLength(63)));
    let small = Signature {
        r: {
            let mut r = [0; 32];
            r[31] = 1;
            r
        },
        s: {
            let mut s = [0; 32];
            s[31] = 0x80;
            s
        },
    };
    assert_eq!(
        small.to_der(),
        hex::decode("30070201010202 0080".replace(' ', "")).unwrap()
    );
    assert_eq!(Signature::from_der(&small.to_der()).unwrap(), small);
}

#[test]
fn only_strict_der_is_read() {
    for (wrong, why) in [
        ("", "empty"),
        ("3006020101020101ff", "trailing byte"),
        ("300702010102010100", "trailing byte inside"),
        ("30070202000102 0101", "padded integer"),
        ("308106020101020101", "long-form length"),
        ("3080020101020101 0000", "indefinite length"),
        ("3106020101020101", "another tag"),
        ("30050201010201", "cut short"),
        ("3005020002 0101", "empty integer"),
    ] {
        let der = hex::decode(wrong.replace(' ', "")).unwrap();
        assert_eq!(Signature::from_der(&der), Err(Error::NotDer), "{why}");
    }
}

#[test]
fn halves_outside_the_group_are_refused() {
    let (key, good) = standard();
    for half in [[0; 32], bytes(N), [0xff; 32]] {
        for signature in [Signature { r: half, s: good.s }, Signature { r: good.r, s: half }] {
            assert!(!key.verify(MESSAGE, &signature));
            assert_eq!(
                Signature::from_raw(&[signature.r, signature.s].concat()),
                Err(Error::OutOfRange)
            );
            assert_eq!(Signature::from_der(&signature.to_der()), Err(Error::OutOfRange));
        }
    }
    assert_eq!(
        Signature::from_der(&hex::decode("3006020181020101").unwrap()),
        Err(Error::OutOfRange),
        "negative"
    );
}

#[test]
fn points_off_the_curve_and_other_forms_are_refused() {
    let mut point = bytes::<65>(P);
    point[64] ^= 1;
    assert_eq!(PublicKey::from_sec1(&point).unwrap_err(), Error::PublicKey);
    let mut compressed = bytes::<65>(P)[..33].to_vec();
    compressed[0] = 0x03;
    for wrong in [&compressed[..], &[0], &[], &[4; 65], &bytes::<65>(P)[1..]] {
        assert_eq!(PublicKey::from_sec1(wrong).unwrap_err(), Error::PublicKey);
    }
}

#[test]
fn private_keys_out_of_range_are_refused() {
    let mut last = bytes::<32>(N);
    for wrong in [[0; 32], last, [0xff; 32]] {
        assert_eq!(SecretKey::from_bytes(&wrong).unwrap_err(), Error::SecretKey);
    }
    last[31] -= 1;
    assert_eq!(SecretKey::from_bytes(&last).unwrap_err(), Error::SecretKey, "n-1");
    last[31] -= 1;
    let largest = SecretKey::from_bytes(&last).unwrap();
    assert!(largest.public_key().verify(b"m", &largest.sign(b"m").unwrap()));
}

#[test]
fn pkcs8_round_trips_and_debug_shows_no_secret() {
    let key = SecretKey::from_bytes(&bytes(D)).unwrap();
    let der = key.to_pkcs8_der().unwrap();
    let again = SecretKey::from_pkcs8_der(&der).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    assert!(SecretKey::from_pkcs8_der(&der[..der.len() - 1]).is_err());
    let shown = format!("{key:?}").to_lowercase();
    assert!(!shown.contains(&D[..16]), "{shown}");
    assert!(!shown.contains("57, 69"), "{shown}");
}

#[test]
fn generated_keys_differ() {
    let (a, b) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    assert_ne!(a.public_key(), b.public_key());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_signature_verifies_and_no_flipped_bit_does(
        secret in any::<[u8; 32]>(), message in proptest::collection::vec(any::<u8>(), 1..200), bit in any::<usize>(),
    ) {
        let Ok(key) = SecretKey::from_bytes(&secret) else { return Ok(()) };
        let public = key.public_key();
        let signature = key.sign(&message).unwrap();
        prop_assert!(public.verify(&message, &signature));
        prop_assert_eq!(Signature::from_der(&signature.to_der()).unwrap(), signature);

        let mut other = message.clone();
        let place = bit % (other.len() * 8);
        other[place / 8] ^= 1 << (place % 8);
        prop_assert!(!public.verify(&other, &signature));

        let mut raw = [signature.r, signature.s].concat();
        let place = bit % 512;
        raw[place / 8] ^= 1 << (place % 8);
        let accepted = Signature::from_raw(&raw).is_ok_and(|forged| public.verify(&message, &forged));
        prop_assert!(!accepted);
    }

    #[test]
    fn reading_any_bytes_never_panics(junk in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Signature::from_any(&junk);
        let _ = PublicKey::from_sec1(&junk);
        let _ = SecretKey::from_pkcs8_der(&junk);
    }
}
