#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use super::*;

fn one(bytes: &[u8]) -> Result<Tlv<'_>, TlvError> {
    Reader::new(bytes).read("value")
}

#[test]
fn ranges_are_relative_to_the_source_at_every_depth() {
    let source = [0x05, 0x00, 0x30, 0x05, 0xa0, 0x03, 0x04, 0x01, 0xff];
    let mut reader = Reader::new(&source);
    reader.expect(Tag::NULL, "null").unwrap();
    let outer = reader.expect(Tag::SEQUENCE, "outer").unwrap();
    let inner = outer.children().unwrap().expect(Tag::context(0), "[0]").unwrap();
    let octets = inner.only_child("octets").unwrap();
    assert_eq!(
        (outer.raw.clone(), outer.header.clone(), outer.content.clone()),
        (2..9, 2..4, 4..9)
    );
    assert_eq!((octets.raw.clone(), octets.content.clone()), (6..9, 8..9));
    assert_eq!(octets.content_bytes(), [0xff]);
}

#[test]
fn indefinite_values_end_at_their_own_end_of_contents() {
    let source = [
        0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x00, 0x00, 0x00, 0x04, 0x02, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00,
    ];
    let mut reader = Reader::new(&source);
    let outer = reader.expect(Tag::SEQUENCE, "outer").unwrap();
    assert_eq!(
        (outer.form, outer.content.clone(), outer.raw.clone()),
        (LengthForm::Indefinite, 2..13, 0..15)
    );
    assert!(outer.has_indefinite());
    assert_eq!(reader.position(), 15);
    let children = outer.children().unwrap().all(8, "children").unwrap();
    assert_eq!(children[0].raw, 2..9);
    assert_eq!(children[1].content_bytes(), [0, 0]);
}

/// What the walk over headers says, said by reading every value.
fn any_by_reading(value: &Tlv<'_>, odd: fn(LengthForm) -> bool) -> bool {
    if odd(value.form) {
        return true;
    }
    let Ok(mut children) = value.children() else {
        return false;
    };
    while let Ok(Some(child)) = children.try_read() {
        if any_by_reading(&child, odd) {
            return true;
        }
    }
    false
}

