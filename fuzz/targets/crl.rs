//! Any bytes as a revocation list.
#![no_main]

use cinnabar_pki::crl::Crl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(list) = Crl::parse(data) else { return };
    assert!(list.tbs().len() < data.len());
    let _ = (
        list.next_update(),
        list.revocation(&[1]),
        list.has_critical_unknown(),
        list.is_delta(),
    );
});
