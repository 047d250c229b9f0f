//! Checks one value against its field, and collects the type's metadata items on the way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::fault::{Fault, FaultCode, Label};
use crate::check::{self, CheckError};
use crate::date::{Date, ValidTo};
use crate::types::{Field, FieldKind};

/// Collects the faults of a tree of fields, and the metadata items.
pub(crate) struct Inspector {
    pub(crate) faults: Vec<Fault>,
    pub(crate) metadata: Vec<(String, String)>,
}

impl Inspector {
    /// Checks every field of an object, and that it has no others.
    pub(crate) fn object(&mut self, fields: &[Field], object: &Map<String, Value>, at: &str, meta: Meta<'_>) {
        for field in fields {
            let path = join(at, &field.key);
            match object.get(&field.key).filter(|value| !is_absent(value)) {
                Some(value) => self.value(field, value, &path, meta),
                None if field.required => self.faults.push(missing(&path, field.label())),
                None => {}
            }
        }
        for key in object
            .keys()
            .filter(|key| !fields.iter().any(|field| field.key == **key))
        {
            self.faults
                .push(unknown(&join(at, key), fields.iter().map(|field| field.key.as_str())));
        }
    }

    fn value(&mut self, field: &Field, value: &Value, path: &str, meta: Meta<'_>) {
        let before = self.faults.len();
        match &field.kind {
            FieldKind::Group { fields } => {
                let Some(object) = value.as_object() else {
                    return self.wrong_type(path, field, "对象", "an object");
                };
                let name = field.metadata.as_deref();
                let inner = match (meta, name) {
                    (Meta::None, _) | (_, None) => Meta::None,
                    (Meta::Top, Some(name)) => Meta::In(name),
                    (Meta::In(_), Some(_)) => Meta::None,
                };
                return self.object(fields, object, path, inner);
            }
            FieldKind::List { min, max, fields } => {
                let Some(items) = value.as_array() else {
                    return self.wrong_type(path, field, "列表", "a list");
                };
                self.count(field, items.len(), *min, *max, path);
                for (index, item) in items.iter().take(*max).enumerate() {
                    let path = format!("{path}[{index}]");
                    match item.as_object() {
                        Some(object) => self.object(fields, object, &path, Meta::None),
                        None => self.wrong_type(&path, field, "对象", "an object"),
                    }
                }
            }
            FieldKind::Number { min, max } => match value.as_f64() {
                Some(number) => self.range(field, number, *min, *max, path),
                None => self.wrong_type(path, field, "数字", "a number"),
            },
            _ => match value.as_str() {
                Some(text) => self.text(field, text, path),
                None => self.wrong_type(path, field, "文本", "a text"),
            },
        }
        if self.faults.len() == before {
            self.collect(field, value, meta);
        }
    }

    fn text(&mut self, field: &Field, text: &str, path: &str) {
        let label = field.label();
        match &field.kind {
            FieldKind::Text { max, multiline } => self.faults.extend(text_fault(path, label, text, *max, *multiline)),
            FieldKind::Date { open_ended } => {
                let right = if *open_ended {
                    ValidTo::parse(text).is_some()
                } else {
                    Date::parse(text).is_some()
                };
                if !right {
                    self.faults.push(bad_date(path, label, text, *open_ended));
                }
            }
            FieldKind::Enumeration { values } if !values.iter().any(|value| value == text) => {
                let listed = values.join("、");
                let zh = format!("{}“{text}”不在取值范围内，应为：{listed}", label.zh);
                let en = format!("{} `{text}` is not one of: {}", label.en, values.join(", "));
                self.faults.push(Fault::new(path, FaultCode::NotListed, zh, en));
            }
            FieldKind::CitizenId => self.code(path, label, text, check::citizen_id(text)),
            FieldKind::Uscc => self.code(path, label, text, check::uscc(text)),
            FieldKind::Image { max_bytes } => self.image(path, label, text, *max_bytes),
            _ => {}
        }
    }

    fn code(&mut self, path: &str, label: Label<'_>, text: &str, result: Result<(), CheckError>) {
        if let Err(fault) = result {
            self.faults.push(Fault::of_check(path, label, text, &fault));
        }
    }

    fn image(&mut self, path: &str, label: Label<'_>, text: &str, max: usize) {
        let fault = match decode_image(text, max) {
            Ok(_) => return,
            Err(fault) => fault,
        };
        let (zh, en) = match fault {
            ImageFault::NotData => (
                "应为 PNG 或 JPEG 图片的 data: URI（base64）",
                "should be a base64 data: URI of a PNG or JPEG picture",
            ),
            ImageFault::TooLarge => ("图片过大", "the picture is too large"),
        };
        let (zh, en) = (
            format!("{}：{zh}（上限 {max} 字节）", label.zh),
            format!("{}: {en} (at most {max} bytes)", label.en),
        );
        self.faults.push(Fault::new(path, FaultCode::BadImage, zh, en));
    }

    fn count(&mut self, field: &Field, found: usize, min: usize, max: usize, path: &str) {
        if (min..=max).contains(&found) {
            return;
        }
        let Label { zh, en } = field.label();
        let zh = format!("{zh}有 {found} 项，应为 {min} 至 {max} 项");
        let en = format!("{en} has {found} items, it should have {min} to {max}");
        self.faults.push(Fault::new(path, FaultCode::OutOfRange, zh, en));
    }

