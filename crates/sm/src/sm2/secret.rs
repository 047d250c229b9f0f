//! Private keys and signing.

use std::{fmt, hint::black_box, sync::LazyLock};

use getrandom::SysRng;
use sm2::{
    NonZeroScalar, Scalar,
    dsa::{
        SigningKey,
        signature::{RandomizedSigner, Signer},
    },
    elliptic_curve::Generate,
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
};
use zeroize::{Zeroize, Zeroizing};

use super::{DEFAULT_ID, Error, PublicKey, Signature};

/// An SM2 private key, bound to [`DEFAULT_ID`].
///
/// It lives in one heap allocation, which is overwritten when the key is dropped. Copies that arithmetic leaves in registers
/// and on the stack for a moment are beyond reach. `Debug` shows nothing of it.
pub struct SecretKey {
    signing: Box<SigningKey>,
    public: PublicKey,
}

impl SecretKey {
    /// Makes a new key from the operating system's random source.
    ///
    /// # Errors
    /// [`Error::Random`] if that source fails.
    pub fn generate() -> Result<Self, Error> {
        let secret = sm2::SecretKey::try_generate_from_rng(&mut SysRng).map_err(|_| Error::Random)?;
        Self::from_crate(&secret)
    }

    /// Reads the number itself, big endian.
    ///
    /// # Errors
    /// [`Error::SecretKey`] unless it lies in `1..=n-2` (GB/T 32918.1-2016, 6.1).
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let secret = sm2::SecretKey::from_slice(bytes).map_err(|_| Error::SecretKey)?;
        Self::from_crate(&secret)
    }

    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` with algorithm id-ecPublicKey and the SM2 curve.
    ///
    /// # Errors
    /// [`Error::SecretKey`] if it is another kind of key, if the number is out of range, or if it carries a public key that is
    /// not its own.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let secret = sm2::SecretKey::from_pkcs8_der(der).map_err(|_| Error::SecretKey)?;
        Self::from_crate(&secret)
    }

    /// Writes an unencrypted PKCS#8 `PrivateKeyInfo`: encrypt it before it goes anywhere.
    ///
    /// # Errors
    /// [`Error::SecretKey`] if encoding fails.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let secret = sm2::SecretKey::from(self.signing.as_nonzero_scalar());
        let document = secret.to_pkcs8_der().map_err(|_| Error::SecretKey)?;
        Ok(Zeroizing::new(document.as_bytes().to_vec()))
    }

    /// Gives the public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signs a message under [`DEFAULT_ID`].
    ///
    /// The nonce is derived from key and message as in RFC 6979 with SM3, so equal calls give equal values.
    ///
    /// # Errors
    /// [`Error::Signing`] if two nonces in a row were unusable.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, Error> {
        // The crate does not go on to the next nonce when one is unusable (odds 2^-32); fresh randomness gives another.
        let signature = self
            .signing
            .try_sign(message)
            .or_else(|_| self.signing.try_sign_with_rng(&mut SysRng, message))
            .map_err(|_| Error::Signing)?;
        Ok(Signature::from_crate(&signature))
    }

    fn from_crate(secret: &sm2::SecretKey) -> Result<Self, Error> {
        let mut scalar = secret.to_nonzero_scalar();
        // With d = n-1 the signing equation has no inverse of 1+d.
        let usable = *scalar.as_ref() != -Scalar::ONE;
        let id = str::from_utf8(DEFAULT_ID).map_err(|_| Error::SecretKey)?;
        let signing = SigningKey::from_nonzero_scalar(id, scalar).map(Box::new);
        scalar.zeroize();
        let signing = signing.map_err(|_| Error::SecretKey)?;
        if !usable {
            return Err(Error::SecretKey);
        }
        let public = PublicKey::from_sec1(&signing.verifying_key().to_sec1_bytes())?;
        Ok(Self { signing, public })
    }
}

/// What a dropped key is overwritten with. `SigningKey` has no `Zeroize`, but a key that is known to all can take its place.
static NOTHING: LazyLock<Option<SigningKey>> = LazyLock::new(|| {
    let id = str::from_utf8(DEFAULT_ID).ok()?;
    let one = NonZeroScalar::new(Scalar::ONE).into_option()?;
    SigningKey::from_nonzero_scalar(id, one).ok()
});

impl Drop for SecretKey {
    fn drop(&mut self) {
        if let Some(nothing) = NOTHING.as_ref() {
            *self.signing = nothing.clone();
            black_box(&self.signing);
        }
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
