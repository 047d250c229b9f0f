//! Trust sets: whom an operator trusts, for what.
//!
//! A trust set is a TOML file beside its certificates. Unknown keys are errors, so that a misspelt `sunset` cannot go unnoticed.
//!
//! ```toml
//! name = "City of Example"
//! version = "2026-11"
//!
//! [[anchor]]
//! certificate = "organisation-root.pem"     # or pem = """-----BEGIN CERTIFICATE-----…"""; one certificate, PEM or DER
//! roles = ["signer", "time-stamp"]          # seal-maker, signer, time-stamp
//! area = "110000"                           # optional: what the anchor answers for
//! sunset = "2035-01-01T00:00:00Z"           # optional: not trusted for signatures from then on
//! note = "from the CA's page, compared by telephone"
//!
//! [[intermediate]]                          # helps to build paths; not trusted by itself
//! certificate = "organisation-ca.pem"
//!
//! [[crl]]                                   # evidence; its signature is checked whenever it is used
//! file = "organisation-ca.crl"
//! ```
//!
//! Paths are relative to the TOML file's folder. None is built in. Whoever can write these files decides what passes.

mod file;
mod role;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

pub use role::{Role, UnknownRole};

use crate::certificate::{Certificate, CertificateError};
use crate::crl::{Crl, CrlError};
use crate::pem::{self, PemError};

/// Trust anchors with their roles, and helpers to reach them.
#[derive(Debug, Clone)]
pub struct TrustSet {
    /// Its name, for reports.
    pub name: String,
    /// Its version, for reports.
    pub version: String,
    /// SM3 over the TOML text and each certificate and CRL file in order of mention, each preceded by its length in 8 bytes, big-endian.
    pub digest: [u8; 32],
    /// The certificates trusted.
    pub anchors: Vec<Anchor>,
    /// Untrusted certificates that help to build paths.
    pub intermediates: Vec<Certificate>,
    /// Revocation lists at hand.
    pub crls: Vec<Crl>,
    /// Whether any anchor is a development certificate: every report must say so.
    pub development: bool,
}

/// A trusted certificate.
#[derive(Debug, Clone)]
pub struct Anchor {
    /// A CA as a rule; another certificate is trusted as a leaf.
    pub certificate: Certificate,
    /// For what it is trusted; never empty.
    pub roles: Vec<Role>,
    /// What it answers for; free text such as an area code.
    pub area: Option<String>,
    /// From then on it is not trusted for new signatures, Unix seconds.
    pub sunset: Option<i64>,
    /// The operator's remark.
    pub note: Option<String>,
}

/// Which entry of the file a fault lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The n-th `[[anchor]]`, from 1.
    Anchor(usize),
    /// The n-th `[[intermediate]]`, from 1.
    Intermediate(usize),
    /// The n-th `[[crl]]`, from 1.
    Crl(usize),
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Entry::Anchor(number) => write!(f, "[[anchor]] number {number}"),
            Entry::Intermediate(number) => write!(f, "[[intermediate]] number {number}"),
            Entry::Crl(number) => write!(f, "[[crl]] number {number}"),
        }
    }
}

/// Why a trust set cannot be used. It is used as a whole or not at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The file itself cannot be read.
    #[error("trust set {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Not TOML, a key missing, or a key that does not belong there; the message shows the line.
    #[error("trust set: {0}")]
    Toml(#[from] toml::de::Error),
    /// No anchor at all.
    #[error("trust set: it has no [[anchor]], so nothing could be trusted; add one with `certificate` and `roles`")]
    NoAnchor,
    /// One entry is at fault.
    #[error("trust set, {entry}: {fault}")]
    Entry {
        /// Which.
        entry: Entry,
        /// What is wrong and how to mend it.
        fault: EntryFault,
    },
}

