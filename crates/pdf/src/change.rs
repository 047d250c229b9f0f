//! What a revision changes, object by object, and which of it the adding of a signature explains.
//!
//! Every object whose value differs from the revision before is *pending*. Rules take objects out and name them;
//! what no rule vouches for stays and is reported as a change of the document:
//!
//! 1. the signature dictionary of a signature that covers this very revision, its field, its widgets and what is
//!    reachable from their appearance only;
//! 2. the form (`Fields` grows by those fields), `Annots` of a page (grows by those widgets), the catalogue
//!    (`AcroForm`, `DSS`, `Extensions`, `Perms`, `Version` within bounds);
//! 3. what is reachable from the document security store only;
//! 4. metadata that a signing program rewrites;
//! 5. new objects that nothing refers to.
//!
//! What holds the form, its fields, a page's annotations or the store is the object that held it before or one whose
//! number is new to the file, and of the same shape; metadata are explained by rule 4 only. A signature that shows is
//! named beside its objects, bytes that no section lists are a change, and [`frozen`](crate::frozen) repeats the
//! comparison with the signed revision, so that no chain of small steps adds up to a change.
//!
//! "Only" is taken from the revision before: an object that its content already refers to, even if it did not exist,
//! is never explained (a shadow attack prepares exactly that).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::anomaly::AnomalyKind;
use crate::document::Document;
use crate::error::PdfError;
use crate::gaps;
use crate::metadata;
use crate::model::{Change, ChangeKind, Kind};
use crate::object::{Dictionary, Object, ObjectId};
use crate::reach;
use crate::signature::Found;
use crate::update::SECTION_KEYS;

/// An object that differs. `None`: it does not exist.
pub(crate) struct Pair {
    pub old: Option<Object>,
    pub new: Option<Object>,
}

/// What a place in the document holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Dictionary,
    List,
}

/// The comparison of one revision with the one before it.
pub(crate) struct Comparison<'d> {
    pub document: &'d Document<'d>,
    pub before: usize,
    pub after: usize,
    pub pending: BTreeMap<u32, Pair>,
    pub changes: Vec<Change>,
    /// Signatures that this revision adds and that cover it.
    pub added: Vec<&'d Found>,
    /// What the content of the revision before refers to; made when first needed.
    content: Option<HashSet<u32>>,
    /// What the metadata of both revisions are made of; made when first needed.
    metadata: Option<HashSet<u32>>,
}

/// All changes that `after` makes to the revision before it.
pub(crate) fn compare<'d>(
    document: &'d Document<'d>,
    after: usize,
    signatures: &'d [Found],
) -> Result<Vec<Change>, PdfError> {
    let Some(before) = after.checked_sub(1) else {
        return Ok(Vec::new());
    };
    let added = signatures
        .iter()
        .filter(|found| found.signature.revision == Some(after) && found.first == after && !found.signature.fatal());
    let mut comparison = Comparison {
        document,
        before,
        after,
        pending: pending(document, before, after)?,
        changes: Vec::new(),
        added: added.collect(),
        content: None,
        metadata: None,
    };
    comparison.compare_trailer();
    comparison.report_looks();
    comparison.report_gaps()?;
    comparison.explain_signatures()?;
    comparison.explain_catalog()?;
    comparison.explain_pages()?;
    comparison.explain_store()?;
    comparison.explain_metadata()?;
    comparison.report_rest()?;
    Ok(comparison.changes)
}

fn pending(document: &Document<'_>, before: usize, after: usize) -> Result<BTreeMap<u32, Pair>, PdfError> {
    let mut pending = BTreeMap::new();
    for number in document.touched(after) {
        if document.place(before, number) == document.place(after, number) {
            continue;
        }
        let pair = Pair {
            old: document.object(before, number)?,
            new: document.object(after, number)?,
        };
        let same = match (&pair.old, &pair.new) {
            (None, None) => document.place(after, number).is_none(),
            (Some(old), Some(new)) => document.same((before, old), (after, new))?,
            _ => false,
        };
        if !same {
            pending.insert(number, pair);
        }
    }
    Ok(pending)
}

