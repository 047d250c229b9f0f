//! SM3 digests and SM2 signatures, and SHA-256 where many messages are hashed at once.
//!
//! ```text
//! sm3::digest(parts)                                  one digest over several pieces
//! sm3::digest_many(messages)                          many digests, side by side
//! sm2::PublicKey  ── z(id) ── verify(msg) ── verify_digest(e)
//! sm2::PreparedKey                                    the same with a table, several times as fast
//! sm2::verify_many(checks)                            many signatures, side by side; sm2::KeyCache
//! sm2::SecretKey  ── sign(msg) ──▶ sm2::Signature { r, s } ── to_der()
//! ```
//!
//! | module | standard |
//! |---|---|
//! | [`sm3`] | GB/T 32905-2016 (GM/T 0004) |
//! | [`sha256`] | FIPS 180-4 |
//! | [`sm2`] | GB/T 32918.2-2016 and .5-2017 (GM/T 0003), GB/T 35276 for the encodings |
//!
//! ```
//! use cinnabar_sm::sm2::{SecretKey, Signature};
//!
//! let key = SecretKey::generate()?;
//! let der = key.sign(b"a licence")?.to_der();
//! let signature = Signature::from_der(&der)?;
//! assert!(key.public_key().verify(b"a licence", &signature));
//! assert!(!key.public_key().verify(b"another one", &signature));
//! # Ok::<(), cinnabar_sm::sm2::Error>(())
//! ```
//!
//! Verification and digests are computed here, in the widest form that the processor has, chosen at run time; every form has its
//! equal in plain Rust without unsafe code. What is verified is public, so that nothing about it runs in constant time. Signing
//! must, and is done by the RustCrypto crate `sm2`.
//!
//! Strictness is the same everywhere: points must be on the curve and uncompressed, DER must be DER, and both halves of a signature
//! must lie in `1..n`.

pub mod sha256;
pub mod sm2;
pub mod sm3;
mod streams;
