//! Certificate and CRL extensions.

use cinnabar_sm::sm3;

use super::{WriteError, der};

/// One extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    /// Its type, dotted.
    pub oid: String,
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// Its value, DER: what the OCTET STRING holds.
    pub value: Vec<u8>,
}

/// A bit of the key usage extension (RFC 5280, 4.2.1.3) that this profile uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Usage {
    /// digitalSignature.
    DigitalSignature,
    /// nonRepudiation, also called contentCommitment.
    NonRepudiation,
    /// keyCertSign.
    CertSign,
    /// cRLSign.
    CrlSign,
}

impl Usage {
    fn bit(self) -> u16 {
        0x8000
            >> match self {
                Self::DigitalSignature => 0,
                Self::NonRepudiation => 1,
                Self::CertSign => 5,
                Self::CrlSign => 6,
            }
    }
}

impl Extension {
    /// Basic constraints of an authority, critical. An end entity's certificate has none.
    #[must_use]
    pub fn authority(path_length: Option<u32>) -> Self {
        let mut fields = vec![der::boolean(true)];
        fields.extend(path_length.map(|length| der::number(u64::from(length))));
        Self::new("2.5.29.19", true, der::sequence(fields))
    }

    /// Key usage, critical.
    #[must_use]
    pub fn key_usage(usages: &[Usage]) -> Self {
        let bits = usages.iter().fold(0, |bits, usage| bits | usage.bit());
        Self::new("2.5.29.15", true, der::named_bits(bits))
    }

    /// Extended key usage. A time-stamp authority has only id-kp-timeStamping, critical (RFC 3161, 2.3).
    ///
    /// # Errors
    /// [`WriteError::Oid`].
    pub fn extended_key_usage(critical: bool, purposes: &[&str]) -> Result<Self, WriteError> {
        let purposes = purposes
            .iter()
            .map(|oid| der::oid(oid))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new("2.5.29.37", critical, der::sequence(purposes)))
    }

    /// Subject key identifier.
    #[must_use]
    pub fn subject_key_id(id: &[u8]) -> Self {
        Self::new("2.5.29.14", false, der::octet_string(id))
    }

    /// Authority key identifier, by key.
    #[must_use]
    pub fn authority_key_id(id: &[u8]) -> Self {
        Self::new("2.5.29.35", false, der::sequence([der::element(0x80, id)]))
    }

    /// An extension whose value is one UTF8String, not critical.
    #[must_use]
    pub fn text(oid: &str, text: &str) -> Self {
        Self::new(oid, false, der::utf8_string(text))
    }

    pub(super) fn crl_number(number: u64) -> Self {
        Self::new("2.5.29.20", false, der::number(number))
    }

    pub(super) fn reason(code: u8) -> Self {
        Self::new("2.5.29.21", false, der::enumerated(code))
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>, WriteError> {
        if !der::is_one_element(&self.value) {
            return Err(WriteError::NotDer { of: self.oid.clone() });
        }
        let mut fields = vec![der::oid(&self.oid)?];
        fields.extend(self.critical.then(|| der::boolean(true)));
        fields.push(der::octet_string(&self.value));
        Ok(der::sequence(fields))
    }

    fn new(oid: &str, critical: bool, value: Vec<u8>) -> Self {
        Self {
            oid: oid.to_owned(),
            critical,
            value,
        }
    }
}

/// Writes `Extensions`, or nothing for none.
pub(super) fn encode_all(extensions: &[Extension]) -> Result<Option<Vec<u8>>, WriteError> {
    for (place, extension) in extensions.iter().enumerate() {
        if extensions
            .iter()
            .take(place)
            .any(|earlier| earlier.oid == extension.oid)
        {
            return Err(WriteError::DuplicateAttribute {
                oid: extension.oid.clone(),
            });
        }
    }
    if extensions.is_empty() {
        return Ok(None);
    }
    Ok(Some(der::sequence(
        extensions
            .iter()
            .map(Extension::encode)
            .collect::<Result<Vec<_>, _>>()?,
    )))
}

/// Names a key: the leftmost 160 bits of SM3 over its `SubjectPublicKeyInfo` (after RFC 7093, 2, method 4).
#[must_use]
pub fn key_identifier(spki: &[u8]) -> [u8; 20] {
    let digest = sm3::digest([spki]);
    digest.first_chunk().copied().unwrap_or_default()
}
