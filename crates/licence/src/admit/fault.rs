//! Faults of a request: one entry a fault, in Chinese and English.

use std::fmt;

use serde::Serialize;

use crate::check::CheckError;

/// What kind of fault; the text of the code is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum FaultCode {
    /// A required field is not there.
    Missing,
    /// A field the type does not have.
    UnknownField,
    /// A value of the wrong JSON type.
    WrongType,
    /// A text too long, or empty, or with characters that no face can show.
    BadText,
    /// A list with too few or too many items, or a number out of its range.
    OutOfRange,
    /// Not one of the listed values.
    NotListed,
    /// No day of the calendar in the form `2026-03-01`.
    BadDate,
    /// A code whose characters or check character are wrong.
    BadCode,
    /// A picture that is no PNG or JPEG `data:` URI, or too large.
    BadImage,
    /// Two values that must agree differ.
    Differs,
    /// A rule across fields does not hold.
    RuleBroken,
    /// The identifier cannot be built.
    BadIdentifier,
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: `fields.members[1].citizen_id`.
    pub path: String,
    /// What kind.
    pub code: FaultCode,
    /// The fault in Chinese, with the field's label.
    pub zh: String,
    /// The fault in English, with the field's label.
    pub en: String,
    /// The value that would be right, where it can be computed.
    pub expected: Option<String>,
}

impl Fault {
    pub(crate) fn new(path: &str, code: FaultCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            code,
            zh: zh.into(),
            en: en.into(),
            expected: None,
        }
    }

    pub(crate) fn expecting(self, expected: impl Into<String>) -> Self {
        Self {
            expected: Some(expected.into()),
            ..self
        }
    }

    /// A code that fails its check; `value` gives the whole code with the right check character.
    pub(crate) fn of_check(path: &str, label: Label<'_>, value: &str, fault: &CheckError) -> Self {
        let Label { zh, en } = label;
        let built = Self::new(
            path,
            FaultCode::BadCode,
            format!("{zh}“{value}”有误：{}", fault.zh()),
            format!("{en} `{value}`: {fault}"),
        );
        match fault {
            CheckError::CheckCharacter { position, expected, .. } => {
                let replace = |(index, c)| if index + 1 == *position { *expected } else { c };
                built.expecting(value.chars().enumerate().map(replace).collect::<String>())
            }
            _ => built,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} / {}", self.path, self.zh, self.en)
    }
}

/// A field's labels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    pub(crate) zh: &'a str,
    pub(crate) en: &'a str,
}
