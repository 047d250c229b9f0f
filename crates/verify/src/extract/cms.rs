//! SignedData of RFC 5652 and of GM/T 0010, in the layouts A to E that occur, and time-stamp tokens.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::cms::{self, Dialect, SignedAttributes, SignedData, SignerInfo};
use cinnabar_pki::tsp;

use crate::Limits;
use crate::claims::{
    Alternative, ClaimedTime, Claims, DigestAlgorithm, DigestClaim, DigestId, Form, Piece, SignatureClaims,
    StampClaims, ValueClaim, ValueId,
};
use crate::codes::{Code, Finding};
use crate::plan::{scheme, verifying_key};

const DATA_TYPES: [&str; 3] = ["1.2.840.113549.1.7.1", "1.2.156.10197.6.1.4.2.1", "0.0"];

/// Adds the claims of a SignedData value over `document`; `None` when the document is not at hand.
pub(super) fn extract(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    value: &[u8],
    document: Option<&[Piece]>,
    limits: &Limits,
) -> Option<SignedData> {
    let signed = match cms::parse(value, &limits.cms) {
        Ok(signed) => signed,
        Err(error) => {
            signature
                .findings
                .push(Finding::new(Code::ValueUnreadable).with(error.to_string()));
            return None;
        }
    };
    signature.form = match signed.dialect {
        Dialect::Cms => Form::Cms,
        Dialect::Gbt35275 => Form::Gbt35275,
    };
    remember(claims, &signed, limits);
    if signed.ber {
        signature.findings.push(Finding::new(Code::BerEncoding));
    }
    let [info] = signed.signers.as_slice() else {
        let code = if signed.signers.is_empty() {
            Code::ValueMissing
        } else {
            Code::MultipleSigners
        };
        signature
            .findings
            .push(Finding::new(code).with(format!("{} SignerInfos", signed.signers.len())));
        return Some(signed);
    };
    let Some(algorithm) = DigestAlgorithm::from_name(&info.digest_algorithm) else {
        signature.findings.push(Finding::about(
            Code::UnsupportedAlgorithm,
            info.digest_algorithm.clone(),
        ));
        return Some(signed);
    };
    let signer = signed.signer_certificate(info).cloned();
    if let Some(document) = document {
        bind(claims, signature, &signed, info, algorithm, document);
    }
    match &info.signed_attributes {
        Some(attributes) => {
            check_attributes(signature, &signed, attributes);
            if let Some(time) = attributes.signing_time {
                signature.claimed = Some(ClaimedTime {
                    text: time.to_string(),
                    unix: Some(time),
                    source: "signingTime",
                });
            }
            if let Some(signer) = &signer {
                bind_certificate(claims, signature, attributes, signer);
            }
        }
        None if signed.econtent.is_none() => signature.content_is_signed = document.is_some(),
        None => {}
    }
    match &signer {
        Some(signer) => signature.value = value_claim(claims, &signed, info, algorithm, signer, document),
        None => signature.findings.push(Finding::new(Code::NoSigningCertificate)),
    }
    for token in info.timestamps.iter().take(limits.stamps) {
        let stamped = vec![Piece::Inline(info.signature.clone())];
        match stamp(claims, token, stamped, limits) {
            Some(stamp) => signature.stamps.push(stamp),
            None => signature
                .findings
                .push(Finding::new(Code::StampInvalid).with("the token cannot be read")),
        }
    }
    signature.signer = signer;
    Some(signed)
}

/// Adds the claims of a time-stamp token over `stamped`.
pub(super) fn stamp(claims: &mut Claims, token: &[u8], stamped: Vec<Piece>, limits: &Limits) -> Option<StampClaims> {
    let token = tsp::parse(token).ok()?;
    remember(claims, &token.signed, limits);
    let imprint = DigestAlgorithm::from_name(&token.imprint_algorithm).map(|algorithm| {
        claims.digest(DigestClaim {
            algorithm,
            alternatives: vec![Alternative::standard(stamped)],
            expected: token.imprint.clone(),
        })
    });
    let info = token
        .signed
        .signers
        .first()
        .filter(|_| token.signed.signers.len() == 1)?;
    let algorithm = DigestAlgorithm::from_name(&info.digest_algorithm)?;
    let signer = token.signed.signer_certificate(info).cloned();
    let (mut content, mut certificate) = (None, None);
    if let Some(attributes) = &info.signed_attributes {
        // Attributes that do not bind the content make the token worthless.
        let expected = attributes.message_digest.clone().filter(|_| !attributes.duplicates)?;
        if attributes.content_type.as_deref() != Some(tsp::TST_INFO) {
            return None;
        }
        let piece = Piece::Inline(token.tst_info.clone());
        content = Some(digest_claim(claims, algorithm, piece, expected));
        if let (Some(first), Some(signer)) = (attributes.signing_certificate.first(), &signer) {
            let algorithm = DigestAlgorithm::from_name(&first.algorithm)?;
            let piece = Piece::Inline(signer.raw().to_vec());
            certificate = Some(digest_claim(claims, algorithm, piece, first.hash.clone()));
        }
    }
    let value = signer
        .as_ref()
        .and_then(|s| value_claim(claims, &token.signed, info, algorithm, s, None));
    Some(StampClaims {
        time: token.gen_time,
        imprint,
        signer,
        content,
        certificate,
        value,
    })
}

fn remember(claims: &mut Claims, signed: &SignedData, limits: &Limits) {
    for certificate in &signed.certificates {
        claims.certificate(certificate, limits.certificates);
    }
    let room = limits.crls.saturating_sub(claims.crls.len());
    claims.crls.extend(signed.crls.iter().take(room).cloned());
}

