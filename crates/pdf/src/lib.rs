//! PDF files as evidence: revisions, signatures, what changed after each; and signing by incremental update.
//!
//! ```text
//! bytes ─▶ chain (revisions) ─▶ document (revision, object) ─▶ signature (facts) ─▶ change (what happened later) ─▶ Pdf
//! bytes ─▶ sign::prepare ─▶ ToBeSigned ─▶ (a signer) ─▶ finish ─▶ bytes + one revision
//! ```
//!
//! [`read`] does no cryptography and takes no decision: it says which bytes a signature claims to sign, where it stands,
//! and what differs between the signed revision and the ones after it. It reconstructs nothing: a damaged file is an
//! error, an ambiguous one has [anomalies](Anomaly).
//!
//! ```
//! # fn main() -> Result<(), cinnabar_pdf::PdfError> {
//! # let bytes = cinnabar_pdf::example();
//! let pdf = cinnabar_pdf::read(&bytes, &cinnabar_pdf::Limits::default())?;
//! for signature in &pdf.signatures {
//!     let changed = signature.changes.iter().any(|change| !change.allowed_by_default());
//!     println!("{}: {:?}, changed later: {changed}", signature.field_name, signature.covers);
//! }
//! # Ok(()) }
//! ```
//!
//! | module | holds |
//! |---|---|
//! | `object`, `parser`, `hex`, `filter` | the object model, its syntax, FlateDecode |
//! | `xref`, `chain`, `document` | cross-reference sections, revisions, lazy objects |
//! | `pages`, `form`, `metadata` | the parts of a document that matter here |
//! | `signature`, `byte_range` | facts of a signature |
//! | `change`, `rules`, `store`, `reach` | comparison of a revision with the one before |
//! | `frozen` | comparison of the current revision with a signed one |
//! | `gaps` | bytes, sizes and hybrid sections of later revisions |
//! | [`sign`] | incremental update |

mod anomaly;
mod byte_range;
mod chain;
mod change;
mod document;
mod error;
mod filter;
mod form;
mod frozen;
mod gaps;
mod hex;
mod limits;
mod metadata;
mod model;
mod object;
mod pages;
mod parser;
mod reach;
mod rules;
mod signature;
mod store;
mod update;
mod xref;

pub mod sign;

pub use anomaly::{Anomaly, AnomalyKind};
pub use error::PdfError;
pub use limits::Limits;
pub use model::{Change, ChangeKind, Coverage, Kind, Pdf, Revision, Signature, Visible};
pub use object::ObjectId;

use document::Document;

/// Whether the bytes look like a PDF: a `%PDF-` header in the first kilobyte.
pub fn sniff(bytes: &[u8]) -> bool {
    document::header(bytes).is_some()
}

/// Reads a file: its revisions, signatures and their later changes.
///
/// Total: any input gives a [`Pdf`] or an error, within the limits.
///
/// # Errors
/// [`PdfError::NotPdf`] and [`PdfError::Truncated`] for what is no whole PDF, [`PdfError::Xref`] and
/// [`PdfError::Structure`] for a damaged one, [`PdfError::Cyclic`], [`PdfError::LimitExceeded`].
/// An encrypted file is no error: see [`Pdf::encrypted`].
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Pdf, PdfError> {
    let document = Document::open(bytes, limits)?;
    let end = document.layers.last().map_or(0, |layer| layer.end);
    let rest = bytes.get(end..).unwrap_or_default();
    let trailing = (!chain::blank(rest)).then_some(end..bytes.len());
    if let Some(range) = &trailing {
        document.note(
            AnomalyKind::TrailingBytes,
            format!("{} bytes after byte {}", range.len(), range.start),
        );
    }
    let encrypted = document
        .layers
        .iter()
        .any(|layer| layer.trailer.find("Encrypt").is_some());
    let mut pdf = Pdf {
        revisions: Vec::new(),
        encrypted,
        pages: 0,
        signatures: Vec::new(),
        trailing,
        anomalies: Vec::new(),
        title: None,
        metadata: Vec::new(),
    };
    if !encrypted {
        fill(&document, &mut pdf)?;
    }
    pdf.revisions = revisions(&document, encrypted)?;
    pdf.anomalies = document.anomalies();
    Ok(pdf)
}

fn fill(document: &Document<'_>, pdf: &mut Pdf) -> Result<(), PdfError> {
    pdf.pages = document.pages(document.current())?.len();
    let found = signature::collect(document)?;
    let covered = |kind| {
        let of_kind = found.iter().filter(move |found| found.signature.kind == kind);
        of_kind.filter_map(|found| found.signature.revision).min()
    };
    let stated = covered(Kind::Signature).or(covered(Kind::DocTimeStamp));
    let metadata = metadata::read(document, stated.unwrap_or(document.current()))?;
    pdf.title = metadata.title;
    pdf.metadata = metadata.custom;
    let first = found
        .iter()
        .map(|found| found.signature.revision.unwrap_or(found.first))
        .min();
    gaps::check(document, first);
    let mut changes = Vec::new();
    for revision in first.map_or(1, |first| first + 1)..document.layers.len() {
        changes.push((revision, change::compare(document, revision, &found)?));
    }
    for found in found {
        let signed = found.signature.revision.unwrap_or(found.first);
        let later = changes.iter().filter(|(revision, _)| *revision > signed);
        let mut signature = found.signature;
        signature.changes = later.flat_map(|(_, changes)| changes.clone()).collect();
        let thawed = frozen::check(document, signed, &signature.changes)?;
        signature.changes.extend(thawed);
        pdf.signatures.push(signature);
    }
    Ok(())
}

fn revisions(document: &Document<'_>, encrypted: bool) -> Result<Vec<Revision>, PdfError> {
    let mut revisions = Vec::new();
    for (index, layer) in document.layers.iter().enumerate() {
        let pages = match document.pages(index) {
            Ok(pages) if !encrypted => Some(pages.len()),
            Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
            _ => None,
        };
        revisions.push(Revision {
            end: layer.end,
            eof: layer.eof,
            startxref: layer.startxref,
            pages,
        });
    }
    Ok(revisions)
}

/// A PDF of one empty page, for examples and tests.
#[doc(hidden)]
pub fn example() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, body) in [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>",
    ]
    .iter()
    .enumerate()
    {
        offsets.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n{body}\nendobj\n", number + 1).as_bytes());
    }
    let start = bytes.len();
    bytes.extend_from_slice(b"xref\n0 4\n0000000000 65535 f \n");
    for offset in offsets {
        bytes.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let tail = format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    bytes.extend_from_slice(tail.as_bytes());
    bytes
}
