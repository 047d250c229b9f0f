//! Electronic seals: read them, make them, draw them.
//!
//! An electronic seal (SESeal) is a picture, a name, a validity and the list of certificates that may use it, signed by a seal
//! maker. A seal signature (SES_Signature) embeds the seal and binds it to a document's digest and a time, signed by one of
//! the listed certificates.
//!
//! ```text
//!  SES_Signature                         three versions of the same idea
//!  ├─ toSign (TBS_Sign)  ◀── signature   V1  GM/T 0031-2014   maker signs info ‖ certificate ‖ algorithm
//!  │  ├─ eseal (SESeal)                  V4  GB/T 38540-2020  maker signs info
//!  │  │  ├─ eSealInfo   ◀── maker's      V5  GM/T 0031-2025   as V4, the seal may carry a time stamp
//!  │  │  └─ cert, signAlgID, signedValue
//!  │  ├─ timeInfo, dataHash, propertyInfo
//!  │  └─ extDatas
//!  ├─ cert, signatureAlgID, signature
//!  └─ timeStamp
//! ```
//!
//! | module or item | what it is for |
//! |---|---|
//! | [`detect`], [`looks_like_seal`] | what a SignedValue or a file holds, by structure |
//! | [`parse_seal`], [`parse_signature`] | bytes → [`Seal`], [`SealSignature`] with the exact bytes that were signed |
//! | [`Deviation`] | the variants of real vendors that are read, each by name; everything else is a [`SealError`] |
//! | [`make`] | writes V4 seals and signatures in strict DER: bytes to sign first, the value embedded after |
//! | [`artwork`] | draws the round red seal: PNG, SVG, PDF operators |
//!
//! Reading computes no digest and checks no signature, certificate or time: it says what a file claims. Every `signed_bytes` is
//! cut from the source, never encoded again.
//!
//! ```
//! use cinnabar_seal::{detect, parse_signature, Limits, SignedValueKind};
//!
//! fn describe(signed_value: &[u8]) -> String {
//!     if detect(signed_value) != SignedValueKind::SealSignature {
//!         return "no seal signature".into();
//!     }
//!     match parse_signature(signed_value, &Limits::default()) {
//!         Ok(signature) => format!("{} at {}", signature.seal.name, signature.time_text),
//!         Err(error) => error.to_string(),
//!     }
//! }
//! # assert_eq!(describe(b"no DER"), "no seal signature");
//! ```

pub mod artwork;
mod der;
mod detect;
mod deviation;
mod error;
mod fields;
pub mod make;
mod seal;
mod signature;

pub use detect::{SignedValueKind, detect, looks_like_seal};
pub use deviation::Deviation;
pub use error::SealError;
pub use seal::{CertificateList, Extension, Picture, Seal, Version, parse_seal};
pub use signature::{SealSignature, parse_signature};

/// How much of a seal or a seal signature is read before it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole seal or signature. The largest seen in real documents is 32 KiB.
    pub max_bytes: usize,
    /// Bytes of the seal's picture.
    pub max_picture_bytes: usize,
    /// Entries in a seal's certificate list.
    pub max_certificates: usize,
    /// Entries in a list of extensions.
    pub max_extensions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 16 << 20,
            max_picture_bytes: 8 << 20,
            max_certificates: 256,
            max_extensions: 64,
        }
    }
}

#[cfg(test)]
mod tests;
