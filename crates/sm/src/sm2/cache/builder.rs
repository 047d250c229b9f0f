//! The thread that makes the tables of a cache and decides which keys deserve one.
#![forbid(unsafe_code)]

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{ENTRY, KnownKey, PENDING, Point, Shared, Slot, write};
use crate::sm2::{PreparedKey, TableSize};

/// A key met so often gets its first table: the verifications that it took without one have cost as much as the table will.
pub(super) const FIRST: u64 = 4;
const MEDIUM: u64 = 64;
const LARGE: u64 = 6_000;

/// Wishes that may wait. Those beyond are made again later.
const QUEUE: usize = 256;

/// After so long a use counts half, so that yesterday's keys make room for today's.
const HALF_LIFE: Duration = Duration::from_secs(60);

/// The larger of two worths must be larger by this factor before a table gives way to another.
const MARGIN: u64 = 2;

pub(super) struct Builder {
    wishes: Option<SyncSender<Wish>>,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

struct Wish {
    point: Point,
    known: Arc<KnownKey>,
    _ending: Ending,
}

#[derive(Default)]
struct Progress {
    pending: Mutex<usize>,
    done: Condvar,
    stop: AtomicBool,
}

impl Builder {
    pub(super) fn start(shared: &Arc<Shared>) -> Option<Self> {
        let (wishes, queue) = sync_channel(QUEUE);
        let progress = Arc::<Progress>::default();
        let work = Work {
            shared: Arc::downgrade(shared),
            tables: HashMap::new(),
            aged: Instant::now(),
        };
        let shown = progress.clone();
        let thread = thread::Builder::new()
            .name("sm2-tables".into())
            .spawn(move || work.run(&queue, &shown))
            .ok()?;
        Some(Self {
            wishes: Some(wishes),
            progress,
            thread: Some(thread),
        })
    }

    /// Asks for a table; `false` when too many are asked for already.
    pub(super) fn ask(&self, point: Point, known: Arc<KnownKey>) -> bool {
        let wish = Wish {
            point,
            known,
            _ending: Ending::new(&self.progress),
        };
        self.wishes.as_ref().is_some_and(|wishes| wishes.try_send(wish).is_ok())
    }

    pub(super) fn settle(&self) {
        let pending = self.progress.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let _ended = self.progress.done.wait_while(pending, |pending| *pending > 0);
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.progress.stop.store(true, Relaxed);
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell: a panic in it was printed.
            let _ = thread.join();
        }
    }
}

/// Counts a wish as pending for as long as it exists, so that nobody waits for ever, however it ends.
struct Ending(Arc<Progress>);

impl Ending {
    fn new(progress: &Arc<Progress>) -> Self {
        *progress.pending.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(progress.clone())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        *self.0.pending.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.done.notify_all();
    }
}

struct Work {
    shared: Weak<Shared>,
    /// The tables that the cache holds: only this thread adds and takes away.
    tables: HashMap<Point, Held>,
    aged: Instant,
}

#[derive(Clone, Copy)]
struct Held {
    size: TableSize,
    bytes: usize,
}

impl Work {
    fn run(mut self, queue: &Receiver<Wish>, progress: &Progress) {
        for wish in queue {
            let Some(shared) = self.shared.upgrade() else { return };
            if progress.stop.load(Relaxed) {
                return;
            }
            self.grant(&shared, &wish);
        }
    }

