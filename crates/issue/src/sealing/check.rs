//! The last look before a document leaves: structure and arithmetic, as a stranger would recompute them.

use cinnabar_keys::Algorithm;
use cinnabar_ofd::Package;
use cinnabar_pdf::Coverage;
use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::cms;
use cinnabar_seal::parse_signature;
use cinnabar_sm::sm3;

use crate::credentials::accepts;
use crate::{Credentials, IssueError};

/// Attribute with the digest of the seal inside a sealed PDF.
pub(super) const SEAL_HASH_OID: &str = "1.3.6.1.4.1.59999.1.2";

/// SM3 for SM2 signers, SHA-256 for RSA.
pub(super) fn digest<'a>(algorithm: Algorithm, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    if algorithm == Algorithm::Sm2Sm3 {
        return sm3::digest(parts);
    }
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

pub(super) fn ofd(document: &[u8], credentials: &Credentials) -> Result<(), IssueError> {
    let limits = cinnabar_ofd::Limits::default();
    let withheld = IssueError::Withheld;
    let package = Package::open(document, &limits).map_err(|_| withheld("the package cannot be opened"))?;
    let ofd = cinnabar_ofd::read::read(&package, &limits).map_err(|_| withheld("the package cannot be read"))?;
    let [body] = ofd.bodies.as_slice() else {
        return Err(withheld("there is not exactly one document"));
    };
    let [signature] = body.signatures.as_slice() else {
        return Err(withheld("there is not exactly one signature"));
    };
    if ofd.all_deviations().next().is_some() || !ofd.unreachable.is_empty() {
        return Err(withheld("the package departs from the standard"));
    }
    let entry = |path: Option<&str>| path.and_then(|path| package.entry(path)).unwrap_or_default();
    let covered = |path: &str| {
        signature
            .references
            .iter()
            .any(|reference| reference.path.as_deref() == Some(path))
    };
    let left_out = [
        Some(signature.path.as_str()),
        signature.signed_value.as_deref(),
        body.signatures_path.as_deref(),
    ];
    if package
        .names()
        .into_iter()
        .any(|name| !left_out.contains(&Some(name)) && !covered(name))
    {
        return Err(withheld("an entry is not covered"));
    }
    for reference in &signature.references {
        let content = sm3::digest([entry(reference.path.as_deref())]);
        if reference.check_value.as_deref() != Some(content.as_slice()) {
            return Err(withheld("the digest of an entry is wrong"));
        }
    }
    let value = parse_signature(
        entry(signature.signed_value.as_deref()),
        &cinnabar_seal::Limits::default(),
    )
    .map_err(|_| withheld("the seal signature cannot be read"))?;
    let description = sm3::digest([entry(Some(&signature.path))]);
    if value.data_hash != description || value.property_info != format!("/{}", signature.path) {
        return Err(withheld("the seal signature is over another description"));
    }
    if value.seal.raw != credentials.seal().raw || entry(signature.seal.as_deref()) != credentials.seal().raw {
        return Err(withheld("the seal inside is another one"));
    }
    if value.certificate != credentials.certificate().raw() || !value.seal.lists(&value.certificate) {
        return Err(withheld("the certificate inside is another one"));
    }
    if !accepts(
        credentials.certificate(),
        &value.algorithm,
        &value.signed_bytes,
        &value.signature,
    ) {
        return Err(withheld("the signature value is wrong"));
    }
    Ok(())
}

pub(super) fn pdf(document: &[u8], credentials: &Credentials) -> Result<(), IssueError> {
    let withheld = IssueError::Withheld;
    let limits = cinnabar_pdf::Limits::default();
    let pdf = cinnabar_pdf::read(document, &limits).map_err(|_| withheld("the file cannot be read"))?;
    let [signature] = pdf.signatures.as_slice() else {
        return Err(withheld("there is not exactly one signature"));
    };
    if !pdf.anomalies.is_empty() || !signature.anomalies.is_empty() || !signature.changes.is_empty() {
        return Err(withheld("the file has anomalies"));
    }
    if signature.covers != Coverage::WholeFile {
        return Err(withheld("the signature does not cover the whole file"));
    }
    let algorithm = credentials.algorithm();
    let parts = signature
        .signed_ranges
        .iter()
        .filter_map(|range| document.get(range.clone()));
    let content = digest(algorithm, parts);
    let signed = cms::parse(&signature.contents, &cinnabar_pki::Limits::default())
        .map_err(|_| withheld("the signed message cannot be read"))?;
    let [signer] = signed.signers.as_slice() else {
        return Err(withheld("there is not exactly one signer"));
    };
    let attributes = signer
        .signed_attributes
        .as_ref()
        .ok_or(withheld("there are no signed attributes"))?;
    if attributes.message_digest.as_deref() != Some(content.as_slice()) || attributes.sorted_set_bytes.is_some() {
        return Err(withheld("the digest of the file is wrong"));
    }
    let certificate = signed.signer_certificate(signer).map(Certificate::raw);
    if certificate != Some(credentials.certificate().raw()) {
        return Err(withheld("the certificate inside is another one"));
    }
    if !accepts(
        credentials.certificate(),
        algorithm.oid(),
        &attributes.set_bytes,
        &signer.signature,
    ) {
        return Err(withheld("the signature value is wrong"));
    }
    let seal = credentials.seal().raw.as_slice();
    let hash = cinnabar_pki::write::der::octet_string(&digest(algorithm, [seal]));
    let bound = attributes
        .other
        .iter()
        .any(|(oid, value)| oid == SEAL_HASH_OID && *value == hash);
    if signature.seal.as_deref() != Some(seal) || !bound {
        return Err(withheld("the seal is not bound to the signature"));
    }
    Ok(())
}
