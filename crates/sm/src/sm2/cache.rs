//! Keys met before, those met often with their tables.
//!
//! A few hundred seals make almost all signatures, so that a key which was met often will be met again. The more often, the
//! larger its table: see [`TableSize`]. Tables are made by one thread, which the cache starts when the first is worth making
//! and ends when it is dropped; until a table is there the key serves without.
//!
//! Hostile input is full of keys that are met once. They are remembered in two generations of bounded size: when the younger is full the
//! elder is forgotten, unless a key in it was met again. A key with a table is forgotten only with its table, when another key makes
//! better use of the bytes. Points that are no keys are not remembered at all: to refuse one takes less than a microsecond.
#![forbid(unsafe_code)]

mod builder;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

#[cfg(doc)]
use super::TableSize;
use super::{DEFAULT_ID, Key, PreparedKey, PublicKey};
use builder::Builder;

/// A key that the cache knows.
#[derive(Debug, Clone)]
pub struct KnownKey {
    key: PublicKey,
    z: [u8; 32],
    prepared: Option<PreparedKey>,
}

impl KnownKey {
    /// Gives the key in its fastest form.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        self.prepared.as_ref().map_or(Key::Plain(&self.key), Key::Prepared)
    }

    /// Gives Z under [`DEFAULT_ID`].
    #[must_use]
    pub fn z(&self) -> &[u8; 32] {
        &self.z
    }
}

/// What a [`KeyCache`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Keys, with and without a table.
    pub keys: usize,
    /// Keys with a table.
    pub tables: usize,
    /// Bytes that keys and tables take, those of a table in the making included.
    pub bytes: usize,
    /// Tables made since the cache was.
    pub built: usize,
}

/// Keys by their point, bounded in bytes. Shared between threads by reference.
///
/// The bound holds for what the cache itself keeps: a caller who holds on to an evicted [`KnownKey`] keeps its table alive.
pub struct KeyCache {
    shared: Arc<Shared>,
    builder: Mutex<Option<Builder>>,
}

/// What a remembered key takes at most, itself and its share of a hash table that has just grown.
const ENTRY: usize = 512;

/// Keys may take this part of the bytes, tables the rest.
const ENTRIES_PART: usize = 8;

/// Locks, so that threads seldom meet at one.
const SHARDS: usize = 64;

type Point = [u8; 65];

struct Shared {
    shards: Vec<RwLock<Shard>>,
    /// Keys that one generation of a shard may hold.
    generation: usize,
    table_limit: usize,
    table_bytes: AtomicUsize,
    tables: AtomicUsize,
    built: AtomicUsize,
}

#[derive(Default)]
struct Shard {
    tabled: HashMap<Point, Slot>,
    young: HashMap<Point, Slot>,
    old: HashMap<Point, Slot>,
}

struct Slot {
    known: Arc<KnownKey>,
    uses: AtomicU64,
    /// At so many uses a table, or a larger one, is worth asking for; [`PENDING`] while one is asked for.
    next: AtomicU64,
}

const PENDING: u64 = u64::MAX;

impl Slot {
    fn new(known: Arc<KnownKey>, uses: u64) -> Self {
        Self {
            known,
            uses: AtomicU64::new(uses),
            next: AtomicU64::new(builder::FIRST),
        }
    }

    /// Counts uses, and tells whether it is now time to ask for a table.
    fn count(&self, uses: u64) -> bool {
        let uses = self.uses.fetch_add(uses, Relaxed).saturating_add(uses);
        let next = self.next.load(Relaxed);
        uses >= next && self.next.compare_exchange(next, PENDING, Relaxed, Relaxed).is_ok()
    }
}

