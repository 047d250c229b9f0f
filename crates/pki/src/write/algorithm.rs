//! Signature algorithms as certificates name them, and the object that awaits its signature.

use serde::{Deserialize, Serialize};

use super::{WriteError, der};

/// A signature algorithm that certificates, CRLs and CMS values are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// SM2 over SM3, 1.2.156.10197.1.501, parameters absent.
    Sm2Sm3,
    /// RSA PKCS#1 v1.5 over SHA-256, 1.2.840.113549.1.1.11, parameters NULL.
    RsaSha256,
}

impl SignatureAlgorithm {
    /// Gives the object identifier.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sm2Sm3 => "1.2.156.10197.1.501",
            Self::RsaSha256 => "1.2.840.113549.1.1.11",
        }
    }

    /// Gives the object identifier of the digest: SM3 or SHA-256, 32 bytes both.
    #[must_use]
    pub fn digest_oid(self) -> &'static str {
        match self {
            Self::Sm2Sm3 => "1.2.156.10197.1.401",
            Self::RsaSha256 => "2.16.840.1.101.3.4.2.1",
        }
    }

    /// Writes the `AlgorithmIdentifier` of certificates and CRLs.
    ///
    /// # Errors
    /// None for the algorithms there are; the type is that of [`der::oid`].
    pub fn identifier(self) -> Result<Vec<u8>, WriteError> {
        let oid = der::oid(self.oid())?;
        Ok(match self {
            Self::Sm2Sm3 => der::sequence([oid]),
            Self::RsaSha256 => der::sequence([oid, der::null()]),
        })
    }
}

/// A certificate or CRL that lacks only its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToBeSigned {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl ToBeSigned {
    pub(super) fn new(tbs: Vec<u8>, algorithm: SignatureAlgorithm) -> Self {
        Self { tbs, algorithm }
    }

    /// Gives the bytes to sign: hashing, and Z for SM2, are the signer's job.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.tbs
    }

    /// Puts the signature in: DER `SEQUENCE { r, s }` for SM2, the PKCS#1 block for RSA.
    ///
    /// # Errors
    /// [`WriteError::EmptySignature`].
    pub fn assemble(self, signature: &[u8]) -> Result<Vec<u8>, WriteError> {
        if signature.is_empty() {
            return Err(WriteError::EmptySignature);
        }
        Ok(der::sequence([
            self.tbs,
            self.algorithm.identifier()?,
            der::bit_string(signature),
        ]))
    }
}
