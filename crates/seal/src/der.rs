//! The few DER types that seals are written with (ITU-T X.690 10 and 11).

use time::OffsetDateTime;

/// Identifier, shortest length, contents.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length
        .iter()
        .position(|b| *b != 0)
        .and_then(|first| length.get(first..))
        .unwrap_or(&[0]);
    let mut out = vec![tag];
    if content.len() > 0x7f {
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    }
    out.extend_from_slice(significant);
    out.extend_from_slice(content);
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

pub(crate) fn explicit_0(inner: &[u8]) -> Vec<u8> {
    value(0xa0, inner)
}

pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    value(0x04, bytes)
}

pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[&[0], bytes].concat())
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    value(0x0c, text.as_bytes())
}

/// IA5String; `None` beyond ASCII.
pub(crate) fn ia5(text: &str) -> Option<Vec<u8>> {
    text.is_ascii().then(|| value(0x16, text.as_bytes()))
}

pub(crate) fn unsigned(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|b| *b == 0).collect();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    value(0x02, &content)
}

/// GeneralizedTime `YYYYMMDDhhmmssZ`; `None` outside the years 1 to 9999.
pub(crate) fn generalized_time(unix: i64) -> Option<Vec<u8>> {
    let t = OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .filter(|t| (1..=9999).contains(&t.year()))?;
    let (month, day) = (u8::from(t.month()), t.day());
    let text = format!(
        "{:04}{month:02}{day:02}{:02}{:02}{:02}Z",
        t.year(),
        t.hour(),
        t.minute(),
        t.second()
    );
    Some(value(0x18, text.as_bytes()))
}

/// OBJECT IDENTIFIER; `None` if the dotted string is none.
pub(crate) fn oid(dotted: &str) -> Option<Vec<u8>> {
    let arcs = dotted
        .split('.')
        .map(|arc| arc.parse::<u64>().ok())
        .collect::<Option<Vec<_>>>()?;
    let [first, second, rest @ ..] = arcs.as_slice() else {
        return None;
    };
    if *first > 2 || (*first < 2 && *second > 39) {
        return None;
    }
    let mut content = Vec::new();
    base_128(first.checked_mul(40)?.checked_add(*second)?, &mut content);
    rest.iter().for_each(|arc| base_128(*arc, &mut content));
    Some(value(0x06, &content))
}

fn base_128(arc: u64, out: &mut Vec<u8>) {
    let septet = |place: u32| u8::try_from(arc >> (7 * place) & 0x7f).unwrap_or(0);
    let highest = (0..10).rev().find(|place| septet(*place) != 0).unwrap_or(0);
    out.extend((1..=highest).rev().map(|place| 0x80 | septet(place)));
    out.push(septet(0));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cinnabar_pki::tlv::{Reader, Tag};

    #[test]
    fn lengths_are_the_shortest_possible() {
        for (length, header) in [
            (0, &[4u8, 0][..]),
            (127, &[4, 127]),
            (128, &[4, 0x81, 128]),
            (256, &[4, 0x82, 1, 0]),
            (65536, &[4, 0x83, 1, 0, 0]),
        ] {
            let written = octet_string(&vec![7; length]);
            assert_eq!(&written[..header.len()], header);
            assert_eq!(written.len(), header.len() + length);
        }
    }

    #[test]
    fn numbers_oids_and_times_read_back() {
        for number in [0, 1, 127, 128, 255, 256, u64::MAX] {
            assert_eq!(
                Reader::new(&unsigned(number))
                    .expect(Tag::INTEGER, "n")
                    .unwrap()
                    .unsigned()
                    .unwrap(),
                number
            );
        }
        for dotted in [
            "1.2.156.10197.1.501",
            "2.999.1",
            "0.39",
            "1.3.6.1.4.1.59999.1.2",
            "2.0.18446744073709551615",
        ] {
            assert_eq!(
                Reader::new(&oid(dotted).unwrap()).read("oid").unwrap().oid().unwrap(),
                dotted
            );
        }
        for wrong in ["", "1", "3.1", "1.40", "1..2", "1.x", "1.2."] {
            assert!(oid(wrong).is_none(), "{wrong}");
        }
        let time = generalized_time(1_602_501_243).unwrap();
        assert_eq!(&time[2..], b"20201012111403Z");
        assert_eq!(Reader::new(&time).read("t").unwrap().time().unwrap(), 1_602_501_243);
        assert!(generalized_time(i64::MAX).is_none());
    }
}
