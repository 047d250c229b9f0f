//! Signatures put together by algebra, so that they meet what random ones never do: equal and opposite points inside the sum, infinity,
//! abscissas at the ends of the field.
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::sm2::{Backend, Check, Error, Key, PreparedKey, PublicKey, Signature, TableSize, verify_many_on};
use sm2::{
    AffinePoint, FieldBytes, ProjectivePoint, Scalar, Sec1Point, U256,
    elliptic_curve::{
        PrimeField,
        ops::Reduce,
        point::AffineCoordinates,
        sec1::{FromSec1Point, ToSec1Point},
    },
};

const N: &str = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn scalar(hex: &str) -> Scalar {
    Scalar::from_repr(bytes::<32>(hex).into()).unwrap()
}

fn small(number: u64) -> Scalar {
    Scalar::from(number)
}

fn reduced(number: [u8; 32]) -> Scalar {
    <Scalar as Reduce<FieldBytes>>::reduce(&number.into())
}

fn be(scalar: &Scalar) -> [u8; 32] {
    scalar.to_repr().into()
}

fn abscissa(point: &ProjectivePoint) -> [u8; 32] {
    point.to_affine().x().into()
}

fn key(point: &ProjectivePoint) -> PublicKey {
    PublicKey::from_sec1(point.to_affine().to_sec1_point(false).as_bytes()).unwrap()
}

fn point(x: &str, y: &str) -> ProjectivePoint {
    let encoded = Sec1Point::from_bytes(hex::decode(format!("04{x}{y}")).unwrap()).unwrap();
    AffinePoint::from_sec1_point(&encoded).unwrap().into()
}

/// A verification with the answer that the algebra gives.
#[derive(Clone)]
struct Case {
    why: String,
    key: PublicKey,
    digest: [u8; 32],
    signature: Signature,
    right: bool,
}

impl Case {
    /// The signature whose verification adds `[s]G` and `[t]Q` and meets the point that `e` was made for.
    fn new(why: &str, key: PublicKey, e: &Scalar, r: &Scalar, s: &Scalar, right: bool) -> Self {
        Self {
            why: why.into(),
            key,
            digest: be(e),
            signature: Signature { r: be(r), s: be(s) },
            right,
        }
    }

    /// `Q = [k]G` with chosen multipliers.
    fn chosen(k: &Scalar, s: &Scalar, t: &Scalar) -> Vec<Self> {
        let q = ProjectivePoint::GENERATOR * k;
        let r = t - s;
        let sum = ProjectivePoint::GENERATOR * s + q * t;
        if r == Scalar::ZERO {
            return Vec::new();
        }
        let why = format!("k {k:?}, s {s:?}, t {t:?}");
        if sum == ProjectivePoint::IDENTITY {
            // What infinity might be mistaken for: abscissas 0 and 1, and those of the points on the way.
            let mut wrong = vec![Scalar::ZERO, Scalar::ONE, reduced(abscissa(&q))];
            wrong.push(reduced(abscissa(&ProjectivePoint::GENERATOR)));
            return wrong
                .iter()
                .map(|x| Self::new(&format!("infinity, {why}"), key(&q), &(r - x), &r, s, false))
                .collect();
        }
        let e = r - reduced(abscissa(&sum));
        vec![
            Self::new(&why, key(&q), &e, &r, s, *t != Scalar::ZERO),
            Self::new(&format!("another e, {why}"), key(&q), &(e + Scalar::ONE), &r, s, false),
        ]
    }

    /// A key for which `r`, `s` verify by meeting `sum`; `x` is what the verifier will be told to find.
    fn meeting(why: &str, sum: &ProjectivePoint, x: &Scalar, r: &Scalar, s: &Scalar, right: bool) -> Self {
        let t = r + s;
        let q = (*sum - ProjectivePoint::GENERATOR * s) * t.invert().unwrap();
        Self::new(why, key(&q), &(r - x), r, s, right)
    }
}

