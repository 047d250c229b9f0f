//! Any text as a licence type, and requests against what was accepted.
#![no_main]

use std::path::PathBuf;

use cinnabar_licence::admit::{Allotment, admit};
use cinnabar_licence::types::LicenceType;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(kind) = LicenceType::parse(text, PathBuf::new()) else {
        return;
    };
    let allotment = Allotment {
        serial: "0".repeat(20),
        status_uri: "https://status.example/1".to_owned(),
        status_idx: 0,
    };
    let _ = admit(&kind, &json!({ "fields": {} }), &allotment);
});
