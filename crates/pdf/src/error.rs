//! Why a file cannot be read as a PDF.

/// The reason a file is not readable as a PDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// There is no `%PDF-` header in the first kilobyte.
    #[error("not a PDF: no %PDF- header in the first 1024 bytes")]
    NotPdf,
    /// No `startxref … %%EOF` is left: the end of the file is missing.
    #[error("truncated PDF: no startxref followed by %%EOF; fetch the file again")]
    Truncated,
    /// The trailer names an encryption dictionary. [`read`](crate::read) reports this as
    /// [`Pdf::encrypted`](crate::Pdf::encrypted); signing refuses with this error.
    #[error("the PDF is encrypted; decrypt it first")]
    Encrypted,
    /// References that must form a tree lead back to themselves.
    #[error("cyclic references in the {0}")]
    Cyclic(&'static str),
    /// A bound of [`Limits`](crate::Limits) was exceeded.
    #[error("limit exceeded: {0}; raise this field of Limits if the file is trusted")]
    LimitExceeded(&'static str),
    /// A cross-reference section is damaged. Nothing is reconstructed, since two readers may then see two documents.
    #[error("damaged cross-reference section at byte {offset}: {detail}")]
    Xref {
        /// Where the section was expected.
        offset: usize,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A part that every PDF has is missing or of the wrong type.
    #[error("the PDF has no usable {0}")]
    Structure(&'static str),
}
