//! Contents of the universal types.

use std::borrow::Cow;
use std::ops::Range;

use super::{LengthForm, Tag, Tlv, TlvError, parse_generalized_time, parse_utc_time};

/// The pieces of an OCTET STRING, as ranges of the source: one if it is primitive, any number if it is constructed.
pub type Pieces = Vec<Range<usize>>;

impl<'a> Tlv<'a> {
    /// The contents octets of a primitive value.
    ///
    /// # Errors
    /// The value is constructed.
    pub fn primitive(&self) -> Result<&'a [u8], TlvError> {
        if self.constructed {
            return Err(TlvError::NotPrimitive {
                offset: self.offset(),
                tag: self.tag,
            });
        }
        Ok(self.content_bytes())
    }

    /// An OBJECT IDENTIFIER as a dotted string.
    ///
    /// # Errors
    /// Constructed or malformed. The tag is not checked here, nor by the methods below: `[n] IMPLICIT` hides it.
    pub fn oid(&self) -> Result<String, TlvError> {
        oid_to_string(self.primitive()?).ok_or(self.bad("OBJECT IDENTIFIER"))
    }

    /// The contents octets of an INTEGER as they are: two's complement, big-endian, never empty.
    ///
    /// # Errors
    /// Constructed or empty.
    pub fn integer_bytes(&self) -> Result<&'a [u8], TlvError> {
        let bytes = self.primitive()?;
        if bytes.is_empty() {
            Err(self.bad("INTEGER"))
        } else {
            Ok(bytes)
        }
    }

    /// An INTEGER that is not negative and fits 64 bits. Leading zero octets are accepted.
    ///
    /// # Errors
    /// Constructed, empty, negative or too large.
    pub fn unsigned(&self) -> Result<u64, TlvError> {
        let bytes = self.integer_bytes()?;
        if bytes.first().is_some_and(|first| first & 0x80 != 0) {
            return Err(self.bad("non-negative INTEGER"));
        }
        bytes.iter().try_fold(0u64, |value, &byte| {
            if value >> 56 != 0 {
                Err(self.bad("INTEGER of 64 bits"))
            } else {
                Ok(value << 8 | u64::from(byte))
            }
        })
    }

    /// A BOOLEAN; any octet but 0 is true, as in BER.
    ///
    /// # Errors
    /// Constructed or not one octet.
    pub fn boolean(&self) -> Result<bool, TlvError> {
        match self.primitive()? {
            [octet] => Ok(*octet != 0),
            _ => Err(self.bad("BOOLEAN")),
        }
    }

    /// A BIT STRING: the number of unused bits in the last octet (0 to 7) and the octets.
    ///
    /// # Errors
    /// Constructed, empty, or a wrong number of unused bits.
    pub fn bit_string(&self) -> Result<(u8, &'a [u8]), TlvError> {
        match self.primitive()?.split_first() {
            Some((0, bits)) => Ok((0, bits)),
            Some((&unused, bits)) if unused < 8 && !bits.is_empty() => Ok((unused, bits)),
            _ => Err(self.bad("BIT STRING")),
        }
    }

    /// The octets of a BIT STRING of whole octets.
    ///
    /// # Errors
    /// As [`Tlv::bit_string`]; bits are unused.
    pub fn bit_string_octets(&self) -> Result<&'a [u8], TlvError> {
        match self.bit_string()? {
            (0, octets) => Ok(octets),
            _ => Err(self.bad("BIT STRING of whole octets")),
        }
    }

    /// Where the octets of an OCTET STRING lie, primitive or constructed (X.690 8.7), in order. Empty pieces are left out.
    ///
    /// # Errors
    /// A piece that is no OCTET STRING, or nesting too deep.
    pub fn octet_pieces(&self) -> Result<Pieces, TlvError> {
        let mut pieces = Vec::new();
        self.collect_pieces(&mut pieces)?;
        Ok(pieces)
    }

    fn collect_pieces(&self, pieces: &mut Pieces) -> Result<(), TlvError> {
        if !self.constructed {
            if !self.content.is_empty() {
                pieces.push(self.content.clone());
            }
            return Ok(());
        }
        let mut children = self.children()?;
        while let Some(child) = children.try_read()? {
            if child.tag != Tag::OCTET_STRING {
                return Err(TlvError::UnexpectedTag {
                    offset: child.offset(),
                    what: "piece of an OCTET STRING",
                    expected: Tag::OCTET_STRING,
                    found: child.tag,
                });
            }
            child.collect_pieces(pieces)?;
        }
        Ok(())
    }

    /// The octets of an OCTET STRING: borrowed if they are in one piece, assembled if not.
    ///
    /// # Errors
    /// As [`Tlv::octet_pieces`].
    pub fn octets(&self) -> Result<Cow<'a, [u8]>, TlvError> {
        if !self.constructed {
            return Ok(Cow::Borrowed(self.content_bytes()));
        }
        let pieces = self.octet_pieces()?;
        match pieces.as_slice() {
            [piece] => Ok(Cow::Borrowed(self.source.get(piece.clone()).unwrap_or_default())),
            _ => Ok(Cow::Owned(
                pieces
                    .into_iter()
                    .filter_map(|piece| self.source.get(piece))
                    .flatten()
                    .copied()
                    .collect(),
            )),
        }
    }

    /// Text of any ASN.1 string type, read leniently: what is no valid text of its type becomes U+FFFD. TeletexString and
    /// wrongly labelled strings are read as UTF-8 where they are valid UTF-8, as Latin-1 otherwise.
    ///
    /// # Errors
    /// The value is constructed.
    pub fn text(&self) -> Result<String, TlvError> {
        let bytes = self.primitive()?;
        let code_points = |width: usize| {
            let units = bytes
                .chunks(width)
                .map(|unit| unit.iter().fold(0u32, |value, &byte| value << 8 | u32::from(byte)));
            units
                .map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        };
        Ok(match self.tag {
            Tag::BMP_STRING => {
                let units = bytes
                    .chunks(2)
                    .map(|unit| unit.iter().fold(0u16, |value, &byte| value << 8 | u16::from(byte)));
                char::decode_utf16(units)
                    .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect()
            }
            Tag::UNIVERSAL_STRING => code_points(4),
            Tag::UTF8_STRING => String::from_utf8_lossy(bytes).into_owned(),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => code_points(1),
            },
        })
    }

    /// A UTCTime or GeneralizedTime in seconds since 1970 UTC.
    ///
    /// # Errors
    /// Another type, a malformed time, or one without a zone.
    pub fn time(&self) -> Result<i64, TlvError> {
        let text = self.primitive()?;
        match self.tag {
            Tag::UTC_TIME => parse_utc_time(text),
            Tag::GENERALIZED_TIME => parse_generalized_time(text),
            _ => None,
        }
        .ok_or(self.bad("time"))
    }

    /// Whether the header is one that DER allows: a minimal, definite length.
    pub fn is_der_length(&self) -> bool {
        self.form == LengthForm::Minimal
    }

    /// An error about the contents of this value, which is a malformed `what`.
    pub fn bad(&self, what: &'static str) -> TlvError {
        TlvError::BadValue {
            offset: self.offset(),
            what,
        }
    }
}

