//! The objects that lead to a new field: page, form, and the information dictionary beside them.

use std::sync::Arc;

use crate::document::Document;
use crate::error::PdfError;
use crate::metadata;
use crate::object::{Dictionary, Object, ObjectId};
use crate::pages::Page;
use crate::sign::SignError;
use crate::update::{Update, text};

/// The page with the widget. `Annots` goes into the page itself: a list of its own may serve several pages.
pub(super) fn put_page(
    document: &Document<'_>,
    update: &mut Update<'_, '_>,
    page: &Page,
    widget: ObjectId,
) -> Result<(), SignError> {
    let mut annotations = document.annotations(document.current(), &page.dictionary)?;
    annotations.push(Object::Reference(widget));
    let mut dictionary = Dictionary::clone(&page.dictionary);
    dictionary.set("Annots", Object::Array(annotations.into()));
    update.put_dictionary(page.id, &dictionary);
    Ok(())
}

pub(super) fn put_form(
    document: &Document<'_>,
    update: &mut Update<'_, '_>,
    widget: ObjectId,
) -> Result<(), SignError> {
    let revision = document.current();
    let catalog = document
        .catalog(revision)?
        .ok_or(PdfError::Structure("document catalogue"))?;
    let mut form = Dictionary::clone(&document.form(revision)?.unwrap_or_default());
    let fields = document.value(revision, &form, "Fields")?;
    let mut fields = fields.as_array().map(<[Object]>::to_vec).unwrap_or_default();
    fields.push(Object::Reference(widget));
    form.set("Fields", Object::Array(fields.into()));
    form.set("SigFlags", Object::Integer(3));
    if let Some(id) = catalog.find("AcroForm").and_then(Object::as_reference) {
        update.put_dictionary(id, &form);
        return Ok(());
    }
    let root = document
        .trailer(revision)
        .find("Root")
        .and_then(Object::as_reference)
        .ok_or(PdfError::Structure("document catalogue"))?;
    let mut catalog = Dictionary::clone(&catalog);
    catalog.set("AcroForm", Object::Dictionary(Arc::new(form)));
    update.put_dictionary(root, &catalog);
    Ok(())
}

pub(super) fn put_info(
    document: &Document<'_>,
    update: &mut Update<'_, '_>,
    keys: &[(String, String)],
) -> Result<(), SignError> {
    if keys.is_empty() {
        return Ok(());
    }
    let revision = document.current();
    let trailer = document.trailer(revision);
    let old = document.dictionary(revision, &trailer, "Info")?;
    let mut info = Dictionary::clone(&old.unwrap_or_default());
    for (key, value) in keys {
        if key.is_empty() || metadata::STANDARD.contains(&key.as_str()) {
            return Err(SignError::StandardKey(key.clone()));
        }
        info.set(key, text(value));
    }
    let id = match trailer.find("Info").and_then(Object::as_reference) {
        Some(id) => id,
        None => update.allot(),
    };
    update.set_trailer("Info", Object::Reference(id));
    update.put_dictionary(id, &info);
    Ok(())
}
