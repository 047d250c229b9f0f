//! Licence types as data: one folder a type, `type.toml` inside.

mod catalogue;
mod field;
mod rule;

use std::path::PathBuf;

use serde::Deserialize;

pub use catalogue::{Catalogue, CatalogueError};
pub use field::{DEFAULT_MAX_CHARACTERS, DEFAULT_MAX_ITEMS, Field, FieldKind};
pub use rule::{Rule, RuleCheck, When};

use crate::identifier;
use crate::path::Path;

/// A licence type: what a licence of it must hold and who may issue it (GB/T 36902).
#[derive(Debug, Clone, PartialEq)]
pub struct LicenceType {
    /// Name of the folder, the type's short name on the command line.
    pub id: String,
    /// 证照类型代码, 21 characters.
    pub code: String,
    /// True when no standard known to the catalogue gives the code.
    pub code_is_placeholder: bool,
    /// 证照类型名称.
    pub name: String,
    /// The name in English.
    pub name_en: String,
    /// Version of this description; raised with every change of fields, rules or face.
    pub version: u32,
    /// 证照定义机构.
    pub define_authority: Authority,
    /// 持证主体类别: 自然人, 法人, 混合 or 其他.
    pub holder_category: String,
    /// 持证主体代码类型 codes a holder may have.
    pub holder_code_types: Vec<String>,
    /// 有效期限范围.
    pub validity_ranges: Vec<String>,
    /// 证照颁发机构级别.
    pub issuer_levels: Vec<String>,
    /// Where the 证照编号 stands in a request.
    pub number: Option<Path>,
    /// Whether the 流水号 is the number without its punctuation; otherwise it is random.
    pub serial_from_number: bool,
    /// The seal and its place on the face.
    pub seal: SealRole,
    /// The fields, in the order of the face.
    pub fields: Vec<Field>,
    /// The rules across fields.
    pub rules: Vec<Rule>,
    /// The folder the type was read from.
    pub folder: PathBuf,
}

/// 证照定义机构, the authority that defines a type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Its unified social credit code.
    pub code: String,
    /// 国家级, 省部级, 地市级, 区县级 or 其他.
    pub level: String,
}

/// Which organisation seals a type and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealRole {
    /// Name of the organisation's role, for the operator who chooses keys.
    pub role: String,
    /// Label in the template whose box the seal is centred on.
    pub anchor: String,
    /// Text under the star, such as 婚姻登记专用章.
    #[serde(default)]
    pub bottom_text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawType {
    id: String,
    name: String,
    name_en: String,
    version: u32,
    code: String,
    #[serde(default)]
    code_is_placeholder: bool,
    #[serde(default, rename = "note")]
    _note: Option<String>,
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    serial_from_number: bool,
    define_authority: Authority,
    holder: RawHolder,
    issuer: RawIssuer,
    validity: RawValidity,
    seal: SealRole,
    field: Vec<field::RawField>,
    #[serde(default)]
    rule: Vec<toml::Table>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHolder {
    category: String,
    code_types: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIssuer {
    levels: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawValidity {
    ranges: Vec<String>,
}

impl LicenceType {
    /// Parses a `type.toml`. The message of an error names the key; the caller names the file.
    ///
    /// # Errors
    /// Bad TOML, an unknown key, a code that fails its check, a rule whose path no field has.
    pub fn parse(toml: &str, folder: PathBuf) -> Result<Self, String> {
        let raw: RawType = toml::from_str(toml).map_err(|fault| fault.to_string())?;
        identifier::type_code(&raw.code).map_err(|fault| format!("`code`: {fault}"))?;
        crate::check::uscc(&raw.define_authority.code).map_err(|fault| format!("`define_authority.code`: {fault}"))?;
        if !raw.code.starts_with(&raw.define_authority.code) {
            return Err("`code` should begin with `define_authority.code`".to_owned());
        }
        let categories = ["自然人", "法人", "混合", "其他"];
        if !categories.contains(&raw.holder.category.as_str()) {
            return Err(format!("`holder.category` should be one of {}", categories.join(", ")));
        }
        let known = crate::metadata::names();
        if let Some(code) = raw
            .holder
            .code_types
            .iter()
            .find(|code| known.holder_code_type(code).is_none())
        {
            return Err(format!(
                "`holder.code_types`: `{code}` is not in the list of holder code types"
            ));
        }
        let number = match raw.number.as_deref().map(|text| (text, Path::parse(text))) {
            Some((text, None)) => return Err(format!("`number`: `{text}` is no path")),
            Some((_, path)) => path,
            None => None,
        };
        let fields = field::into_fields(Some(raw.field), "the type")?;
        let rules: Vec<Rule> = raw.rule.into_iter().map(Rule::from_table).collect::<Result<_, _>>()?;
        let built = Self {
            id: raw.id,
            code: raw.code,
            code_is_placeholder: raw.code_is_placeholder,
            name: raw.name,
            name_en: raw.name_en,
            version: raw.version,
            define_authority: raw.define_authority,
            holder_category: raw.holder.category,
            holder_code_types: raw.holder.code_types,
            validity_ranges: raw.validity.ranges,
            issuer_levels: raw.issuer.levels,
            number,
            serial_from_number: raw.serial_from_number,
            seal: raw.seal,
            fields,
            rules,
            folder,
        };
        built.check_paths()?;
        Ok(built)
    }

    /// The file that holds the face's template.
    pub fn face_path(&self) -> PathBuf {
        self.folder.join("face.typ")
    }

    fn check_paths(&self) -> Result<(), String> {
        if let Some(path) = self.number.as_ref().filter(|path| !self.has(path, None)) {
            return Err(format!("`number`: no field `{path}`"));
        }
        for rule in &self.rules {
            for path in rule.paths() {
                if !self.has(path, rule.each.as_ref()) {
                    return Err(format!("rule: no field `{path}`"));
                }
            }
        }
        Ok(())
    }

    fn has(&self, path: &Path, each: Option<&Path>) -> bool {
        let keys = match each {
            Some(each) if path.is_relative() => [each.keys(), path.keys()].concat(),
            _ => path.keys(),
        };
        match keys.as_slice() {
            ["fields", rest @ ..] => {
                let mut fields = self.fields.as_slice();
                for key in rest {
                    let Some(field) = fields.iter().find(|field| field.key == *key) else {
                        return false;
                    };
                    fields = field.children();
                }
                !rest.is_empty()
            }
            ["holder", "name" | "code" | "code_type"] | ["issuer", "name" | "code"] => true,
            ["issued_on" | "valid_from" | "valid_to"] => true,
            _ => false,
        }
    }
}
