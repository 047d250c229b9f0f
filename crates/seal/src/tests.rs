//! Each tolerated variant by name, each other one refused, and nothing panics.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use crate::der::{bit_string, explicit_0, ia5, octet_string, oid, sequence, unsigned, utf8, value};
use crate::*;

const SM2: &str = "1.2.156.10197.1.501";

fn time(text: &str) -> Vec<u8> {
    value(if text.len() == 13 { 0x17 } else { 0x18 }, text.as_bytes())
}

fn text(s: &str) -> Vec<u8> {
    ia5(s).unwrap()
}

/// The parts of an SESeal, each to be replaced by a test.
struct Parts {
    header: Vec<u8>,
    list: Vec<u8>,
    times: [Vec<u8>; 3],
    picture: Vec<u8>,
    extensions: Vec<u8>,
    value: Vec<u8>,
    stamp: Vec<u8>,
}

impl Parts {
    fn v4() -> Self {
        Self {
            header: sequence(&[&text("ES"), &unsigned(4), &text("V")]),
            list: [unsigned(1), sequence(&[&octet_string(b"cert")])].concat(),
            times: ["20200101000000Z", "20200101000000Z", "20300101000000Z"].map(time),
            picture: sequence(&[&text("PNG"), &octet_string(b"png"), &unsigned(42), &unsigned(42)]),
            extensions: vec![],
            value: bit_string(&sequence(&[&unsigned(1), &unsigned(2)])),
            stamp: vec![],
        }
    }

    fn v1() -> Self {
        Self {
            header: sequence(&[&text("ES"), &unsigned(1), &text("V")]),
            list: sequence(&[&octet_string(b"cert")]),
            times: ["200101000000Z", "200101000000Z", "300101000000Z"].map(time),
            ..Self::v4()
        }
    }

    fn info(&self) -> Vec<u8> {
        let [a, b, c] = &self.times;
        let property = sequence(&[&unsigned(1), &utf8("印章"), &self.list, a, b, c]);
        sequence(&[&self.header, &text("id"), &property, &self.picture, &self.extensions])
    }

    fn sign_info(&self) -> Vec<u8> {
        [octet_string(b"maker"), oid(SM2).unwrap(), self.value.clone()].concat()
    }

    fn seal_v4(&self) -> Vec<u8> {
        sequence(&[&self.info(), &self.sign_info(), &self.stamp])
    }

    fn seal_v1(&self) -> Vec<u8> {
        sequence(&[&self.info(), &sequence(&[&self.sign_info()])])
    }
}

fn extension(critical: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(&[&oid("1.2.3").unwrap(), critical, &octet_string(b"x")])])
}

fn signature_v4(seal: &[u8], time: &[u8], rest: &[u8], stamp: &[u8]) -> Vec<u8> {
    let tbs = sequence(&[&unsigned(4), seal, time, &bit_string(&[1; 32]), &text("/p"), rest]);
    sequence(&[
        &tbs,
        &octet_string(b"cert"),
        &oid(SM2).unwrap(),
        &Parts::v4().value,
        stamp,
    ])
}

fn signature_v1(seal: &[u8], time: &[u8]) -> Vec<u8> {
    let tbs = sequence(&[
        &unsigned(1),
        seal,
        time,
        &bit_string(&[1; 32]),
        &text("/p"),
        &octet_string(b"cert"),
        &oid(SM2).unwrap(),
    ]);
    sequence(&[&tbs, &Parts::v4().value])
}

fn seal(bytes: &[u8]) -> Seal {
    parse_seal(bytes, &Limits::default()).unwrap()
}

fn signature(bytes: &[u8]) -> SealSignature {
    parse_signature(bytes, &Limits::default()).unwrap()
}

fn codes(list: &[Deviation]) -> Vec<&'static str> {
    list.iter().map(Deviation::code).collect()
}

#[test]
fn the_plain_forms_have_no_deviation() {
    assert_eq!(seal(&Parts::v4().seal_v4()).deviations, []);
    assert_eq!(seal(&Parts::v1().seal_v1()).deviations, []);
    let plain = signature_v4(&Parts::v4().seal_v4(), &time("20200101000000Z"), &[], &[]);
    assert_eq!(signature(&plain).deviations, []);
    for claimed in ["180807153843Z", "20180807153843Z"] {
        let plain = signature(&signature_v1(&Parts::v1().seal_v1(), &bit_string(claimed.as_bytes())));
        assert_eq!(
            (plain.deviations, plain.time, plain.time_text.as_str()),
            (vec![], Some(1_533_656_323), claimed)
        );
    }
}

