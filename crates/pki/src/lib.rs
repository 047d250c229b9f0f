//! X.509, CMS and GB/T 35275, CRLs, trust sets.
pub mod tlv;
pub mod write;
