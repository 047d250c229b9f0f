//! Reads a request part by part, collecting faults on the way.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fault::{Fault, FaultCode, Label};
use super::value::{Inspector, Meta, bad_date, is_absent, join, missing, text_fault, unknown, wrong_type};
use super::{Allotment, rules};
use crate::check;
use crate::date::{Date, ValidTo};
use crate::identifier::{Identifier, IdentifierError};
use crate::licence::{Holder, Issuer, Licence};
use crate::metadata::{StatusRef, names};
use crate::path::Path;
use crate::types::LicenceType;

/// The keys a request may have. `note` is for whoever reads the file.
const REQUEST_KEYS: [&str; 10] = [
    "holder",
    "issuer",
    "serial",
    "version",
    "issued_on",
    "valid_from",
    "valid_to",
    "fields",
    "status",
    "note",
];

/// A request being read.
pub(super) struct Reader<'a> {
    kind: &'a LicenceType,
    inspector: Inspector,
}

impl<'a> Reader<'a> {
    pub(super) fn new(kind: &'a LicenceType) -> Self {
        Self {
            kind,
            inspector: Inspector {
                faults: Vec::new(),
                metadata: Vec::new(),
            },
        }
    }

    /// The licence, unless something kept it from being put together; and every fault.
    pub(super) fn finish(mut self, request: &Value, allotment: &Allotment) -> (Option<Licence>, Vec<Fault>) {
        let licence = self.read(request, allotment);
        (licence, self.inspector.faults)
    }

    fn read(&mut self, request: &Value, allotment: &Allotment) -> Option<Licence> {
        let Some(object) = request.as_object() else {
            self.fault(wrong_type(
                "(request)",
                Label {
                    zh: "请求",
                    en: "The request",
                },
                "对象",
                "an object",
            ));
            return None;
        };
        for key in object.keys().filter(|key| !REQUEST_KEYS.contains(&key.as_str())) {
            self.fault(unknown(key, REQUEST_KEYS.into_iter()));
        }
        let holder = self.holder(object);
        let issuer = self.issuer(object);
        let version = self.version(object);
        let issued_on = self.date(
            object,
            "issued_on",
            Label {
                zh: "颁发日期",
                en: "Issue date",
            },
        );
        let valid_from = match object.get("valid_from").filter(|value| !is_absent(value)) {
            Some(_) => self.date(
                object,
                "valid_from",
                Label {
                    zh: "有效期起始日期",
                    en: "Start of validity",
                },
            ),
            None => issued_on,
        };
        let valid_to = self.valid_to(object);
        self.validity_order(valid_from, valid_to);
        let fields = self.fields(object);
        let faulty: BTreeSet<String> = self.inspector.faults.iter().map(|fault| fault.path.clone()).collect();
        let rule_faults = rules::judge(&self.kind.rules, request, &faulty);
        for fault in rule_faults {
            self.rule_fault(fault);
        }
        let number = self.number(request);
        let serial = self.serial(object, number.as_deref(), allotment);
        let status = self.status(object, allotment);
        let identifier = match (&issuer, serial, version) {
            (Some(issuer), Some(serial), Some(version)) => self.identifier(issuer, &serial, version),
            _ => None,
        };
        Some(Licence {
            identifier: identifier?,
            type_id: self.kind.id.clone(),
            type_code: self.kind.code.clone(),
            type_name: self.kind.name.clone(),
            type_version: self.kind.version,
            number,
            holder: holder?,
            issuer: issuer?,
            issued_on: issued_on?,
            valid_from: valid_from?,
            valid_to: valid_to?,
            fields: fields?,
            extended: std::mem::take(&mut self.inspector.metadata),
            status: status?,
        })
    }

    fn fault(&mut self, fault: Fault) {
        self.inspector.faults.push(fault);
    }

    /// A rule's fault on a value already reported would only repeat it.
    fn rule_fault(&mut self, fault: Fault) {
        if !self.inspector.faults.iter().any(|known| known.path == fault.path) {
            self.fault(fault);
        }
    }

