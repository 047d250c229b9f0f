//! Distinguished names.

use super::{WriteError, der};

/// A kind of name part that the GB/T 20518 profile uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NamePart {
    /// countryName, two capital letters, PrintableString.
    Country,
    /// stateOrProvinceName.
    Province,
    /// localityName.
    Locality,
    /// organizationName.
    Organization,
    /// organizationalUnitName.
    OrganizationalUnit,
    /// organizationIdentifier, X.520; here the 统一社会信用代码.
    OrganizationIdentifier,
    /// serialNumber of the subject, PrintableString.
    SerialNumber,
    /// commonName.
    CommonName,
}

impl NamePart {
    fn oid_and_name(self) -> (&'static str, &'static str) {
        match self {
            Self::Country => ("2.5.4.6", "countryName"),
            Self::Province => ("2.5.4.8", "stateOrProvinceName"),
            Self::Locality => ("2.5.4.7", "localityName"),
            Self::Organization => ("2.5.4.10", "organizationName"),
            Self::OrganizationalUnit => ("2.5.4.11", "organizationalUnitName"),
            Self::OrganizationIdentifier => ("2.5.4.97", "organizationIdentifier"),
            Self::SerialNumber => ("2.5.4.5", "serialNumber"),
            Self::CommonName => ("2.5.4.3", "commonName"),
        }
    }

    fn encode(self, text: &str) -> Result<Vec<u8>, WriteError> {
        let (oid, part) = self.oid_and_name();
        let refuse = |rule| {
            Err(WriteError::Name {
                part,
                text: text.to_owned(),
                rule,
            })
        };
        let value = match self {
            Self::Country if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) => printable(text),
            Self::Country => return refuse("a country is two capital letters"),
            _ if !(1..=64).contains(&text.chars().count()) => return refuse("1 to 64 characters"),
            _ if text.chars().any(char::is_control) => return refuse("no control characters"),
            Self::SerialNumber if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./ ".contains(&b)) => {
                printable(text)
            }
            Self::SerialNumber => return refuse("letters, digits, blanks, full stops, hyphens and slashes"),
            _ => der::utf8_string(text),
        };
        Ok(der::set_of([der::sequence([der::oid(oid)?, value])]))
    }
}

/// A distinguished name, DER.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// Writes a name of single-valued parts in the order given, country first by custom.
    ///
    /// Texts are UTF8String except where X.520 demands PrintableString (country, serial number).
    ///
    /// # Errors
    /// [`WriteError::Name`] for an empty or too long text, or characters the part does not allow.
    pub fn new(parts: &[(NamePart, &str)]) -> Result<Self, WriteError> {
        let sets = parts
            .iter()
            .map(|(part, text)| part.encode(text))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self(der::sequence(sets)))
    }

    /// Takes a name as it stands in a certificate, so that an issuer is named byte for byte like its own subject.
    ///
    /// # Errors
    /// [`WriteError::NotDer`] unless it is one element.
    pub fn from_der(name: &[u8]) -> Result<Self, WriteError> {
        if name.first() == Some(&0x30) && der::is_one_element(name) {
            Ok(Self(name.to_vec()))
        } else {
            Err(WriteError::NotDer { of: "Name".to_owned() })
        }
    }

    /// Gives the DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }
}

fn printable(text: &str) -> Vec<u8> {
    der::element(0x13, text.as_bytes())
}
