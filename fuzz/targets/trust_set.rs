//! Any text as a trust set whose files cannot be read.
#![no_main]

use std::io;

use cinnabar_pki::trust::TrustSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = TrustSet::parse(text, &|_| Err(io::Error::from(io::ErrorKind::NotFound)));
});
