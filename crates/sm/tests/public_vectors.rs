//! Numbers that others published, each with its source in `vectors/`, on every backend and in every width of lanes.
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::{
    sm2::{Backend, Check, Key, PreparedKey, PublicKey, Signature, TableSize, verify_many_on},
    sm3::{self, Lanes},
};

struct Record {
    source: String,
    key: PublicKey,
    digest: [u8; 32],
    signature: Signature,
    right: bool,
}

/// The records of `vectors/sm2.txt`; a field that is missing or unknown is a fault of the file.
fn signatures() -> Vec<Record> {
    let records = include_str!("vectors/sm2.txt").split("\n\n").skip(1);
    records
        .map(|text| {
            let (mut source, mut key, mut id, mut message) = (String::new(), None, None, None);
            let (mut digest, mut signature, mut right) = (None, None, true);
            for line in text.lines() {
                let (field, value) = line.split_once(' ').unwrap_or((line, ""));
                match field {
                    "#" => source = value.to_owned(),
                    "key" => key = Some(PublicKey::from_sec1(&hex::decode(value).unwrap()).unwrap()),
                    "id" => id = Some(hex::decode(value).unwrap()),
                    "message" => message = Some(hex::decode(value).unwrap()),
                    "digest" => digest = Some(hex::decode(value).unwrap().try_into().unwrap()),
                    "signature" => signature = Some(Signature::from_der(&hex::decode(value).unwrap()).unwrap()),
                    "wrong" => right = false,
                    _ => panic!("unknown field {field} in vectors/sm2.txt"),
                }
            }
            let key = key.unwrap();
            let digest = digest.unwrap_or_else(|| sm3::digest([&key.z(&id.unwrap())[..], message.as_deref().unwrap()]));
            Record {
                source,
                key,
                digest,
                signature: signature.unwrap(),
                right,
            }
        })
        .collect()
}

fn digests() -> Vec<(Vec<u8>, [u8; 32])> {
    include_str!("vectors/sm3.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (message, digest) = line.split_once(' ').unwrap();
            let message = if message == "-" { "" } else { message };
            (
                hex::decode(message).unwrap(),
                hex::decode(digest).unwrap().try_into().unwrap(),
            )
        })
        .collect()
}

#[test]
fn published_signatures_verify_one_at_a_time() {
    let records = signatures();
    assert_eq!(records.len(), 12);
    for Record {
        source,
        key,
        digest,
        signature,
        right,
    } in &records
    {
        assert_eq!(key.verify_digest(digest, signature), *right, "{source}");
        let prepared = PreparedKey::new(key, TableSize::Small);
        assert_eq!(prepared.verify_digest(digest, signature), *right, "{source}, prepared");
    }
}

#[test]
fn published_signatures_verify_together_on_every_backend() {
    let records = signatures();
    let right: Vec<bool> = records.iter().map(|record| record.right).collect();
    for backend in Backend::available() {
        let prepared: Vec<_> = records
            .iter()
            .map(|record| PreparedKey::new_on(backend, &record.key, TableSize::Medium))
            .collect();
        let checks: Vec<_> = records
            .iter()
            .zip(&prepared)
            .flat_map(|(record, prepared)| {
                [Key::Plain(&record.key), Key::Prepared(prepared)].map(|key| Check {
                    key,
                    digest: record.digest,
                    signature: record.signature,
                })
            })
            .collect();
        let expected: Vec<bool> = right.iter().flat_map(|right| [*right; 2]).collect();
        assert_eq!(verify_many_on(backend, &checks), expected, "{backend:?}");
        for (check, expected) in checks.iter().zip(&expected) {
            assert_eq!(verify_many_on(backend, &[*check]), [*expected], "{backend:?}, alone");
        }
    }
}

#[test]
fn no_published_signature_verifies_another_digest() {
    let records = signatures();
    for backend in Backend::available() {
        for shift in 1..records.len() {
            let checks: Vec<_> = (0..records.len())
                .map(|i| Check {
                    key: Key::Plain(&records[i].key),
                    digest: records[(i + shift) % records.len()].digest,
                    signature: records[i].signature,
                })
                .filter(|check| {
                    records
                        .iter()
                        .all(|own| own.signature != check.signature || own.digest != check.digest)
                })
                .collect();
            assert!(!checks.is_empty());
            assert!(!verify_many_on(backend, &checks).contains(&true), "{backend:?}");
        }
    }
}

#[test]
fn published_messages_have_their_digests_in_every_width() {
    let vectors = digests();
    assert_eq!(vectors.len(), 138);
    for (message, digest) in &vectors {
        assert_eq!(sm3::digest([&message[..]]), *digest);
        let bytes: Vec<&[u8]> = message.chunks(1).collect();
        assert_eq!(sm3::digest(bytes), *digest, "byte by byte");
    }
    // Whole, in two pieces, and in pieces of seven bytes with an empty one.
    let cuts: Vec<Vec<&[u8]>> = vectors
        .iter()
        .enumerate()
        .map(|(i, (message, _))| match i % 3 {
            0 => vec![&message[..]],
            1 => vec![&message[..message.len() / 2], &message[message.len() / 2..]],
            _ => std::iter::once(&[][..]).chain(message.chunks(7)).collect(),
        })
        .collect();
    let messages: Vec<&[&[u8]]> = cuts.iter().map(Vec::as_slice).collect();
    let expected: Vec<[u8; 32]> = vectors.iter().map(|(_, digest)| *digest).collect();
    for lanes in Lanes::available() {
        assert_eq!(sm3::digest_many_on(lanes, &messages), expected, "{lanes:?}");
        for count in 1..40 {
            let (few, some) = (&messages[..count], &expected[..count]);
            assert_eq!(sm3::digest_many_on(lanes, few), some, "{lanes:?}, {count} messages");
        }
    }
}