impl KeyCache {
    /// An empty cache whose keys and tables take at most so many bytes.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let entries = bytes / ENTRIES_PART / ENTRY;
        let shards = (entries / 8).clamp(1, SHARDS);
        let generation = entries / shards / 2;
        let shared = Shared {
            shards: (0..shards).map(|_| RwLock::default()).collect(),
            generation,
            table_limit: bytes - generation * shards * 2 * ENTRY,
            table_bytes: AtomicUsize::new(0),
            tables: AtomicUsize::new(0),
            built: AtomicUsize::new(0),
        };
        Self {
            shared: Arc::new(shared),
            builder: Mutex::default(),
        }
    }

    /// Looks a key up that will be used `uses` times now, and remembers that; `None` when the point is no key.
    #[must_use]
    pub fn meet(&self, point: &[u8; 65], uses: usize) -> Option<Arc<KnownKey>> {
        let uses = u64::try_from(uses).unwrap_or(PENDING >> 1).min(PENDING >> 1);
        let shard = self.shared.shard(point);
        let found = read(shard)
            .fresh(point)
            .map(|slot| (slot.known.clone(), slot.count(uses)));
        let (known, ask) = match found {
            Some(found) => found,
            None => self.remember(shard, point, uses)?,
        };
        if ask {
            self.ask(point, &known);
        }
        Some(known)
    }

    /// Waits until every table that was asked for is there or was refused. For tests and measuring.
    pub fn settle(&self) {
        if let Some(builder) = &*self.builder.lock().unwrap_or_else(PoisonError::into_inner) {
            builder.settle();
        }
    }

    /// Tells what the cache holds now.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let Shared {
            shards,
            table_bytes,
            tables,
            built,
            ..
        } = &*self.shared;
        let (mut keys, mut plain) = (0, 0);
        for shard in shards {
            let shard = read(shard);
            plain += shard.young.len() + shard.old.len();
            keys += shard.young.len() + shard.old.len() + shard.tabled.len();
        }
        CacheStats {
            keys,
            tables: tables.load(Relaxed),
            bytes: plain * ENTRY + table_bytes.load(Relaxed),
            built: built.load(Relaxed),
        }
    }

    /// A key that is not in the younger generation: perhaps in the elder one, perhaps nowhere.
    fn remember(&self, shard: &RwLock<Shard>, point: &Point, uses: u64) -> Option<(Arc<KnownKey>, bool)> {
        let revived = write(shard).revive(point, self.shared.generation, uses);
        if revived.is_some() {
            return revived;
        }
        // Without the lock, so that a flood of new keys does not hold up the known ones.
        let key = PublicKey::from_sec1(point).ok()?;
        let z = key.z(DEFAULT_ID);
        let known = Arc::new(KnownKey { key, z, prepared: None });
        if self.shared.generation == 0 {
            return Some((known, false));
        }
        let mut shard = write(shard);
        if let Some(slot) = shard.fresh(point) {
            return Some((slot.known.clone(), slot.count(uses)));
        }
        let slot = Slot::new(known.clone(), 0);
        let ask = slot.count(uses);
        shard.admit(*point, slot, self.shared.generation);
        Some((known, ask))
    }

    fn ask(&self, point: &Point, known: &Arc<KnownKey>) {
        let mut builder = self.builder.lock().unwrap_or_else(PoisonError::into_inner);
        if builder.is_none() {
            *builder = Builder::start(&self.shared);
        }
        if !builder
            .as_ref()
            .is_some_and(|builder| builder.ask(*point, known.clone()))
        {
            // No thread, or too many wishes: a later meeting asks again.
            self.shared.postpone(point);
        }
    }
}

impl Shared {
    fn shard(&self, point: &Point) -> &RwLock<Shard> {
        // Any byte of the ordinate will do; who chooses keys to share a shard slows down his own.
        &self.shards[usize::from(point[64]) % self.shards.len()]
    }

    /// Lets a key that got no table wait until its uses have doubled.
    fn postpone(&self, point: &Point) {
        if let Some(slot) = read(self.shard(point)).any(point) {
            let uses = slot.uses.load(Relaxed).max(builder::FIRST);
            slot.next.store(uses.saturating_mul(2).min(PENDING - 1), Relaxed);
        }
    }
}

impl Shard {
    fn fresh(&self, point: &Point) -> Option<&Slot> {
        self.tabled.get(point).or_else(|| self.young.get(point))
    }

    fn any(&self, point: &Point) -> Option<&Slot> {
        self.fresh(point).or_else(|| self.old.get(point))
    }

    fn take(&mut self, point: &Point) -> Option<Slot> {
        let Self { tabled, young, old } = self;
        tabled
            .remove(point)
            .or_else(|| young.remove(point))
            .or_else(|| old.remove(point))
    }

    /// Moves a key from the elder generation to the younger.
    fn revive(&mut self, point: &Point, generation: usize, uses: u64) -> Option<(Arc<KnownKey>, bool)> {
        let slot = self.old.remove(point)?;
        let found = (slot.known.clone(), slot.count(uses));
        self.admit(*point, slot, generation);
        Some(found)
    }

    fn admit(&mut self, point: Point, slot: Slot, generation: usize) {
        if self.young.len() >= generation {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(point, slot);
    }
}

fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2::SecretKey;

    #[test]
    fn the_thread_ends_with_the_cache() {
        let cache = KeyCache::new(16 << 20);
        let points: Vec<Point> = (1..=40)
            .map(|i| SecretKey::from_bytes(&[i; 32]).unwrap().public_key().to_sec1())
            .collect();
        for point in &points {
            assert!(cache.meet(point, 10_000).is_some());
        }
        let shared = Arc::downgrade(&cache.shared);
        assert!(cache.builder.lock().unwrap().is_some(), "a thread was started");
        // Most tables are still to be made; the thread must not go on for them, and holds the cache while it works.
        drop(cache);
        assert!(shared.upgrade().is_none());
    }
}
