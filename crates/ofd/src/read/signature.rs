//! Signature lists and descriptions (GB/T 33190 clause 18; GM/T 0099 additions).

use std::collections::{BTreeMap, HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::closure::{Role, Walk};
use super::resources::circle;
use super::{DocBody, PageRef};
use crate::deviation::{self, Deviation};
use crate::xml::{self, Node, Scope};
use crate::{Package, PackageError, location};

/// One signature: its place in the list and its description. Nothing of it has been verified.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Signature {
    /// `Signature/@ID` in the list.
    pub id: String,
    /// `@Type` as written; absent means `Seal`. A claim: the value's own structure decides what it is.
    pub kind: Option<String>,
    /// Canonical name of `Signature.xml`, or the path that leads nowhere.
    pub path: String,
    /// Canonical name of the signature value, if it is in the package.
    pub signed_value: Option<String>,
    /// Canonical name of the seal file, if one is named and in the package.
    pub seal: Option<String>,
    /// `Provider/@ProviderName`.
    pub provider: Option<String>,
    /// `Provider/@Version`.
    pub provider_version: Option<String>,
    /// `Provider/@Company`.
    pub company: Option<String>,
    /// `SignatureMethod` as written.
    pub method: Option<String>,
    /// `SignatureDateTime` as written: free text, never a signing time.
    pub date_time: Option<String>,
    /// `References/@CheckMethod` as written; absent means MD5 by the schema.
    pub check_method: Option<String>,
    /// What it protects, in the order of the file.
    pub references: Vec<Reference>,
    /// Where it shows its seal.
    pub stamps: Vec<Stamp>,
    /// `@Relative`: the ID of the signature that must hold too.
    pub relative: Option<String>,
    /// Departures in this signature's list entry and description.
    pub deviations: Vec<Deviation>,
}

/// One protected file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `@FileRef` as written.
    pub file_ref: String,
    /// Canonical name of the entry, if it is in the package.
    pub path: Option<String>,
    /// The digest, if it can be read.
    pub check_value: Option<Vec<u8>>,
    /// Code of the gravest departure of this reference; the detail is in [`Signature::deviations`].
    pub deviation: Option<&'static str>,
}

/// One appearance of a seal on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// `@ID`.
    pub id: String,
    /// `@PageRef`, a page's ID.
    pub page_ref: String,
    /// The whole seal: x, y, width, height in mm from the page's top left. It may leave the page.
    pub boundary: [f64; 4],
    /// The part that is drawn, relative to the boundary; absent means all of it.
    pub clip: Option<[f64; 4]>,
}

/// Reads the list and every description in it.
pub(super) fn read_list(walk: &mut Walk<'_>, loc: &str, body: &mut DocBody) -> Result<(), PackageError> {
    let Some(path) = walk.follow("", loc, Role::SignatureList, super::MAIN) else {
        // A list that is named but absent hides whatever was signed.
        return Err(PackageError::MissingFile {
            from: super::MAIN.to_owned(),
            path: loc.to_owned(),
        });
    };
    let bad = |fault| PackageError::BadXml {
        entry: path.clone(),
        fault,
    };
    let (document, marked) = xml::parse(walk.package.entry(&path).unwrap_or_default(), walk.limits).map_err(bad)?;
    if marked {
        walk.note(deviation::XML_BOM, &path, "");
    }
    let root = document.root_element();
    if !xml::is(root, "Signatures") {
        return Err(PackageError::MissingElement {
            entry: path,
            element: "Signatures",
        });
    }
    read_max_id(walk, &path, root, body);
    let nodes = walk.scope(&path).all(root, "Signature");
    if nodes.len() > walk.limits.max_signatures {
        let limit = walk.limits.max_signatures;
        return Err(PackageError::TooMany {
            entry: path,
            what: "signatures",
            limit,
        });
    }
    for node in nodes {
        let mut signature = Signature {
            id: node.attribute("ID").unwrap_or_default().to_owned(),
            kind: node.attribute("Type").map(str::to_owned),
            relative: node.attribute("Relative").map(str::to_owned),
            ..Signature::default()
        };
        if body.signatures.iter().any(|other| other.id == signature.id) {
            signature
                .deviations
                .push(Deviation::new(deviation::DUPLICATE_ID, &path, signature.id.as_str()));
        }
        let loc = node.attribute("BaseLoc").unwrap_or_default();
        signature.path = walk.package.resolve(location::directory(&path), loc).path;
        match walk.reach(location::directory(&path), loc, Role::Signature, &path) {
            Some((entry, true)) => read_description(walk, &entry, &body.pages, &mut signature)?,
            Some((entry, false)) => {
                // Fatal, so that nothing depends on what it says: it is not read again.
                signature
                    .deviations
                    .push(Deviation::new(deviation::SIGNATURE_LISTED_TWICE, &path, entry));
            }
            None => signature
                .deviations
                .push(Deviation::new(deviation::SIGNATURE_MISSING, &path, loc)),
        }
        body.signatures.push(signature);
    }
    check_relations(&path, body)?;
    body.signatures_path = Some(path);
    Ok(())
}