    fn object<'v>(
        &mut self,
        parent: &'v Map<String, Value>,
        key: &str,
        label: Label<'_>,
    ) -> Option<&'v Map<String, Value>> {
        match parent.get(key) {
            Some(Value::Object(object)) => return Some(object),
            Some(value) if !is_absent(value) => self.fault(wrong_type(key, label, "对象", "an object")),
            _ => self.fault(missing(key, label)),
        }
        None
    }

    fn text(&mut self, parent: &Map<String, Value>, at: &str, key: &str, label: Label<'_>) -> Option<String> {
        let path = join(at, key);
        match parent.get(key).filter(|value| !is_absent(value)) {
            Some(Value::String(text)) => match text_fault(&path, label, text, 128, false) {
                None => return Some(text.clone()),
                Some(fault) => self.fault(fault),
            },
            Some(_) => self.fault(wrong_type(&path, label, "文本", "a text")),
            None => self.fault(missing(&path, label)),
        }
        None
    }

    fn known_keys(&mut self, object: &Map<String, Value>, at: &str, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            self.fault(unknown(&join(at, key), known.iter().copied()));
        }
    }

    fn holder(&mut self, request: &Map<String, Value>) -> Option<Holder> {
        let object = self.object(
            request,
            "holder",
            Label {
                zh: "持证主体",
                en: "Holder",
            },
        )?;
        self.known_keys(object, "holder", &["name", "code", "code_type"]);
        let name = self.text(
            object,
            "holder",
            "name",
            Label {
                zh: "持证主体名称",
                en: "Holder's name",
            },
        );
        let code = self.text(
            object,
            "holder",
            "code",
            Label {
                zh: "持证主体代码",
                en: "Holder's code",
            },
        );
        let type_label = Label {
            zh: "持证主体代码类型",
            en: "Holder's code type",
        };
        let code_type = self.text(object, "holder", "code_type", type_label)?;
        let code_type_name = names().holder_code_type(&code_type);
        let Some(code_type_name) = code_type_name.filter(|_| self.kind.holder_code_types.contains(&code_type)) else {
            let listed = self.kind.holder_code_types.join(", ");
            let zh = format!(
                "持证主体代码类型“{code_type}”不适用于{}，可用：{listed}",
                self.kind.name
            );
            let en = format!("the code type `{code_type}` does not fit this licence type; it takes {listed}");
            self.fault(Fault::new("holder.code_type", FaultCode::NotListed, zh, en));
            return None;
        };
        let code = code?;
        let (label, checked) = match code_type.as_str() {
            "001" => (
                Label {
                    zh: "统一社会信用代码",
                    en: "Unified social credit code",
                },
                check::uscc(&code),
            ),
            "111" => (
                Label {
                    zh: "公民身份号码",
                    en: "Citizen number",
                },
                check::citizen_id(&code),
            ),
            _ => (type_label, Ok(())),
        };
        if let Err(fault) = checked {
            self.fault(Fault::of_check("holder.code", label, &code, &fault));
            return None;
        }
        Some(Holder {
            name: name?,
            code,
            code_type,
            code_type_name: code_type_name.to_owned(),
        })
    }

    fn issuer(&mut self, request: &Map<String, Value>) -> Option<Issuer> {
        let object = self.object(
            request,
            "issuer",
            Label {
                zh: "颁发机构",
                en: "Issuer",
            },
        )?;
        self.known_keys(object, "issuer", &["name", "code"]);
        let name = self.text(
            object,
            "issuer",
            "name",
            Label {
                zh: "颁发机构名称",
                en: "Issuer's name",
            },
        );
        let label = Label {
            zh: "颁发机构代码",
            en: "Issuer's code",
        };
        let code = self.text(object, "issuer", "code", label)?;
        if let Err(fault) = check::uscc(&code) {
            self.fault(Fault::of_check("issuer.code", label, &code, &fault));
            return None;
        }
        Some(Issuer { name: name?, code })
    }

    fn version(&mut self, request: &Map<String, Value>) -> Option<u16> {
        let Some(value) = request.get("version").filter(|value| !is_absent(value)) else {
            return Some(1);
        };
        let version = value
            .as_u64()
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| (1..=999).contains(n));
        if version.is_none() {
            let (zh, en) = (
                "版本号应为 1 至 999 的整数",
                "the version should be a whole number, 1 to 999",
            );
            self.fault(Fault::new("version", FaultCode::OutOfRange, zh, en));
        }
        version
    }

    fn date(&mut self, request: &Map<String, Value>, key: &str, label: Label<'_>) -> Option<Date> {
        let text = self.text(request, "", key, label)?;
        let date = Date::parse(&text);
        if date.is_none() {
            self.fault(bad_date(key, label, &text, false));
        }
        date
    }

    fn valid_to(&mut self, request: &Map<String, Value>) -> Option<ValidTo> {
        let label = Label {
            zh: "有效期截止日期",
            en: "End of validity",
        };
        let text = self.text(request, "", "valid_to", label)?;
        let date = ValidTo::parse(&text);
        if date.is_none() {
            self.fault(bad_date("valid_to", label, &text, true));
        }
        date
    }

    fn validity_order(&mut self, from: Option<Date>, to: Option<ValidTo>) {
        if let (Some(from), Some(ValidTo::Day(to))) = (from, to)
            && to < from
        {
            let zh = format!("有效期截止日期 {to} 早于起始日期 {from}");
            let en = format!("the validity ends on {to}, before it begins on {from}");
            self.fault(Fault::new("valid_to", FaultCode::RuleBroken, zh, en));
        }
    }

    fn fields(&mut self, request: &Map<String, Value>) -> Option<Map<String, Value>> {
        let empty = Map::new();
        let object = match request.get("fields") {
            Some(Value::Object(object)) => object,
            Some(value) if !is_absent(value) => {
                self.fault(wrong_type(
                    "fields",
                    Label {
                        zh: "照面信息",
                        en: "The fields",
                    },
                    "对象",
                    "an object",
                ));
                return None;
            }
            // Every required field is then reported by its own name.
            _ => &empty,
        };
        self.inspector.object(&self.kind.fields, object, "fields", Meta::Top);
        Some(object.clone())
    }

    fn number(&self, request: &Value) -> Option<String> {
        self.kind
            .number
            .as_ref()
            .and_then(|path: &Path| path.find(request, None)?.text())
    }

    fn serial(&mut self, request: &Map<String, Value>, number: Option<&str>, allotment: &Allotment) -> Option<String> {
        if request.get("serial").is_some_and(|value| !is_absent(value)) {
            return self.text(
                request,
                "",
                "serial",
                Label {
                    zh: "流水号",
                    en: "Serial",
                },
            );
        }
        if !self.kind.serial_from_number {
            return Some(allotment.serial.clone());
        }
        let clean: String = number
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        Some(if clean.is_empty() {
            allotment.serial.clone()
        } else {
            clean.to_ascii_uppercase()
        })
    }

    fn status(&mut self, request: &Map<String, Value>, allotment: &Allotment) -> Option<StatusRef> {
        let allotted = StatusRef {
            uri: allotment.status_uri.clone(),
            idx: allotment.status_idx,
        };
        let Some(value) = request.get("status").filter(|value| !is_absent(value)) else {
            return Some(allotted);
        };
        let label = Label {
            zh: "状态列表项",
            en: "Status entry",
        };
        let Some(object) = value.as_object() else {
            self.fault(wrong_type("status", label, "对象", "an object"));
            return None;
        };
        self.known_keys(object, "status", &["uri", "idx"]);
        let uri = match object.get("uri") {
            Some(_) => self.text(object, "status", "uri", label)?,
            None => allotted.uri,
        };
        let idx = match object.get("idx") {
            Some(value) => value.as_u64().filter(|idx| *idx < 1 << 53),
            None => Some(allotted.idx),
        };
        if idx.is_none() {
            let (zh, en) = (
                "状态列表序号应为小于 2^53 的非负整数",
                "should be a whole number, 0 to 2^53 - 1",
            );
            self.fault(Fault::new("status.idx", FaultCode::OutOfRange, zh, en));
        }
        Some(StatusRef { uri, idx: idx? })
    }

    fn identifier(&mut self, issuer: &Issuer, serial: &str, version: u16) -> Option<Identifier> {
        match Identifier::new(&self.kind.code, &issuer.code, serial, version) {
            Ok(identifier) => Some(identifier),
            Err(fault) => {
                let path = match fault {
                    IdentifierError::IssuerCode { .. } => "issuer.code",
                    IdentifierError::Version { .. } => "version",
                    _ => "serial",
                };
                let zh = format!("无法生成证照标识：流水号“{serial}”只能含 0-9 和 A-Z，标识总长不超过 128");
                let en = format!("no identifier can be built: {fault}");
                self.fault(Fault::new(path, FaultCode::BadIdentifier, zh, en));
                None
            }
        }
    }
}
