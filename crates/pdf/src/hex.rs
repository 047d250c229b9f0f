//! Hexadecimal strings: a signature's value and its seal are tens of thousands of digits.

use crate::object::Text;

/// The value of a hexadecimal digit.
pub(crate) fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Decodes what stands between the delimiters. Other characters than digits are passed over, as readers do.
pub(crate) fn read(token: &[u8]) -> Text {
    let (bytes, clean) = match plain(token) {
        Some(bytes) => (bytes, true),
        None => mixed(token),
    };
    Text {
        bytes,
        hex: true,
        clean,
    }
}

/// Digits taken at a time: arithmetic on so many bytes, without branches, becomes vector instructions.
const BLOCK: usize = 32;

/// Digits only, an even number of them.
fn plain(token: &[u8]) -> Option<Vec<u8>> {
    if token.len() % 2 == 1 {
        return None;
    }
    let mut bytes = vec![0; token.len() / 2];
    let (blocks, rest) = token.as_chunks::<BLOCK>();
    let (packed_blocks, packed_rest) = bytes.as_chunks_mut::<{ BLOCK / 2 }>();
    for (packed, block) in packed_blocks.iter_mut().zip(blocks) {
        let mut values = [0; BLOCK];
        let mut wrong = 0;
        for (value, byte) in values.iter_mut().zip(block) {
            let number = byte.wrapping_sub(b'0');
            let letter = (byte | 0x20).wrapping_sub(b'a');
            wrong |= u8::from(number > 9) & u8::from(letter > 5);
            *value = (byte & 0xf) + 9 * (byte >> 6);
        }
        if wrong != 0 {
            return None;
        }
        for (packed, [high, low]) in packed.iter_mut().zip(values.as_chunks::<2>().0) {
            *packed = (high << 4) | (low & 0xf);
        }
    }
    for (packed, [high, low]) in packed_rest.iter_mut().zip(rest.as_chunks::<2>().0) {
        *packed = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

fn mixed(token: &[u8]) -> (Vec<u8>, bool) {
    let clean = token
        .iter()
        .all(|byte| byte.is_ascii_hexdigit() || crate::parser::is_space(*byte));
    let mut bytes = Vec::with_capacity(token.len() / 2 + 1);
    let mut half = None;
    for digit in token.iter().filter_map(|byte| digit(*byte)) {
        match half.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => half = Some(digit),
        }
    }
    bytes.extend(half.map(|high| high << 4));
    (bytes, clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place_is_read_the_same_way_in_blocks_and_one_by_one() {
        for length in [1, 2, 31, 32, 33, 63, 64, 66, 95] {
            let token: Vec<u8> = b"0123456789abcdefABCDEF".iter().copied().cycle().take(length).collect();
            for at in 0..length {
                for byte in 0..=255 {
                    let mut token = token.clone();
                    token[at] = byte;
                    let text = read(&token);
                    assert_eq!((text.bytes, text.clean), mixed(&token), "{byte} at {at} of {length}");
                }
            }
        }
    }
}
