//! Why a licence is not issued.

use std::path::PathBuf;

use cinnabar_licence::admit::Fault;

use crate::CredentialsError;

/// Why a licence is not issued, or a seal not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The request does not satisfy its licence type.
    #[error("the request has {} faults", .0.len())]
    Request(Vec<Fault>),
    /// The face cannot be composed or written.
    #[error(transparent)]
    Layout(#[from] cinnabar_layout::LayoutError),
    /// The template marks no place for the seal.
    #[error("{} marks no place for the seal; put `seal-anchor()` where its centre goes", template.display())]
    NoSealAnchor {
        /// The template.
        template: PathBuf,
    },
    /// The text is too long for a QR code.
    #[error("a text of {bytes} bytes does not fit a QR code")]
    QrCode {
        /// Its length.
        bytes: usize,
    },
    /// The OFD package cannot be written.
    #[error(transparent)]
    OfdWrite(#[from] cinnabar_ofd::write::WriteError),
    /// The OFD package cannot be signed.
    #[error(transparent)]
    OfdSign(#[from] cinnabar_ofd::sign::SignError),
    /// The PDF file cannot be signed.
    #[error(transparent)]
    PdfSign(#[from] cinnabar_pdf::sign::SignError),
    /// Key, certificate and seal do not fit together, or do not fit the licence.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// OFD documents are sealed with SM2 only.
    #[error("an OFD document is sealed with SM2; this key is RSA, which seals PDF")]
    OfdNeedsSm2,
    /// The seal's picture cannot be drawn.
    #[error("the seal's picture cannot be drawn: {0}")]
    Artwork(#[from] cinnabar_seal::artwork::ArtworkError),
    /// The seal's picture cannot be shown on pages.
    #[error("the seal's picture is no readable PNG: {fault}")]
    Picture {
        /// What is wrong with it.
        fault: String,
    },
    /// The seal or the seal signature cannot be written.
    #[error(transparent)]
    Seal(#[from] cinnabar_seal::make::MakeError),
    /// The signed message cannot be written.
    #[error(transparent)]
    Cms(#[from] cinnabar_pki::write::WriteError),
    /// The key made no signature that may be released.
    #[error(transparent)]
    Sign(#[from] cinnabar_keys::SignError),
    /// The finished document did not pass its own verification and was withheld.
    #[error("the finished document does not verify and was withheld: {0}")]
    Withheld(&'static str),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}
