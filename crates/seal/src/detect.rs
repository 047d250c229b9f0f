//! What bytes hold, told by their structure alone.

use crate::Limits;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cinnabar_pki::tlv::{Reader, Tag, Tlv};

/// The kinds of value that signed documents carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedValueKind {
    /// SES_Signature of any version, possibly as base64 text: [`crate::parse_signature`].
    SealSignature,
    /// ContentInfo: CMS or GB/T 35275 SignedData.
    SignedData,
    /// SEQUENCE of two INTEGERs: an SM2 value without certificate.
    BareSm2,
    /// None of these.
    Unknown,
}

/// Tells what a SignedValue holds by its first elements. The value need not be sound; only its parser says so.
pub fn detect(bytes: &[u8]) -> SignedValueKind {
    if let Some(text) = decode_text(bytes) {
        return match kind_of(&text) {
            SignedValueKind::SealSignature => SignedValueKind::SealSignature,
            _ => SignedValueKind::Unknown,
        };
    }
    kind_of(bytes)
}

/// Tells whether bytes begin like a seal (SESeal, `Seal.esl`): a SEQUENCE whose first element's first element is a header.
pub fn looks_like_seal(bytes: &[u8]) -> bool {
    let header = outer(bytes).and_then(|seal| first(&seal)).and_then(|info| first(&info));
    header.is_some_and(|h| h.tag == Tag::SEQUENCE && first(&h).is_some_and(|id| id.tag == Tag::IA5_STRING))
}

/// The bytes behind base64 text, if `bytes` are such text of a SEQUENCE.
pub(crate) fn decode_text(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = bytes.trim_ascii();
    if !text.starts_with(b"M") || text.len() / 4 * 3 > Limits::default().max_bytes {
        return None;
    }
    let compact: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).ok()
}

fn kind_of(bytes: &[u8]) -> SignedValueKind {
    let Some(value) = outer(bytes) else {
        return SignedValueKind::Unknown;
    };
    let Some(head) = first(&value) else {
        return SignedValueKind::Unknown;
    };
    match head.tag {
        Tag::OBJECT_IDENTIFIER => SignedValueKind::SignedData,
        Tag::INTEGER if tags(&value).as_deref() == Some(&[Tag::INTEGER, Tag::INTEGER]) => SignedValueKind::BareSm2,
        Tag::SEQUENCE if first(&head).is_some_and(|version| version.tag == Tag::INTEGER) => {
            SignedValueKind::SealSignature
        }
        _ => SignedValueKind::Unknown,
    }
}

fn outer(bytes: &[u8]) -> Option<Tlv<'_>> {
    Reader::new(bytes)
        .try_read()
        .ok()
        .flatten()
        .filter(|t| t.tag == Tag::SEQUENCE)
}

fn first<'a>(value: &Tlv<'a>) -> Option<Tlv<'a>> {
    value.children().ok()?.try_read().ok().flatten()
}

fn tags(value: &Tlv<'_>) -> Option<Vec<Tag>> {
    let all = value.children().ok()?.all(3, "element").ok()?;
    Some(all.iter().map(|t| t.tag).collect())
}
