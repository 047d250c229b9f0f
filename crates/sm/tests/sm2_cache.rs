//! The cache of keys: what it remembers, what it forgets, and that it keeps to its bytes.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{sync::LazyLock, thread};

use cinnabar_sm::sm2::{DEFAULT_ID, Key, KeyCache, SecretKey, Signature};

struct Signed {
    point: [u8; 65],
    digest: [u8; 32],
    signature: Signature,
}

static SIGNED: LazyLock<Vec<Signed>> = LazyLock::new(|| {
    (1..=600u16)
        .map(|i| {
            let mut secret = [0x5a; 32];
            secret[..2].copy_from_slice(&i.to_be_bytes());
            let secret = SecretKey::from_bytes(&secret).unwrap();
            let public = secret.public_key();
            Signed {
                point: public.to_sec1(),
                digest: cinnabar_sm::sm3::digest([&public.z(DEFAULT_ID)[..], b"m"]),
                signature: secret.sign(b"m").unwrap(),
            }
        })
        .collect()
});

const MIB: usize = 1 << 20;

fn table_bytes(cache: &KeyCache, signed: &Signed) -> usize {
    let known = cache.meet(&signed.point, 0).unwrap();
    let (bytes, right) = match known.key() {
        Key::Plain(key) => (0, key.verify_digest(&signed.digest, &signed.signature)),
        Key::Prepared(key) => (key.table_bytes(), key.verify_digest(&signed.digest, &signed.signature)),
    };
    assert!(right);
    bytes
}

#[test]
fn tables_grow_with_the_uses_of_a_key() {
    let cache = KeyCache::new(32 * MIB);
    let signed = &SIGNED[0];
    let mut sizes = Vec::new();
    for uses in [1, 2, 1, 59, 1, 100, 10_000] {
        let before = cache.meet(&signed.point, uses).unwrap();
        assert_eq!(before.z(), cache.meet(&signed.point, 0).unwrap().z());
        cache.settle();
        sizes.push(table_bytes(&cache, signed));
    }
    sizes.dedup();
    assert_eq!(sizes.len(), 4, "{sizes:?}");
    assert!(sizes.is_sorted() && sizes[0] == 0, "{sizes:?}");
    // A thousand keys of the middle size fit into 200 MiB.
    assert!(sizes[2] * 1024 < 200 * MIB && sizes[3] < 6 * MIB);
    let stats = cache.stats();
    assert_eq!((stats.keys, stats.tables, stats.built), (1, 1, 3));
    assert!(
        stats.bytes > sizes[3] && stats.bytes < sizes[3] + 4096,
        "the smaller ones are gone: {stats:?}"
    );
}

#[test]
fn a_key_met_often_at_once_skips_the_smaller_tables() {
    let cache = KeyCache::new(32 * MIB);
    let _first = cache.meet(&SIGNED[0].point, 100_000);
    cache.settle();
    assert!(table_bytes(&cache, &SIGNED[0]) > 4 * MIB);
    assert_eq!(cache.stats().built, 1);
}

#[test]
fn the_bound_holds_and_hot_keys_outlive_a_flood() {
    let limit = MIB;
    let cache = KeyCache::new(limit);
    let hot = &SIGNED[0];
    for round in 0..3 {
        for signed in &SIGNED[1..] {
            let known = cache.meet(&signed.point, 1).unwrap();
            assert!(matches!(known.key(), Key::Plain(_)) || round > 0);
            let _hot = cache.meet(&hot.point, 10);
            assert!(cache.stats().bytes <= limit, "{:?}", cache.stats());
        }
        cache.settle();
        assert!(table_bytes(&cache, hot) > 0, "round {round}");
    }
    let stats = cache.stats();
    assert!(stats.keys < SIGNED.len() / 2, "{stats:?}");
}

#[test]
fn a_table_gives_way_to_one_that_is_used_far_more() {
    // Room for one table of the middle size.
    let cache = KeyCache::new(256 << 10);
    let [a, b, c] = [&SIGNED[0], &SIGNED[1], &SIGNED[2]];
    for (signed, uses) in [(a, 70), (b, 90), (c, 2_000)] {
        let _known = cache.meet(&signed.point, uses);
        cache.settle();
    }
    assert!(table_bytes(&cache, a) == 0, "evicted");
    assert!(table_bytes(&cache, c) > 100 << 10, "used most");
    // The other had its small table beside the first one's or none; it never pushed one out that was used about as much.
    let stats = cache.stats();
    assert!(stats.bytes <= 256 << 10 && stats.tables >= 1, "{stats:?}");
}

#[test]
fn what_is_no_key_is_neither_known_nor_remembered() {
    let cache = KeyCache::new(MIB);
    let mut point = SIGNED[0].point;
    point[64] ^= 1;
    for _ in 0..100 {
        assert!(cache.meet(&point, 100).is_none());
    }
    cache.settle();
    assert_eq!(cache.stats().keys, 0);
    assert_eq!(cache.stats().bytes, 0);
}

#[test]
fn a_cache_without_bytes_still_gives_keys() {
    for bytes in [0, 1, 1000, 20_000] {
        let cache = KeyCache::new(bytes);
        for signed in &SIGNED[..50] {
            let known = cache.meet(&signed.point, 1_000_000).unwrap();
            let Key::Plain(key) = known.key() else {
                panic!("no room for a table")
            };
            assert!(key.verify_digest(&signed.digest, &signed.signature));
            assert!(cache.stats().bytes <= bytes);
        }
        cache.settle();
        assert!(cache.stats().bytes <= bytes, "{:?}", cache.stats());
    }
}

#[test]
fn threads_share_one_cache() {
    let cache = KeyCache::new(8 * MIB);
    thread::scope(|scope| {
        for offset in 0..8 {
            let cache = &cache;
            scope.spawn(move || {
                for i in 0..400 {
                    let signed = &SIGNED[(i * 7 + offset) % 40];
                    let known = cache.meet(&signed.point, 3).unwrap();
                    let right = match known.key() {
                        Key::Plain(key) => key.verify_digest(&signed.digest, &signed.signature),
                        Key::Prepared(key) => key.verify_digest(&signed.digest, &signed.signature),
                    };
                    assert!(right);
                }
            });
        }
    });
    cache.settle();
    let stats = cache.stats();
    assert_eq!((stats.keys, stats.tables), (40, 40), "{stats:?}");
    assert!(stats.bytes <= 8 * MIB);
}
