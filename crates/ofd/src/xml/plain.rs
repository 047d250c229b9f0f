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

/// Parses `text` and keeps the nodes down to `depth`, the root element being at 1; `None` if the general parser must say what it is.
pub(super) fn parse<'a>(text: &'a str, depth: usize, limits: &Limits) -> Option<Document<'a>> {
    let found = survey(text.as_bytes())?;
    let mut document = Document::default();
    document.nodes.reserve(found.tags.min(MAX_RESERVED));
    let mut parser = Parser {
        text,
        returns: found.returns,
        at: 0,
        limits,
        depth,
        count: 0,
        document,
        open: Vec::new(),
        namespaces: Vec::new(),
    };
    parser.declaration()?;
    parser.space();
    parser.elements()?;
    parser.space();
    (parser.at == text.len()).then_some(parser.document)
}

/// Nodes that room is made for at once; beyond it, it grows.
const MAX_RESERVED: usize = 1024;

/// What a look at all bytes shows.
struct Survey {
    /// Whether there are carriage returns.
    returns: bool,
    /// How many `<` there are: more than elements, and about as many as nodes.
    tags: usize,
}

/// Looks for what matters everywhere; `None` if there are references or characters that XML forbids. All bytes of a block are
/// looked at before one is decided upon, so that the compiler takes many at a time.
fn survey(bytes: &[u8]) -> Option<Survey> {
    let mut found = Survey {
        returns: false,
        tags: 0,
    };
    for block in bytes.chunks(128) {
        let (mut rare, mut returns, mut tags) = (false, false, 0_u8);
        for byte in block {
            let control = *byte < b' ' && !matches!(*byte, b'\t' | b'\n' | b'\r');
            rare |= control | (*byte == b'&');
            returns |= *byte == b'\r';
            tags += u8::from(*byte == b'<');
        }
        if rare {
            return None;
        }
        found.returns |= returns;
        found.tags += usize::from(tags);
    }
    // U+FFFE and U+FFFF, beside which stand ordinary signs such as U+FFE5.
    let mut specials = memchr::memmem::find_iter(bytes, b"\xef\xbf");
    let forbidden = specials.any(|at| bytes.get(at + 2).is_some_and(|last| *last >= 0xbe));
    (!forbidden).then_some(found)
}

struct Parser<'a, 'l> {
    text: &'a str,
    /// Whether there are carriage returns anywhere.
    returns: bool,
    at: usize,
    limits: &'l Limits,
    /// Nodes below it are checked and not kept.
    depth: usize,
    /// How many nodes there were.
    count: usize,
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

    /// Whether a node that stands here is kept.
    fn keeps(&self) -> bool {
        self.open.len() < self.depth
    }

    /// Takes a node and gives its place, or the place of the next one if it is not kept.
    fn push(&mut self, kind: Kind<'a>) -> Option<usize> {
        let node = self.document.nodes.len();
        self.count += 1;
        // The general parser counts the document as a node, and says it when there are too many.
        if self.count + 1 > usize::try_from(self.limits.max_xml_nodes).ok()? {
            return None;
        }
        if self.keeps() {
            self.document.nodes.push(Entry { kind, end: node + 1 });
        }
        Some(node)
    }

    fn end_tag(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        self.take(open.name)?;
        self.space();
        self.take(">")?;
        if self.keeps() {
            self.document.close(open.node);
        }
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
        if !self.keeps() {
            self.document.attributes.truncate(first);
        }
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
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut colon = None;
        let end = loop {
            match CLASSES[usize::from(*bytes.get(self.at)?)] {
                Class::Other => break self.at,
                Class::Colon if colon.is_none() => colon = Some(self.at),
                Class::Colon => return None,
                Class::Start | Class::Inner => {}
            }
            self.at += 1;
        };
        let starts = |at: usize| {
            let first = bytes.get(at).filter(|_| at < end);
            first.is_some_and(|byte| CLASSES[usize::from(*byte)] == Class::Start)
        };
        let whole = self.text.get(start..end)?;
        let (prefix, local) = match colon {
            Some(colon) if starts(start) && starts(colon + 1) => {
                (self.text.get(start..colon)?, self.text.get(colon + 1..end)?)
            }
            None if starts(start) => ("", whole),
            _ => return None,
        };
        // The prefix `xml` needs no declaration.
        (prefix != "xml").then_some(Name { whole, prefix, local })
    }

    /// A value in quotes that needs no normalising.
    fn value(&mut self) -> Option<&'a str> {
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let start = self.at + 1;
        let bytes = self.text.as_bytes().get(start..)?;
        let length = memchr2(quote, b'<', bytes)?;
        let sound = *bytes.get(length)? == quote && bytes.get(..length)?.iter().all(|byte| *byte >= b' ');
        if !sound {
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

/// What a byte is to a name. Letters beyond ASCII are left to the general parser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter or `_`, with which a name may begin.
    Start,
    /// A digit, `-` or `.`.
    Inner,
    Colon,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Class::Start,
            b'0'..=b'9' | b'-' | b'.' => Class::Inner,
            b':' => Class::Colon,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
};

/// Ends of lines as XML gives them: one line feed each.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}
