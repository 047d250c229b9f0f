//! Any bytes as a PDF: revisions, signatures, changes.
#![no_main]

use cinnabar_pdf::{Limits, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(pdf) = read(data, &Limits::default()) else {
        return;
    };
    for signature in &pdf.signatures {
        for range in &signature.signed_ranges {
            assert!(
                data.get(range.clone()).is_some(),
                "a signed range lies outside of the file"
            );
        }
    }
});
