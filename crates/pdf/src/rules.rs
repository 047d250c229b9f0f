//! The rules that vouch for a change: see the head of [`change`](crate::change).

use std::sync::Arc;

use crate::change::{Comparison, Shape};
use crate::error::PdfError;
use crate::model::ChangeKind;
use crate::object::{Dictionary, Object, ObjectId};
use crate::signature::Found;

/// Keys that a new signature field or its widget may have. No actions.
const FIELD_KEYS: [&str; 29] = [
    "Type",
    "Subtype",
    "FT",
    "T",
    "TU",
    "TM",
    "V",
    "F",
    "Ff",
    "P",
    "Rect",
    "AP",
    "AS",
    "MK",
    "BS",
    "Border",
    "Parent",
    "Kids",
    "DA",
    "DR",
    "Q",
    "Lock",
    "SV",
    "M",
    "NM",
    "H",
    "C",
    "Lang",
    "StructParent",
];

/// Keys of an existing empty signature field that signing it may change.
const SIGNED_KEYS: [&str; 8] = ["V", "AP", "AS", "M", "F", "MK", "Lock", "DA"];

fn only(dictionary_keys: &[&[u8]], allowed: &[&str]) -> bool {
    dictionary_keys
        .iter()
        .all(|key| allowed.iter().any(|allowed| allowed.as_bytes() == *key))
}

fn text(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}

