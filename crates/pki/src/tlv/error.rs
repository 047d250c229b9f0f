//! What can be wrong with an encoding, and where.

use super::Tag;

/// A fault of the encoding. `offset` is where the value in question starts in the source, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlvError {
    /// The source ends inside a value: a truncated file, or a length that was tampered with.
    #[error("the value at byte {offset} needs {length} more bytes but only {available} are left")]
    Truncated {
        /// Start of the value.
        offset: usize,
        /// Bytes needed.
        length: usize,
        /// Bytes left in the container.
        available: usize,
    },
    /// An indefinite value without end-of-contents octets.
    #[error("the indefinite-length value at byte {offset} never ends")]
    Unterminated {
        /// Start of the value.
        offset: usize,
    },
    /// A length that X.690 forbids or that no file can have.
    #[error("the length of the value at byte {offset} is malformed")]
    BadLength {
        /// Start of the value.
        offset: usize,
    },
    /// An identifier that X.690 forbids or a tag number beyond 32 bits.
    #[error("the tag at byte {offset} is malformed")]
    BadTag {
        /// Start of the value.
        offset: usize,
    },
    /// Values nested deeper than [`super::MAX_DEPTH`].
    #[error("the value at byte {offset} is nested too deeply")]
    TooDeep {
        /// Start of the value.
        offset: usize,
    },
    /// A value expected here is not there.
    #[error("{what} is missing at byte {offset}")]
    Missing {
        /// Where it should start.
        offset: usize,
        /// The expected value.
        what: &'static str,
    },
    /// Another type stands where a certain one must.
    #[error("{what} at byte {offset} should be {expected} but is {found}")]
    UnexpectedTag {
        /// Start of the value.
        offset: usize,
        /// The expected value.
        what: &'static str,
        /// Its tag.
        expected: Tag,
        /// The tag found.
        found: Tag,
    },
    /// Bytes after the last value.
    #[error("unexpected bytes after {what} at byte {offset}")]
    Trailing {
        /// Start of the surplus.
        offset: usize,
        /// The value before it.
        what: &'static str,
    },
    /// More values than the limit allows.
    #[error("more than {limit} of {what} at byte {offset}")]
    TooMany {
        /// Start of the first value too many.
        offset: usize,
        /// The values counted.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A primitive value where values inside were expected.
    #[error("the {tag} at byte {offset} is primitive where it should contain values")]
    NotConstructed {
        /// Start of the value.
        offset: usize,
        /// Its tag.
        tag: Tag,
    },
    /// A constructed value where plain contents were expected.
    #[error("the {tag} at byte {offset} is constructed where it should be plain")]
    NotPrimitive {
        /// Start of the value.
        offset: usize,
        /// Its tag.
        tag: Tag,
    },
    /// Contents that do not fit the type.
    #[error("the {what} at byte {offset} is malformed")]
    BadValue {
        /// Start of the value.
        offset: usize,
        /// The type.
        what: &'static str,
    },
}

impl TlvError {
    /// Where the faulty value starts in the source, in bytes.
    pub fn offset(&self) -> usize {
        match self {
            TlvError::Truncated { offset, .. }
            | TlvError::Unterminated { offset }
            | TlvError::BadLength { offset }
            | TlvError::BadTag { offset }
            | TlvError::TooDeep { offset }
            | TlvError::Missing { offset, .. }
            | TlvError::UnexpectedTag { offset, .. }
            | TlvError::Trailing { offset, .. }
            | TlvError::TooMany { offset, .. }
            | TlvError::NotConstructed { offset, .. }
            | TlvError::NotPrimitive { offset, .. }
            | TlvError::BadValue { offset, .. } => *offset,
        }
    }
}
