//! Standard input: one document, or an archive of documents, by its first bytes.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use cinnabar_verify::bulk::archive::{self, tar};
use cinnabar_verify::bulk::{Fetch, Fetched, Item};
use cinnabar_verify::codes::Code;
use cinnabar_verify::extract::Unreadable;

/// What standard input turned out to be.
pub enum Stdin {
    /// One document, called `-`.
    Document(Item),
    /// A tar, as it comes.
    Tar(Box<dyn Read + Send>),
    /// A zip, whose directory stands at its end, so it is held whole.
    Zip(Arc<[u8]>),
}

/// Looks at the first bytes; waits for them.
pub fn open(limit: u64) -> io::Result<Stdin> {
    let mut head = Vec::new();
    io::stdin().lock().take(tar::BLOCK as u64).read_to_end(&mut head)?;
    if archive::is_gzip(&head) || archive::is_tar(&head) {
        return Ok(Stdin::Tar(Box::new(Cursor::new(head).chain(io::stdin()))));
    }
    if archive::is_zip(&head) {
        io::stdin()
            .lock()
            .take(limit.saturating_add(1))
            .read_to_end(&mut head)?;
        if head.len() as u64 <= limit {
            return Ok(Stdin::Zip(head.into()));
        }
    }
    Ok(Stdin::Document(Item::fetch("-".to_owned(), Rest(head))))
}

/// What was read already, and the rest of standard input.
struct Rest(Vec<u8>);

impl Fetch for Rest {
    fn open(&mut self) -> Result<Option<u64>, Unreadable> {
        Ok(None)
    }

    fn read(mut self: Box<Self>, limit: u64) -> Result<Fetched, Unreadable> {
        let room = limit.saturating_add(1).saturating_sub(self.0.len() as u64);
        io::stdin()
            .lock()
            .take(room)
            .read_to_end(&mut self.0)
            .map_err(|error| Unreadable::new(Code::IoError, error.to_string()))?;
        Ok(Fetched::Bytes(self.0.into()))
    }

    /// A person or a slow program may be at the other end.
    fn hurried(&self) -> bool {
        false
    }
}
