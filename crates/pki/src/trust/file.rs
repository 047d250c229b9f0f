//! The TOML file as written.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::EntryFault;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TrustFile {
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub anchor: Vec<Anchor>,
    #[serde(default)]
    pub intermediate: Vec<Intermediate>,
    #[serde(default)]
    pub crl: Vec<Crl>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Anchor {
    pub certificate: Option<String>,
    pub pem: Option<String>,
    pub roles: Vec<String>,
    pub area: Option<String>,
    pub sunset: Option<Sunset>,
    pub note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intermediate {
    pub certificate: Option<String>,
    pub pem: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Crl {
    pub file: Option<String>,
    pub pem: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Sunset {
    Literal(toml::value::Datetime),
    Text(String),
}

impl Sunset {
    pub(super) fn unix_seconds(&self) -> Result<i64, EntryFault> {
        let text = match self {
            Sunset::Literal(literal) => literal.to_string(),
            Sunset::Text(text) => text.clone(),
        };
        match OffsetDateTime::parse(&text, &Rfc3339) {
            Ok(time) => Ok(time.unix_timestamp()),
            Err(_) => Err(EntryFault::Sunset(text)),
        }
    }
}
