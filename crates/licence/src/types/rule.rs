//! The rules of a licence type: a small closed set of checks across fields, stated as data.
//!
//! | kind | keys | holds when |
//! |---|---|---|
//! | `equal` | `paths` | all values present are the same text |
//! | `one-of` | `path`, `among` | the value equals one of the others |
//! | `required` | `path` | the value is there |
//! | `exactly-one` | `list`, `key`, `value` | exactly one item has the value |
//! | `citizen-id` | `path` | GB 11643 |
//! | `citizen-id-birth` | `id`, `birth` | the number's birth date is the date |
//! | `citizen-id-sex` | `id`, `sex` | the number's 17th digit fits 男 or 女 |
//! | `age-at-least` | `birth`, `at`, `sex`, `years` | full years at `at` reach the limit for that sex |
//! | `pattern` | `path`, `patterns` | one pattern fits: `#` a digit, `@` a letter A-Z, else itself |
//! | `date-order` | `dates` | no date is later than the next; 长期 is later than all |
//!
//! Any rule may have `each` (a list: the rule holds for each item, paths that begin with a dot start
//! there) and `when = { path, is }` (it counts only when the value is one of `is`). Absent values
//! satisfy every rule but `required`; whether a field must be there is the field's own business.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::path::Path;

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The list whose items the rule judges one by one.
    pub each: Option<Path>,
    /// The condition under which the rule counts.
    pub when: Option<When>,
    /// What must hold.
    pub check: RuleCheck,
}

/// A condition: the value at `path` is one of `is`.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// Where to look.
    pub path: Path,
    /// The texts that meet the condition.
    pub is: Vec<String>,
}

/// What a rule asks; see the table of this module.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum RuleCheck {
    Equal {
        paths: Vec<Path>,
    },
    OneOf {
        path: Path,
        among: Vec<Path>,
    },
    Required {
        path: Path,
    },
    ExactlyOne {
        list: Path,
        key: String,
        value: String,
    },
    CitizenId {
        path: Path,
    },
    CitizenIdBirth {
        id: Path,
        birth: Path,
    },
    CitizenIdSex {
        id: Path,
        sex: Path,
    },
    AgeAtLeast {
        birth: Path,
        at: Path,
        sex: Path,
        years: BTreeMap<String, i32>,
    },
    Pattern {
        path: Path,
        patterns: Vec<String>,
    },
    DateOrder {
        dates: Vec<Path>,
    },
}

impl Rule {
    /// Reads a `[[rule]]` table; the message names the key at fault.
    pub(crate) fn from_table(table: Table) -> Result<Self, String> {
        let mut keys = Keys(table);
        let kind = keys.text("kind")?;
        let in_kind = |why: String| format!("rule `{kind}`: {why}");
        keys.0.remove("note");
        let rule = Self::from_keys(&kind, &mut keys).map_err(in_kind)?;
        match keys.0.keys().next() {
            Some(key) => Err(in_kind(format!("unknown key `{key}`"))),
            None => Ok(rule),
        }
    }

    fn from_keys(kind: &str, keys: &mut Keys) -> Result<Self, String> {
        let each = keys.optional("each", Keys::path)?;
        let when = keys.optional("when", Keys::when)?;
        let check = match kind {
            "equal" => RuleCheck::Equal {
                paths: keys.paths("paths")?,
            },
            "one-of" => RuleCheck::OneOf {
                path: keys.path("path")?,
                among: keys.paths("among")?,
            },
            "required" => RuleCheck::Required {
                path: keys.path("path")?,
            },
            "exactly-one" => RuleCheck::ExactlyOne {
                list: keys.path("list")?,
                key: keys.text("key")?,
                value: keys.text("value")?,
            },
            "citizen-id" => RuleCheck::CitizenId {
                path: keys.path("path")?,
            },
            "citizen-id-birth" => RuleCheck::CitizenIdBirth {
                id: keys.path("id")?,
                birth: keys.path("birth")?,
            },
            "citizen-id-sex" => RuleCheck::CitizenIdSex {
                id: keys.path("id")?,
                sex: keys.path("sex")?,
            },
            "age-at-least" => RuleCheck::AgeAtLeast {
                birth: keys.path("birth")?,
                at: keys.path("at")?,
                sex: keys.path("sex")?,
                years: keys.years("years")?,
            },
            "pattern" => RuleCheck::Pattern {
                path: keys.path("path")?,
                patterns: keys.texts("patterns")?,
            },
            "date-order" => RuleCheck::DateOrder {
                dates: keys.paths("dates")?,
            },
            _ => return Err("no such kind of rule".to_owned()),
        };
        let rule = Self { each, when, check };
        let relative = rule.paths().into_iter().find(|path| path.is_relative());
        match relative {
            Some(path) if rule.each.is_none() => {
                Err(format!("the path `{path}` begins with a dot, which needs `each`"))
            }
            _ => Ok(rule),
        }
    }

