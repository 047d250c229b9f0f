//! The trait every key implements, and the check every signature passes.

use cinnabar_sm::sm2;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::spki;

/// A key that signs messages, wherever it lives.
pub trait Signer: Send + Sync {
    /// Describes the key.
    fn info(&self) -> &KeyInfo;

    /// Signs the message itself: hashing it, and Z with the default identifier for SM2, are done here.
    ///
    /// The value is DER `SEQUENCE { r, s }` for SM2 and PKCS#1 v1.5 for RSA. An implementation hands it out only through
    /// [`release`].
    ///
    /// # Errors
    /// [`SignError::Withheld`] if the value made does not verify, [`SignError::Failed`] if none was made.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// A signature scheme, key kind and digest together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// SM2 over SM3 with the default identifier, GB/T 32918.2.
    Sm2Sm3,
    /// RSA PKCS#1 v1.5 over SHA-256, RFC 8017.
    RsaSha256,
}

impl Algorithm {
    /// Gives the object identifier of the signature algorithm.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sm2Sm3 => "1.2.156.10197.1.501",
            Self::RsaSha256 => "1.2.840.113549.1.1.11",
        }
    }
}

/// What is public about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Where the key lives and which one it is, such as `soft:0123456789abcdef`. Carries no secret.
    pub uri: String,
    /// The scheme it signs with.
    pub algorithm: Algorithm,
    /// `SubjectPublicKeyInfo`, DER.
    pub spki: Vec<u8>,
}

impl KeyInfo {
    /// Tells whether this key's public half accepts the signature over the message. A key it cannot read accepts nothing.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some(key) = spki::key_bytes(&self.spki) else {
            return false;
        };
        match self.algorithm {
            Algorithm::Sm2Sm3 => sm2::PublicKey::from_sec1(&key)
                .and_then(|key| Ok(key.verify(message, &sm2::Signature::from_der(signature)?)))
                .unwrap_or(false),
            Algorithm::RsaSha256 => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// Hands a signature out only if it verifies under the key's own public half.
///
/// # Errors
/// [`SignError::Withheld`] if it does not; the value is dropped.
pub fn release(info: &KeyInfo, message: &[u8], signature: Vec<u8>) -> Result<Vec<u8>, SignError> {
    if info.verifies(message, &signature) {
        Ok(signature)
    } else {
        Err(SignError::Withheld { uri: info.uri.clone() })
    }
}

/// Tells why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The signature made does not verify under the key's public half: a faulty device, or a public key that is not its own.
    #[error(
        "the key {uri} made a signature that does not verify; it was withheld (check the device and its public key)"
    )]
    Withheld {
        /// The key.
        uri: String,
    },
    /// The key made no signature.
    #[error("the key {uri} could not sign")]
    Failed {
        /// The key.
        uri: String,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::soft::SoftKey;

    #[test]
    fn a_wrong_signature_is_withheld() {
        let key = SoftKey::generate_sm2().unwrap();
        let good = key.sign(b"message").unwrap();
        assert_eq!(release(key.info(), b"message", good.clone()), Ok(good.clone()));

        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let raw = sm2::Signature::from_der(&good).unwrap();
        let raw = [raw.r, raw.s].concat();
        for wrong in [flipped, raw, good[1..].to_vec(), Vec::new()] {
            let withheld = release(key.info(), b"message", wrong).unwrap_err();
            assert_eq!(
                withheld,
                SignError::Withheld {
                    uri: key.info().uri.clone()
                }
            );
        }
        assert!(release(key.info(), b"messagf", good).is_err());
    }

    #[test]
    fn a_device_that_signs_with_another_key_is_found_out() {
        struct Swapped(SoftKey, KeyInfo);
        impl Signer for Swapped {
            fn info(&self) -> &KeyInfo {
                &self.1
            }
            fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
                release(self.info(), message, self.0.sign(message)?)
            }
        }
        let named = SoftKey::generate_sm2().unwrap().info().clone();
        let swapped = Swapped(SoftKey::generate_sm2().unwrap(), named);
        assert!(matches!(swapped.sign(b"m"), Err(SignError::Withheld { .. })));
    }

    #[test]
    fn an_unreadable_public_key_accepts_nothing() {
        let key = SoftKey::generate_sm2().unwrap();
        let good = key.sign(b"m").unwrap();
        for algorithm in [Algorithm::Sm2Sm3, Algorithm::RsaSha256] {
            for spki in [Vec::new(), key.info().spki[1..].to_vec(), vec![0x30, 0x00]] {
                assert!(
                    !KeyInfo {
                        uri: String::new(),
                        algorithm,
                        spki
                    }
                    .verifies(b"m", &good)
                );
            }
        }
    }
}
