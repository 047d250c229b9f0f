//! The fields of a licence type, as `type.toml` declares them.

use serde::Deserialize;

/// Longest text of a field that states no `max`, in characters.
pub const DEFAULT_MAX_CHARACTERS: usize = 200;
/// Most items of a list field that states no `max`.
pub const DEFAULT_MAX_ITEMS: usize = 30;

/// One field: its key in requests and templates, its labels, and what it may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Key in requests and templates.
    pub key: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Whether a licence must have it.
    pub required: bool,
    /// Name of the metadata item; nothing for fields that do not go into the metadata.
    pub metadata: Option<String>,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FieldKind {
    /// Text; a line break only where `multiline`.
    Text {
        /// Most characters.
        max: usize,
        /// Whether line breaks are allowed.
        multiline: bool,
    },
    /// A day, `2026-03-01`.
    Date {
        /// Whether `长期` is allowed too.
        open_ended: bool,
    },
    /// A JSON number.
    Number {
        /// Smallest value.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
    },
    /// One of the listed texts.
    Enumeration {
        /// The texts allowed.
        values: Vec<String>,
    },
    /// A citizen number, GB 11643.
    CitizenId,
    /// A unified social credit code, GB 32100.
    Uscc,
    /// A PNG or JPEG picture as a `data:` URI in base64.
    Image {
        /// Most bytes of the picture itself.
        max_bytes: usize,
    },
    /// Named fields together.
    Group {
        /// The fields.
        fields: Vec<Field>,
    },
    /// A list of groups.
    List {
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
        /// The fields of each item.
        fields: Vec<Field>,
    },
}

/// A `[[field]]` table exactly as written; which keys fit which kind is checked afterwards.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawField {
    key: String,
    zh: String,
    en: String,
    kind: String,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    metadata: Option<MetadataName>,
    #[serde(default)]
    max: Option<toml::Value>,
    #[serde(default)]
    min: Option<toml::Value>,
    #[serde(default)]
    multiline: Option<bool>,
    #[serde(default)]
    open_ended: Option<bool>,
    #[serde(default)]
    values: Option<Vec<String>>,
    #[serde(default)]
    field: Option<Vec<RawField>>,
    /// For whoever reads the file; not used.
    #[serde(default)]
    #[allow(dead_code)]
    note: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum MetadataName {
    Named(String),
    Wanted(bool),
}

impl RawField {
    /// Turns the table into a field, or says which key is wrong and why.
    pub(crate) fn into_field(mut self) -> Result<Field, String> {
        let name = self.key.clone();
        let fail = |key: &str, why: &str| Err(format!("field `{name}`: `{key}` {why}"));
        let key_is_clean = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if name.is_empty() || !key_is_clean {
            return fail("key", "may hold only a-z, 0-9 and _");
        }
        let metadata = match self.metadata.take() {
            Some(MetadataName::Named(text)) => Some(text),
            Some(MetadataName::Wanted(false)) => None,
            Some(MetadataName::Wanted(true)) | None => Some(format!("KZ_{}", name.to_ascii_uppercase())),
        };
        let count = |key: &str, value: Option<toml::Value>, default: usize| match value {
            None => Ok(default),
            Some(value) => value
                .as_integer()
                .and_then(|n| usize::try_from(n).ok())
                .ok_or_else(|| format!("field `{name}`: `{key}` should be a whole number, 0 or more")),
        };
        let float = |key: &str, value: Option<toml::Value>| match value {
            None => Ok(None),
            Some(toml::Value::Integer(n)) => Ok(i32::try_from(n).ok().map(f64::from)),
            Some(toml::Value::Float(n)) => Ok(Some(n)),
            Some(_) => Err(format!("field `{name}`: `{key}` should be a number")),
        };
        let kind = match self.kind.as_str() {
            "string" => FieldKind::Text {
                max: count("max", self.max.take(), DEFAULT_MAX_CHARACTERS)?,
                multiline: self.multiline.take().unwrap_or(false),
            },
            "date" => FieldKind::Date {
                open_ended: self.open_ended.take().unwrap_or(false),
            },
            "number" => FieldKind::Number {
                min: float("min", self.min.take())?,
                max: float("max", self.max.take())?,
            },
            "enum" => match self.values.take() {
                Some(values) if !values.is_empty() => FieldKind::Enumeration { values },
                _ => return fail("values", "must list the texts allowed"),
            },
            "citizen-id" => FieldKind::CitizenId,
            "uscc" => FieldKind::Uscc,
            "image" => FieldKind::Image {
                max_bytes: count("max", self.max.take(), 1 << 20)?,
            },
            "group" => FieldKind::Group {
                fields: into_fields(self.field.take(), &name)?,
            },
            "list" => FieldKind::List {
                min: count("min", self.min.take(), 0)?,
                max: count("max", self.max.take(), DEFAULT_MAX_ITEMS)?,
                fields: into_fields(self.field.take(), &name)?,
            },
            _ => {
                let known = "string, date, number, enum, citizen-id, uscc, image, group or list";
                return fail("kind", &format!("should be {known}"));
            }
        };
        let unused = [
            ("max", self.max.is_some()),
            ("min", self.min.is_some()),
            ("multiline", self.multiline.is_some()),
            ("open_ended", self.open_ended.is_some()),
            ("values", self.values.is_some()),
            ("field", self.field.is_some()),
        ];
        if let Some((key, _)) = unused.iter().find(|(_, present)| *present) {
            return fail(key, &format!("has no meaning for kind `{}`", self.kind));
        }
        Ok(Field {
            key: self.key,
            zh: self.zh,
            en: self.en,
            required: self.required,
            metadata,
            kind,
        })
    }
}

/// Turns tables into fields and refuses a key used twice.
pub(crate) fn into_fields(raw: Option<Vec<RawField>>, owner: &str) -> Result<Vec<Field>, String> {
    let raw = raw.unwrap_or_default();
    if raw.is_empty() {
        return Err(format!("`{owner}` has no [[field]]"));
    }
    let mut fields: Vec<Field> = Vec::with_capacity(raw.len());
    for raw in raw {
        let field = raw.into_field()?;
        if fields.iter().any(|other| other.key == field.key) {
            return Err(format!("field `{}` is declared twice in `{owner}`", field.key));
        }
        fields.push(field);
    }
    Ok(fields)
}

impl Field {
    /// The fields inside a group or a list's items.
    pub fn children(&self) -> &[Field] {
        match &self.kind {
            FieldKind::Group { fields } | FieldKind::List { fields, .. } => fields,
            _ => &[],
        }
    }
}
