#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
use super::*;
use crate::testing::{Plan, SM2_SM3, name as dn, oid, tlv, torment};

const SM3: &str = "1.2.156.10197.1.401";

fn attribute(dotted: &str, values: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &[&oid(dotted), &tlv(0x31, values)])
}

fn content_type() -> Vec<u8> {
    attribute("1.2.840.113549.1.9.3", &[&oid(DATA)])
}

fn message_digest(byte: u8) -> Vec<u8> {
    attribute("1.2.840.113549.1.9.4", &[&tlv(4, &[&[byte; 32]])])
}

/// A message in DER; attributes in the order given.
struct Message {
    outer: &'static str,
    inner: Vec<u8>,
    content: Vec<u8>,
    certificates: Vec<u8>,
    attributes: Option<Vec<Vec<u8>>>,
    unsigned: Vec<u8>,
}

impl Message {
    fn new() -> Self {
        Message {
            outer: SIGNED_DATA,
            inner: oid(DATA),
            content: Vec::new(),
            certificates: tlv(0xa0, &[&Plan::new("leaf", "ca").der()]),
            attributes: Some(vec![content_type(), message_digest(7)]),
            unsigned: Vec::new(),
        }
    }

    fn attribute_set(&self, tag: u8) -> Vec<u8> {
        self.attributes
            .as_ref()
            .map(|list| tlv(tag, &[&list.concat()]))
            .unwrap_or_default()
    }

    fn der(&self) -> Vec<u8> {
        let algorithm = |dotted: &str| tlv(0x30, &[&oid(dotted)]);
        let id = tlv(0x30, &[&dn("CA"), &[2, 1, 5]]);
        let (digest, signing, value) = (algorithm(SM3), algorithm(SM2_SM3), tlv(4, &[&[9; 64]]));
        let signer = tlv(
            0x30,
            &[
                &[2, 1, 1],
                &id,
                &digest,
                &self.attribute_set(0xa0),
                &signing,
                &value,
                &self.unsigned,
            ],
        );
        let encapsulated = tlv(0x30, &[&self.inner, &self.content]);
        let digests = tlv(0x31, &[&digest]);
        let signed = tlv(
            0x30,
            &[
                &[2, 1, 1],
                &digests,
                &encapsulated,
                &self.certificates,
                &tlv(0x31, &[&signer]),
            ],
        );
        tlv(0x30, &[&oid(self.outer), &tlv(0xa0, &[&signed])])
    }

    fn parse(&self) -> SignedData {
        parse(&self.der(), &Limits::DEFAULT).unwrap()
    }
}

/// The same values with every constructed length indefinite and every OCTET STRING in pieces of 5 bytes.
fn to_ber(value: &Tlv<'_>, keep: &dyn Fn(&Tlv<'_>) -> bool) -> Vec<u8> {
    if keep(value) {
        return value.raw_bytes().to_vec();
    }
    let first = value.raw_bytes()[0];
    let parts: Vec<Vec<u8>> = match value.children() {
        Ok(children) => children
            .all(1000, "children")
            .unwrap()
            .iter()
            .map(|child| to_ber(child, keep))
            .collect(),
        Err(_) if value.tag == Tag::OCTET_STRING => {
            value.content_bytes().chunks(5).map(|piece| tlv(4, &[piece])).collect()
        }
        Err(_) => return value.raw_bytes().to_vec(),
    };
    [&[first | 0x20, 0x80], &parts.concat()[..], &[0, 0]].concat()
}

#[test]
fn the_dialect_follows_the_outer_type_and_odd_inner_types_are_read() {
    let mut message = Message::new();
    assert_eq!(message.parse().dialect, Dialect::Cms);
    message.outer = GBT35275_SIGNED_DATA;
    assert_eq!(
        (message.parse().dialect, message.parse().econtent_type.as_str()),
        (Dialect::Gbt35275, DATA)
    );
    message.inner = vec![6, 1, 0];
    assert_eq!(message.parse().econtent_type, "0.0");
    message.outer = "1.2.840.113549.1.7.3";
    assert_eq!(
        parse(&message.der(), &Limits::DEFAULT).unwrap_err(),
        CmsError::NotSignedData("1.2.840.113549.1.7.3".to_owned())
    );
}

