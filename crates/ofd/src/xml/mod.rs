//! Guarded XML: what is refused before parsing, and how elements are found afterwards.

mod plain;
#[cfg(any(test, feature = "side-by-side"))]
pub mod side_by_side;
mod tree;

use roxmltree::ParsingOptions;
pub(crate) use tree::{Document, Node};

use crate::deviation::{self, Deviation, Kind};
use crate::{Limits, XmlFault};

/// The namespace of GB/T 33190-2016, and the one that older producers write.
pub(crate) const NAMESPACES: [&str; 2] = ["http://www.ofdspec.org/2016", "http://www.ofdspec.org"];

/// Parses `bytes` after checking size, encoding, declarations and depth; tells whether a byte order mark was there.
pub(crate) fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Document<'a>, bool), XmlFault> {
    parse_to(usize::MAX, bytes, limits)
}

/// The same, but what lies deeper than `depth` need not be kept, the root element being at 1. It is checked all the same.
pub(crate) fn parse_to<'a>(depth: usize, bytes: &'a [u8], limits: &Limits) -> Result<(Document<'a>, bool), XmlFault> {
    let (text, marked) = guarded(bytes, limits)?;
    let document = match plain::parse(text, depth, limits) {
        Some(document) => document,
        None => Document::from_general(&general(text, limits)?),
    };
    Ok((document, marked))
}

/// The same with the places of elements in the text, which writers need.
pub(crate) fn parse_placed<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(roxmltree::Document<'a>, bool), XmlFault> {
    let (text, marked) = guarded(bytes, limits)?;
    Ok((general(text, limits)?, marked))
}

fn guarded<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(&'a str, bool), XmlFault> {
    if bytes.len() > limits.max_xml_bytes {
        return Err(XmlFault::TooLarge {
            found: bytes.len(),
            limit: limits.max_xml_bytes,
        });
    }
    let (text, marked) = decode(bytes)?;
    refuse_declared_encoding(text)?;
    Ok((text, marked))
}

/// The parser for all of XML, and the one that says what is wrong with a file.
fn general<'a>(text: &'a str, limits: &Limits) -> Result<roxmltree::Document<'a>, XmlFault> {
    refuse_costly(text, limits)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: limits.max_xml_nodes,
        ..ParsingOptions::default()
    };
    match roxmltree::Document::parse_with_options(text, options) {
        Ok(tree) => Ok(tree),
        Err(roxmltree::Error::DtdDetected) => Err(XmlFault::Dtd),
        Err(error) => Err(XmlFault::Malformed(error.to_string())),
    }
}

fn decode(bytes: &[u8]) -> Result<(&str, bool), XmlFault> {
    let wide = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => Some("UTF-16LE"),
        [0xfe, 0xff, ..] | [0, b'<', ..] => Some("UTF-16BE"),
        [0, 0, ..] => Some("UTF-32"),
        _ => None,
    };
    if let Some(name) = wide {
        return Err(XmlFault::Encoding(name.to_owned()));
    }
    let (bytes, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text, marked)),
        Err(_) => Err(XmlFault::Encoding("not UTF-8".to_owned())),
    }
}

fn refuse_declared_encoding(text: &str) -> Result<(), XmlFault> {
    let Some(declaration) = text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map(|(d, _)| d)
    else {
        return Ok(());
    };
    let Some((_, rest)) = declaration.split_once("encoding") else {
        return Ok(());
    };
    let value = rest.trim_start().trim_start_matches('=').trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let name = quote.and_then(|q| value.get(1..)?.split(q).next()).unwrap_or(value);
    if name.eq_ignore_ascii_case("utf-8") {
        Ok(())
    } else {
        Err(XmlFault::Encoding(name.to_owned()))
    }
}

/// Walks over the tags without building anything: what would make the parser slow is known before it starts.
fn refuse_costly(text: &str, limits: &Limits) -> Result<(), XmlFault> {
    // Namespace declarations of each open element, and their sum.
    let mut open: Vec<usize> = Vec::new();
    let mut in_scope = 0usize;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at..).unwrap_or_default();
        let skipped = if rest.starts_with("<!--") {
            after(rest, 4, "-->")
        } else if rest.starts_with("<![CDATA[") {
            after(rest, 9, "]]>")
        } else if rest.starts_with("<?") {
            after(rest, 2, "?>")
        } else if rest.starts_with("<!") {
            return Err(XmlFault::Dtd);
        } else if rest.starts_with("</") {
            in_scope -= open.pop().unwrap_or(0).min(in_scope);
            after(rest, 2, ">")
        } else {
            let tag = start_tag(rest, limits.max_xml_attributes);
            if tag.attributes > limits.max_xml_attributes {
                return Err(XmlFault::TooMany {
                    what: "attributes",
                    limit: limits.max_xml_attributes,
                });
            }
            if in_scope + tag.namespaces > limits.max_xml_namespaces {
                return Err(XmlFault::TooMany {
                    what: "namespaces",
                    limit: limits.max_xml_namespaces,
                });
            }
            if !tag.empty {
                open.push(tag.namespaces);
                in_scope += tag.namespaces;
            }
            tag.tail
        };
        if open.len() > limits.max_xml_depth {
            return Err(XmlFault::TooDeep {
                limit: limits.max_xml_depth,
            });
        }
        let Some(tail) = skipped else { return Ok(()) };
        rest = tail;
    }
    Ok(())
}

