//! The object model: values as they stand in the file, with the byte range of every dictionary value.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Object number and generation.
pub type ObjectId = (u32, u16);

/// One PDF value. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    String(Arc<Text>),
    Name(Arc<[u8]>),
    Array(Arc<[Object]>),
    Dictionary(Arc<Dictionary>),
    Stream(Arc<Stream>),
    Reference(ObjectId),
}

/// A string, decoded, and how it was written.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub bytes: Vec<u8>,
    pub hex: bool,
    /// False if a hexadecimal string holds anything but hexadecimal digits and white space.
    pub clean: bool,
}

/// A dictionary in file order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionary {
    pub entries: Vec<Entry>,
    /// A key occurs twice: readers differ in which one they take.
    pub duplicates: bool,
}

/// One key of a dictionary.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: Arc<[u8]>,
    pub value: Object,
    /// Where the value's token stands in the buffer it was parsed from.
    pub range: Range<usize>,
}

/// A stream: its dictionary and where its data begins.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub dictionary: Arc<Dictionary>,
    pub start: usize,
    /// The data may not reach beyond this offset.
    pub bound: usize,
}

impl Dictionary {
    /// The value of `key`; `None` too if it is null, as the two mean the same (ISO 32000-1, 7.3.7).
    pub fn find(&self, key: &str) -> Option<&Object> {
        self.entry(key)
            .map(|entry| &entry.value)
            .filter(|value| !matches!(value, Object::Null))
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key == key.as_bytes())
    }

    pub fn set(&mut self, key: &str, value: Object) {
        match self.entries.iter_mut().find(|entry| &*entry.key == key.as_bytes()) {
            Some(entry) => entry.value = value,
            None => self.entries.push(Entry {
                key: key.as_bytes().into(),
                value,
                range: 0..0,
            }),
        }
    }

    /// Keys whose values differ between the two.
    pub fn differing<'a>(&'a self, other: &'a Dictionary) -> Vec<&'a [u8]> {
        let (mine, theirs) = (self.index(), other.index());
        let changed = mine
            .iter()
            .filter(|(key, value)| theirs.get(*key).unwrap_or(&&Object::Null) != *value);
        let added = theirs
            .iter()
            .filter(|(key, value)| !mine.contains_key(*key) && !matches!(value, Object::Null));
        changed.chain(added).map(|(key, _)| *key).collect()
    }

    /// The first value of each key.
    fn index(&self) -> BTreeMap<&[u8], &Object> {
        let mut index = BTreeMap::new();
        for entry in &self.entries {
            index.entry(&*entry.key).or_insert(&entry.value);
        }
        index
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.duplicates == other.duplicates && self.differing(other).is_empty()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl PartialEq for Object {
    /// Equal values, whatever their notation. Streams are compared by the document, which knows their data.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Object::Null, Object::Null) => true,
            (Object::Boolean(a), Object::Boolean(b)) => a == b,
            (Object::Integer(a), Object::Integer(b)) => a == b,
            (Object::Real(a), Object::Real(b)) => a == b,
            (Object::String(a), Object::String(b)) => a == b,
            (Object::Name(a), Object::Name(b)) => a == b,
            (Object::Array(a), Object::Array(b)) => a == b,
            (Object::Dictionary(a), Object::Dictionary(b)) => a == b,
            (Object::Stream(a), Object::Stream(b)) => a.start == b.start && a.dictionary == b.dictionary,
            (Object::Reference(a), Object::Reference(b)) => a == b,
            _ => false,
        }
    }
}

impl Object {
    pub fn name(text: &str) -> Object {
        Object::Name(text.as_bytes().into())
    }

    pub fn is_name(&self, text: &str) -> bool {
        self.as_name() == Some(text.as_bytes())
    }

    pub fn as_name(&self) -> Option<&[u8]> {
        match self {
            Object::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Object::Integer(value) => Some(*value),
            _ => None,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "coordinates are far below 2^53")]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Object::Integer(value) => Some(*value as f64),
            Object::Real(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Object]> {
        match self {
            Object::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The dictionary, or the dictionary of a stream.
    pub fn as_dictionary(&self) -> Option<&Arc<Dictionary>> {
        match self {
            Object::Dictionary(dictionary) => Some(dictionary),
            Object::Stream(stream) => Some(&stream.dictionary),
            _ => None,
        }
    }

    pub fn as_reference(&self) -> Option<ObjectId> {
        match self {
            Object::Reference(id) => Some(*id),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<String> {
        match self {
            Object::String(text) => Some(decode_text(&text.bytes)),
            _ => None,
        }
    }
}

/// Decodes a text string: UTF-16BE with its mark, UTF-8 with its mark, else PDFDocEncoding (taken as Latin-1).
pub(crate) fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units: Vec<u16> = rest
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| u16::from_be_bytes(*pair))
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
