//! Seals and seal signatures (GB/T 38540, GM/T 0031) as claims.

use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_seal::{CertificateList, Seal, SealSignature, Version};
use cinnabar_sm::sm2;

use super::cms;
use crate::Limits;
use crate::claims::{
    Alternative, ClaimedTime, Claims, DigestAlgorithm, DigestClaim, Form, Piece, Scheme, SealClaims, SignatureClaims,
    ValueClaim,
};
use crate::codes::{Code, Finding};
use crate::plan::{scheme, verifying_key};

/// Adds the claims of a seal signature over `document`, `None` when the document is not at hand; gives [`z`] of the signer.
pub(super) fn extract(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    parsed: &SealSignature,
    document: Option<&[Piece]>,
    limits: &Limits,
) -> Option<[u8; 32]> {
    let mut signer_z = None;
    signature.form = match parsed.version {
        Version::V1 => Form::SesV1,
        Version::V4 => Form::SesV4,
        Version::V5 => Form::SesV5,
    };
    signature.claimed = Some(ClaimedTime {
        text: parsed.time_text.clone(),
        unix: parsed.time,
        source: "timeInfo",
    });
    deviations(signature, &parsed.deviations);
    let mut seal = extract_seal(claims, signature, &parsed.seal, limits);

    match Certificate::parse(&parsed.certificate) {
        Ok(signer) => {
            claims.certificate(&signer, limits.certificates);
            seal.lists_signer = Some(match &parsed.seal.certificates {
                CertificateList::Certificates(_) => parsed.seal.lists(&parsed.certificate),
                CertificateList::Digests(listed) => {
                    for (_, expected) in listed.iter().take(limits.certificates) {
                        let pieces = vec![Piece::Inline(parsed.certificate.clone())];
                        let alternatives = vec![Alternative::standard(pieces)];
                        let claim = DigestClaim {
                            algorithm: DigestAlgorithm::Sm3,
                            alternatives,
                            expected: expected.clone(),
                        };
                        let id = claims.digest(claim);
                        seal.listed_digests.push(id);
                    }
                    false
                }
            });
            let mut alternatives = vec![Alternative::standard(vec![Piece::Inline(parsed.signed_bytes.clone())])];
            if let Some(document) = document {
                alternatives.push(Alternative {
                    name: "signature-xml",
                    pieces: document.to_vec(),
                });
                signer_z = z(&signer);
                bind_document(claims, signature, parsed, &signer, signer_z, document);
            }
            let scheme = fitting_scheme(
                signature,
                &parsed.algorithm,
                Some(digest_algorithm(&signer, parsed)),
                &signer,
            );
            signature.value = Some(claims.value(ValueClaim {
                key: verifying_key(signer.public_key()),
                scheme,
                alternatives,
                value: parsed.signature.clone(),
            }));
            signature.signer = Some(signer);
        }
        Err(error) => {
            signature
                .findings
                .push(Finding::new(Code::NoSigningCertificate).with(error.to_string()));
        }
    }
    if let Some(token) = &parsed.timestamp {
        let stamped = vec![Piece::Inline(parsed.signature.clone())];
        match cms::stamp(claims, token, stamped, limits) {
            Some(stamp) => signature.stamps.push(stamp),
            None => signature
                .findings
                .push(Finding::new(Code::StampInvalid).with("the token cannot be read")),
        }
    }
    signature.seal = Some(seal);
    signer_z
}

