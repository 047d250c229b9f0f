//! Finding signatures in every revision and stating the facts of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::byte_range;
use crate::document::{Document, Place};
use crate::error::PdfError;
use crate::form::Field;
use crate::model::{Kind, Signature, Visible};
use crate::object::{Dictionary, Object, ObjectId};
use crate::pages::Page;

/// A signature with the objects that make it up in the revision it signs.
pub(crate) struct Found {
    pub signature: Signature,
    /// The signature dictionary, if it is an object of its own.
    pub value: Option<ObjectId>,
    pub field: Option<ObjectId>,
    pub widgets: Vec<ObjectId>,
    /// A widget takes up room, whatever its flags say.
    pub shows: bool,
    /// A widget has an appearance.
    pub draws: bool,
    /// The first revision that has it.
    pub first: usize,
}

/// What identifies a signature across revisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The object number of the signature dictionary.
    Value(u32),
    /// The object number of the field that holds it directly.
    Field(u32),
}

struct Seen {
    first: usize,
    last: usize,
    /// The field in the revisions that have it; `None` if only `Perms` leads to the signature.
    fields: Vec<(usize, Field)>,
}

/// One wording of a signature dictionary and the revisions in which it is current.
struct Version {
    place: Option<Place>,
    revision: usize,
    dictionary: Arc<Dictionary>,
}

/// All signatures of all revisions.
pub(crate) fn collect(document: &Document<'_>) -> Result<Vec<Found>, PdfError> {
    let current = document.current();
    let mut seen: BTreeMap<Key, Seen> = BTreeMap::new();
    for revision in 0..=current {
        let fields = match document.fields(revision) {
            Ok(fields) => fields,
            Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
            Err(error) if revision == current => return Err(error),
            Err(error) => {
                document.note(
                    AnomalyKind::RevisionUnreadable,
                    format!("form of revision {revision}: {error}"),
                );
                continue;
            }
        };
        for field in fields.into_iter().filter(|field| field.signature) {
            if let Some(key) = key(document, revision, &field)? {
                remember(&mut seen, key, revision, Some(field));
            }
        }
        if let Some(id) = certification(document, revision)? {
            remember(&mut seen, Key::Value(id), revision, None);
        }
        if seen.len() > document.limits.max_signatures {
            return Err(PdfError::LimitExceeded("max_signatures"));
        }
    }
    let mut found = Vec::new();
    for (key, seen) in seen {
        found.extend(describe(document, key, &seen)?);
    }
    found.sort_by_key(|found| found.signature.revision.unwrap_or(usize::MAX));
    Ok(found)
}

fn key(document: &Document<'_>, revision: usize, field: &Field) -> Result<Option<Key>, PdfError> {
    Ok(match (&field.value, field.id) {
        (Object::Reference(id), _) => match document.fetch(revision, *id)? {
            Object::Dictionary(_) => Some(Key::Value(id.0)),
            _ => None,
        },
        (Object::Dictionary(_), Some(id)) => Some(Key::Field(id.0)),
        _ => None,
    })
}

fn certification(document: &Document<'_>, revision: usize) -> Result<Option<u32>, PdfError> {
    let Some(catalog) = document.catalog(revision)? else {
        return Ok(None);
    };
    let permissions = document.dictionary(revision, &catalog, "Perms")?;
    let id = permissions.and_then(|perms| perms.find("DocMDP")?.as_reference());
    let Some(id) = id else { return Ok(None) };
    Ok(document.fetch(revision, id)?.as_dictionary().map(|_| id.0))
}

fn remember(seen: &mut BTreeMap<Key, Seen>, key: Key, revision: usize, field: Option<Field>) {
    let entry = seen.entry(key).or_insert(Seen {
        first: revision,
        last: revision,
        fields: Vec::new(),
    });
    entry.last = revision;
    entry.fields.extend(field.map(|field| (revision, field)));
}

