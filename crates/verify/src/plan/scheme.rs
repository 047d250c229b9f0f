//! Keys and schemes as compute takes them.

use cinnabar_pki::certificate::PublicKey;

use crate::claims::{DigestAlgorithm, Scheme, VerifyingKey};

/// The key of a certificate, as compute takes it.
pub(crate) fn verifying_key(key: &PublicKey) -> VerifyingKey {
    match key {
        PublicKey::Sm2(point) => VerifyingKey::Sm2(*point),
        PublicKey::Rsa { der, bits } => VerifyingKey::Rsa(der.clone(), *bits),
        PublicKey::P256(point) => VerifyingKey::P256(point.clone()),
        PublicKey::P384(point) => VerifyingKey::P384(point.clone()),
        PublicKey::Unknown { algorithm } => VerifyingKey::Unknown(algorithm.clone()),
    }
}

/// The scheme that a signature algorithm OID names, if it fits the key; `digest` settles OIDs that name none.
pub(crate) fn scheme(oid: &str, digest: Option<DigestAlgorithm>, key: &PublicKey) -> Scheme {
    let unknown = || Scheme::Unknown(oid.to_owned());
    match (key, oid) {
        (PublicKey::Sm2(_), "1.2.156.10197.1.501" | "1.2.156.10197.1.301.1" | "1.2.156.10197.1.301") => Scheme::Sm2Sm3,
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.5") => Scheme::RsaPkcs1(DigestAlgorithm::Sha1),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.11") => Scheme::RsaPkcs1(DigestAlgorithm::Sha256),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.12") => Scheme::RsaPkcs1(DigestAlgorithm::Sha384),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.13") => Scheme::RsaPkcs1(DigestAlgorithm::Sha512),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.1") => digest.map_or_else(unknown, Scheme::RsaPkcs1),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.10") => digest.map_or_else(unknown, Scheme::RsaPss),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.4.3.2") => Scheme::Ecdsa(DigestAlgorithm::Sha256),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.4.3.3") => Scheme::Ecdsa(DigestAlgorithm::Sha384),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.2.1") => digest.map_or_else(unknown, Scheme::Ecdsa),
        _ => unknown(),
    }
}
