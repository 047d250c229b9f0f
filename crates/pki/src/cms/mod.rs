//! Signed messages: CMS and its Chinese sibling GB/T 35275.
//!
//! ```asn1
//! -- RFC 5652 3 and 5.1; GM/T 0010-2012 and GB/T 35275-2017 keep the shape of PKCS#7 v1.5 with content types of their own
//! ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }
//! SignedData ::= SEQUENCE { version INTEGER, digestAlgorithms SET OF AlgorithmIdentifier,
//!     encapContentInfo SEQUENCE { eContentType OBJECT IDENTIFIER, eContent [0] EXPLICIT OCTET STRING OPTIONAL },
//!     certificates [0] IMPLICIT SET OF CertificateChoices OPTIONAL, crls [1] IMPLICIT SET OF RevocationInfoChoice OPTIONAL,
//!     signerInfos SET OF SignerInfo }
//! ```
//!
//! | | RFC 5652 | GB/T 35275 |
//! |---|---|---|
//! | signedData | 1.2.840.113549.1.7.2 | 1.2.156.10197.6.1.4.2.2 |
//! | data | 1.2.840.113549.1.7.1 | 1.2.156.10197.6.1.4.2.1 |
//!
//! Only the outer content type decides the [`Dialect`]: real files mix the inner ones, or write it as `06 01 00`. Accepted besides DER:
//! BER with indefinite lengths and constructed OCTET STRINGs, unsorted sets, and zero bytes after the end, as PDF pads with them.
//! Nothing here verifies: whether the content is the document or its digest, and whether a signature is right, others say.

mod attributes;
mod signer;

pub use attributes::{CertHash, SignedAttributes};
pub use signer::{SignerId, SignerInfo};

use crate::certificate::Certificate;
use crate::limits::Limits;
use crate::name;
use crate::tlv::{Reader, Tag, Tlv, TlvError};

/// id-signedData of RFC 5652.
pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// id-data of RFC 5652.
pub const DATA: &str = "1.2.840.113549.1.7.1";
/// signedData of GB/T 35275.
pub const GBT35275_SIGNED_DATA: &str = "1.2.156.10197.6.1.4.2.2";
/// data of GB/T 35275.
pub const GBT35275_DATA: &str = "1.2.156.10197.6.1.4.2.1";

/// Whose content type wraps the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 5652.
    Cms,
    /// GB/T 35275, GM/T 0010.
    Gbt35275,
}

/// A signed message.
#[derive(Debug, Clone)]
pub struct SignedData {
    /// Which standard it follows.
    pub dialect: Dialect,
    /// Whether it uses indefinite lengths or a constructed content: BER, not DER.
    pub ber: bool,
    /// How many bytes of the input the message takes; the rest was zero.
    pub used: usize,
    /// Content type, a dotted OID.
    pub econtent_type: String,
    /// The content: octets of the OCTET STRING, or contents octets of another type (PKCS#7 v1.5).
    pub econtent: Option<Vec<u8>>,
    /// The readable certificates, in file order, repeated ones included.
    pub certificates: Vec<Certificate>,
    /// Certificates that could not be read, and attribute certificates.
    pub unreadable_certificates: usize,
    /// CRLs, each a raw value.
    pub crls: Vec<Vec<u8>>,
    /// The signers.
    pub signers: Vec<SignerInfo>,
}

