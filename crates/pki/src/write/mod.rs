//! Strict DER writing: certificates, CRLs and CMS.
//!
//! Everything signed is made in two phases, so that a key in a device, in another process or in a test is the same call:
//!
//! ```text
//! CertificateBuilder ─┐
//! CrlBuilder ─────────┴─ finalize() ──▶ ToBeSigned ── message() ──▶ signer ──▶ assemble(signature) ──▶ DER
//! SignedDataBuilder ──── to_be_signed() ──▶ PendingSignedData ── message() ──▶ … ──▶ assemble(signature) ──▶ DER
//! ```
//!
//! | module | standard |
//! |---|---|
//! | [`der`] | X.690 (2021), clauses 8 and 11 |
//! | [`Name`], [`Extension`], [`CertificateBuilder`] | RFC 5280; GB/T 20518-2018 |
//! | [`CrlBuilder`] | RFC 5280, 5 |
//! | [`SignedDataBuilder`] | RFC 5652, RFC 5035; GB/T 35275-2017 |
//!
//! Nothing here signs, and nothing checks that a signature handed in is right: signers verify what they release.

pub mod der;

mod algorithm;
mod certificate;
mod cms;
mod crl;
mod error;
mod extension;
mod name;
#[cfg(test)]
mod tests;

pub use algorithm::{SignatureAlgorithm, ToBeSigned};
pub use certificate::CertificateBuilder;
pub use cms::{Attribute, PendingSignedData, SignedContent, SignedDataBuilder};
pub use crl::{CrlBuilder, RevokedEntry};
pub use error::WriteError;
pub use extension::{Extension, Usage, key_identifier};
pub use name::{Name, NamePart};