/// Adds the claims of the seal itself.
pub(super) fn extract_seal(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    seal: &Seal,
    limits: &Limits,
) -> SealClaims {
    deviations(signature, &seal.deviations);
    let maker = Certificate::parse(&seal.maker_certificate);
    let mut value = None;
    match &maker {
        Ok(maker) => {
            claims.certificate(maker, limits.certificates);
            let scheme = fitting_scheme(signature, &seal.algorithm, None, maker);
            value = Some(claims.value(ValueClaim {
                key: verifying_key(maker.public_key()),
                scheme,
                alternatives: vec![Alternative::standard(vec![Piece::Inline(seal.signed_bytes.clone())])],
                value: seal.signature.clone(),
            }));
        }
        Err(error) => {
            let finding = Finding::about(Code::SealMakerUntrusted, "seal maker certificate").with(error.to_string());
            signature.findings.push(finding);
        }
    }
    SealClaims {
        id: seal.es_id.clone(),
        name: seal.name.clone(),
        version: match seal.version {
            Version::V1 => 1,
            Version::V4 => 4,
            Version::V5 => 5,
        },
        created: seal.created,
        picture: seal.picture.kind.clone(),
        valid_from: seal.valid_from,
        valid_to: seal.valid_to,
        maker: maker.ok(),
        value,
        lists_signer: None,
        listed_digests: Vec::new(),
    }
}

fn bind_document(
    claims: &mut Claims,
    signature: &mut SignatureClaims,
    parsed: &SealSignature,
    signer: &Certificate,
    z: Option<[u8; 32]>,
    document: &[Piece],
) {
    let algorithm = digest_algorithm(signer, parsed);
    let mut alternatives = vec![Alternative::standard(document.to_vec())];
    alternatives.extend(z.map(|z| z_prefixed(z, document)));
    let id = claims.digest(DigestClaim {
        algorithm,
        alternatives,
        expected: parsed.data_hash.clone(),
    });
    signature.content.push(id);
}

/// The digest that dataHash was made with: V1 names it by key type, and its length tells the rest.
fn digest_algorithm(signer: &Certificate, parsed: &SealSignature) -> DigestAlgorithm {
    match (signer.public_key(), parsed.data_hash.len()) {
        (PublicKey::Sm2(_), _) => DigestAlgorithm::Sm3,
        (_, 20) => DigestAlgorithm::Sha1,
        (_, 48) => DigestAlgorithm::Sha384,
        (_, 64) => DigestAlgorithm::Sha512,
        _ => DigestAlgorithm::Sha256,
    }
}

/// What signers of SM2 put before a message that they sign; `None` for other keys and points off the curve.
pub(super) fn z(signer: &Certificate) -> Option<[u8; 32]> {
    let PublicKey::Sm2(point) = signer.public_key() else {
        return None;
    };
    Some(sm2::PublicKey::from_sec1(point).ok()?.z(sm2::DEFAULT_ID))
}

/// The reading of signers whose token prepends Z to every hash it makes.
pub(super) fn z_prefixed(z: [u8; 32], document: &[Piece]) -> Alternative {
    let mut pieces = vec![Piece::Inline(z.to_vec())];
    pieces.extend_from_slice(document);
    Alternative {
        name: "z-prefixed",
        pieces,
    }
}

fn fitting_scheme(
    signature: &mut SignatureClaims,
    oid: &str,
    digest: Option<DigestAlgorithm>,
    certificate: &Certificate,
) -> Scheme {
    let scheme = scheme(oid, digest, certificate.public_key());
    if matches!(scheme, Scheme::Unknown(_)) {
        let mismatch = match certificate.public_key() {
            PublicKey::Rsa { .. } => matches!(oid, "1.2.156.10197.1.501" | "1.2.156.10197.1.301.1"),
            PublicKey::Sm2(_) => oid.starts_with("1.2.840.113549.1.1."),
            _ => false,
        };
        let code = if mismatch {
            Code::AlgorithmMismatch
        } else {
            Code::UnsupportedAlgorithm
        };
        signature.findings.push(Finding::about(code, oid.to_owned()));
    }
    scheme
}

fn deviations(signature: &mut SignatureClaims, found: &[cinnabar_seal::Deviation]) {
    for deviation in found {
        let code = match deviation.code() {
            "RAW_SM2_SIGNATURE" => continue,
            "UNKNOWN_CRITICAL_EXTENSION" => Code::SealCritical,
            "TBS_VERSION_MISMATCH" => Code::ValueUnreadable,
            "DUMMY_CERT_LIST" => Code::SealListInvalid,
            "NON_STANDARD_TIME" => Code::TimeUnreadable,
            _ => Code::FormDeviation,
        };
        signature.findings.push(Finding::about(code, deviation.code()));
    }
}
