//! Embedding a signature in two phases.
//!
//! ```text
//! package ──▶ prepare ──▶ ToBeSigned { data_hash, property_info, .. } ── signature value ──▶ finish ──▶ package
//! ```
//!
//! Continue mode (需要继续签): the new signature covers every file of the package, `OFD.xml`, its own seal and earlier
//! signatures included, except the signature list, so that another signature can follow. Entries that do not
//! change are copied byte for byte.

mod error;
mod files;
mod wire;

pub use error::SignError;

use serde::{Deserialize, Serialize};

use crate::archive::{Archive, Assembler};
use crate::read::{self, DocBody, Ofd};
use crate::{Limits, Package, location, name};

/// What a signature is: `Signature/@Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignatureKind {
    /// An electronic seal signature (GB/T 38540); the package carries the seal.
    Seal,
    /// A digital signature without a seal.
    Sign,
}

/// The digest of the protected files and of `Signature.xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Digest {
    /// SM3.
    #[default]
    Sm3,
}

impl Digest {
    /// Gives the OID that `CheckMethod` names.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sm3 => "1.2.156.10197.1.401",
        }
    }

    fn of(self, content: &[u8]) -> [u8; 32] {
        match self {
            Self::Sm3 => cinnabar_sm::sm3::digest([content]),
        }
    }
}

/// Where a seal shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SealPlacement {
    /// Index of the page.
    pub page: usize,
    /// The whole seal: x, y, width, height in mm from the page's top left. It may leave the page.
    pub boundary: [f64; 4],
    /// The part that is drawn, relative to the boundary, for a seal across pages (骑缝章). None: all of it.
    pub clip: Option<[f64; 4]>,
}

/// Who makes the signature: `Provider`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// `@ProviderName`.
    pub name: String,
    /// `@Version`.
    pub version: String,
    /// `@Company`.
    pub company: String,
}

impl Default for Provider {
    fn default() -> Self {
        let own = |text: &str| text.to_owned();
        Self {
            name: own("Cinnabar"),
            version: own(env!("CARGO_PKG_VERSION")),
            company: own("Cinnabar"),
        }
    }
}

/// What is to be signed, and how it says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<'a> {
    /// Seal or plain signature.
    pub kind: SignatureKind,
    /// Where the seal shows; for [`SignatureKind::Seal`] only.
    pub stamps: &'a [SealPlacement],
    /// The seal (SESeal, DER); for [`SignatureKind::Seal`] only.
    pub seal: Option<&'a [u8]>,
    /// OID of the signature algorithm, e.g. `1.2.156.10197.1.501`.
    pub method: &'a str,
    /// Digest of files.
    pub digest: Digest,
    /// The claimed time, Unix seconds.
    pub time: i64,
    /// Who makes the signature.
    pub provider: Provider,
}

/// A package that lacks only the signature value. It can be kept or sent elsewhere between the phases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToBeSigned {
    /// The final bytes of `Signature.xml`.
    #[serde(with = "wire")]
    pub signature_xml: Vec<u8>,
    /// Digest of [`ToBeSigned::signature_xml`]: the seal signature's `dataHash`.
    pub data_hash: [u8; 32],
    /// Absolute path of `Signature.xml`: the seal signature's `propertyInfo`.
    pub property_info: String,
    /// `Signature/@ID`.
    pub signature_id: String,
    /// The digest used.
    pub digest: Digest,
    value_path: String,
    #[serde(with = "wire")]
    package: Vec<u8>,
}

/// Adds everything of a new signature but its value.
///
/// Refused: a package with fatal deviations, several documents, an earlier signature that covers the signature list
/// (it would break), an earlier signature that is incomplete.
///
/// # Errors
/// A [`SignError`] that names what is in the way.
pub fn prepare(package: &[u8], request: &Request<'_>, limits: &Limits) -> Result<ToBeSigned, SignError> {
    let archive = Archive::open(package, limits)?;
    let opened = Package::open(package, limits)?;
    let ofd = read::read(&opened, limits)?;
    let body = refuse_unsignable(&ofd)?;
    check_request(request, body)?;

    let list_path = match &body.signatures_path {
        Some(path) => path.clone(),
        None => join(location::directory(&body.doc_root), "Signs/Signatures.xml"),
    };
    let directory = free_directory(&opened, body, &list_path);
    let ids = files::Ids::after(body);
    let main = match body.signatures_path {
        Some(_) => None,
        None => Some(files::main_with_list(
            opened.entry(read::MAIN).unwrap_or_default(),
            &list_path,
            limits,
        )?),
    };
    let list = files::list(body, request, &ids, &format!("{directory}/Signature.xml"))?;

    let mut out = Assembler::default();
    let mut covered: Vec<(String, [u8; 32])> = Vec::new();
    let mut cover = |path: &str, content: &[u8]| covered.push((path.to_owned(), request.digest.of(content)));
    for entry in &archive.entries {
        match &main {
            Some(main) if entry.name == read::MAIN => {
                out.add(&entry.name, main)?;
                cover(&entry.name, main);
            }
            _ if entry.name == list_path => {}
            _ => {
                out.copy(&archive, entry)?;
                if let Some(content) = opened.entry(&entry.name) {
                    cover(&entry.name, content);
                }
            }
        }
    }
    if let Some(seal) = request.seal {
        let path = format!("{directory}/Seal.esl");
        out.add(&path, seal)?;
        cover(&path, seal);
    }
    covered.sort();
    let signature_xml = files::description(request, body, &ids, &directory, &covered)?;
    let signature_path = format!("{directory}/Signature.xml");
    out.add(&list_path, &list)?;
    out.add(&signature_path, &signature_xml)?;
    Ok(ToBeSigned {
        data_hash: request.digest.of(&signature_xml),
        signature_xml,
        property_info: format!("/{signature_path}"),
        signature_id: ids.signature.clone(),
        digest: request.digest,
        value_path: format!("{directory}/SignedValue.dat"),
        package: out.finish()?,
    })
}

