//! Admit a request, compose and write its face, seal the document.
//!
//! ```text
//! request ──admit──▶ Licence ──compose_face──▶ Pages ──Draft::ofd / Draft::pdf──▶ Draft ──sealing──▶ document
//!            │                                   └──preview──▶ PNG               ▲
//!     every fault at once                                       SealOrder::make ──┴── Credentials, Impression
//! ```
//!
//! - [`admit`]: checks a request against its licence type and allots identifier and status entry
//! - [`compose_face`]: one layout for all forms
//! - [`Draft`]: the unsealed OFD or PDF
//! - [`Credentials`], [`Impression`]: a certificate with its seal; what the seal looks like
//! - [`sealing`]: prepare → sign → finish, self-verified
//! - [`seal_order`]: makes seal files
//! - [`preview`](preview()): pictures to look at
//!
//! Keys are any [`Signer`](cinnabar_keys::Signer). Nothing here stores, fetches or reads a clock.

mod allotment;
mod credentials;
mod draft;
mod error;
mod face;
mod impression;
mod preview;
mod raster;
pub mod seal_order;
pub mod sealing;

use cinnabar_licence::Licence;
use cinnabar_licence::types::LicenceType;
use serde_json::Value;

pub use credentials::{Credentials, CredentialsError, listed, seal_is_intact};
pub use draft::Draft;
pub use error::IssueError;
pub use face::compose_face;
pub use impression::Impression;
pub use preview::preview;
pub use seal_order::SealOrder;

/// Admits a request: checks it and allots a serial, an identifier and a status entry at random.
///
/// # Errors
/// [`IssueError::Request`] with all faults at once.
pub fn admit(kind: &LicenceType, request: &Value, status_uri: &str) -> Result<Licence, IssueError> {
    let allotment = allotment::draw(status_uri)?;
    cinnabar_licence::admit::admit(kind, request, &allotment).map_err(IssueError::Request)
}