impl Comparison<'_> {
    /// Rule 1: the signature dictionary, its field, its widgets, their appearance.
    pub fn explain_signatures(&mut self) -> Result<(), PdfError> {
        let Some(kind) = self.signing() else {
            return Ok(());
        };
        let empty = self.document.empty_fields(self.before)?;
        for found in self.added.clone() {
            if let Some(value) = found.value
                && self.is_new(value.0)
                && !self.in_content(value.0)?
            {
                let new = self.pending.get(&value.0).and_then(|pair| pair.new.clone());
                self.explain(value.0, kind, "signature dictionary");
                self.explain_new(&new.unwrap_or(Object::Null), kind, "part of the signature")?;
            }
            let field = found.field.into_iter();
            for id in field.chain(found.widgets.iter().copied()) {
                self.explain_field(found, id, &empty, kind)?;
            }
        }
        Ok(())
    }

    fn explain_field(
        &mut self,
        found: &Found,
        id: ObjectId,
        empty: &[ObjectId],
        kind: ChangeKind,
    ) -> Result<(), PdfError> {
        let Some(pair) = self.pending.get(&id.0) else {
            return Ok(());
        };
        let Some(new) = pair.new.as_ref().and_then(Object::as_dictionary).cloned() else {
            return Ok(());
        };
        let detail = match (&pair.old, found.signature.visible) {
            (Some(old), _) => {
                let Some(old) = old.as_dictionary() else {
                    return Ok(());
                };
                if !empty.contains(&id) || !only(&old.differing(&new), &SIGNED_KEYS) {
                    return Ok(());
                }
                "existing signature field signed".to_owned()
            }
            (None, Some(visible)) => {
                format!("signature field added, visible on page {}", visible.page + 1)
            }
            (None, None) => "signature field added, not visible".to_owned(),
        };
        let keys: Vec<&[u8]> = new.entries.iter().map(|entry| &*entry.key).collect();
        let is_new = pair.old.is_none();
        if !matches!(pair.new, Some(Object::Dictionary(_))) {
            return Ok(());
        }
        if is_new && (!only(&keys, &FIELD_KEYS) || !self.is_new(id.0) || self.in_content(id.0)?) {
            return Ok(());
        }
        self.explain(id.0, kind, detail);
        for key in ["AP", "MK", "Lock", "SV", "DR"] {
            if let Some(value) = new.find(key) {
                self.explain_new(value, kind, "appearance or lock of the signature field")?;
            }
        }
        Ok(())
    }

    /// Rule 2, first half: catalogue and form.
    pub fn explain_catalog(&mut self) -> Result<(), PdfError> {
        let document = self.document;
        let old = document.catalog(self.before)?.unwrap_or_default();
        let new = document.catalog(self.after)?.unwrap_or_default();
        let form_fault = self.explain_form()?;
        let store = self.holds(old.find("DSS"), new.find("DSS"), Shape::Dictionary)?;
        let mut faults: Vec<String> = Vec::new();
        for key in old.differing(&new) {
            let allowed = match key {
                b"AcroForm" => form_fault.is_none(),
                b"DSS" => store && new.find("DSS").is_some(),
                b"Extensions" => self.is_additive(old.find("Extensions"), new.find("Extensions"))?,
                b"Version" => matches!(new.find("Version"), Some(Object::Name(_))),
                b"Perms" => self.permissions_allowed(&old, &new)?,
                b"Metadata" => self.signing().is_some() && new.find("Metadata").is_some(),
                _ => false,
            };
            if !allowed {
                faults.push(text(key));
            }
        }
        let kind = self.signing().unwrap_or(ChangeKind::Dss);
        let root = document.trailer(self.after);
        let Some(root) = root.find("Root").and_then(Object::as_reference) else {
            return Ok(());
        };
        let detail = "document catalogue";
        match (faults.is_empty(), form_fault) {
            (true, None) => {
                let plain = |object: &Option<Object>| matches!(object, Some(Object::Dictionary(_)));
                let pair = self.pending.get(&root.0);
                let is_catalog = pair.is_some_and(|pair| plain(&pair.old) && plain(&pair.new));
                if is_catalog {
                    self.explain(root.0, kind, detail);
                }
                for key in ["Extensions", "Perms"] {
                    if let Some(value) = new.find(key) {
                        self.explain_new(value, kind, detail)?;
                    }
                }
            }
            (_, Some(fault)) => self.explain(root.0, ChangeKind::FormFill, fault),
            (false, None) => {
                let faults = faults.join(", ");
                self.explain(root.0, ChangeKind::Content, format!("document catalogue: {faults}"));
            }
        }
        Ok(())
    }

    /// Explains the form and its field list. `Some` says what no rule vouches for.
    fn explain_form(&mut self) -> Result<Option<String>, PdfError> {
        let document = self.document;
        let old = document.form(self.before)?;
        let new = document.form(self.after)?;
        let (old_catalog, new_catalog) = (document.catalog(self.before)?, document.catalog(self.after)?);
        let (old_catalog, new_catalog) = (old_catalog.unwrap_or_default(), new_catalog.unwrap_or_default());
        let (old_holder, new_holder) = (old_catalog.find("AcroForm"), new_catalog.find("AcroForm"));
        if !self.holds(old_holder, new_holder, Shape::Dictionary)? {
            return Ok(Some("form: it is not the object it was".to_owned()));
        }
        let (old, new) = match (old, new) {
            (None, None) => return Ok(None),
            (Some(_), None) => return Ok(Some("form removed".to_owned())),
            (old, Some(new)) => (old.unwrap_or_default(), new),
        };
        let mut faults = Vec::new();
        if !self.holds(old.find("Fields"), new.find("Fields"), Shape::List)? {
            faults.push("Fields".to_owned());
        }
        for key in old.differing(&new) {
            let allowed = match key {
                b"Fields" => new.find("Fields").is_some(),
                b"SigFlags" => self.signing().is_some(),
                b"DA" => self.signing().is_some() && old.find("DA").is_none(),
                b"DR" => self.signing().is_some() && self.is_additive(old.find("DR"), new.find("DR"))?,
                _ => false,
            };
            if !allowed {
                faults.push(text(key));
            }
        }
        let listed = |revision, form: &Dictionary| document.value(revision, form, "Fields");
        let old_fields = listed(self.before, &old)?;
        let new_fields = listed(self.after, &new)?;
        let allowed: Vec<ObjectId> = self.added.iter().filter_map(|found| found.field).collect();
        if !extends(&old_fields, &new_fields, &allowed) {
            faults.push("Fields".to_owned());
        }
        if !faults.is_empty() {
            faults.dedup();
            return Ok(Some(format!("form: {}", faults.join(", "))));
        }
        let kind = self.signing().unwrap_or(ChangeKind::Dss);
        let holders = [new_holder, new.find("Fields")];
        for holder in holders.into_iter().flatten() {
            if let Object::Reference(id) = holder {
                self.explain(id.0, kind, "form");
            }
        }
        if let Some(resources) = new.find("DR") {
            self.explain_new(resources, kind, "form resources")?;
        }
        Ok(None)
    }

    fn permissions_allowed(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, PdfError> {
        let permissions = self.document.dictionary(self.after, new, "Perms")?;
        let Some(permissions) = permissions.filter(|_| old.find("Perms").is_none()) else {
            return Ok(false);
        };
        let certifies = |value: &Object| {
            self.added
                .iter()
                .any(|found| found.value == value.as_reference() && found.value.is_some())
        };
        Ok(permissions
            .entries
            .iter()
            .all(|entry| &*entry.key == b"DocMDP" && certifies(&entry.value)))
    }

    /// Whether a dictionary, two levels deep, only gains keys.
    fn is_additive(&self, old: Option<&Object>, new: Option<&Object>) -> Result<bool, PdfError> {
        let (Some(old), Some(new)) = (old, new) else {
            return Ok(new.is_some());
        };
        let old = self.document.resolve(self.before, old)?;
        let new = self.document.resolve(self.after, new)?;
        let (Some(old), Some(new)) = (old.as_dictionary(), new.as_dictionary()) else {
            return Ok(false);
        };
        for key in old.differing(new) {
            let key = String::from_utf8_lossy(key);
            let Some(value) = old.find(&key) else {
                continue;
            };
            let inner = self.document.resolve(self.before, value)?;
            let grown = self.document.value(self.after, new, &key)?;
            let (Some(inner), Some(grown)) = (inner.as_dictionary(), grown.as_dictionary()) else {
                return Ok(false);
            };
            let lost = inner
                .differing(grown)
                .iter()
                .any(|key| inner.find(&String::from_utf8_lossy(key)).is_some());
            if lost {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Rule 2, second half: `Annots` of pages.
    pub fn explain_pages(&mut self) -> Result<(), PdfError> {
        let Some(kind) = self.signing() else {
            return Ok(());
        };
        let document = self.document;
        let pages = match document.pages(self.after) {
            Ok(pages) => pages,
            Err(error @ PdfError::LimitExceeded(_)) => return Err(error),
            Err(_) => return Ok(()),
        };
        let widgets = self.added_fields();
        for page in pages {
            let holder = page.dictionary.find("Annots").and_then(Object::as_reference);
            let touched = |id: ObjectId| self.pending.contains_key(&id.0);
            if !touched(page.id) && !holder.is_some_and(touched) {
                continue;
            }
            let Object::Dictionary(old) = document.fetch(self.before, page.id)? else {
                continue;
            };
            if !only(&old.differing(&page.dictionary), &["Annots", "LastModified"]) {
                continue;
            }
            let before = document.annotations(self.before, &old)?;
            let after = document.annotations(self.after, &page.dictionary)?;
            let grown = extends(&Object::Array(before.into()), &Object::Array(after.into()), &widgets);
            let held = self.holds(old.find("Annots"), page.dictionary.find("Annots"), Shape::List)?;
            if grown && held {
                self.explain(page.id.0, kind, "widget added to the page");
                if let Some(holder) = holder {
                    self.explain(holder.0, kind, "widget added to the page");
                }
            }
        }
        Ok(())
    }
}

/// Whether `new` has all items of `old` in their order, and besides these only `allowed` references, each once.
fn extends(old: &Object, new: &Object, allowed: &[ObjectId]) -> bool {
    let empty: Arc<[Object]> = Arc::from([]);
    let mut old = old.as_array().unwrap_or(&empty).iter().peekable();
    let mut added: Vec<ObjectId> = Vec::new();
    for item in new.as_array().unwrap_or(&empty) {
        if old.peek() == Some(&item) {
            old.next();
            continue;
        }
        match item {
            Object::Reference(id) if allowed.contains(id) && !added.contains(id) => added.push(*id),
            _ => return false,
        }
    }
    old.peek().is_none()
}
