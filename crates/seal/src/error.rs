//! Why bytes are not a seal or a seal signature.

use crate::SignedValueKind;
use cinnabar_pki::tlv::TlvError;
use thiserror::Error;

/// A fault that no known vendor's files have. Offsets are in bytes from the start of the seal or signature that was given (of
/// the decoded bytes where a signature came as base64 text).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// More bytes than [`crate::Limits`] allows.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The encoding itself is broken, or another type stands where a certain one must: truncated or foreign data.
    #[error(transparent)]
    Encoding(#[from] TlvError),
    /// BER that is not DER, such as an indefinite length: seals and seal signatures are DER.
    #[error("{what} at byte {offset} is not DER: its length is not definite and minimal")]
    NotDer {
        /// Start of the value.
        offset: usize,
        /// The value.
        what: &'static str,
    },
    /// The encoding is sound but its content is not what the standard says.
    #[error("{what} at byte {offset}: expected {expected}")]
    Unexpected {
        /// Start of the value.
        offset: usize,
        /// The value.
        what: &'static str,
        /// What the standard has there.
        expected: &'static str,
    },
    /// A signed value of another kind: [`crate::detect`] first.
    #[error("this is not a seal signature but {}", match kind {
        SignedValueKind::SignedData => "CMS or GB/T 35275 SignedData; read it with a CMS reader",
        SignedValueKind::BareSm2 => "a bare SM2 signature value, which names no certificate",
        _ => "unknown data",
    })]
    AnotherKind {
        /// What it is.
        kind: SignedValueKind,
    },
}

impl SealError {
    /// Where the fault lies, if it lies at one place.
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Encoding(error) => Some(error.offset()),
            Self::NotDer { offset, .. } | Self::Unexpected { offset, .. } => Some(*offset),
            Self::TooLarge { .. } | Self::AnotherKind { .. } => None,
        }
    }
}