fn after<'a>(text: &'a str, from: usize, mark: &str) -> Option<&'a str> {
    text.get(from..)?.split_once(mark).map(|(_, tail)| tail)
}

struct StartTag<'a> {
    /// What follows it; absent if it does not end.
    tail: Option<&'a str>,
    empty: bool,
    attributes: usize,
    namespaces: usize,
}

fn start_tag(text: &str, limit: usize) -> StartTag<'_> {
    let mut tag = StartTag {
        tail: None,
        empty: false,
        attributes: 0,
        namespaces: 0,
    };
    let mut quote = None;
    let mut last = '<';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '=' => {
                    tag.attributes += 1;
                    if tag.attributes > limit {
                        return tag;
                    }
                    let name = text.get(..at).unwrap_or_default().trim_end();
                    let start = name
                        .rfind([' ', '\t', '\r', '\n', '"', '\''])
                        .map_or(0, |space| space + 1);
                    let declares = name.get(start..).is_some_and(|name| name.starts_with("xmlns"));
                    tag.namespaces += usize::from(declares);
                }
                '>' => {
                    tag.tail = text.get(at + 1..);
                    tag.empty = last == '/';
                    return tag;
                }
                _ => {}
            },
        }
        last = c;
    }
    tag
}

/// Tells whether `node` is the OFD element `name`.
pub(crate) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_ofd() && node.name() == name
}

/// The same of a node with its place.
pub(crate) fn is_placed(node: roxmltree::Node<'_, '_>, name: &str) -> bool {
    let tag = node.tag_name();
    node.is_element() && tag.name() == name && tag.namespace().is_some_and(|ns| NAMESPACES.contains(&ns))
}

/// Lists the children of `node` that are OFD elements `name`.
pub(crate) fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, name))
}

/// Finds elements and texts that matter, and notes what makes them ambiguous.
pub(crate) struct Scope<'p> {
    pub(crate) entry: &'p str,
    pub(crate) deviations: &'p mut Vec<Deviation>,
}

impl Scope<'_> {
    pub(crate) fn note(&mut self, kind: Kind, detail: impl Into<String>) {
        self.deviations.push(Deviation::new(kind, self.entry, detail));
    }

    /// Finds the child that must be single.
    pub(crate) fn one<'a, 'i>(&mut self, node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
        let mut found = children(node, name);
        let first = found.next();
        if found.next().is_some() {
            self.note(deviation::DUPLICATE_ELEMENT, name);
        }
        self.refuse_foreign(node, name);
        first
    }

    /// Finds all children of a name that other namespaces must not use here.
    pub(crate) fn all<'a, 'i>(&mut self, node: Node<'a, 'i>, name: &'static str) -> Vec<Node<'a, 'i>> {
        self.refuse_foreign(node, name);
        children(node, name).collect()
    }

    fn refuse_foreign(&mut self, node: Node<'_, '_>, name: &'static str) {
        let foreign = |c: &Node<'_, '_>| c.is_element() && c.name() == name && !c.is_ofd();
        if node.children().any(|c| foreign(&c)) {
            self.note(deviation::FOREIGN_NAMESPACE, name);
        }
    }

    /// Gives the text of an element that holds nothing else, without the white space around it.
    pub(crate) fn text(&mut self, node: Node<'_, '_>) -> String {
        if node.children().any(|child| child.text().is_none()) {
            self.note(deviation::SPLIT_TEXT, node.name());
        }
        let text: String = node.children().filter_map(Node::text).collect();
        text.trim_matches([' ', '\t', '\r', '\n']).to_owned()
    }

    /// Gives the text of the child that must be single.
    pub(crate) fn text_of(&mut self, node: Node<'_, '_>, name: &'static str) -> Option<String> {
        let child = self.one(node, name)?;
        Some(self.text(child))
    }
}

