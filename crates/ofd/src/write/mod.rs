//! Writing a package: pages become `Content.xml`, fonts and pictures become resources.
//!
//! Text stays text: characters in `TextCode`, glyph indices of the embedded subset in `CGTransform`. What is written
//! is a function of the model alone; the same document gives the same bytes.

mod content;
mod geometry;
mod model;
mod parts;
pub(crate) mod text;

pub use model::{
    Attachment, Document, Draft, FieldTag, Font, Image, ImageFormat, ImageObject, Object, Page, PathCommand,
    PathObject, TextCode, TextObject, WriteError,
};

use std::collections::BTreeMap;

use crate::archive::Assembler;

/// Writes an unsigned package.
///
/// Order of elements and attributes follow the schema of GB/T 33190-2016; every object has its own ID and
/// `MaxUnitID` is the greatest.
///
/// # Errors
/// A [`WriteError`] that names what in the model cannot be written.
pub fn build(document: &Document) -> Result<Draft, WriteError> {
    parts::check(document)?;
    let mut ids = Ids::default();
    let page_ids: Vec<u32> = document.pages.iter().map(|_| ids.next()).collect();
    for font in &document.fonts {
        ids.add_font(font.id)?;
    }
    for image in &document.images {
        ids.add_image(image.id)?;
    }
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut objects = Vec::with_capacity(document.pages.len());
    for (index, page) in document.pages.iter().enumerate() {
        let (content, object_ids) = content::write(page, index, &mut ids)?;
        files.insert(format!("Doc_0/Pages/Page_{index}/Content.xml"), content);
        objects.push(object_ids);
    }
    parts::resources(document, &ids, &mut files)?;
    let tags = parts::tags(document, &page_ids, &objects, &mut files)?;
    let attachments = parts::attachments(document, &mut files)?;
    let root = parts::document_root(document, &page_ids, ids.last, tags, attachments)?;
    files.insert("Doc_0/Document.xml".to_owned(), root);
    let mut archive = Assembler::default();
    archive
        .add(crate::read::MAIN, &parts::main(document)?)
        .map_err(|_| WriteError::TooLarge)?;
    for (name, content) in &files {
        archive.add(name, content).map_err(|_| WriteError::TooLarge)?;
    }
    Ok(Draft {
        bytes: archive.finish().map_err(|_| WriteError::TooLarge)?,
        page_ids,
    })
}

/// Allots IDs: one sequence for everything in the document.
#[derive(Debug, Default)]
struct Ids {
    last: u32,
    fonts: BTreeMap<u32, u32>,
    images: BTreeMap<u32, u32>,
}

impl Ids {
    fn next(&mut self) -> u32 {
        self.last = self.last.saturating_add(1);
        self.last
    }

    fn add_font(&mut self, id: u32) -> Result<(), WriteError> {
        let own = self.next();
        match self.fonts.insert(id, own) {
            None => Ok(()),
            Some(_) => Err(WriteError::DuplicateId { what: "font", id }),
        }
    }

    fn add_image(&mut self, id: u32) -> Result<(), WriteError> {
        let own = self.next();
        match self.images.insert(id, own) {
            None => Ok(()),
            Some(_) => Err(WriteError::DuplicateId { what: "picture", id }),
        }
    }

    fn font(&self, id: u32, page: usize) -> Result<String, WriteError> {
        let own = self
            .fonts
            .get(&id)
            .ok_or(WriteError::Unknown { page, what: "font", id })?;
        Ok(own.to_string())
    }

    fn image(&self, id: u32, page: usize) -> Result<String, WriteError> {
        let own = self.images.get(&id).ok_or(WriteError::Unknown {
            page,
            what: "picture",
            id,
        })?;
        Ok(own.to_string())
    }
}
