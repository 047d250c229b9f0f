//! Every limit of verification in one place.

/// What a document may ask of the verifier. The defaults fit any licence many times over.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest document, bytes.
    pub document_bytes: u64,
    /// Certificates considered in one document.
    pub certificates: usize,
    /// Candidate issuers tried for one certificate.
    pub issuers: usize,
    /// Certificate links computed for one document.
    pub links: usize,
    /// Revocation lists considered for one document.
    pub crls: usize,
    /// Time stamps considered on one signature.
    pub stamps: usize,
    /// Signatures considered in one document.
    pub signatures: usize,
    /// Longest certificate path, certificates.
    pub path: usize,
    /// Limits of SignedData parsing.
    pub cms: cinnabar_pki::Limits,
    /// Limits of seal parsing.
    pub seal: cinnabar_seal::Limits,
    /// Limits of OFD packages.
    pub ofd: cinnabar_ofd::Limits,
    /// Limits of PDF files.
    pub pdf: cinnabar_pdf::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 256 << 20,
            certificates: 64,
            issuers: 8,
            links: 256,
            crls: 64,
            stamps: 4,
            signatures: 256,
            path: 10,
            cms: Default::default(),
            seal: Default::default(),
            ofd: Default::default(),
            pdf: Default::default(),
        }
    }
}
