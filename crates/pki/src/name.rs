//! Distinguished names: as text, by attribute, and compared.
//!
//! ```asn1
//! -- RFC 5280 4.1.2.4
//! Name ::= CHOICE { rdnSequence  RDNSequence }
//! RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
//! RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
//! AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }
//! ```
//!
//! Every function takes the raw Name, a DER SEQUENCE, as certificates and CRLs keep it.

use crate::tlv::{Reader, Tag, Tlv, TlvError};

/// commonName.
pub const COMMON_NAME: &str = "2.5.4.3";
/// organizationName.
pub const ORGANIZATION: &str = "2.5.4.10";

/// A name has at most this many RDNs, and an RDN this many attributes.
const MAX_PARTS: usize = 64;

/// Whether two names are the same.
///
/// Equal bytes are. Otherwise RFC 5280 7.1, lightly: the same number of RDNs, in each the same attributes, whose values are compared
/// without regard to string type, case, and leading, trailing or repeated white space. Case is folded character by character;
/// Unicode normalisation (RFC 4518) is not done. Values that are no text compare byte by byte, and a malformed name equals only itself.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    match (comparable(a), comparable(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// A name in the form in which names are compared, for maps: two keys are equal exactly when [`equal`] says that the names are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(Result<Vec<Vec<(String, Value)>>, Vec<u8>>);

impl Key {
    /// The key of a name; that of a malformed one holds its bytes.
    pub fn of(name: &[u8]) -> Self {
        Self(comparable(name).map_err(|_| name.to_vec()))
    }
}

/// The name as text, last RDN first (RFC 4514): `CN=…,O=…,C=CN`. Characters that would mislead a reader (separators, controls,
/// direction marks) are escaped. A malformed name gives an empty text.
pub fn text(name: &[u8]) -> String {
    let Ok(rdns) = parse(name) else { return String::new() };
    let rdn_text = |rdn: &Vec<Attribute<'_>>| {
        let parts: Vec<String> = rdn
            .iter()
            .map(|part| format!("{}={}", short_name(&part.kind), escape(&part.text())))
            .collect();
        parts.join("+")
    };
    let parts: Vec<String> = rdns.iter().rev().map(rdn_text).collect();
    parts.join(",")
}

/// The value of the last attribute of this type (dotted OID): the most specific one.
pub fn attribute(name: &[u8], kind: &str) -> Option<String> {
    let rdns = parse(name).ok()?;
    rdns.iter()
        .rev()
        .flatten()
        .find(|part| part.kind == kind)
        .map(Attribute::text)
}

/// Checks that the bytes are a well-formed name.
pub(crate) fn check(name: &[u8]) -> Result<(), TlvError> {
    parse(name).map(|_| ())
}

struct Attribute<'a> {
    kind: String,
    value: Tlv<'a>,
}

impl Attribute<'_> {
    fn text(&self) -> String {
        match self.value.text() {
            Ok(text) => text,
            Err(_) => self
                .value
                .raw_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }
}

fn parse(name: &[u8]) -> Result<Vec<Vec<Attribute<'_>>>, TlvError> {
    let mut reader = Reader::new(name);
    let sequence = reader.expect(Tag::SEQUENCE, "Name")?;
    reader.finish("Name")?;
    let mut rdns = Vec::new();
    for rdn in sequence.children()?.all(MAX_PARTS, "RDNs of a name")? {
        if rdn.tag != Tag::SET {
            return Err(rdn.bad("RelativeDistinguishedName"));
        }
        let mut attributes = Vec::new();
        for part in rdn.children()?.all(MAX_PARTS, "attributes of an RDN")? {
            if part.tag != Tag::SEQUENCE {
                return Err(part.bad("AttributeTypeAndValue"));
            }
            let mut fields = part.children()?;
            let kind = fields.expect(Tag::OBJECT_IDENTIFIER, "attribute type")?.oid()?;
            let value = fields.read("attribute value")?;
            fields.finish("AttributeTypeAndValue")?;
            attributes.push(Attribute { kind, value });
        }
        rdns.push(attributes);
    }
    Ok(rdns)
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Text(String),
    Raw(Vec<u8>),
}

fn comparable(name: &[u8]) -> Result<Vec<Vec<(String, Value)>>, TlvError> {
    let sorted = |rdn: Vec<Attribute<'_>>| {
        let mut parts: Vec<_> = rdn.into_iter().map(|part| (part.kind, fold(&part.value))).collect();
        parts.sort();
        parts
    };
    Ok(parse(name)?.into_iter().map(sorted).collect())
}

