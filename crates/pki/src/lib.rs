//! X.509, CMS and GB/T 35275, CRLs, trust sets.
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

pub use limits::Limits;
