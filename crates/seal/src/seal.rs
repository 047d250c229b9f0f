//! SESeal of GM/T 0031-2014 (V1), GB/T 38540-2020 (V4) and GM/T 0031-2025 (V5).

mod read;

pub(crate) use read::{read_extensions, read_seal, read_timestamp};

use crate::fields::der;
use crate::{Deviation, Limits, SealError};
use cinnabar_pki::tlv::{Reader, Tag};

/// The standard whose structure a seal or signature has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// GM/T 0031-2014.
    V1,
    /// GB/T 38540-2020.
    V4,
    /// GM/T 0031-2025.
    V5,
}

impl Version {
    /// The number that headers of this version carry.
    pub fn number(self) -> u64 {
        match self {
            Self::V1 => 1,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }
}

/// An electronic seal as its file states it. Nothing is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Seal {
    /// The whole seal, byte for byte.
    pub raw: Vec<u8>,
    /// Told by structure first, header second.
    pub version: Version,
    /// `header.version`: 1, 4 or 5 as a rule.
    pub header_version: u64,
    /// `header.ID`, always `ES`.
    pub id: String,
    /// `header.Vid`, the vendor.
    pub vid: String,
    /// Identifier of the seal.
    pub es_id: String,
    /// `property.type`: 1 organisation, 2 person in V1; business defined since.
    pub kind: u64,
    /// Name of the seal.
    pub name: String,
    /// Who may use the seal; see [`Seal::lists`].
    pub certificates: CertificateList,
    /// `createDate`; `None` if the text names no instant.
    pub created: Option<i64>,
    /// `validStart`; `None` if the text names no instant.
    pub valid_from: Option<i64>,
    /// `validEnd`; `None` if the text names no instant.
    pub valid_to: Option<i64>,
    /// The picture.
    pub picture: Picture,
    /// Extensions, none of them interpreted.
    pub extensions: Vec<Extension>,
    /// Certificate of the seal maker, DER.
    pub maker_certificate: Vec<u8>,
    /// The maker's signature algorithm.
    pub algorithm: String,
    /// The maker's signature value as in the file: DER, or 64 bytes r‖s.
    pub signature: Vec<u8>,
    /// Exactly what the maker signed. V1: `30 length ‖ info ‖ certificate ‖ algorithm`; V4 and V5: info.
    pub signed_bytes: Vec<u8>,
    /// V5 time stamp token over the maker's signature value.
    pub timestamp: Option<Vec<u8>>,
    /// Departures from the standard.
    pub deviations: Vec<Deviation>,
}

/// The certificates that may use a seal.
#[derive(Debug, Clone, PartialEq)]
pub enum CertificateList {
    /// Certificates in DER.
    Certificates(Vec<Vec<u8>>),
    /// Digests of certificates: a type that the vendor defines, and the value.
    Digests(Vec<(String, Vec<u8>)>),
}

/// The picture of a seal.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Format as the seal spells it: `PNG`, `png`, `GIF`, `ofd`, …
    pub kind: String,
    /// The file. Untrusted: nothing is decoded here.
    pub data: Vec<u8>,
    /// Width on paper.
    pub width_mm: u32,
    /// Height on paper.
    pub height_mm: u32,
}

/// One extension of a seal or a signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Identifier; vendors make arcs up, so it identifies nothing for certain.
    pub oid: String,
    /// Whether its writer marked it critical.
    pub critical: bool,
    /// Its value.
    pub value: Vec<u8>,
}

impl Seal {
    /// Whether the seal lists a certificate: byte for byte, or by its SM3 digest where the list holds digests.
    pub fn lists(&self, cert_der: &[u8]) -> bool {
        match &self.certificates {
            CertificateList::Certificates(list) => list.iter().any(|c| c == cert_der),
            CertificateList::Digests(list) => {
                let digest = cinnabar_sm::sm3::digest([cert_der]);
                list.iter().any(|(_, value)| value == &digest)
            }
        }
    }
}

/// Reads a seal (SESeal, the content of `Seal.esl`).
///
/// # Errors
/// Everything that is neither the standard's structure nor a [`Deviation`] listed there; bytes after the seal; a limit exceeded.
pub fn parse_seal(bytes: &[u8], limits: &Limits) -> Result<Seal, SealError> {
    if bytes.len() > limits.max_bytes {
        return Err(SealError::TooLarge {
            what: "the seal",
            found: bytes.len(),
            limit: limits.max_bytes,
        });
    }
    let mut reader = Reader::new(bytes);
    let seal = der(reader.expect(Tag::SEQUENCE, "SESeal")?, "SESeal")?;
    reader.finish("SESeal")?;
    read_seal(bytes, &seal, limits)
}
