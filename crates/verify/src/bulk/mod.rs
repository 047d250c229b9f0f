//! The bulk engine: any number of documents, in bounded memory, on all cores.
//!
//! ```text
//!            lister          readers           judges                 the caller's thread
//! items ──▶ (names) ──▶ (bytes, in parallel) ──▶ batches ──▶ render ──▶ in order ──▶ sink
//!                window and bytes in flight ◀──────────────────────────────┘
//! ```
//!
//! - Items come from an iterator that is asked only when there is room, so that ten million files are never a list.
//! - Judges take what is read: 64 documents when there is plenty, which fills the lanes of [`crate::verify_batch`]; one at
//!   once when there is one.
//! - A file that is byte for byte one that was met before gets that one's report under its own name.
//! - A document that is not read or judged in time is reported as such and its thread replaced; a panic is a report too.
//! - Results are rendered by the judges and handed to the sink on the caller's thread, as listed or as finished.
//!
//! Nothing here prints. [`archive`] turns zip and tar archives into items.
//!
//! ```no_run
//! use std::sync::Arc;
//! use cinnabar_verify::bulk::{Cancel, Event, Item, Options, Progress, Verifier, run};
//! use cinnabar_verify::policy;
//!
//! let items = std::fs::read_dir("archive")?.flatten().map(|entry| {
//!     let path = entry.path();
//!     Item::file(path.display().to_string(), path)
//! });
//! let verifier = Arc::new(Verifier::new(None, &policy::DOCUMENT, 1_790_000_000));
//! let render = |outcome: cinnabar_verify::bulk::Outcome| (outcome.report, outcome.bytes);
//! let mut failed = 0;
//! run(items.collect::<Vec<_>>().into_iter(), verifier, &Options::default(), &Cancel::default(), &Arc::new(Progress::default()), render, |event| {
//!     if let Event::Judged { value, .. } = event {
//!         failed += usize::from(!value.verdict.is_passed());
//!     }
//!     Ok(())
//! })?;
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod archive;
mod crew;
mod expect;
mod flow;
mod item;
mod options;
mod ready;
mod repeats;
mod run;
mod slot;
#[cfg(test)]
mod tests;
mod verifier;

pub use expect::Listed;
pub use item::{Content, Fetch, Fetched, Item};
pub use options::{Cancel, Options, Order, Progress, Snapshot};
pub use run::{Ending, Event, Outcome, run};
pub use verifier::{Judge, Verifier};
