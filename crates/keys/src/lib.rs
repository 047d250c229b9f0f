//! The [`Signer`] trait and the keys behind it.
//!
//! ```text
//!            message ──▶ Signer::sign ──▶ value ──▶ release: right under KeyInfo.spki? ──▶ caller
//!                          │                                   │
//!                   soft::SoftKey                        Err(Withheld)
//! ```
//!
//! A caller hands over the *message*; hashing it, and for SM2 prefixing Z, is the signer's work. Whatever made the value, it
//! passes through [`release`], which verifies it in software with the public key: a faulty or foreign device cannot put a bad
//! signature into a document.
//!
//! | module | keys that live in |
//! |---|---|
//! | [`soft`] | this process, from an encrypted PKCS#8 file |
//!
//! ```
//! use cinnabar_keys::{Algorithm, Signer, soft::SoftKey};
//!
//! let pem = SoftKey::generate_sm2()?.to_encrypted_pem(b"correct horse")?;
//! let key = SoftKey::open(&pem, b"correct horse")?;
//! let signature = key.sign(b"to be signed")?;
//! assert_eq!(key.info().algorithm, Algorithm::Sm2Sm3);
//! assert!(key.info().verifies(b"to be signed", &signature));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod soft;

mod signer;
mod spki;

pub use signer::{Algorithm, KeyInfo, SignError, Signer, release};
