use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use typst::foundations::Bytes;

use crate::picture;
use crate::{Fonts, ImageFault, LayoutError, Limits};

/// One licence's data after it was checked: every text can be shown, every image is within bounds.
pub(crate) struct Data {
    pub json: Bytes,
    /// Decoded images by the JSON path of the value they came from.
    pub images: BTreeMap<String, Bytes>,
}

impl Data {
    pub(crate) fn check(json: &[u8], fonts: &Fonts, limits: &Limits) -> Result<Self, LayoutError> {
        within("max_data_bytes", None, json.len() as u64, limits.max_data_bytes as u64)?;
        let value: Value = serde_json::from_slice(json).map_err(LayoutError::Data)?;
        let mut check = Check {
            fonts,
            limits,
            texts: 0,
            images: BTreeMap::new(),
        };
        check.value("", &value)?;
        Ok(Self {
            json: Bytes::new(json.to_vec()),
            images: check.images,
        })
    }
}

struct Check<'a> {
    fonts: &'a Fonts,
    limits: &'a Limits,
    texts: usize,
    images: BTreeMap<String, Bytes>,
}

impl Check<'_> {
    fn value(&mut self, path: &str, value: &Value) -> Result<(), LayoutError> {
        match value {
            Value::String(text) => self.text(path, text),
            Value::Array(values) => values
                .iter()
                .enumerate()
                .try_for_each(|(i, value)| self.value(&format!("{path}[{i}]"), value)),
            Value::Object(map) => map.iter().try_for_each(|(key, value)| {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                self.value(&path, value)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn text(&mut self, path: &str, text: &str) -> Result<(), LayoutError> {
        self.texts += 1;
        within("max_texts", None, self.texts as u64, self.limits.max_texts as u64)?;
        if let Some(encoded) = image_text(text) {
            let image = self.image(path, encoded)?;
            self.images.insert(path.to_owned(), image);
            return Ok(());
        }
        let chars = text.chars().count();
        within(
            "max_text_chars",
            Some(path),
            chars as u64,
            self.limits.max_text_chars as u64,
        )?;
        for ch in text.chars() {
            if is_forbidden(ch) {
                return Err(LayoutError::ForbiddenCharacter {
                    ch,
                    field: path.to_owned(),
                });
            }
            if !needs_no_glyph(ch) && !self.fonts.covers(ch) {
                return Err(LayoutError::MissingGlyph {
                    ch,
                    field: Some(path.to_owned()),
                    page: None,
                });
            }
        }
        Ok(())
    }

    fn image(&self, path: &str, encoded: &str) -> Result<Bytes, LayoutError> {
        let fault = |fault| LayoutError::Image {
            field: path.to_owned(),
            fault,
        };
        let upper_bound = encoded.len() / 4 * 3;
        within(
            "max_image_bytes",
            Some(path),
            upper_bound as u64,
            self.limits.max_image_bytes as u64,
        )?;
        let bytes = STANDARD.decode(encoded).map_err(|_| fault(ImageFault::Base64))?;
        let header = picture::header(&bytes).map_err(fault)?;
        let pixels = u64::from(header.width) * u64::from(header.height);
        within("max_image_pixels", Some(path), pixels, self.limits.max_image_pixels)?;
        Ok(Bytes::new(bytes))
    }
}

pub(crate) fn within(what: &'static str, field: Option<&str>, found: u64, limit: u64) -> Result<(), LayoutError> {
    if found <= limit {
        return Ok(());
    }
    Err(LayoutError::LimitExceeded {
        what,
        field: field.map(str::to_owned),
        found,
        limit,
    })
}

/// The base64 of an image: a `data:` URL, or base64 that begins like a PNG or a JPEG file.
fn image_text(text: &str) -> Option<&str> {
    if let Some(url) = text.strip_prefix("data:image/") {
        return url.split_once(";base64,").map(|(_, encoded)| encoded);
    }
    (text.starts_with("iVBORw0KGgo") || text.starts_with("/9j/")).then_some(text)
}

/// Controls except the line feed, and the marks that change the direction or hide parts of a line.
fn is_forbidden(ch: char) -> bool {
    (ch.is_control() && ch != '\n')
        || matches!(ch, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// White space, joiners and variation selectors act on their neighbours and have no glyph of their own.
pub(crate) fn needs_no_glyph(ch: char) -> bool {
    matches!(ch, '\n' | ' ' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
