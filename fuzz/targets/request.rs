//! Any JSON as a request, against each type of the catalogue.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use cinnabar_licence::admit::{Allotment, admit};
use cinnabar_licence::types::Catalogue;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue"));
    Catalogue::load(&[folder]).expect("the checked-in catalogue loads")
});

fuzz_target!(|data: &[u8]| {
    let Ok(request) = serde_json::from_slice(data) else {
        return;
    };
    let allotment = Allotment {
        serial: "0".repeat(20),
        status_uri: "https://status.example/1".to_owned(),
        status_idx: 0,
    };
    for kind in CATALOGUE.types() {
        if let Ok(licence) = admit(kind, &request, &allotment) {
            assert!(!licence.metadata().is_empty());
        }
    }
});
