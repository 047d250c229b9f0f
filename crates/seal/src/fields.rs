//! Typed fields on top of the bounded reader: DER only, each departure noted by name.

use crate::{Deviation, SealError};
use cinnabar_pki::tlv::{Reader, Tag, Tlv, parse_generalized_time, parse_utc_time};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The elements of one SEQUENCE, read in order, with the place where deviations are noted.
pub(crate) struct Fields<'a, 'd> {
    reader: Reader<'a>,
    pub(crate) notes: &'d mut Vec<Deviation>,
}

/// A time as it stands in the file and the instant it names, if any.
pub(crate) struct Time {
    pub(crate) text: String,
    pub(crate) instant: Option<i64>,
}

impl<'a, 'd> Fields<'a, 'd> {
    /// Opens a SEQUENCE.
    pub(crate) fn of(sequence: &Tlv<'a>, notes: &'d mut Vec<Deviation>) -> Result<Self, SealError> {
        Ok(Self {
            reader: sequence.children()?,
            notes,
        })
    }

    /// The next element, which must have `tag` and a DER length.
    pub(crate) fn expect(&mut self, tag: Tag, what: &'static str) -> Result<Tlv<'a>, SealError> {
        der(self.reader.expect(tag, what)?, what)
    }

    /// The next element of any type.
    pub(crate) fn any(&mut self, what: &'static str) -> Result<Tlv<'a>, SealError> {
        der(self.reader.read(what)?, what)
    }

    pub(crate) fn peek(&self) -> Option<Tag> {
        self.reader.peek()
    }

    pub(crate) fn finish(&self, what: &'static str) -> Result<(), SealError> {
        Ok(self.reader.finish(what)?)
    }

    pub(crate) fn sequence<'n>(&'n mut self, what: &'static str) -> Result<Fields<'a, 'n>, SealError> {
        let value = self.expect(Tag::SEQUENCE, what)?;
        Fields::of(&value, self.notes)
    }

    pub(crate) fn unsigned(&mut self, what: &'static str) -> Result<u64, SealError> {
        Ok(self.expect(Tag::INTEGER, what)?.unsigned()?)
    }

    pub(crate) fn millimetres(&mut self, what: &'static str) -> Result<u32, SealError> {
        let value = self.expect(Tag::INTEGER, what)?;
        u32::try_from(value.unsigned()?).map_err(|_| unexpected(&value, what, "a length in millimetres"))
    }

    pub(crate) fn oid(&mut self, what: &'static str) -> Result<String, SealError> {
        Ok(self.expect(Tag::OBJECT_IDENTIFIER, what)?.oid()?)
    }

    pub(crate) fn octets(&mut self, what: &'static str) -> Result<&'a [u8], SealError> {
        Ok(self.expect(Tag::OCTET_STRING, what)?.primitive()?)
    }

    pub(crate) fn ia5(&mut self, what: &'static str) -> Result<String, SealError> {
        let value = self.expect(Tag::IA5_STRING, what)?;
        let text = value.text()?;
        if !value.content_bytes().is_ascii() {
            self.notes.push(Deviation::NonAsciiText { field: what });
        }
        Ok(text)
    }

    pub(crate) fn utf8(&mut self, what: &'static str) -> Result<String, SealError> {
        let value = self.expect(Tag::UTF8_STRING, what)?;
        let text = std::str::from_utf8(value.primitive()?);
        text.map(str::to_owned)
            .map_err(|_| unexpected(&value, what, "valid UTF-8"))
    }

    /// The octets of a BIT STRING; an OCTET STRING is noted and read too.
    pub(crate) fn bits(&mut self, what: &'static str) -> Result<&'a [u8], SealError> {
        if self.peek() == Some(Tag::OCTET_STRING) {
            self.notes.push(Deviation::OctetStringForBitString { field: what });
            return self.octets(what);
        }
        Ok(self.expect(Tag::BIT_STRING, what)?.bit_string_octets()?)
    }

    /// A UTCTime or GeneralizedTime, `usual` being the standard's type.
    pub(crate) fn time(&mut self, usual: Tag, what: &'static str) -> Result<Time, SealError> {
        let other = if usual == Tag::UTC_TIME {
            Tag::GENERALIZED_TIME
        } else {
            Tag::UTC_TIME
        };
        let tag = if self.peek() == Some(other) { other } else { usual };
        let value = self.expect(tag, what)?;
        if tag != usual {
            self.notes.push(Deviation::TimeType { field: what });
        }
        let bytes = value.primitive()?;
        let text = value.text()?;
        let instant = if tag == Tag::UTC_TIME {
            parse_utc_time(bytes)
        } else {
            parse_generalized_time(bytes)
        };
        let length = if tag == Tag::UTC_TIME { 13 } else { 15 };
        if instant.is_none() || bytes.len() != length || !bytes.ends_with(b"Z") {
            self.notes.push(Deviation::NonStandardTime {
                field: what,
                text: text.clone(),
            });
        }
        Ok(Time { text, instant })
    }
}

/// The instant that a V1 time string names and whether its notation is one of ASN.1's. Without a zone it names none.
pub(crate) fn claimed_time(text: &[u8]) -> (Option<i64>, bool) {
    if let Some(instant) = parse_utc_time(text).or_else(|| parse_generalized_time(text)) {
        return (Some(instant), true);
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return (None, false);
    };
    let unix = matches!(text.len(), 9 | 10) && text.bytes().all(|b| b.is_ascii_digit());
    let instant = if unix {
        text.parse().ok()
    } else {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .map(OffsetDateTime::unix_timestamp)
    };
    (instant, false)
}

pub(crate) fn der<'a>(value: Tlv<'a>, what: &'static str) -> Result<Tlv<'a>, SealError> {
    if value.is_der_length() {
        Ok(value)
    } else {
        Err(SealError::NotDer {
            offset: value.offset(),
            what,
        })
    }
}

pub(crate) fn unexpected(value: &Tlv<'_>, what: &'static str, expected: &'static str) -> SealError {
    SealError::Unexpected {
        offset: value.offset(),
        what,
        expected,
    }
}

/// Whether a signature value is r‖s although its algorithm is SM2, whose values are DER.
pub(crate) fn is_raw_sm2(algorithm: &str, value: &[u8]) -> bool {
    let sm2 = algorithm == "1.2.156.10197.1.501" || algorithm.starts_with("1.2.156.10197.1.301");
    sm2 && value.len() == 64 && crate::detect(value) != crate::SignedValueKind::BareSm2
}
