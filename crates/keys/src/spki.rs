//! `SubjectPublicKeyInfo` for the two kinds of key, RFC 5280, 4.1.2.7.

use pkcs8::{
    ObjectIdentifier,
    der::{
        Any, Decode, Encode,
        asn1::{BitString, Null},
    },
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
};

/// id-ecPublicKey, RFC 5480.
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The SM2 curve, GM/T 0006.
const SM2_CURVE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
/// rsaEncryption, RFC 8017.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Wraps `04 ‖ x ‖ y`.
pub(crate) fn sm2(point: &[u8; 65]) -> Result<Vec<u8>, pkcs8::der::Error> {
    write(EC_PUBLIC_KEY, Any::encode_from(&SM2_CURVE)?, point)
}

/// Wraps a DER `RSAPublicKey`.
pub(crate) fn rsa(public_key: &[u8]) -> Result<Vec<u8>, pkcs8::der::Error> {
    write(RSA_ENCRYPTION, Any::encode_from(&Null)?, public_key)
}

/// Gives what the BIT STRING holds: a point or an `RSAPublicKey`.
pub(crate) fn key_bytes(spki: &[u8]) -> Option<Vec<u8>> {
    let info = SubjectPublicKeyInfoOwned::from_der(spki).ok()?;
    info.subject_public_key.as_bytes().map(<[u8]>::to_vec)
}

fn write(oid: ObjectIdentifier, parameters: Any, key: &[u8]) -> Result<Vec<u8>, pkcs8::der::Error> {
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid,
            parameters: Some(parameters),
        },
        subject_public_key: BitString::from_bytes(key)?,
    }
    .to_der()
}
