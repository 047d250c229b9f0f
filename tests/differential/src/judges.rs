//! The two peers: RustCrypto's `sm2` and the system's OpenSSL.

use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey, EcPoint},
    ecdsa::EcdsaSig,
    error::ErrorStack,
    nid::Nid,
    pkey::{PKey, Public},
    pkey_ctx::PkeyCtx,
};
use sm2::{
    FieldBytes,
    dsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier},
};

/// One key in RustCrypto's form.
pub struct RustCrypto(VerifyingKey);

impl RustCrypto {
    pub fn new(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes("1234567812345678", point).ok().map(Self)
    }

    pub fn verify(&self, e: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> bool {
        Signature::from_scalars(FieldBytes::from(*r), FieldBytes::from(*s))
            .is_ok_and(|signature| self.0.verify_prehash(e, &signature).is_ok())
    }
}

/// One key in OpenSSL's form.
pub struct OpenSsl(PKey<Public>);

impl OpenSsl {
    /// `None` when OpenSSL refuses the point.
    pub fn new(point: &[u8]) -> Option<Self> {
        let make = || {
            let group = EcGroup::from_curve_name(Nid::SM2)?;
            let mut context = BigNumContext::new()?;
            let point = EcPoint::from_bytes(&group, point, &mut context)?;
            let key = EcKey::from_public_key(&group, &point)?;
            key.check_key()?;
            PKey::from_ec_key(key)
        };
        let key: Result<_, ErrorStack> = make();
        key.ok().map(Self)
    }

    /// EVP_PKEY_verify takes the digest e itself, and the signature in DER.
    pub fn verify_der(&self, e: &[u8; 32], der: &[u8]) -> bool {
        let ask = || {
            let mut context = PkeyCtx::new(&self.0)?;
            context.verify_init()?;
            context.verify(e, der)
        };
        let answer: Result<bool, ErrorStack> = ask();
        answer.unwrap_or(false)
    }

    /// The halves may be out of range: OpenSSL writes them down all the same, and its verification refuses them.
    pub fn verify(&self, e: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> bool {
        encode(r, s).is_ok_and(|der| self.verify_der(e, &der))
    }
}

/// DER as OpenSSL writes it.
pub fn encode(r: &[u8; 32], s: &[u8; 32]) -> Result<Vec<u8>, ErrorStack> {
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

/// Whether OpenSSL's parser alone reads the signature, whatever it then does with it.
pub fn parses(der: &[u8]) -> bool {
    EcdsaSig::from_der(der).is_ok()
}
