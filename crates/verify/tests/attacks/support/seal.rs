//! Seals and seal signatures, good ones and ones that only look good.

use cinnabar_seal::Picture;
use cinnabar_seal::make::{SM2_WITH_SM3, SealRequest, SignatureRequest};

use super::pki::Identity;
use super::{AT, DAY, SIGNED_AT};

/// What a seal shall say.
pub struct Order {
    pub name: &'static str,
    pub created: i64,
    pub valid_from: i64,
    pub valid_to: i64,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            name: "Bureau seal",
            created: SIGNED_AT - 100 * DAY,
            valid_from: SIGNED_AT - 100 * DAY,
            valid_to: AT + 100 * DAY,
        }
    }
}

impl Order {
    pub fn make(&self, maker: &Identity, users: &[&Identity]) -> Vec<u8> {
        let request = SealRequest {
            name: self.name.to_owned(),
            es_id: "11000000000001".to_owned(),
            vid: "TEST".to_owned(),
            kind: 1,
            certificates: users.iter().map(|user| user.der.clone()).collect(),
            created: self.created,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            picture: Picture {
                kind: "PNG".to_owned(),
                data: b"\x89PNG\r\n\x1a\n".to_vec(),
                width_mm: 42,
                height_mm: 42,
            },
        };
        let info = request.to_be_signed().unwrap();
        SealRequest::finish(&info, &maker.der, SM2_WITH_SM3, &maker.sign(&info)).unwrap()
    }
}

/// Makes a time-stamp token over a signature value.
pub type Stamper<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// A seal signature over `data_hash`, with a token over its value if `stamp` gives one.
pub fn value(
    signer: &Identity,
    seal: &[u8],
    time: i64,
    data_hash: [u8; 32],
    path: &str,
    stamp: Option<Stamper<'_>>,
) -> Vec<u8> {
    let request = SignatureRequest {
        seal,
        time,
        data_hash,
        property_info: path,
    };
    let tbs = request.to_be_signed().unwrap();
    let signature = signer.sign(&tbs);
    let token = stamp.map(|stamp| stamp(&signature));
    SignatureRequest::finish(&tbs, &signer.der, SM2_WITH_SM3, &signature, token.as_deref()).unwrap()
}
