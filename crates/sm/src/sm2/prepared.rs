//! Public keys with a table of their multiples, which make a verification several times as fast.
#![forbid(unsafe_code)]

use std::{fmt, sync::Arc};

#[cfg(target_arch = "x86_64")]
use super::lanes::{self, Width};
use super::{
    Backend, DEFAULT_ID, PublicKey, Signature,
    backend::with_field,
    batch::verify_one,
    scalar::Equation,
    table::{self, Table},
};

/// How much memory a prepared key may take. Larger tables cost longer to make and save a little of every verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableSize {
    /// Some 50 KiB, for a key met a few times.
    Small,
    /// Some 150 KiB, for a key met dozens of times.
    Medium,
    /// Some 5 MiB, for the few keys that make most signatures.
    Large,
}

impl TableSize {
    /// The bits of a window.
    pub(super) const fn window(self) -> u32 {
        match self {
            Self::Small => 5,
            Self::Medium => 7,
            Self::Large => 13,
        }
    }

    /// What a table takes at most, of whatever form, with what surrounds it.
    pub(super) const fn bytes(self) -> usize {
        size_of::<Prepared>() + table::most_bytes(self.window())
    }
}

/// A public key with its table; clones share it.
#[derive(Clone)]
pub struct PreparedKey(Arc<Prepared>);

struct Prepared {
    key: PublicKey,
    z: [u8; 32],
    backend: Backend,
    multiples: Multiples,
}

/// The table in the form of one backend.
pub(super) enum Multiples {
    Words(Table),
    #[cfg(target_arch = "x86_64")]
    Lanes(Width, lanes::Table),
}

impl Multiples {
    pub(super) fn new(backend: Backend, key: &PublicKey, size: TableSize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(width) = backend.width() {
            let (x, y) = key.coordinates();
            return Self::Lanes(width, lanes::Table::new(width, x, y, size.window()));
        }
        Self::Words(with_field!(backend, f => Table::new(f, &key.affine(), size.window())))
    }
}

impl PreparedKey {
    /// Makes the table. The key is valid already: [`PublicKey`] admits only points of the curve.
    #[must_use]
    pub fn new(key: &PublicKey, size: TableSize) -> Self {
        Self::new_on(Backend::best(), key, size)
    }

    /// Makes a table for one way to verify. Others take the key without it.
    #[must_use]
    pub fn new_on(backend: Backend, key: &PublicKey, size: TableSize) -> Self {
        let multiples = Multiples::new(backend, key, size);
        Self(Arc::new(Prepared {
            key: key.clone(),
            z: key.z(DEFAULT_ID),
            backend,
            multiples,
        }))
    }

    /// Gives the key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// Gives Z under [`DEFAULT_ID`].
    #[must_use]
    pub fn z(&self) -> &[u8; 32] {
        &self.0.z
    }

    /// Tells how many bytes the table takes.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        match &self.0.multiples {
            Multiples::Words(table) => table.bytes(),
            #[cfg(target_arch = "x86_64")]
            Multiples::Lanes(_, table) => table.bytes(),
        }
    }

    /// Tells whether the signature fits the digest `e = SM3(Z ‖ M)`.
    #[must_use]
    pub fn verify_digest(&self, e: &[u8; 32], signature: &Signature) -> bool {
        Equation::new(e, signature)
            .is_some_and(|equation| verify_one(self.0.backend, &self.0.key, &self.0.multiples, &equation))
    }

    pub(super) fn multiples(&self) -> &Multiples {
        &self.0.multiples
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedKey").field(&self.0.key).finish()
    }
}