    fn grant(&mut self, shared: &Shared, wish: &Wish) {
        self.age(shared);
        let uses = uses(shared, &wish.point);
        let held = self.tables.get(&wish.point).copied();
        let sizes = [
            (LARGE, TableSize::Large),
            (MEDIUM, TableSize::Medium),
            (FIRST, TableSize::Small),
        ];
        let size = sizes
            .into_iter()
            .filter(|(from, size)| uses >= *from && held.is_none_or(|held| held.size < *size))
            .map(|(_, size)| size)
            .find(|size| self.make_room(shared, &wish.point, *size, uses));
        let Some(size) = size else {
            shared.postpone(&wish.point);
            return;
        };
        let bytes = cost(size);
        // Counted before it is made, and with the table that it replaces, which is there till then.
        shared.table_bytes.fetch_add(bytes, Relaxed);
        let known = Arc::new(KnownKey {
            prepared: Some(PreparedKey::new(&wish.known.key, size)),
            ..KnownKey::clone(&wish.known)
        });
        let next = sizes
            .iter()
            .rev()
            .find(|(_, larger)| *larger > size)
            .map_or(PENDING, |(from, _)| *from);
        {
            let mut shard = write(shared.shard(&wish.point));
            let mut slot = shard
                .take(&wish.point)
                .unwrap_or_else(|| Slot::new(known.clone(), uses));
            slot.known = known;
            slot.next.store(next, Relaxed);
            shard.tabled.insert(wish.point, slot);
        }
        match held {
            Some(held) => {
                shared.table_bytes.fetch_sub(held.bytes, Relaxed);
            }
            None => {
                shared.tables.fetch_add(1, Relaxed);
            }
        }
        self.tables.insert(wish.point, Held { size, bytes });
        shared.built.fetch_add(1, Relaxed);
    }

    /// Evicts tables that are worth less until a new one fits, if that can be.
    fn make_room(&mut self, shared: &Shared, point: &Point, size: TableSize, uses: u64) -> bool {
        let limit = shared.table_limit;
        let mut taken = shared.table_bytes.load(Relaxed) + cost(size);
        if cost(size) > limit {
            return false;
        }
        if taken <= limit {
            return true;
        }
        let least = worth(size, uses) / MARGIN;
        let mut victims: Vec<_> = self
            .tables
            .iter()
            .filter(|(other, _)| *other != point)
            .map(|(other, held)| (worth(held.size, self::uses(shared, other)), *other, held.bytes))
            .filter(|(worth, ..)| *worth < least)
            .collect();
        victims.sort_unstable();
        let enough = victims.iter().position(|(_, _, bytes)| {
            taken -= bytes;
            taken <= limit
        });
        let Some(last) = enough else { return false };
        for (_, other, _) in victims.iter().take(last + 1) {
            self.evict(shared, other);
        }
        true
    }

    fn evict(&mut self, shared: &Shared, point: &Point) {
        let Some(held) = self.tables.remove(point) else { return };
        let mut shard = write(shared.shard(point));
        if let Some(slot) = shard.take(point) {
            let plain = KnownKey {
                prepared: None,
                ..KnownKey::clone(&slot.known)
            };
            let uses = slot.uses.load(Relaxed);
            shard.admit(*point, Slot::new(Arc::new(plain), uses), shared.generation);
        }
        shared.table_bytes.fetch_sub(held.bytes, Relaxed);
        shared.tables.fetch_sub(1, Relaxed);
    }

    fn age(&mut self, shared: &Shared) {
        let halvings = self.aged.elapsed().as_secs() / HALF_LIFE.as_secs();
        if halvings == 0 {
            return;
        }
        self.aged = Instant::now();
        for point in self.tables.keys() {
            if let Some(slot) = super::read(shared.shard(point)).tabled.get(point) {
                let uses = slot.uses.load(Relaxed);
                slot.uses.store(uses >> halvings.min(63), Relaxed);
            }
        }
    }
}

fn uses(shared: &Shared, point: &Point) -> u64 {
    super::read(shared.shard(point))
        .any(point)
        .map_or(FIRST, |slot| slot.uses.load(Relaxed))
}

/// The bytes of a table and of its key, which then counts in no generation.
fn cost(size: TableSize) -> usize {
    size.bytes() + ENTRY
}

/// What a table saves, for each megabyte that it takes: hundreds of nanoseconds a use against the next best form, which is no table
/// for the smaller sizes and a medium one for the large.
fn worth(size: TableSize, uses: u64) -> u64 {
    let saved = match size {
        TableSize::Small => 370,
        TableSize::Medium => 380,
        TableSize::Large => 24,
    };
    let bytes = u64::try_from(cost(size)).unwrap_or(u64::MAX);
    uses.saturating_mul(saved).saturating_mul(1 << 20) / bytes
}
