//! A PDF file: each signature's range, what came after it, and the seal that ours carry.

use std::sync::Arc;

use cinnabar_licence::from_metadata;
use cinnabar_pdf::{ChangeKind, Coverage, Kind as FieldKind, Pdf, PdfError, Signature};
use cinnabar_seal::{SignedValueKind, detect, parse_seal, parse_signature};

use super::{Unreadable, cms, seal};
use crate::Limits;
use crate::claims::{ClaimedTime, Claims, DigestAlgorithm, Form, Kind, Piece, SignatureClaims};
use crate::codes::{Code, Finding};
use crate::report::LicenceSummary;

/// The signed attribute that holds the digest of a sealed PDF's seal.
const SEAL_HASH_ATTRIBUTE: &str = "1.3.6.1.4.1.59999.1.2";

pub(super) fn extract(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Claims, Unreadable> {
    let pdf = cinnabar_pdf::read(bytes, &limits.pdf).map_err(|error| unreadable(&error))?;
    if pdf.encrypted {
        return Err(Unreadable::new(
            Code::Encrypted,
            "the trailer names an encryption dictionary",
        ));
    }
    let mut claims = Claims::new(Kind::Pdf);
    if let Some(trailing) = &pdf.trailing {
        let detail = format!("{} bytes at offset {}", trailing.len(), trailing.start);
        claims.findings.push(Finding::new(Code::TrailingData).with(detail));
    }
    for anomaly in pdf.anomalies.iter().filter(|a| a.code() != "TRAILING_BYTES") {
        claims.findings.push(anomaly_finding(anomaly));
    }
    for entry in pdf.signatures.iter().take(limits.signatures) {
        let signature = extract_signature(&mut claims, bytes, &pdf, entry, limits);
        claims.signatures.push(signature);
    }
    if pdf.signatures.len() > limits.signatures {
        claims.findings.push(Finding::about(Code::LimitExceeded, "signatures"));
    }
    unvouched(&mut claims, bytes, &pdf);
    if claims.signatures.iter().all(|s| s.document_time_stamp) {
        // What follows the last whole revision may be a later one, cut off with its signature.
        let code = if pdf.trailing.is_some() {
            Code::FormatFailure
        } else {
            Code::Unsigned
        };
        claims.findings.push(Finding::new(code));
    }
    claims.licence = from_metadata(&pdf.metadata).map(|found| LicenceSummary::from(&found));
    Ok(claims)
}

fn extract_signature(
    claims: &mut Claims,
    bytes: &Arc<[u8]>,
    pdf: &Pdf,
    entry: &Signature,
    limits: &Limits,
) -> SignatureClaims {
    let mut signature = SignatureClaims::new(entry.field_name.clone(), Form::Unreadable);
    signature.document_time_stamp = entry.kind == FieldKind::DocTimeStamp;
    for anomaly in &entry.anomalies {
        signature.findings.push(anomaly_finding(anomaly));
    }
    coverage(&mut signature, pdf, entry);
    if entry.contents.is_empty() || entry.contents.iter().all(|b| *b == 0) {
        signature.findings.push(Finding::new(Code::ValueMissing));
        return signature;
    }
    if entry.signed_ranges.is_empty() {
        signature.findings.push(Finding::new(Code::ByteRangeInvalid));
        return signature;
    }
    let document: Vec<Piece> = entry
        .signed_ranges
        .iter()
        .map(|range| Piece::Shared(Arc::clone(bytes), range.clone()))
        .collect();

    if signature.document_time_stamp {
        document_time_stamp(claims, &mut signature, entry, document, limits);
        return signature;
    }
    match detect(&entry.contents) {
        SignedValueKind::SealSignature => match parse_signature(&entry.contents, &limits.seal) {
            Ok(parsed) => {
                seal::extract(claims, &mut signature, &parsed, Some(&document), limits);
            }
            Err(error) => signature
                .findings
                .push(Finding::new(Code::ValueUnreadable).with(error.to_string())),
        },
        SignedValueKind::SignedData => {
            let signed = cms::extract(claims, &mut signature, &entry.contents, Some(&document), limits);
            sealed(claims, &mut signature, entry, signed.as_ref(), limits);
        }
        SignedValueKind::BareSm2 => {
            signature.form = Form::BareSm2;
            signature.content_is_signed = true;
            signature.findings.push(Finding::new(Code::NoSigningCertificate));
        }
        _ if entry.sub_filter == "adbe.x509.rsa_sha1" => {
            let finding = Finding::about(Code::UnsupportedAlgorithm, entry.sub_filter.clone());
            signature.findings.push(finding);
        }
        _ => signature.findings.push(Finding::new(Code::ValueUnreadable)),
    }
    if signature.claimed.as_ref().is_none_or(|c| c.unix.is_none())
        && let Some(text) = &entry.claimed_time
    {
        let unix = pdf_date(text);
        signature.claimed = Some(ClaimedTime {
            text: text.clone(),
            unix,
            source: "M",
        });
    }
    signature
}

fn document_time_stamp(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    entry: &Signature,
    document: Vec<Piece>,
    limits: &Limits,
) {
    signature.form = Form::Cms;
    let Some(stamp) = cms::stamp(claims, &entry.contents, document, limits) else {
        signature
            .findings
            .push(Finding::new(Code::ValueUnreadable).with("the time-stamp token cannot be read"));
        return;
    };
    signature.signer = stamp.signer.clone();
    signature.value = stamp.value;
    signature.content = stamp.imprint.into_iter().chain(stamp.content).collect();
    let certificate = stamp.certificate.map(|id| (Code::SigningCertificateMismatch, id));
    signature.bindings.extend(certificate);
    if stamp.imprint.is_none() {
        signature
            .findings
            .push(Finding::about(Code::UnsupportedAlgorithm, "imprint"));
    }
    if signature.signer.is_none() {
        signature.findings.push(Finding::new(Code::NoSigningCertificate));
    }
    signature.claimed = Some(ClaimedTime {
        text: stamp.time.to_string(),
        unix: Some(stamp.time),
        source: "genTime",
    });
}

/// The seal of a sealed PDF: in a private key of the signature dictionary, bound by a signed attribute.
fn sealed(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    entry: &Signature,
    signed: Option<&cinnabar_pki::cms::SignedData>,
    limits: &Limits,
) {
    let attribute = signed
        .and_then(|s| s.signers.first())
        .and_then(|s| s.signed_attributes.as_ref())
        .and_then(|a| a.other.iter().find(|(oid, _)| oid == SEAL_HASH_ATTRIBUTE))
        .map(|(_, value)| value.as_slice());
    let Some(der) = &entry.seal else {
        let code = if attribute.is_some() {
            Code::SealNotBound
        } else {
            Code::NoSealStructure
        };
        signature.findings.push(Finding::new(code));
        return;
    };
    let parsed = match parse_seal(der, &limits.seal) {
        Ok(parsed) => parsed,
        Err(error) => {
            signature
                .findings
                .push(Finding::about(Code::ValueUnreadable, "seal").with(error.to_string()));
            return;
        }
    };
    let mut seal = seal::extract_seal(claims, signature, &parsed, limits);
    seal.lists_signer = signature.signer.as_ref().map(|s| parsed.lists(s.raw()));
    signature.seal = Some(seal);
    // An OCTET STRING of 32 bytes: tag, length, digest.
    let Some(expected) = attribute
        .and_then(|v| v.strip_prefix(&[0x04, 0x20]))
        .filter(|v| v.len() == 32)
    else {
        signature
            .findings
            .push(Finding::new(Code::SealNotBound).with("no seal hash among the signed attributes"));
        return;
    };
    let algorithm = signed
        .and_then(|s| s.signers.first())
        .and_then(|s| DigestAlgorithm::from_name(&s.digest_algorithm))
        .unwrap_or(DigestAlgorithm::Sm3);
    let der: Arc<[u8]> = Arc::from(der.as_slice());
    let id = cms::digest_of(claims, algorithm, &der, expected.to_vec());
    signature.bindings.push((Code::SealNotBound, id));
}

/// White space that a producer may leave after the last `%%EOF`.
const MAX_TAIL: usize = 16;

/// Tells what no signer answers for: a revision of evidence or a time stamp adds nothing that is shown, as far as our reader
/// goes, but readers that mend a file by scanning it can be led to see something else in it.
fn unvouched(claims: &mut Claims, bytes: &[u8], pdf: &Pdf) {
    let signers = pdf
        .signatures
        .iter()
        .filter(|s| s.kind == FieldKind::Signature && s.revision.is_some());
    let Some(end) = signers
        .filter_map(|s| s.signed_ranges.last())
        .map(|range| range.end)
        .max()
    else {
        return;
    };
    let rest = bytes.get(end..).unwrap_or_default();
    if rest.len() > MAX_TAIL || !rest.iter().all(u8::is_ascii_whitespace) {
        let detail = format!("{} bytes from offset {end}", rest.len());
        claims.findings.push(Finding::new(Code::UnvouchedRevision).with(detail));
    }
}

fn coverage(signature: &mut SignatureClaims, pdf: &Pdf, entry: &Signature) {
    signature.coverage.extent = match entry.covers {
        Coverage::WholeFile => "whole file".to_owned(),
        Coverage::Revision(number) => format!("revision {} of {}", number + 1, pdf.revisions.len()),
        _ => "not a whole revision".to_owned(),
    };
    let mut permitted = false;
    for change in &entry.changes {
        // A certification with P=1 (ISO 32000-1, 12.8.2.2) rules out further signatures, though not evidence.
        let signs = matches!(change.kind, ChangeKind::Signature | ChangeKind::VisibleSignature);
        let certified = entry.doc_mdp == Some(1) && signs;
        if change.kind.allowed_by_default() && !certified {
            permitted = true;
            continue;
        }
        let (number, generation) = change.object;
        let subject = format!("object {number} {generation}");
        if change.kind == ChangeKind::VisibleSignature && !certified {
            let detail = format!("revision {}: {}", change.revision + 1, change.detail);
            let finding = Finding::about(Code::VisibleLaterSignature, subject);
            signature.findings.push(finding.with(detail));
            continue;
        }
        let what = match change.kind {
            ChangeKind::FormFill => "form field",
            ChangeKind::Annotation => "annotation",
            ChangeKind::Metadata => "metadata",
            ChangeKind::Signature | ChangeKind::VisibleSignature => {
                "signature, although the document was certified against any change"
            }
            _ => "content",
        };
        let detail = format!("{what} in revision {}: {}", change.revision + 1, change.detail);
        signature
            .findings
            .push(Finding::about(Code::DocumentChanged, subject).with(detail));
    }
    if permitted {
        signature.findings.push(Finding::new(Code::AddedAfterSigning));
    }
    smuggled(signature, pdf, entry);
}

/// What later revisions carry that nobody shows and nobody signed: objects that nothing refers to outside of a revision
/// that adds a signature, and revisions that add nothing at all.
fn smuggled(signature: &mut SignatureClaims, pdf: &Pdf, entry: &Signature) {
    let Some(signed) = entry.revision else { return };
    for number in signed + 1..pdf.revisions.len() {
        let changes = || entry.changes.iter().filter(|change| change.revision == number);
        let adds = |kinds: &[ChangeKind]| changes().any(|change| kinds.contains(&change.kind));
        if adds(&[
            ChangeKind::Signature,
            ChangeKind::DocTimeStamp,
            ChangeKind::VisibleSignature,
        ]) {
            continue;
        }
        for change in changes().filter(|change| change.kind == ChangeKind::Unreferenced) {
            let subject = format!("object {} {}", change.object.0, change.object.1);
            signature.findings.push(Finding::about(Code::SmuggledEntry, subject));
        }
        if changes().next().is_none() {
            let finding = Finding::about(Code::SmuggledEntry, format!("revision {}", number + 1));
            signature.findings.push(finding.with("it adds nothing that is shown"));
        }
    }
}

fn anomaly_finding(anomaly: &cinnabar_pdf::Anomaly) -> Finding {
    let code = match anomaly.code() {
        "DELIMITERS_SIGNED" => Code::DelimitersSigned,
        "DICTIONARY_CHANGED" => Code::SignatureDictionaryChanged,
        "SIGNATURE_REMOVED" => Code::SignatureRemoved,
        "CONTENTS_EMPTY" | "CONTENTS_MISSING" => Code::ValueMissing,
        "SEAL_MALFORMED" => Code::SealNotBound,
        "XREF_DAMAGED" => Code::FormatFailure,
        "HIDDEN_REVISION"
        | "HIDDEN_BYTES"
        | "HYBRID_CONFLICT"
        | "SIZE_WRONG"
        | "DUPLICATE_ENTRY"
        | "DUPLICATE_KEY"
        | "REVISION_ORDER"
        | "SIGNATURE_DUPLICATE_KEY" => Code::StructureAmbiguous,
        _ if anomaly.fatal() => Code::ByteRangeInvalid,
        _ => Code::StructureAnomaly,
    };
    Finding::about(code, anomaly.code()).with(anomaly.detail.clone())
}

fn unreadable(error: &PdfError) -> Unreadable {
    let code = match error {
        PdfError::Encrypted => Code::Encrypted,
        PdfError::LimitExceeded { .. } => Code::LimitExceeded,
        _ => Code::FormatFailure,
    };
    Unreadable::new(code, error.to_string())
}

/// Reads a PDF date (ISO 32000-1, 7.9.4): `D:YYYYMMDDHHmmSSOHH'mm'`; `None` without a zone.
fn pdf_date(text: &str) -> Option<i64> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let number = |range: std::ops::Range<usize>, default: i64| match text.get(range) {
        Some(digits) if !digits.is_empty() => digits.parse::<i64>().ok(),
        _ => Some(default),
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let at = |from: usize, to: usize, default| {
        if digits >= to {
            number(from..to, default)
        } else {
            Some(default)
        }
    };
    let date = time::Date::from_calendar_date(
        i32::try_from(at(0, 4, 0)?).ok()?,
        time::Month::try_from(u8::try_from(at(4, 6, 1)?).ok()?).ok()?,
        u8::try_from(at(6, 8, 1)?).ok()?,
    )
    .ok()?;
    let seconds = at(8, 10, 0)? * 3600 + at(10, 12, 0)? * 60 + at(12, 14, 0)?;
    let zone = text.get(digits..)?;
    let sign = match zone.chars().next()? {
        'Z' => 0,
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let parts: Vec<i64> = zone.get(1..)?.split('\'').filter_map(|p| p.parse().ok()).collect();
    let offset = parts.first().copied().unwrap_or(0) * 3600 + parts.get(1).copied().unwrap_or(0) * 60;
    Some(date.midnight().assume_utc().unix_timestamp() + seconds - sign * offset)
}

#[cfg(test)]
mod tests {
    use super::pdf_date;

    #[test]
    fn a_pdf_date_is_read_in_its_zone_and_refused_without_one() {
        assert_eq!(pdf_date("D:19700101080000+08'00'"), Some(0));
        assert_eq!(pdf_date("D:19700101000001Z"), Some(1));
        assert_eq!(pdf_date("D:19691231190000-05'00"), Some(0));
        assert_eq!(pdf_date("D:20200101000000"), None);
        assert_eq!(pdf_date("yesterday"), None);
    }
}
