//! The tokenizer and object parser (ISO 32000-1, 7.2 and 7.3).

use std::sync::Arc;

use crate::error::PdfError;
use crate::hex;
use crate::limits::Limits;
use crate::object::{Dictionary, Entry, Object, ObjectId, Stream, Text};

/// Why an object cannot be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not an object of PDF syntax.
    Syntax,
    /// A bound was exceeded.
    Limit(&'static str),
}

impl Fault {
    /// The error for a cross-reference section that suffers from this fault.
    pub fn in_xref(self, offset: usize, detail: &'static str) -> PdfError {
        match self {
            Fault::Syntax => PdfError::Xref { offset, detail },
            Fault::Limit(limit) => PdfError::LimitExceeded(limit),
        }
    }
}

/// Reads objects from a buffer; every offset is an offset of that buffer.
pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    pub pos: usize,
    depth: usize,
    items: usize,
}

/// White space of ISO 32000-1, table 1.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !is_delimiter(byte)
}

impl<'a> Parser<'a> {
    pub fn new(bytes: &'a [u8], pos: usize, limits: &Limits) -> Self {
        Self {
            bytes,
            pos,
            depth: limits.max_depth,
            items: limits.max_items,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.rest().len()
    }

    /// Skips white space and comments.
    pub fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.pos += 1;
                }
            } else if is_space(byte) {
                self.pos += 1;
            } else {
                break;
            }
        }
    }

    /// Skips white space, but no comment.
    pub fn skip_blank(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.pos += 1;
        }
    }

    /// Consumes `word` if it stands here as a token of its own.
    pub fn keyword(&mut self, word: &str) -> bool {
        let found =
            self.rest().starts_with(word.as_bytes()) && !self.rest().get(word.len()).copied().is_some_and(is_regular);
        if found {
            self.pos += word.len();
        }
        found
    }

    /// Consumes `literal` whatever follows it.
    pub fn literal(&mut self, literal: &[u8]) -> bool {
        let found = self.rest().starts_with(literal);
        if found {
            self.pos += literal.len();
        }
        found
    }

    /// Consumes an unsigned decimal integer.
    pub fn unsigned(&mut self) -> Option<u64> {
        let digits = self.rest().iter().take(20).take_while(|b| b.is_ascii_digit()).count();
        let text = self.rest().get(..digits).filter(|text| !text.is_empty())?;
        let value = text.iter().try_fold(0_u64, |value, digit| {
            value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })?;
        if self.rest().get(digits).copied().is_some_and(is_regular) {
            return None;
        }
        self.pos += digits;
        Some(value)
    }

    /// Consumes an entry of a cross-reference table that is written as the standard has it, `0000000017 00000 n`, and gives
    /// offset, generation and whether the object is in use. Anything else it leaves to be read number by number.
    pub fn table_entry(&mut self) -> Option<(u64, u64, bool)> {
        let entry: &[u8; 19] = self.rest().first_chunk()?;
        let [fields @ .., kind, after] = entry;
        let digits = |digits: &[u8]| {
            digits.iter().try_fold(0_u64, |value, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| value * 10 + u64::from(digit.wrapping_sub(b'0')))
            })
        };
        let usual = matches!(kind, b'n' | b'f') && !is_regular(*after) && fields[10] == b' ' && fields[16] == b' ';
        let (offset, generation) = (digits(&fields[..10])?, digits(&fields[11..16])?);
        usual.then(|| {
            self.pos += 18;
            (offset, generation, *kind == b'n')
        })
    }

    /// Parses `number generation obj value` and, if it is a stream, finds where its data begins.
    pub fn indirect(&mut self) -> Result<(ObjectId, Object), Fault> {
        self.skip_space();
        let number = self.unsigned().ok_or(Fault::Syntax)?;
        self.skip_space();
        let generation = self.unsigned().ok_or(Fault::Syntax)?;
        self.skip_space();
        if !self.keyword("obj") {
            return Err(Fault::Syntax);
        }
        let id = (
            u32::try_from(number).map_err(|_| Fault::Syntax)?,
            u16::try_from(generation).map_err(|_| Fault::Syntax)?,
        );
        let value = self.object()?;
        let Object::Dictionary(dictionary) = &value else {
            return Ok((id, value));
        };
        let mark = self.pos;
        self.skip_space();
        if !self.literal(b"stream") {
            self.pos = mark;
            return Ok((id, value));
        }
        if !self.literal(b"\r\n") && !self.literal(b"\n") && !self.literal(b"\r") {
            return Err(Fault::Syntax);
        }
        let stream = Stream {
            dictionary: dictionary.clone(),
            start: self.pos,
            bound: self.bytes.len(),
        };
        Ok((id, Object::Stream(Arc::new(stream))))
    }

    /// Parses one value.
    pub fn object(&mut self) -> Result<Object, Fault> {
        self.items = self.items.checked_sub(1).ok_or(Fault::Limit("max_items"))?;
        self.skip_space();
        match self.peek().ok_or(Fault::Syntax)? {
            b'/' => self.name().map(|name| Object::Name(name.into())),
            b'(' => self.literal_string(),
            b'<' if self.rest().starts_with(b"<<") => self.nested(Self::dictionary),
            b'<' => self.hex_string(),
            b'[' => self.nested(Self::array),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_reference(),
            _ if self.keyword("true") => Ok(Object::Boolean(true)),
            _ if self.keyword("false") => Ok(Object::Boolean(false)),
            _ if self.keyword("null") => Ok(Object::Null),
            _ => Err(Fault::Syntax),
        }
    }

    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Result<Object, Fault>) -> Result<Object, Fault> {
        self.depth = self.depth.checked_sub(1).ok_or(Fault::Limit("max_depth"))?;
        let value = parse(self);
        self.depth += 1;
        value
    }

    fn array(&mut self) -> Result<Object, Fault> {
        self.pos += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.literal(b"]") {
                return Ok(Object::Array(items.into()));
            }
            items.push(self.object()?);
        }
    }

    fn dictionary(&mut self) -> Result<Object, Fault> {
        self.pos += 2;
        let mut dictionary = Dictionary::default();
        loop {
            self.skip_space();
            if self.literal(b">>") {
                break;
            }
            if self.peek() != Some(b'/') {
                return Err(Fault::Syntax);
            }
            let key = self.name()?;
            self.skip_space();
            let start = self.pos;
            let value = self.object()?;
            dictionary.entries.push(Entry {
                key: key.into(),
                value,
                range: start..self.pos,
            });
        }
        let mut keys: Vec<&[u8]> = dictionary.entries.iter().map(|e| &*e.key).collect();
        keys.sort_unstable();
        dictionary.duplicates = keys.windows(2).any(|pair| pair[0] == pair[1]);
        Ok(Object::Dictionary(Arc::new(dictionary)))
    }

    fn name(&mut self) -> Result<Vec<u8>, Fault> {
        self.pos += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| is_regular(*byte)) {
            self.pos += 1;
            let escape = || {
                let high = hex::digit(*self.bytes.get(self.pos)?)?;
                let low = hex::digit(*self.bytes.get(self.pos.checked_add(1)?)?)?;
                Some(high << 4 | low)
            };
            match (byte == b'#').then(escape).flatten() {
                Some(escaped) => {
                    name.push(escaped);
                    self.pos += 2;
                }
                None => name.push(byte),
            }
        }
        Ok(name)
    }

    fn number_or_reference(&mut self) -> Result<Object, Fault> {
        let first = self.number()?;
        let Object::Integer(number) = first else {
            return Ok(first);
        };
        let mark = self.pos;
        if let Some(reference) = self.reference(number) {
            return Ok(reference);
        }
        self.pos = mark;
        Ok(first)
    }

    fn reference(&mut self, number: i64) -> Option<Object> {
        let number = u32::try_from(number).ok()?;
        self.skip_space();
        let generation = u16::try_from(self.unsigned()?).ok()?;
        self.skip_space();
        self.keyword("R").then_some(Object::Reference((number, generation)))
    }

    fn number(&mut self) -> Result<Object, Fault> {
        let length = self
            .rest()
            .iter()
            .take(65)
            .take_while(|byte| is_regular(**byte))
            .count();
        let token = self.rest().get(..length).unwrap_or_default();
        if length > 64 {
            return Err(Fault::Syntax);
        }
        let text = std::str::from_utf8(token).map_err(|_| Fault::Syntax)?;
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
        let value = match text.parse::<i64>() {
            Ok(value) => Object::Integer(value),
            Err(_) if plain => Object::Real(text.parse().map_err(|_| Fault::Syntax)?),
            Err(_) => return Err(Fault::Syntax),
        };
        self.pos += length;
        Ok(value)
    }

    fn hex_string(&mut self) -> Result<Object, Fault> {
        let start = self.pos + 1;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = memchr::memchr(b'>', rest).ok_or(Fault::Syntax)?;
        let token = rest.get(..length).unwrap_or_default();
        self.pos = start + length + 1;
        Ok(Object::String(Arc::new(hex::read(token))))
    }

    fn literal_string(&mut self) -> Result<Object, Fault> {
        self.pos += 1;
        let mut bytes = Vec::new();
        let mut open = 0_usize;
        loop {
            let byte = self.peek().ok_or(Fault::Syntax)?;
            self.pos += 1;
            match byte {
                b')' if open == 0 => break,
                b')' => open -= 1,
                b'(' => open += 1,
                b'\\' => {
                    self.escape(&mut bytes)?;
                    continue;
                }
                b'\r' => {
                    self.literal(b"\n");
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
        Ok(Object::String(Arc::new(Text {
            bytes,
            hex: false,
            clean: true,
        })))
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Fault> {
        let byte = self.peek().ok_or(Fault::Syntax)?;
        self.pos += 1;
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'\n' => {}
            b'\r' => {
                self.literal(b"\n");
            }
            b'0'..=b'7' => {
                let mut value = u16::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    value = value * 8 + u16::from(digit - b'0');
                    self.pos += 1;
                }
                bytes.push(value.to_le_bytes()[0]);
            }
            other => bytes.push(other),
        }
        Ok(())
    }
}
