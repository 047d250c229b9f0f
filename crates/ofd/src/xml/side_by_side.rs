//! Holds the quick parser against the general one, for the tests here and for fuzzing.

use super::tree::{Attribute, Document, Entry, Kind};
use super::{general, plain};
use crate::Limits;

/// Depths beside the whole tree: nothing, the root alone, and what readers ask for.
const DEPTHS: [usize; 5] = [0, 1, 2, 3, 4];

/// Checks that whatever the quick parser accepts, under wide and under narrow limits and to any depth, it reads as the general one
/// does. Tells whether it accepts `text` under wide ones.
///
/// # Panics
/// The two differ.
#[must_use]
pub fn agree(text: &str) -> bool {
    let narrow = Limits {
        max_xml_depth: 3,
        max_xml_attributes: 2,
        max_xml_namespaces: 2,
        max_xml_nodes: 8,
        ..Limits::default()
    };
    agree_within(text, &narrow);
    agree_within(text, &Limits::default())
}

fn agree_within(text: &str, limits: &Limits) -> bool {
    let quick = plain::parse(text, usize::MAX, limits);
    for depth in DEPTHS {
        let cut = plain::parse(text, depth, limits);
        let expected = quick.as_ref().map(|quick| cut_at(quick, depth));
        assert_eq!(cut, expected, "to depth {depth}: {text}");
    }
    let Some(quick) = quick else { return false };
    match general(text, limits) {
        Ok(general) => assert_eq!(quick, Document::from_general(&general), "{text}"),
        Err(fault) => panic!("{fault}: {text}"),
    }
    true
}

/// What a tree is without the nodes below `depth`.
fn cut_at<'a>(whole: &Document<'a>, depth: usize) -> Document<'a> {
    let mut cut = Document::default();
    if depth > 0 {
        keep(whole, 0, depth, &mut cut);
    }
    cut
}

fn keep<'a>(whole: &Document<'a>, at: usize, depth: usize, cut: &mut Document<'a>) {
    let entry = &whole.nodes[at];
    let place = cut.nodes.len();
    let kind = match &entry.kind {
        Kind::Element { name, ofd, attributes } => {
            let first = cut.attributes.len();
            cut.attributes
                .extend(whole.attributes[attributes.clone()].iter().map(|attribute| Attribute {
                    name: attribute.name.clone(),
                    value: attribute.value.clone(),
                }));
            Kind::Element {
                name: name.clone(),
                ofd: *ofd,
                attributes: first..cut.attributes.len(),
            }
        }
        Kind::Text(text) => Kind::Text(text.clone()),
        Kind::Aside => Kind::Aside,
    };
    cut.nodes.push(Entry { kind, end: place + 1 });
    let mut child = at + 1;
    while child < entry.end {
        if depth > 1 {
            keep(whole, child, depth - 1, cut);
        }
        child = whole.nodes[child].end;
    }
    cut.close(place);
}
