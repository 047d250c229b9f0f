//! Any bytes as a time-stamp token.
#![no_main]

use cinnabar_pki::tsp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = tsp::parse(data);
});
