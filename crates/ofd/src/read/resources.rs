//! Resource files: fonts, media, colour profiles, and the uses among resources that could run in circles.

use std::collections::{BTreeMap, BTreeSet};

use super::closure::{Role, Walk};
use crate::location;
use crate::xml::{self, Node};

impl Walk<'_> {
    /// Follows a resource file and everything it names.
    pub(super) fn resources(&mut self, base: &str, loc: &str, from: &str) {
        let Some(path) = self.follow(base, loc, Role::Resources, from) else {
            return;
        };
        let Some(document) = self.parse(&path, "Res") else {
            return;
        };
        let root = document.root_element();
        let base = resource_base(&path, root);
        for node in root.descendants().filter(Node::is_element) {
            for (name, role) in [("FontFile", Role::Font), ("MediaFile", Role::Media)] {
                if xml::is(node, name) {
                    let loc = self.scope(&path).text(node);
                    self.follow(&base, &loc, role, &path);
                }
            }
            if xml::is(node, "ColorSpace")
                && let Some(loc) = node.attribute("Profile").filter(|loc| !loc.trim().is_empty())
            {
                self.follow(&base, loc, Role::ColorProfile, &path);
            }
            self.note_uses(node);
        }
    }

    fn note_uses(&mut self, node: Node<'_, '_>) {
        let Some(id) = node.attribute("ID") else { return };
        if xml::is(node, "DrawParam") {
            if let Some(relative) = node.attribute("Relative") {
                self.uses
                    .entry(format!("drawing parameter {id}"))
                    .or_default()
                    .push(format!("drawing parameter {relative}"));
            }
        } else if xml::is(node, "CompositeGraphicUnit") {
            let used = node.descendants().filter(|n| xml::is(*n, "CompositeObject"));
            let used = used
                .filter_map(|n| n.attribute("ResourceID"))
                .map(|id| format!("composite object {id}"));
            self.uses
                .entry(format!("composite object {id}"))
                .or_default()
                .extend(used);
        }
    }
}

/// `Res/@BaseLoc` is a directory relative to the resource file.
fn resource_base(path: &str, root: Node<'_, '_>) -> String {
    let own = location::directory(path);
    let text = root.attribute("BaseLoc").unwrap_or_default().trim().replace('\\', "/");
    match text.trim_end_matches('/') {
        "" if text.starts_with('/') => String::new(),
        "" | "." => own.to_owned(),
        // Kept as a text: the path is normalised, and refused if it escapes, once a file name follows it.
        absolute if absolute.starts_with('/') => absolute.trim_start_matches('/').to_owned(),
        relative => format!("{own}/{relative}"),
    }
}

/// Finds a name that uses itself, directly or through others.
pub(super) fn circle(uses: &BTreeMap<String, Vec<String>>) -> Option<&str> {
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for start in uses.keys() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut open: BTreeSet<&str> = BTreeSet::from([start.as_str()]);
        while let Some((name, next)) = path.last_mut() {
            let used = uses.get(*name).and_then(|used| used.get(*next));
            *next += 1;
            match used {
                Some(used) if open.contains(used.as_str()) => return Some(used),
                Some(used) if settled.contains(used.as_str()) => {}
                Some(used) => {
                    open.insert(used);
                    path.push((used, 0));
                }
                None => {
                    settled.insert(name);
                    open.remove(*name);
                    path.pop();
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_diamonds_are_not() {
        let graph = |edges: &[(&str, &[&str])]| -> BTreeMap<String, Vec<String>> {
            edges
                .iter()
                .map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect()))
                .collect()
        };
        assert!(circle(&graph(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &[])])).is_none());
        assert!(circle(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])])).is_some());
        assert!(circle(&graph(&[("a", &["a"])])).is_some());
    }
}
