//! A quick parser for the XML that producers of OFD write, which is a small part of XML.
//!
//! It knows elements, attributes, texts and the declaration: no entities, comments, CDATA or other rarities. Whatever it is not
//! sure of it leaves to the general parser, so it never decides that a file is wrong, and what it accepts it reads as
//! the general parser does. A test holds the two side by side.

use std::borrow::Cow;

use memchr::memchr2;

use super::NAMESPACES;
use super::tree::{Attribute, Document, Entry, Kind};
use crate::Limits;

/// Parses `text`; `None` if the general parser must say what it is.
pub(super) fn parse<'a>(text: &'a str, limits: &Limits) -> Option<Document<'a>> {
    let returns = survey(text.as_bytes())?;
    let mut parser = Parser {
        text,
        returns,
        at: 0,
        limits,
        document: Document::default(),
        open: Vec::new(),
        namespaces: Vec::new(),
    };
    parser.declaration()?;
    parser.space();
    parser.elements()?;
    parser.space();
    (parser.at == text.len()).then_some(parser.document)
}

/// Tells whether there are carriage returns; `None` if there are references or characters that XML forbids.
/// All bytes of a block are looked at before one is decided upon, so that the compiler takes many at a time.
fn survey(bytes: &[u8]) -> Option<bool> {
    let mut returns = false;
    for block in bytes.chunks(256) {
        let (rare, here) = block.iter().fold((false, false), |(rare, here), byte| {
            let control = *byte < b' ' && !matches!(*byte, b'\t' | b'\n' | b'\r');
            (rare | control | (*byte == b'&'), here | (*byte == b'\r'))
        });
        if rare {
            return None;
        }
        returns |= here;
    }
    // U+FFFE and U+FFFF, beside which stand ordinary signs such as U+FFE5.
    let mut specials = memchr::memmem::find_iter(bytes, b"\xef\xbf");
    let forbidden = specials.any(|at| bytes.get(at + 2).is_some_and(|last| *last >= 0xbe));
    (!forbidden).then_some(returns)
}

struct Parser<'a, 'l> {
    text: &'a str,
    /// Whether there are carriage returns anywhere.
    returns: bool,
    at: usize,
    limits: &'l Limits,
    document: Document<'a>,
    open: Vec<Open<'a>>,
    /// Prefixes in scope, the innermost last, and whether each stands for OFD's namespace.
    namespaces: Vec<(&'a str, bool)>,
}

struct Open<'a> {
    /// With its prefix.
    name: &'a str,
    node: usize,
    /// How many namespaces were in scope around it.
    namespaces: usize,
}

