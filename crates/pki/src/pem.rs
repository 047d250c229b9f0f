//! PEM text (RFC 7468).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why text is no PEM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// A block that begins but does not end.
    #[error("PEM block {block} has no line -----END {label}-----")]
    Unterminated {
        /// Number of the block, from 1.
        block: usize,
        /// Its label.
        label: String,
    },
    /// A block whose body is no base64.
    #[error("PEM block {block} is not base64")]
    NotBase64 {
        /// Number of the block, from 1.
        block: usize,
    },
}

/// The contents of all blocks with this label, such as `CERTIFICATE`; text around and other blocks are passed over.
///
/// # Errors
/// A block with this label is malformed.
pub fn decode(text: &str, label: &str) -> Result<Vec<Vec<u8>>, PemError> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, body)) = rest.split_once(&begin) {
        let block = blocks.len() + 1;
        let (body, after) = body.split_once(&end).ok_or_else(|| PemError::Unterminated {
            block,
            label: label.to_owned(),
        })?;
        let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        blocks.push(STANDARD.decode(body).map_err(|_| PemError::NotBase64 { block })?);
        rest = after;
    }
    Ok(blocks)
}
