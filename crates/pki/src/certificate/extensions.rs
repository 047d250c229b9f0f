//! The extensions of a certificate that decide something.

use std::collections::HashSet;

use super::{CertificateError, DEVELOPMENT_OID, Deviation};
use crate::limits::Limits;
use crate::tlv::{Reader, Tag, Tlv, TlvError};

const SUBJECT_KEY_ID: &str = "2.5.29.14";
const KEY_USAGE: &str = "2.5.29.15";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// Extensions that may be critical although nothing here depends on them: alternative names; certificate policies, since no policy is
/// ever asked for; where CRLs are published.
const HARMLESS: [&str; 4] = ["2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32"];

/// What a key may be used for (RFC 5280 4.2.1.3): bit n of the BIT STRING is bit n here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// digitalSignature (0).
    pub fn digital_signature(self) -> bool {
        self.has(0)
    }

    /// nonRepudiation, also called contentCommitment (1).
    pub fn non_repudiation(self) -> bool {
        self.has(1)
    }

    /// keyCertSign (5).
    pub fn cert_sign(self) -> bool {
        self.has(5)
    }

    /// cRLSign (6).
    pub fn crl_sign(self) -> bool {
        self.has(6)
    }

    /// The names of RFC 5280 of the usages allowed.
    pub fn names(self) -> Vec<&'static str> {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        (0u8..)
            .zip(NAMES)
            .filter(|(bit, _)| self.has(*bit))
            .map(|(_, name)| name)
            .collect()
    }

    fn has(self, bit: u8) -> bool {
        self.0 >> bit & 1 != 0
    }

    fn read(value: &Tlv<'_>) -> Result<Self, TlvError> {
        let (_, octets) = value.bit_string()?;
        let octet = |index: usize| octets.get(index).copied().unwrap_or(0).reverse_bits();
        Ok(KeyUsage(u16::from_le_bytes([octet(0), octet(1)])))
    }
}

#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub is_ca: bool,
    pub path_length: Option<u32>,
    pub key_usage: Option<KeyUsage>,
    pub extended_key_usage: Option<Vec<String>>,
    pub extended_key_usage_critical: bool,
    pub subject_key_id: Option<Vec<u8>>,
    pub authority_key_id: Option<Vec<u8>>,
    pub unknown_critical: Vec<String>,
    pub is_development: bool,
}

impl Extensions {
    pub(super) fn read(list: &Tlv<'_>, deviations: &mut Vec<Deviation>) -> Result<Self, CertificateError> {
        let mut found = Extensions::default();
        let mut seen = HashSet::new();
        for extension in read_extensions(list)? {
            if !seen.insert(extension.oid.clone()) {
                return Err(CertificateError::DuplicateExtension(extension.oid));
            }
            if extension.explicit_false {
                note(deviations, Deviation::ExplicitDefault);
            }
            found.take(extension, deviations)?;
        }
        Ok(found)
    }

    fn take(&mut self, extension: Extension<'_>, deviations: &mut Vec<Deviation>) -> Result<(), CertificateError> {
        let oid = extension.oid;
        let fatal = |source| CertificateError::Extension {
            oid: oid.clone(),
            source,
        };
        match oid.as_str() {
            BASIC_CONSTRAINTS => self.basic_constraints(extension.value, deviations).map_err(fatal)?,
            KEY_USAGE => {
                let value = only(extension.value, Tag::BIT_STRING, "KeyUsage").map_err(fatal)?;
                self.key_usage = Some(KeyUsage::read(&value).map_err(fatal)?);
            }
            EXTENDED_KEY_USAGE => {
                self.extended_key_usage = Some(usages(extension.value).map_err(fatal)?);
                self.extended_key_usage_critical = extension.critical;
            }
            SUBJECT_KEY_ID => match key_id(extension.value) {
                Ok(id) => self.subject_key_id = Some(id),
                Err(_) => deviations.push(Deviation::MalformedExtension(oid)),
            },
            AUTHORITY_KEY_ID => match authority_key_id(extension.value) {
                Ok(id) => self.authority_key_id = id,
                Err(_) => deviations.push(Deviation::MalformedExtension(oid)),
            },
            DEVELOPMENT_OID => self.is_development = true,
            _ if extension.critical && !HARMLESS.contains(&oid.as_str()) => self.unknown_critical.push(oid),
            _ => {}
        }
        Ok(())
    }

    /// `BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }`
    fn basic_constraints(&mut self, value: &[u8], deviations: &mut Vec<Deviation>) -> Result<(), TlvError> {
        let mut fields = only(value, Tag::SEQUENCE, "BasicConstraints")?.children()?;
        if let Some(flag) = fields.optional(Tag::BOOLEAN)? {
            self.is_ca = flag.boolean()?;
            if !self.is_ca {
                note(deviations, Deviation::ExplicitDefault);
            }
        }
        if let Some(length) = fields.optional(Tag::INTEGER)? {
            self.path_length = Some(u32::try_from(length.unsigned()?).unwrap_or(u32::MAX));
            if !self.is_ca {
                deviations.push(Deviation::PathLengthWithoutCa);
            }
        }
        fields.finish("BasicConstraints")
    }
}

/// One extension, its value not looked into.
pub(crate) struct Extension<'a> {
    pub oid: String,
    pub critical: bool,
    pub explicit_false: bool,
    pub value: &'a [u8],
}

/// Reads `SEQUENCE OF Extension`.
pub(crate) fn read_extensions<'a>(list: &Tlv<'a>) -> Result<Vec<Extension<'a>>, TlvError> {
    let mut extensions = Vec::new();
    for item in list.children()?.all(Limits::DEFAULT.max_extensions, "extensions")? {
        let mut fields = item.children()?;
        let oid = fields.expect(Tag::OBJECT_IDENTIFIER, "extnID")?.oid()?;
        let flag = match fields.optional(Tag::BOOLEAN)? {
            Some(flag) => Some(flag.boolean()?),
            None => None,
        };
        let value = fields.expect(Tag::OCTET_STRING, "extnValue")?.primitive()?;
        fields.finish("Extension")?;
        extensions.push(Extension {
            oid,
            critical: flag == Some(true),
            explicit_false: flag == Some(false),
            value,
        });
    }
    Ok(extensions)
}

fn only<'a>(value: &'a [u8], tag: Tag, what: &'static str) -> Result<Tlv<'a>, TlvError> {
    let mut reader = Reader::new(value);
    let tlv = reader.expect(tag, what)?;
    reader.finish(what)?;
    Ok(tlv)
}

fn usages(value: &[u8]) -> Result<Vec<String>, TlvError> {
    let list = only(value, Tag::SEQUENCE, "ExtKeyUsage")?;
    list.children()?
        .all(Limits::DEFAULT.max_extensions, "extended key usages")?
        .iter()
        .map(Tlv::oid)
        .collect()
}

fn key_id(value: &[u8]) -> Result<Vec<u8>, TlvError> {
    Ok(only(value, Tag::OCTET_STRING, "SubjectKeyIdentifier")?
        .primitive()?
        .to_vec())
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING OPTIONAL, … }`
fn authority_key_id(value: &[u8]) -> Result<Option<Vec<u8>>, TlvError> {
    let mut fields = only(value, Tag::SEQUENCE, "AuthorityKeyIdentifier")?.children()?;
    match fields.optional(Tag::context(0))? {
        Some(id) => Ok(Some(id.primitive()?.to_vec())),
        None => Ok(None),
    }
}

fn note(deviations: &mut Vec<Deviation>, deviation: Deviation) {
    if !deviations.contains(&deviation) {
        deviations.push(deviation);
    }
}
