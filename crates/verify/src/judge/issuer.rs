//! The issuing signature is the authority's that the licence names.

use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::name;

use crate::claims::Claims;
use crate::codes::{Code, Finding};
use crate::report::LicenceSummary;

/// X.520 organizationIdentifier, where certificates of public bodies hold the credit code.
const ORGANIZATION_IDENTIFIER: &str = "2.5.4.97";

/// Adds a finding unless the first signer is the issuer; nothing is asked of a document that names none.
pub(super) fn check(claims: &Claims, findings: &mut Vec<Finding>) {
    let Some(licence) = &claims.licence else { return };
    let issuing = claims.signatures.iter().find(|s| !s.document_time_stamp);
    let Some(signer) = issuing.and_then(|s| s.signer.as_ref()) else {
        return;
    };
    if (licence.issuer.is_some() || licence.issuer_code.is_some()) && !is_issuer(signer, licence) {
        findings.push(Finding::new(Code::IssuerMismatch).with(signer.subject_text()));
    }
}

/// By code where both sides state one, else by name. Some authorities write code and name into one attribute.
fn is_issuer(signer: &Certificate, licence: &LicenceSummary) -> bool {
    let attribute = |oid| name::attribute(signer.subject_raw(), oid);
    let names = [attribute(name::ORGANIZATION), attribute(name::COMMON_NAME)];
    if let (Some(stated), Some(code)) = (attribute(ORGANIZATION_IDENTIFIER), &licence.issuer_code) {
        return stated == *code;
    }
    let has = |text: &String| {
        licence
            .issuer_code
            .as_ref()
            .is_some_and(|code| text.starts_with(code.as_str()))
            || licence.issuer.as_ref().is_some_and(|issuer| text == issuer)
    };
    names.iter().flatten().any(has)
}