/// Reads a box `x y w h` in mm.
pub(crate) fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut values = [0.0; N];
    let mut words = text.split_ascii_whitespace();
    for value in &mut values {
        *value = words.next()?.parse::<f64>().ok().filter(|v| v.is_finite())?;
    }
    words.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::side_by_side::agree;
    use super::*;

    fn fault(bytes: &[u8]) -> XmlFault {
        parse(
            bytes,
            &Limits {
                max_xml_depth: 8,
                max_xml_bytes: 4096,
                ..Limits::default()
            },
        )
        .unwrap_err()
    }

    #[test]
    fn dangerous_xml_is_refused_before_it_is_parsed() {
        assert_eq!(fault(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), XmlFault::Dtd);
        assert_eq!(fault(b"\xff\xfe<\0a\0/\0>\0"), XmlFault::Encoding("UTF-16LE".into()));
        assert_eq!(
            fault(b"<?xml version='1.0' encoding='GBK'?><a/>"),
            XmlFault::Encoding("GBK".into())
        );
        assert_eq!(fault(b"<a>\xff</a>"), XmlFault::Encoding("not UTF-8".into()));
        assert_eq!(fault("<a>".repeat(9).as_bytes()), XmlFault::TooDeep { limit: 8 });
        assert_eq!(
            fault(&[b' '; 5000]),
            XmlFault::TooLarge {
                found: 5000,
                limit: 4096
            }
        );
        assert!(matches!(fault(b"<a b='>' c='1' c='2'/>"), XmlFault::Malformed(_)));
        assert!(
            parse(
                b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><a b='/>'/>",
                &Limits::default()
            )
            .unwrap()
            .1
        );
    }

    #[test]
    fn elements_that_would_slow_the_parser_are_refused() {
        let attributes: String = (0..200).map(|i| format!(" a{i}='x'")).collect();
        let expected = XmlFault::TooMany {
            what: "attributes",
            limit: 128,
        };
        assert_eq!(fault(format!("<a{attributes}/>").as_bytes()), expected);
        let expected = XmlFault::TooMany {
            what: "namespaces",
            limit: 32,
        };
        let nested: String = (0..7)
            .map(|i| format!("<a{}>", format!(" xmlns:n{i}\n= 'x'").repeat(6)))
            .collect();
        assert_eq!(fault(nested.as_bytes()), expected);
        let beside = format!("<a>{}</a>", "<b xmlns:c='x' xmlns='y'><d/></b>".repeat(100));
        assert!(parse(beside.as_bytes(), &Limits::default()).is_ok());
    }

    const PRODUCED: &str = "<?xml version=\"1.0\" encoding='UTF-8' standalone=\"yes\" ?>\r\n\
        <ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\" xmlns='urn:x' xmlns:x=\"urn:x\">\n\
        <ofd:Area\t><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:Area >\r\n<ofd:Content>\
        <ofd:Layer ID=\"2\" Type='Body' x:ID=\"3\" note=\"说明 > ￥\"><Text xmlns=\"http://www.ofdspec.org\" a = 'b\"'>\
        营业执照\r编号\r\n</Text><x:Empty/><y/></ofd:Layer></ofd:Content></ofd:Page>\n";

    #[test]
    fn the_quick_parser_reads_what_producers_write() {
        assert!(agree(PRODUCED));
        assert!(agree("<a/>"));
        assert!(agree("<a b='1'>x<c/>y</a>"));
    }

    #[test]
    fn the_quick_parser_leaves_rarities_to_the_general_one() {
        for text in [
            "",
            "<",
            "<a",
            "<a>",
            "<a></b>",
            "<a></a",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a b='1' b='2'/>",
            "<a b='1'c='2'/>",
            "<a b=1/>",
            "<a b='<'/>",
            "<a b='x\ny'/>",
            "<a b='&amp;'/>",
            "<a>&amp;</a>",
            "<a>]]></a>",
            "<a>\u{1}</a>",
            "<a>\u{ffff}</a>",
            "<a><![CDATA[x]]></a>",
            "<a><!-- x --></a>",
            "<a><?x y?></a>",
            "<!-- x --><a/>",
            "<p:a/>",
            "<a p:b='1'/>",
            "<a p:b='1' q:b='2' xmlns:p='u' xmlns:q='u'/>",
            "<a xmlns=''/>",
            "<a xmlns='u' xmlns='v'/>",
            "<a xmlns:p='u' xmlns:p='v'/>",
            "<a xmlns:xml='u'/>",
            "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
            "<xmlns:a xmlns:xmlns='u'/>",
            "<a xml:lang='zh'/>",
            "<a:b:c xmlns:a='u'/>",
            "<:a/>",
            "<1/>",
            "<名/>",
            "<a xmlnsx='1'/>",
            "<?xml encoding='UTF-8'?><a/>",
            "<?xml version='1.0'encoding='UTF-8'?><a/>",
        ] {
            assert!(!agree(text), "{text}");
        }
    }

    #[test]
    fn both_parsers_agree_on_every_small_change() {
        let mut accepted = 0;
        for at in 0..=PRODUCED.len() {
            let Some((head, tail)) = PRODUCED.split_at_checked(at) else {
                continue;
            };
            let shorter: String = tail.chars().skip(1).collect();
            accepted += usize::from(agree(&format!("{head}{shorter}")));
            for put in [
                "<", ">", "/", "=", "\"", "'", " ", "\r", "\n", ":", "&", "x", "]]>", "<b/>", "<?", "!",
            ] {
                accepted += usize::from(agree(&format!("{head}{put}{tail}")));
                accepted += usize::from(agree(&format!("{head}{put}{shorter}")));
            }
        }
        assert!(accepted > 1000, "{accepted}");
    }

    #[test]
    fn depth_counts_open_elements_only() {
        let wide = format!("<a>{}</a>", "<b x='!>'/><!-- <c> --><![CDATA[<d>]]>".repeat(40));
        assert!(
            parse(
                wide.as_bytes(),
                &Limits {
                    max_xml_depth: 2,
                    ..Limits::default()
                }
            )
            .is_ok()
        );
    }
}
