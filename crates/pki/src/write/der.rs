//! A DER writer: each function gives one complete element.
//!
//! ```
//! use cinnabar_pki::write::der;
//!
//! let algorithm = der::sequence([der::oid("1.2.840.113549.1.1.11")?, der::null()]);
//! assert_eq!(algorithm, [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b, 5, 0]);
//! # Ok::<(), cinnabar_pki::write::WriteError>(())
//! ```

use ::der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

use super::WriteError;

/// Writes identifier octet, shortest length and content.
#[must_use]
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short @ ..=0x7f) => out.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let octets = length.iter().copied().skip_while(|octet| *octet == 0);
            let count = octets.clone().fold(0x80_u8, |count, _| count.wrapping_add(1));
            out.push(count);
            out.extend(octets);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of the elements in the order given.
#[must_use]
pub fn sequence(elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    element(0x30, &joined(elements))
}

/// SET OF the elements, in the ascending order that DER demands (X.690, 11.6).
#[must_use]
pub fn set_of(elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    element(0x31, &set_content(elements))
}

/// The content of a SET OF, for one that is tagged implicitly.
#[must_use]
pub fn set_content(elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut elements: Vec<_> = elements.into_iter().collect();
    // X.690 compares as if the shorter were padded with zeros; as no element is a prefix of another, plain order is that order.
    elements.sort();
    joined(elements)
}

/// `[number]` around content: explicit around an element, implicit constructed around an element's content.
#[must_use]
pub fn context(number: u8, content: &[u8]) -> Vec<u8> {
    element(0xa0 | (number & 0x1f), content)
}

/// INTEGER from a big-endian magnitude; leading zeros are dropped, one is added where the sign needs it.
#[must_use]
pub fn integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = magnitude.get(start..).unwrap_or_default();
    match digits.first() {
        None => element(0x02, &[0]),
        Some(0x80..=0xff) => element(0x02, &[&[0], digits].concat()),
        Some(_) => element(0x02, digits),
    }
}

/// INTEGER from a number.
#[must_use]
pub fn number(value: u64) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// BOOLEAN.
#[must_use]
pub fn boolean(value: bool) -> Vec<u8> {
    element(0x01, &[if value { 0xff } else { 0 }])
}

/// ENUMERATED, for values below 128.
#[must_use]
pub fn enumerated(value: u8) -> Vec<u8> {
    element(0x0a, &[value & 0x7f])
}

/// NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    element(0x05, &[])
}

/// OCTET STRING.
#[must_use]
pub fn octet_string(content: &[u8]) -> Vec<u8> {
    element(0x04, content)
}

/// BIT STRING of whole octets.
#[must_use]
pub fn bit_string(content: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], content].concat())
}

/// BIT STRING with named bits: bit 0 is the highest of `bits`; trailing zero bits are not written (X.690, 11.2.2).
#[must_use]
pub fn named_bits(bits: u16) -> Vec<u8> {
    let [first, second] = bits.to_be_bytes();
    let unused = |octet: u8| u8::try_from(octet.trailing_zeros().min(7)).unwrap_or(7);
    match (first, second) {
        (0, 0) => element(0x03, &[0]),
        (_, 0) => element(0x03, &[unused(first), first]),
        (_, _) => element(0x03, &[unused(second), first, second]),
    }
}

/// UTF8String.
#[must_use]
pub fn utf8_string(text: &str) -> Vec<u8> {
    element(0x0c, text.as_bytes())
}

/// OBJECT IDENTIFIER from its dotted form.
///
/// # Errors
/// [`WriteError::Oid`].
pub fn oid(dotted: &str) -> Result<Vec<u8>, WriteError> {
    let oid = ObjectIdentifier::new(dotted).map_err(|_| WriteError::Oid {
        text: dotted.to_owned(),
    })?;
    Ok(element(0x06, oid.as_bytes()))
}