fn fold(value: &Tlv<'_>) -> Value {
    match value.text() {
        Ok(text) if is_string(value.tag) && !text.contains(char::REPLACEMENT_CHARACTER) => {
            Value::Text(text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "))
        }
        _ => Value::Raw(value.raw_bytes().to_vec()),
    }
}

fn is_string(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::UTF8_STRING
            | Tag::PRINTABLE_STRING
            | Tag::IA5_STRING
            | Tag::TELETEX_STRING
            | Tag::BMP_STRING
            | Tag::UNIVERSAL_STRING
            | Tag::NUMERIC_STRING
            | Tag::VISIBLE_STRING
    )
}

/// Names of RFC 4514 section 3 and the usual ones beyond; other types show as their OID.
fn short_name(kind: &str) -> &str {
    match kind {
        COMMON_NAME => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "serialNumber",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "street",
        ORGANIZATION => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "title",
        "2.5.4.42" => "GN",
        "2.5.4.97" => "organizationIdentifier",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        "1.2.840.113549.1.9.1" => "emailAddress",
        other => other,
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        let misleading = character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let outer_space = character == ' ' && (index == 0 || index == last);
        if misleading {
            let mut utf8 = [0; 4];
            for byte in character.encode_utf8(&mut utf8).bytes() {
                escaped.push_str(&format!("\\{byte:02X}"));
            }
            continue;
        }
        if matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';')
            || outer_space
            || (character == '#' && index == 0)
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
    use super::*;

    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, content.len() as u8], content].concat()
    }

    fn rdn(kind: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        wrap(0x31, &wrap(0x30, &[wrap(6, kind), wrap(tag, value)].concat()))
    }

    const C: &[u8] = &[0x55, 4, 6];
    const CN: &[u8] = &[0x55, 4, 3];

    #[test]
    fn string_type_case_and_space_do_not_matter_but_order_does() {
        let printable = wrap(0x30, &[rdn(C, 0x13, b"CN"), rdn(CN, 0x13, b"Test  Root ")].concat());
        let utf8 = wrap(0x30, &[rdn(C, 0x0c, b"cn"), rdn(CN, 0x0c, b"test root")].concat());
        let swapped = wrap(0x30, &[rdn(CN, 0x0c, b"test root"), rdn(C, 0x0c, b"cn")].concat());
        let joined = wrap(0x30, &[rdn(C, 0x0c, b"cn"), rdn(CN, 0x0c, b"testroot")].concat());
        assert!(equal(&printable, &utf8));
        assert!(!equal(&utf8, &swapped));
        assert!(!equal(&utf8, &joined));
    }

    #[test]
    fn keys_are_equal_exactly_when_names_are() {
        let names = [
            wrap(0x30, &rdn(CN, 0x13, b"Test  Root ")),
            wrap(0x30, &rdn(CN, 0x0c, b"test root")),
            wrap(0x30, &rdn(CN, 0x0c, b"testroot")),
            wrap(0x30, &rdn(C, 0x0c, b"test root")),
            wrap(0x30, &rdn(CN, 0x0c, &[0xff])),
            wrap(0x30, &rdn(CN, 0x0c, &[0xfe])),
            vec![0xff],
            vec![0xfe],
            Vec::new(),
        ];
        for a in &names {
            for b in &names {
                assert_eq!(Key::of(a) == Key::of(b), equal(a, b), "{a:02x?} {b:02x?}");
            }
        }
    }

    #[test]
    fn attributes_of_one_rdn_are_a_set() {
        let pair = |a: &[u8], b: &[u8]| wrap(0x30, &wrap(0x31, &[a, b].concat()));
        let part = |kind, value| wrap(0x30, &[wrap(6, kind), wrap(0x0c, value)].concat());
        let (a, b) = (part(C, b"CN".as_slice()), part(CN, b"x".as_slice()));
        assert!(equal(&pair(&a, &b), &pair(&b, &a)));
        assert_eq!(text(&pair(&a, &b)), "C=CN+CN=x");
    }

    #[test]
    fn undecodable_values_equal_only_themselves() {
        let one = wrap(0x30, &rdn(CN, 0x0c, &[0xff]));
        let other = wrap(0x30, &rdn(CN, 0x0c, &[0xfe]));
        assert!(equal(&one, &one));
        assert!(!equal(&one, &other));
        assert!(equal(&[0xff], &[0xff]));
        assert!(!equal(&[0xff], &[0xfe]));
    }

    #[test]
    fn text_cannot_mislead() {
        let name = wrap(
            0x30,
            &[rdn(C, 0x13, b"CN"), rdn(CN, 0x0c, "a,O=b\n\u{202e}".as_bytes())].concat(),
        );
        assert_eq!(text(&name), "CN=a\\,O=b\\0A\\E2\\80\\AE,C=CN");
        assert_eq!(attribute(&name, COMMON_NAME).unwrap(), "a,O=b\n\u{202e}");
        assert_eq!(attribute(&name, ORGANIZATION), None);
    }
}
