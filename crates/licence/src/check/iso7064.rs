//! ISO/IEC 7064 (GB/T 17710-2008) check character systems.
//!
//! Each function takes the text *without* its check character and gives the check character, or
//! the first character that the system's alphabet does not have.

use super::CheckError;

/// The 36-character alphabet of MOD 37,36; its index is the character's value. MOD 37-2 adds `*`.
const ALPHANUMERIC: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/// MOD 37,36, hybrid: the check character of licence identifiers (GB/T 36904).
///
/// # Errors
/// [`CheckError::Character`] for a character outside `0-9A-Z`.
pub fn mod37_36(text: &str) -> Result<char, CheckError> {
    let value = hybrid(text, 36, "0-9A-Z")?;
    Ok(symbol(value))
}

/// MOD 11,10, hybrid, digits only: the check digit of food-business licence numbers.
///
/// # Errors
/// [`CheckError::Character`] for anything but a digit.
pub fn mod11_10(text: &str) -> Result<char, CheckError> {
    let value = hybrid(text, 10, "0-9")?;
    Ok(symbol(value))
}

/// MOD 37-2, pure: `0-9A-Z`, and `*` as a possible check character.
///
/// # Errors
/// [`CheckError::Character`] for a character outside `0-9A-Z`.
pub fn mod37_2(text: &str) -> Result<char, CheckError> {
    let value = pure(text, 37, 36, "0-9A-Z")?;
    Ok(symbol(value))
}

/// MOD 11-2, pure: digits, and `X` as a possible check character (GB 11643).
///
/// # Errors
/// [`CheckError::Character`] for anything but a digit.
pub fn mod11_2(text: &str) -> Result<char, CheckError> {
    let value = pure(text, 11, 10, "0-9")?;
    Ok(if value == 10 { 'X' } else { symbol(value) })
}

/// Recursion of the hybrid systems MOD (m+1),m.
fn hybrid(text: &str, modulus: u32, allowed: &'static str) -> Result<u32, CheckError> {
    let mut product = modulus;
    for (index, found) in text.chars().enumerate() {
        product = (product + value(index, found, modulus, allowed)?) % modulus;
        if product == 0 {
            product = modulus;
        }
        product = product * 2 % (modulus + 1);
    }
    Ok((modulus + 1 - product) % modulus)
}

/// Recursion of the pure systems MOD m-2.
fn pure(text: &str, modulus: u32, size: u32, allowed: &'static str) -> Result<u32, CheckError> {
    let mut product = 0;
    for (index, found) in text.chars().enumerate() {
        product = (product + value(index, found, size, allowed)?) * 2 % modulus;
    }
    Ok((modulus + 1 - product) % modulus)
}

fn value(index: usize, found: char, size: u32, allowed: &'static str) -> Result<u32, CheckError> {
    match found.to_digit(36) {
        Some(value) if value < size && !found.is_ascii_lowercase() => Ok(value),
        _ => Err(CheckError::Character {
            position: index + 1,
            found,
            allowed,
        }),
    }
}

fn symbol(value: u32) -> char {
    ALPHANUMERIC.chars().nth(value as usize).unwrap_or('*')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn literature_vectors_agree() {
        assert_eq!(mod37_36("A12425GABC1234002"), Ok('M'));
        assert_eq!(mod37_2("G123489654321"), Ok('Y'));
        assert_eq!(mod11_10("1110807121565"), Ok('0'));
        assert_eq!(mod11_10("1110505087691"), Ok('9'));
        assert_eq!(mod11_2("11010519491231002"), Ok('X'));
    }

    #[test]
    fn the_hybrid_recursion_follows_the_published_trace() {
        let text = "11100000";
        let trace: Vec<char> = (1..=text.len()).map(|n| mod37_36(&text[..n]).unwrap()).collect();
        let expected = [2, 6, 14, 28, 19, 1, 2, 4].map(|p| symbol((37 - p) % 36));
        assert_eq!(trace, expected);
    }

    #[test]
    fn the_first_foreign_character_is_named() {
        let fault = mod37_36("12a4").unwrap_err();
        assert_eq!(
            fault,
            CheckError::Character {
                position: 3,
                found: 'a',
                allowed: "0-9A-Z"
            }
        );
        assert!(matches!(mod11_2("1２"), Err(CheckError::Character { position: 2, .. })));
    }
}
