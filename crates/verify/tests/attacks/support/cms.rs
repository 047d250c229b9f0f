//! SignedData and time-stamp tokens put together by hand, so that each part can be left out, doubled or wrong.

use cinnabar_pki::write::der;
use cinnabar_sm::sm3;

use super::pki::Identity;

pub const DATA: &str = "1.2.840.113549.1.7.1";
pub const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
pub const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
pub const SEAL_HASH: &str = "1.3.6.1.4.1.59999.1.2";
pub const SM3: &str = "1.2.156.10197.1.401";
pub const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";

/// A SignedData to be written.
pub struct Plan<'a> {
    pub content_type: &'static str,
    pub content: Option<Vec<u8>>,
    pub certificates: Vec<&'a Identity>,
    pub signers: Vec<Vec<u8>>,
}

impl Plan<'_> {
    pub fn der(&self) -> Vec<u8> {
        let mut content = der::oid(self.content_type).unwrap();
        if let Some(inner) = &self.content {
            content.extend(der::context(0, &der::octet_string(inner)));
        }
        let certificates: Vec<u8> = self.certificates.iter().flat_map(|c| c.der.clone()).collect();
        let fields = [
            der::number(1),
            der::set_of([algorithm(SM3)]),
            der::element(0x30, &content),
            der::context(0, &certificates),
            der::element(0x31, &self.signers.concat()),
        ];
        let signed = der::context(0, &der::sequence(fields));
        der::sequence([der::oid(SIGNED_DATA).unwrap(), signed])
    }
}

pub fn algorithm(oid: &str) -> Vec<u8> {
    der::sequence([der::oid(oid).unwrap()])
}

pub fn attribute(oid: &str, value: Vec<u8>) -> Vec<u8> {
    der::sequence([der::oid(oid).unwrap(), der::set_of([value])])
}

/// contentType and messageDigest, as every signer needs them.
pub fn attributes(content_type: &str, digest: [u8; 32]) -> Vec<Vec<u8>> {
    vec![
        attribute(CONTENT_TYPE, der::oid(content_type).unwrap()),
        attribute(MESSAGE_DIGEST, der::octet_string(&digest)),
    ]
}

/// Names this certificate, hashed with SM3, as the one that signs.
pub fn signing_certificate(identity: &Identity) -> Vec<u8> {
    let hash = der::octet_string(&sm3::digest([identity.der.as_slice()]));
    let certificate = der::sequence([algorithm(SM3), hash]);
    attribute(SIGNING_CERTIFICATE_V2, der::sequence([der::sequence([certificate])]))
}

/// A SignerInfo over signed attributes.
pub fn signer(identity: &Identity, attributes: Vec<Vec<u8>>) -> Vec<u8> {
    let value = identity.sign(&der::set_of(attributes.clone()));
    signer_info(identity, Some(der::set_content(attributes)), &value)
}

/// A SignerInfo with these attributes, or none, and this value, right or not.
pub fn signer_info(identity: &Identity, attributes: Option<Vec<u8>>, value: &[u8]) -> Vec<u8> {
    let certificate = identity.certificate();
    let serial = der::element(2, certificate.serial());
    let id = [certificate.issuer_raw(), &serial].concat();
    let mut fields = vec![der::number(1), der::element(0x30, &id), algorithm(SM3)];
    fields.extend(attributes.map(|a| der::context(0, &a)));
    fields.push(algorithm(SM2_WITH_SM3));
    fields.push(der::octet_string(value));
    der::sequence(fields)
}

/// What a time-stamp token shall say.
pub struct Stamp<'a> {
    pub authority: &'a Identity,
    pub time: i64,
    pub message_digest: bool,
}

impl<'a> Stamp<'a> {
    pub fn good(authority: &'a Identity, time: i64) -> Self {
        Self {
            authority,
            time,
            message_digest: true,
        }
    }

    /// A token over `stamped`.
    pub fn token(&self, stamped: &[u8]) -> Vec<u8> {
        let imprint = der::sequence([algorithm(SM3), der::octet_string(&sm3::digest([stamped]))]);
        let info = der::sequence([
            der::number(1),
            der::oid("1.2.3.4").unwrap(),
            imprint,
            der::number(7),
            der::generalized_time(self.time).unwrap(),
        ]);
        let mut attributes = attributes(TST_INFO, sm3::digest([info.as_slice()]));
        if !self.message_digest {
            attributes.pop();
        }
        Plan {
            content_type: TST_INFO,
            content: Some(info),
            certificates: vec![self.authority],
            signers: vec![signer(self.authority, attributes)],
        }
        .der()
    }
}
