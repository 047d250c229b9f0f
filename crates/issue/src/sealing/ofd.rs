//! OFD: an SES V4 seal signature over the digest of `Signature.xml`.

use cinnabar_keys::Algorithm;
use cinnabar_ofd::Limits;
use cinnabar_ofd::sign::{self, Digest, Provider, Request, SealPlacement, SignatureKind, ToBeSigned};
use cinnabar_seal::make::SignatureRequest;

use super::Placement;
use crate::{Credentials, IssueError};

#[derive(Debug, Clone)]
pub(super) struct Pending {
    package: ToBeSigned,
    tbs: Vec<u8>,
}

pub(super) fn prepare(
    bytes: &[u8],
    credentials: &Credentials,
    placement: &Placement<'_>,
) -> Result<Pending, IssueError> {
    if credentials.algorithm() != Algorithm::Sm2Sm3 {
        return Err(IssueError::OfdNeedsSm2);
    }
    let stamp = SealPlacement {
        page: placement.anchor.page,
        boundary: placement.boundary(),
        clip: None,
    };
    let seal = credentials.seal().raw.as_slice();
    let request = Request {
        kind: SignatureKind::Seal,
        stamps: &[stamp],
        seal: Some(seal),
        method: credentials.algorithm().oid(),
        digest: Digest::Sm3,
        time: placement.time,
        provider: Provider::default(),
    };
    let package = sign::prepare(bytes, &request, &Limits::default())?;
    let tbs = SignatureRequest {
        seal,
        time: placement.time,
        data_hash: package.data_hash,
        property_info: &package.property_info,
    }
    .to_be_signed()?;
    Ok(Pending { package, tbs })
}

impl Pending {
    pub(super) fn message(&self) -> &[u8] {
        &self.tbs
    }

    pub(super) fn finish(self, signature: &[u8], credentials: &Credentials) -> Result<Vec<u8>, IssueError> {
        let certificate = credentials.certificate().raw();
        let oid = credentials.algorithm().oid();
        let value = SignatureRequest::finish(&self.tbs, certificate, oid, signature, None)?;
        Ok(self.package.finish(&value, &Limits::default())?)
    }
}
