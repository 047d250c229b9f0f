//! Reading a package into a typed model.
//!
//! ```text
//! OFD.xml ─ DocBody ─┬─ DocRoot ── Document.xml ── pages, templates, resources, annotations, tags, attachments
//!                    ├─ Versions
//!                    └─ Signatures.xml ── Sign_k/{Signature.xml, Seal.esl, SignedValue.dat}
//! ```
//!
//! The reader follows every path that a document holds and lists the files it comes to: that closure is what a
//! signature must cover if its signer is to vouch for the shown document. It judges nothing: digests, coverage and
//! signatures are the caller's.

mod body;
mod closure;
mod resources;
mod signature;

use std::collections::BTreeSet;

pub use crate::deviation::Deviation;
pub use closure::Role;
pub(crate) use signature::number_of;
pub use signature::{Reference, Signature, Stamp};

use crate::xml::{self, Scope};
use crate::{Limits, Package, PackageError, deviation};

/// What a package holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Ofd {
    /// The documents, in the order of `OFD.xml`; almost always one.
    pub bodies: Vec<DocBody>,
    /// Departures found outside of signatures; those of a signature are in [`Signature::deviations`].
    pub deviations: Vec<Deviation>,
    /// Files that no document reaches, sorted.
    pub unreachable: Vec<String>,
    /// The GM/T 0099 list of entries, if the package carries one.
    pub entry_list: Option<EntryList>,
}

impl Ofd {
    /// Lists the departures of the package and of all its signatures.
    pub fn all_deviations(&self) -> impl Iterator<Item = &Deviation> {
        let of_signatures = self
            .bodies
            .iter()
            .flat_map(|b| &b.signatures)
            .flat_map(|s| &s.deviations);
        self.deviations.iter().chain(of_signatures)
    }
}

/// One document of a package.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DocBody {
    /// `DocID`, 32 hex digits in conforming files, empty in some.
    pub doc_id: String,
    /// `Title`.
    pub title: Option<String>,
    /// `Author`.
    pub author: Option<String>,
    /// `CreationDate` as written.
    pub creation_date: Option<String>,
    /// `ModDate` as written.
    pub modification_date: Option<String>,
    /// `Creator`, the software.
    pub creator: Option<String>,
    /// `CustomDatas`: names and texts in the order of the file.
    pub custom_data: Vec<(String, String)>,
    /// Canonical name of the document root.
    pub doc_root: String,
    /// Canonical name of the signature list, if there is one.
    pub signatures_path: Option<String>,
    /// `MaxSignId` as written (the greatest, if there are several).
    pub max_sign_id: Option<String>,
    /// Signatures in the order of the list.
    pub signatures: Vec<Signature>,
    /// Pages in reading order.
    pub pages: Vec<PageRef>,
    /// Everything the document shows or carries, each file once, with the first reason found.
    pub reachable: Vec<Reached>,
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRef {
    /// `Page/@ID`.
    pub id: String,
    /// Canonical name of the page's content, or the path that leads nowhere.
    pub path: String,
    /// `PhysicalBox` x, y, width, height in mm: the page's own or the document's.
    pub size: Option<[f64; 4]>,
}

/// A file of the closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// Canonical entry name.
    pub path: String,
    /// In which role it is used.
    pub by: Role,
    /// The entry that refers to it; empty for `OFD.xml`.
    pub from: String,
}

/// `OFDEntries.xml` (GM/T 0099): names of the files that belong to the package. It lists names, no digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryList {
    /// Canonical entry name of the list.
    pub path: String,
    /// Canonical entry name of the value that signs the list.
    pub signed_value: Option<String>,
}

pub(crate) const MAIN: &str = "OFD.xml";