impl Comparison<'_> {
    /// Takes an object out of the pending ones.
    pub fn explain(&mut self, number: u32, kind: ChangeKind, detail: impl Into<String>) {
        if self.pending.remove(&number).is_some() {
            self.report(number, kind, detail);
        }
    }

    pub fn report(&mut self, number: u32, kind: ChangeKind, detail: impl Into<String>) {
        let limit = self.document.limits.max_changes;
        if self.changes.len() < limit {
            self.changes.push(Change {
                revision: self.after,
                kind,
                object: (number, 0),
                detail: detail.into(),
            });
        } else if let Some(last) = self.changes.last_mut() {
            last.kind = last.kind.max(kind);
            "and more".clone_into(&mut last.detail);
        }
    }

    /// The kind of change that adding a signature is; `None` if this revision adds none.
    pub fn signing(&self) -> Option<ChangeKind> {
        self.added.first().map(|found| match found.signature.kind {
            Kind::Signature => ChangeKind::Signature,
            Kind::DocTimeStamp => ChangeKind::DocTimeStamp,
        })
    }

    /// Whether the revision adds the object under a number that no revision before it ever used.
    pub fn is_new(&self, number: u32) -> bool {
        self.pending.get(&number).is_some_and(|pair| pair.old.is_none()) && !self.document.defined(self.before, number)
    }

    /// Whether `new` may hold the place in the document that `old` held in the revision before: the same object or a
    /// new one that nothing else is made of, a plain list or dictionary both before and after.
    pub fn holds(&mut self, old: Option<&Object>, new: Option<&Object>, shape: Shape) -> Result<bool, PdfError> {
        let document = self.document;
        let fits = |revision, value: &Object| -> Result<bool, PdfError> {
            let value = match value {
                Object::Reference(id) => document.fetch(revision, *id)?,
                direct => direct.clone(),
            };
            Ok(matches!(
                (shape, value),
                (Shape::List, Object::Array(_)) | (Shape::Dictionary, Object::Dictionary(_))
            ))
        };
        if let Some(old) = old
            && !fits(self.before, old)?
        {
            return Ok(false);
        }
        let Some(new) = new else { return Ok(true) };
        if !fits(self.after, new)? {
            return Ok(false);
        }
        match new {
            Object::Reference(id) if old != Some(new) => Ok(self.is_new(id.0) && !self.in_content(id.0)?),
            _ => Ok(true),
        }
    }

    /// Nobody but a human can say whether a signature that shows covers something; a time stamp has no reason to show.
    fn report_looks(&mut self) {
        for found in self.added.clone() {
            let id = found.field.or(found.value).unwrap_or_default();
            match found.signature.kind {
                Kind::DocTimeStamp if found.shows || found.draws => {
                    self.report(id.0, ChangeKind::Content, "visible document time stamp");
                }
                Kind::Signature if found.shows => {
                    self.report(id.0, ChangeKind::VisibleSignature, "the signature shows on a page");
                }
                _ => {}
            }
        }
    }

    fn report_gaps(&mut self) -> Result<(), PdfError> {
        if let Some(gap) = gaps::unlisted(self.document, self.after)? {
            let detail = format!("bytes from {} to {} belong to no listed object", gap.start, gap.end);
            self.document.note(AnomalyKind::HiddenBytes, detail.clone());
            self.report(0, ChangeKind::Content, detail);
        }
        Ok(())
    }

    /// Whether the content of the revision before refers to the object, or the metadata of either are made of it.
    pub fn in_content(&mut self, number: u32) -> Result<bool, PdfError> {
        if self.metadata.is_none() {
            let mut metadata = reach::metadata(self.document, self.before)?;
            metadata.extend(reach::metadata(self.document, self.after)?);
            self.metadata = Some(metadata);
        }
        let metadata = self.metadata.as_ref().is_none_or(|set| set.contains(&number));
        Ok(metadata || self.in_shown(number)?)
    }

    fn in_shown(&mut self, number: u32) -> Result<bool, PdfError> {
        if self.content.is_none() {
            self.content = Some(reach::content(self.document, self.before)?);
        }
        Ok(self.content.as_ref().is_none_or(|content| content.contains(&number)))
    }

    /// Fields and widgets of the added signatures.
    pub fn added_fields(&self) -> Vec<ObjectId> {
        let fields = self.added.iter().flat_map(|found| {
            let widgets = found.widgets.iter().copied();
            found.field.into_iter().chain(widgets)
        });
        fields.collect()
    }

    fn compare_trailer(&mut self) {
        let old = self.document.trailer(self.before);
        let new = self.document.trailer(self.after);
        for key in old.differing(&new) {
            // A change of `Info` is judged as metadata.
            let known = key == b"Info" || SECTION_KEYS.iter().any(|known| known.as_bytes() == key);
            if !known {
                let key = String::from_utf8_lossy(key);
                self.report(0, ChangeKind::Content, format!("trailer key {key}"));
            }
        }
    }

    /// Explains the new objects that `value` leads to through new objects only.
    pub fn explain_new(&mut self, value: &Object, kind: ChangeKind, detail: &str) -> Result<(), PdfError> {
        let mut stack = reach::references(value);
        while let Some(number) = stack.pop() {
            if !self.is_new(number) || self.in_content(number)? {
                continue;
            }
            if let Some(new) = self.pending.get(&number).and_then(|pair| pair.new.clone()) {
                stack.extend(reach::references(&new));
                self.explain(number, kind, detail);
            }
        }
        Ok(())
    }

    fn explain_metadata(&mut self) -> Result<(), PdfError> {
        let (before, after) = (self.before, self.after);
        let document = self.document;
        let reference = |dictionary: &Dictionary, key| dictionary.find(key)?.as_reference();
        let xmp = |revision| -> Result<_, PdfError> {
            let catalog = document.catalog(revision)?.unwrap_or_default();
            Ok(reference(&catalog, "Metadata"))
        };
        let (old_xmp, new_xmp) = (xmp(before)?, xmp(after)?);
        let (old_trailer, new_trailer) = (document.trailer(before), document.trailer(after));
        let (old_info, new_info) = (reference(&old_trailer, "Info"), reference(&new_trailer, "Info"));
        let info_moved = old_trailer.find("Info") != new_trailer.find("Info");
        let xmp_moved = old_xmp != new_xmp;
        let touched = |number: Option<ObjectId>| number.is_some_and(|id| self.pending.contains_key(&id.0));
        let changed = [old_info, new_info, old_xmp, new_xmp].into_iter().any(touched);
        if !changed && !info_moved && !xmp_moved {
            return Ok(());
        }
        let old = metadata::read(document, before)?;
        let new = metadata::read(document, after)?;
        let fresh = |moved: bool, id: Option<ObjectId>| !moved || id.is_none_or(|id| self.is_new(id.0));
        let harmless = self.signing().is_some()
            && old == new
            && fresh(info_moved, new_info)
            && fresh(xmp_moved, new_xmp)
            && self.info_keys_allowed(&old_trailer, &new_trailer)?;
        let kind = if harmless {
            ChangeKind::SigningMetadata
        } else {
            ChangeKind::Metadata
        };
        for id in [old_info, new_info].into_iter().flatten() {
            if self.is_pending(id.0, |object| matches!(object, Object::Dictionary(_))) && !self.in_shown(id.0)? {
                self.explain(id.0, kind, "information dictionary");
            }
        }
        if info_moved && !changed {
            self.report(0, kind, "trailer key Info");
        }
        for id in [old_xmp, new_xmp].into_iter().flatten() {
            if self.is_pending(id.0, |object| is_type(object, "Metadata")) && !self.in_shown(id.0)? {
                self.explain(id.0, kind, "XMP metadata");
            }
        }
        if xmp_moved && !harmless {
            self.report(0, kind, "catalogue key Metadata");
        }
        Ok(())
    }

    /// Whether the object waits for an explanation and `fits` both as it was and as it is, where it exists.
    fn is_pending(&self, number: u32, fits: impl Fn(&Object) -> bool) -> bool {
        let fits = |object: &Option<Object>| object.as_ref().is_none_or(&fits);
        self.pending
            .get(&number)
            .is_some_and(|pair| fits(&pair.old) && fits(&pair.new))
    }

    fn info_keys_allowed(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, PdfError> {
        let old = self.document.value(self.before, old, "Info")?;
        let new = self.document.value(self.after, new, "Info")?;
        let empty = Arc::default();
        let old = old.as_dictionary().unwrap_or(&empty);
        let new = new.as_dictionary().unwrap_or(&empty);
        Ok(old
            .differing(new)
            .iter()
            .all(|key| matches!(*key, b"ModDate" | b"Producer")))
    }

    fn is_reachable(&self, number: u32, reachable: &mut Option<HashSet<u32>>) -> Result<bool, PdfError> {
        if reachable.is_none() {
            let trailer = Object::Dictionary(self.document.trailer(self.after));
            *reachable = Some(reach::closure(self.document, self.after, &trailer)?);
        }
        Ok(reachable.as_ref().is_none_or(|set| set.contains(&number)))
    }

    fn report_rest(&mut self) -> Result<(), PdfError> {
        let mut reachable = None;
        for (number, pair) in std::mem::take(&mut self.pending) {
            if self.is_container(number, &pair)? {
                continue;
            }
            let verb = match (&pair.old, &pair.new) {
                (None, Some(_)) => "added",
                (Some(_), None) => "removed or made unreadable",
                _ => "changed",
            };
            if pair.old.is_none() && !self.is_reachable(number, &mut reachable)? {
                let detail = "object added that nothing refers to";
                self.report(number, ChangeKind::Unreferenced, detail);
                continue;
            }
            let subject = pair.old.as_ref().or(pair.new.as_ref());
            let (kind, what) = subject.map_or((ChangeKind::Content, "object"), classify);
            self.report(number, kind, format!("{what} {verb}"));
        }
        Ok(())
    }

    /// Cross-reference and object streams are packaging, unless something refers to them.
    fn is_container(&mut self, number: u32, pair: &Pair) -> Result<bool, PdfError> {
        let packaging = |object: &Option<Object>| {
            object.as_ref().is_none_or(|object| {
                matches!(object, Object::Stream(_)) && (is_type(object, "XRef") || is_type(object, "ObjStm"))
            })
        };
        let reused = pair.old.is_none() && self.document.defined(self.before, number);
        Ok(!reused && packaging(&pair.old) && packaging(&pair.new) && !self.in_content(number)?)
    }
}

