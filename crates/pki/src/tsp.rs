//! Time-stamp tokens (RFC 3161, GB/T 20520).
//!
//! ```asn1
//! -- RFC 3161 2.4.2: the content of a signed message with eContentType id-ct-TSTInfo
//! TSTInfo ::= SEQUENCE { version INTEGER, policy OBJECT IDENTIFIER,
//!     messageImprint SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING },
//!     serialNumber INTEGER, genTime GeneralizedTime, accuracy Accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE,
//!     nonce INTEGER OPTIONAL, tsa [0] GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }
//! ```
//!
//! Reading proves nothing: whoever relies on `gen_time` must verify the token's own signer and compare the imprint with the data stamped.

use crate::certificate::{algorithm_oid, read_extensions};
use crate::cms::{self, CmsError, SignedData};
use crate::limits::Limits;
use crate::tlv::{Reader, Tag, TlvError};

/// id-ct-TSTInfo.
pub const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// A time-stamp token.
#[derive(Debug, Clone)]
pub struct TimeStampToken {
    /// The signed message that carries it.
    pub signed: SignedData,
    /// The time it attests, Unix seconds; fractions are cut off.
    pub gen_time: i64,
    /// OID of the digest algorithm of the imprint.
    pub imprint_algorithm: String,
    /// Digest of the data stamped.
    pub imprint: Vec<u8>,
    /// The TSTInfo, the message's content.
    pub tst_info: Vec<u8>,
    /// Policy of the authority, a dotted OID.
    pub policy: String,
    /// Contents octets of the token's serial number.
    pub serial: Vec<u8>,
}

/// Why bytes are no time-stamp token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TspError {
    /// The token is no signed message.
    #[error("the time-stamp token cannot be read: {0}")]
    Message(#[from] CmsError),
    /// A signed message with other content, or with none.
    #[error("the signed message is no time-stamp token: its content type is {0}")]
    NotAToken(String),
    /// The TSTInfo is malformed; offsets count from its first byte.
    #[error("the content of the time-stamp token is malformed: {0}")]
    Content(#[from] TlvError),
    /// The TSTInfo has a critical extension that nobody here understands (dotted OID).
    #[error("the time-stamp token has the unknown critical extension {0}")]
    UnknownCriticalExtension(String),
}

/// Reads a token: a ContentInfo, not a whole TimeStampResp. Zero padding after it is allowed.
///
/// # Errors
/// See [`TspError`].
pub fn parse(bytes: &[u8]) -> Result<TimeStampToken, TspError> {
    let signed = cms::parse(bytes, &Limits::DEFAULT)?;
    let tst_info = match &signed.econtent {
        Some(content) if signed.econtent_type == TST_INFO => content.clone(),
        _ => return Err(TspError::NotAToken(signed.econtent_type)),
    };
    let mut reader = Reader::new(&tst_info);
    let mut fields = reader.expect(Tag::SEQUENCE, "TSTInfo")?.children()?;
    reader.finish("TSTInfo")?;
    fields.expect(Tag::INTEGER, "version")?.unsigned()?;
    let policy = fields.expect(Tag::OBJECT_IDENTIFIER, "policy")?.oid()?;
    let mut message_imprint = fields.expect(Tag::SEQUENCE, "messageImprint")?.children()?;
    let imprint_algorithm = algorithm_oid(&message_imprint.expect(Tag::SEQUENCE, "hashAlgorithm")?)?;
    let imprint = message_imprint
        .expect(Tag::OCTET_STRING, "hashedMessage")?
        .octets()?
        .into_owned();
    message_imprint.finish("messageImprint")?;
    let serial = fields.expect(Tag::INTEGER, "serialNumber")?.integer_bytes()?.to_vec();
    let gen_time = fields.expect(Tag::GENERALIZED_TIME, "genTime")?.time()?;
    for tag in [Tag::SEQUENCE, Tag::BOOLEAN, Tag::INTEGER, Tag::context(0)] {
        fields.optional(tag)?;
    }
    if let Some(list) = fields.optional(Tag::context(1))?
        && let Some(critical) = read_extensions(&list)?.into_iter().find(|extension| extension.critical)
    {
        return Err(TspError::UnknownCriticalExtension(critical.oid));
    }
    fields.finish("TSTInfo")?;
    Ok(TimeStampToken {
        signed,
        gen_time,
        imprint_algorithm,
        imprint,
        tst_info,
        policy,
        serial,
    })
}
