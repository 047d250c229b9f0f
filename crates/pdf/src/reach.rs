//! Which objects a value or the content of a revision refers to.

use std::collections::HashSet;

use crate::document::Document;
use crate::error::PdfError;
use crate::object::{Dictionary, Object};

/// Object numbers that a value refers to directly.
pub(crate) fn references(value: &Object) -> Vec<u32> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Object, found: &mut Vec<u32>) {
    match value {
        Object::Reference(id) => found.push(id.0),
        Object::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Object::Dictionary(dictionary) => collect_dictionary(dictionary, found),
        Object::Stream(stream) => collect_dictionary(&stream.dictionary, found),
        _ => {}
    }
}

/// All existing objects that the information dictionary and the XMP metadata of a revision are made of.
pub(crate) fn metadata(document: &Document<'_>, revision: usize) -> Result<HashSet<u32>, PdfError> {
    let trailer = document.trailer(revision);
    let catalog = document.catalog(revision)?.unwrap_or_default();
    let mut found = HashSet::new();
    for value in [trailer.find("Info"), catalog.find("Metadata")].into_iter().flatten() {
        found.extend(references(value));
        found.extend(closure(document, revision, value)?);
    }
    Ok(found)
}

fn collect_dictionary(dictionary: &Dictionary, found: &mut Vec<u32>) {
    for entry in &dictionary.entries {
        collect(&entry.value, found);
    }
}

/// All object numbers that are referred to from the trailer and the catalogue of a revision, existing or not, but for
/// the document security store, the information dictionary and the XMP metadata.
pub(crate) fn content(document: &Document<'_>, revision: usize) -> Result<HashSet<u32>, PdfError> {
    let mut seen = HashSet::new();
    let mut stack = Vec::new();
    let trailer = document.trailer(revision);
    let own = trailer.entries.iter();
    for entry in own.filter(|entry| !matches!(&*entry.key, b"Root" | b"Info")) {
        collect(&entry.value, &mut stack);
    }
    if let Some(catalog) = document.catalog(revision)? {
        let entries = catalog.entries.iter();
        let shown = |key: &[u8]| key != b"DSS" && key != b"Metadata";
        for entry in entries.filter(|entry| shown(&entry.key)) {
            collect(&entry.value, &mut stack);
        }
    }
    while let Some(number) = stack.pop() {
        if !seen.insert(number) {
            continue;
        }
        if let Some(object) = document.object(revision, number)? {
            collect(&object, &mut stack);
        }
    }
    Ok(seen)
}

/// All existing objects that are reachable from a value.
pub(crate) fn closure(document: &Document<'_>, revision: usize, value: &Object) -> Result<HashSet<u32>, PdfError> {
    let mut seen = HashSet::new();
    let mut stack = references(value);
    while let Some(number) = stack.pop() {
        if seen.insert(number)
            && let Some(object) = document.object(revision, number)?
        {
            collect(&object, &mut stack);
        }
    }
    Ok(seen)
}
