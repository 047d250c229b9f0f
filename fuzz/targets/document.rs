//! Any bytes as a document to verify: extract, plan, compute, judge, under no trust and under the development trust set.
#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::{Context, Engine, Limits, policy, verify_one};
use libfuzzer_sys::fuzz_target;

const AT: i64 = 1_790_000_000;

static TRUST: LazyLock<TrustSet> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keys-dev/trust.toml");
    TrustSet::load(&file).expect("the checked-in trust set loads")
});

fuzz_target!(|data: &[u8]| {
    let bytes: Arc<[u8]> = data.into();
    let verify = |trust| {
        let context = Context::new(trust, &policy::DOCUMENT, AT);
        verify_one("input", &bytes, &context, &Limits::default(), &Engine::new())
    };
    assert!(!verify(None).verdict.is_passed(), "without a trust set nothing passes");
    let report = serde_json::to_value(verify(Some(&TRUST))).expect("every report can be written");
    if report["verdict"] == "PASSED" {
        assert_eq!(report["integrity"], "INTACT");
        assert_eq!(report["trust"], "TRUSTED");
    }
});
