//! Any bytes as nested BER or DER values.
#![no_main]

use cinnabar_pki::tlv::{LengthForm, Reader, Tlv};
use libfuzzer_sys::fuzz_target;

/// Deeper than the reader's own limit, so that the limit is what stops it.
const DEPTH: usize = 80;

fuzz_target!(|data: &[u8]| {
    if let Ok(Some(value)) = Reader::new(data).try_read() {
        let found = [value.has_indefinite(), value.has_odd_length()];
        let read = [
            any_by_reading(&value, |form| form == LengthForm::Indefinite),
            any_by_reading(&value, |form| form != LengthForm::Minimal),
        ];
        assert_eq!(found, read);
    }
    walk(Reader::new(data), DEPTH);
});

/// What the walk over headers says about lengths, said by reading every value.
fn any_by_reading(value: &Tlv<'_>, odd: fn(LengthForm) -> bool) -> bool {
    if odd(value.form) {
        return true;
    }
    let Ok(mut children) = value.children() else {
        return false;
    };
    while let Ok(Some(child)) = children.try_read() {
        if any_by_reading(&child, odd) {
            return true;
        }
    }
    false
}

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
