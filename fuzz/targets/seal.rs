//! Any bytes as a seal, and as a seal signature, of V1, V4 or V5.
#![no_main]

use cinnabar_seal::{Limits, detect, parse_seal, parse_signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let _ = detect(data);
    if let Ok(seal) = parse_seal(data, &limits) {
        let _ = seal.lists(&seal.maker_certificate);
    }
    if let Ok(signature) = parse_signature(data, &limits) {
        assert!(
            contains(data, &signature.signed_bytes),
            "what is verified are the bytes of the file"
        );
    }
});

fn contains(data: &[u8], part: &[u8]) -> bool {
    part.is_empty() || data.windows(part.len()).any(|window| window == part)
}
