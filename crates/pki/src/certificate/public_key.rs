//! The key a certificate certifies.

use crate::tlv::{Reader, Tag, Tlv, TlvError};

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const CURVE_SM2: &str = "1.2.156.10197.1.301";
const CURVE_P256: &str = "1.2.840.10045.3.1.7";
const CURVE_P384: &str = "1.3.132.0.34";

/// A public key by algorithm.
///
/// ```asn1
/// -- RFC 5280 4.1.2.7, RFC 5480, RFC 8017 A.1.1, GM/T 0006
/// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
/// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
/// ```
///
/// Points are uncompressed and of the right length; that they lie on their curve is for whoever verifies with them to check.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PublicKey {
    /// id-ecPublicKey on the SM2 curve: `04 || x || y`.
    Sm2([u8; 65]),
    /// rsaEncryption.
    Rsa {
        /// The RSAPublicKey.
        der: Vec<u8>,
        /// Length of the modulus in bits.
        bits: u32,
    },
    /// id-ecPublicKey on P-256: `04 || x || y`.
    P256(Vec<u8>),
    /// id-ecPublicKey on P-384: `04 || x || y`.
    P384(Vec<u8>),
    /// Anything else, compressed points included.
    Unknown {
        /// OID of the algorithm, or of the curve if the algorithm is id-ecPublicKey and names one.
        algorithm: String,
    },
}

impl PublicKey {
    pub(super) fn read(spki: &Tlv<'_>) -> Result<Self, TlvError> {
        let mut fields = spki.children()?;
        let mut algorithm = fields.expect(Tag::SEQUENCE, "key algorithm")?.children()?;
        let key = fields.expect(Tag::BIT_STRING, "subjectPublicKey")?;
        fields.finish("SubjectPublicKeyInfo")?;
        let oid = algorithm.expect(Tag::OBJECT_IDENTIFIER, "key algorithm")?.oid()?;
        let parameters = algorithm.try_read()?;
        algorithm.finish("key algorithm")?;
        let bytes = key.bit_string_octets()?;
        if oid == RSA_ENCRYPTION {
            return Ok(PublicKey::Rsa {
                der: bytes.to_vec(),
                bits: modulus_bits(bytes)?,
            });
        }
        let curve = parameters.filter(|value| oid == EC_PUBLIC_KEY && value.tag == Tag::OBJECT_IDENTIFIER);
        let curve = match curve {
            Some(curve) => curve.oid()?,
            None => return Ok(PublicKey::Unknown { algorithm: oid }),
        };
        Ok(match (curve.as_str(), bytes.first()) {
            (CURVE_SM2, Some(4)) => match bytes.try_into() {
                Ok(point) => PublicKey::Sm2(point),
                Err(_) => PublicKey::Unknown { algorithm: curve },
            },
            (CURVE_P256, Some(4)) if bytes.len() == 65 => PublicKey::P256(bytes.to_vec()),
            (CURVE_P384, Some(4)) if bytes.len() == 97 => PublicKey::P384(bytes.to_vec()),
            _ => PublicKey::Unknown { algorithm: curve },
        })
    }
}

fn modulus_bits(key: &[u8]) -> Result<u32, TlvError> {
    let mut reader = Reader::new(key);
    let mut fields = reader.expect(Tag::SEQUENCE, "RSAPublicKey")?.children()?;
    reader.finish("RSAPublicKey")?;
    let modulus = fields.expect(Tag::INTEGER, "modulus")?;
    fields.expect(Tag::INTEGER, "publicExponent")?.integer_bytes()?;
    fields.finish("RSAPublicKey")?;
    let octets = modulus.integer_bytes()?;
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let significant = octets.get(zeros..).unwrap_or_default();
    let unused = significant.first().map_or(0, |first| first.leading_zeros());
    u32::try_from(significant.len() * 8)
        .map(|bits| bits - unused)
        .map_err(|_| modulus.bad("modulus"))
}