impl<'a> Parser<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, mark: &str) -> Option<()> {
        let found = self.text.as_bytes().get(self.at..)?.starts_with(mark.as_bytes());
        self.at += mark.len();
        found.then_some(())
    }

    /// Skips white space and tells whether there was any.
    fn space(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.at > start
    }

    /// `<?xml version="1.0" encoding="UTF-8" standalone="no"?>`, where the last two may be absent.
    fn declaration(&mut self) -> Option<()> {
        if !self.text.starts_with("<?xml ") {
            return Some(());
        }
        self.at += "<?xml".len();
        for (index, name) in ["version", "encoding", "standalone"].iter().enumerate() {
            let start = self.at;
            if self.space() && self.text.get(self.at..)?.starts_with(name) {
                self.at += name.len();
                self.take("=")?;
                self.value()?;
            } else if index == 0 {
                return None;
            } else {
                self.at = start;
            }
        }
        self.space();
        self.take("?>")
    }

    /// The root element and all that is in it.
    fn elements(&mut self) -> Option<()> {
        loop {
            self.take("<")?;
            if self.peek()? == b'/' {
                self.at += 1;
                self.end_tag()?;
            } else {
                self.start_tag()?;
            }
            if self.open.is_empty() {
                return Some(());
            }
            if self.peek()? != b'<' {
                self.text_node()?;
            }
        }
    }

    fn text_node(&mut self) -> Option<()> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let length = memchr2(b'<', b'>', rest)?;
        // A closing bracket in a text is rare, and wrong after `]]`.
        if *rest.get(length)? == b'>' {
            return None;
        }
        self.at += length;
        let text = self.text.get(start..self.at)?;
        let text = if self.returns {
            with_line_feeds(text)
        } else {
            Cow::Borrowed(text)
        };
        self.push(Kind::Text(text))?;
        Some(())
    }

    fn push(&mut self, kind: Kind<'a>) -> Option<usize> {
        let node = self.document.nodes.len();
        // The general parser counts the document as a node, and says it when there are too many.
        if node + 2 > usize::try_from(self.limits.max_xml_nodes).ok()? {
            return None;
        }
        self.document.nodes.push(Entry { kind, end: node + 1 });
        Some(node)
    }

    fn end_tag(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        self.take(open.name)?;
        self.space();
        self.take(">")?;
        self.document.close(open.node);
        self.namespaces.truncate(open.namespaces);
        Some(())
    }

    fn start_tag(&mut self) -> Option<()> {
        let around = self.namespaces.len();
        let name = self.name()?;
        let first = self.document.attributes.len();
        let mut count = 0;
        let mut prefixed = false;
        let empty = loop {
            let spaced = self.space();
            match self.peek()? {
                b'>' => {
                    self.at += 1;
                    break false;
                }
                b'/' => {
                    self.at += 1;
                    self.take(">")?;
                    break true;
                }
                _ if !spaced => return None,
                _ => {}
            }
            count += 1;
            if count > self.limits.max_xml_attributes {
                return None;
            }
            let key = self.name()?;
            self.space();
            self.take("=")?;
            self.space();
            let value = self.value()?;
            if key.whole.starts_with("xmlns") {
                self.declare(around, key, value)?;
            } else if key.prefix.is_empty() {
                self.attribute(first, key.local, value)?;
            } else if std::mem::replace(&mut prefixed, true) {
                // Two may be one by their namespaces.
                return None;
            } else {
                self.prefix_known(key.prefix)?;
            }
        };
        // The check of an attribute's prefix needs all declarations of the element, wherever they stand.
        let ofd = match self.namespace_of(name.prefix) {
            Some(ofd) => ofd,
            None if name.prefix.is_empty() => false,
            None => return None,
        };
        let node = self.push(Kind::Element {
            name: Cow::Borrowed(name.local),
            ofd,
            attributes: first..self.document.attributes.len(),
        })?;
        if empty {
            self.namespaces.truncate(around);
            return Some(());
        }
        self.open.push(Open {
            name: name.whole,
            node,
            namespaces: around,
        });
        (self.open.len() <= self.limits.max_xml_depth).then_some(())
    }

    fn attribute(&mut self, first: usize, name: &'a str, value: &'a str) -> Option<()> {
        let own = self.document.attributes.get(first..)?;
        if own.iter().any(|other| other.name == name) {
            return None;
        }
        self.document.attributes.push(Attribute {
            name: Cow::Borrowed(name),
            value: Cow::Borrowed(value),
        });
        Some(())
    }

    /// Takes a namespace declaration: `xmlns` or `xmlns:prefix`, not of XML itself, not twice in one element.
    fn declare(&mut self, around: usize, key: Name<'a>, value: &'a str) -> Option<()> {
        let prefix = match (key.prefix, key.local) {
            ("", "xmlns") => "",
            ("xmlns", prefix) if prefix != "xml" && prefix != "xmlns" => prefix,
            _ => return None,
        };
        let own = self.namespaces.get(around..)?;
        let twice = own.iter().any(|(other, _)| *other == prefix);
        if twice || value.is_empty() || value.starts_with("http://www.w3.org/") {
            return None;
        }
        self.namespaces.push((prefix, NAMESPACES.contains(&value)));
        (self.namespaces.len() <= self.limits.max_xml_namespaces).then_some(())
    }

    fn namespace_of(&self, prefix: &str) -> Option<bool> {
        let mut inner = self.namespaces.iter().rev();
        inner.find(|(known, _)| *known == prefix).map(|(_, ofd)| *ofd)
    }

    /// Whether a prefix is declared before it is used; one that is declared later in the same tag is left to the general parser.
    fn prefix_known(&self, prefix: &str) -> Option<()> {
        self.namespace_of(prefix).map(|_| ())
    }

    fn name(&mut self) -> Option<Name<'a>> {
        let bytes = self.text.as_bytes().get(self.at..)?;
        let length = bytes.iter().position(|byte| !in_name(*byte))?;
        let whole = self.text.get(self.at..self.at + length)?;
        self.at += length;
        let (prefix, local) = match whole.split_once(':') {
            Some((prefix, local)) if starts_name(prefix) => (prefix, local),
            Some(_) => return None,
            None => ("", whole),
        };
        // The prefix `xml` needs no declaration; a second colon is an error.
        if !starts_name(local) || local.contains(':') || prefix == "xml" {
            return None;
        }
        Some(Name { whole, prefix, local })
    }

    /// A value in quotes that needs no normalising.
    fn value(&mut self) -> Option<&'a str> {
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let start = self.at + 1;
        let bytes = self.text.as_bytes().get(start..)?;
        let length = bytes
            .iter()
            .position(|byte| *byte == quote || *byte == b'<' || *byte < b' ')?;
        if *bytes.get(length)? != quote {
            return None;
        }
        self.at = start + length + 1;
        self.text.get(start..start + length)
    }
}

#[derive(Clone, Copy)]
struct Name<'a> {
    whole: &'a str,
    prefix: &'a str,
    local: &'a str,
}

/// Characters of a name, the colon included. Others than these are left to the general parser, letters beyond ASCII too.
fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.')
}

fn starts_name(name: &str) -> bool {
    let first = name.as_bytes().first();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
}

/// Ends of lines as XML gives them: one line feed each.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
