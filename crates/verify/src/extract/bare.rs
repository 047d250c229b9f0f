//! A seal, a seal signature or a SignedData value without its document.

use std::sync::Arc;

use cinnabar_seal::{SignedValueKind, detect, parse_seal, parse_signature};

use super::{Unreadable, cms, seal};
use crate::Limits;
use crate::claims::{Claims, Form, Kind, SignatureClaims};
use crate::codes::{Code, Finding};

pub(super) fn extract(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Claims, Unreadable> {
    let mut claims = Claims::new(Kind::Value);
    let mut signature = SignatureClaims::new("1", Form::Unreadable);
    signature.coverage.extent = "no document".to_owned();
    match detect(bytes) {
        SignedValueKind::SealSignature => {
            if let Ok(parsed) = parse_signature(bytes, &limits.seal) {
                seal::extract(&mut claims, &mut signature, &parsed, None, limits);
            } else {
                return seal_alone(bytes, limits);
            }
        }
        SignedValueKind::SignedData => {
            cms::extract(&mut claims, &mut signature, bytes, None, limits);
        }
        SignedValueKind::BareSm2 => {
            signature.form = Form::BareSm2;
            signature.findings.push(Finding::new(Code::NoSigningCertificate));
        }
        _ => return seal_alone(bytes, limits),
    }
    signature.findings.push(Finding::new(Code::SignedDataNotFound));
    claims.signatures.push(signature);
    Ok(claims)
}

fn seal_alone(bytes: &Arc<[u8]>, limits: &Limits) -> Result<Claims, Unreadable> {
    let parsed = parse_seal(bytes, &limits.seal).map_err(|e| Unreadable::new(Code::FormatFailure, e.to_string()))?;
    let mut claims = Claims::new(Kind::Seal);
    let mut signature = SignatureClaims::new("seal", Form::SealOnly);
    signature.coverage.extent = "the seal".to_owned();
    signature.seal = Some(seal::extract_seal(&mut claims, &mut signature, &parsed, limits));
    claims.signatures.push(signature);
    Ok(claims)
}
