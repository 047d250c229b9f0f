//! What a licence is given at random: its serial and its place in the status list.

use cinnabar_licence::admit::Allotment;

use crate::IssueError;

const SERIAL_ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SERIAL_LENGTH: usize = 20;

/// Draws an [`Allotment`]: a serial of 20 characters `0-9A-Z` (103 bits) and a 48-bit status position, so that
/// neither tells how many licences there are or which belong together.
///
/// # Errors
/// [`IssueError::Random`] when the system gives no random bytes.
pub fn draw(status_uri: &str) -> Result<Allotment, IssueError> {
    let mut serial = String::with_capacity(SERIAL_LENGTH);
    while serial.len() < SERIAL_LENGTH {
        let [byte] = random::<1>()?;
        // 252 is the largest multiple of 36 in a byte: beyond it some characters would be likelier.
        if byte < 252 {
            let index = usize::from(byte) % SERIAL_ALPHABET.len();
            serial.extend(SERIAL_ALPHABET.get(index).map(|byte| char::from(*byte)));
        }
    }
    let [a, b, c, d, e, f] = random::<6>()?;
    let status_idx = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    Ok(Allotment {
        serial,
        status_uri: status_uri.to_owned(),
        status_idx,
    })
}

fn random<const N: usize>() -> Result<[u8; N], IssueError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| IssueError::Random)?;
    Ok(bytes)
}

/// A random OFD document identifier: 32 hexadecimal characters.
pub(crate) fn document_id() -> Result<String, IssueError> {
    Ok(hex::encode(random::<16>()?))
}

/// A random seal identifier of 14 digits, the length of a seal number.
pub(crate) fn seal_digits() -> Result<String, IssueError> {
    let number = u64::from_be_bytes(random::<8>()?) % 100_000_000_000_000;
    Ok(format!("{number:014}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn serials_fit_an_identifier_and_differ() {
        let (one, other) = (draw("u").unwrap(), draw("u").unwrap());
        assert_ne!(one.serial, other.serial);
        assert_eq!(one.serial.len(), 20);
        assert!(one.serial.bytes().all(|b| SERIAL_ALPHABET.contains(&b)));
        assert!(one.status_idx < 1 << 48);
    }
}