#[test]
fn the_maker_of_a_v1_seal_signs_info_certificate_and_algorithm() {
    let parts = Parts::v1();
    let expected = sequence(&[&parts.info(), &octet_string(b"maker"), &oid(SM2).unwrap()]);
    assert_eq!(seal(&parts.seal_v1()).signed_bytes, expected);
    let wrapped = sequence(&[&parts.info(), &bit_string(&sequence(&[&parts.sign_info()]))]);
    let wrapped = seal(&wrapped);
    assert_eq!(
        (wrapped.signed_bytes, codes(&wrapped.deviations)),
        (expected, vec!["SIGN_INFO_WRAPPED"])
    );
    assert_eq!(seal(&Parts::v4().seal_v4()).signed_bytes, Parts::v4().info());
}

#[test]
fn versions_are_told_by_structure_first() {
    let mut parts = Parts::v4();
    parts.header = sequence(&[&text("ES"), &unsigned(5), &text("V")]);
    assert_eq!(seal(&parts.seal_v4()).version, Version::V5);
    parts.stamp = explicit_0(&bit_string(b"token"));
    let stamped = seal(&parts.seal_v4());
    assert_eq!(
        (stamped.version, stamped.timestamp.as_deref(), stamped.deviations.len()),
        (Version::V5, Some(&b"token"[..]), 0)
    );
    parts.header = sequence(&[&text("ES"), &unsigned(4), &text("V")]);
    let odd = seal(&parts.seal_v4());
    assert_eq!(
        (odd.version, codes(&odd.deviations)),
        (Version::V5, vec!["UNUSUAL_HEADER_VERSION"])
    );
    let mut parts = Parts::v1();
    parts.header = sequence(&[&text("ES"), &unsigned(11), &text("V")]);
    let eleven = seal(&parts.seal_v1());
    assert_eq!(
        (eleven.version, codes(&eleven.deviations)),
        (Version::V1, vec!["UNUSUAL_HEADER_VERSION"])
    );
    let mixed = signature(&signature_v1(&parts.seal_v1(), &bit_string(b"180807153843Z")));
    assert_eq!(mixed.deviations, [Deviation::TbsVersionMismatch { header: 11, tbs: 1 }]);
}

#[test]
fn certificate_lists_of_every_kind_are_read() {
    let mut parts = Parts::v1();
    let certificate = sequence(&[&unsigned(1)]);
    parts.list = sequence(&[&certificate, &text("1"), &text("2")]);
    let odd = seal(&parts.seal_v1());
    assert_eq!(codes(&odd.deviations), ["CERTIFICATE_UNWRAPPED", "DUMMY_CERT_LIST"]);
    assert_eq!(
        odd.certificates,
        CertificateList::Certificates(vec![certificate.clone()])
    );
    assert!(odd.lists(&certificate) && !odd.lists(b"1"));

    let mut parts = Parts::v4();
    let digest = cinnabar_sm::sm3::digest([b"cert".as_slice()]);
    parts.list = [
        unsigned(2),
        sequence(&[&sequence(&[&value(0x13, b"SM3"), &octet_string(&digest)])]),
    ]
    .concat();
    let by_digest = seal(&parts.seal_v4());
    assert!(by_digest.lists(b"cert") && !by_digest.lists(b"other"));
    assert_eq!(
        by_digest.certificates,
        CertificateList::Digests(vec![("SM3".into(), digest.to_vec())])
    );
    parts.list = [unsigned(3), sequence(&[])].concat();
    assert!(matches!(
        parse_seal(&parts.seal_v4(), &Limits::default()),
        Err(SealError::Unexpected {
            what: "property.certListType",
            ..
        })
    ));
}

#[test]
fn extensions_are_read_tagged_and_untagged() {
    let mut parts = Parts::v4();
    parts.extensions = explicit_0(&extension(&[]));
    assert_eq!(codes(&seal(&parts.seal_v4()).deviations), ["EXTENSIONS_TAGGED"]);
    parts.extensions = extension(&[1, 1, 0]);
    assert_eq!(codes(&seal(&parts.seal_v4()).deviations), ["EXPLICIT_DEFAULT"]);
    parts.extensions = extension(&[1, 1, 0xff]);
    assert_eq!(
        seal(&parts.seal_v4()).deviations,
        [Deviation::UnknownCriticalExtension { oid: "1.2.3".into() }]
    );

    let bytes = signature_v4(&Parts::v4().seal_v4(), &time("20200101000000Z"), &extension(&[]), &[]);
    assert_eq!(codes(&signature(&bytes).deviations), ["EXTENSIONS_UNTAGGED"]);
    let bytes = signature_v4(
        &Parts::v4().seal_v4(),
        &time("20200101000000Z"),
        &explicit_0(&extension(&[])),
        &[],
    );
    assert_eq!(
        (signature(&bytes).extensions.len(), signature(&bytes).deviations.len()),
        (1, 0)
    );
}

