//! Batches of every size: one wrong signature is named, and nothing else.
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::sm2::{
    Backend, Check, DEFAULT_ID, Key, PreparedKey, PublicKey, SecretKey, Signature, TableSize, verify_many_on,
};

const LONGEST: usize = 200;

fn keys() -> Vec<SecretKey> {
    (1..=7).map(|i| SecretKey::from_bytes(&[i; 32]).unwrap()).collect()
}

/// Right checks, the keys in turn.
fn signed(secrets: &[SecretKey], publics: &[PublicKey]) -> Vec<(usize, [u8; 32], Signature)> {
    (0..LONGEST)
        .map(|i| {
            let (key, message) = (i % secrets.len(), i.to_be_bytes());
            let digest = cinnabar_sm::sm3::digest([&publics[key].z(DEFAULT_ID)[..], &message]);
            (key, digest, secrets[key].sign(&message).unwrap())
        })
        .collect()
}

/// Breaks one check at a time, each in its own way, and sees that exactly that one is named.
fn try_places<'a>(backend: Backend, checks: &mut [Check<'a>], stranger: Key<'a>, places: impl Iterator<Item = usize>) {
    assert!(
        verify_many_on(backend, checks).iter().all(|right| *right),
        "{backend}: all are right"
    );
    for place in places {
        let whole = checks[place];
        match place % 6 {
            0 => checks[place].signature.r[31] ^= 1,
            1 => checks[place].signature.s[0] ^= 0x10,
            2 => checks[place].digest[17] ^= 0x80,
            3 => checks[place].signature.r = [0; 32],
            4 => checks[place].signature.s = [0xff; 32],
            _ => checks[place].key = stranger,
        }
        let answers = verify_many_on(backend, checks);
        let wrong: Vec<usize> = (0..checks.len()).filter(|i| !answers[*i]).collect();
        assert_eq!(wrong, [place], "{backend}, {}", checks.len());
        checks[place] = whole;
    }
}

#[test]
fn a_batch_with_one_wrong_signature_names_that_one() {
    let secrets = keys();
    let publics: Vec<PublicKey> = secrets.iter().map(SecretKey::public_key).collect();
    let signed = signed(&secrets, &publics);
    let stranger = SecretKey::from_bytes(&[99; 32]).unwrap().public_key();
    for backend in Backend::available() {
        let sizes = [TableSize::Small, TableSize::Medium];
        let tables: Vec<PreparedKey> = publics
            .iter()
            .enumerate()
            .map(|(i, key)| PreparedKey::new_on(backend, key, sizes[i % 2]))
            .collect();
        // All keys with tables; then one in three without.
        for plain in [usize::MAX, 3] {
            let checks: Vec<Check<'_>> = signed
                .iter()
                .enumerate()
                .map(|(i, (key, digest, signature))| Check {
                    key: if i % plain == plain - 1 {
                        Key::Plain(&publics[*key])
                    } else {
                        Key::Prepared(&tables[*key])
                    },
                    digest: *digest,
                    signature: *signature,
                })
                .collect();
            // Without tables it takes longer, so that not every size is tried.
            for size in (1..=LONGEST).filter(|size| plain == usize::MAX || size % 7 == 2) {
                let mut checks = checks[..size].to_vec();
                if size <= 24 || [64, 65].contains(&size) {
                    try_places(backend, &mut checks, Key::Plain(&stranger), 0..size);
                } else {
                    let some = [0, size * 7 % 97 % size, size / 2, size - 1];
                    try_places(backend, &mut checks, Key::Plain(&stranger), some.into_iter());
                }
            }
        }
    }
}

#[test]
fn many_wrong_ones_leave_the_right_ones_right() {
    let secrets = keys();
    let publics: Vec<PublicKey> = secrets.iter().map(SecretKey::public_key).collect();
    let signed = signed(&secrets, &publics);
    for backend in Backend::available() {
        let table = |key| PreparedKey::new_on(backend, key, TableSize::Small);
        let tables: Vec<PreparedKey> = publics.iter().map(table).collect();
        for every in 1..9 {
            let checks: Vec<Check<'_>> = signed
                .iter()
                .enumerate()
                .map(|(i, (key, digest, signature))| {
                    let mut digest = *digest;
                    digest[31] ^= u8::from(i % every == 0);
                    Check {
                        key: Key::Prepared(&tables[*key]),
                        digest,
                        signature: *signature,
                    }
                })
                .collect();
            let expected: Vec<bool> = (0..LONGEST).map(|i| i % every != 0).collect();
            assert_eq!(verify_many_on(backend, &checks), expected, "{backend}");
        }
        assert!(verify_many_on(backend, &[]).is_empty());
    }
}