/// Answers every case in every way: alone and in one batch, with a table of each size and without.
fn check(cases: &[Case], sizes: &[Option<TableSize>]) {
    for backend in Backend::available() {
        for size in sizes {
            let mut made: Vec<(PublicKey, PreparedKey)> = Vec::new();
            if let Some(size) = size {
                for case in cases {
                    if !made.iter().any(|(key, _)| *key == case.key) {
                        made.push((case.key.clone(), PreparedKey::new_on(backend, &case.key, *size)));
                    }
                }
            }
            let checks: Vec<Check<'_>> = cases
                .iter()
                .map(|case| Check {
                    key: match made.iter().find(|(key, _)| *key == case.key) {
                        Some((_, prepared)) => Key::Prepared(prepared),
                        None => Key::Plain(&case.key),
                    },
                    digest: case.digest,
                    signature: case.signature,
                })
                .collect();
            let answers = verify_many_on(backend, &checks);
            for ((case, check), answer) in cases.iter().zip(&checks).zip(answers) {
                let why = format!("{backend}, {size:?}: {}", case.why);
                assert_eq!(answer, case.right, "in a batch, {why}");
                let alone = verify_many_on(backend, std::slice::from_ref(check));
                assert_eq!(alone, [case.right], "alone, {why}");
                if let Key::Prepared(key) = check.key {
                    assert_eq!(
                        key.verify_digest(&case.digest, &case.signature),
                        case.right,
                        "by its table, {why}"
                    );
                }
            }
        }
    }
    for case in cases {
        assert_eq!(
            case.key.verify_digest(&case.digest, &case.signature),
            case.right,
            "{}",
            case.why
        );
    }
}

const ALL: [Option<TableSize>; 4] = [
    None,
    Some(TableSize::Small),
    Some(TableSize::Medium),
    Some(TableSize::Large),
];

/// Multipliers whose digits are few, many, or at their limits.
fn multipliers() -> Vec<Scalar> {
    let mut out: Vec<Scalar> = [1u64, 2, 3, 4, 15, 16, 17, 31, 32, 64, 127, 128, 4096, 4097, 1 << 40]
        .into_iter()
        .map(small)
        .collect();
    out.extend(out.clone().iter().map(|number| -*number));
    // Half the order, whose sign may go either way.
    let half = scalar("7fffffff7fffffffffffffffffffffffb901efb590e30295a9ddfa049ceaa091");
    out.extend([half, half + Scalar::ONE, half + half + Scalar::ONE - Scalar::from(7u64)]);
    out.push(scalar(
        "0123456789abcdeffedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0",
    ));
    out
}

#[test]
fn equal_and_opposite_points_inside_the_sum() {
    let multipliers = multipliers();
    for k in [1u64, 2, 3, 16, 128, 4096] {
        for k in [small(k), -small(k)] {
            let mut cases = Vec::new();
            for (i, s) in multipliers.iter().enumerate() {
                // [s]G and [t]Q equal, opposite, or neighbours.
                let meet = s * &k.invert().unwrap();
                let others = (0..3).map(|j| multipliers[(i * 5 + j * 11) % multipliers.len()]);
                for t in [*s, -*s, meet, -meet, meet + Scalar::ONE].into_iter().chain(others) {
                    cases.extend(Case::chosen(&k, s, &t));
                }
            }
            // With Q = -G the sum is infinite only for r = 0, which is no signature.
            assert!(k == -small(1) || cases.iter().any(|case| case.why.starts_with("infinity")));
            let large = k == small(1) || k == -small(2);
            check(&cases, if large { &ALL } else { &ALL[..3] });
        }
    }
}