/// Ties the signed bytes to the document: messageDigest, or the content that holds the document or its digest.
fn bind(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    signed: &SignedData,
    info: &SignerInfo,
    algorithm: DigestAlgorithm,
    document: &[Piece],
) {
    let digest_of_document = |claims: &mut Claims, algorithm, expected: Vec<u8>| {
        claims.digest(DigestClaim {
            algorithm,
            alternatives: vec![Alternative::standard(document.to_vec())],
            expected,
        })
    };
    let message_digest = info.signed_attributes.as_ref().and_then(|a| a.message_digest.clone());
    let Some(econtent) = &signed.econtent else {
        if let Some(expected) = message_digest {
            let id = digest_of_document(claims, algorithm, expected);
            signature.content.push(id);
        }
        return;
    };
    if let Some(expected) = message_digest {
        let pieces = vec![Piece::Inline(econtent.clone())];
        let claim = DigestClaim {
            algorithm,
            alternatives: vec![Alternative::standard(pieces)],
            expected,
        };
        let id = claims.digest(claim);
        signature.content.push(id);
    }
    if document.iter().flat_map(|p| p.bytes()).eq(econtent) {
        signature.content_is_signed = true;
    } else if let Some((algorithm, expected)) = embedded_digest(econtent, algorithm, signature) {
        let id = digest_of_document(claims, algorithm, expected);
        signature.content.push(id);
    } else {
        signature
            .findings
            .push(Finding::new(Code::ContentUnbound).with("the content is neither the document nor a digest of it"));
    }
}

/// A digest carried as the content itself: bare bytes, or the base64 text that some signers write.
fn embedded_digest(
    econtent: &[u8],
    algorithm: DigestAlgorithm,
    signature: &mut SignatureClaims,
) -> Option<(DigestAlgorithm, Vec<u8>)> {
    match econtent.len() {
        20 => return Some((DigestAlgorithm::Sha1, econtent.to_vec())),
        32 | 48 | 64 => return Some((algorithm, econtent.to_vec())),
        _ => {}
    }
    let decoded = BASE64.decode(econtent.trim_ascii()).ok().filter(|d| d.len() == 32)?;
    signature
        .findings
        .push(Finding::new(Code::FormDeviation).with("the signed digest is base64 text"));
    Some((algorithm, decoded))
}

fn check_attributes(signature: &mut SignatureClaims, signed: &SignedData, attributes: &SignedAttributes) {
    let mut wrong = |detail: &str| {
        signature
            .findings
            .push(Finding::new(Code::AttributesInvalid).with(detail));
    };
    if attributes.duplicates {
        wrong("an attribute occurs twice");
    }
    if attributes.message_digest.is_none() {
        wrong("messageDigest is missing");
    }
    match attributes.content_type.as_deref() {
        None => wrong("contentType is missing"),
        Some(stated) if stated == signed.econtent_type => {}
        Some(stated) if DATA_TYPES.contains(&stated) && DATA_TYPES.contains(&signed.econtent_type.as_str()) => {
            signature.findings.push(Finding::new(Code::ContentTypeDiffers));
        }
        Some(_) => wrong("contentType is not the type of the content"),
    }
}

fn bind_certificate(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    attributes: &SignedAttributes,
    signer: &Certificate,
) {
    let Some(first) = attributes.signing_certificate.first() else {
        return;
    };
    match DigestAlgorithm::from_name(&first.algorithm) {
        Some(algorithm) => {
            let id = claims.digest(DigestClaim {
                algorithm,
                alternatives: vec![Alternative::standard(vec![Piece::Inline(signer.raw().to_vec())])],
                expected: first.hash.clone(),
            });
            signature.bindings.push((Code::SigningCertificateMismatch, id));
        }
        None => signature
            .findings
            .push(Finding::about(Code::UnsupportedAlgorithm, first.algorithm.clone())),
    }
}

fn value_claim(
    claims: &mut Claims,
    signed: &SignedData,
    info: &SignerInfo,
    algorithm: DigestAlgorithm,
    signer: &Certificate,
    document: Option<&[Piece]>,
) -> Option<ValueId> {
    let alternatives = match (&info.signed_attributes, &signed.econtent) {
        (Some(attributes), _) => {
            let mut all = vec![Alternative {
                name: "file-order",
                pieces: vec![Piece::Inline(attributes.set_bytes.clone())],
            }];
            if let Some(sorted) = &attributes.sorted_set_bytes {
                all.push(Alternative {
                    name: "sorted",
                    pieces: vec![Piece::Inline(sorted.clone())],
                });
            }
            all
        }
        (None, Some(econtent)) => vec![Alternative::standard(vec![Piece::Inline(econtent.clone())])],
        (None, None) => vec![Alternative::standard(document?.to_vec())],
    };
    Some(claims.value(ValueClaim {
        key: verifying_key(signer.public_key()),
        scheme: scheme(&info.signature_algorithm, Some(algorithm), signer.public_key()),
        alternatives,
        value: info.signature.clone(),
    }))
}

fn digest_claim(claims: &mut Claims, algorithm: DigestAlgorithm, piece: Piece, expected: Vec<u8>) -> DigestId {
    claims.digest(DigestClaim {
        algorithm,
        alternatives: vec![Alternative::standard(vec![piece])],
        expected,
    })
}

/// Claims that `value` is the digest of `bytes`.
pub(super) fn digest_of(
    claims: &mut Claims,
    algorithm: DigestAlgorithm,
    bytes: &Arc<[u8]>,
    expected: Vec<u8>,
) -> DigestId {
    claims.digest(DigestClaim {
        algorithm,
        alternatives: vec![Alternative::standard(vec![Piece::whole(bytes)])],
        expected,
    })
}