/// Time as RFC 5280, 4.1.2.5 demands: UTCTime for 1950 to 2049, GeneralizedTime from 2050.
///
/// # Errors
/// [`WriteError::Time`].
pub fn time(seconds: i64) -> Result<Vec<u8>, WriteError> {
    let text = digits(seconds)?;
    match text.split_at_checked(2) {
        Some(("19", short)) if text.as_str() >= "1950" => Ok(element(0x17, short.as_bytes())),
        Some(("20", short)) if text.as_str() < "2050" => Ok(element(0x17, short.as_bytes())),
        _ if text.as_str() >= "2050" => Ok(element(0x18, text.as_bytes())),
        _ => Err(WriteError::Time { seconds }),
    }
}

/// GeneralizedTime `YYYYMMDDhhmmssZ`.
///
/// # Errors
/// [`WriteError::Time`].
pub fn generalized_time(seconds: i64) -> Result<Vec<u8>, WriteError> {
    Ok(element(0x18, digits(seconds)?.as_bytes()))
}

/// Tells whether the bytes are exactly one element, definite lengths throughout.
pub(super) fn is_one_element(bytes: &[u8]) -> bool {
    let read = crate::tlv::Reader::new(bytes).read("element");
    read.is_ok_and(|tlv| tlv.raw == (0..bytes.len()) && !tlv.has_indefinite())
}

fn digits(seconds: i64) -> Result<String, WriteError> {
    let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| WriteError::Time { seconds })?;
    if !(1950..=9999).contains(&at.year()) {
        return Err(WriteError::Time { seconds });
    }
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    Ok(format!(
        "{year:04}{month:02}{day:02}{:02}{:02}{:02}Z",
        at.hour(),
        at.minute(),
        at.second()
    ))
}

fn joined(elements: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    elements.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(element(4, &[7; 127])[..3], [4, 0x7f, 7]);
        assert_eq!(element(4, &[7; 128])[..4], [4, 0x81, 0x80, 7]);
        assert_eq!(element(4, &[7; 255])[..4], [4, 0x81, 0xff, 7]);
        assert_eq!(element(4, &[7; 256])[..5], [4, 0x82, 1, 0, 7]);
        assert_eq!(element(4, &[7; 65536])[..6], [4, 0x83, 1, 0, 0, 7]);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        assert_eq!(number(0), [2, 1, 0]);
        assert_eq!(number(127), [2, 1, 127]);
        assert_eq!(number(128), [2, 2, 0, 128]);
        assert_eq!(integer(&[0, 0, 0xff]), [2, 2, 0, 0xff]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }

    #[test]
    fn sets_are_sorted_by_their_encoding() {
        let set = set_of([number(300), octet_string(b""), number(2), number(1)]);
        assert_eq!(set, [0x31, 12, 2, 1, 1, 2, 1, 2, 2, 2, 1, 44, 4, 0]);
    }

    #[test]
    fn named_bits_drop_trailing_zeros() {
        assert_eq!(named_bits(0xc000), [3, 2, 6, 0xc0]);
        assert_eq!(named_bits(0x0600), [3, 2, 1, 6]);
        assert_eq!(named_bits(0x0080), [3, 3, 7, 0, 0x80]);
        assert_eq!(named_bits(0), [3, 1, 0]);
    }

    #[test]
    fn times_change_type_in_2050() {
        assert_eq!(time(1_735_689_600).unwrap(), element(0x17, b"250101000000Z"));
        assert_eq!(time(2_524_607_999).unwrap(), element(0x17, b"491231235959Z"));
        assert_eq!(time(2_524_608_000).unwrap(), element(0x18, b"20500101000000Z"));
        assert_eq!(time(0).unwrap(), element(0x17, b"700101000000Z"));
        assert_eq!(generalized_time(0).unwrap(), element(0x18, b"19700101000000Z"));
        for seconds in [i64::MIN, -631_152_001, 253_402_300_800, i64::MAX] {
            assert_eq!(time(seconds), Err(WriteError::Time { seconds }));
        }
    }

    #[test]
    fn bad_identifiers_are_refused() {
        for text in ["", "1", "1.2.", "3.1", "abc", "1.40"] {
            assert!(oid(text).is_err(), "{text}");
        }
    }
}