fn read_max_id(walk: &mut Walk<'_>, path: &str, root: Node<'_, '_>, body: &mut DocBody) {
    let nodes: Vec<_> = xml::children(root, "MaxSignId").collect();
    if nodes.len() > 1 {
        walk.note(deviation::DUPLICATE_MAX_SIGN_ID, path, nodes.len().to_string());
    }
    let texts = nodes
        .into_iter()
        .map(|node| walk.scope(path).text(node))
        .collect::<Vec<_>>();
    body.max_sign_id = texts.into_iter().max_by_key(|text| number_of(text));
}

/// The digits at the end of an ID: `s006`, `005` and `4` are all in use.
pub(crate) fn number_of(id: &str) -> Option<u64> {
    let head = id.trim_end_matches(|c: char| c.is_ascii_digit());
    id.get(head.len()..)?.parse().ok()
}

fn check_relations(path: &str, body: &mut DocBody) -> Result<(), PackageError> {
    let ids: HashSet<String> = body.signatures.iter().map(|s| s.id.clone()).collect();
    let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for signature in &mut body.signatures {
        let Some(relative) = signature.relative.clone() else {
            continue;
        };
        if !ids.contains(&relative) {
            signature
                .deviations
                .push(Deviation::new(deviation::RELATIVE_UNKNOWN, path, relative.as_str()));
        }
        uses.entry(signature.id.clone()).or_default().push(relative);
    }
    match circle(&uses) {
        Some(id) => Err(PackageError::Cyclic {
            entry: path.to_owned(),
            what: format!("signature {id}"),
        }),
        None => Ok(()),
    }
}

fn read_description(
    walk: &mut Walk<'_>,
    path: &str,
    pages: &[PageRef],
    signature: &mut Signature,
) -> Result<(), PackageError> {
    let bad = |fault| PackageError::BadXml {
        entry: path.to_owned(),
        fault,
    };
    let bytes = walk.package.entry(path).unwrap_or_default();
    let (document, marked) = xml::parse(bytes, walk.limits).map_err(bad)?;
    let mut deviations = std::mem::take(&mut signature.deviations);
    let mut scope = Scope {
        entry: path,
        deviations: &mut deviations,
    };
    if marked {
        scope.note(deviation::XML_BOM, "");
    }
    let root = document.root_element();
    if !xml::is(root, "Signature") {
        return Err(PackageError::MissingElement {
            entry: path.to_owned(),
            element: "Signature",
        });
    }
    let value_loc = scope.text_of(root, "SignedValue").filter(|loc| !loc.is_empty());
    let info = scope
        .one(root, "SignedInfo")
        .ok_or_else(|| PackageError::MissingElement {
            entry: path.to_owned(),
            element: "SignedInfo",
        })?;
    if let Some(provider) = scope.one(info, "Provider") {
        let attribute = |name| provider.attribute(name).map(str::to_owned);
        signature.provider = attribute("ProviderName");
        signature.provider_version = attribute("Version");
        signature.company = attribute("Company");
    }
    signature.method = scope.text_of(info, "SignatureMethod");
    signature.date_time = scope.text_of(info, "SignatureDateTime");
    read_stamps(&mut scope, info, pages, signature);
    let seal = scope.one(info, "Seal");
    let seal_loc = seal.and_then(|node| scope.text_of(node, "BaseLoc"));
    let image_loc = seal
        .and_then(|node| scope.text_of(node, "ImageLoc"))
        .filter(|loc| !loc.is_empty());
    let base = location::directory(path);
    let mut follow = |loc: &str, role| walk.reach(base, loc, role, path).map(|(entry, _)| entry);
    signature.seal = seal_loc.and_then(|loc| follow(&loc, Role::Seal));
    if let Some(loc) = image_loc {
        follow(&loc, Role::SealImage);
    }
    signature.signed_value = value_loc.as_deref().and_then(|loc| follow(loc, Role::SignedValue));
    if signature.signed_value.is_none() {
        scope.note(deviation::SIGNED_VALUE_MISSING, value_loc.unwrap_or_default());
    }
    read_references(walk.package, &mut scope, info, walk.limits.max_references, signature)?;
    signature.deviations = deviations;
    Ok(())
}

