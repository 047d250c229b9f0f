//! Departures from the standards that real files show.

/// A departure from the standard that is read nevertheless, because files of known vendors have it. What it is worth is the
/// policy's decision.
///
/// | code | what the file has | met with |
/// |---|---|---|
/// | `BASE64_TEXT` | the whole signature as base64 text | ClientSigned |
/// | `CERTIFICATE_UNWRAPPED` | V1 list entries that are certificates, not OCTET STRINGs of certificates | V1 readers |
/// | `DUMMY_CERT_LIST` | V1 list entries that are text and list nobody | iOFD |
/// | `EXPLICIT_DEFAULT` | `critical FALSE` written out, which DER forbids | nearly all |
/// | `EXTENSIONS_TAGGED` | a seal's extensions inside `[0]` | V4 readers |
/// | `EXTENSIONS_UNTAGGED` | a signature's extensions without their `[0]` | V4 readers |
/// | `NON_ASCII_TEXT` | octets above 7F in an IA5String, such as a document's name in `propertyInfo` | Kinsec |
/// | `NON_STANDARD_TIME` | a time in another notation; `time` is `None` if it names no instant | iOFD, Koal |
/// | `OCTET_STRING_FOR_BIT_STRING` | an OCTET STRING where the standard has a BIT STRING | V1 readers |
/// | `RAW_SM2_SIGNATURE` | 64 bytes r‖s instead of DER | KingGrid, tongz, Koal, HNCA |
/// | `SIGN_INFO_WRAPPED` | V1 `signInfo` inside a BIT STRING | V1 readers |
/// | `TBS_VERSION_MISMATCH` | `TBS_Sign.version` differs from the seal's header | – |
/// | `TIME_TYPE` | GeneralizedTime for UTCTime or the reverse | V1 readers |
/// | `TIMESTAMP_UNTAGGED` | the time stamp without its `[0]` | ofdrw |
/// | `UNKNOWN_CRITICAL_EXTENSION` | an extension marked critical; none is understood here | Kinsec, iOFD, tongz |
/// | `UNUSUAL_HEADER_VERSION` | a header version that does not belong to the structure | – |
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deviation {
    /// The signature came as base64 text and was decoded.
    Base64Text,
    /// A V1 certificate list holds certificates without the OCTET STRING around each.
    CertificateUnwrapped,
    /// A V1 certificate list holds text where certificates belong; such an entry lists nobody.
    DummyCertList,
    /// `critical FALSE` is written although it is the default.
    ExplicitDefault,
    /// The seal's extensions are inside `[0]`.
    ExtensionsTagged,
    /// The signature's extensions lack their `[0]`.
    ExtensionsUntagged,
    /// An IA5String holds octets above 7F; they are read as UTF-8 where they are valid UTF-8, else as Latin-1.
    NonAsciiText {
        /// Field of the standard.
        field: &'static str,
    },
    /// A time is written in another notation than the standard's.
    NonStandardTime {
        /// Field of the standard.
        field: &'static str,
        /// The text as found.
        text: String,
    },
    /// An OCTET STRING stands for a BIT STRING.
    OctetStringForBitString {
        /// Field of the standard.
        field: &'static str,
    },
    /// The SM2 value is 64 bytes r‖s.
    RawSm2Signature,
    /// V1 `signInfo` is wrapped in a BIT STRING.
    SignInfoWrapped,
    /// `TBS_Sign.version` is not the seal header's version.
    TbsVersionMismatch {
        /// Version in the seal's header.
        header: u64,
        /// Version in TBS_Sign.
        tbs: u64,
    },
    /// A time has the other of the two time types.
    TimeType {
        /// Field of the standard.
        field: &'static str,
    },
    /// The time stamp lacks its `[0]`.
    TimestampUntagged,
    /// An extension is marked critical and not understood.
    UnknownCriticalExtension {
        /// Its identifier; often an arc that its vendor made up.
        oid: String,
    },
    /// The header's version number is not the one of the structure around it.
    UnusualHeaderVersion {
        /// The number found.
        found: u64,
    },
}

impl Deviation {
    /// The stable name of the deviation, as reports show it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Base64Text => "BASE64_TEXT",
            Self::CertificateUnwrapped => "CERTIFICATE_UNWRAPPED",
            Self::DummyCertList => "DUMMY_CERT_LIST",
            Self::ExplicitDefault => "EXPLICIT_DEFAULT",
            Self::ExtensionsTagged => "EXTENSIONS_TAGGED",
            Self::ExtensionsUntagged => "EXTENSIONS_UNTAGGED",
            Self::NonAsciiText { .. } => "NON_ASCII_TEXT",
            Self::NonStandardTime { .. } => "NON_STANDARD_TIME",
            Self::OctetStringForBitString { .. } => "OCTET_STRING_FOR_BIT_STRING",
            Self::RawSm2Signature => "RAW_SM2_SIGNATURE",
            Self::SignInfoWrapped => "SIGN_INFO_WRAPPED",
            Self::TbsVersionMismatch { .. } => "TBS_VERSION_MISMATCH",
            Self::TimeType { .. } => "TIME_TYPE",
            Self::TimestampUntagged => "TIMESTAMP_UNTAGGED",
            Self::UnknownCriticalExtension { .. } => "UNKNOWN_CRITICAL_EXTENSION",
            Self::UnusualHeaderVersion { .. } => "UNUSUAL_HEADER_VERSION",
        }
    }
}