fn describe(document: &Document<'_>, key: Key, seen: &Seen) -> Result<Option<Found>, PdfError> {
    let versions = versions(document, key, seen)?;
    let mut chosen = None;
    for version in &versions {
        let facts = byte_range::check(
            document,
            &version.dictionary,
            version.revision,
            matches!(version.place, Some(Place::File { .. })),
            |signed| place(document, key, signed) == version.place,
        )?;
        let good = !facts.anomalies.iter().any(Anomaly::fatal);
        chosen = Some((version, facts));
        if good {
            break;
        }
    }
    let Some((version, facts)) = chosen else {
        return Ok(None);
    };
    let dictionary = &version.dictionary;
    let mut anomalies = facts.anomalies;
    let differs = |other: &&Version| other.dictionary != *dictionary;
    if let Some(other) = versions.iter().find(differs) {
        let keys: Vec<String> = dictionary
            .differing(&other.dictionary)
            .iter()
            .map(|key| String::from_utf8_lossy(key).into_owned())
            .collect();
        anomalies.push(Anomaly::new(
            AnomalyKind::DictionaryChanged,
            format!("revision {} changes {}", other.revision, keys.join(", ")),
        ));
    }
    if seen.last < document.current() {
        anomalies.push(Anomaly::new(
            AnomalyKind::SignatureRemoved,
            format!("revision {} removes it", seen.last + 1),
        ));
    }
    if seen.fields.is_empty() {
        anomalies.push(Anomaly::new(AnomalyKind::NotInForm, "only Perms leads to it"));
    }
    let signed = facts.revision.unwrap_or(version.revision);
    let field = seen
        .fields
        .iter()
        .find(|(revision, _)| *revision >= signed)
        .or(seen.fields.last());
    let text = |name: &str| -> Result<Option<String>, PdfError> {
        Ok(document.value(version.revision, dictionary, name)?.as_text())
    };
    let name = |name: &str| -> Result<String, PdfError> {
        let value = document.value(version.revision, dictionary, name)?;
        Ok(value
            .as_name()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .unwrap_or_default())
    };
    let sub_filter = name("SubFilter")?;
    let time_stamp = sub_filter == "ETSI.RFC3161" || name("Type")? == "DocTimeStamp";
    let seal = seal(document, version, &mut anomalies)?;
    let (shows, draws) = match field {
        Some((revision, field)) => looks(document, *revision, field)?,
        None => (false, false),
    };
    let signature = Signature {
        field_name: field.map(|(_, field)| field.name.clone()).unwrap_or_default(),
        kind: if time_stamp {
            Kind::DocTimeStamp
        } else {
            Kind::Signature
        },
        filter: name("Filter")?,
        sub_filter,
        byte_range: facts.byte_range,
        contents: facts.contents,
        signed_ranges: facts.signed_ranges,
        revision: facts.revision,
        covers: facts.covers,
        claimed_time: text("M")?,
        reason: text("Reason")?,
        name: text("Name")?,
        location: text("Location")?,
        doc_mdp: doc_mdp(document, version.revision, dictionary)?,
        seal,
        visible: match field {
            Some((revision, field)) => visible(document, *revision, field)?,
            None => None,
        },
        anomalies,
        changes: Vec::new(),
    };
    Ok(Some(Found {
        signature,
        value: match key {
            Key::Value(number) => Some((number, 0)),
            Key::Field(_) => None,
        },
        field: field.and_then(|(_, field)| field.id),
        widgets: field
            .map(|(_, field)| {
                let widgets = field.widgets.iter();
                widgets.filter_map(Object::as_reference).collect()
            })
            .unwrap_or_default(),
        shows,
        draws,
        first: seen.first,
    }))
}

fn place(document: &Document<'_>, key: Key, revision: usize) -> Option<Place> {
    let (Key::Value(number) | Key::Field(number)) = key;
    document.place(revision, number)
}

/// The wordings of the dictionary, oldest first.
fn versions(document: &Document<'_>, key: Key, seen: &Seen) -> Result<Vec<Version>, PdfError> {
    let mut versions: Vec<Version> = Vec::new();
    for revision in seen.first..=seen.last {
        let place = place(document, key, revision);
        if versions.last().is_some_and(|last| last.place == place) {
            continue;
        }
        let (Key::Value(number) | Key::Field(number)) = key;
        let object = document.object(revision, number)?.unwrap_or(Object::Null);
        let object = match key {
            Key::Value(_) => Some(object),
            Key::Field(_) => object.as_dictionary().and_then(|d| d.find("V").cloned()),
        };
        if let Some(Object::Dictionary(dictionary)) = object {
            versions.push(Version {
                place,
                revision,
                dictionary,
            });
        }
    }
    Ok(versions)
}

