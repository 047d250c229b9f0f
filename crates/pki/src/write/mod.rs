//! Strict DER writing: certificates, CRLs and CMS.
