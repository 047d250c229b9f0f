//! What a run is about: named documents that are read when their turn comes.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use super::expect::Listed;
use crate::codes::Code;
use crate::extract::{self, Unreadable};

/// How many bytes [`extract::sniff`] is shown.
const HEAD: usize = 1024;

/// One document to come.
pub struct Item {
    /// The name in its report.
    pub name: String,
    /// Where its bytes come from.
    pub content: Content,
    /// What a list said about it.
    pub listed: Option<Arc<Listed>>,
}

/// Where a document's bytes come from.
pub enum Content {
    /// They are at hand.
    Ready(Arc<[u8]>),
    /// They are read on a reader's thread.
    Fetch(Box<dyn Fetch>),
    /// It is known already that they cannot be had.
    Unreadable(Unreadable),
    /// It is known already that it is no document: it is counted, not reported.
    NotADocument,
}

/// Something to read, away from the thread that lists.
pub trait Fetch: Send {
    /// Opens it and says how long it is, as far as that is known.
    ///
    /// # Errors
    /// [`Unreadable`] becomes the document's report.
    fn open(&mut self) -> Result<Option<u64>, Unreadable>;

    /// Reads it; more than `limit` bytes need not be read, as they will be refused.
    ///
    /// # Errors
    /// [`Unreadable`] becomes the document's report.
    fn read(self: Box<Self>, limit: u64) -> Result<Fetched, Unreadable>;

    /// Whether the run's deadline applies; not so for what a person types or a program still writes.
    fn hurried(&self) -> bool {
        true
    }
}

/// What reading gave.
#[derive(Debug)]
pub enum Fetched {
    /// A document.
    Bytes(Arc<[u8]>),
    /// Something else, found on the way: it is counted, not reported.
    NotADocument,
}

impl Item {
    /// A document read from a file.
    pub fn file(name: String, path: PathBuf) -> Self {
        Self::fetch(name, FileContent::new(path, false))
    }

    /// A file that is reported only if it looks like a document.
    pub fn candidate(name: String, path: PathBuf) -> Self {
        Self::fetch(name, FileContent::new(path, true))
    }

    /// A document that is read by `fetch`.
    pub fn fetch(name: String, fetch: impl Fetch + 'static) -> Self {
        Self {
            name,
            content: Content::Fetch(Box::new(fetch)),
            listed: None,
        }
    }

    /// A document whose bytes are at hand.
    pub fn ready(name: String, bytes: Arc<[u8]>) -> Self {
        Self {
            name,
            content: Content::Ready(bytes),
            listed: None,
        }
    }

    /// A document that cannot be had, and why.
    pub fn unreadable(name: String, code: Code, detail: impl Into<String>) -> Self {
        Self {
            name,
            content: Content::Unreadable(Unreadable::new(code, detail)),
            listed: None,
        }
    }

    /// A file that is no document.
    pub fn not_a_document(name: String) -> Self {
        Self {
            name,
            content: Content::NotADocument,
            listed: None,
        }
    }

    /// Adds what a list said about it.
    #[must_use]
    pub fn listed(mut self, listed: Arc<Listed>) -> Self {
        self.listed = Some(listed);
        self
    }
}

/// A file of the file system.
struct FileContent {
    path: PathBuf,
    file: Option<(File, Option<u64>)>,
    only_documents: bool,
}

impl FileContent {
    fn new(path: PathBuf, only_documents: bool) -> Self {
        Self {
            path,
            file: None,
            only_documents,
        }
    }
}

impl Fetch for FileContent {
    fn open(&mut self) -> Result<Option<u64>, Unreadable> {
        let opened = || -> io::Result<(File, Option<u64>)> {
            let file = File::open(&self.path)?;
            let metadata = file.metadata()?;
            if is_device(&metadata) {
                // Some never end.
                return Err(io::Error::other("a device"));
            }
            Ok((file, metadata.is_file().then_some(metadata.len())))
        };
        let (file, size) = opened().map_err(io_error)?;
        self.file = Some((file, size));
        Ok(size)
    }

    fn read(self: Box<Self>, limit: u64) -> Result<Fetched, Unreadable> {
        let Some((mut file, size)) = self.file else {
            return Err(Unreadable::new(Code::IoError, "the file was not opened"));
        };
        let mut head = Vec::new();
        if self.only_documents {
            (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(io_error)?;
            if !extract::sniff(&head) {
                return Ok(Fetched::NotADocument);
            }
        }
        if let Some(size) = size.filter(|size| *size > limit) {
            return Err(too_long(size, limit));
        }
        read_all(&head, file, size, limit).map(Fetched::Bytes).map_err(io_error)
    }
}

#[cfg(unix)]
fn is_device(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    metadata.file_type().is_char_device() || metadata.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &Metadata) -> bool {
    false
}

/// A document that is refused for its length.
pub(super) fn too_long(bytes: u64, limit: u64) -> Unreadable {
    Unreadable::new(Code::LimitExceeded, format!("{bytes} bytes, the limit is {limit}"))
}

/// An error of the system as the reason why a document cannot be read.
pub(super) fn io_error(error: impl ToString) -> Unreadable {
    Unreadable::new(Code::IoError, error.to_string())
}

/// Reads `head` and all that follows, at most one byte more than `limit`; straight into place when the size is right.
pub(super) fn read_all(head: &[u8], mut rest: impl Read, size: Option<u64>, limit: u64) -> io::Result<Arc<[u8]>> {
    let expected = size.unwrap_or(0).min(limit.saturating_add(1));
    let expected = usize::try_from(expected).unwrap_or(0).max(head.len());
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0u8, expected).collect();
    let mut filled = 0;
    if let Some(place) = Arc::get_mut(&mut bytes) {
        let (start, end) = place.split_at_mut(head.len());
        start.copy_from_slice(head);
        filled = head.len() + fill(&mut rest, end)?;
    }
    let mut more = Vec::new();
    if filled == expected {
        let room = limit.saturating_add(1).saturating_sub(filled as u64);
        rest.take(room).read_to_end(&mut more)?;
        if more.is_empty() {
            return Ok(bytes);
        }
    }
    let mut whole = bytes.get(..filled).unwrap_or_default().to_vec();
    if whole.is_empty() {
        return Ok(more.into());
    }
    whole.append(&mut more);
    Ok(whole.into())
}

/// Reads until `place` is full or nothing comes any more.
pub(super) fn fill(reader: &mut impl Read, place: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = place.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_read_whole_whatever_its_size_was_said_to_be() {
        let bytes: Vec<u8> = (0..=255).collect();
        for said in [None, Some(0), Some(255), Some(256), Some(257), Some(u64::MAX)] {
            for head in [0, 1, 100, 256] {
                let (start, rest) = bytes.split_at(head);
                let read = read_all(start, rest, said.filter(|s| *s < 1 << 20), 1 << 20).unwrap();
                assert_eq!(&*read, &*bytes, "{said:?} {head}");
            }
        }
    }

    #[test]
    fn one_byte_past_the_limit_is_read_and_no_more() {
        let bytes = [7u8; 100];
        for said in [None, Some(10), Some(50), Some(100), Some(1000)] {
            assert_eq!(read_all(&[], &bytes[..], said, 50).unwrap().len(), 51, "{said:?}");
        }
        assert_eq!(read_all(&[], &bytes[..50], Some(50), 50).unwrap().len(), 50);
    }
}