#[test]
fn odd_lengths_are_seen_wherever_reading_sees_them() {
    let deep = |depth: usize| {
        let mut value = vec![0x05, 0x81, 0x00];
        for _ in 0..depth {
            let mut outer = vec![0x30, 0x82, 0, 0];
            outer[2..4].copy_from_slice(&(value.len() as u16).to_be_bytes());
            outer.append(&mut value);
            value = outer;
        }
        value
    };
    let nested = [
        0x30, 0x19, 0x30, 0x03, 0x02, 0x01, 0x07, 0xa0, 0x0b, 0x30, 0x04, 0x04, 0x02, 0x30, 0x80, 0x30, 0x03, 0x05,
        0x81, 0x00, 0x31, 0x05, 0x30, 0x03, 0x02, 0x01, 0x01,
    ];
    let indefinite: fn(LengthForm) -> bool = |form| form == LengthForm::Indefinite;
    let any: fn(LengthForm) -> bool = |form| form != LengthForm::Minimal;
    let mut seen = [0; 2];
    let mut compare = |bytes: &[u8]| {
        let Ok(value) = one(bytes) else { return };
        let found = [value.has_indefinite(), value.has_odd_length()];
        assert_eq!(
            found,
            [any_by_reading(&value, indefinite), any_by_reading(&value, any)],
            "{bytes:02x?}"
        );
        seen[0] += usize::from(found[0]);
        seen[1] += usize::from(!found[1]);
    };
    for depth in [1, 62, 63, 64, 65, 66] {
        compare(&deep(depth));
    }
    let endless = [
        0x30, 0x0e, 0x31, 0x03, 0x02, 0x01, 0x01, 0x30, 0x80, 0x02, 0x01, 0x01, 0x00, 0x00, 0x05, 0x00,
    ];
    for base in [nested.as_slice(), endless.as_slice()] {
        for at in 0..base.len() {
            for byte in 0..=255 {
                let mut changed = base.to_vec();
                changed[at] = byte;
                compare(&changed);
            }
        }
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn constructed_octet_strings_are_assembled_in_order() {
    let source = [
        0x24, 0x80, 0x04, 0x02, 1, 2, 0x24, 0x03, 0x04, 0x01, 3, 0x04, 0x00, 0x00, 0x00,
    ];
    let tlv = one(&source).unwrap();
    assert_eq!(tlv.octet_pieces().unwrap(), [4..6, 10..11]);
    assert_eq!(tlv.octets().unwrap().as_ref(), [1, 2, 3]);
    assert!(matches!(
        one(&[0x24, 0x02, 0x05, 0x00]).unwrap().octets(),
        Err(TlvError::UnexpectedTag { offset: 2, .. })
    ));
}

#[test]
fn lengths_beyond_the_container_or_the_machine_are_refused() {
    assert!(matches!(
        one(&[0x04, 0x05, 0]),
        Err(TlvError::Truncated {
            offset: 0,
            length: 5,
            available: 1
        })
    ));
    assert!(matches!(
        one(&[0x04, 0x88, 255, 255, 255, 255, 255, 255, 255, 255]),
        Err(TlvError::Truncated { .. })
    ));
    assert!(matches!(
        one(&[0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        Err(TlvError::BadLength { .. })
    ));
    assert!(matches!(one(&[0x04, 0xff]), Err(TlvError::BadLength { .. })));
    assert!(matches!(one(&[0x04, 0x80, 0, 0]), Err(TlvError::BadLength { .. })));
    let child_too_long = one(&[0x30, 0x03, 0x04, 0x02, 0, 0, 0]).unwrap();
    assert!(matches!(
        child_too_long.children().unwrap().read("x"),
        Err(TlvError::Truncated { offset: 2, .. })
    ));
    assert_eq!(one(&[0x04, 0x81, 0x01, 7]).unwrap().form, LengthForm::Padded);
}

#[test]
fn nesting_is_bounded_for_both_length_forms() {
    let indefinite = [0x30, 0x80].repeat(10_000);
    assert!(matches!(one(&indefinite), Err(TlvError::TooDeep { .. })));
    let mut definite = Vec::new();
    for _ in 0..100 {
        let mut outer = vec![0x24, 0x82, (definite.len() >> 8) as u8, definite.len() as u8];
        outer.append(&mut definite);
        definite = outer;
    }
    assert!(matches!(
        one(&definite).unwrap().octets(),
        Err(TlvError::TooDeep { .. })
    ));
}

#[test]
fn tags_of_all_shapes() {
    assert_eq!(
        one(&[0x9f, 0x81, 0x01, 0x00]).unwrap().tag,
        Tag {
            class: Class::Context,
            number: 129
        }
    );
    assert!(one(&[0x9f, 0x80, 0x01, 0x00]).is_err());
    assert!(one(&[0x9f, 0x8f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00]).is_err());
    assert!(one(&[0x00, 0x00]).is_err());
}

#[test]
fn oids_including_odd_ones() {
    assert_eq!(
        oid_to_string(&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75]).unwrap(),
        "1.2.156.10197.1.501"
    );
    assert_eq!(oid_to_string(&[0x00]).unwrap(), "0.0");
    assert_eq!(oid_to_string(&[0x88, 0x37, 0x03]).unwrap(), "2.999.3");
    assert_eq!(oid_to_string(&[]), None);
    assert_eq!(oid_to_string(&[0x2a, 0x81]), None);
    assert_eq!(oid_to_string(&[0xff; 30]), None);
}

#[test]
fn times_with_zones_and_without() {
    assert_eq!(parse_utc_time(b"700101000000Z"), Some(0));
    assert_eq!(parse_utc_time(b"491231235959Z"), Some(2_524_607_999));
    assert_eq!(parse_utc_time(b"7001010000Z"), Some(0));
    assert_eq!(parse_utc_time(b"700101080000+0800"), Some(0));
    assert_eq!(parse_generalized_time(b"20200229120000Z"), Some(1_582_977_600));
    assert_eq!(parse_generalized_time(b"20200229120000.123Z"), Some(1_582_977_600));
    for bad in [
        "20210229120000Z",
        "20200229120000",
        "20200229120000.Z",
        "20200229250000Z",
        "20200229120000Zx",
        "",
        "2020",
    ] {
        assert_eq!(parse_generalized_time(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn integers_and_bit_strings() {
    assert_eq!(
        one(&[2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255])
            .unwrap()
            .unsigned()
            .unwrap(),
        u64::MAX
    );
    assert!(one(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]).unwrap().unsigned().is_err());
    assert!(one(&[2, 1, 0x80]).unwrap().unsigned().is_err());
    assert!(one(&[2, 0]).unwrap().integer_bytes().is_err());
    assert_eq!(one(&[3, 2, 1, 0x80]).unwrap().bit_string().unwrap(), (1, &[0x80][..]));
    assert!(one(&[3, 2, 1, 0x80]).unwrap().bit_string_octets().is_err());
    assert!(one(&[3, 1, 1]).unwrap().bit_string().is_err());
    assert!(one(&[3, 0]).unwrap().bit_string().is_err());
}

#[test]
fn text_of_every_string_type() {
    assert_eq!(one(&[0x1e, 4, 0x4e, 0x2d, 0x56, 0xfd]).unwrap().text().unwrap(), "中国");
    assert_eq!(one(&[0x0c, 3, 0xe4, 0xb8, 0xad]).unwrap().text().unwrap(), "中");
    assert_eq!(one(&[0x13, 3, 0xe4, 0xb8, 0xad]).unwrap().text().unwrap(), "中");
    assert_eq!(one(&[0x14, 1, 0xe9]).unwrap().text().unwrap(), "é");
}