#[test]
fn time_stamps_are_read_tagged_and_untagged() {
    let make = |stamp: &[u8]| {
        signature(&signature_v4(
            &Parts::v4().seal_v4(),
            &time("20200101000000Z"),
            &[],
            stamp,
        ))
    };
    let tagged = make(&explicit_0(&bit_string(b"token")));
    assert_eq!(
        (tagged.timestamp.as_deref(), tagged.deviations.len()),
        (Some(&b"token"[..]), 0)
    );
    let untagged = make(&bit_string(b"token"));
    assert_eq!(
        (untagged.timestamp.as_deref(), codes(&untagged.deviations)),
        (Some(&b"token"[..]), vec!["TIMESTAMP_UNTAGGED"])
    );
}

#[test]
fn odd_times_keep_their_text_and_name_an_instant_only_with_a_zone() {
    let claimed = |t: &str| signature(&signature_v1(&Parts::v1().seal_v1(), &bit_string(t.as_bytes())));
    for (text, instant) in [
        ("2018-09-28 10:33:33", None),
        ("1537859052", Some(1_537_859_052)),
        ("2020-01-25T07:31:56.377Z", Some(1_579_937_516)),
        ("2020-01-25T15:31:56+08:00", Some(1_579_937_516)),
        ("00180807153843", None),
        ("", None),
    ] {
        let odd = claimed(text);
        assert_eq!(
            (odd.time, odd.time_text.as_str(), odd.time_token),
            (instant, text, None),
            "{text}"
        );
        assert_eq!(
            odd.deviations,
            [Deviation::NonStandardTime {
                field: "toSign.timeInfo",
                text: text.into()
            }]
        );
    }
    let token = [0x30, 0x03, 0x02, 0x01, 0x05];
    let stamped = signature(&signature_v1(&Parts::v1().seal_v1(), &bit_string(&token)));
    assert_eq!(
        (stamped.time_token.as_deref(), stamped.time, stamped.deviations.len()),
        (Some(&token[..]), None, 0)
    );

    let mut parts = Parts::v1();
    parts.times = [time("20200101000000Z"), value(0x17, b"nonsense"), time("300101000000Z")];
    let odd = seal(&parts.seal_v1());
    assert_eq!(codes(&odd.deviations), ["TIME_TYPE", "NON_STANDARD_TIME"]);
    assert_eq!(
        (odd.created, odd.valid_from, odd.valid_to),
        (Some(1_577_836_800), None, Some(1_893_456_000))
    );
}

#[test]
fn octet_strings_stand_for_bit_strings() {
    let seal = Parts::v1().seal_v1();
    let tbs = sequence(&[
        &unsigned(1),
        &seal,
        &octet_string(b"180807153843Z"),
        &octet_string(&[1; 32]),
        &text("/p"),
        &octet_string(b"cert"),
        &oid(SM2).unwrap(),
    ]);
    let odd = signature(&sequence(&[&tbs, &octet_string(&[0x55; 64])]));
    let octets = |field| Deviation::OctetStringForBitString { field };
    assert_eq!(
        odd.deviations,
        [
            octets("toSign.timeInfo"),
            octets("toSign.dataHash"),
            octets("signature"),
            Deviation::RawSm2Signature
        ]
    );
    assert_eq!((odd.signed_bytes, odd.signature), (tbs, vec![0x55; 64]));
}

#[test]
fn base64_text_is_decoded_and_other_text_refused() {
    use base64::Engine;
    let bytes = signature_v4(&Parts::v4().seal_v4(), &time("20200101000000Z"), &[], &[]);
    let mut encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
    encoded.insert_str(64, "\r\n");
    encoded.push('\n');
    assert_eq!(detect(encoded.as_bytes()), SignedValueKind::SealSignature);
    let read = signature(encoded.as_bytes());
    assert_eq!((read.raw, codes(&read.deviations)), (bytes, vec!["BASE64_TEXT"]));
    assert!(parse_signature(b"MIIB no base64", &Limits::default()).is_err());
}

