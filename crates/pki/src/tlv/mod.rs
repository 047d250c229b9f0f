//! A bounded reader of BER and DER that never copies and never re-encodes.
//!
//! ITU-T X.690 (08/2015) 8.1: every value is *identifier octets, length octets, contents octets* and, in the indefinite
//! form, *end-of-contents octets*. A [`Tlv`] says where each of these lies **in the source**, so that what is hashed is
//! what was in the file.
//!
//! ```
//! use cinnabar_pki::tlv::{Reader, Tag};
//!
//! let der = [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07];
//! let mut outer = Reader::new(&der);
//! let sequence = outer.expect(Tag::SEQUENCE, "Point")?;
//! outer.finish("Point")?;
//! assert_eq!(sequence.raw, 0..8);
//! let mut fields = sequence.children()?;
//! assert_eq!(fields.expect(Tag::INTEGER, "x")?.unsigned()?, 5);
//! let y = fields.expect(Tag::INTEGER, "y")?;
//! assert_eq!((y.unsigned()?, y.content), (7, 7..8));
//! # Ok::<(), cinnabar_pki::tlv::TlvError>(())
//! ```
//!
//! Accepted beyond DER, each visible to the caller: indefinite lengths and lengths written longer than needed
//! ([`Tlv::form`]), constructed OCTET STRINGs ([`Tlv::octets`]). What is bounded: nesting ([`MAX_DEPTH`]), every length by
//! its container, tag numbers to 32 bits. Any input gives a value or a [`TlvError`]; finding the end of
//! a value is linear in its length at worst (indefinite) and immediate otherwise.

mod error;
mod tag;
mod time;
mod value;

use std::ops::Range;

pub use error::TlvError;
pub use tag::{Class, Tag};
pub use time::{parse_generalized_time, parse_utc_time};
pub use value::{Pieces, oid_to_string};

/// Containers may nest this deep; a deeper one is [`TlvError::TooDeep`].
pub const MAX_DEPTH: usize = 64;

/// How a length was written (X.690 8.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthForm {
    /// Definite, in as few octets as possible: the only form DER allows.
    Minimal,
    /// Definite, but in more octets than needed.
    Padded,
    /// Indefinite: ends at its end-of-contents octets.
    Indefinite,
}

/// One value, with the exact place of its parts in the source.
#[derive(Debug, Clone)]
pub struct Tlv<'a> {
    source: &'a [u8],
    depth: usize,
    /// Class and number.
    pub tag: Tag,
    /// Whether the contents are values themselves.
    pub constructed: bool,
    /// How the length was written.
    pub form: LengthForm,
    /// Identifier and length octets.
    pub header: Range<usize>,
    /// Contents octets, without end-of-contents octets.
    pub content: Range<usize>,
    /// The whole value, end-of-contents octets included.
    pub raw: Range<usize>,
}

impl<'a> Tlv<'a> {
    /// The contents octets.
    pub fn content_bytes(&self) -> &'a [u8] {
        self.source.get(self.content.clone()).unwrap_or_default()
    }

    /// The whole value as it stands in the source.
    pub fn raw_bytes(&self) -> &'a [u8] {
        self.source.get(self.raw.clone()).unwrap_or_default()
    }

    /// Where the value starts in the source.
    pub fn offset(&self) -> usize {
        self.raw.start
    }

    /// Reads the values inside a constructed one.
    ///
    /// # Errors
    /// The value is primitive, or lies deeper than [`MAX_DEPTH`].
    pub fn children(&self) -> Result<Reader<'a>, TlvError> {
        if !self.constructed {
            return Err(TlvError::NotConstructed {
                offset: self.offset(),
                tag: self.tag,
            });
        }
        if self.depth >= MAX_DEPTH {
            return Err(TlvError::TooDeep { offset: self.offset() });
        }
        Ok(Reader {
            source: self.source,
            position: self.content.start,
            end: self.content.end,
            depth: self.depth + 1,
        })
    }

    /// Reads the only value inside a constructed one, as in `[0] EXPLICIT`.
    ///
    /// # Errors
    /// As [`Tlv::children`]; no value inside, or more than one.
    pub fn only_child(&self, what: &'static str) -> Result<Tlv<'a>, TlvError> {
        let mut children = self.children()?;
        let child = children.read(what)?;
        children.finish(what)?;
        Ok(child)
    }

    /// Whether any length in this value, at any depth, is indefinite. Opaque strings are not looked into.
    pub fn has_indefinite(&self) -> bool {
        self.form == LengthForm::Indefinite || self.any_length_within(|_| false)
    }

    /// Whether any length in this value, at any depth, is one that DER does not allow. Opaque strings are not looked into.
    pub fn has_odd_length(&self) -> bool {
        !self.is_der_length() || self.any_length_within(|form| form != LengthForm::Minimal)
    }

    /// Whether a length inside this value is indefinite or `odd`. What cannot be read ends the value that it stands in. Only
    /// headers are read, since this goes over every message and every certificate as a whole.
    fn any_length_within(&self, odd: impl Fn(LengthForm) -> bool) -> bool {
        let Ok(mut reader) = self.children() else { return false };
        // The ends of the values around the one that is being read.
        let mut ends = Vec::new();
        loop {
            if reader.is_empty() {
                let Some(end) = ends.pop() else { return false };
                (reader.end, reader.depth) = (end, reader.depth - 1);
                continue;
            }
            let at = reader.position;
            let content = match reader.header_at(at) {
                Ok(Header { length: None, .. }) if reader.value_at(at).is_ok() => return true,
                Ok(
                    head @ Header {
                        length: Some((length, form)),
                        ..
                    },
                ) => match reader.bounded(at, head.end, length) {
                    Ok(_) if odd(form) => return true,
                    Ok(end) => Some((head.constructed, head.end..end)),
                    Err(_) => None,
                },
                _ => None,
            };
            match content {
                Some((true, content)) if reader.depth < MAX_DEPTH => {
                    ends.push(reader.end);
                    (reader.position, reader.end, reader.depth) = (content.start, content.end, reader.depth + 1);
                }
                Some((_, content)) => reader.position = content.end,
                None => reader.position = reader.end,
            }
        }
    }
}

