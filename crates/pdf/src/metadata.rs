//! Title and private metadata of a revision: the information dictionary and the XMP packet.

use crate::document::Document;
use crate::error::PdfError;
use crate::object::{Dictionary, Object};

/// What a revision says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub title: Option<String>,
    pub custom: Vec<(String, String)>,
}

/// Keys of the information dictionary that ISO 32000-1, table 317 defines.
pub(crate) const STANDARD: [&str; 9] = [
    "Title",
    "Author",
    "Subject",
    "Keywords",
    "Creator",
    "Producer",
    "CreationDate",
    "ModDate",
    "Trapped",
];

/// Name spaces that are not private.
const PUBLIC: [&str; 4] = [
    "http://www.w3.org/",
    "http://purl.org/dc/",
    "http://ns.adobe.com/",
    "http://www.aiim.org/",
];

/// XMP packets beyond this size are not read for properties.
const MAX_XMP: usize = 1 << 20;

pub(crate) fn read(document: &Document<'_>, revision: usize) -> Result<Metadata, PdfError> {
    let mut metadata = Metadata::default();
    if let Some(info) = document.dictionary(revision, &document.trailer(revision), "Info")? {
        from_info(document, revision, &info, &mut metadata)?;
    }
    let catalog = document.catalog(revision)?.unwrap_or_default();
    if let Object::Stream(stream) = document.value(revision, &catalog, "Metadata")?
        && let Some(packet) = document.decoded(revision, &stream)?
        && packet.len() <= MAX_XMP
    {
        from_xmp(&packet, &mut metadata);
    }
    Ok(metadata)
}

fn from_info(
    document: &Document<'_>,
    revision: usize,
    info: &Dictionary,
    metadata: &mut Metadata,
) -> Result<(), PdfError> {
    for entry in &info.entries {
        let value = document.resolve(revision, &entry.value)?;
        let Some(text) = value.as_text() else {
            continue;
        };
        let key = String::from_utf8_lossy(&entry.key).into_owned();
        if key == "Title" {
            metadata.title = Some(text);
        } else if !STANDARD.contains(&key.as_str()) {
            metadata.custom.push((key, text));
        }
    }
    Ok(())
}

fn from_xmp(packet: &[u8], metadata: &mut Metadata) {
    let text = String::from_utf8_lossy(packet);
    let text = text.trim_matches(|c: char| c == '\0' || c == '\u{feff}' || c.is_whitespace());
    let Ok(tree) = roxmltree::Document::parse(text) else {
        return;
    };
    let descriptions = tree
        .descendants()
        .filter(|node| node.tag_name().name() == "Description");
    for description in descriptions {
        for attribute in description.attributes() {
            let private = attribute.namespace().is_some_and(is_private);
            if private {
                let pair = (attribute.name().to_owned(), attribute.value().to_owned());
                metadata.custom.push(pair);
            }
        }
        for property in description.children().filter(|node| node.is_element()) {
            let namespace = property.tag_name().namespace().unwrap_or_default();
            let name = property.tag_name().name();
            if namespace.starts_with("http://purl.org/dc/") && name == "title" {
                let item = property.descendants().find(|node| node.tag_name().name() == "li");
                let title = item.and_then(|item| item.text()).map(str::to_owned);
                metadata.title = title.or(metadata.title.take());
            } else if is_private(namespace) && !property.children().any(|child| child.is_element()) {
                let value = property.text().unwrap_or_default().to_owned();
                metadata.custom.push((name.to_owned(), value));
            }
        }
    }
}

fn is_private(namespace: &str) -> bool {
    !namespace.is_empty() && PUBLIC.iter().all(|public| !namespace.starts_with(public))
}
