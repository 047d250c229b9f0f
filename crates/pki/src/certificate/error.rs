//! What is tolerated in a certificate, and what is not.

use crate::tlv::TlvError;

/// A departure from DER or RFC 5280 that was tolerated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// A default value is written out: `cA FALSE` or `critical FALSE`.
    ExplicitDefault,
    /// A length that is indefinite or longer than needed.
    NotDer,
    /// A serial number that is zero, negative, not minimal or longer than 20 octets.
    OddSerial,
    /// The two copies of the signature algorithm differ in their parameters.
    AlgorithmParametersDiffer,
    /// Extensions or unique identifiers in a version that has none.
    VersionTooLow,
    /// A key identifier or another extension that decides nothing is malformed and was ignored (dotted OID).
    MalformedExtension(String),
    /// A CA flag or a path length that contradict each other.
    PathLengthWithoutCa,
}

impl Deviation {
    /// A stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            Deviation::ExplicitDefault => "CERT_EXPLICIT_DEFAULT",
            Deviation::NotDer => "CERT_NOT_DER",
            Deviation::OddSerial => "CERT_ODD_SERIAL",
            Deviation::AlgorithmParametersDiffer => "CERT_ALGORITHM_PARAMETERS_DIFFER",
            Deviation::VersionTooLow => "CERT_VERSION_TOO_LOW",
            Deviation::MalformedExtension(_) => "CERT_MALFORMED_EXTENSION",
            Deviation::PathLengthWithoutCa => "CERT_PATH_LENGTH_WITHOUT_CA",
        }
    }
}

/// Why bytes are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Not the structure of a certificate: another kind of file, a truncated one, or a PEM file where DER is expected.
    #[error("not an X.509 certificate: {0}")]
    Structure(#[from] TlvError),
    /// More bytes than a certificate may have.
    #[error("the certificate has {length} bytes; at most {limit} are read")]
    TooLarge {
        /// Bytes given.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The algorithm inside the signed part is not the one outside.
    #[error("the certificate names two signature algorithms: {signed} inside, {outer} outside")]
    AlgorithmMismatch {
        /// The one in the signed part.
        signed: String,
        /// The one beside the signature.
        outer: String,
    },
    /// An extension occurs twice: nobody can say which counts.
    #[error("the extension {0} occurs twice in the certificate")]
    DuplicateExtension(String),
    /// An extension that decides what the key may do cannot be read.
    #[error("the extension {oid} of the certificate is malformed: {source}")]
    Extension {
        /// Dotted OID of the extension.
        oid: String,
        /// The fault inside it.
        source: TlvError,
    },
}
