//! Archives as lists of entries, so that one thing can be spoilt and everything else stays consistent.

use std::io::{Cursor, Read};

/// Names and contents in the order of the archive.
pub type Entries = Vec<(String, Vec<u8>)>;

pub fn unzip(bytes: &[u8]) -> Entries {
    let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// Writes stored entries; unlike the libraries it also writes one name twice. `flags` go into each header.
pub fn zip_with(entries: &Entries, flags: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
    let long = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    for (name, content) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut common = flags.to_le_bytes().to_vec();
        common.extend([0, 0, 0, 0, 0x21, 0]);
        common.extend(crc.sum().to_le_bytes());
        common.extend(long(content.len()));
        common.extend(long(content.len()));
        common.extend(short(name.len()));
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(long(out.len()));
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04\x14\x00");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(content);
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(short(entries.len()));
    out.extend(short(entries.len()));
    out.extend(long(directory.len()));
    out.extend(long(start));
    out.extend([0, 0]);
    out
}

pub fn zip(entries: &Entries) -> Vec<u8> {
    zip_with(entries, 0)
}

/// The content of the one entry whose name ends so.
pub fn content<'a>(entries: &'a mut Entries, ending: &str) -> &'a mut Vec<u8> {
    let mut found = entries.iter_mut().filter(|(name, _)| name.ends_with(ending));
    let content = &mut found.next().unwrap().1;
    assert!(found.next().is_none(), "{ending} occurs twice");
    content
}

pub fn text(entries: &mut Entries, ending: &str) -> String {
    String::from_utf8(content(entries, ending).clone()).unwrap()
}

/// Replaces text that must be there.
pub fn replace(entries: &mut Entries, ending: &str, from: &str, to: &str) {
    let old = text(entries, ending);
    assert!(old.contains(from), "{from} is not in {old}");
    *content(entries, ending) = old.replacen(from, to, 1).into_bytes();
}
