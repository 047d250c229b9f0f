//! Reads one document and says what it claims: no cryptography, no trust, no clock.
//!
//! Total: any input gives [`Claims`] or an [`Unreadable`]; nothing panics and no limit is passed.

mod bare;
mod cms;
mod ofd;
mod pdf;
mod seal;

use std::sync::Arc;

use crate::Limits;
use crate::claims::Claims;
use crate::codes::{Code, Finding};

/// Why a document gave no claims.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Unreadable {
    /// `FORMAT_FAILURE`, `ENCRYPTED`, `LIMIT_EXCEEDED` or `IO_ERROR`.
    pub code: Code,
    /// What was wrong and where.
    pub detail: String,
}

impl Unreadable {
    /// An unreadable document.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// The same as a finding.
    pub fn finding(&self) -> Finding {
        Finding::new(self.code).with(self.detail.clone())
    }
}

/// Extracts the claims of one document, whatever its format.
///
/// # Errors
/// [`Unreadable`] when the bytes are no OFD, PDF, seal or signature value, are encrypted, or pass a limit.
pub fn extract(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Claims, Unreadable> {
    if bytes.len() as u64 > limits.document_bytes {
        let detail = format!("{} bytes, the limit is {}", bytes.len(), limits.document_bytes);
        return Err(Unreadable::new(Code::LimitExceeded, detail));
    }
    if cinnabar_pdf::sniff(bytes) {
        return pdf::extract(bytes, limits);
    }
    if cinnabar_ofd::sniff(bytes) {
        return ofd::extract(bytes, limits);
    }
    if bytes.first() == Some(&0x30) {
        return bare::extract(bytes, limits);
    }
    let what = if bytes.is_empty() {
        "the file is empty"
    } else {
        "neither OFD, PDF, seal nor signature value"
    };
    Err(Unreadable::new(Code::FormatFailure, what))
}

/// Whether a file looks like something that [`extract`] reads, from its first bytes.
pub fn sniff(head: &[u8]) -> bool {
    cinnabar_pdf::sniff(head) || cinnabar_ofd::sniff(head)
}
