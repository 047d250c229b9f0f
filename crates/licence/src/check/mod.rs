//! Check characters of Chinese codes: GB 32100, GB 11714, GB 11643 and the ISO 7064 systems.
//!
//! A check says what is wrong, at which place, and what should stand there:
//!
//! ```
//! use cinnabar_licence::check::{uscc, CheckError};
//! assert!(uscc("91350100M000100Y43").is_ok());
//! assert_eq!(
//!     uscc("91350100M000100Y48"),
//!     Err(CheckError::CheckCharacter { position: 18, found: '8', expected: '3' })
//! );
//! ```

pub mod iso7064;

use crate::date::Date;

/// What is wrong with a code. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The code has too few or too many characters.
    #[error("has {found} characters, should have {expected}")]
    Length {
        /// The number of characters the standard asks for.
        expected: usize,
        /// The number of characters found.
        found: usize,
    },
    /// A character that the standard does not allow at this place; often a letter O for 0 or I for 1.
    #[error("character {position} is `{found}`, only {allowed} may stand there")]
    Character {
        /// Place of the character.
        position: usize,
        /// The character found.
        found: char,
        /// The characters allowed there.
        allowed: &'static str,
    },
    /// The check character does not fit the others; some character is mistyped.
    #[error("check character {position} is `{found}`, computed from the others it should be `{expected}`")]
    CheckCharacter {
        /// Place of the check character.
        position: usize,
        /// The character found.
        found: char,
        /// The character computed from the others.
        expected: char,
    },
    /// Characters 7 to 14 of a citizen number are no day of the calendar.
    #[error("characters 7 to 14 are `{found}`, which is no day of the calendar")]
    BirthDate {
        /// The eight characters found.
        found: String,
    },
}

impl CheckError {
    /// Gives the character that should stand at the faulty place, where it can be computed.
    pub fn expected(&self) -> Option<char> {
        match self {
            Self::CheckCharacter { expected, .. } => Some(*expected),
            _ => None,
        }
    }

    /// Says the fault in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Length { expected, found } => format!("应为 {expected} 位，实为 {found} 位"),
            Self::Character {
                position,
                found,
                allowed,
            } => {
                format!("第 {position} 位是“{found}”，该位只能是 {allowed}")
            }
            Self::CheckCharacter {
                position,
                found,
                expected,
            } => {
                format!("第 {position} 位校验码是“{found}”，按其余各位计算应为“{expected}”")
            }
            Self::BirthDate { found } => format!("第 7 至 14 位“{found}”不是有效日期"),
        }
    }
}

/// The 31 characters of GB 32100 (no I, O, S, V, Z); the index is the value.
const USCC_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_ALLOWED: &str = "0-9 A-H J-N P-R T U W X Y";
/// 3^(i-1) mod 31, GB 32100-2015 4.4.
const USCC_WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// GB 11714-1997 weights.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Checks a unified social credit code (统一社会信用代码, GB 32100-2015), including the GB 11714 code
/// within it. It does not check that the area exists in GB/T 2260, nor that anyone holds the code.
///
/// # Errors
/// The first fault from the left; a wrong inner check character is named at its place (17).
pub fn uscc(code: &str) -> Result<(), CheckError> {
    let characters = sized(code, 18)?;
    let mut sum = 0;
    for (index, &found) in characters.iter().enumerate() {
        let place_is_digit = (2..8).contains(&index);
        let value = USCC_ALPHABET.chars().position(|c| c == found);
        let allowed = if place_is_digit { "0-9" } else { USCC_ALLOWED };
        match value {
            Some(value) if !place_is_digit || value < 10 => {
                sum += value * USCC_WEIGHTS.get(index).copied().unwrap_or(0);
            }
            _ => {
                return Err(CheckError::Character {
                    position: index + 1,
                    found,
                    allowed,
                });
            }
        }
    }
    let inner: String = characters.iter().skip(8).take(9).collect();
    let outer = USCC_ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap_or('0');
    let outer_fault = expect(&characters, 17, outer);
    match organisation_code(&inner).map_err(|fault| shift(fault, 8)) {
        // With the outer check character right, the inner one is what was never computed.
        Err(inner_fault) if outer_fault.is_ok() => Err(inner_fault),
        _ => outer_fault,
    }
}

/// Checks an organisation code (组织机构代码, GB 11714-1997), 8 + 1 characters without hyphen.
///
/// # Errors
/// The first fault from the left.
pub fn organisation_code(code: &str) -> Result<(), CheckError> {
    let characters = sized(code, 9)?;
    let mut sum = 0;
    for ((index, &found), weight) in characters.iter().enumerate().zip(ORGANISATION_WEIGHTS) {
        let value = found
            .to_digit(36)
            .filter(|_| found.is_ascii_digit() || found.is_ascii_uppercase());
        let Some(value) = value else {
            return Err(CheckError::Character {
                position: index + 1,
                found,
                allowed: "0-9A-Z",
            });
        };
        sum += value * weight;
    }
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    expect(&characters, 8, check)
}

/// Checks a citizen number (公民身份号码, GB 11643-1999): 17 digits with a real birth date and a
/// check character. It does not check that the area exists or the number was ever given.
///
/// # Errors
/// The first fault from the left.
pub fn citizen_id(code: &str) -> Result<(), CheckError> {
    let characters = sized(code, 18)?;
    let body: String = characters.iter().take(17).collect();
    let check = iso7064::mod11_2(&body)?;
    if citizen_birth(code).is_none() {
        return Err(CheckError::BirthDate {
            found: characters.iter().skip(6).take(8).collect(),
        });
    }
    expect(&characters, 17, check)
}

