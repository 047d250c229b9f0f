//! Writing: objects as bytes, and an incremental update whose cross-reference section is of the kind the file uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::document::Document;
use crate::object::{Dictionary, Object, ObjectId, Text};
use crate::xref::SectionKind;

/// One revision to be appended to a file.
pub(crate) struct Update<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    objects: BTreeMap<u32, (u16, Vec<u8>)>,
    trailer: Dictionary,
}

/// Keys of a trailer or cross-reference stream that say something of its own section only.
pub(crate) const SECTION_KEYS: [&str; 11] = [
    "Size",
    "Prev",
    "XRefStm",
    "Type",
    "W",
    "Index",
    "Length",
    "Filter",
    "DecodeParms",
    "DL",
    "ID",
];

impl<'d, 'a> Update<'d, 'a> {
    pub fn new(document: &'d Document<'a>) -> Self {
        let old = document.trailer(document.current());
        let size = old.find("Size").and_then(Object::as_integer);
        let known = document.layers.iter().filter_map(|layer| layer.entries.keys().max());
        let next = known
            .max()
            .map_or(1, |max| max.saturating_add(1))
            .max(size.and_then(|size| u32::try_from(size).ok()).unwrap_or(1));
        let mut trailer = Dictionary::default();
        let kept = old
            .entries
            .iter()
            .filter(|entry| SECTION_KEYS.iter().all(|key| key.as_bytes() != &*entry.key));
        trailer.entries.extend(kept.cloned());
        Self {
            document,
            next,
            objects: BTreeMap::new(),
            trailer,
        }
    }

    /// A number for a new object.
    pub fn allot(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next = self.next.saturating_add(1);
        id
    }

    pub fn put(&mut self, id: ObjectId, body: Vec<u8>) {
        self.objects.insert(id.0, (id.1, body));
    }

    pub fn put_dictionary(&mut self, id: ObjectId, dictionary: &Dictionary) {
        self.put(id, dictionary_bytes(dictionary));
    }

    pub fn set_trailer(&mut self, key: &str, value: Object) {
        self.trailer.set(key, value);
    }

    /// The file with the revision appended, and where the body of each new object begins.
    pub fn write(mut self) -> (Vec<u8>, BTreeMap<u32, usize>) {
        let mut out = self.document.bytes.to_vec();
        if !matches!(out.last(), Some(b'\n' | b'\r')) {
            out.push(b'\n');
        }
        let mut offsets = BTreeMap::new();
        let mut bodies = BTreeMap::new();
        for (number, (generation, body)) in &self.objects {
            offsets.insert(*number, (out.len(), *generation));
            out.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bodies.insert(*number, out.len());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let newest = self.document.layers.last();
        let prev = newest.map_or(0, |layer| layer.startxref);
        self.trailer.set("Prev", integer(prev));
        self.set_identifier(&out);
        let start = out.len();
        match newest.map(|layer| layer.kind) {
            Some(SectionKind::Stream(_)) => self.write_stream(&mut out, offsets),
            _ => self.write_table(&mut out, &offsets),
        }
        out.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        (out, bodies)
    }

    /// Keeps the first part of the file identifier; the second tells revisions apart and is no security feature.
    fn set_identifier(&mut self, bytes: &[u8]) {
        let fresh = Object::String(Arc::new(Text {
            bytes: identifier(bytes).to_vec(),
            hex: true,
            clean: true,
        }));
        let layers = self.document.layers.iter().rev();
        let first = layers
            .filter_map(|layer| layer.trailer.find("ID")?.as_array()?.first().cloned())
            .next();
        let first = first.unwrap_or_else(|| fresh.clone());
        self.trailer.set("ID", Object::Array(Arc::from([first, fresh])));
    }

    fn write_table(&mut self, out: &mut Vec<u8>, offsets: &BTreeMap<u32, (usize, u16)>) {
        out.extend_from_slice(b"xref\n");
        for group in groups(offsets) {
            let head = format!("{} {}\n", group.first().map_or(0, |g| g.0), group.len());
            out.extend_from_slice(head.as_bytes());
            for (_, offset, generation) in group {
                out.extend_from_slice(format!("{offset:010} {generation:05} n \n").as_bytes());
            }
        }
        self.trailer.set("Size", Object::Integer(i64::from(self.next)));
        out.extend_from_slice(b"trailer\n");
        out.extend_from_slice(&dictionary_bytes(&self.trailer));
        out.push(b'\n');
    }

    fn write_stream(&mut self, out: &mut Vec<u8>, mut offsets: BTreeMap<u32, (usize, u16)>) {
        let (number, _) = self.allot();
        offsets.insert(number, (out.len(), 0));
        let mut data = Vec::new();
        let mut index = Vec::new();
        for group in groups(&offsets) {
            index.push(Object::Integer(i64::from(group.first().map_or(0, |g| g.0))));
            index.push(integer(group.len()));
            for (_, offset, generation) in group {
                data.push(1);
                let offset = u64::try_from(offset).unwrap_or(0).to_be_bytes();
                data.extend_from_slice(&offset);
                data.extend_from_slice(&generation.to_be_bytes());
            }
        }
        let mut dictionary = Dictionary::default();
        dictionary.set("Type", Object::name("XRef"));
        dictionary.set("Size", Object::Integer(i64::from(self.next)));
        let widths = [1, 8, 2].map(Object::Integer);
        dictionary.set("W", Object::Array(Arc::from(widths)));
        dictionary.set("Index", Object::Array(index.into()));
        dictionary.set("Length", integer(data.len()));
        dictionary.entries.append(&mut self.trailer.entries);
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(&stream_bytes(&dictionary, &data));
        out.extend_from_slice(b"\nendobj\n");
    }
}

/// Runs of consecutive object numbers.
fn groups(offsets: &BTreeMap<u32, (usize, u16)>) -> Vec<Vec<(u32, usize, u16)>> {
    let mut groups: Vec<Vec<(u32, usize, u16)>> = Vec::new();
    for (number, (offset, generation)) in offsets {
        let item = (*number, *offset, *generation);
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|last| last.0 + 1 == *number) => {
                group.push(item);
            }
            _ => groups.push(vec![item]),
        }
    }
    groups
}

