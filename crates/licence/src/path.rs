//! Paths to values in a request, as rules name them and faults report them.
//!
//! ```text
//! holder.code                              a value of the request
//! fields.members[relation=户主].citizen_id  the first list item whose `relation` is 户主
//! .birth_date                              relative to each item, in a rule with `each`
//! ```

use std::fmt;

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Find { key: String, value: String },
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    relative: bool,
    steps: Vec<Step>,
}

/// A value found, and the plain path (with list positions) where it was found.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) value: &'a Value,
    pub(crate) at: String,
}

impl Path {
    /// Parses a path; none when it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (relative, text) = match text.strip_prefix('.') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (key, condition) = match part.split_once('[') {
                Some((key, rest)) => (key, Some(rest.strip_suffix(']')?.split_once('=')?)),
                None => (part, None),
            };
            if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return None;
            }
            steps.push(Step::Key(key.to_owned()));
            if let Some((key, value)) = condition {
                steps.push(Step::Find {
                    key: key.to_owned(),
                    value: value.to_owned(),
                });
            }
        }
        Some(Self { relative, steps })
    }

    /// Whether the path starts at each item of a rule's list.
    pub fn is_relative(&self) -> bool {
        self.relative
    }

    /// The keys of the path in order, without list conditions.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.steps
            .iter()
            .filter_map(|step| match step {
                Step::Key(key) => Some(key.as_str()),
                Step::Find { .. } => None,
            })
            .collect()
    }

    /// Finds the value. `base` is the item for relative paths. An absent value, `null` and an empty
    /// string are all "not there".
    pub(crate) fn find<'a>(&self, root: &'a Value, base: Option<&Found<'a>>) -> Option<Found<'a>> {
        let mut found = match (self.relative, base) {
            (true, Some(base)) => base.clone(),
            (true, None) => return None,
            (false, _) => Found {
                value: root,
                at: String::new(),
            },
        };
        for step in &self.steps {
            found = found.step(step)?;
        }
        let absent = found.value.is_null() || found.value.as_str() == Some("");
        (!absent).then_some(found)
    }

    /// The plain path to report when the value is absent.
    pub(crate) fn place(&self, base: Option<&Found<'_>>) -> String {
        match base {
            Some(base) if self.relative => format!("{}{self}", base.at),
            _ => self.to_string(),
        }
    }
}

impl<'a> Found<'a> {
    /// The items of a list value.
    pub(crate) fn items(&self) -> Vec<Found<'a>> {
        let items = self.value.as_array().map(Vec::as_slice).unwrap_or_default();
        let item = |(index, value)| Found {
            value,
            at: format!("{}[{index}]", self.at),
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The value as the text that rules compare.
    pub(crate) fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn step(&self, step: &Step) -> Option<Found<'a>> {
        match step {
            Step::Key(key) => {
                let dot = if self.at.is_empty() { "" } else { "." };
                Some(Found {
                    value: self.value.get(key)?,
                    at: format!("{}{dot}{key}", self.at),
                })
            }
            Step::Find { key, value } => {
                let fits = |item: &Found<'_>| item.value.get(key).and_then(Value::as_str) == Some(value);
                self.items().into_iter().find(fits)
            }
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) if index == 0 && !self.relative => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Find { key, value } => write!(f, "[{key}={value}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_path_finds_a_list_item_by_its_value_and_reports_its_place() {
        let root = serde_json::json!({"fields": {"members": [{"r": "子"}, {"r": "户主", "id": "1"}]}});
        let path = Path::parse("fields.members[r=户主].id").unwrap();
        let found = path.find(&root, None).unwrap();
        assert_eq!(
            (found.text().unwrap().as_str(), found.at.as_str()),
            ("1", "fields.members[1].id")
        );
        assert_eq!(path.to_string(), "fields.members[r=户主].id");
    }

    #[test]
    fn relative_paths_start_at_the_item() {
        let root = serde_json::json!({"list": [{"a": {"b": 7}}]});
        let item = Path::parse("list")
            .unwrap()
            .find(&root, None)
            .unwrap()
            .items()
            .remove(0);
        let path = Path::parse(".a.b").unwrap();
        assert!(path.find(&root, None).is_none());
        assert_eq!(path.find(&root, Some(&item)).unwrap().at, "list[0].a.b");
        assert_eq!(path.place(Some(&item)), "list[0].a.b");
    }

    #[test]
    fn malformed_paths_are_refused() {
        for text in ["", ".", "a..b", "a[b", "a[b]", "[b=c]", "a b", "名"] {
            assert_eq!(Path::parse(text), None, "{text}");
        }
    }
}
