//! One signer of a message.

use super::attributes::{self, SignedAttributes};
use crate::limits::Limits;
use crate::tlv::{Tag, Tlv, TlvError};

/// id-aa-timeStampToken, RFC 3161 appendix A.
pub const TIME_STAMP_TOKEN: &str = "1.2.840.113549.1.9.16.2.14";

/// How a signer names the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerId {
    /// By issuer and serial number, the only way in GB/T 35275.
    IssuerSerial {
        /// The raw Name.
        issuer: Vec<u8>,
        /// Contents octets of the serial number.
        serial: Vec<u8>,
    },
    /// By subject key identifier.
    SubjectKeyId(Vec<u8>),
}

/// A signer, what was signed beside the content, and the signature.
///
/// ```asn1
/// -- RFC 5652 5.3; GB/T 35275 calls the last three digestEncryptionAlgorithm, encryptedDigest, unauthenticatedAttributes
/// SignerInfo ::= SEQUENCE { version INTEGER,
///     sid CHOICE { issuerAndSerialNumber SEQUENCE { issuer Name, serialNumber INTEGER }, subjectKeyIdentifier [0] IMPLICIT OCTET STRING },
///     digestAlgorithm AlgorithmIdentifier, signedAttrs [0] IMPLICIT SET OF Attribute OPTIONAL,
///     signatureAlgorithm AlgorithmIdentifier, signature OCTET STRING, unsignedAttrs [1] IMPLICIT SET OF Attribute OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerInfo {
    /// Whose signature.
    pub id: SignerId,
    /// OID of the digest algorithm.
    pub digest_algorithm: String,
    /// What is signed instead of the content itself.
    pub signed_attributes: Option<SignedAttributes>,
    /// OID of the signature algorithm.
    pub signature_algorithm: String,
    /// Its parameters as a raw value, a NULL included; RSASSA-PSS has its digest and salt here.
    pub signature_parameters: Option<Vec<u8>>,
    /// The signature value as it is: SM2 occurs as DER and as 64 raw bytes.
    pub signature: Vec<u8>,
    /// Unsigned attributes but for time stamps: OID and each raw value. Anybody can add these.
    pub unsigned: Vec<(String, Vec<u8>)>,
    /// Time-stamp tokens over the signature value, each a raw ContentInfo for [`crate::tsp::parse`].
    pub timestamps: Vec<Vec<u8>>,
}

impl SignerInfo {
    pub(super) fn read(info: &Tlv<'_>, limits: &Limits) -> Result<Self, TlvError> {
        if info.tag != Tag::SEQUENCE {
            return Err(info.bad("SignerInfo"));
        }
        let mut fields = info.children()?;
        fields.expect(Tag::INTEGER, "signer version")?.unsigned()?;
        let id = read_id(&fields.read("signer identifier")?)?;
        let (digest_algorithm, _) = read_algorithm(&fields.expect(Tag::SEQUENCE, "digestAlgorithm")?)?;
        let signed_attributes = match fields.optional(Tag::context(0))? {
            Some(set) => Some(SignedAttributes::read(&set, limits)?),
            None => None,
        };
        let (signature_algorithm, signature_parameters) =
            read_algorithm(&fields.expect(Tag::SEQUENCE, "signatureAlgorithm")?)?;
        let signature = fields.expect(Tag::OCTET_STRING, "signature")?.octets()?.into_owned();
        let unsigned = match fields.optional(Tag::context(1))? {
            Some(set) => attributes::read_set(&set, limits)?,
            None => Vec::new(),
        };
        fields.finish("SignerInfo")?;
        let values = unsigned.into_iter().flat_map(|attribute| {
            let oid = attribute.oid;
            attribute
                .values
                .into_iter()
                .map(move |value| (oid.clone(), value.raw_bytes().to_vec()))
        });
        let (timestamps, unsigned) = values.partition::<Vec<_>, _>(|(oid, _)| oid == TIME_STAMP_TOKEN);
        Ok(SignerInfo {
            id,
            digest_algorithm,
            signed_attributes,
            signature_algorithm,
            signature_parameters,
            signature,
            unsigned,
            timestamps: timestamps.into_iter().map(|(_, token)| token).collect(),
        })
    }
}

fn read_id(id: &Tlv<'_>) -> Result<SignerId, TlvError> {
    if id.tag == Tag::context(0) {
        return Ok(SignerId::SubjectKeyId(id.octets()?.into_owned()));
    }
    if id.tag != Tag::SEQUENCE {
        return Err(id.bad("signer identifier"));
    }
    let mut fields = id.children()?;
    let issuer = fields
        .expect(Tag::SEQUENCE, "issuer of the signer")?
        .raw_bytes()
        .to_vec();
    let serial = fields
        .expect(Tag::INTEGER, "serial number of the signer")?
        .integer_bytes()?
        .to_vec();
    fields.finish("issuerAndSerialNumber")?;
    Ok(SignerId::IssuerSerial { issuer, serial })
}

fn read_algorithm(algorithm: &Tlv<'_>) -> Result<(String, Option<Vec<u8>>), TlvError> {
    let mut fields = algorithm.children()?;
    let oid = fields.expect(Tag::OBJECT_IDENTIFIER, "algorithm")?.oid()?;
    let parameters = fields.try_read()?.map(|value| value.raw_bytes().to_vec());
    fields.finish("AlgorithmIdentifier")?;
    Ok((oid, parameters))
}
