//! The files around the pages: `OFD.xml`, the document root, resources, tags, attachments.

use std::collections::BTreeMap;

use super::model::{Document, Font, Image, ImageFormat, Object};
use super::text::{Xml, is_element_name, lengths};
use super::{Ids, WriteError};

type Files = BTreeMap<String, Vec<u8>>;
/// Fields by name, each with the page and index of its objects.
type Fields<'d> = Vec<(&'d str, Vec<(usize, usize)>)>;

const TAG_NAMESPACE: &str = "urn:cinnabar:fields:1";

pub(super) fn check(document: &Document) -> Result<(), WriteError> {
    if document.pages.is_empty() {
        return Err(WriteError::NoPages);
    }
    if document.doc_id.len() != 32 || !document.doc_id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(WriteError::BadDocId(document.doc_id.clone()));
    }
    let format = time::macros::format_description!("[year]-[month]-[day]");
    if time::Date::parse(&document.creation_date, format).is_err() {
        return Err(WriteError::BadDate(document.creation_date.clone()));
    }
    Ok(())
}

pub(super) fn main(document: &Document) -> Result<Vec<u8>, WriteError> {
    let mut xml = Xml::new();
    xml.root("OFD", &[("Version", "1.0"), ("DocType", "OFD")]);
    xml.open("DocBody", &[]);
    xml.open("DocInfo", &[]);
    xml.leaf("DocID", &[], &document.doc_id);
    xml.leaf("Title", &[], &document.title);
    xml.leaf("CreationDate", &[], &document.creation_date);
    xml.leaf("Creator", &[], &document.creator);
    if !document.custom_data.is_empty() {
        xml.open("CustomDatas", &[]);
        for (name, text) in &document.custom_data {
            xml.leaf("CustomData", &[("Name", name)], text);
        }
        xml.close("CustomDatas");
    }
    xml.close("DocInfo");
    xml.leaf("DocRoot", &[], "Doc_0/Document.xml");
    xml.close("DocBody");
    xml.close("OFD");
    xml.finish()
}

pub(super) fn document_root(
    document: &Document,
    page_ids: &[u32],
    last_id: u32,
    tags: bool,
    attachments: bool,
) -> Result<Vec<u8>, WriteError> {
    let mut xml = Xml::new();
    xml.root("Document", &[]);
    xml.open("CommonData", &[]);
    xml.leaf("MaxUnitID", &[], &last_id.to_string());
    xml.open("PageArea", &[]);
    let (width, height) = document
        .pages
        .first()
        .map_or((0.0, 0.0), |page| (page.width_mm, page.height_mm));
    xml.leaf("PhysicalBox", &[], &lengths(&[0.0, 0.0, width, height]));
    xml.close("PageArea");
    if !document.fonts.is_empty() {
        xml.leaf("PublicRes", &[], "PublicRes.xml");
    }
    if !document.images.is_empty() {
        xml.leaf("DocumentRes", &[], "DocumentRes.xml");
    }
    xml.close("CommonData");
    xml.open("Pages", &[]);
    for (index, id) in page_ids.iter().enumerate() {
        let loc = format!("Pages/Page_{index}/Content.xml");
        xml.empty("Page", &[("ID", &id.to_string()), ("BaseLoc", &loc)]);
    }
    xml.close("Pages");
    if tags {
        xml.leaf("CustomTags", &[], "Tags/CustomTags.xml");
    }
    if attachments {
        xml.leaf("Attachments", &[], "Attachs/Attachments.xml");
    }
    xml.close("Document");
    xml.finish()
}

pub(super) fn resources(document: &Document, ids: &Ids, files: &mut Files) -> Result<(), WriteError> {
    if !document.fonts.is_empty() {
        let mut xml = Xml::new();
        xml.root("Res", &[("BaseLoc", "Res")]);
        xml.open("Fonts", &[]);
        for (index, font) in document.fonts.iter().enumerate() {
            let file = format!("font_{index}.{}", font_extension(font)?);
            let id = ids.font(font.id, 0)?;
            xml.open(
                "Font",
                &[("ID", &id), ("FontName", &font.name), ("FamilyName", &font.family)],
            );
            xml.leaf("FontFile", &[], &file);
            xml.close("Font");
            files.insert(format!("Doc_0/Res/{file}"), font.data.clone());
        }
        xml.close("Fonts");
        xml.close("Res");
        files.insert("Doc_0/PublicRes.xml".to_owned(), xml.finish()?);
    }
    if !document.images.is_empty() {
        let mut xml = Xml::new();
        xml.root("Res", &[("BaseLoc", "Res")]);
        xml.open("MultiMedias", &[]);
        for (index, image) in document.images.iter().enumerate() {
            let (format, extension) = image_format(image)?;
            let file = format!("image_{index}.{extension}");
            let id = ids.image(image.id, 0)?;
            xml.open("MultiMedia", &[("ID", &id), ("Type", "Image"), ("Format", format)]);
            xml.leaf("MediaFile", &[], &file);
            xml.close("MultiMedia");
            files.insert(format!("Doc_0/Res/{file}"), image.data.clone());
        }
        xml.close("MultiMedias");
        xml.close("Res");
        files.insert("Doc_0/DocumentRes.xml".to_owned(), xml.finish()?);
    }
    Ok(())
}

