//! Any bytes as a document to verify: extract, plan, compute, judge.
#![no_main]

use std::sync::Arc;

use cinnabar_verify::{Context, Engine, Limits, policy, verify_one};
use libfuzzer_sys::fuzz_target;

const AT: i64 = 1_790_000_000;

fuzz_target!(|data: &[u8]| {
    let bytes: Arc<[u8]> = data.into();
    let context = Context::new(None, &policy::DOCUMENT, AT);
    let report = verify_one("input", &bytes, &context, &Limits::default(), &Engine::new());
    assert!(!report.verdict.is_passed(), "without a trust set nothing passes");
    let _ = serde_json::to_vec(&report).expect("every report can be written");
});
