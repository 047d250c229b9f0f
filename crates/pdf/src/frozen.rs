//! The signed revision against the current one: whatever steps led there, what a page is made of is what was signed.

use std::collections::HashSet;

use crate::document::Document;
use crate::error::PdfError;
use crate::metadata;
use crate::model::{Change, ChangeKind};
use crate::object::{Dictionary, Object, ObjectId};
use crate::reach;

/// Changes of the signed content that no step has been blamed for.
pub(crate) fn check(document: &Document<'_>, signed: usize, known: &[Change]) -> Result<Vec<Change>, PdfError> {
    let current = document.current();
    if signed >= current {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let mut report = |number: u32, kind, detail: &str| {
        let blamed = known
            .iter()
            .any(|change| change.object.0 == number && !change.allowed_by_default());
        if !blamed && changes.len() < document.limits.max_changes {
            changes.push(Change {
                revision: current,
                kind,
                object: (number, 0),
                detail: detail.to_owned(),
            });
        }
    };
    let mut content: Vec<u32> = reach::content(document, signed)?.into_iter().collect();
    content.sort_unstable();
    let holders = holders(document, signed)?;
    for number in content.into_iter().filter(|number| !holders.contains(number)) {
        if document.place(signed, number) == document.place(current, number) {
            continue;
        }
        let old = document.object(signed, number)?.unwrap_or(Object::Null);
        let new = document.object(current, number)?.unwrap_or(Object::Null);
        if !is_same_page(&old, &new) && !document.same((signed, &old), (current, &new))? {
            report(number, ChangeKind::Content, "it is not what was signed");
        }
    }
    let blamed = known.iter().any(|change| change.kind == ChangeKind::Metadata);
    if !blamed && metadata::read(document, signed)? != metadata::read(document, current)? {
        report(
            0,
            ChangeKind::Metadata,
            "title or private metadata are not those signed",
        );
    }
    Ok(changes)
}

/// Pages may gain the widgets that the steps vouch for.
fn is_same_page(old: &Object, new: &Object) -> bool {
    let (Object::Dictionary(old), Object::Dictionary(new)) = (old, new) else {
        return false;
    };
    old.find("Type").is_some_and(|value| value.is_name("Page"))
        && old
            .differing(new)
            .iter()
            .all(|key| matches!(*key, b"Annots" | b"LastModified"))
}

/// What a signature may change within bounds that the steps check: the catalogue, the form and its list, the lists of
/// annotations, signature fields without a value.
fn holders(document: &Document<'_>, signed: usize) -> Result<HashSet<u32>, PdfError> {
    let mut found: Vec<ObjectId> = Vec::new();
    let mut add = |dictionary: &Dictionary, key| found.extend(dictionary.find(key).and_then(Object::as_reference));
    add(&document.trailer(signed), "Root");
    if let Some(catalog) = document.catalog(signed)? {
        add(&catalog, "AcroForm");
    }
    if let Some(form) = document.form(signed)? {
        add(&form, "Fields");
    }
    let pages = match document.pages(signed) {
        Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
        pages => pages.unwrap_or_default(),
    };
    for page in pages {
        add(&page.dictionary, "Annots");
    }
    found.extend(document.empty_fields(signed)?);
    Ok(found.into_iter().map(|id| id.0).collect())
}
