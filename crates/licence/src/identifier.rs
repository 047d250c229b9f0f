//! Licence identifiers (电子证照标识, GB/T 36904-2018).
//!
//! ```text
//! 1.2.156.3005.2 . type (21) . issuer (18) . serial . version (3) . check (1)
//! ```
//! The check character is MOD 37,36 over type, issuer, serial and version, joined without root and dots.
//!
//! ```
//! use cinnabar_licence::identifier::Identifier;
//! let text = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
//! assert_eq!(Identifier::parse(text)?.to_string(), text);
//! # Ok::<(), cinnabar_licence::identifier::IdentifierError>(())
//! ```

use std::fmt;

use serde::{Serialize, Serializer};

use crate::check::{self, CheckError};

/// The fixed root of every licence identifier.
pub const ROOT: &str = "1.2.156.3005.2";
/// Longest identifier accepted, in characters; the national exchange table's column.
pub const MAX_LENGTH: usize = 128;

/// One licence's identifier, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identifier {
    /// Credit code of the authority that defines the type, and its 3-character serial.
    pub type_code: String,
    /// Credit code of the issuing authority; foreign identifiers may carry an area code.
    pub issuer_code: String,
    /// The issuer's own number, unique within type and issuer.
    pub serial: String,
    /// 1 at first issue; the next number when the licence is changed.
    pub version: u16,
    /// The check character.
    pub check: char,
}

/// Why a text is no identifier that this software may use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// Longer than [`MAX_LENGTH`] or not six parts after the root.
    #[error("an identifier is `{ROOT}` and five parts joined by dots, at most {MAX_LENGTH} characters")]
    Shape,
    /// A part has a character outside `0-9A-Z`, or is empty.
    #[error("the {part} `{found}` may hold only 0-9 and A-Z, at least one of them")]
    Part {
        /// Which part.
        part: &'static str,
        /// Its text.
        found: String,
    },
    /// The version is not three digits between 001 and 999.
    #[error("the version `{found}` should be three digits, 001 to 999")]
    Version {
        /// The text found.
        found: String,
    },
    /// The type code is not a valid credit code followed by three characters.
    #[error("the type code should be a credit code and three characters: {fault}")]
    TypeCode {
        /// What is wrong with it.
        fault: CheckError,
    },
    /// The issuer code is not a valid credit code.
    #[error("the issuer code should be a unified social credit code: {fault}")]
    IssuerCode {
        /// What is wrong with it.
        fault: CheckError,
    },
    /// The check character does not fit.
    #[error("the check character is `{found}`, it should be `{expected}`")]
    Check {
        /// The character found.
        found: char,
        /// The character computed.
        expected: char,
    },
}

impl Identifier {
    /// Builds an identifier and computes its check character.
    ///
    /// # Errors
    /// Type and issuer must be valid credit codes (the type with three more characters), the serial
    /// `0-9A-Z`, the version 1 to 999.
    pub fn new(type_code: &str, issuer_code: &str, serial: &str, version: u16) -> Result<Self, IdentifierError> {
        let body = format!("{type_code}{issuer_code}{serial}{version:03}");
        let unchecked = Self {
            type_code: type_code.to_owned(),
            issuer_code: issuer_code.to_owned(),
            serial: serial.to_owned(),
            version,
            check: '0',
        };
        unchecked.check_parts()?;
        let check = check::iso7064::mod37_36(&body).map_err(|_| IdentifierError::Shape)?;
        let built = Self { check, ..unchecked };
        match built.strict_faults().into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(built),
        }
    }

    /// Parses an identifier as this software issues them: every part must obey the standard.
    ///
    /// # Errors
    /// The first fault from the left.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let (identifier, faults) = Self::parse_foreign(text)?;
        match faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(identifier),
        }
    }

    /// Parses an identifier that others issued. Issuers that are no credit codes, type codes of
    /// another length and wrong check characters live in the wild: they come back as warnings.
    ///
    /// # Errors
    /// Only when the text cannot be taken apart at all.
    pub fn parse_foreign(text: &str) -> Result<(Self, Vec<IdentifierError>), IdentifierError> {
        if text.len() > MAX_LENGTH {
            return Err(IdentifierError::Shape);
        }
        let rest = text.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('.'));
        let parts: Vec<&str> = rest.ok_or(IdentifierError::Shape)?.split('.').collect();
        let [type_code, issuer_code, serial, version, check] = parts.as_slice() else {
            return Err(IdentifierError::Shape);
        };
        let version = parse_version(version)?;
        let mut last = check.chars();
        let (Some(check), None) = (last.next(), last.next()) else {
            return Err(IdentifierError::Part {
                part: "check character",
                found: (*check).to_owned(),
            });
        };
        let identifier = Self {
            type_code: (*type_code).to_owned(),
            issuer_code: (*issuer_code).to_owned(),
            serial: (*serial).to_owned(),
            version,
            check,
        };
        identifier.check_parts()?;
        let faults = identifier.strict_faults();
        Ok((identifier, faults))
    }

    /// The text the check character is computed over.
    pub fn body(&self) -> String {
        format!(
            "{}{}{}{:03}",
            self.type_code, self.issuer_code, self.serial, self.version
        )
    }

    fn check_parts(&self) -> Result<(), IdentifierError> {
        let parts = [
            ("type code", &self.type_code),
            ("issuer code", &self.issuer_code),
            ("serial", &self.serial),
        ];
        for (part, found) in parts {
            let clean = found.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
            if found.is_empty() || !clean {
                return Err(IdentifierError::Part {
                    part,
                    found: found.clone(),
                });
            }
        }
        if !(1..=999).contains(&self.version) {
            return Err(IdentifierError::Version {
                found: self.version.to_string(),
            });
        }
        if self.to_string().len() > MAX_LENGTH {
            return Err(IdentifierError::Shape);
        }
        Ok(())
    }

    fn strict_faults(&self) -> Vec<IdentifierError> {
        let mut faults = Vec::new();
        if let Err(fault) = type_code(&self.type_code) {
            faults.push(IdentifierError::TypeCode { fault });
        }
        if let Err(fault) = check::uscc(&self.issuer_code) {
            faults.push(IdentifierError::IssuerCode { fault });
        }
        match check::iso7064::mod37_36(&self.body()) {
            Ok(expected) if expected == self.check => {}
            Ok(expected) => faults.push(IdentifierError::Check {
                found: self.check,
                expected,
            }),
            Err(_) => faults.push(IdentifierError::Shape),
        }
        faults
    }
}