/// Why bytes are no signed message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CmsError {
    /// Not the structure of a signed message: another kind of value or a damaged one. Offsets count from the first byte.
    #[error("not a signed message: {0}")]
    Structure(#[from] TlvError),
    /// A ContentInfo of another content type, such as enveloped data.
    #[error("the message is no signed data but has content type {0}")]
    NotSignedData(String),
    /// More bytes than are read.
    #[error("the message has {length} bytes; at most {limit} are read")]
    TooLarge {
        /// Bytes given.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// Bytes other than zero padding follow the message.
    #[error("unexpected bytes follow the message at byte {offset}")]
    Trailing {
        /// Start of the surplus.
        offset: usize,
    },
}

/// Reads a ContentInfo with SignedData inside, and zero padding after it.
///
/// # Errors
/// The bytes are no signed message or exceed a limit; see [`CmsError`].
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<SignedData, CmsError> {
    if bytes.len() > limits.max_cms_bytes {
        return Err(CmsError::TooLarge {
            length: bytes.len(),
            limit: limits.max_cms_bytes,
        });
    }
    let mut reader = Reader::new(bytes);
    let content_info = reader.expect(Tag::SEQUENCE, "ContentInfo")?;
    if let Some(surplus) = reader.rest().iter().position(|byte| *byte != 0) {
        return Err(CmsError::Trailing {
            offset: reader.position() + surplus,
        });
    }
    let mut outer = content_info.children()?;
    let content_type = outer.expect(Tag::OBJECT_IDENTIFIER, "contentType")?.oid()?;
    let dialect = match content_type.as_str() {
        SIGNED_DATA => Dialect::Cms,
        GBT35275_SIGNED_DATA => Dialect::Gbt35275,
        _ => return Err(CmsError::NotSignedData(content_type)),
    };
    let signed_data = outer.expect(Tag::context(0), "content")?.only_child("SignedData")?;
    outer.finish("ContentInfo")?;

    if signed_data.tag != Tag::SEQUENCE {
        return Err(signed_data.bad("SignedData").into());
    }
    let mut fields = signed_data.children()?;
    fields.expect(Tag::INTEGER, "version")?.unsigned()?;
    fields.expect(Tag::SET, "digestAlgorithms")?;
    let encapsulated = fields.expect(Tag::SEQUENCE, "encapContentInfo")?;
    let certificates = fields.optional(Tag::context(0))?;
    let crls = fields.optional(Tag::context(1))?;
    let signers = fields.expect(Tag::SET, "signerInfos")?;
    fields.finish("SignedData")?;

    let (econtent_type, content) = read_encapsulated(&encapsulated)?;
    let econtent = match &content {
        Some(content) if content.tag == Tag::OCTET_STRING => Some(content.octets()?.into_owned()),
        Some(content) => Some(content.content_bytes().to_vec()),
        None => None,
    };
    let constructed_content = content.is_some_and(|content| content.tag == Tag::OCTET_STRING && content.constructed);
    let (certificates, unreadable_certificates) = match certificates {
        Some(set) => read_certificates(&set, limits)?,
        None => (Vec::new(), 0),
    };
    let crls = match crls {
        Some(set) => set
            .children()?
            .all(limits.max_crls, "CRLs")?
            .iter()
            .map(|crl| crl.raw_bytes().to_vec())
            .collect(),
        None => Vec::new(),
    };
    let signers = signers.children()?.all(limits.max_signers, "signers")?;
    Ok(SignedData {
        dialect,
        ber: constructed_content || content_info.has_indefinite(),
        used: content_info.raw.end,
        econtent_type,
        econtent,
        certificates,
        unreadable_certificates,
        crls,
        signers: signers
            .iter()
            .map(|signer| SignerInfo::read(signer, limits))
            .collect::<Result<_, _>>()?,
    })
}

impl SignedData {
    /// The certificate a signer names. `None` if it is not in the message, or if two different ones fit: which of them
    /// counts would be a guess.
    pub fn signer_certificate(&self, signer: &SignerInfo) -> Option<&Certificate> {
        let mut fitting = self
            .certificates
            .iter()
            .filter(|certificate| signer.id.names(certificate));
        let first = fitting.next()?;
        fitting.all(|other| other == first).then_some(first)
    }
}

impl SignerId {
    /// Whether this identifies the certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            SignerId::IssuerSerial { issuer, serial } => {
                certificate.serial() == serial && name::equal(certificate.issuer_raw(), issuer)
            }
            SignerId::SubjectKeyId(id) => certificate.subject_key_id() == Some(id),
        }
    }
}

fn read_encapsulated<'a>(encapsulated: &Tlv<'a>) -> Result<(String, Option<Tlv<'a>>), TlvError> {
    let mut fields = encapsulated.children()?;
    let kind = fields.expect(Tag::OBJECT_IDENTIFIER, "eContentType")?.oid()?;
    let content = match fields.optional(Tag::context(0))? {
        Some(explicit) => Some(explicit.only_child("eContent")?),
        None => None,
    };
    fields.finish("encapContentInfo")?;
    Ok((kind, content))
}

fn read_certificates(set: &Tlv<'_>, limits: &Limits) -> Result<(Vec<Certificate>, usize), TlvError> {
    let choices = set.children()?.all(limits.max_certificates, "certificates")?;
    let readable: Vec<_> = choices
        .iter()
        .filter_map(|choice| Certificate::parse(choice.raw_bytes()).ok())
        .collect();
    let unreadable = choices.len() - readable.len();
    Ok((readable, unreadable))
}

#[cfg(test)]
mod tests;
