//! Signed attributes, and the exact bytes a signature over them covers.

use std::collections::HashSet;

use crate::limits::Limits;
use crate::tlv::{Tag, Tlv, TlvError};

const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const SHA1: &str = "1.3.14.3.2.26";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";

/// What a signer signed beside the content.
///
/// RFC 5652 5.4: the signature is over the DER encoding of the SET, tag 0x31 instead of the `[0]` in the file. Real signers leave the SET
/// unsorted and sign it so; hence the file order comes first and the sorted form is offered where it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAttributes {
    /// Contents octets of the `[0]` exactly as in the file.
    pub content: Vec<u8>,
    /// `31 len || content`: file order, length in DER.
    pub set_bytes: Vec<u8>,
    /// The same with the attributes in DER order (X.690 11.6), if the file has another order.
    pub sorted_set_bytes: Option<Vec<u8>>,
    /// Content type, a dotted OID. `None` also if it is malformed (then in `other`) or repeated; likewise the next two.
    pub content_type: Option<String>,
    /// Digest of the content.
    pub message_digest: Option<Vec<u8>>,
    /// Time the signer claims, Unix seconds.
    pub signing_time: Option<i64>,
    /// Hashes of the signer's certificate and perhaps of its chain, signer's first (RFC 2634 5.4, RFC 5035).
    pub signing_certificate: Vec<CertHash>,
    /// All other attributes: OID and each raw value inside its SET.
    pub other: Vec<(String, Vec<u8>)>,
    /// Whether an attribute occurs twice, or one that must have a single value has not. Which would count is a guess: treat the
    /// signature as invalid.
    pub duplicates: bool,
}

/// A certificate named by its hash (ESSCertID, ESSCertIDv2). Issuer and serial number beside the hash are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertHash {
    /// OID of the digest algorithm.
    pub algorithm: String,
    /// Digest of the DER certificate.
    pub hash: Vec<u8>,
}

impl SignedAttributes {
    pub(super) fn read(set: &Tlv<'_>, limits: &Limits) -> Result<Self, TlvError> {
        let mut elements: Vec<&[u8]> = set
            .children()?
            .all(limits.max_attributes, "signed attributes")?
            .iter()
            .map(Tlv::raw_bytes)
            .collect();
        let sorted_set_bytes = if elements.is_sorted() {
            None
        } else {
            elements.sort_unstable();
            Some(der_set(&elements.concat()))
        };
        let content = set.content_bytes().to_vec();
        let mut found = SignedAttributes {
            set_bytes: der_set(&content),
            content,
            sorted_set_bytes,
            content_type: None,
            message_digest: None,
            signing_time: None,
            signing_certificate: Vec::new(),
            other: Vec::new(),
            duplicates: false,
        };
        let attributes = read_set(set, limits)?;
        let mut seen = HashSet::new();
        let repeated: HashSet<&str> = attributes
            .iter()
            .map(|attribute| attribute.oid.as_str())
            .filter(|oid| !seen.insert(*oid))
            .collect();
        found.duplicates = !repeated.is_empty();
        for attribute in &attributes {
            found.take(attribute, repeated.contains(attribute.oid.as_str()));
        }
        Ok(found)
    }

    fn take(&mut self, attribute: &Attribute<'_>, repeated: bool) {
        let known = matches!(
            attribute.oid.as_str(),
            CONTENT_TYPE | MESSAGE_DIGEST | SIGNING_TIME | SIGNING_CERTIFICATE | SIGNING_CERTIFICATE_V2
        );
        let understood = match attribute.values.as_slice() {
            [value] if known && !repeated => self.understand(&attribute.oid, value).is_ok(),
            [_] => false,
            _ => {
                self.duplicates |= known;
                false
            }
        };
        if !understood {
            self.other.extend(
                attribute
                    .values
                    .iter()
                    .map(|value| (attribute.oid.clone(), value.raw_bytes().to_vec())),
            );
        }
    }

    fn understand(&mut self, oid: &str, value: &Tlv<'_>) -> Result<(), TlvError> {
        match oid {
            CONTENT_TYPE if value.tag == Tag::OBJECT_IDENTIFIER => self.content_type = Some(value.oid()?),
            MESSAGE_DIGEST if value.tag == Tag::OCTET_STRING => {
                self.message_digest = Some(value.octets()?.into_owned())
            }
            SIGNING_TIME => self.signing_time = Some(value.time()?),
            SIGNING_CERTIFICATE => self.signing_certificate.extend(read_cert_hashes(value, SHA1)?),
            SIGNING_CERTIFICATE_V2 => self.signing_certificate.extend(read_cert_hashes(value, SHA256)?),
            _ => return Err(value.bad("attribute")),
        }
        Ok(())
    }
}

/// One attribute: `SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }`.
pub(super) struct Attribute<'a> {
    pub oid: String,
    pub values: Vec<Tlv<'a>>,
}

pub(super) fn read_set<'a>(set: &Tlv<'a>, limits: &Limits) -> Result<Vec<Attribute<'a>>, TlvError> {
    let mut attributes = Vec::new();
    for attribute in set.children()?.all(limits.max_attributes, "attributes")? {
        let mut fields = attribute.children()?;
        let oid = fields.expect(Tag::OBJECT_IDENTIFIER, "attribute type")?.oid()?;
        let values = fields
            .expect(Tag::SET, "attribute values")?
            .children()?
            .all(limits.max_attributes, "attribute values")?;
        fields.finish("Attribute")?;
        attributes.push(Attribute { oid, values });
    }
    Ok(attributes)
}

/// ```asn1
/// SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), policies SEQUENCE OF PolicyInformation OPTIONAL }
/// ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT sha256, certHash OCTET STRING, issuerSerial OPTIONAL }
/// ```
fn read_cert_hashes(value: &Tlv<'_>, default_algorithm: &str) -> Result<Vec<CertHash>, TlvError> {
    let list = value
        .children()?
        .expect(Tag::SEQUENCE, "certs of a SigningCertificate")?;
    let mut hashes = Vec::new();
    for id in list
        .children()?
        .all(Limits::DEFAULT.max_certificates, "certificate hashes")?
    {
        let mut fields = id.children()?;
        let algorithm = match fields.optional(Tag::SEQUENCE)? {
            Some(algorithm) => algorithm
                .children()?
                .expect(Tag::OBJECT_IDENTIFIER, "hashAlgorithm")?
                .oid()?,
            None => default_algorithm.to_owned(),
        };
        let hash = fields.expect(Tag::OCTET_STRING, "certHash")?.octets()?.into_owned();
        hashes.push(CertHash { algorithm, hash });
    }
    Ok(hashes)
}

fn der_set(content: &[u8]) -> Vec<u8> {
    let mut set = vec![0x31];
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let significant = length.get(zeros..).unwrap_or_default();
    match significant {
        [] => set.push(0),
        [short @ 0..0x80] => set.push(*short),
        _ => {
            set.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
            set.extend_from_slice(significant);
        }
    }
    set.extend_from_slice(content);
    set
}
