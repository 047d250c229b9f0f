//! Any text as XML: what the quick parser of OFD files accepts, it must read as the general parser does.
#![no_main]

use cinnabar_ofd::side_by_side::agree;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = agree(text);
    }
});