fn font_extension(font: &Font) -> Result<&'static str, WriteError> {
    match font.data.get(..4) {
        Some(b"OTTO") => Ok("otf"),
        Some(b"\0\x01\0\0" | b"true") => Ok("ttf"),
        _ => Err(WriteError::BadFont(font.name.clone())),
    }
}

fn image_format(image: &Image) -> Result<(&'static str, &'static str), WriteError> {
    let (start, names): (&[u8], _) = match image.format {
        ImageFormat::Png => (b"\x89PNG\r\n\x1a\n", ("PNG", "png")),
        ImageFormat::Jpeg => (b"\xff\xd8\xff", ("JPEG", "jpg")),
    };
    if image.data.starts_with(start) {
        Ok(names)
    } else {
        Err(WriteError::BadImage(image.id))
    }
}

/// Writes the field map: an element a field, holding a reference to each object that shows it.
pub(super) fn tags(
    document: &Document,
    page_ids: &[u32],
    objects: &[Vec<u32>],
    files: &mut Files,
) -> Result<bool, WriteError> {
    let fields = fields(document)?;
    if fields.is_empty() {
        return Ok(false);
    }
    let mut xml = Xml::new();
    xml.root("CustomTags", &[]);
    xml.open("CustomTag", &[("NameSpace", TAG_NAMESPACE)]);
    xml.leaf("FileLoc", &[], "Fields.xml");
    xml.close("CustomTag");
    xml.close("CustomTags");
    files.insert("Doc_0/Tags/CustomTags.xml".to_owned(), xml.finish()?);

    let mut xml = Xml::new();
    xml.root("f:fields", &[("xmlns:f", TAG_NAMESPACE)]);
    for (name, places) in fields {
        let plain = format!("f:{name}");
        let (element, attributes) = match is_element_name(name) {
            true => (plain.as_str(), Vec::new()),
            false => ("f:field", vec![("Name", name)]),
        };
        xml.open(element, &attributes);
        for (page, object) in places {
            let page_id = page_ids.get(page).copied().unwrap_or_default().to_string();
            let id = objects
                .get(page)
                .and_then(|ids| ids.get(object))
                .copied()
                .unwrap_or_default();
            xml.leaf("ObjectRef", &[("PageRef", &page_id)], &id.to_string());
        }
        xml.close(element);
    }
    xml.close("f:fields");
    files.insert("Doc_0/Tags/Fields.xml".to_owned(), xml.finish()?);
    Ok(true)
}

/// Collects the fields in the order of their first object, each with its objects once.
fn fields(document: &Document) -> Result<Fields<'_>, WriteError> {
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for (page, content) in document.pages.iter().enumerate() {
        for (object, item) in content.objects.iter().enumerate() {
            if let Object::Text(text) = item
                && let Some(name) = &text.name
            {
                places.push((page, object, name));
            }
        }
    }
    for tag in &document.field_tags {
        let known = document
            .pages
            .get(tag.page)
            .is_some_and(|page| tag.object < page.objects.len());
        if !known {
            let (name, page, object) = (tag.name.clone(), tag.page, tag.object);
            return Err(WriteError::UnknownObject { name, page, object });
        }
        places.push((tag.page, tag.object, &tag.name));
    }
    places.sort_unstable();
    places.dedup();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fields: Fields<'_> = Vec::new();
    for (page, object, name) in places {
        let at = *index.entry(name).or_insert(fields.len());
        if at == fields.len() {
            fields.push((name, Vec::new()));
        }
        if let Some((_, list)) = fields.get_mut(at) {
            list.push((page, object));
        }
    }
    Ok(fields)
}

pub(super) fn attachments(document: &Document, files: &mut Files) -> Result<bool, WriteError> {
    if document.attachments.is_empty() {
        return Ok(false);
    }
    let mut xml = Xml::new();
    xml.root("Attachments", &[]);
    for (index, attachment) in document.attachments.iter().enumerate() {
        let extension = &attachment.format;
        let plain = !extension.is_empty() && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain || attachment.name.is_empty() {
            return Err(WriteError::BadAttachment(attachment.name.clone()));
        }
        let file = format!("attachment_{index}.{extension}");
        let size = attachment.data.len().div_ceil(1024).to_string();
        let id = format!("a{}", index + 1);
        let attributes = [
            ("ID", id.as_str()),
            ("Name", &attachment.name),
            ("Format", extension),
            ("CreationDate", &document.creation_date),
            ("Size", &size),
            ("Visible", if attachment.visible { "true" } else { "false" }),
        ];
        xml.open("Attachment", &attributes);
        xml.leaf("FileLoc", &[], &file);
        xml.close("Attachment");
        files.insert(format!("Doc_0/Attachs/{file}"), attachment.data.clone());
    }
    xml.close("Attachments");
    files.insert("Doc_0/Attachs/Attachments.xml".to_owned(), xml.finish()?);
    Ok(true)
}