/// What is wrong with an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// Both or neither of the two keys that give the content.
    #[error("give either `{file_key}` (a file) or `pem` (the text itself), not both or neither")]
    Source {
        /// The key that names a file.
        file_key: &'static str,
    },
    /// A file that cannot be read.
    #[error("cannot read {file}: {source}; paths are relative to the trust set's folder")]
    Unreadable {
        /// As written.
        file: String,
        /// The cause.
        source: io::Error,
    },
    /// PEM text that is malformed.
    #[error("{0}; copy it again from its source")]
    Pem(#[from] PemError),
    /// Not exactly one certificate or CRL.
    #[error("expected one {label}, found {found}; give each its own entry")]
    NotOne {
        /// PEM label.
        label: &'static str,
        /// How many there are.
        found: usize,
    },
    /// Bytes that are no certificate.
    #[error("{0}; expected one certificate in DER or PEM")]
    Certificate(#[from] CertificateError),
    /// Bytes that are no CRL.
    #[error("{0}; expected one CRL in DER or PEM")]
    Crl(#[from] CrlError),
    /// No role.
    #[error("`roles` is empty, so it would be trusted for nothing; name at least one of {}", Role::NAMES.join(", "))]
    NoRoles,
    /// A role that does not exist.
    #[error(transparent)]
    Role(#[from] UnknownRole),
    /// A time that cannot be read.
    #[error("sunset `{0}` is no time; write it like 2035-01-01T00:00:00Z")]
    Sunset(String),
    /// An anchor given twice.
    #[error("the certificate {subject} is an anchor already; merge the two entries")]
    Duplicate {
        /// Its subject.
        subject: String,
    },
}

impl TrustSet {
    /// Loads a trust set and the files it names.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TrustError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| TrustError::Read {
            path: path.to_owned(),
            source,
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &|file| std::fs::read(folder.join(file)))
    }

    /// Reads a trust set from its text; `read` gives the content of a file as it is named there.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn parse(toml: &str, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) -> Result<Self, TrustError> {
        let file: file::TrustFile = toml::from_str(toml)?;
        if file.anchor.is_empty() {
            return Err(TrustError::NoAnchor);
        }
        let mut loader = Loader {
            read,
            digest: cinnabar_sm::sm3::Sm3::new(),
        };
        loader.note(toml.as_bytes());
        let mut anchors = Vec::new();
        let mut seen = HashSet::new();
        for (number, entry) in (1..).zip(file.anchor) {
            let anchor = read_anchor(entry, &mut loader, &mut seen);
            anchors.push(anchor.map_err(|fault| TrustError::Entry {
                entry: Entry::Anchor(number),
                fault,
            })?);
        }
        let mut intermediates = Vec::new();
        for (number, entry) in (1..).zip(file.intermediate) {
            let certificate = loader.certificate(entry.certificate, entry.pem);
            intermediates.push(certificate.map_err(|fault| TrustError::Entry {
                entry: Entry::Intermediate(number),
                fault,
            })?);
        }
        let mut crls = Vec::new();
        for (number, entry) in (1..).zip(file.crl) {
            let crl = loader.crl(entry.file, entry.pem);
            crls.push(crl.map_err(|fault| TrustError::Entry {
                entry: Entry::Crl(number),
                fault,
            })?);
        }
        Ok(TrustSet {
            name: file.name,
            version: file.version,
            digest: loader.digest.finalize(),
            development: anchors.iter().any(|anchor| anchor.certificate.is_development()),
            anchors,
            intermediates,
            crls,
        })
    }
}

fn read_anchor(
    entry: file::Anchor,
    loader: &mut Loader<'_>,
    seen: &mut HashSet<Certificate>,
) -> Result<Anchor, EntryFault> {
    let certificate = loader.certificate(entry.certificate, entry.pem)?;
    let roles = entry
        .roles
        .iter()
        .map(|name| name.parse())
        .collect::<Result<Vec<Role>, _>>()?;
    if roles.is_empty() {
        return Err(EntryFault::NoRoles);
    }
    if !seen.insert(certificate.clone()) {
        return Err(EntryFault::Duplicate {
            subject: certificate.subject_text(),
        });
    }
    let sunset = match entry.sunset {
        Some(sunset) => Some(sunset.unix_seconds()?),
        None => None,
    };
    Ok(Anchor {
        certificate,
        roles,
        area: entry.area,
        sunset,
        note: entry.note,
    })
}

struct Loader<'a> {
    read: &'a dyn Fn(&str) -> io::Result<Vec<u8>>,
    digest: cinnabar_sm::sm3::Sm3,
}

impl Loader<'_> {
    fn certificate(&mut self, file: Option<String>, pem: Option<String>) -> Result<Certificate, EntryFault> {
        Ok(Certificate::parse(&self.one(
            file,
            pem,
            "certificate",
            "CERTIFICATE",
        )?)?)
    }

    fn crl(&mut self, file: Option<String>, pem: Option<String>) -> Result<Crl, EntryFault> {
        Ok(Crl::parse(&self.one(file, pem, "file", "X509 CRL")?)?)
    }

    /// The one DER value a file (DER or PEM) or a PEM text holds.
    fn one(
        &mut self,
        file: Option<String>,
        pem: Option<String>,
        file_key: &'static str,
        label: &'static str,
    ) -> Result<Vec<u8>, EntryFault> {
        let bytes = match (file, pem) {
            (Some(file), None) => {
                let bytes = (self.read)(&file).map_err(|source| EntryFault::Unreadable { file, source })?;
                self.note(&bytes);
                bytes
            }
            (None, Some(pem)) => pem.into_bytes(),
            _ => return Err(EntryFault::Source { file_key }),
        };
        // DER starts with a SEQUENCE, 0x30, which is the digit 0 in text: PEM text starts with something else.
        if bytes.first() == Some(&0x30) {
            return Ok(bytes);
        }
        let mut blocks = pem::decode(&String::from_utf8_lossy(&bytes), label)?;
        match blocks.pop() {
            Some(block) if blocks.is_empty() => Ok(block),
            Some(_) => Err(EntryFault::NotOne {
                label,
                found: blocks.len() + 1,
            }),
            None => Err(EntryFault::NotOne { label, found: 0 }),
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.digest.update(&(bytes.len() as u64).to_be_bytes());
        self.digest.update(bytes);
    }
}

#[cfg(test)]
mod tests;