    /// Every path the rule reads, `each` first.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = self
            .each
            .iter()
            .chain(self.when.iter().map(|when| &when.path))
            .collect();
        match &self.check {
            RuleCheck::Equal { paths } | RuleCheck::DateOrder { dates: paths } => all.extend(paths),
            RuleCheck::OneOf { path, among } => {
                all.push(path);
                all.extend(among);
            }
            RuleCheck::Required { path } | RuleCheck::CitizenId { path } | RuleCheck::Pattern { path, .. } => {
                all.push(path);
            }
            RuleCheck::ExactlyOne { list, .. } => all.push(list),
            RuleCheck::CitizenIdBirth { id, birth } => all.extend([id, birth]),
            RuleCheck::CitizenIdSex { id, sex } => all.extend([id, sex]),
            RuleCheck::AgeAtLeast { birth, at, sex, .. } => all.extend([birth, at, sex]),
        }
        all
    }
}

/// Takes keys out of a table one by one, so that what is left is unknown.
struct Keys(Table);

impl Keys {
    fn optional<T>(
        &mut self,
        key: &str,
        read: impl Fn(&mut Self, &str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        if !self.0.contains_key(key) {
            return Ok(None);
        }
        read(self, key).map(Some)
    }

    fn take(&mut self, key: &str) -> Result<Value, String> {
        self.0.remove(key).ok_or_else(|| format!("`{key}` is missing"))
    }

    fn text(&mut self, key: &str) -> Result<String, String> {
        match self.take(key)? {
            Value::String(text) => Ok(text),
            _ => Err(format!("`{key}` should be a text")),
        }
    }

    fn texts(&mut self, key: &str) -> Result<Vec<String>, String> {
        let wrong = || format!("`{key}` should be a list of texts, not empty");
        let Value::Array(items) = self.take(key)? else {
            return Err(wrong());
        };
        let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        texts.filter(|texts| !texts.is_empty()).ok_or_else(wrong)
    }

    fn path(&mut self, key: &str) -> Result<Path, String> {
        let text = self.text(key)?;
        Path::parse(&text).ok_or_else(|| format!("`{key}`: `{text}` is no path"))
    }

    fn paths(&mut self, key: &str) -> Result<Vec<Path>, String> {
        let texts = self.texts(key)?;
        let parse = |text: &String| Path::parse(text).ok_or_else(|| format!("`{key}`: `{text}` is no path"));
        texts.iter().map(parse).collect()
    }

    fn when(&mut self, key: &str) -> Result<When, String> {
        let Value::Table(table) = self.take(key)? else {
            return Err(format!("`{key}` should be {{ path, is }}"));
        };
        let mut keys = Keys(table);
        let when = When {
            path: keys.path("path")?,
            is: keys.texts("is")?,
        };
        match keys.0.keys().next() {
            Some(unknown) => Err(format!("unknown key `{unknown}` in `{key}`")),
            None => Ok(when),
        }
    }

    fn years(&mut self, key: &str) -> Result<BTreeMap<String, i32>, String> {
        let wrong = || format!("`{key}` should give whole years, like {{ \"男\" = 22, \"女\" = 20 }}");
        let Value::Table(table) = self.take(key)? else {
            return Err(wrong());
        };
        let year = |(sex, value): (String, Value)| {
            let years = value.as_integer().and_then(|n| i32::try_from(n).ok())?;
            Some((sex, years))
        };
        table.into_iter().map(year).collect::<Option<_>>().ok_or_else(wrong)
    }
}
