//! An OFD package: what each signature protects, what it leaves out, and what else the package carries.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use cinnabar_licence::from_metadata;
use cinnabar_ofd::read::{self, DocBody, Ofd, Signature};
use cinnabar_ofd::{Package, PackageError};
use cinnabar_seal::{SignedValueKind, detect, parse_seal, parse_signature};

use super::{Unreadable, cms, seal};
use crate::Limits;
use crate::claims::{Alternative, Claims, DigestAlgorithm, DigestClaim, Form, Kind, Piece, SignatureClaims};
use crate::codes::{Code, Finding};
use crate::report::LicenceSummary;

pub(super) fn extract(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Claims, Unreadable> {
    let package = Package::open(bytes, &limits.ofd).map_err(unreadable)?;
    let ofd = read::read(&package, &limits.ofd).map_err(unreadable)?;
    let mut claims = Claims::new(Kind::Ofd);
    for deviation in &ofd.deviations {
        claims.findings.push(deviation_finding(deviation));
    }
    unreferenced(&mut claims, &package, &ofd);

    let signed: usize = ofd.bodies.iter().map(|b| b.signatures.len()).sum();
    for (number, body) in ofd.bodies.iter().enumerate() {
        if body.signatures.is_empty() && signed > 0 {
            claims
                .findings
                .push(Finding::about(Code::UnsignedBody, body.doc_root.clone()));
        }
        for (position, signature) in body.signatures.iter().enumerate().take(limits.signatures) {
            let id = if ofd.bodies.len() > 1 {
                format!("{}:{}", number, signature.id)
            } else {
                signature.id.clone()
            };
            let extracted = extract_signature(&mut claims, &package, body, position, signature, id, limits);
            claims.signatures.push(extracted);
        }
        if body.signatures.len() > limits.signatures {
            claims.findings.push(Finding::about(Code::LimitExceeded, "signatures"));
        }
    }
    if claims.signatures.is_empty() {
        claims.findings.push(Finding::new(Code::Unsigned));
    }
    claims.licence = ofd.bodies.first().and_then(|b| licence(&b.custom_data));
    Ok(claims)
}

fn extract_signature(
    claims: &mut Claims,
    package: &Package,
    body: &DocBody,
    position: usize,
    entry: &Signature,
    id: String,
    limits: &Limits,
) -> SignatureClaims {
    let mut signature = SignatureClaims::new(id, Form::Unreadable);
    for deviation in &entry.deviations {
        signature.findings.push(deviation_finding(deviation));
    }
    coverage(&mut signature, body, position, entry);

    let Some(xml) = package.shared(&entry.path) else {
        signature
            .findings
            .push(Finding::about(Code::ReferenceMissing, entry.path.clone()));
        return signature;
    };
    let document = [Piece::whole(&xml)];
    let Some(value) = entry.signed_value.as_deref().and_then(|p| package.shared(p)) else {
        signature.findings.push(Finding::new(Code::ValueMissing));
        return signature;
    };
    let mut z = None;
    match detect(&value) {
        SignedValueKind::SealSignature => match parse_signature(&value, &limits.seal) {
            Ok(parsed) => {
                z = seal::extract(claims, &mut signature, &parsed, Some(&document), limits);
                compare_seal_file(&mut signature, package, entry, &parsed.seal.raw);
                compare_property(&mut signature, &parsed.property_info, &entry.path);
            }
            Err(error) => signature
                .findings
                .push(Finding::new(Code::ValueUnreadable).with(error.to_string())),
        },
        SignedValueKind::SignedData => {
            cms::extract(claims, &mut signature, &value, Some(&document), limits);
            shown_seal(claims, &mut signature, package, entry, limits);
            z = signature.signer.as_ref().and_then(seal::z);
        }
        SignedValueKind::BareSm2 => {
            signature.form = Form::BareSm2;
            signature.content_is_signed = true;
            signature.findings.push(Finding::new(Code::NoSigningCertificate));
        }
        _ => signature.findings.push(Finding::new(Code::ValueUnreadable)),
    }
    // Only for the first few signers: that reading costs a second hash of everything, and no honest file has many of them.
    let z = z.filter(|_| claims.signatures.len() < Z_READINGS);
    references(claims, &mut signature, package, entry, z);
    signature
}

/// How many signatures of a document get the reading with Z in front of every file.
const Z_READINGS: usize = 4;

fn references(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    package: &Package,
    entry: &Signature,
    z: Option<[u8; 32]>,
) {
    let method = entry.check_method.as_deref().unwrap_or_else(|| {
        // The schema's default is MD5; what was meant shows in the length of the values.
        let finding = Finding::about(Code::WeakAlgorithm, "CheckMethod").with("none is stated, which means MD5");
        signature.findings.push(finding);
        let first = entry.references.first().and_then(|r| r.check_value.as_ref());
        match first.map(Vec::len) {
            Some(32) => "SM3",
            Some(20) => "SHA1",
            _ => "MD5",
        }
    });
    let Some(algorithm) = DigestAlgorithm::from_name(method) else {
        signature
            .findings
            .push(Finding::about(Code::UnsupportedAlgorithm, method.to_owned()));
        return;
    };
    if entry.references.is_empty() {
        signature.findings.push(Finding::new(Code::ReferencesEmpty));
    }
    for reference in &entry.references {
        let found = reference.path.as_deref().and_then(|p| Some((p, package.shared(p)?)));
        let Some((path, bytes)) = found else {
            signature
                .findings
                .push(Finding::about(Code::ReferenceMissing, reference.file_ref.clone()));
            continue;
        };
        let Some(expected) = reference.check_value.clone() else {
            let finding = Finding::about(Code::HashFailure, path).with("the CheckValue is missing or not base64");
            signature.findings.push(finding);
            continue;
        };
        let pieces = [Piece::whole(&bytes)];
        let mut alternatives = vec![Alternative::standard(pieces.to_vec())];
        alternatives.extend(z.map(|z| seal::z_prefixed(z, &pieces)));
        let digest = claims.digest(DigestClaim {
            algorithm,
            alternatives,
            expected,
        });
        signature.references.push((path.to_owned(), digest));
    }
}

/// What the signature leaves out of all that the document shows or carries.
fn coverage(signature: &mut SignatureClaims, body: &DocBody, position: usize, entry: &Signature) {
    let covered: HashSet<&str> = entry.references.iter().filter_map(|r| r.path.as_deref()).collect();
    let mut allowed: HashSet<&str> = HashSet::from([entry.path.as_str()]);
    allowed.extend(entry.signed_value.as_deref());
    for later in body.signatures.iter().skip(position + 1) {
        allowed.insert(&later.path);
        allowed.extend(later.signed_value.as_deref());
        allowed.extend(later.seal.as_deref());
    }
    let list = body.signatures_path.as_deref();
    if list.is_some_and(|path| !covered.contains(path)) {
        signature.findings.push(Finding::new(Code::SignatureListUnprotected));
    }
    let mut uncovered = BTreeMap::new();
    for reached in &body.reachable {
        let path = reached.path.as_str();
        if Some(path) != list && !covered.contains(path) && !allowed.contains(path) {
            uncovered.insert(path.to_owned(), format!("{:?}", reached.by));
        }
    }
    signature.coverage.extent = format!("{} entries", covered.len());
    signature.coverage.uncovered = uncovered.into_iter().collect();
}

/// The seal that a reader draws beside a value that does not hold one. Only the digest of its file binds it, so that file
/// must be covered; the seal itself is judged like any other.
fn shown_seal(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    package: &Package,
    entry: &Signature,
    limits: &Limits,
) {
    let Some(path) = entry.seal.as_deref() else { return };
    let Some(file) = package.shared(path) else {
        signature.findings.push(Finding::about(Code::ReferenceMissing, path));
        return;
    };
    match parse_seal(&file, &limits.seal) {
        Ok(parsed) => {
            let mut seal = seal::extract_seal(claims, signature, &parsed, limits);
            seal.lists_signer = signature.signer.as_ref().map(|s| parsed.lists(s.raw()));
            signature.seal = Some(seal);
        }
        Err(error) => signature
            .findings
            .push(Finding::about(Code::ValueUnreadable, path).with(error.to_string())),
    }
}

fn compare_seal_file(signature: &mut SignatureClaims, package: &Package, entry: &Signature, embedded: &[u8]) {
    let Some(path) = entry.seal.as_deref() else { return };
    match package.shared(path) {
        Some(file) if *file == *embedded => {}
        Some(_) => signature.findings.push(Finding::about(Code::SealMismatch, path)),
        None => signature.findings.push(Finding::about(Code::ReferenceMissing, path)),
    }
}

fn compare_property(signature: &mut SignatureClaims, property: &str, path: &str) {
    let same = property.trim_start_matches('/') == path.trim_start_matches('/');
    if !same {
        signature
            .findings
            .push(Finding::about(Code::PropertyInfoDiffers, property));
    }
}

/// Whether an entry is the description of a signature, which nobody leaves behind but by taking it off the list.
fn is_signature(entry: &[u8]) -> bool {
    let element = b"SignedInfo";
    entry.windows(element.len()).take(1 << 16).any(|w| w == element)
}

fn unreferenced(claims: &mut Claims, package: &Package, ofd: &Ofd) {
    let covered: HashSet<&str> = ofd
        .bodies
        .iter()
        .flat_map(|b| &b.signatures)
        .flat_map(|s| &s.references)
        .filter_map(|r| r.path.as_deref())
        .collect();
    for path in &ofd.unreachable {
        let code = if !covered.contains(path.as_str()) {
            Code::SmuggledEntry
        } else if package.entry(path).is_some_and(is_signature) {
            Code::SignatureRemoved
        } else {
            Code::UnreferencedEntry
        };
        claims.findings.push(Finding::about(code, path.clone()));
    }
}

fn deviation_finding(deviation: &read::Deviation) -> Finding {
    let code = match (deviation.fatal, deviation.code) {
        (true, _) => Code::StructureAmbiguous,
        (false, "PATH_CASE" | "PATH_FORM") => Code::PathCase,
        (false, "MISSING_FILE") => Code::PartUnreadable,
        _ => Code::FormDeviation,
    };
    Finding::about(code, deviation.entry.clone()).with(format!("{}: {}", deviation.code, deviation.detail))
}

fn unreadable(error: PackageError) -> Unreadable {
    let code = if error.is_encrypted() {
        Code::Encrypted
    } else {
        match error.code() {
            "PACKAGE_TOO_LARGE" | "TOO_MANY_ENTRIES" | "TOO_LARGE" | "TOO_MANY" => Code::LimitExceeded,
            "DUPLICATE_ENTRY" | "AMBIGUOUS_NAME" | "HEADER_MISMATCH" | "OVERLAP" => Code::StructureAmbiguous,
            _ => Code::FormatFailure,
        }
    };
    Unreadable::new(code, error.to_string())
}

/// The licence named by the package's metadata, if it is one.
fn licence(custom: &[(String, String)]) -> Option<LicenceSummary> {
    from_metadata(custom).map(|found| LicenceSummary::from(&found))
}