/// Two runs of FNV-1a over the bytes.
fn identifier(bytes: &[u8]) -> [u8; 16] {
    let run = |basis: u64| {
        bytes.iter().fold(basis, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
        })
    };
    let mut id = [0; 16];
    let parts = [run(0xCBF2_9CE4_8422_2325), run(0x6C62_272E_07BB_0142)];
    for (target, part) in id.as_chunks_mut::<8>().0.iter_mut().zip(parts) {
        *target = part.to_be_bytes();
    }
    id
}

pub(crate) fn integer(value: usize) -> Object {
    Object::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A text string: ASCII as it is, anything else as UTF-16BE.
pub(crate) fn text(value: &str) -> Object {
    let printable = value.bytes().all(|byte| (0x20..0x7F).contains(&byte));
    let bytes = if printable {
        value.as_bytes().to_vec()
    } else {
        let units = value.encode_utf16().flat_map(u16::to_be_bytes);
        [0xFE, 0xFF].into_iter().chain(units).collect()
    };
    Object::String(Arc::new(Text {
        bytes,
        hex: !printable,
        clean: true,
    }))
}

/// The bytes of a dictionary.
pub(crate) fn dictionary_bytes(dictionary: &Dictionary) -> Vec<u8> {
    let mut out = Vec::new();
    write_dictionary(dictionary, &mut out);
    out
}

/// The bytes of a stream whose dictionary states its length.
pub(crate) fn stream_bytes(dictionary: &Dictionary, data: &[u8]) -> Vec<u8> {
    let mut out = dictionary_bytes(dictionary);
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream");
    out
}

fn write_dictionary(dictionary: &Dictionary, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<<");
    for entry in &dictionary.entries {
        out.push(b' ');
        write_name(&entry.key, out);
        out.push(b' ');
        write_object(&entry.value, out);
    }
    out.extend_from_slice(b" >>");
}

fn write_object(object: &Object, out: &mut Vec<u8>) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Real(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::String(text) if text.hex => {
            out.push(b'<');
            out.extend_from_slice(hex(&text.bytes).as_bytes());
            out.push(b'>');
        }
        Object::String(text) => write_literal(&text.bytes, out),
        Object::Name(name) => write_name(name, out),
        Object::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                write_object(item, out);
            }
            out.push(b']');
        }
        Object::Dictionary(dictionary) => write_dictionary(dictionary, out),
        // A stream is never a direct value, so none can be met here.
        Object::Stream(_) => out.extend_from_slice(b"null"),
        Object::Reference((number, generation)) => {
            out.extend_from_slice(format!("{number} {generation} R").as_bytes());
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_alphanumeric() || b"-_.+:".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn write_literal(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'(');
    for byte in bytes {
        match byte {
            b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0x20..=0x7E => out.push(*byte),
            _ => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    out.push(b')');
}