#[test]
fn the_signer_is_found_by_issuer_and_serial_number_unless_two_fit() {
    let mut message = Message::new();
    let leaf = Plan::new("leaf", "ca").certificate();
    let parsed = message.parse();
    assert_eq!(
        parsed.signer_certificate(&parsed.signers[0]),
        Some(&leaf),
        "names compare without case"
    );
    message.certificates = tlv(0xa0, &[leaf.raw(), leaf.raw(), &[0x30, 0]]);
    let repeated = message.parse();
    assert_eq!(repeated.signer_certificate(&repeated.signers[0]), Some(&leaf));
    assert_eq!((repeated.certificates.len(), repeated.unreadable_certificates), (2, 1));
    message.certificates = tlv(0xa0, &[leaf.raw(), &Plan::new("rival", "ca").der()]);
    let ambiguous = message.parse();
    assert_eq!(ambiguous.signer_certificate(&ambiguous.signers[0]), None);
}

#[test]
fn signed_attributes_keep_the_file_order_and_offer_the_sorted_one() {
    let mut message = Message::new();
    let sorted = message.attribute_set(0x31);
    let attributes = message.parse().signers[0].signed_attributes.clone().unwrap();
    assert_eq!((&attributes.set_bytes, &attributes.sorted_set_bytes), (&sorted, &None));
    assert_eq!(attributes.content_type.as_deref(), Some(DATA));
    assert_eq!(attributes.message_digest, Some(vec![7; 32]));
    message.attributes.as_mut().unwrap().reverse();
    let reversed = message.parse().signers[0].signed_attributes.clone().unwrap();
    assert_eq!(reversed.set_bytes, message.attribute_set(0x31));
    assert_eq!(reversed.sorted_set_bytes, Some(sorted));
    assert_eq!(reversed.content, message.attributes.unwrap().concat());
}

#[test]
fn repeated_and_many_valued_attributes_are_flagged_and_count_for_nothing() {
    let mut message = Message::new();
    message.attributes = Some(vec![content_type(), message_digest(7), message_digest(8)]);
    let twice = message.parse().signers[0].signed_attributes.clone().unwrap();
    assert!(twice.duplicates && twice.message_digest.is_none() && twice.content_type.is_some());
    assert_eq!(twice.other.len(), 2);
    let two_values: [&[u8]; 2] = [&tlv(4, &[&[7; 32]]), &tlv(4, &[&[8; 32]])];
    for values in [&two_values[..], &[]] {
        message.attributes = Some(vec![attribute("1.2.840.113549.1.9.4", values)]);
        let odd = message.parse().signers[0].signed_attributes.clone().unwrap();
        assert!(odd.duplicates && odd.message_digest.is_none());
    }
}

#[test]
fn times_certificate_hashes_and_other_attributes() {
    let v2_default = tlv(0x30, &[&tlv(4, &[&[1; 32]]), &tlv(0x30, &[])]);
    let v2_sm3 = tlv(0x30, &[&tlv(0x30, &[&oid(SM3)]), &tlv(4, &[&[2; 32]])]);
    let v2 = tlv(0x30, &[&tlv(0x30, &[&v2_default, &v2_sm3])]);
    let v1 = tlv(0x30, &[&tlv(0x30, &[&tlv(0x30, &[&tlv(4, &[&[3; 20]])])])]);
    let mut message = Message::new();
    message.attributes = Some(vec![
        attribute("1.2.840.113549.1.9.5", &[&tlv(0x17, &[b"700101000001Z"])]),
        attribute("1.2.840.113549.1.9.16.2.47", &[&v2]),
        attribute("1.2.840.113549.1.9.16.2.12", &[&v1]),
        attribute("1.2.3.4", &[&[5, 0]]),
        attribute("1.2.840.113549.1.9.4", &[&[5, 0]]),
    ]);
    let attributes = message.parse().signers[0].signed_attributes.clone().unwrap();
    assert_eq!(attributes.signing_time, Some(1));
    let hashes: Vec<(&str, usize)> = attributes
        .signing_certificate
        .iter()
        .map(|hash| (hash.algorithm.as_str(), hash.hash.len()))
        .collect();
    assert_eq!(
        hashes,
        [("2.16.840.1.101.3.4.2.1", 32), (SM3, 32), ("1.3.14.3.2.26", 20)]
    );
    assert_eq!(attributes.other[0], ("1.2.3.4".to_owned(), vec![5, 0]));
    assert_eq!(
        attributes.other[1].0, "1.2.840.113549.1.9.4",
        "a malformed digest is not understood"
    );
    assert!(attributes.message_digest.is_none() && !attributes.duplicates);
}

