//! Any bytes as an OFD package: the archive itself.
#![no_main]

use cinnabar_ofd::{Limits, Package, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    if let Ok(package) = Package::open(data, &limits) {
        let _ = read::read(&package, &limits);
    }
});
