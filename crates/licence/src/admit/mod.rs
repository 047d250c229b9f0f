//! Admission: a request becomes a [`Licence`], or the list of all its faults.
//!
//! Pure: what is drawn at random or read from a configuration comes in as [`Allotment`].

mod fault;
mod reader;
mod rules;
mod value;

use serde_json::Value;

pub use fault::{Fault, FaultCode};

use crate::licence::Licence;
use crate::types::LicenceType;
use reader::Reader;

/// What the issuing system gives a licence when the request does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allotment {
    /// 流水号 for types that do not take it from the number: 20 random characters `0-9A-Z`.
    pub serial: String,
    /// Address of the status list.
    pub status_uri: String,
    /// Random position in the status list.
    pub status_idx: u64,
}

/// Admits a request to a licence type.
///
/// Checked: every field of the type (kind, length, code check characters), that no unknown field is
/// there, every rule, holder, issuer and dates, and that the identifier can be built. Not checked:
/// whether the codes were ever given to anyone, and whether the identifier was used before.
///
/// # Errors
/// All faults found, in the order of the request's description.
pub fn admit(kind: &LicenceType, request: &Value, allotment: &Allotment) -> Result<Licence, Vec<Fault>> {
    let (licence, faults) = Reader::new(kind).finish(request, allotment);
    match licence {
        Some(licence) if faults.is_empty() => Ok(licence),
        _ => Err(faults),
    }
}

/// Decodes a picture field's `data:` URI; none when it is no PNG or JPEG of at most `max` bytes.
pub fn decode_image(text: &str, max: usize) -> Option<Vec<u8>> {
    value::decode_image(text, max).ok()
}

/// Writes a picture as picture fields hold it; none when it is neither PNG nor JPEG.
pub fn image_uri(bytes: &[u8]) -> Option<String> {
    value::image_uri(bytes)
}