/// Reads the model of a package.
///
/// # Errors
/// What keeps `OFD.xml`, a document root, a signature list or a signature's description from being read, circles of
/// references, and limits. GM/T 0099 encryption gives [`PackageError::Encrypted`].
pub fn read(package: &Package, limits: &Limits) -> Result<Ofd, PackageError> {
    refuse_encryption(package)?;
    let bytes = package.entry(MAIN).ok_or(PackageError::MissingOfdXml)?;
    let (document, marked) = xml::parse(bytes, limits).map_err(|fault| PackageError::BadXml {
        entry: MAIN.to_owned(),
        fault,
    })?;
    let mut deviations = package.deviations().to_vec();
    let mut scope = Scope {
        entry: MAIN,
        deviations: &mut deviations,
    };
    if marked {
        scope.note(deviation::XML_BOM, "");
    }
    let root = document.root_element();
    if !xml::is(root, "OFD") {
        return Err(PackageError::MissingElement {
            entry: MAIN.to_owned(),
            element: "OFD",
        });
    }
    let found = scope.all(root, "DocBody");
    if found.is_empty() {
        return Err(PackageError::MissingElement {
            entry: MAIN.to_owned(),
            element: "DocBody",
        });
    }
    if found.len() > limits.max_bodies {
        let limit = limits.max_bodies;
        return Err(PackageError::TooMany {
            entry: MAIN.to_owned(),
            what: "DocBody elements",
            limit,
        });
    }
    if found.len() > 1 {
        scope.note(deviation::SEVERAL_BODIES, found.len().to_string());
    }
    let mut bodies = Vec::with_capacity(found.len());
    for node in found {
        bodies.push(body::read(package, limits, node, &mut deviations)?);
    }
    let entry_list = read_entry_list(package, limits, &mut deviations);
    let unreachable = unreached(package, &bodies, entry_list.as_ref());
    let count = deviations.len()
        + bodies
            .iter()
            .flat_map(|b| &b.signatures)
            .map(|s| s.deviations.len())
            .sum::<usize>();
    if count > limits.max_deviations {
        let limit = limits.max_deviations;
        return Err(PackageError::TooMany {
            entry: MAIN.to_owned(),
            what: "deviations",
            limit,
        });
    }
    Ok(Ofd {
        bodies,
        deviations,
        unreachable,
        entry_list,
    })
}

/// The files that GM/T 0099 encryption adds at the root.
fn refuse_encryption(package: &Package) -> Result<(), PackageError> {
    for name in ["Encryptions.xml", "decryptseed.dat", "entriesmap.dat"] {
        if let Some(path) = package.resolve("", name).entry() {
            return Err(PackageError::Encrypted { by: path.to_owned() });
        }
    }
    Ok(())
}

fn unreached(package: &Package, bodies: &[DocBody], list: Option<&EntryList>) -> Vec<String> {
    let mut known: BTreeSet<&str> = bodies
        .iter()
        .flat_map(|b| &b.reachable)
        .map(|r| r.path.as_str())
        .collect();
    if let Some(list) = list {
        known.insert(&list.path);
        known.extend(list.signed_value.as_deref());
    }
    package
        .names()
        .into_iter()
        .filter(|name| !known.contains(name))
        .map(str::to_owned)
        .collect()
}

fn read_entry_list(package: &Package, limits: &Limits, deviations: &mut Vec<Deviation>) -> Option<EntryList> {
    let path = package.resolve("", "OFDEntries.xml").entry()?.to_owned();
    let mut scope = Scope {
        entry: &path,
        deviations,
    };
    let document = match xml::parse(package.entry(&path)?, limits) {
        Ok((document, _)) => document,
        Err(fault) => {
            scope.note(deviation::XML_UNREADABLE, fault.to_string());
            return None;
        }
    };
    let root = document.root_element();
    let signed_value = scope
        .text_of(root, "SignedValueLoc")
        .map(|loc| package.resolve("", &loc));
    let signed_value = signed_value.and_then(|resolution| resolution.entry().map(str::to_owned));
    let mut listed = BTreeSet::new();
    if let Some(list) = scope.one(root, "FileList") {
        for file in xml::children(list, "File").take(limits.max_references) {
            let loc = file
                .attribute("FileLoc")
                .map_or_else(|| scope.text(file), str::to_owned);
            listed.insert(package.resolve("", &loc).path);
        }
    }
    for name in package.names() {
        if name != path && Some(name) != signed_value.as_deref() && !listed.contains(name) {
            scope.note(deviation::NOT_IN_ENTRY_LIST, name);
        }
    }
    Some(EntryList { path, signed_value })
}
