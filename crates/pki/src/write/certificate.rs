//! Certificates, RFC 5280, 4.1, in the profile of GB/T 20518-2018.

use super::{Extension, Name, SignatureAlgorithm, ToBeSigned, WriteError, der, extension};

/// What a version 3 certificate shall say.
///
/// ```asn1
/// TBSCertificate ::= SEQUENCE { version [0] EXPLICIT INTEGER (2), serialNumber INTEGER, signature AlgorithmIdentifier,
///     issuer Name, validity SEQUENCE { notBefore Time, notAfter Time }, subject Name,
///     subjectPublicKeyInfo SubjectPublicKeyInfo, extensions [3] EXPLICIT Extensions }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateBuilder {
    /// Serial number, big endian, 1 to 20 octets, positive.
    pub serial: Vec<u8>,
    /// What the issuer signs with.
    pub algorithm: SignatureAlgorithm,
    /// The issuer, byte for byte its own subject name.
    pub issuer: Name,
    /// First moment of validity, Unix seconds.
    pub not_before: i64,
    /// Last moment of validity, Unix seconds.
    pub not_after: i64,
    /// The subject.
    pub subject: Name,
    /// The subject's `SubjectPublicKeyInfo`, DER.
    pub spki: Vec<u8>,
    /// Extensions in the order they shall stand.
    pub extensions: Vec<Extension>,
}

impl CertificateBuilder {
    /// Gives the bytes the issuer signs.
    ///
    /// # Errors
    /// A [`WriteError`] that names the field that cannot be written.
    pub fn finalize(&self) -> Result<ToBeSigned, WriteError> {
        if self.not_after <= self.not_before {
            return Err(WriteError::Period {
                begin: self.not_before,
                end: self.not_after,
            });
        }
        if self.spki.first() != Some(&0x30) || !der::is_one_element(&self.spki) {
            return Err(WriteError::NotDer {
                of: "SubjectPublicKeyInfo".to_owned(),
            });
        }
        let mut fields = vec![
            der::context(0, &der::number(2)),
            serial_number(&self.serial)?,
            self.algorithm.identifier()?,
            self.issuer.as_der().to_vec(),
            der::sequence([der::time(self.not_before)?, der::time(self.not_after)?]),
            self.subject.as_der().to_vec(),
            self.spki.clone(),
        ];
        fields.extend(extension::encode_all(&self.extensions)?.map(|all| der::context(3, &all)));
        Ok(ToBeSigned::new(der::sequence(fields), self.algorithm))
    }
}

pub(super) fn serial_number(serial: &[u8]) -> Result<Vec<u8>, WriteError> {
    match serial {
        // Twenty octets with the highest bit set would need a twenty-first for the sign.
        [] | [0, ..] => Err(WriteError::Serial),
        [0x80..=0xff, ..] if serial.len() > 19 => Err(WriteError::Serial),
        _ if serial.len() > 20 => Err(WriteError::Serial),
        _ => Ok(der::integer(serial)),
    }
}