#[test]
fn time_stamps_are_told_from_other_unsigned_attributes() {
    let mut message = Message::new();
    message.unsigned = tlv(
        0xa1,
        &[
            &attribute("1.2.3.4", &[&[5, 0]]),
            &attribute(signer::TIME_STAMP_TOKEN, &[&[0x30, 0]]),
        ],
    );
    let parsed = message.parse();
    assert_eq!(parsed.signers[0].unsigned, [("1.2.3.4".to_owned(), vec![5, 0])]);
    assert_eq!(parsed.signers[0].timestamps, [vec![0x30, 0]]);
}

#[test]
fn zero_padding_is_measured_and_other_bytes_are_refused() {
    let der = Message::new().der();
    let padded = [&der[..], &[0; 100]].concat();
    assert_eq!(parse(&padded, &Limits::DEFAULT).unwrap().used, der.len());
    let surplus = [&padded[..], &[1]].concat();
    assert_eq!(
        parse(&surplus, &Limits::DEFAULT).unwrap_err(),
        CmsError::Trailing {
            offset: der.len() + 100
        }
    );
}

#[test]
fn ber_gives_the_same_content_and_the_same_signed_bytes() {
    let mut message = Message::new();
    message.content = tlv(0xa0, &[&tlv(4, &[b"twelve bytes"])]);
    message.attributes.as_mut().unwrap().reverse();
    let der = message.der();
    let plain = parse(&der, &Limits::DEFAULT).unwrap();
    assert!(!plain.ber);
    let whole = Reader::new(&der).read("message").unwrap();
    // The certificate and each attribute stay DER, as their signers made them; all around them becomes BER.
    let inside = |value: &Tlv<'_>| {
        value.raw_bytes() == plain.certificates[0].raw()
            || message
                .attributes
                .as_ref()
                .unwrap()
                .iter()
                .any(|attribute| attribute == value.raw_bytes())
    };
    let ber = to_ber(&whole, &inside);
    let parsed = parse(&[&ber[..], &[0; 10]].concat(), &Limits::DEFAULT).unwrap();
    assert!(parsed.ber);
    assert_eq!(parsed.used, ber.len());
    assert_eq!(parsed.econtent.as_deref(), Some(&b"twelve bytes"[..]));
    assert_eq!(parsed.certificates, plain.certificates);
    assert_eq!(parsed.signers[0].signed_attributes, plain.signers[0].signed_attributes);
    assert_eq!(parsed.signers[0].signature, plain.signers[0].signature);
    torment(&ber, 20_000, |bytes| drop(parse(bytes, &Limits::DEFAULT)));
    torment(&der, 20_000, |bytes| drop(parse(bytes, &Limits::DEFAULT)));
}

#[test]
fn content_of_another_type_is_its_contents_octets() {
    let mut message = Message::new();
    message.content = tlv(0xa0, &[&tlv(0x30, &[&[5, 0]])]);
    assert_eq!(message.parse().econtent, Some(vec![5, 0]));
}

#[test]
fn limits_hold() {
    let mut message = Message::new();
    message.attributes = Some(vec![content_type(); 65]);
    assert!(matches!(
        parse(&message.der(), &Limits::DEFAULT),
        Err(CmsError::Structure(TlvError::TooMany { limit: 64, .. }))
    ));
    message.attributes = None;
    message.certificates = tlv(0xa0, &[&[0x30, 0].repeat(65)]);
    assert!(matches!(
        parse(&message.der(), &Limits::DEFAULT),
        Err(CmsError::Structure(TlvError::TooMany { limit: 64, .. }))
    ));
    let small = Limits {
        max_cms_bytes: 10,
        ..Limits::DEFAULT
    };
    assert!(matches!(
        parse(&message.der(), &small),
        Err(CmsError::TooLarge { limit: 10, .. })
    ));
}

#[test]
fn long_attributes_get_a_long_der_length() {
    for length in [100usize, 200, 300, 70_000] {
        let mut message = Message::new();
        message.attributes = Some(vec![attribute("1.2.3.4", &[&tlv(4, &[&vec![1; length]])])]);
        assert_eq!(
            message.parse().signers[0].signed_attributes.as_ref().unwrap().set_bytes,
            message.attribute_set(0x31)
        );
    }
}
