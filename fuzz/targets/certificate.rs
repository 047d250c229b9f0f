//! Any bytes as an X.509 certificate: what is read lies inside what was given.
#![no_main]

use cinnabar_pki::certificate::Certificate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(certificate) = Certificate::parse(data) else {
        return;
    };
    assert!(data.starts_with(certificate.raw()));
    assert!(certificate.tbs().len() < certificate.raw().len());
    let _ = (
        certificate.subject_text(),
        certificate.issuer_text(),
        certificate.public_key(),
        certificate.is_development(),
    );
});
