//! The rows of `cinnabar-sm`.

use std::hint::black_box;

use cinnabar_sm::sha256;
use cinnabar_sm::sm2::{Backend, Check, Key, PreparedKey, PublicKey, Signature, TableSize, verify_many_on};
use cinnabar_sm::sm3::{self, Lanes};

use crate::Fault;
use crate::row::{Row, Work};
use crate::vectors::{Signed, Vectors, bad};

const PEER: &str = "Cinnabar";

/// What hashes are measured over.
pub const LENGTHS: [(&str, usize); 3] = [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20)];

/// Bytes of all streams that are hashed together, fewer for short ones.
const ALL_STREAMS: usize = 16 << 20;

const HOT: &str = "sm2 verify, 8 keys, batch of 64";
const PREPARED: &str = "sm2 verify, prepared key, one at a time";
const UNKNOWN: &str = "sm2 verify, unknown key, one at a time";
const UNKNOWN_BATCH: &str = "sm2 verify, unknown keys, batch of 64";

/// The most memory that the tables of 1024 keys may take.
const MANY_KEYS_BYTES: usize = 200 << 20;

pub fn rows(vectors: &Vectors) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    let best = Backend::best();
    for (what, set, batch) in [
        ("sm2 verify, 1 key, batch of 64", "one", 64),
        (HOT, "eight", 64),
        ("sm2 verify, 8 keys, batch of 1024", "eight", 1024),
        ("sm2 verify, 64 keys, batch of 1024", "64", 1024),
        ("sm2 verify, 1024 keys, batch of 1024", "1024", 1024),
        (PREPARED, "eight", 1),
    ] {
        let signed = vectors.set(set);
        rows.push(Row::new(what, PEER, move || prepared(best, &signed, batch)));
    }
    for (what, batch) in [
        (UNKNOWN, 1),
        (UNKNOWN_BATCH, 64),
        ("sm2 verify, unknown keys, batch of 1024", 1024),
    ] {
        let signed = vectors.set("1024");
        rows.push(Row::new(what, PEER, move || unknown(best, &signed, batch)));
    }
    for backend in Backend::available() {
        let peer = format!("{PEER}, {}", format!("{backend:?}").to_lowercase());
        for (what, batch) in [(HOT, 64), (PREPARED, 1)] {
            let signed = vectors.set("eight");
            rows.push(Row::new(what, &peer, move || prepared(backend, &signed, batch)));
        }
        for (what, batch) in [(UNKNOWN, 1), (UNKNOWN_BATCH, 64)] {
            let signed = vectors.set("1024");
            rows.push(Row::new(what, &peer, move || unknown(backend, &signed, batch)));
        }
    }
    rows.extend(hashes());
    Ok(rows)
}

/// From DER, under keys with tables.
fn prepared(backend: Backend, signed: &[Signed], batch: usize) -> Result<Work, Fault> {
    // As after some thousand verifications in a long run.
    backend.warm();
    let mut keys: Vec<Vec<u8>> = signed.iter().map(|one| one.key.clone()).collect();
    keys.sort();
    keys.dedup();
    let make = |size: TableSize| {
        keys.iter()
            .map(|key| Ok(PreparedKey::new_on(backend, &PublicKey::from_sec1(key)?, size)))
            .collect::<Result<Vec<_>, Fault>>()
    };
    let bytes = |tables: &[PreparedKey]| tables.iter().map(PreparedKey::table_bytes).sum::<usize>();
    // The largest tables that may be had for so many keys: one key's tell what all would take.
    let size = [TableSize::Large, TableSize::Medium, TableSize::Small]
        .into_iter()
        .find(|size| {
            let one =
                PublicKey::from_sec1(&keys[0]).map_or(0, |key| PreparedKey::new_on(backend, &key, *size).table_bytes());
            one * keys.len() <= MANY_KEYS_BYTES
        })
        .unwrap_or(TableSize::Small);
    let tables = make(size)?;
    let note = format!(
        "{size:?} tables, {:.1} MiB for {} keys",
        bytes(&tables) as f64 / f64::from(1 << 20),
        keys.len()
    );
    let index = |key: &Vec<u8>| keys.binary_search(key).map_err(|_| "no table");
    let with = |signed: &[Signed]| {
        signed
            .iter()
            .map(|one| Ok((tables[index(&one.key)?].clone(), one.e, one.der.clone())))
            .collect::<Result<Vec<_>, Fault>>()
    };
    let (good, wrong) = (with(signed)?, with(&bad(signed))?);
    let mut at = 0;
    let run = move || {
        at = if at + 2 * batch > good.len() { 0 } else { at + batch };
        answers(
            backend,
            good[at..at + batch]
                .iter()
                .map(|(key, e, der)| (Key::Prepared(key), *e, der)),
        )
        .all(|right| right)
    };
    let refuses =
        move || answers(backend, wrong.iter().map(|(key, e, der)| (Key::Prepared(key), *e, der))).all(|right| !right);
    Ok(Work::new(batch as f64, run).refusing(refuses).noted(note))
}

