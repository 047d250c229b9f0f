//! Any bytes as an archive of documents, zip and tar: every entry listed and read, within its limits.
#![no_main]

use std::io::Cursor;
use std::sync::Arc;

use cinnabar_verify::bulk::archive::{Limits, tar, zip};
use cinnabar_verify::bulk::{Content, Fetched, Item};
use libfuzzer_sys::fuzz_target;

const LIMIT: u64 = 1 << 20;

fn read(item: Item) {
    assert!(
        !item.name.contains(char::is_control),
        "a name that steers a terminal: {:?}",
        item.name
    );
    match item.content {
        Content::Ready(bytes) => assert!(bytes.len() as u64 <= LIMIT),
        Content::Fetch(mut fetch) => {
            if fetch.open().is_ok()
                && let Ok(Fetched::Bytes(bytes)) = fetch.read(LIMIT)
            {
                assert!(bytes.len() as u64 <= LIMIT + 1);
            }
        }
        Content::Unreadable(_) | Content::NotADocument => {}
    }
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        entries: 1000,
        entry_bytes: LIMIT,
        ..Limits::default()
    };
    let bytes: Arc<[u8]> = data.into();
    if let Ok(zip::Opened::Archive(items)) = zip::open(Arc::new(bytes), "a", &limits) {
        items.for_each(read);
    }
    if let Ok(items) = tar::open(Cursor::new(data.to_vec()), "a", &limits) {
        items.for_each(read);
    }
});
