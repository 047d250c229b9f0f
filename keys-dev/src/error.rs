//! What can go wrong while the files are made.

use std::{io, path::PathBuf};

use cinnabar_keys::{SignError, soft::KeyError};
use cinnabar_pki::write::WriteError;

/// Tells what failed and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Files of a former run are there.
    #[error("{path} exists; use --force to make all keys anew, or --reissue to keep the keys", path = .path.display())]
    Exists {
        /// The first such file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The `openssl` command, which makes the RSA keys, cannot be run or failed.
    #[error("`openssl genpkey` failed ({reason}); install OpenSSL 3")]
    OpenSsl {
        /// What it said.
        reason: String,
    },
    /// A key cannot be made or opened.
    #[error("key {name}: {source}")]
    Key {
        /// Which.
        name: String,
        /// The cause.
        source: KeyError,
    },
    /// A key is not in the ring: a member was added without its issuer.
    #[error("there is no key {name}")]
    MissingKey {
        /// Which.
        name: String,
    },
    /// A certificate or list cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A signature was not given.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// PEM cannot be written.
    #[error("PEM encoding failed: {0}")]
    Pem(der::pem::Error),
}
