//! RSA and ECDSA, by ring.
//!
//! ring takes a message in one piece and hashes it itself. Signed attributes and certificates are one piece already; only a value
//! over a document in two parts has to be joined first, which costs a fraction of hashing it. ring reads an RSA key anew for each
//! signature. Keeping it read, as another library offers, saves 6 of 25 µs once a document; that is a fiftieth of the
//! time that a document takes, and not worth a second library of cryptography.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::claims::{DigestAlgorithm, Piece, Scheme, ValueClaim, VerifyingKey};

/// A scheme that ring knows, with the key.
#[derive(Clone, Copy)]
pub(super) struct Method<'a> {
    /// Stands for the scheme and the curve in the memory of answers. Never reuse a number.
    pub tag: u8,
    /// What the scheme hashes with.
    pub digest: DigestAlgorithm,
    /// The key as ring takes it.
    pub key: &'a [u8],
    algorithm: &'static dyn VerificationAlgorithm,
}

impl<'a> Method<'a> {
    /// `None` when ring does not know the scheme or the scheme does not fit the key.
    pub(super) fn of(claim: &'a ValueClaim) -> Option<Self> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        let (tag, digest, key, algorithm): (u8, _, &[u8], &'static dyn VerificationAlgorithm) =
            match (&claim.scheme, &claim.key) {
                (Scheme::RsaPkcs1(digest), VerifyingKey::Rsa(der, _)) => match digest {
                    Sha1 => (
                        0x10,
                        Sha1,
                        der,
                        &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    ),
                    Sha256 => (
                        0x11,
                        Sha256,
                        der,
                        &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                    ),
                    Sha384 => (0x12, Sha384, der, &signature::RSA_PKCS1_2048_8192_SHA384),
                    Sha512 => (
                        0x13,
                        Sha512,
                        der,
                        &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                    ),
                    _ => return None,
                },
                (Scheme::RsaPss(digest), VerifyingKey::Rsa(der, _)) => match digest {
                    Sha256 => (0x21, Sha256, der, &signature::RSA_PSS_2048_8192_SHA256),
                    Sha384 => (0x22, Sha384, der, &signature::RSA_PSS_2048_8192_SHA384),
                    Sha512 => (0x23, Sha512, der, &signature::RSA_PSS_2048_8192_SHA512),
                    _ => return None,
                },
                (Scheme::Ecdsa(digest), VerifyingKey::P256(point)) => match digest {
                    Sha256 => (0x31, Sha256, point, &signature::ECDSA_P256_SHA256_ASN1),
                    Sha384 => (0x32, Sha384, point, &signature::ECDSA_P256_SHA384_ASN1),
                    _ => return None,
                },
                (Scheme::Ecdsa(digest), VerifyingKey::P384(point)) => match digest {
                    Sha256 => (0x41, Sha256, point, &signature::ECDSA_P384_SHA256_ASN1),
                    Sha384 => (0x42, Sha384, point, &signature::ECDSA_P384_SHA384_ASN1),
                    _ => return None,
                },
                _ => return None,
            };
        Some(Self {
            tag,
            digest,
            key,
            algorithm,
        })
    }

    /// Whether the value fits the message.
    pub(super) fn verify(&self, pieces: &[Piece], value: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(self.algorithm, self.key);
        match pieces {
            [one] => key.verify(one.bytes(), value).is_ok(),
            many => {
                let message: Vec<&[u8]> = many.iter().map(Piece::bytes).collect();
                let message = message.concat();
                key.verify(&message, value).is_ok()
            }
        }
    }
}
