//! The page tree of one revision.

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::Document;
use crate::error::PdfError;
use crate::object::{Dictionary, Object, ObjectId};

/// A page in reading order.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub id: ObjectId,
    pub dictionary: Arc<Dictionary>,
    /// `CropBox`, else `MediaBox`, with inheritance; normalised.
    pub view: Option<[f64; 4]>,
    pub rotation: i64,
}

#[derive(Debug, Clone, Default)]
struct Inherited {
    media: Option<[f64; 4]>,
    crop: Option<[f64; 4]>,
    rotation: i64,
}

impl Document<'_> {
    /// All pages of a revision.
    ///
    /// # Errors
    /// [`PdfError::Structure`] without a page tree, [`PdfError::Cyclic`] if it leads back to itself.
    pub fn pages(&self, revision: usize) -> Result<Vec<Page>, PdfError> {
        let catalog = self
            .catalog(revision)?
            .ok_or(PdfError::Structure("document catalogue"))?;
        let root = catalog
            .find("Pages")
            .and_then(Object::as_reference)
            .ok_or(PdfError::Structure("page tree"))?;
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut stack = vec![(root, Inherited::default())];
        while let Some((id, mut inherited)) = stack.pop() {
            if !seen.insert(id.0) {
                return Err(PdfError::Cyclic("page tree"));
            }
            if seen.len() > self.limits.max_pages.saturating_mul(2) {
                return Err(PdfError::LimitExceeded("max_pages"));
            }
            let Object::Dictionary(node) = self.fetch(revision, id)? else {
                continue;
            };
            if let Some(rotation) = self.value(revision, &node, "Rotate")?.as_integer() {
                inherited.rotation = rotation;
            }
            inherited.media = self.rectangle(revision, &node, "MediaBox")?.or(inherited.media);
            inherited.crop = self.rectangle(revision, &node, "CropBox")?.or(inherited.crop);
            match self.value(revision, &node, "Kids")? {
                Object::Array(kids) => {
                    let kids = kids.iter().rev().filter_map(Object::as_reference);
                    stack.extend(kids.map(|kid| (kid, inherited.clone())));
                }
                _ if node.find("Type").is_some_and(|t| t.is_name("Pages")) => {}
                _ => pages.push(Page {
                    id,
                    dictionary: node,
                    view: inherited.crop.or(inherited.media),
                    rotation: inherited.rotation.rem_euclid(360),
                }),
            }
            if pages.len() > self.limits.max_pages {
                return Err(PdfError::LimitExceeded("max_pages"));
            }
        }
        Ok(pages)
    }

    /// A rectangle as `[left, bottom, right, top]`.
    pub fn rectangle(&self, revision: usize, dictionary: &Dictionary, key: &str) -> Result<Option<[f64; 4]>, PdfError> {
        let value = self.value(revision, dictionary, key)?;
        let Some([a, b, c, d]) = value.as_array() else {
            return Ok(None);
        };
        let mut corners = [0.0; 4];
        for (corner, item) in corners.iter_mut().zip([a, b, c, d]) {
            match self.resolve(revision, item)?.as_number() {
                Some(number) => *corner = number,
                None => return Ok(None),
            }
        }
        let [a, b, c, d] = corners;
        Ok(Some([a.min(c), b.min(d), a.max(c), b.max(d)]))
    }

    /// The items of a page's `Annots`.
    pub fn annotations(&self, revision: usize, page: &Dictionary) -> Result<Vec<Object>, PdfError> {
        let annotations = self.value(revision, page, "Annots")?;
        Ok(annotations.as_array().map(<[Object]>::to_vec).unwrap_or_default())
    }
}
