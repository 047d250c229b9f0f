//! The tree of one XML file: elements, their attributes and texts, in the order of the file.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use roxmltree::StringStorage;

use super::NAMESPACES;

/// A parsed file. Node 0 is the root element.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Document<'a> {
    pub(super) nodes: Vec<Entry<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
}

/// One node. Its descendants follow it directly, up to `end`.
#[derive(Debug, PartialEq)]
pub(super) struct Entry<'a> {
    pub kind: Kind<'a>,
    pub end: usize,
}

#[derive(Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Element {
        name: Cow<'a, str>,
        /// Whether its namespace is OFD's.
        ofd: bool,
        attributes: Range<usize>,
    },
    Text(Cow<'a, str>),
    /// A comment or a processing instruction.
    Aside,
}

#[derive(Debug, PartialEq)]
pub(super) struct Attribute<'a> {
    pub name: Cow<'a, str>,
    pub value: Cow<'a, str>,
}

impl<'a> Document<'a> {
    /// The root element.
    pub fn root_element(&self) -> Node<'_, 'a> {
        Node { document: self, at: 0 }
    }

    /// Takes over what the general parser read. Only what it had to normalise is copied.
    pub(super) fn from_general(tree: &roxmltree::Document<'a>) -> Self {
        let mut document = Self::default();
        let root = tree.root_element();
        // Elements whose end is not known yet.
        let mut open: Vec<(usize, roxmltree::NodeId)> = Vec::new();
        for node in root.descendants() {
            let parent = node.parent().filter(|_| node != root).map(|parent| parent.id());
            while let Some((at, id)) = open.last().copied()
                && parent != Some(id)
            {
                document.close(at);
                open.pop();
            }
            let at = document.nodes.len();
            let kind = if node.is_element() {
                open.push((at, node.id()));
                document.element(node)
            } else if let Some(text) = node.text_storage().filter(|_| node.is_text()) {
                Kind::Text(lent(text))
            } else {
                Kind::Aside
            };
            document.nodes.push(Entry { kind, end: at + 1 });
        }
        for (at, _) in open {
            document.close(at);
        }
        document
    }

    fn element(&mut self, node: roxmltree::Node<'_, 'a>) -> Kind<'a> {
        let first = self.attributes.len();
        // An attribute with a prefix has another name than the ones that OFD knows.
        let plain = node.attributes().filter(|a| a.namespace().is_none());
        self.attributes.extend(plain.map(|a| Attribute {
            name: Cow::Borrowed(a.name()),
            value: lent(a.value_storage()),
        }));
        Kind::Element {
            name: Cow::Borrowed(node.tag_name().name()),
            ofd: node.tag_name().namespace().is_some_and(|ns| NAMESPACES.contains(&ns)),
            attributes: first..self.attributes.len(),
        }
    }

    /// Ends the element `at` after the last node.
    pub(super) fn close(&mut self, at: usize) {
        let end = self.nodes.len();
        if let Some(entry) = self.nodes.get_mut(at) {
            entry.end = end;
        }
    }
}

fn lent<'a>(text: &StringStorage<'a>) -> Cow<'a, str> {
    match text {
        StringStorage::Borrowed(text) => Cow::Borrowed(text),
        StringStorage::Owned(text) => Cow::Owned(text.to_string()),
    }
}

/// A node of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d, 'a> {
    document: &'d Document<'a>,
    at: usize,
}

impl<'d, 'a> Node<'d, 'a> {
    fn entry(self) -> Option<&'d Entry<'a>> {
        self.document.nodes.get(self.at)
    }

    fn end(self) -> usize {
        self.entry().map_or(0, |entry| entry.end)
    }

    /// The children, texts and comments among them.
    pub fn children(self) -> impl Iterator<Item = Self> {
        let (document, end) = (self.document, self.end());
        let first = Node {
            document,
            at: self.at + 1,
        };
        iter::successors(Some(first), move |child| {
            let at = child.end();
            // A node ends after itself, so this goes forward.
            (at > child.at).then_some(Node { document, at })
        })
        .take_while(move |child| child.at < end)
    }

    /// This node and all below it, in the order of the file.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        (self.at..self.end()).map(move |at| Node { document, at })
    }

    /// Whether it is an element.
    pub fn is_element(&self) -> bool {
        matches!(self.entry(), Some(entry) if matches!(entry.kind, Kind::Element { .. }))
    }

    /// The text of a text node.
    pub fn text(self) -> Option<&'d str> {
        match &self.entry()?.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name of an element without its prefix; empty for anything else.
    pub fn name(self) -> &'d str {
        match self.entry().map(|entry| &entry.kind) {
            Some(Kind::Element { name, .. }) => name,
            _ => "",
        }
    }

    /// Whether it is an element of OFD's namespace.
    pub fn is_ofd(self) -> bool {
        matches!(self.entry(), Some(entry) if matches!(entry.kind, Kind::Element { ofd: true, .. }))
    }

    /// The value of the attribute `name`, which has no prefix.
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        let Kind::Element { attributes, .. } = &self.entry()?.kind else {
            return None;
        };
        let attributes = self.document.attributes.get(attributes.clone())?;
        let found = attributes.iter().find(|attribute| attribute.name == name)?;
        Some(&found.value)
    }
}
