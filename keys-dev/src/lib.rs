//! Makes the development keys, certificates, revocation lists and trust set that lie beside this program.
//!
//! ```text
//! pki::MEMBERS  who there is, under whom, with which serial number     (twice: SM2 and RSA)
//!      │
//! keys::KeyRing   generate() or open(folder) ── one encrypted PKCS#8 file each
//!      │
//! issue::issue    certificates, CRLs, trust.toml: equal keys give equal bytes
//!      │
//! output::write   nothing is overwritten unless asked for
//! ```
//!
//! Every certificate carries the extension [`DEVELOPMENT_OID`](cinnabar_pki::certificate::DEVELOPMENT_OID). The private keys
//! are public knowledge: they lie in the repository with their password. They must never be trusted outside development.

pub mod issue;
pub mod keys;
pub mod output;
pub mod pki;

mod error;

pub use error::Error;

/// The password of every key file here. It is no secret: see `README.md`.
pub const PASSWORD: &str = "cinnabar-development";

/// What the development extension says.
pub const MARK: &str = "CINNABAR DEVELOPMENT KEY";