#[test]
fn a_document_name_beyond_ascii_is_read() {
    let seal = Parts::v4().seal_v4();
    let info = value(0x16, "{\"DocName\":\"证照\"}".as_bytes());
    let tbs = sequence(&[
        &unsigned(4),
        &seal,
        &time("20200101000000Z"),
        &bit_string(&[1; 32]),
        &info,
    ]);
    let odd = signature(&sequence(&[
        &tbs,
        &octet_string(b"cert"),
        &oid(SM2).unwrap(),
        &Parts::v4().value,
    ]));
    assert_eq!(
        (odd.property_info.as_str(), codes(&odd.deviations)),
        ("{\"DocName\":\"证照\"}", vec!["NON_ASCII_TEXT"])
    );
}

#[test]
fn everything_else_is_an_error_that_says_where() {
    let good = Parts::v4().seal_v4();
    let limits = Limits::default();
    let error = |bytes: &[u8]| parse_seal(bytes, &limits).unwrap_err();
    assert!(
        matches!(error(&[&good[..], &[0]].concat()), SealError::Encoding(_)),
        "a byte after the seal"
    );
    let long = [&[0x30, 0x83, 0, good[2], good[3]][..], &good[4..]].concat();
    assert!(
        good[1] != 0x82 || matches!(error(&long), SealError::NotDer { offset: 0, .. }),
        "a padded length"
    );
    let indefinite = [
        &[0x30, 0x80][..],
        &Parts::v4().info(),
        &Parts::v4().sign_info(),
        &[0, 0],
    ]
    .concat();
    assert!(matches!(error(&indefinite), SealError::NotDer { offset: 0, .. }), "BER");
    let mut parts = Parts::v4();
    parts.header = sequence(&[&text("EX"), &unsigned(4), &text("V")]);
    assert!(matches!(
        error(&parts.seal_v4()),
        SealError::Unexpected { what: "header.ID", .. }
    ));
    let three = sequence(&[&Parts::v4().info(), &octet_string(b"m"), &oid(SM2).unwrap()]);
    assert!(matches!(error(&three), SealError::Unexpected { what: "SESeal", .. }));
    let crossed = signature_v1(&good, &bit_string(b"180807153843Z"));
    assert!(matches!(
        parse_signature(&crossed, &limits),
        Err(SealError::Unexpected {
            what: "toSign.eseal",
            ..
        })
    ));
    let small = Limits {
        max_bytes: 10,
        ..Limits::default()
    };
    assert!(matches!(
        parse_seal(&good, &small),
        Err(SealError::TooLarge { limit: 10, .. })
    ));
    let small = Limits {
        max_picture_bytes: 2,
        ..Limits::default()
    };
    assert!(matches!(
        parse_seal(&good, &small),
        Err(SealError::TooLarge { found: 3, .. })
    ));
    let none = Limits {
        max_certificates: 0,
        ..Limits::default()
    };
    assert!(parse_seal(&good, &none).is_err());
    for (bytes, kind) in [
        (&[0x30, 6, 2, 1, 1, 2, 1, 1][..], SignedValueKind::BareSm2),
        (&[0x30, 3, 6, 1, 42], SignedValueKind::SignedData),
    ] {
        assert_eq!(
            (detect(bytes), parse_signature(bytes, &limits)),
            (kind, Err(SealError::AnotherKind { kind }))
        );
    }
}

#[test]
fn no_truncation_or_changed_byte_panics() {
    let mut parts = Parts::v4();
    parts.extensions = extension(&[1, 1, 0xff]);
    let v4 = signature_v4(
        &parts.seal_v4(),
        &time("20200101000000Z"),
        &explicit_0(&extension(&[])),
        &explicit_0(&bit_string(b"t")),
    );
    let mut parts = Parts::v1();
    parts.extensions = extension(&[]);
    let v1 = signature_v1(&parts.seal_v1(), &bit_string(b"180807153843Z"));
    let limits = Limits::default();
    for whole in [v4, v1, parts.seal_v1(), Parts::v4().seal_v4()] {
        for end in 0..whole.len() {
            assert!(parse_signature(&whole[..end], &limits).is_err() && parse_seal(&whole[..end], &limits).is_err());
        }
        let mut changed = whole.clone();
        for at in 0..whole.len() {
            for byte in 0..=u8::MAX {
                changed[at] = byte;
                detect(&changed);
                looks_like_seal(&changed);
                if let Ok(read) = parse_signature(&changed, &limits) {
                    assert_eq!(read.raw, changed);
                }
                if let Ok(read) = parse_seal(&changed, &limits) {
                    assert_eq!(read.raw, changed);
                }
            }
            changed[at] = whole[at];
        }
    }
}
