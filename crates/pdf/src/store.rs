//! Rule 3: the document security store (ISO 32000-2, 12.8.4.3), part by part.

use crate::change::{Comparison, Shape, is_type};
use crate::error::PdfError;
use crate::model::ChangeKind;
use crate::object::{Entry, Object};

/// What an object is in the store.
#[derive(Debug, Clone, Copy)]
enum Part {
    Store,
    /// `VRI`: material by signature.
    Entries,
    Entry,
    List,
    /// A certificate, a list, a response: only ever new.
    Material,
}

impl Part {
    fn child(self, key: &[u8]) -> Option<Part> {
        match (self, key) {
            (Part::Store, b"Certs" | b"OCSPs" | b"CRLs") | (Part::Entry, b"Cert" | b"OCSP" | b"CRL") => {
                Some(Part::List)
            }
            (Part::Store, b"VRI") => Some(Part::Entries),
            (Part::Entry, b"TS") => Some(Part::Material),
            (Part::Entries, key) if key != b"Type" => Some(Part::Entry),
            _ => None,
        }
    }

    /// Whether a dictionary holds nothing but what the standard gives it.
    fn knows(self, entries: &[Entry]) -> bool {
        let type_of = |value: &Object| match self {
            Part::Store => value.is_name("DSS"),
            _ => value.is_name("VRI"),
        };
        entries.iter().all(|entry| match (self, &entry.key[..]) {
            (_, b"Type") => type_of(&entry.value),
            (Part::Entry, b"TU") => true,
            (Part::Entries, key) => key.iter().all(u8::is_ascii_hexdigit),
            (_, key) => self.child(key).is_some(),
        })
    }

    fn shape(self) -> Shape {
        match self {
            Part::List => Shape::List,
            _ => Shape::Dictionary,
        }
    }
}

impl Comparison<'_> {
    /// Explains the store's own dictionaries and lists, and new streams that they list.
    pub fn explain_store(&mut self) -> Result<(), PdfError> {
        let document = self.document;
        let old = document.catalog(self.before)?.unwrap_or_default();
        let new = document.catalog(self.after)?.unwrap_or_default();
        match new.find("DSS") {
            Some(store) => self.explain_part(old.find("DSS"), store, Part::Store),
            None => Ok(()),
        }
    }

    fn explain_part(&mut self, old: Option<&Object>, new: &Object, part: Part) -> Result<(), PdfError> {
        if matches!(part, Part::Material) {
            return self.explain_material(new);
        }
        if !self.holds(old, Some(new), part.shape())? {
            return Ok(());
        }
        let known = self.document.resolve(self.after, new)?;
        if !known
            .as_dictionary()
            .is_none_or(|dictionary| part.knows(&dictionary.entries))
        {
            return Ok(());
        }
        if let Object::Reference(id) = new {
            if self.in_content(id.0)? {
                return Ok(());
            }
            self.explain(id.0, ChangeKind::Dss, "validation material");
        }
        let held = self.document.resolve(self.after, new)?;
        let before = match old {
            Some(old) => self.document.resolve(self.before, old)?,
            None => Object::Null,
        };
        for item in held.as_array().unwrap_or_default() {
            self.explain_material(item)?;
        }
        let Some(dictionary) = held.as_dictionary() else {
            return Ok(());
        };
        for entry in &dictionary.entries {
            if let Some(child) = part.child(&entry.key) {
                let key = String::from_utf8_lossy(&entry.key);
                let old = before.as_dictionary().and_then(|before| before.find(&key));
                self.explain_part(old, &entry.value, child)?;
            }
        }
        Ok(())
    }

    fn explain_material(&mut self, value: &Object) -> Result<(), PdfError> {
        let Object::Reference(id) = value else {
            return Ok(());
        };
        let new = self.pending.get(&id.0).and_then(|pair| pair.new.clone());
        let Some(Object::Stream(stream)) = new.filter(|new| FOREIGN.iter().all(|name| !is_type(new, name))) else {
            return Ok(());
        };
        if !self.is_new(id.0) || self.in_content(id.0)? {
            return Ok(());
        }
        self.explain(id.0, ChangeKind::Dss, "validation material");
        match stream.dictionary.find("Length") {
            Some(Object::Reference(length)) => self.explain_length(length.0),
            _ => Ok(()),
        }
    }

    fn explain_length(&mut self, number: u32) -> Result<(), PdfError> {
        let new = self.pending.get(&number).and_then(|pair| pair.new.clone());
        if matches!(new, Some(Object::Integer(_))) && self.is_new(number) && !self.in_content(number)? {
            self.explain(number, ChangeKind::Dss, "length of validation material");
        }
        Ok(())
    }
}

/// What pages and forms are made of.
const FOREIGN: [&str; 7] = ["Page", "Pages", "Catalog", "Annot", "XObject", "Font", "Sig"];
