//! One licence that has passed admission.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::date::{Date, ValidTo};
use crate::identifier::Identifier;
use crate::metadata::{StatusRef, names};

/// 持证主体, whom the licence is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Name.
    pub name: String,
    /// Code, such as a citizen number.
    pub code: String,
    /// 持证主体代码类型代码.
    pub code_type: String,
    /// 持证主体代码类型.
    pub code_type_name: String,
}

/// 证照颁发机构, who issues the licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// Name.
    pub name: String,
    /// Unified social credit code.
    pub code: String,
}

/// A licence whose request satisfied its type. Made by [`crate::admit::admit`] only.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Licence {
    /// 证照标识.
    pub identifier: Identifier,
    /// Short name of the type.
    pub type_id: String,
    /// 证照类型代码.
    pub type_code: String,
    /// 证照类型名称, also 证照名称.
    pub type_name: String,
    /// Version of the type's description that the request was admitted by.
    pub type_version: u32,
    /// 证照编号.
    pub number: Option<String>,
    /// 持证主体.
    pub holder: Holder,
    /// 证照颁发机构.
    pub issuer: Issuer,
    /// 证照颁发日期.
    pub issued_on: Date,
    /// 有效期起始日期.
    pub valid_from: Date,
    /// 有效期截止日期.
    pub valid_to: ValidTo,
    /// The face's fields, as the request gave them.
    pub fields: Map<String, Value>,
    /// The type's own metadata items (`KZ_…`).
    pub extended: Vec<(String, String)>,
    /// The status entry.
    pub status: StatusRef,
}

impl Licence {
    /// The metadata items that go into the signed bytes: the names of GB/T 36903 as the table spells
    /// them, then the type's own items. Items without a value are left out.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let number = self.number.clone().unwrap_or_default();
        let base = [
            ("identifier", self.identifier.to_string()),
            ("number", number),
            ("name", self.type_name.clone()),
            ("type_name", self.type_name.clone()),
            ("type_code", self.type_code.clone()),
            ("version", format!("{:03}", self.identifier.version)),
            ("issuer_name", self.issuer.name.clone()),
            ("issuer_code", self.issuer.code.clone()),
            ("issued_on", self.issued_on.compact()),
            ("holder_name", self.holder.name.clone()),
            ("holder_code", self.holder.code.clone()),
            ("holder_code_type_name", self.holder.code_type_name.clone()),
            ("holder_code_type", self.holder.code_type.clone()),
            ("valid_from", self.valid_from.compact()),
            ("valid_to", self.valid_to.compact()),
            ("type_version", self.type_version.to_string()),
            ("status_uri", self.status.uri.clone()),
            ("status_idx", self.status.idx.to_string()),
        ];
        let named = |(key, value): (&str, String)| Some((names().name(key)?.to_owned(), value));
        let present = base
            .into_iter()
            .filter_map(named)
            .filter(|(_, value)| !value.is_empty());
        present.chain(self.extended.iter().cloned()).collect()
    }

    /// What a face template sees: everything of the licence, dates as `2026-03-01`.
    pub fn face_data(&self) -> Value {
        json!({
            "identifier": self.identifier,
            "number": self.number,
            "type": { "id": self.type_id, "code": self.type_code, "name": self.type_name, "version": self.type_version },
            "holder": self.holder,
            "issuer": self.issuer,
            "issued_on": self.issued_on,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "fields": self.fields,
            "status": self.status,
        })
    }
}
