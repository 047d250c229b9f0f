//! Any bytes as a SignedData of RFC 5652 or GB/T 35275.
#![no_main]

use cinnabar_pki::{Limits, cms};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(message) = cms::parse(data, &Limits::default()) else {
        return;
    };
    assert!(message.used <= data.len());
    for signer in &message.signers {
        let _ = message.signer_certificate(signer);
        if let Some(attributes) = &signer.signed_attributes {
            assert!(
                attributes.set_bytes.ends_with(&attributes.content),
                "what is hashed are the bytes of the file"
            );
        }
    }
});
