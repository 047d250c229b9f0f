//! Attacks on the verifier with documents that the tests make themselves: whatever is wrong, nothing passes.
//!
//! | module | proves |
//! |---|---|
//! | `good` | what passes, and the promises of the report |
//! | `bytes` | every changed byte and every truncation is seen |
//! | `ofd`, `pdf`, `cms` | structure: coverage, binding, references, revisions |
//! | `revisions` | PDF revisions that dress up what they add |
//! | `trust` | who may sign what |
//! | `policy` | time, validity, revocation, status |
//! | `hostile` | files made to hurt |
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod bytes;
mod cms;
mod good;
mod hostile;
mod issuing;
mod ofd;
mod pdf;
mod policy;
mod revisions;
mod support;
mod trust;
