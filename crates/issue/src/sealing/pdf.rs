//! PDF: a detached CMS signature by incremental update, the seal and the licence's metadata among the signed bytes.
//!
//! RSA follows PAdES B-B (ETSI EN 319 142-1); SM2 is a CMS with the standard's object identifiers.

use cinnabar_keys::Algorithm;
use cinnabar_pdf::sign::{self, Appearance, SignatureField, ToBeSigned};
use cinnabar_pki::cms::Dialect;
use cinnabar_pki::write::{Attribute, PendingSignedData, SignatureAlgorithm, SignedContent, SignedDataBuilder, der};

use super::Placement;
use super::check::{SEAL_HASH_OID, digest};
use crate::{Credentials, IssueError};

/// Name of the form field that the issuer's seal fills.
const FIELD: &str = "Seal";
const REASON: &str = "签发电子证照 / Issue of an electronic licence";

#[derive(Debug, Clone)]
pub(super) struct Pending {
    file: ToBeSigned,
    message: PendingSignedData,
}

pub(super) fn prepare(
    bytes: &[u8],
    metadata: &[(String, String)],
    credentials: &Credentials,
    placement: &Placement<'_>,
) -> Result<Pending, IssueError> {
    let (algorithm, sub_filter, signing_time) = match credentials.algorithm() {
        // PAdES has the claimed time in the dictionary's /M alone.
        Algorithm::RsaSha256 => (SignatureAlgorithm::RsaSha256, "ETSI.CAdES.detached", None),
        _ => (SignatureAlgorithm::Sm2Sm3, "adbe.pkcs7.detached", Some(placement.time)),
    };
    let seal = credentials.seal().raw.as_slice();
    let certificate = credentials.certificate();
    let seal_hash = der::octet_string(&digest(credentials.algorithm(), [seal]));
    let message = |content: [u8; 32]| {
        SignedDataBuilder {
            dialect: Dialect::Cms,
            algorithm,
            signer: certificate.raw().to_vec(),
            chain: credentials.chain().to_vec(),
            content: SignedContent::Detached { digest: content },
            signing_time,
            attributes: vec![Attribute {
                oid: SEAL_HASH_OID.to_owned(),
                value: seal_hash.clone(),
            }],
        }
        .to_be_signed()
    };
    let impression = placement.impression;
    let field = SignatureField {
        page: placement.anchor.page,
        rect_mm: placement.boundary(),
        appearance: Some(Appearance {
            content: impression.pdf_content(),
            width_mm: impression.width_mm,
            height_mm: impression.height_mm,
        }),
        sub_filter: sub_filter.to_owned(),
        reason: Some(REASON.to_owned()),
        signer_name: certificate
            .subject_organization()
            .or_else(|| certificate.subject_common_name()),
        time: placement.time,
        reserve: message([0; 32])?.reserve(0)?,
        seal: Some(seal.to_vec()),
        info: metadata.to_vec(),
        ..SignatureField::new(FIELD)
    };
    let file = sign::prepare(bytes, &field)?;
    let message = message(digest(credentials.algorithm(), file.message()))?;
    Ok(Pending { file, message })
}

impl Pending {
    pub(super) fn message(&self) -> &[u8] {
        self.message.message()
    }

    pub(super) fn finish(self, signature: &[u8]) -> Result<Vec<u8>, IssueError> {
        let contents = self.message.assemble(signature, &[])?;
        Ok(self.file.finish(&contents)?)
    }
}