pub(crate) fn is_type(object: &Object, name: &str) -> bool {
    object
        .as_dictionary()
        .and_then(|dictionary| dictionary.find("Type"))
        .is_some_and(|value| value.is_name(name))
}

fn classify(object: &Object) -> (ChangeKind, &'static str) {
    let Some(dictionary) = object.as_dictionary() else {
        return (ChangeKind::Content, "object");
    };
    let has = |key: &str, value: &str| dictionary.find(key).is_some_and(|v| v.is_name(value));
    if dictionary.find("FT").is_some() || has("Subtype", "Widget") {
        (ChangeKind::FormFill, "form field")
    } else if has("Type", "Annot") || dictionary.find("Rect").is_some() {
        (ChangeKind::Annotation, "annotation")
    } else if has("Type", "Metadata") {
        (ChangeKind::Metadata, "metadata stream")
    } else if has("Type", "Page") {
        (ChangeKind::Content, "page")
    } else if has("Type", "Pages") {
        (ChangeKind::Content, "page tree")
    } else if has("Type", "Catalog") {
        (ChangeKind::Content, "document catalogue")
    } else if has("Type", "Sig") || dictionary.find("ByteRange").is_some() {
        (ChangeKind::Content, "signature dictionary")
    } else if matches!(object, Object::Stream(_)) {
        (ChangeKind::Content, "stream")
    } else {
        (ChangeKind::Content, "dictionary")
    }
}
