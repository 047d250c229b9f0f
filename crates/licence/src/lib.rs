//! Licence types, fields, identifiers and check digits.
//!
//! A licence type is data (`catalogue/<id>/type.toml`); a request that satisfies its type becomes a
//! [`Licence`]. Nothing here knows of cryptography, files to issue, or clocks.
//!
//! ```text
//! type.toml ──Catalogue::load──▶ LicenceType ─┐
//! request.json ───────────────────────────────┴─admit──▶ Licence ──metadata()──▶ names and values in a file
//!                                                 └────▶ every Fault at once          │
//!                                        LicenceMetadata ◀──from_metadata─────────────┘
//! ```
//!
//! - [`check`]: check characters of GB 32100, GB 11714, GB 11643, ISO 7064
//! - [`identifier`]: 电子证照标识, GB/T 36904
//! - [`types`]: the catalogue: fields and rules as data
//! - [`mod@admit`]: from a request to a licence, or all its faults
//! - [`metadata`]: names of GB/T 36903, reading them back
//! - [`date`]: days of the calendar, 长期

pub mod admit;
pub mod check;
pub mod date;
pub mod identifier;
mod licence;
pub mod metadata;
mod path;
pub mod types;

pub use licence::{Holder, Issuer, Licence};
pub use metadata::{LicenceMetadata, StatusRef, from_metadata};
pub use path::Path;
