//! Why a package cannot be signed.

use crate::archive::Oversize;
use crate::write::WriteError;
use crate::{Deviation, PackageError, XmlFault};

/// What keeps a package from being signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The package cannot be read.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The package is ambiguous: a signature over it would cover what nobody can tell.
    #[error("{}: {} ({}): mend the package before signing it", .0.entry, .0.code, .0.detail)]
    Deviation(Deviation),
    /// There is not exactly one document in the package.
    #[error("the package holds {0} documents, only one can be signed")]
    SeveralDocuments(usize),
    /// An earlier signature covers the signature list: another signature would break it.
    #[error("signature {signature} covers the list of signatures (whole mode): no signature can follow it")]
    Final {
        /// The earlier signature's ID.
        signature: String,
    },
    /// A seal signature without a seal.
    #[error("a seal signature needs the seal")]
    SealMissing,
    /// A plain signature with a seal or with places to show one.
    #[error("a plain signature has neither a seal nor a place on a page")]
    SealUnexpected,
    /// A stamp on a page that does not exist.
    #[error("page {page} does not exist, the document has {pages}")]
    NoSuchPage {
        /// Index of the page.
        page: usize,
        /// Number of pages.
        pages: usize,
    },
    /// A stamp's box is empty or not finite.
    #[error("the seal on page {page} needs a box of positive, finite size")]
    BadStamp {
        /// Index of the page.
        page: usize,
    },
    /// The claimed time is outside of the years 1 to 9999.
    #[error("the time {0} is outside of the years that can be written")]
    Time(i64),
    /// The new files cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// `OFD.xml` cannot be extended.
    #[error("OFD.xml: {0}")]
    Main(XmlFault),
    /// The IDs in use leave no room for another.
    #[error("the signature IDs in use leave no room for another")]
    NoFreeId,
    /// An empty signature value.
    #[error("the signature value is empty")]
    EmptyValue,
    /// What was written does not read back as it should: a defect of this program.
    #[error("the signed package does not read back: {entry}")]
    SelfCheck {
        /// The entry that differs.
        entry: String,
    },
}

impl From<Oversize> for SignError {
    fn from(_: Oversize) -> Self {
        Self::Write(WriteError::TooLarge)
    }
}
