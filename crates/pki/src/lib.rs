//! X.509, CMS and GB/T 35275, CRLs, trust sets.
//!
//! ```text
//!  bytes ──▶ tlv ──▶ certificate, crl        ──▶ path    which issuers, what is wrong
//!                ├─▶ cms ──▶ tsp                  trust   whom the operator trusts, for what
//!                └─▶ name
//!  values ─▶ write ─▶ bytes to sign ─▶ signed value
//! ```
//!
//! Reading is tolerant and bounded: BER as well as DER, the departures of real authorities by name, [`Limits`] on every count.
//! Writing is strict DER. **Nothing here verifies a signature**: readers give the exact bytes that were signed
//! ([`Certificate::tbs`](certificate::Certificate::tbs), [`SignedAttributes::set_bytes`](cms::SignedAttributes::set_bytes)), and
//! none of them is ever encoded anew.
//!
//! | module | holds | standard |
//! |---|---|---|
//! | [`tlv`] | the bounded reader all others stand on | X.690 |
//! | [`certificate`] | certificates | RFC 5280, GB/T 20518 |
//! | [`name`] | distinguished names as text, compared | RFC 5280 7.1, RFC 4514 |
//! | [`cms`] | signed messages | RFC 5652, GB/T 35275, GM/T 0010 |
//! | [`tsp`] | time-stamp tokens | RFC 3161, GB/T 20520 |
//! | [`crl`] | revocation lists | RFC 5280 section 5 |
//! | [`path`] | candidate issuers, faults of a path | RFC 5280 section 6 |
//! | [`trust`] | trust sets | TOML of our own |
//! | [`pem`] | PEM text | RFC 7468 |
//! | [`mod@write`] | builders for all of these | – |
//!
//! ```
//! use cinnabar_pki::trust::{TrustError, TrustSet};
//!
//! let nothing_to_read = |_: &str| Err(std::io::ErrorKind::NotFound.into());
//! let error = TrustSet::parse("name = 'Empty'\nversion = '1'", &nothing_to_read);
//! assert!(matches!(error, Err(TrustError::NoAnchor)));
//! ```

pub mod certificate;
pub mod cms;
pub mod crl;
pub mod limits;
pub mod name;
pub mod path;
pub mod pem;
pub mod tlv;
pub mod trust;
pub mod tsp;
pub mod write;

#[cfg(test)]
mod testing;

pub use limits::Limits;