impl ToBeSigned {
    /// Embeds the signature value, reads the package back and recomputes every digest.
    ///
    /// # Errors
    /// [`SignError::EmptyValue`], or [`SignError::SelfCheck`] if what was written does not read as it should.
    pub fn finish(self, signed_value: &[u8], limits: &Limits) -> Result<Vec<u8>, SignError> {
        if signed_value.is_empty() {
            return Err(SignError::EmptyValue);
        }
        let archive = Archive::open(&self.package, limits)?;
        let mut out = Assembler::default();
        for entry in &archive.entries {
            out.copy(&archive, entry)?;
        }
        out.add(&self.value_path, signed_value)?;
        let bytes = out.finish()?;
        self.check(&bytes, signed_value, limits)?;
        Ok(bytes)
    }

    fn check(&self, bytes: &[u8], value: &[u8], limits: &Limits) -> Result<(), SignError> {
        let fault = |entry: &str| SignError::SelfCheck {
            entry: entry.to_owned(),
        };
        let package = Package::open(bytes, limits)?;
        let ofd = read::read(&package, limits)?;
        let signature = ofd
            .bodies
            .iter()
            .flat_map(|b| &b.signatures)
            .find(|s| s.id == self.signature_id);
        let signature = signature.ok_or_else(|| fault(&self.property_info))?;
        if format!("/{}", signature.path) != self.property_info
            || package.entry(&signature.path) != Some(&self.signature_xml)
            || signature.signed_value.as_deref().and_then(|path| package.entry(path)) != Some(value)
            || self.digest.of(&self.signature_xml) != self.data_hash
        {
            return Err(fault(&signature.path));
        }
        if let Some(deviation) = ofd.all_deviations().find(|d| d.fatal) {
            return Err(fault(&deviation.entry));
        }
        for reference in &signature.references {
            let content = reference.path.as_deref().and_then(|path| package.entry(path));
            let digest = content.map(|content| self.digest.of(content).to_vec());
            if digest.is_none() || digest != reference.check_value {
                return Err(fault(&reference.file_ref));
            }
        }
        Ok(())
    }
}

fn refuse_unsignable(ofd: &Ofd) -> Result<&DocBody, SignError> {
    if let Some(deviation) = ofd.all_deviations().find(|d| d.fatal) {
        return Err(SignError::Deviation(deviation.clone()));
    }
    let [body] = ofd.bodies.as_slice() else {
        return Err(SignError::SeveralDocuments(ofd.bodies.len()));
    };
    let list = body.signatures_path.as_deref();
    for signature in &body.signatures {
        if signature
            .references
            .iter()
            .any(|r| r.path.is_some() && r.path.as_deref() == list)
        {
            return Err(SignError::Final {
                signature: signature.id.clone(),
            });
        }
    }
    Ok(body)
}

fn check_request(request: &Request<'_>, body: &DocBody) -> Result<(), SignError> {
    match (request.kind, request.seal, request.stamps) {
        (SignatureKind::Seal, None | Some([]), _) => return Err(SignError::SealMissing),
        (SignatureKind::Sign, Some(_), _) | (SignatureKind::Sign, _, [_, ..]) => return Err(SignError::SealUnexpected),
        _ => {}
    }
    for stamp in request.stamps {
        if stamp.page >= body.pages.len() {
            return Err(SignError::NoSuchPage {
                page: stamp.page,
                pages: body.pages.len(),
            });
        }
        let boxes = [Some(stamp.boundary), stamp.clip].into_iter().flatten();
        for [x, y, width, height] in boxes {
            let finite = [x, y, width, height].iter().all(|v| v.is_finite() && v.abs() < 1e6);
            if !finite || width <= 0.0 || height <= 0.0 {
                return Err(SignError::BadStamp { page: stamp.page });
            }
        }
    }
    Ok(())
}

/// Finds the first `Sign_N` that no entry uses, next to the signatures that are there.
fn free_directory(package: &Package, body: &DocBody, list_path: &str) -> String {
    let beside = body
        .signatures
        .last()
        .map(|s| location::directory(location::directory(&s.path)).to_owned());
    let parent = beside.unwrap_or_else(|| location::directory(list_path).to_owned());
    let used: Vec<String> = package.names().into_iter().map(name::key).collect();
    let mut number = body.signatures.len();
    loop {
        let directory = join(&parent, &format!("Sign_{number}"));
        let key = name::key(&directory);
        let taken = |entry: &String| {
            entry
                .strip_prefix(&key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !used.iter().any(taken) {
            return directory;
        }
        number += 1;
    }
}

fn join(directory: &str, file: &str) -> String {
    if directory.is_empty() {
        file.to_owned()
    } else {
        format!("{directory}/{file}")
    }
}
