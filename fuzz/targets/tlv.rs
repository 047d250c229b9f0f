//! Any bytes as nested BER or DER values.
#![no_main]

use cinnabar_pki::tlv::Reader;
use libfuzzer_sys::fuzz_target;

/// Deeper than the reader's own limit, so that the limit is what stops it.
const DEPTH: usize = 80;

fuzz_target!(|data: &[u8]| walk(Reader::new(data), DEPTH));

fn walk(mut reader: Reader<'_>, depth: usize) {
    while let Ok(Some(value)) = reader.try_read() {
        assert!(value.raw_bytes().ends_with(value.content_bytes()) || value.has_indefinite());
        let _ = (
            value.oid(),
            value.unsigned(),
            value.boolean(),
            value.bit_string(),
            value.octets(),
            value.text(),
            value.time(),
        );
        if depth > 0
            && let Ok(children) = value.children()
        {
            walk(children, depth - 1);
        }
    }
}
