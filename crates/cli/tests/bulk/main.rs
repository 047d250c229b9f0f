//! Bulk verification as a user runs it: every kind of input, every form of output, interruptions, and hostile archives.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

mod archives;
mod hostile;
mod inputs;
mod interruptions;
mod results;
mod support;