/// From DER and the key's bytes, as they come: reading the key, which proves that it is on the curve, is timed too.
fn unknown(backend: Backend, signed: &[Signed], batch: usize) -> Result<Work, Fault> {
    let (good, wrong) = (signed.to_vec(), bad(signed));
    let mut at = 0;
    let check = move |signed: &[Signed], expected: bool| {
        let keys: Vec<PublicKey> = signed
            .iter()
            .filter_map(|one| PublicKey::from_sec1(&one.key).ok())
            .collect();
        keys.len() == signed.len()
            && answers(
                backend,
                keys.iter()
                    .zip(signed)
                    .map(|(key, one)| (Key::Plain(key), one.e, &one.der)),
            )
            .all(|right| right == expected)
    };
    let run = move || {
        at = if at + 2 * batch > good.len() { 0 } else { at + batch };
        check(&good[at..at + batch], true)
    };
    Ok(Work::new(batch as f64, run).refusing(move || check(&wrong, false)))
}

/// Reads the values and asks for all answers at once.
fn answers<'a>(
    backend: Backend,
    asked: impl Iterator<Item = (Key<'a>, [u8; 32], &'a Vec<u8>)>,
) -> impl Iterator<Item = bool> {
    let checks: Vec<Check<'a>> = asked
        .filter_map(|(key, digest, der)| {
            let signature = Signature::from_der(der).ok()?;
            Some(Check { key, digest, signature })
        })
        .collect();
    verify_many_on(backend, &checks).into_iter()
}

/// Messages that are not all alike.
pub fn messages(lengths: &[usize]) -> Vec<Vec<u8>> {
    let byte = |number: usize, at: usize| (number.wrapping_mul(31) ^ at.wrapping_mul(0x9e37) >> 3) as u8;
    lengths
        .iter()
        .enumerate()
        .map(|(number, length)| (0..*length).map(|at| byte(number, at)).collect())
        .collect()
}

/// Lengths from 1 KiB to 1 MiB, each doubling as likely as the next, so that lanes end at different times.
fn unequal() -> Vec<usize> {
    let mut state = 7u64;
    (0..96)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let part = (state >> 33) as f64 / f64::from(1u32 << 31);
            (1024.0 * 2f64.powf(10.0 * part)) as usize
        })
        .collect()
}

fn hashes() -> Vec<Row> {
    let mut rows = Vec::new();
    type One = fn(&[u8]) -> [u8; 32];
    type Many = fn(&[&[&[u8]]]) -> Vec<[u8; 32]>;
    let algorithms: [(&str, One, Many); 2] = [
        ("sm3", |message| sm3::digest([message]), sm3::digest_many),
        ("sha256", |message| sha256::digest([message]), sha256::digest_many),
    ];
    for (algorithm, one, many) in algorithms {
        for (label, length) in LENGTHS {
            let count = ALL_STREAMS / length.max(64 << 10);
            let what = format!("{algorithm} many streams, {label}");
            rows.push(streams(&what, PEER, vec![length; count], many));
            rows.push(stream(&format!("{algorithm} one stream, {label}"), PEER, length, one));
        }
        let what = format!("{algorithm} many streams, 1 KiB to 1 MiB");
        rows.push(streams(&what, PEER, unequal(), many));
    }
    let (label, length) = LENGTHS[1];
    let (many, one) = (format!("sm3 many streams, {label}"), format!("sm3 one stream, {label}"));
    for lanes in Lanes::available() {
        let peer = format!("{PEER}, {}", format!("{lanes:?}").to_lowercase());
        let lengths = vec![length; ALL_STREAMS / length];
        rows.push(streams(&many, &peer, lengths, move |messages| {
            sm3::digest_many_on(lanes, messages)
        }));
        rows.push(stream(&one, &peer, length, move |message| {
            sm3::digest_on(lanes, [message])
        }));
    }
    rows
}

/// What a crate that is not ours says of a message.
fn reference(what: &str, message: &[u8]) -> Vec<u8> {
    if what.starts_with("sm3") {
        return <::sm3::Sm3 as ::sm3::Digest>::digest(message).to_vec();
    }
    ring::digest::digest(&ring::digest::SHA256, message).as_ref().to_vec()
}

fn stream(what: &str, peer: &str, length: usize, digest: impl Fn(&[u8]) -> [u8; 32] + Copy + 'static) -> Row {
    let name = what.to_owned();
    Row::new(what, peer, move || {
        let message = messages(&[length]).remove(0);
        let right = digest(&message)[..] == reference(&name, &message);
        let run = move || {
            black_box(digest(black_box(&message)));
            true
        };
        Ok(Work::new(length as f64, run).refusing(move || right))
    })
}

fn streams(
    what: &str,
    peer: &str,
    lengths: Vec<usize>,
    digest_many: impl Fn(&[&[&[u8]]]) -> Vec<[u8; 32]> + Copy + 'static,
) -> Row {
    let name = what.to_owned();
    Row::new(what, peer, move || {
        let messages = messages(&lengths);
        let total: usize = lengths.iter().sum();
        let expected: Vec<Vec<u8>> = messages.iter().map(|message| reference(&name, message)).collect();
        let digests = move || {
            let pieces: Vec<[&[u8]; 1]> = messages.iter().map(|message| [&message[..]]).collect();
            let pieces: Vec<&[&[u8]]> = pieces.iter().map(|one| &one[..]).collect();
            black_box(digest_many(&pieces))
        };
        let right = digests()
            .iter()
            .zip(&expected)
            .all(|(digest, other)| digest[..] == other[..]);
        Ok(Work::new(total as f64, move || digests().len() == expected.len()).refusing(move || right))
    })
}
