//! X.509 certificates, read tolerantly and kept byte for byte.
//!
//! ```asn1
//! -- RFC 5280 4.1; GB/T 20518-2018 has the same shape
//! Certificate ::= SEQUENCE { tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING }
//! TBSCertificate ::= SEQUENCE {
//!     version [0] EXPLICIT INTEGER DEFAULT v1, serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name,
//!     validity SEQUENCE { notBefore Time, notAfter Time }, subject Name, subjectPublicKeyInfo SubjectPublicKeyInfo,
//!     issuerUniqueID [1] IMPLICIT BIT STRING OPTIONAL, subjectUniqueID [2] IMPLICIT BIT STRING OPTIONAL,
//!     extensions [3] EXPLICIT SEQUENCE OF Extension OPTIONAL }
//! Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
//! ```
//!
//! Certificates of real government authorities break DER (a default `cA FALSE` is written out, text types are mixed): such
//! [`Deviation`]s are noted, not refused. What is ambiguous or would have to be guessed is refused: an extension given twice, unreadable
//! basic constraints or key usages, two different signature algorithms, bytes after the end. No signature is checked here.

mod error;
mod extensions;
mod public_key;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::limits::Limits;
use crate::name;
use crate::tlv::{Reader, Tag, Tlv, TlvError};

pub use error::{CertificateError, Deviation};
use extensions::Extensions;
pub use extensions::KeyUsage;
pub(crate) use extensions::read_extensions;
pub use public_key::PublicKey;

/// Marks a development certificate (a UTF8String in a non-critical extension).
///
/// The arc under 1.3.6.1.4.1.59999 is private to this project and **not registered** with IANA; it names nothing outside it.
pub const DEVELOPMENT_OID: &str = "1.3.6.1.4.1.59999.1.1";

/// A certificate: its exact bytes and what they say. Cloning is cheap; two are equal if their bytes are.
#[derive(Clone)]
pub struct Certificate(Arc<Fields>);

struct Fields {
    raw: Vec<u8>,
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    not_before: i64,
    not_after: i64,
    spki: Range<usize>,
    public_key: PublicKey,
    signature_algorithm: String,
    signature: Range<usize>,
    extensions: Extensions,
    deviations: Vec<Deviation>,
}

impl Certificate {
    /// Reads one certificate, DER or BER.
    ///
    /// # Errors
    /// The bytes are not exactly one certificate; see [`CertificateError`].
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let limits = Limits::DEFAULT;
        if der.len() > limits.max_certificate_bytes {
            return Err(CertificateError::TooLarge {
                length: der.len(),
                limit: limits.max_certificate_bytes,
            });
        }
        let mut deviations = Vec::new();
        let mut reader = Reader::new(der);
        let certificate = reader.expect(Tag::SEQUENCE, "Certificate")?;
        reader.finish("Certificate")?;
        if certificate.has_odd_length() {
            deviations.push(Deviation::NotDer);
        }
        let mut outer = certificate.children()?;
        let tbs = outer.expect(Tag::SEQUENCE, "tbsCertificate")?;
        let algorithm = outer.expect(Tag::SEQUENCE, "signatureAlgorithm")?;
        let signature = outer.expect(Tag::BIT_STRING, "signatureValue")?;
        outer.finish("signatureValue")?;
        signature.bit_string_octets()?;

        let mut fields = tbs.children()?;
        let version = match fields.optional(Tag::context(0))? {
            Some(explicit) => explicit.only_child("version")?.unsigned()?,
            None => 0,
        };
        let serial = fields.expect(Tag::INTEGER, "serialNumber")?;
        if is_odd_serial(serial.integer_bytes()?) {
            deviations.push(Deviation::OddSerial);
        }
        let signed_algorithm = fields.expect(Tag::SEQUENCE, "signature")?;
        let issuer = fields.expect(Tag::SEQUENCE, "issuer")?;
        name::check(issuer.raw_bytes())?;
        let mut validity = fields.expect(Tag::SEQUENCE, "validity")?.children()?;
        let not_before = validity.read("notBefore")?.time()?;
        let not_after = validity.read("notAfter")?.time()?;
        validity.finish("validity")?;
        let subject = fields.expect(Tag::SEQUENCE, "subject")?;
        name::check(subject.raw_bytes())?;
        let spki = fields.expect(Tag::SEQUENCE, "subjectPublicKeyInfo")?;
        let public_key = PublicKey::read(&spki)?;
        let unique_ids = [fields.optional(Tag::context(1))?, fields.optional(Tag::context(2))?];
        let extensions = fields.optional(Tag::context(3))?;
        fields.finish("TBSCertificate")?;

