//! OFD packages (GB/T 33190-2016): read, write, embed a signature.
//!
//! This is the container only: what a package holds, which files its document shows, what each signature says it
//! protects. Digests, seals, certificates and verdicts live elsewhere.
//!
//! ```text
//!            archive            xml
//! bytes ──▶ Package::open ──▶ read::read ──▶ Ofd { bodies, deviations, unreachable }
//!
//! Document ──▶ write::build ──▶ Draft ──▶ sign::prepare ──▶ ToBeSigned ── value ──▶ finish ──▶ bytes
//! ```
//!
//! ```
//! use cinnabar_ofd::{Limits, Package, read, write};
//!
//! let mut document = write::Document::new("0123456789abcdef0123456789abcdef", "营业执照", "2026-01-02");
//! document.pages.push(write::Page { width_mm: 210.0, height_mm: 297.0, objects: Vec::new() });
//! let draft = write::build(&document)?;
//! let limits = Limits::default();
//! let ofd = read::read(&Package::open(&draft.bytes, &limits)?, &limits)?;
//! assert_eq!(ofd.bodies[0].title.as_deref(), Some("营业执照"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Package`]: entries by name, and [`Package::resolve`], the one rule by which paths find them.
//! - [`read`]: the model of a package. [`deviation`] names what departs from the standard.
//! - [`mod@write`]: pages to package. [`sign`]: package to signed package.
//! - [`Limits`]: what reading may cost. [`PackageError`]: why a package cannot be read.

mod archive;
pub mod deviation;
mod error;
mod limits;
mod location;
mod name;
mod package;
pub mod read;
pub mod sign;
pub mod write;
mod xml;

pub use deviation::Deviation;
pub use error::{PackageError, XmlFault};
pub use limits::Limits;
pub use package::{Package, Resolution, sniff};
#[cfg(feature = "side-by-side")]
#[doc(hidden)]
pub use xml::side_by_side;
