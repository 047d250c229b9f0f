//! The development keys and a seal made with them.

use std::path::{Path, PathBuf};

use cinnabar_keys::Signer;
use cinnabar_keys::soft::SoftKey;
use cinnabar_pki::pem;
use cinnabar_seal::Picture;
use cinnabar_seal::make::{RSA_WITH_SHA256, SM2_WITH_SM3, SealRequest};

use crate::Fault;
use crate::face::{DAY, now, picture};

/// The password of every development key; it is no secret.
const PASSWORD: &[u8] = b"cinnabar-development";

/// Who signs, and with what seal.
pub struct Credentials {
    pub key: SoftKey,
    pub certificate: Vec<u8>,
    pub chain: Vec<Vec<u8>>,
    pub seal: Vec<u8>,
    /// When all of it signs.
    pub time: i64,
    pub rsa: bool,
}

impl Credentials {
    /// Those of the market bureau, RSA or SM2.
    pub fn open(kind: &str) -> Result<Self, Fault> {
        let time = now() - 600;
        let (key, certificate) = (key(kind, "market")?, certificate(kind, "market")?);
        Ok(Self {
            seal: seal(kind, &certificate, time)?,
            key,
            certificate,
            chain: vec![self::certificate(kind, "org-ca")?],
            time,
            rsa: kind == "rsa",
        })
    }
}

pub fn keys_dev() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../keys-dev")
}

fn key(kind: &str, name: &str) -> Result<SoftKey, Fault> {
    let pem = std::fs::read_to_string(keys_dev().join(kind).join(name).with_extension("key"))?;
    Ok(SoftKey::open(&pem, PASSWORD)?)
}

fn certificate(kind: &str, name: &str) -> Result<Vec<u8>, Fault> {
    let text = std::fs::read_to_string(keys_dev().join(kind).join(name).with_extension("crt"))?;
    Ok(pem::decode(&text, "CERTIFICATE")?.swap_remove(0))
}

fn seal(kind: &str, user: &[u8], time: i64) -> Result<Vec<u8>, Fault> {
    let request = SealRequest {
        name: "朱砂市市场监督管理局".to_owned(),
        es_id: "99010000000001".to_owned(),
        vid: "CNB1".to_owned(),
        kind: 1,
        certificates: vec![user.to_vec()],
        created: time - DAY,
        valid_from: time - DAY,
        valid_to: time + 60 * DAY,
        picture: Picture {
            kind: "PNG".to_owned(),
            data: picture(),
            width_mm: 42,
            height_mm: 42,
        },
    };
    let info = request.to_be_signed()?;
    let method = if kind == "rsa" { RSA_WITH_SHA256 } else { SM2_WITH_SM3 };
    let value = key(kind, "seal-maker")?.sign(&info)?;
    Ok(SealRequest::finish(
        &info,
        &certificate(kind, "seal-maker")?,
        method,
        &value,
    )?)
}