/// Reads the birth date within a citizen number, if it is one of the calendar.
pub fn citizen_birth(code: &str) -> Option<Date> {
    Date::parse_compact(code.get(6..14)?)
}

/// Tells from the 17th digit of a citizen number whether it was given to a man.
pub fn citizen_is_male(code: &str) -> Option<bool> {
    let digit = code.chars().nth(16)?.to_digit(10)?;
    Some(digit % 2 == 1)
}

/// Turns a 15-digit citizen number into the 18-character one (century 19).
///
/// # Errors
/// A character that is no digit, a wrong length, or a birth date outside the calendar.
pub fn citizen_id_from_15(code: &str) -> Result<String, CheckError> {
    let characters = sized(code, 15)?;
    let area: String = characters.iter().take(6).collect();
    let rest: String = characters.iter().skip(6).collect();
    let body = format!("{area}19{rest}");
    let check = iso7064::mod11_2(&body)?;
    let full = format!("{body}{check}");
    citizen_id(&full).map(|()| full)
}

fn sized(code: &str, expected: usize) -> Result<Vec<char>, CheckError> {
    let characters: Vec<char> = code.chars().take(expected + 1).collect();
    if characters.len() == expected {
        return Ok(characters);
    }
    Err(CheckError::Length {
        expected,
        found: code.chars().count(),
    })
}

fn expect(characters: &[char], index: usize, expected: char) -> Result<(), CheckError> {
    match characters.get(index) {
        Some(&found) if found != expected => Err(CheckError::CheckCharacter {
            position: index + 1,
            found,
            expected,
        }),
        _ => Ok(()),
    }
}

fn shift(fault: CheckError, by: usize) -> CheckError {
    match fault {
        CheckError::Character {
            position,
            found,
            allowed,
        } => CheckError::Character {
            position: position + by,
            found,
            allowed,
        },
        CheckError::CheckCharacter {
            position,
            found,
            expected,
        } => CheckError::CheckCharacter {
            position: position + by,
            found,
            expected,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn credit_codes_of_the_standard_and_the_ministries_pass() {
        for code in [
            "91350100M000100Y43",
            "11100000MB0143028R",
            "11100000000013338W",
            "11100000000013127D",
            "11100000MB03271699",
            "111000000000131433",
            "11100000000019713D",
            "1110000000001332XW",
            "11100000MB0341032Y",
            "11220000013544541J",
            "11330105002500287C",
            "11430000006122244L",
        ] {
            assert_eq!(uscc(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn a_wrong_credit_code_is_told_its_check_character() {
        let fault = uscc("91350100M000100Y4X").unwrap_err();
        assert_eq!(fault.expected(), Some('3'));
        assert!(fault.to_string().contains("`3`"));
        assert!(fault.zh().contains("应为“3”"));
    }

    #[test]
    fn letters_outside_the_alphabet_are_named_by_place() {
        assert!(matches!(
            uscc("9135O100M000100Y43"),
            Err(CheckError::Character {
                position: 5,
                found: 'O',
                allowed: "0-9"
            })
        ));
        assert!(matches!(
            uscc("91350100I000100Y43"),
            Err(CheckError::Character {
                position: 9,
                found: 'I',
                ..
            })
        ));
        assert_eq!(uscc("9135"), Err(CheckError::Length { expected: 18, found: 4 }));
        assert_eq!(uscc(""), Err(CheckError::Length { expected: 18, found: 0 }));
    }

    #[test]
    fn a_code_with_a_right_outer_and_a_wrong_inner_check_character_is_refused() {
        let body = "91350100M000100Y5";
        let right = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .map(|last| format!("{body}{last}"))
            .find_map(|code| match uscc(&code) {
                Err(CheckError::CheckCharacter {
                    position: 17,
                    found: '5',
                    expected: '4',
                }) => Some(code),
                _ => None,
            });
        assert!(right.is_some());
    }

    #[test]
    fn organisation_codes_agree_with_the_worked_examples() {
        for code in ["000013338", "MB0143028", "000013143", "00001332X", "MB0327169"] {
            assert_eq!(organisation_code(code), Ok(()), "{code}");
        }
        assert_eq!(organisation_code("000013339").unwrap_err().expected(), Some('8'));
        assert_eq!(organisation_code("mb0143028").unwrap_err().expected(), None);
    }

    #[test]
    fn citizen_numbers_agree_with_the_worked_examples() {
        for code in ["11010519491231002X", "34052419800101001X", "110101199003071233"] {
            assert_eq!(citizen_id(code), Ok(()), "{code}");
        }
        assert_eq!(citizen_id("110105194912310021").unwrap_err().expected(), Some('X'));
        assert_eq!(citizen_is_male("110101199003071233"), Some(true));
        assert_eq!(citizen_is_male("11010519491231002X"), Some(false));
    }

    #[test]
    fn a_birth_date_outside_the_calendar_is_refused() {
        let fault = citizen_id("110101199002301233").unwrap_err();
        assert_eq!(
            fault,
            CheckError::BirthDate {
                found: "19900230".into()
            }
        );
    }

    #[test]
    fn old_citizen_numbers_gain_the_century_and_a_check_character() {
        assert_eq!(citizen_id_from_15("110105491231002").unwrap(), "11010519491231002X");
        assert!(citizen_id_from_15("11010549123100X").is_err());
    }

    #[test]
    fn any_text_gives_an_answer() {
        for text in [
            "",
            "身份证",
            "１１０１０１１９９００３０７１２３３",
            "110101199003071233 ",
            "\u{0}",
        ] {
            let _ = (
                uscc(text),
                organisation_code(text),
                citizen_id(text),
                citizen_birth(text),
            );
            let _ = (citizen_is_male(text), citizen_id_from_15(text));
        }
    }
}
