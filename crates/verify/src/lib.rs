//! The verdict on sealed OFD and PDF documents: extract → plan → compute → judge.
//!
//! ```text
//! bytes ──extract──▶ Claims ──plan──▶ Work ──compute──▶ Answers ──judge──▶ Report
//!            │                 │                │                   │
//!      no cryptography    trust set's      arithmetic of       trust, policy, time;
//!      no trust, no clock certificates     many documents      no I/O, no clock
//! ```
//!
//! ```no_run
//! use std::sync::Arc;
//! use cinnabar_verify::{Context, Engine, Limits, policy, verify_one};
//!
//! let bytes: Arc<[u8]> = std::fs::read("licence.ofd")?.into();
//! let context = Context::new(None, &policy::DOCUMENT, 1_790_000_000);
//! let report = verify_one("licence.ofd", &bytes, &context, &Limits::default(), &Engine::new());
//! assert!(!report.verdict.is_passed(), "without a trust set nothing passes");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! PASSED holds a [`judge::Proof`] that only judge can make, from one value for each mandatory check. What the caller
//! gets for anything else is a stable [`codes::Code`] with a sentence in Chinese and English.

pub mod bulk;
pub mod claims;
pub mod codes;
pub mod compute;
mod context;
pub mod extract;
pub mod judge;
mod limits;
pub mod plan;
pub mod policy;
pub mod report;
pub mod text;

use std::sync::Arc;

pub use compute::Engine;
pub use context::{Context, Grounds};
pub use limits::Limits;
pub use report::{Integrity, Report, Status, Trust, Verdict};

use extract::Unreadable;

/// A document to verify: its name, and its bytes or why they could not be read.
pub type Document = (String, Result<Arc<[u8]>, Unreadable>);

/// How many bytes of extracted content are held before they are judged and let go: enough to fill every lane several times over, and
/// little enough that most of it is still in the processor's caches when it is hashed.
const HELD_BYTES: usize = 16 << 20;

/// Verifies many documents; the reports stand in the order of the documents.
///
/// Documents are computed together up to 16 MiB of extracted content, so that a batch of bombs costs no more memory than
/// the largest document and that much. What stands in the batch beside a document changes nothing in its report.
pub fn verify_batch(documents: &[Document], context: &Context<'_>, limits: &Limits, engine: &Engine) -> Vec<Report> {
    let mut reports = Vec::with_capacity(documents.len());
    let mut rest = documents;
    while !rest.is_empty() {
        let mut extracted = Vec::new();
        let mut held = 0usize;
        for (_, bytes) in rest {
            let claims = bytes
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|b| extract::extract(b, limits));
            held = held.saturating_add(claims.as_ref().map_or(0, claims::Claims::held_bytes));
            extracted.push(claims);
            if held > HELD_BYTES {
                break;
            }
        }
        let (round, later) = rest.split_at(extracted.len());
        reports.extend(judge_round(round, &extracted, context, limits, engine));
        rest = later;
    }
    reports
}

fn judge_round(
    documents: &[Document],
    extracted: &[Result<claims::Claims, Unreadable>],
    context: &Context<'_>,
    limits: &Limits,
    engine: &Engine,
) -> Vec<Report> {
    let works: Vec<_> = extracted
        .iter()
        .filter_map(|e| e.as_ref().ok())
        .map(|claims| plan::plan(claims, context, limits))
        .collect();
    let answers = engine.compute(&works);
    let mut answered = works.iter().zip(&answers);
    documents
        .iter()
        .zip(extracted)
        .map(|((name, _), extracted)| match extracted {
            Ok(_) => match answered.next() {
                Some((work, answers)) => judge::judge(name, work, answers, context, limits),
                None => judge::judge_unreadable(name, &unanswered(), context),
            },
            Err(why) => judge::judge_unreadable(name, why, context),
        })
        .collect()
}

/// Verifies one document: a batch of one.
pub fn verify_one(name: &str, bytes: &Arc<[u8]>, context: &Context<'_>, limits: &Limits, engine: &Engine) -> Report {
    let document = [(name.to_owned(), Ok(Arc::clone(bytes)))];
    match verify_batch(&document, context, limits, engine).pop() {
        Some(report) => report,
        None => judge::judge_unreadable(name, &unanswered(), context),
    }
}

fn unanswered() -> Unreadable {
    Unreadable::new(codes::Code::LimitExceeded, "the claims were not answered")
}