fn seal(document: &Document<'_>, version: &Version, anomalies: &mut Vec<Anomaly>) -> Result<Option<Vec<u8>>, PdfError> {
    let value = document.value(version.revision, &version.dictionary, "CNB_SESeal")?;
    if matches!(value, Object::Null) {
        return Ok(None);
    }
    let bytes = match &value {
        Object::Array(parts) if !parts.is_empty() => parts.iter().map(hex_string).collect::<Option<Vec<_>>>(),
        one => hex_string(one).map(|bytes| vec![bytes]),
    };
    if bytes.is_none() {
        anomalies.push(Anomaly::new(
            AnomalyKind::SealMalformed,
            "CNB_SESeal is neither a hexadecimal string nor an array of them",
        ));
    }
    Ok(bytes.map(|parts| parts.concat()))
}

fn hex_string(object: &Object) -> Option<&[u8]> {
    match object {
        Object::String(text) if text.clean && text.hex => Some(&text.bytes),
        _ => None,
    }
}

fn doc_mdp(document: &Document<'_>, revision: usize, dictionary: &Dictionary) -> Result<Option<u8>, PdfError> {
    let references = document.value(revision, dictionary, "Reference")?;
    for reference in references.as_array().unwrap_or_default() {
        let reference = document.resolve(revision, reference)?;
        let Some(reference) = reference.as_dictionary() else {
            continue;
        };
        let method = document.value(revision, reference, "TransformMethod")?;
        if !method.is_name("DocMDP") {
            continue;
        }
        let level = match document.dictionary(revision, reference, "TransformParams")? {
            Some(parameters) => document.value(revision, &parameters, "P")?.as_integer(),
            None => None,
        };
        return Ok(Some(level.and_then(|p| u8::try_from(p).ok()).unwrap_or(2)));
    }
    Ok(None)
}

/// Whether any widget takes up room, and whether any has an appearance.
fn looks(document: &Document<'_>, revision: usize, field: &Field) -> Result<(bool, bool), PdfError> {
    let (mut shows, mut draws) = (false, false);
    for widget in &field.widgets {
        let resolved = document.resolve(revision, widget)?;
        let Some(dictionary) = resolved.as_dictionary() else {
            continue;
        };
        draws |= dictionary.find("AP").is_some();
        let flat = |[left, bottom, right, top]: [f64; 4]| right - left <= 0.0 && top - bottom <= 0.0;
        shows |=
            dictionary.find("Rect").is_some() && !document.rectangle(revision, dictionary, "Rect")?.is_some_and(flat);
    }
    Ok((shows, draws))
}

/// Annotation flags Hidden and NoView.
const UNSEEN: i64 = 2 | 32;

fn visible(document: &Document<'_>, revision: usize, field: &Field) -> Result<Option<Visible>, PdfError> {
    for widget in &field.widgets {
        let resolved = document.resolve(revision, widget)?;
        let Some(dictionary) = resolved.as_dictionary() else {
            continue;
        };
        let flags = document.value(revision, dictionary, "F")?.as_integer();
        if flags.unwrap_or(0) & UNSEEN != 0 {
            continue;
        }
        let rect = document
            .rectangle(revision, dictionary, "Rect")?
            .filter(|[left, bottom, right, top]| right > left && top > bottom);
        let Some(rect) = rect else { continue };
        let pages = match document.pages(revision) {
            Ok(pages) => pages,
            Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
            Err(_) => continue,
        };
        if let Some(page) = page_of(document, revision, &pages, widget, dictionary)? {
            return Ok(Some(Visible { page, rect }));
        }
    }
    Ok(None)
}

/// The page whose `Annots` lists the widget; `P` is a hint that need not be there.
fn page_of(
    document: &Document<'_>,
    revision: usize,
    pages: &[Page],
    widget: &Object,
    dictionary: &Dictionary,
) -> Result<Option<usize>, PdfError> {
    let lists = |page: &Page| -> Result<bool, PdfError> {
        let annotations = document.annotations(revision, &page.dictionary)?;
        Ok(annotations.contains(widget))
    };
    let hint = dictionary.find("P").and_then(Object::as_reference);
    let hinted = pages.iter().position(|page| Some(page.id) == hint);
    if let Some(page) = hinted.and_then(|index| pages.get(index))
        && lists(page)?
    {
        return Ok(hinted);
    }
    for (index, page) in pages.iter().enumerate() {
        if lists(page)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