fn read_stamps(scope: &mut Scope<'_>, info: Node<'_, '_>, pages: &[PageRef], signature: &mut Signature) {
    let known: HashSet<&str> = pages.iter().map(|page| page.id.as_str()).collect();
    for node in scope.all(info, "StampAnnot") {
        let id = node.attribute("ID").unwrap_or_default().to_owned();
        let page_ref = node.attribute("PageRef").unwrap_or_default().to_owned();
        let boundary = node.attribute("Boundary").and_then(xml::numbers::<4>);
        let clip = node.attribute("Clip").map(xml::numbers::<4>);
        let (Some(boundary), None | Some(Some(_))) = (boundary, clip) else {
            scope.note(deviation::STAMP_UNREADABLE, id);
            continue;
        };
        if !known.contains(page_ref.as_str()) {
            scope.note(deviation::STAMP_PAGE_UNKNOWN, format!("stamp {id} on page {page_ref}"));
        }
        signature.stamps.push(Stamp {
            id,
            page_ref,
            boundary,
            clip: clip.flatten(),
        });
    }
}

fn read_references(
    package: &Package,
    scope: &mut Scope<'_>,
    info: Node<'_, '_>,
    limit: usize,
    signature: &mut Signature,
) -> Result<(), PackageError> {
    let list = scope.one(info, "References");
    signature.check_method = list.and_then(|node| node.attribute("CheckMethod")).map(str::to_owned);
    let nodes = list.map(|node| scope.all(node, "Reference")).unwrap_or_default();
    if nodes.is_empty() {
        scope.note(deviation::NO_REFERENCES, "");
    }
    if nodes.len() > limit {
        return Err(PackageError::TooMany {
            entry: scope.entry.to_owned(),
            what: "references",
            limit,
        });
    }
    let length = signature.check_method.as_deref().and_then(digest_length);
    let mut seen: HashMap<String, Option<Vec<u8>>> = HashMap::new();
    for node in nodes {
        let before = scope.deviations.len();
        let file_ref = node.attribute("FileRef").unwrap_or_default().to_owned();
        let resolution = package.resolve(location::directory(scope.entry), &file_ref);
        let path = resolution.entry().map(str::to_owned);
        for mut deviation in resolution.deviations {
            scope.entry.clone_into(&mut deviation.entry);
            scope.deviations.push(deviation);
        }
        if path.is_none() {
            scope.note(deviation::REFERENCE_MISSING, file_ref.as_str());
        }
        let check_value = read_check_value(scope, node, &file_ref, length);
        let key = path.clone().unwrap_or(resolution.path);
        if key == signature.path || Some(&key) == signature.signed_value.as_ref() {
            scope.note(deviation::SELF_REFERENCE, key.as_str());
        }
        match seen.get(&key) {
            Some(other) if *other == check_value => scope.note(deviation::DUPLICATE_REFERENCE, key),
            Some(_) => scope.note(deviation::CONFLICTING_REFERENCE, key),
            None => {
                seen.insert(key, check_value.clone());
            }
        }
        let own = scope.deviations.get(before..).unwrap_or_default();
        let deviation = own.iter().find(|d| d.fatal).or_else(|| own.first()).map(|d| d.code);
        signature.references.push(Reference {
            file_ref,
            path,
            check_value,
            deviation,
        });
    }
    Ok(())
}

fn read_check_value(scope: &mut Scope<'_>, node: Node<'_, '_>, file: &str, length: Option<usize>) -> Option<Vec<u8>> {
    let text = scope.text_of(node, "CheckValue").unwrap_or_default();
    let packed: Vec<u8> = text
        .bytes()
        .filter(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .collect();
    let value = STANDARD.decode(packed).ok().filter(|value| !value.is_empty());
    match &value {
        None => scope.note(deviation::CHECK_VALUE_UNREADABLE, file),
        Some(value) if length.is_some_and(|length| length != value.len()) => {
            scope.note(deviation::CHECK_VALUE_LENGTH, format!("{file}: {} bytes", value.len()));
        }
        Some(_) => {}
    }
    value
}

fn digest_length(method: &str) -> Option<usize> {
    match method.to_ascii_uppercase().as_str() {
        "1.2.156.10197.1.401" | "1.2.156.10197.1.401.1" | "1.2.156.10197.1.401.2" | "SM3" | "SHA256" | "SHA-256" => {
            Some(32)
        }
        "SHA1" | "SHA-1" => Some(20),
        "MD5" => Some(16),
        _ => None,
    }
}
