//! The signature dictionary with room for what is known only later.

use std::ops::Range;
use std::sync::Arc;

use crate::object::{Dictionary, Object, Text};
use crate::sign::{SignError, SignatureField};
use crate::update::text;

/// Digits reserved for each number of `ByteRange`.
const DIGITS: usize = 10;

/// The bytes of a signature dictionary and where its two placeholders stand in them.
pub(super) struct SignatureBody {
    pub bytes: Vec<u8>,
    pub byte_range: Range<usize>,
    pub contents: Range<usize>,
}

impl SignatureBody {
    pub(super) fn new(field: &SignatureField) -> Result<Self, SignError> {
        let mut dictionary = Dictionary::default();
        dictionary.set("Type", Object::name("Sig"));
        dictionary.set("Filter", Object::name(&field.filter));
        dictionary.set("SubFilter", Object::name(&field.sub_filter));
        dictionary.set("M", text(&date(field.time)?));
        let texts = [
            ("Name", &field.signer_name),
            ("Reason", &field.reason),
            ("Location", &field.location),
        ];
        for (key, value) in texts {
            if let Some(value) = value {
                dictionary.set(key, text(value));
            }
        }
        if let Some(seal) = &field.seal {
            dictionary.set("CNB_SESeal", hex_strings(seal));
        }
        let mut bytes = crate::update::dictionary_bytes(&dictionary);
        bytes.truncate(bytes.len().saturating_sub(2));
        bytes.extend_from_slice(b"/ByteRange ");
        let start = bytes.len();
        bytes.extend_from_slice(byte_range(&Default::default()).as_bytes());
        let byte_range = start..bytes.len();
        bytes.extend_from_slice(b" /Contents ");
        let start = bytes.len();
        bytes.push(b'<');
        bytes.resize(bytes.len() + field.reserve * 2, b'0');
        bytes.push(b'>');
        let contents = start..bytes.len();
        bytes.extend_from_slice(b" >>");
        Ok(Self {
            bytes,
            byte_range,
            contents,
        })
    }
}

/// PDF/A-2 (ISO 19005-2, 6.1.13) holds a string to 32 767 bytes, and a seal's picture can be larger.
const MAX_STRING: usize = 32_767;

/// One hexadecimal string, or an array of them when it would be too long.
fn hex_strings(bytes: &[u8]) -> Object {
    let string = |part: &[u8]| {
        Object::String(Arc::new(Text {
            bytes: part.to_vec(),
            hex: true,
            clean: true,
        }))
    };
    if bytes.len() <= MAX_STRING {
        string(bytes)
    } else {
        Object::Array(bytes.chunks(MAX_STRING).map(string).collect())
    }
}

/// `ByteRange`, always of the same width.
pub(super) fn byte_range(numbers: &[String; 3]) -> String {
    let [first, second, third] = numbers;
    format!("[0 {first:>DIGITS$} {second:>DIGITS$} {third:>DIGITS$}]")
}

/// A PDF date in UTC (ISO 32000-1, 7.9.4).
fn date(time: i64) -> Result<String, SignError> {
    let (days, second) = (time.div_euclid(86_400), time.rem_euclid(86_400));
    // Days since 1 March of the year 0, in eras of 400 years.
    let shifted = days.checked_add(719_468).ok_or(SignError::Time(time))?;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return Err(SignError::Time(time));
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Ok(format!("D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z"))
}
