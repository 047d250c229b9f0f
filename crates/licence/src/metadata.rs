//! Licence metadata in files (GB/T 36903-2018): the table of names, and reading them back.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Prefix of the items that one licence type adds (扩展业务信息).
pub const EXTENSION_PREFIX: &str = "KZ_";

/// The table of metadata names, data of this crate (`data/metadata-names.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    item: Vec<NamedItem>,
    holder_code_types: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedItem {
    key: String,
    zh: String,
    name: String,
    #[serde(default)]
    also: Vec<String>,
}

/// The table in use.
pub fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let parsed = toml::from_str(include_str!("../data/metadata-names.toml"));
        // The table is part of the program and a test parses it: an empty one never ships.
        parsed.unwrap_or(Names {
            item: Vec::new(),
            holder_code_types: BTreeMap::new(),
        })
    })
}

impl Names {
    /// The name written for one of our keys, such as `holder_name`.
    pub fn name(&self, key: &str) -> Option<&str> {
        self.item
            .iter()
            .find(|item| item.key == key)
            .map(|item| item.name.as_str())
    }

    /// The Chinese name of one of our keys.
    pub fn zh(&self, key: &str) -> Option<&str> {
        self.item
            .iter()
            .find(|item| item.key == key)
            .map(|item| item.zh.as_str())
    }

    /// The name of a holder code type (持证主体代码类型), such as 统一社会信用代码 for `001`.
    pub fn holder_code_type(&self, code: &str) -> Option<&str> {
        self.holder_code_types.get(code).map(String::as_str)
    }

    fn value<'a>(&self, items: &'a [(String, String)], key: &str) -> Option<&'a str> {
        let item = self.item.iter().find(|item| item.key == key)?;
        let mut spellings = std::iter::once(&item.name).chain(&item.also);
        let value = spellings.find_map(|name| items.iter().find(|(found, _)| found == name))?;
        let text = value.1.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// The status entry of a licence: where its status list is and which entry is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusRef {
    /// Address of the status list.
    pub uri: String,
    /// Position in the list; random, so that neighbours tell nothing.
    pub idx: u64,
}

/// What a file says about the licence it is. Every value is a claim as written, in the file's own
/// words: nothing is checked here but that the identifier is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LicenceMetadata {
    /// 证照标识.
    pub identifier: Option<String>,
    /// 证照编号.
    pub number: Option<String>,
    /// 证照名称.
    pub name: Option<String>,
    /// 证照类型名称.
    pub type_name: Option<String>,
    /// 证照类型代码.
    pub type_code: Option<String>,
    /// Version of the type's description.
    pub type_version: Option<String>,
    /// 证照版本.
    pub version: Option<String>,
    /// 证照颁发机构.
    pub issuer_name: Option<String>,
    /// 证照颁发机构代码.
    pub issuer_code: Option<String>,
    /// 证照颁发日期, `YYYYMMDD`.
    pub issued_on: Option<String>,
    /// 持证主体.
    pub holder_name: Option<String>,
    /// 持证主体代码.
    pub holder_code: Option<String>,
    /// 持证主体代码类型代码.
    pub holder_code_type: Option<String>,
    /// 持证主体代码类型.
    pub holder_code_type_name: Option<String>,
    /// 有效期起始日期, `YYYYMMDD`.
    pub valid_from: Option<String>,
    /// 有效期截止日期, `YYYYMMDD` or 长期.
    pub valid_to: Option<String>,
    /// The licence's status entry.
    pub status: Option<StatusRef>,
    /// The items of the licence type, in file order, names as written (`KZ_…`).
    pub extended: Vec<(String, String)>,
}

/// Reads licence metadata from named items, in any of the spellings the table knows. None when no
/// item names an identifier, a type code or a holder: then the file claims to be no licence.
pub fn from_metadata(items: &[(String, String)]) -> Option<LicenceMetadata> {
    let names = names();
    let value = |key: &str| names.value(items, key).map(str::to_owned);
    let idx = names.value(items, "status_idx").and_then(|text| text.parse().ok());
    let status = value("status_uri").zip(idx).map(|(uri, idx)| StatusRef { uri, idx });
    let extended = items
        .iter()
        .filter(|(name, _)| name.starts_with(EXTENSION_PREFIX))
        .cloned()
        .collect();
    let metadata = LicenceMetadata {
        identifier: value("identifier"),
        number: value("number"),
        name: value("name"),
        type_name: value("type_name"),
        type_code: value("type_code"),
        type_version: value("type_version"),
        version: value("version"),
        issuer_name: value("issuer_name"),
        issuer_code: value("issuer_code"),
        issued_on: value("issued_on"),
        holder_name: value("holder_name"),
        holder_code: value("holder_code"),
        holder_code_type: value("holder_code_type"),
        holder_code_type_name: value("holder_code_type_name"),
        valid_from: value("valid_from"),
        valid_to: value("valid_to"),
        status,
        extended,
    };
    let is_licence = metadata.identifier.is_some() || metadata.type_code.is_some() || metadata.holder_code.is_some();
    is_licence.then_some(metadata)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_table_parses_and_names_no_key_or_spelling_twice() {
        let names: Names = toml::from_str(include_str!("../data/metadata-names.toml")).unwrap();
        let mut spellings: Vec<&String> = names.item.iter().flat_map(|i| i.also.iter().chain([&i.name])).collect();
        let count = spellings.len();
        spellings.sort();
        spellings.dedup();
        assert_eq!((names.item.len(), spellings.len()), (18, count));
        assert_eq!(names.holder_code_type("111"), Some("公民身份号码"));
    }

    #[test]
    fn pinyin_spellings_read_like_english_ones() {
        let items = [
            ("ZZBS", "1.2.156"),
            ("CZZT", " 张三 "),
            ("ZZBFRQ", ""),
            ("KZ_X", "y"),
            ("other", "z"),
        ];
        let items = items.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let read = from_metadata(&items).unwrap();
        assert_eq!(read.identifier.as_deref(), Some("1.2.156"));
        assert_eq!(read.holder_name.as_deref(), Some("张三"));
        assert_eq!(read.issued_on, None);
        assert_eq!(read.extended, [("KZ_X".to_owned(), "y".to_owned())]);
    }

    #[test]
    fn items_of_no_licence_give_nothing() {
        let items = [
            ("发票代码".to_owned(), "1".to_owned()),
            ("CNB_StatusIndex".to_owned(), "-1".to_owned()),
        ];
        assert_eq!(from_metadata(&items), None);
    }
}
