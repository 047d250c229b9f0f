//! Certificate revocation lists, RFC 5280, 5.

use super::{Extension, Name, SignatureAlgorithm, ToBeSigned, WriteError, certificate::serial_number, der, extension};

/// What a version 2 revocation list shall say.
///
/// ```asn1
/// TBSCertList ::= SEQUENCE { version INTEGER (1), signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time,
///     revokedCertificates SEQUENCE OF SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions } OPTIONAL,
///     crlExtensions [0] EXPLICIT Extensions }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlBuilder {
    /// What the issuer signs with.
    pub algorithm: SignatureAlgorithm,
    /// The issuer, byte for byte its own subject name.
    pub issuer: Name,
    /// The issuer's subject key identifier.
    pub authority_key_id: Vec<u8>,
    /// Number of the list; a later list has a higher one.
    pub number: u64,
    /// When the list was made, Unix seconds.
    pub this_update: i64,
    /// When the next one comes at the latest, Unix seconds.
    pub next_update: i64,
    /// The revoked certificates.
    pub revoked: Vec<RevokedEntry>,
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Its serial number, big endian.
    pub serial: Vec<u8>,
    /// Since when, Unix seconds.
    pub at: i64,
    /// `CRLReason` code (RFC 5280, 5.3.1); unspecified (0) is expressed by `None`.
    pub reason: Option<u8>,
}

impl CrlBuilder {
    /// Gives the bytes the issuer signs.
    ///
    /// # Errors
    /// A [`WriteError`] that names the field that cannot be written.
    pub fn finalize(&self) -> Result<ToBeSigned, WriteError> {
        if self.next_update <= self.this_update {
            return Err(WriteError::Period {
                begin: self.this_update,
                end: self.next_update,
            });
        }
        let mut fields = vec![
            der::number(1),
            self.algorithm.identifier()?,
            self.issuer.as_der().to_vec(),
            der::time(self.this_update)?,
            der::time(self.next_update)?,
        ];
        // An empty list is left out, never written as an empty SEQUENCE (RFC 5280, 5.1.2.6).
        if !self.revoked.is_empty() {
            let entries = self
                .revoked
                .iter()
                .map(RevokedEntry::encode)
                .collect::<Result<Vec<_>, _>>()?;
            fields.push(der::sequence(entries));
        }
        let extensions = [
            Extension::authority_key_id(&self.authority_key_id),
            Extension::crl_number(self.number),
        ];
        fields.extend(extension::encode_all(&extensions)?.map(|all| der::context(0, &all)));
        Ok(ToBeSigned::new(der::sequence(fields), self.algorithm))
    }
}

impl RevokedEntry {
    fn encode(&self) -> Result<Vec<u8>, WriteError> {
        let mut fields = vec![serial_number(&self.serial)?, der::time(self.at)?];
        if let Some(code) = self.reason.filter(|code| *code != 0) {
            fields.extend(extension::encode_all(&[Extension::reason(code)])?);
        }
        Ok(der::sequence(fields))
    }
}
