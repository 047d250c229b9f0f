//! Lists of files: one name a line or NUL-separated, and manifests in NDJSON.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cinnabar_verify::bulk::{Item, Listed};
use cinnabar_verify::codes::Code;
use serde_json::{Map, Value};

use super::names;

/// The longest entry that is read, bytes.
const MAX_ENTRY: u64 = 1 << 20;

/// What a line of a manifest may say.
const KEYS: [&str; 5] = ["path", "id", "sha256", "sm3", "type"];

/// One entry of a list.
#[derive(Debug)]
pub struct Entry {
    /// The file, relative to the working folder.
    pub path: PathBuf,
    /// What the list says about it.
    pub listed: Option<Arc<Listed>>,
}

/// Entries of a list as they stand in it, with their number.
struct Entries {
    reader: BufReader<Box<dyn Read + Send>>,
    name: String,
    end: u8,
    number: u64,
    over: bool,
}

impl Entries {
    fn open(list: &Path, end: u8) -> io::Result<Self> {
        let reader: Box<dyn Read + Send> = if list.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(list)?)
        };
        Ok(Self {
            reader: BufReader::new(reader),
            name: names::of(list),
            end,
            number: 0,
            over: false,
        })
    }

    fn invalid(&self, why: &str) -> Item {
        Item::unreadable(format!("{}:{}", self.name, self.number), Code::ListEntryInvalid, why)
    }

    /// The next entry that is not empty; one that is too long is passed over and told.
    fn next(&mut self) -> Option<Result<Vec<u8>, Item>> {
        while !self.over {
            let mut entry = Vec::new();
            self.number += 1;
            match (&mut self.reader).take(MAX_ENTRY).read_until(self.end, &mut entry) {
                Ok(0) => self.over = true,
                Ok(_) if entry.last() == Some(&self.end) => drop(entry.pop()),
                Ok(n) if n as u64 == MAX_ENTRY => {
                    let passed = self.reader.skip_until(self.end);
                    self.over = passed.is_err();
                    return Some(Err(self.invalid("the entry is too long")));
                }
                Ok(_) => {}
                Err(error) => {
                    self.over = true;
                    return Some(Err(Item::unreadable(
                        self.name.clone(),
                        Code::IoError,
                        error.to_string(),
                    )));
                }
            }
            if self.number == 1 && entry.starts_with("\u{feff}".as_bytes()) {
                entry.drain(..3);
            }
            if self.end == b'\n' && entry.last() == Some(&b'\r') {
                entry.pop();
            }
            if !entry.iter().all(u8::is_ascii_whitespace) {
                return Some(Ok(entry));
            }
        }
        None
    }
}

/// A list of files.
pub struct FileList(Entries);

impl FileList {
    /// Opens a list; `-` is standard input.
    pub fn open(list: &Path, null: bool) -> io::Result<Self> {
        Entries::open(list, if null { 0 } else { b'\n' }).map(Self)
    }
}

impl Iterator for FileList {
    type Item = Result<Entry, Item>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.and_then(|name| match path(name) {
            Some(path) => Ok(Entry { path, listed: None }),
            None => Err(self.0.invalid("the name is not UTF-8")),
        }))
    }
}

#[cfg(unix)]
fn path(name: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(name).into())
}

#[cfg(not(unix))]
fn path(name: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(name).ok().map(PathBuf::from)
}

/// A manifest: one JSON object a line.
pub struct Manifest(Entries);

impl Manifest {
    /// Opens a manifest; `-` is standard input.
    pub fn open(list: &Path) -> io::Result<Self> {
        Entries::open(list, b'\n').map(Self)
    }
}

impl Iterator for Manifest {
    type Item = Result<Entry, Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.0.next()?;
        Some(line.and_then(|line| parse(&line).map_err(|why| self.0.invalid(&why))))
    }
}

/// Reads one line of a manifest. Keys that are not known are kept, to be echoed.
fn parse(line: &[u8]) -> Result<Entry, String> {
    let mut entry: Map<String, Value> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Some(Value::String(path)) = entry.remove("path") else {
        return Err("\"path\" is missing or is not a text".to_owned());
    };
    // A digest under a name that is not quite right would be echoed, and never compared.
    let like = |key: &&String| {
        let word = key.to_ascii_lowercase().replace(['-', '_', ' '], "");
        KEYS.contains(&word.as_str()) && word != **key
    };
    if let Some(key) = entry.keys().find(like) {
        return Err(format!("{key:?} is none of the keys {}", KEYS.join(", ")));
    }
    let text = |key: &str| match entry.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("\"{key}\" is not a text")),
    };
    let digest = |key: &str| match text(key)?.map(digest) {
        None => Ok(None),
        Some(Some(digest)) => Ok(Some(digest)),
        Some(None) => Err(format!("\"{key}\" is not 64 hexadecimal digits")),
    };
    let id = match entry.get("id") {
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => text("id")?.map(str::to_owned),
    };
    let listed = Listed {
        id,
        sha256: digest("sha256")?,
        sm3: digest("sm3")?,
        kind: text("type")?.map(str::to_owned),
        entry: Map::new(),
    };
    Ok(Entry {
        path: path.into(),
        listed: Some(Arc::new(Listed { entry, ..listed })),
    })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 32];
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_of_a_manifest_says_what_the_file_must_be() {
        let line = format!(
            r#"{{"path":"甲.ofd","id":7,"sm3":"{}","type":"OFD","batch":[1]}}"#,
            "aB".repeat(32)
        );
        let entry = parse(line.as_bytes()).unwrap();
        assert_eq!(entry.path, Path::new("甲.ofd"));
        let listed = entry.listed.unwrap();
        assert_eq!(listed.id.as_deref(), Some("7"));
        assert_eq!(listed.sm3, Some([0xab; 32]));
        assert_eq!(listed.kind.as_deref(), Some("OFD"));
        assert_eq!(listed.entry["batch"], serde_json::json!([1]));
        assert!(!listed.entry.contains_key("path"));
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_not_half_understood() {
        for line in [
            "",
            "[]",
            "{",
            "{}",
            r#"{"path":1}"#,
            r#"{"path":"a","sha256":"12"}"#,
            r#"{"path":"a","sha256":["x"]}"#,
            r#"{"path":"a","sm3":"zz"}"#,
            r#"{"path":"a","type":{}}"#,
            r#"{"path":"a","SHA-256":"00"}"#,
            r#"{"path":"a","Type":"OFD"}"#,
            r#"{"path":"a"} {"path":"b"}"#,
        ] {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
    }
}
