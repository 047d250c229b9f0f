//! SM2 signatures, GB/T 32918.2-2016 on the curve of GB/T 32918.5-2017.
//!
//! What is signed is `e = SM3(Z ‖ M)`, where `Z` binds the signer's identifier, the curve and the public key to the message.
//! Certificates, CRLs, seals and CMS values all use [`DEFAULT_ID`].
//!
//! # One, many, often
//!
//! | what is at hand | what to call |
//! |---|---|
//! | one signature, a key met once | [`PublicKey::verify_digest`] |
//! | a key that was met before | [`PreparedKey::verify_digest`]; [`KeyCache`] decides which keys deserve a table |
//! | many signatures, whosever | [`verify_many`]: a key that recurs gets a table for its time |
//!
//! Signatures, digests and public keys are public, so that verification takes the time it takes. [`SecretKey`] signs in constant time, by
//! other code.
//!
//! # How it is computed
//!
//! | module | what it holds |
//! |---|---|
//! | `field` | numbers modulo `p`: plain Rust, and MULX with ADCX and ADOX |
//! | `scalar` | numbers modulo `n`, the equation to verify, digits of multipliers |
//! | `point`, `single` | complete additions; one signature at a time |
//! | `table`, `base` | tables of multiples, of keys and of the base point |
//! | `tree` | a batch in affine form, its inversions shared |
//! | `lanes` | eight signatures a register |
//! | `batch`, `backend` | what goes where |

mod backend;
mod base;
mod batch;
mod cache;
mod field;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "vector instructions; each block says why it is sound")]
mod lanes;
mod point;
mod prepared;
mod public;
mod scalar;
mod secret;
mod signature;
mod single;
mod table;
mod tree;

pub use backend::Backend;
pub use batch::{Check, Key, verify_many, verify_many_on};
pub use cache::{CacheStats, KeyCache, KnownKey};
pub use prepared::{PreparedKey, TableSize};
pub use public::PublicKey;
pub use secret::SecretKey;
pub use signature::{Encoding, Signature};

/// The signer identifier used wherever none is agreed on (GB/T 35276-2017, 10).
pub const DEFAULT_ID: &[u8] = b"1234567812345678";

/// Tells why a key or a signature value was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The public key is not `04 ‖ x ‖ y` with a point of the curve: compressed, of another curve, or damaged.
    #[error("the SM2 public key is not an uncompressed point of the curve (65 bytes that begin with 04)")]
    PublicKey,
    /// The private key is not in `1..=n-2`, or its PKCS#8 wrapping names another algorithm or another public key.
    #[error("the SM2 private key is out of range or its PKCS#8 wrapping is not that of an SM2 key")]
    SecretKey,
    /// The signature is not DER `SEQUENCE { INTEGER r, INTEGER s }`: other encodings and trailing bytes are refused.
    #[error("the SM2 signature is not DER SEQUENCE {{ INTEGER r, INTEGER s }}")]
    NotDer,
    /// A raw signature is `r ‖ s`, 64 bytes.
    #[error("a raw SM2 signature has 64 bytes, this one has {0}")]
    RawLength(usize),
    /// One half of the signature is zero or not below the group order.
    #[error("a half of the SM2 signature lies outside 1..n")]
    OutOfRange,
    /// The operating system gave no random bytes.
    #[error("the operating system's random source failed")]
    Random,
    /// Signing met a nonce that the standard forbids, twice in a row; practically a sign of faulty hardware.
    #[error("SM2 signing failed")]
    Signing,
}