    fn range(&mut self, field: &Field, found: f64, min: Option<f64>, max: Option<f64>, path: &str) {
        if min.is_none_or(|min| found >= min) && max.is_none_or(|max| found <= max) {
            return;
        }
        let Label { zh, en } = field.label();
        let bound = |bound: Option<f64>| bound.map_or_else(|| "…".to_owned(), |bound| bound.to_string());
        let (low, high) = (bound(min), bound(max));
        let zh = format!("{zh}为 {found}，应在 {low} 与 {high} 之间");
        let en = format!("{en} is {found}, it should be between {low} and {high}");
        self.faults.push(Fault::new(path, FaultCode::OutOfRange, zh, en));
    }

    fn wrong_type(&mut self, path: &str, field: &Field, zh: &str, en: &str) {
        self.faults.push(wrong_type(path, field.label(), zh, en));
    }

    fn collect(&mut self, field: &Field, value: &Value, meta: Meta<'_>) {
        let Some(name) = &field.metadata else { return };
        let name = match meta {
            Meta::None => return,
            Meta::Top => name.clone(),
            Meta::In(owner) => format!("{owner}_{}", field.key.to_ascii_uppercase()),
        };
        let text = match (&field.kind, value) {
            (FieldKind::Image { .. }, _) => return,
            (FieldKind::Date { .. }, Value::String(text)) => text.replace('-', ""),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        };
        self.metadata.push((name, text));
    }
}

/// Where metadata items go while walking the fields.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meta<'a> {
    /// Fields at the top: each its own item.
    Top,
    /// Fields of a group: items with the group's name before theirs.
    In(&'a str),
    /// Fields of a list's items: the whole list is one item.
    None,
}

impl Field {
    pub(crate) fn label(&self) -> Label<'_> {
        Label {
            zh: &self.zh,
            en: &self.en,
        }
    }
}

pub(crate) enum ImageFault {
    NotData,
    TooLarge,
}

/// Decodes a `data:image/…;base64,…` URI and looks at the first bytes of the picture.
pub(crate) fn decode_image(text: &str, max: usize) -> Result<Vec<u8>, ImageFault> {
    let (head, body) = text.split_once(";base64,").ok_or(ImageFault::NotData)?;
    if body.len() / 4 > max / 3 + 1 {
        return Err(ImageFault::TooLarge);
    }
    let bytes = STANDARD.decode(body).map_err(|_| ImageFault::NotData)?;
    let fits = match head {
        "data:image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "data:image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        _ => false,
    };
    match fits {
        true if bytes.len() > max => Err(ImageFault::TooLarge),
        true => Ok(bytes),
        false => Err(ImageFault::NotData),
    }
}

/// The `data:` URI of a PNG or JPEG picture.
pub(crate) fn image_uri(bytes: &[u8]) -> Option<String> {
    let kind = match bytes {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        _ => return None,
    };
    Some(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
}

pub(crate) fn is_absent(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

pub(crate) fn join(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}

pub(crate) fn missing(path: &str, label: Label<'_>) -> Fault {
    let Label { zh, en } = label;
    Fault::new(
        path,
        FaultCode::Missing,
        format!("缺少{zh}"),
        format!("{en} is missing"),
    )
}

pub(crate) fn unknown<'a>(path: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let known = known.collect::<Vec<_>>().join(", ");
    let (zh, en) = (
        format!("没有这一字段；可用字段：{known}"),
        format!("no such field; known here: {known}"),
    );
    Fault::new(path, FaultCode::UnknownField, zh, en)
}

pub(crate) fn wrong_type(path: &str, label: Label<'_>, zh: &str, en: &str) -> Fault {
    let (zh, en) = (format!("{}应为{zh}", label.zh), format!("{} should be {en}", label.en));
    Fault::new(path, FaultCode::WrongType, zh, en)
}

pub(crate) fn bad_date(path: &str, label: Label<'_>, text: &str, open_ended: bool) -> Fault {
    let (or_zh, or_en) = if open_ended {
        ("，或“长期”", ", or 长期")
    } else {
        ("", "")
    };
    let zh = format!("{}“{text}”不是有效日期，应形如 2026-03-01{or_zh}", label.zh);
    let en = format!(
        "{} `{text}` is no day of the calendar; write it like 2026-03-01{or_en}",
        label.en
    );
    Fault::new(path, FaultCode::BadDate, zh, en)
}

/// The fault of a text, if any: its length, white space at its ends, control characters.
pub(crate) fn text_fault(path: &str, label: Label<'_>, text: &str, max: usize, multiline: bool) -> Option<Fault> {
    let Label { zh, en } = label;
    let fault = |why_zh: String, why_en: String| {
        Some(Fault::new(
            path,
            FaultCode::BadText,
            format!("{zh}{why_zh}"),
            format!("{en} {why_en}"),
        ))
    };
    let count = text.chars().count();
    if count > max {
        return fault(
            format!("有 {count} 个字，最多 {max} 个"),
            format!("has {count} characters, at most {max} fit"),
        );
    }
    if text.trim() != text {
        return fault("首尾有空白".into(), "begins or ends with white space".into());
    }
    let bad = |c: &char| (c.is_control() && !(multiline && *c == '\n')) || is_invisible(*c);
    if let Some(c) = text.chars().find(bad) {
        let code = u32::from(c);
        return fault(
            format!("含有不可见字符 U+{code:04X}"),
            format!("has the invisible character U+{code:04X}; what is read could differ from what is stored"),
        );
    }
    None
}

/// Marks that show nothing, change the direction of the text around them or hide it.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