        let signature_algorithm = algorithm_oid(&algorithm)?;
        let inner_algorithm = algorithm_oid(&signed_algorithm)?;
        if signature_algorithm != inner_algorithm {
            return Err(CertificateError::AlgorithmMismatch {
                signed: inner_algorithm,
                outer: signature_algorithm,
            });
        }
        if algorithm.raw_bytes() != signed_algorithm.raw_bytes() {
            deviations.push(Deviation::AlgorithmParametersDiffer);
        }
        let has_unique_id = unique_ids.iter().any(Option::is_some);
        if (extensions.is_some() && version < 2) || (has_unique_id && version < 1) {
            deviations.push(Deviation::VersionTooLow);
        }
        let extensions = match extensions {
            Some(explicit) => Extensions::read(&explicit.only_child("extensions")?, &mut deviations)?,
            None => Extensions::default(),
        };
        let (tbs, serial, issuer, subject, spki) = (tbs.raw, serial.content, issuer.raw, subject.raw, spki.raw);
        let signature = signature.content.start + 1..signature.content.end;
        let raw = der.to_vec();
        let fields = Fields {
            raw,
            tbs,
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            spki,
            public_key,
            signature_algorithm,
            signature,
            extensions,
            deviations,
        };
        Ok(Certificate(Arc::new(fields)))
    }

    /// The whole certificate as it was given.
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The bytes the issuer signed: the raw tbsCertificate.
    pub fn tbs(&self) -> &[u8] {
        self.part(&self.0.tbs)
    }

    /// Contents octets of the serial number.
    pub fn serial(&self) -> &[u8] {
        self.part(&self.0.serial)
    }

    /// The issuer, a raw Name (see [`crate::name`]).
    pub fn issuer_raw(&self) -> &[u8] {
        self.part(&self.0.issuer)
    }

    /// The subject, a raw Name.
    pub fn subject_raw(&self) -> &[u8] {
        self.part(&self.0.subject)
    }

    /// The issuer as text: `CN=…,O=…,C=CN`.
    pub fn issuer_text(&self) -> String {
        name::text(self.issuer_raw())
    }

    /// The subject as text.
    pub fn subject_text(&self) -> String {
        name::text(self.subject_raw())
    }

    /// The most specific common name of the subject.
    pub fn subject_common_name(&self) -> Option<String> {
        name::attribute(self.subject_raw(), name::COMMON_NAME)
    }

    /// The most specific organisation of the subject.
    pub fn subject_organization(&self) -> Option<String> {
        name::attribute(self.subject_raw(), name::ORGANIZATION)
    }

    /// First second of validity, Unix time UTC.
    pub fn not_before(&self) -> i64 {
        self.0.not_before
    }

    /// Last second of validity, Unix time UTC.
    pub fn not_after(&self) -> i64 {
        self.0.not_after
    }

    /// The subject's key.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The raw SubjectPublicKeyInfo.
    pub fn spki_raw(&self) -> &[u8] {
        self.part(&self.0.spki)
    }

    /// OID of the signature algorithm.
    pub fn signature_algorithm(&self) -> &str {
        &self.0.signature_algorithm
    }

    /// The issuer's signature: the octets of the BIT STRING.
    pub fn signature(&self) -> &[u8] {
        self.part(&self.0.signature)
    }

    /// Whether basic constraints say `cA TRUE`; absent means no.
    pub fn is_ca(&self) -> bool {
        self.0.extensions.is_ca
    }

    /// How many intermediate certificates may follow below this CA.
    pub fn path_length(&self) -> Option<u32> {
        self.0.extensions.path_length
    }

    /// What the key may be used for; `None` if not restricted.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// Extended usages as OIDs; `None` if not restricted.
    pub fn extended_key_usage(&self) -> Option<&[String]> {
        self.0.extensions.extended_key_usage.as_deref()
    }

    /// Whether the extended usages are critical, as RFC 3161 2.3 demands of a time-stamp authority.
    pub fn extended_key_usage_is_critical(&self) -> bool {
        self.0.extensions.extended_key_usage_critical
    }

    /// The subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// The key identifier of the issuer; the other forms of authority key identifier are not read.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_id.as_deref()
    }

    /// Critical extensions that this crate does not process, name constraints and policy constraints among them.
    pub fn unknown_critical(&self) -> &[String] {
        &self.0.extensions.unknown_critical
    }

    /// Whether the certificate carries [`DEVELOPMENT_OID`].
    pub fn is_development(&self) -> bool {
        self.0.extensions.is_development
    }

    /// Whether issuer and subject are the same name. That says nothing about whose key signed.
    pub fn is_self_issued(&self) -> bool {
        name::equal(self.issuer_raw(), self.subject_raw())
    }

    /// What was tolerated.
    pub fn deviations(&self) -> &[Deviation] {
        &self.0.deviations
    }

    /// SM3 of the raw certificate.
    pub fn fingerprint_sm3(&self) -> [u8; 32] {
        cinnabar_sm::sm3::digest([self.raw()])
    }

    /// SHA-256 of the raw certificate.
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        use sha2::Digest;
        sha2::Sha256::digest(self.raw()).into()
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.0.raw.get(range.clone()).unwrap_or_default()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serial: String = self.serial().iter().map(|byte| format!("{byte:02x}")).collect();
        f.debug_struct("Certificate")
            .field("subject", &self.subject_text())
            .field("issuer", &self.issuer_text())
            .field("serial", &serial)
            .finish_non_exhaustive()
    }
}

/// The OID of an AlgorithmIdentifier.
pub(crate) fn algorithm_oid(algorithm: &Tlv<'_>) -> Result<String, TlvError> {
    let mut fields = algorithm.children()?;
    let oid = fields.expect(Tag::OBJECT_IDENTIFIER, "algorithm")?.oid()?;
    fields.try_read()?;
    fields.finish("AlgorithmIdentifier")?;
    Ok(oid)
}

fn is_odd_serial(serial: &[u8]) -> bool {
    match serial {
        [0] => true,
        [0, next, ..] => next & 0x80 == 0 || serial.len() > 20,
        [first, ..] => first & 0x80 != 0 || serial.len() > 20,
        [] => true,
    }
}

#[cfg(test)]
mod tests;
