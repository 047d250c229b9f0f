//! Names inside archives, in whatever encoding they were written.
//!
//! Chinese Windows writes GBK and says nothing about it; most else writes UTF-8. A name that is valid UTF-8 is taken as
//! that: GBK text of more than a few bytes hardly ever is.

use encoding_rs::GB18030;

/// How many bytes of a name are kept.
pub(super) const MAX_NAME: usize = 4096;

/// The text of a raw name. Control characters are replaced: a name is shown on terminals, and starts no new line.
pub(super) fn decode(raw: &[u8]) -> String {
    let raw = raw.get(..MAX_NAME).unwrap_or(raw);
    let text = match std::str::from_utf8(raw) {
        Ok(text) => text.into(),
        Err(_) => GB18030.decode_without_bom_handling(raw).0,
    };
    text.chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

/// The ending of a name, lower-case, without the point.
pub(super) fn ending(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let ending = last.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_utf_8_or_else_as_gbk() {
        assert_eq!(decode("户口簿/甲.ofd".as_bytes()), "户口簿/甲.ofd");
        assert_eq!(decode(b"\xbb\xa7\xbf\xda\xb2\xbe/\xbc\xd7.ofd"), "户口簿/甲.ofd");
        // 㐀 and an ideograph outside the first plane, which only GB 18030 has.
        assert_eq!(decode(b"\x81\x39\xee\x39\x95\x32\x82\x36.pdf"), "㐀𠀀.pdf");
        assert_eq!(decode(b"\xff\xff.pdf"), "\u{fffd}\u{fffd}.pdf");
    }

    #[test]
    fn a_name_cannot_start_a_line_or_steer_a_terminal() {
        assert_eq!(decode(b"a\nb\x1b[2J.ofd"), "a\u{fffd}b\u{fffd}[2J.ofd");
    }

    #[test]
    fn the_ending_is_that_of_the_last_part() {
        assert_eq!(ending("a.zip/b.OFD"), "ofd");
        assert_eq!(ending("a.zip/b"), "");
        assert_eq!(ending("a\\b.tar.GZ"), "gz");
    }
}