#[test]
fn abscissas_between_the_order_and_the_modulus() {
    let beyond = [
        (
            "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54127",
            "13382f1ec459a2ff2b0b5bdf5ad8f25209357b4c4333219a04c5c0021b13daa5",
            4,
        ),
        (
            "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54128",
            "64bd791449f4dfd92cdbaf454c9c9ae7e9c8c2d95dcaa8f1acd68a2732bc5fb5",
            5,
        ),
        (
            "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54129",
            "fda150c0b4de54f09c6c2c5b060a9b4e128683e1e453582603dda13b27d7a555",
            6,
        ),
    ];
    let zero = "0000000000000000000000000000000000000000000000000000000000000000";
    let one = "0000000000000000000000000000000000000000000000000000000000000001";
    let least = [
        (
            zero,
            "fd4511e81736a60f07e88a83d6cf5a167fae6d1a9c9330e76e232e00f5cdc154",
            0,
        ),
        (
            one,
            "9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3",
            1,
        ),
    ];
    let (r, s) = (
        scalar("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
        small(12_345),
    );
    let mut cases = Vec::new();
    for (x, y, left) in beyond.into_iter().chain(least) {
        let sum = point(x, y);
        cases.push(Case::meeting("x modulo n", &sum, &small(left), &r, &s, true));
        cases.push(Case::meeting("x modulo n, opposite", &-sum, &small(left), &r, &s, true));
        cases.push(Case::meeting("off by one", &sum, &small(left + 1), &r, &s, false));
    }
    // p - n + 1: the order and this make p + 1, which is 1 modulo p but no abscissa.
    let wrapped = scalar("000000000000000000000000000000008dfc2093de39fad5ac440bf6c62abedd");
    let sum = point(one, least[1].1);
    cases.push(Case::meeting("wrapped around p", &sum, &wrapped, &r, &s, false));
    check(&cases, &ALL[..3]);
}

#[test]
fn halves_at_the_ends_of_their_range() {
    let sum = ProjectivePoint::GENERATOR * small(77);
    let x = reduced(abscissa(&sum));
    let middle = scalar("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    let ends = [small(1), small(2), -small(1), -small(2), middle];
    let mut cases = Vec::new();
    for r in ends {
        for s in ends {
            if r + s != Scalar::ZERO {
                cases.push(Case::meeting("ends", &sum, &x, &r, &s, true));
            }
        }
    }
    // t = 0: [s]G alone would fit, and the key would not matter.
    for s in [small(1), small(77), -small(1)] {
        let alone = ProjectivePoint::GENERATOR * s;
        let e = -s - reduced(abscissa(&alone));
        let any = key(&(ProjectivePoint::GENERATOR * small(5)));
        cases.push(Case::new("t is zero", any, &e, &-s, &s, false));
    }
    // Zero, and the same numbers a multiple of n further on.
    let order: [u8; 32] = bytes(N);
    let good = Case::meeting("good", &sum, &x, &small(9), &small(4), true);
    for half in [[0; 32], order, plus(&order, 9), plus(&order, 4), [0xff; 32]] {
        let mut case = good.clone();
        case.right = false;
        case.why = format!("r is {}", hex::encode(half));
        case.signature.r = half;
        cases.push(case.clone());
        case.why = format!("s is {}", hex::encode(half));
        case.signature = Signature {
            s: half,
            ..good.signature
        };
        cases.push(case);
    }
    check(&cases, &ALL[..3]);
}

/// A number and a small one, 32 bytes.
fn plus(number: &[u8; 32], small: u64) -> [u8; 32] {
    U256::from_be_slice(number)
        .wrapping_add(&U256::from_u64(small))
        .to_be_bytes()
        .into()
}

#[test]
fn digests_at_or_above_the_order_are_reduced() {
    let sum = ProjectivePoint::GENERATOR * small(99);
    let x = reduced(abscissa(&sum));
    let mut cases = Vec::new();
    for e in [0u64, 1, 5, 1 << 60] {
        let r = small(e) + x;
        let mut case = Case::meeting("e", &sum, &x, &r, &small(3), true);
        assert_eq!(case.digest, be(&small(e)));
        cases.push(case.clone());
        case.digest = plus(&bytes(N), e);
        case.why = "e + n".into();
        cases.push(case.clone());
        case.digest = plus(&bytes(N), e + 1);
        case.right = false;
        cases.push(case);
    }
    let last = reduced([0xff; 32]);
    let mut case = Case::meeting("e is 2^256 - 1", &sum, &x, &(last + x), &small(3), true);
    case.digest = [0xff; 32];
    cases.push(case);
    check(&cases, &ALL[..3]);
}

#[test]
fn coordinates_above_the_modulus_and_other_curves_are_no_keys() {
    let g = ProjectivePoint::GENERATOR.to_affine().to_sec1_point(false);
    let good: [u8; 65] = g.as_bytes().try_into().unwrap();
    assert!(PublicKey::from_sec1(&good).is_ok());
    // x = 0 and x = 1 are abscissas; p and p + 1 would be the same numbers.
    let least = [
        ("fd4511e81736a60f07e88a83d6cf5a167fae6d1a9c9330e76e232e00f5cdc154", "00"),
        ("9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3", "01"),
    ];
    for (y, last) in least {
        let x = format!("{}{last}", "00".repeat(31));
        assert!(PublicKey::from_sec1(&hex::decode(format!("04{x}{y}")).unwrap()).is_ok());
        let p = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";
        let beyond = hex::encode(plus(&bytes(p), u64::from(last == "01")));
        let wrong = hex::decode(format!("04{beyond}{y}")).unwrap();
        assert_eq!(PublicKey::from_sec1(&wrong).unwrap_err(), Error::PublicKey);
    }
    for place in 1..65 {
        let mut wrong = good;
        wrong[place] ^= 1;
        assert_eq!(PublicKey::from_sec1(&wrong).unwrap_err(), Error::PublicKey);
    }
    // The base point of P-256, infinity, and nothing but ones.
    let p256 = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let (mut zeros, mut ones) = ([0; 65], [0xff; 65]);
    (zeros[0], ones[0]) = (4, 4);
    for wrong in [bytes(p256), zeros, ones] {
        assert_eq!(PublicKey::from_sec1(&wrong).unwrap_err(), Error::PublicKey);
    }
}