/// Writes the contents octets of an OBJECT IDENTIFIER (X.690 8.19) with dots; `None` if they are empty, end inside an arc, hold
/// an arc beyond 128 bits (a UUID has that many), or are longer than 128 octets.
pub fn oid_to_string(content: &[u8]) -> Option<String> {
    let ends_inside_arc = content.last().is_none_or(|last| last & 0x80 != 0);
    if ends_inside_arc || content.len() > 128 {
        return None;
    }
    // Two digits an octet hold almost every identifier there is.
    let mut text = String::with_capacity(2 * content.len() + 2);
    let mut arc = 0u128;
    for octet in content {
        if arc > u128::MAX >> 7 {
            return None;
        }
        arc = arc << 7 | u128::from(octet & 0x7f);
        if octet & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            let first = (arc / 40).min(2);
            push_number(&mut text, first);
            arc -= first * 40;
        }
        text.push('.');
        push_number(&mut text, arc);
        arc = 0;
    }
    Some(text)
}

/// Writes a number in decimals. Formatting through `fmt` costs several times as much, and certificates are full of these.
fn push_number(text: &mut String, number: u128) {
    let Ok(mut rest) = u64::try_from(number) else {
        text.push_str(&number.to_string());
        return;
    };
    let mut digits = [b'0'; 20];
    let mut from = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        from -= 1;
        if rest == 0 {
            break;
        }
    }
    let written = digits.get(from..).unwrap_or_default();
    text.push_str(std::str::from_utf8(written).unwrap_or_default());
}
