use crate::{ImageFault, ImageFormat};

/// What an image file's header states, read without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
}

/// Reads format and size of a PNG (ISO/IEC 15948, IHDR) or JPEG (ITU-T T.81, the first start of frame).
pub(crate) fn header(bytes: &[u8]) -> Result<Header, ImageFault> {
    let (format, size) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (ImageFormat::Png, png_size(bytes))
    } else if bytes.starts_with(b"\xFF\xD8\xFF") {
        (ImageFormat::Jpeg, jpeg_size(bytes))
    } else {
        return Err(ImageFault::Format);
    };
    match size {
        Some((width, height)) if width > 0 && height > 0 => Ok(Header { format, width, height }),
        _ => Err(ImageFault::Header),
    }
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2_usize;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        let segment = bytes.get(at + 2..)?;
        let number = |at: usize| Some(u16::from_be_bytes(segment.get(at..at + 2)?.try_into().ok()?));
        match marker {
            0xFF => at += 1,
            0x01 | 0xD0..=0xD7 => at += 2,
            0xD9 | 0xDA => return None,
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Some((u32::from(number(5)?), u32::from(number(3)?)));
            }
            _ => at = at.checked_add(2)?.checked_add(usize::from(number(0)?))?,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_sizes_without_decoding() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\x01\0\0\0\0\x02rest";
        assert_eq!(
            header(png).unwrap(),
            Header {
                format: ImageFormat::Png,
                width: 256,
                height: 2
            }
        );
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xFF\xC2\0\x11\x08\0\x07\0\x09";
        assert_eq!(
            header(jpeg).unwrap(),
            Header {
                format: ImageFormat::Jpeg,
                width: 9,
                height: 7
            }
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(header(b"GIF89a"), Err(ImageFault::Format));
        assert_eq!(header(b"\x89PNG\r\n\x1a\n\0\0"), Err(ImageFault::Header));
        assert_eq!(header(b"\xFF\xD8\xFF\xE0\0"), Err(ImageFault::Header));
        assert_eq!(header(b"\xFF\xD8\xFF\xDA\0\0\0\0"), Err(ImageFault::Header));
    }
}
