//! One `DocBody`: who the document says it is, its versions, its document root and its signatures.

use super::closure::{Role, Walk};
use super::resources::circle;
use super::{DocBody, MAIN, signature};
use crate::deviation::{self, Deviation};
use crate::xml::{self, Node};
use crate::{Limits, Package, PackageError, location};

pub(super) fn read(
    package: &Package,
    limits: &Limits,
    node: Node<'_, '_>,
    deviations: &mut Vec<Deviation>,
) -> Result<DocBody, PackageError> {
    let mut walk = Walk::new(package, limits, deviations);
    let mut body = DocBody::default();
    read_info(&mut walk, node, &mut body);
    let loc = walk
        .scope(MAIN)
        .text_of(node, "DocRoot")
        .ok_or_else(|| PackageError::MissingElement {
            entry: MAIN.to_owned(),
            element: "DocRoot",
        })?;
    let Some(doc_root) = walk.follow("", &loc, Role::DocRoot, MAIN) else {
        return Err(PackageError::MissingFile {
            from: MAIN.to_owned(),
            path: loc,
        });
    };
    body.pages = walk.document(&doc_root)?;
    read_versions(&mut walk, node, &doc_root)?;
    if let Some(loc) = walk.scope(MAIN).text_of(node, "Signatures") {
        signature::read_list(&mut walk, &loc, &mut body)?;
    }
    if let Some(what) = circle(&walk.uses) {
        return Err(PackageError::Cyclic {
            entry: doc_root,
            what: what.to_owned(),
        });
    }
    body.doc_root = doc_root;
    body.reachable = walk.reached;
    Ok(body)
}

fn read_info(walk: &mut Walk<'_>, node: Node<'_, '_>, body: &mut DocBody) {
    let Some(info) = walk.scope(MAIN).one(node, "DocInfo") else {
        walk.note(deviation::ELEMENT_MISSING, MAIN, "DocInfo");
        return;
    };
    let mut scope = walk.scope(MAIN);
    body.doc_id = scope.text_of(info, "DocID").unwrap_or_default();
    body.title = scope.text_of(info, "Title");
    body.author = scope.text_of(info, "Author");
    body.creation_date = scope.text_of(info, "CreationDate");
    body.modification_date = scope.text_of(info, "ModDate");
    body.creator = scope.text_of(info, "Creator");
    if let Some(list) = scope.one(info, "CustomDatas") {
        for data in scope.all(list, "CustomData") {
            let text = scope.text(data);
            body.custom_data
                .push((data.attribute("Name").unwrap_or_default().to_owned(), text));
        }
    }
    if let Some(cover) = scope.text_of(info, "Cover").filter(|loc| !loc.is_empty()) {
        walk.follow("", &cover, Role::Cover, MAIN);
    }
}

/// Follows every version: what was shown before is still in the package, and a viewer may show it.
fn read_versions(walk: &mut Walk<'_>, node: Node<'_, '_>, doc_root: &str) -> Result<(), PackageError> {
    let Some(versions) = walk.scope(MAIN).one(node, "Versions") else {
        return Ok(());
    };
    for version in walk.scope(MAIN).all(versions, "Version") {
        let current = matches!(version.attribute("Current"), Some("true" | "1"));
        let loc = version.attribute("BaseLoc").unwrap_or_default();
        let Some(path) = walk.follow("", loc, Role::Version, MAIN) else {
            continue;
        };
        let Some(document) = walk.parse(&path, "DocVersion") else {
            continue;
        };
        let root = document.root_element();
        let base = location::directory(&path);
        if let Some(list) = walk.scope(&path).one(root, "FileList") {
            for file in xml::children(list, "File").take(walk.limits.max_references) {
                let loc = walk.scope(&path).text(file);
                walk.follow(base, &loc, Role::VersionFile, &path);
            }
        }
        let Some(loc) = walk.scope(&path).text_of(root, "DocRoot") else {
            continue;
        };
        let target = walk.package.resolve(base, &loc).path;
        if target != doc_root {
            if current {
                walk.note(
                    deviation::VERSION_ROOT_DIFFERS,
                    &path,
                    format!("{target} instead of {doc_root}"),
                );
            }
            if let Some(other) = walk.follow(base, &loc, Role::DocRoot, &path) {
                walk.document(&other)?;
            }
        }
    }
    Ok(())
}
