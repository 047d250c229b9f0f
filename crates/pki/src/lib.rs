//! X.509, CMS and GB/T 35275, CRLs, trust sets.
pub mod certificate;
pub mod cms;
pub mod limits;
pub mod name;
pub mod tlv;
pub mod tsp;
pub mod write;

pub use limits::Limits;
