//! How much a reader takes from one file.

/// Upper bounds for what is read from untrusted input; beyond one, reading stops with an error that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a CMS message: 16 MiB.
    pub max_cms_bytes: usize,
    /// Certificates in a CMS message, readable or not: 64.
    pub max_certificates: usize,
    /// CRLs in a CMS message: 16.
    pub max_crls: usize,
    /// Signers of a CMS message: 16.
    pub max_signers: usize,
    /// Signed, and again unsigned, attributes of a signer; also values of one attribute: 64.
    pub max_attributes: usize,
    /// Bytes of a certificate: 256 KiB.
    pub max_certificate_bytes: usize,
    /// Extensions of a certificate or CRL: 64.
    pub max_extensions: usize,
    /// Bytes of a CRL: 64 MiB.
    pub max_crl_bytes: usize,
    /// Entries of a CRL: 2 million.
    pub max_crl_entries: usize,
}

impl Limits {
    /// The bounds given with each field.
    pub const DEFAULT: Limits = Limits {
        max_cms_bytes: 16 << 20,
        max_certificates: 64,
        max_crls: 16,
        max_signers: 16,
        max_attributes: 64,
        max_certificate_bytes: 256 << 10,
        max_extensions: 64,
        max_crl_bytes: 64 << 20,
        max_crl_entries: 2_000_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits::DEFAULT
    }
}