/// Reads values one after another from a range of the source.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    source: &'a [u8],
    position: usize,
    end: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of `source`; every range is relative to it.
    pub fn new(source: &'a [u8]) -> Self {
        Reader {
            source,
            position: 0,
            end: source.len(),
            depth: 0,
        }
    }

    /// Reads a part of `source`, cut to its length; ranges stay relative to `source`.
    pub fn within(source: &'a [u8], part: Range<usize>) -> Self {
        let end = part.end.min(source.len());
        Reader {
            source,
            position: part.start.min(end),
            end,
            depth: 0,
        }
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.position >= self.end
    }

    /// Where the next value starts in the source.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The bytes not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.source.get(self.position..self.end).unwrap_or_default()
    }

    /// The tag of the next value, `None` at the end or where no tag can be read.
    pub fn peek(&self) -> Option<Tag> {
        self.tag_at(self.position).ok().map(|(tag, _, _)| tag)
    }

    /// Reads the next value; `None` at the end.
    ///
    /// # Errors
    /// The next bytes are not a complete value within this reader's range.
    pub fn try_read(&mut self) -> Result<Option<Tlv<'a>>, TlvError> {
        if self.is_empty() {
            return Ok(None);
        }
        let tlv = self.value_at(self.position)?;
        self.position = tlv.raw.end;
        Ok(Some(tlv))
    }

    /// Reads the next value; `what` names it in the error.
    ///
    /// # Errors
    /// As [`Reader::try_read`]; nothing is left.
    pub fn read(&mut self, what: &'static str) -> Result<Tlv<'a>, TlvError> {
        self.try_read()?.ok_or(TlvError::Missing {
            offset: self.position,
            what,
        })
    }

    /// Reads the next value, which must carry `tag`.
    ///
    /// # Errors
    /// As [`Reader::read`]; another tag.
    pub fn expect(&mut self, tag: Tag, what: &'static str) -> Result<Tlv<'a>, TlvError> {
        let tlv = self.read(what)?;
        if tlv.tag != tag {
            return Err(TlvError::UnexpectedTag {
                offset: tlv.offset(),
                what,
                expected: tag,
                found: tlv.tag,
            });
        }
        Ok(tlv)
    }

    /// Reads the next value if it carries `tag`; otherwise reads nothing.
    ///
    /// # Errors
    /// As [`Reader::try_read`], where the tag is the one asked for.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Tlv<'a>>, TlvError> {
        if self.peek() == Some(tag) {
            self.try_read()
        } else {
            Ok(None)
        }
    }

    /// Reads all remaining values, `limit` at most.
    ///
    /// # Errors
    /// As [`Reader::try_read`]; more than `limit` values.
    pub fn all(mut self, limit: usize, what: &'static str) -> Result<Vec<Tlv<'a>>, TlvError> {
        let mut found = Vec::new();
        while let Some(tlv) = self.try_read()? {
            if found.len() == limit {
                return Err(TlvError::TooMany {
                    offset: tlv.offset(),
                    what,
                    limit,
                });
            }
            found.push(tlv);
        }
        Ok(found)
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`TlvError::Trailing`].
    pub fn finish(&self, what: &'static str) -> Result<(), TlvError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(TlvError::Trailing {
                offset: self.position,
                what,
            })
        }
    }

    fn value_at(&self, start: usize) -> Result<Tlv<'a>, TlvError> {
        let head = self.header_at(start)?;
        let (form, content, end) = match head.length {
            Some((length, form)) => {
                let end = self.bounded(start, head.end, length)?;
                (form, head.end..end, end)
            }
            None => {
                let content_end = self.end_of_contents(start, head.end)?;
                (LengthForm::Indefinite, head.end..content_end, content_end + 2)
            }
        };
        Ok(Tlv {
            source: self.source,
            depth: self.depth,
            tag: head.tag,
            constructed: head.constructed,
            form,
            header: start..head.end,
            content,
            raw: start..end,
        })
    }

    /// Where the contents of an indefinite value end: the place of its end-of-contents octets. Definite values inside are
    /// stepped over whole, indefinite ones counted, so that no recursion is needed.
    fn end_of_contents(&self, start: usize, contents: usize) -> Result<usize, TlvError> {
        let mut open = 1;
        let mut at = contents;
        loop {
            if self.source.get(at..self.end.min(at.saturating_add(2))) == Some(&[0, 0]) {
                open -= 1;
                if open == 0 {
                    return Ok(at);
                }
                at += 2;
                continue;
            }
            if at >= self.end {
                return Err(TlvError::Unterminated { offset: start });
            }
            let head = self.header_at(at)?;
            at = match head.length {
                Some((length, _)) => self.bounded(at, head.end, length)?,
                None => {
                    open += 1;
                    if self.depth + open > MAX_DEPTH {
                        return Err(TlvError::TooDeep { offset: at });
                    }
                    head.end
                }
            };
        }
    }

    fn bounded(&self, start: usize, content: usize, length: usize) -> Result<usize, TlvError> {
        match content.checked_add(length) {
            Some(end) if end <= self.end => Ok(end),
            _ => Err(TlvError::Truncated {
                offset: start,
                length,
                available: self.end.saturating_sub(content),
            }),
        }
    }

    fn header_at(&self, start: usize) -> Result<Header, TlvError> {
        let (tag, constructed, at) = self.tag_at(start)?;
        let first = self.octet(start, at)?;
        let mut end = at + 1;
        let length = match first {
            0x00..=0x7f => Some((usize::from(first), LengthForm::Minimal)),
            0x80 if constructed => None,
            0x80 | 0xff => return Err(TlvError::BadLength { offset: start }),
            _ => {
                let mut length = 0usize;
                let mut leading_zero = false;
                for index in 0..first & 0x7f {
                    let octet = self.octet(start, end)?;
                    leading_zero |= index == 0 && octet == 0;
                    length = length
                        .checked_mul(256)
                        .and_then(|high| high.checked_add(usize::from(octet)))
                        .ok_or(TlvError::BadLength { offset: start })?;
                    end += 1;
                }
                let minimal = length >= 0x80 && !leading_zero;
                Some((
                    length,
                    if minimal {
                        LengthForm::Minimal
                    } else {
                        LengthForm::Padded
                    },
                ))
            }
        };
        Ok(Header {
            tag,
            constructed,
            length,
            end,
        })
    }

    /// Tag, constructed bit and the place after the identifier octets.
    fn tag_at(&self, start: usize) -> Result<(Tag, bool, usize), TlvError> {
        let first = self.octet(start, start)?;
        let class = match first >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::Context,
            _ => Class::Private,
        };
        let mut number = u32::from(first & 0x1f);
        let mut at = start + 1;
        if number == 0x1f {
            number = 0;
            loop {
                let octet = self.octet(start, at)?;
                at += 1;
                if number > u32::MAX >> 7 || (number == 0 && octet == 0x80) {
                    return Err(TlvError::BadTag { offset: start });
                }
                number = number << 7 | u32::from(octet & 0x7f);
                if octet & 0x80 == 0 {
                    break;
                }
            }
        }
        if class == Class::Universal && number == 0 {
            return Err(TlvError::BadTag { offset: start });
        }
        Ok((Tag { class, number }, first & 0x20 != 0, at))
    }

    fn octet(&self, start: usize, at: usize) -> Result<u8, TlvError> {
        if at >= self.end {
            return Err(TlvError::Truncated {
                offset: start,
                length: at - start + 1,
                available: self.end.saturating_sub(start),
            });
        }
        self.source.get(at).copied().ok_or(TlvError::Truncated {
            offset: start,
            length: 1,
            available: 0,
        })
    }
}

struct Header {
    tag: Tag,
    constructed: bool,
    /// `None` for the indefinite form.
    length: Option<(usize, LengthForm)>,
    end: usize,
}

#[cfg(test)]
mod tests;