/// Checks a licence type code: a credit code and three characters `0-9A-Z`.
///
/// # Errors
/// The first fault from the left.
pub fn type_code(code: &str) -> Result<(), CheckError> {
    let count = code.chars().count();
    if count != 21 {
        return Err(CheckError::Length {
            expected: 21,
            found: count,
        });
    }
    let prefix: String = code.chars().take(18).collect();
    check::uscc(&prefix)?;
    for (index, found) in code.chars().enumerate().skip(18) {
        if !found.is_ascii_digit() && !found.is_ascii_uppercase() {
            return Err(CheckError::Character {
                position: index + 1,
                found,
                allowed: "0-9A-Z",
            });
        }
    }
    Ok(())
}

fn parse_version(text: &str) -> Result<u16, IdentifierError> {
    let digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(version) if digits && version > 0 => Ok(version),
        _ => Err(IdentifierError::Version { found: text.to_owned() }),
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            type_code,
            issuer_code,
            serial,
            version,
            check,
        } = self;
        write!(f, "{ROOT}.{type_code}.{issuer_code}.{serial}.{version:03}.{check}")
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn identifiers_in_use_parse_strictly_and_print_back() {
        for text in [
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
            "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
        ] {
            let parsed = Identifier::parse(text).unwrap();
            assert_eq!(parsed.to_string(), text);
            let built =
                Identifier::new(&parsed.type_code, &parsed.issuer_code, &parsed.serial, parsed.version).unwrap();
            assert_eq!(built, parsed);
        }
    }

    #[test]
    fn bodies_of_the_literature_give_their_check_characters() {
        for (body, check) in [
            ("12330110470391229PA11601010003456001", '1'),
            ("11100000000013338W00211320482014138860P201807250201001", 'M'),
        ] {
            assert_eq!(check::iso7064::mod37_36(body), Ok(check));
        }
    }

    #[test]
    fn an_area_code_as_issuer_is_a_warning_for_others_and_an_error_for_us() {
        let text = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";
        let (identifier, warnings) = Identifier::parse_foreign(text).unwrap();
        assert_eq!(identifier.issuer_code, "340100");
        assert!(matches!(warnings.as_slice(), [IdentifierError::IssuerCode { .. }]));
        assert!(matches!(
            Identifier::parse(text),
            Err(IdentifierError::IssuerCode { .. })
        ));
    }

    #[test]
    fn a_wrong_routines_check_character_is_a_warning_that_names_the_right_one() {
        let text = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M";
        let (_, warnings) = Identifier::parse_foreign(text).unwrap();
        assert!(warnings.contains(&IdentifierError::Check {
            found: 'M',
            expected: 'D'
        }));
    }

    #[test]
    fn texts_of_another_shape_are_refused() {
        for text in [
            "",
            "1.2.156.3005.2",
            "1.2.156.3005.2.a.b.c.001.F",
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.000.F",
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.1.F",
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J..001.F",
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.",
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F.",
        ] {
            assert!(Identifier::parse_foreign(text).is_err(), "{text}");
        }
        assert!(Identifier::parse_foreign(&"1".repeat(10_000)).is_err());
        assert!(Identifier::new("11100000000013338W032", "11220000013544541J", "a", 1).is_err());
        assert!(Identifier::new("11100000000013338W032", "11220000013544541J", "A", 1000).is_err());
    }
}
