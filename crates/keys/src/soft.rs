//! Keys in this process, read from PKCS#8 files.

use std::fmt;

use cinnabar_sm::{sm2, sm3};
use getrandom::SysRng;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument,
    der::{Decode, pem::PemLabel},
    pkcs5::{self, EncryptionScheme, pbes2},
};
use ring::{rand::SystemRandom, rsa, signature::RSA_PKCS1_SHA256};
use zeroize::Zeroizing;

use crate::{Algorithm, KeyInfo, SignError, Signer, release, spki};

/// The most memory a key file may make scrypt fill, in bytes over all its passes (128·N·r·p).
const MAX_SCRYPT_BYTES: u64 = 256 << 20;
/// The most PBKDF2 rounds a key file may ask for.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// A private key in memory: SM2, or RSA of 2048 to 4096 bits.
///
/// `Debug` shows the public half only. The PKCS#8 form and an SM2 key are overwritten when dropped; `ring` keeps an RSA key in
/// its own form and does not overwrite that. Whoever must rely on a key leaving no trace uses a device.
pub struct SoftKey {
    info: KeyInfo,
    secret: Secret,
    pkcs8: Zeroizing<Vec<u8>>,
}

enum Secret {
    Sm2(sm2::SecretKey),
    Rsa(Box<rsa::KeyPair>),
}

impl SoftKey {
    /// Opens a PKCS#8 PEM file: `ENCRYPTED PRIVATE KEY` (PBES2 with AES, and scrypt or PBKDF2) or `PRIVATE KEY`, whose
    /// password is ignored.
    ///
    /// # Errors
    /// [`KeyError::Password`] for a wrong password; the other variants name what about the file is not supported.
    pub fn open(pem: &str, password: &[u8]) -> Result<Self, KeyError> {
        let (label, document) = SecretDocument::from_pem(pem).map_err(|_| KeyError::NotPem)?;
        match label {
            "PRIVATE KEY" => Self::from_pkcs8(document.as_bytes()),
            "ENCRYPTED PRIVATE KEY" => Self::from_pkcs8(decrypt(document.as_bytes(), password)?.as_bytes()),
            other => Err(KeyError::Label {
                found: other.to_owned(),
            }),
        }
    }

    /// Makes a new SM2 key.
    ///
    /// # Errors
    /// [`KeyError::Random`] if the operating system gives no random bytes.
    pub fn generate_sm2() -> Result<Self, KeyError> {
        let secret = sm2::SecretKey::generate().map_err(|_| KeyError::Random)?;
        let pkcs8 = secret.to_pkcs8_der().map_err(|_| KeyError::NotPkcs8)?;
        Self::assemble(Secret::Sm2(secret), &pkcs8)
    }

    /// Writes the key as `ENCRYPTED PRIVATE KEY`: PBES2 with AES-256-CBC and scrypt (N = 2^14, r = 8, p = 1), which OpenSSL 3
    /// reads too.
    ///
    /// # Errors
    /// [`KeyError::EmptyPassword`], or [`KeyError::Random`] if the operating system gives no random bytes.
    pub fn to_encrypted_pem(&self, password: &[u8]) -> Result<String, KeyError> {
        if password.is_empty() {
            return Err(KeyError::EmptyPassword);
        }
        let parameters = pbes2::Parameters::generate_scrypt(&mut SysRng).map_err(|_| KeyError::Random)?;
        let pem = PrivateKeyInfoRef::from_der(&self.pkcs8)
            .and_then(|key| {
                key.encrypt_with_params(parameters, password)
                    .map_err(|_| pkcs8::der::ErrorKind::Failed.into())
            })
            .and_then(|document| document.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF))
            .map_err(|_| KeyError::NotPkcs8)?;
        Ok(pem.to_string())
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let oid = PrivateKeyInfoRef::try_from(der)
            .map_err(|_| KeyError::NotPkcs8)?
            .algorithm
            .oid;
        let secret = if oid == spki::EC_PUBLIC_KEY {
            Secret::Sm2(sm2::SecretKey::from_pkcs8_der(der)?)
        } else if oid == spki::RSA_ENCRYPTION {
            let pair = rsa::KeyPair::from_pkcs8(der).map_err(|refused| KeyError::Rsa {
                reason: refused.to_string(),
            })?;
            Secret::Rsa(Box::new(pair))
        } else {
            return Err(KeyError::Algorithm { oid: oid.to_string() });
        };
        Self::assemble(secret, der)
    }

    fn assemble(secret: Secret, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let (algorithm, spki) = match &secret {
            Secret::Sm2(key) => (Algorithm::Sm2Sm3, spki::sm2(&key.public_key().to_sec1())),
            Secret::Rsa(pair) => (Algorithm::RsaSha256, spki::rsa(pair.public().as_ref())),
        };
        let spki = spki.map_err(|_| KeyError::NotPkcs8)?;
        let name: String = sm3::digest([&spki[..]])
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            info: KeyInfo {
                uri: format!("soft:{name}"),
                algorithm,
                spki,
            },
            secret,
            pkcs8: Zeroizing::new(pkcs8.to_vec()),
        })
    }

    fn sign_unchecked(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.secret {
            Secret::Sm2(key) => key.sign(message).ok().map(|signature| signature.to_der()),
            Secret::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }
}

impl Signer for SoftKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let failed = || SignError::Failed {
            uri: self.info.uri.clone(),
        };
        release(&self.info, message, self.sign_unchecked(message).ok_or_else(failed)?)
    }
}

impl fmt::Debug for SoftKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftKey")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

fn decrypt(der: &[u8], password: &[u8]) -> Result<SecretDocument, KeyError> {
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::NotPkcs8)?;
    bound_cost(&encrypted.encryption_algorithm)?;
    encrypted.decrypt(password).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::UnsupportedAlgorithm { oid }) => {
            KeyError::Encryption { oid: oid.to_string() }
        }
        // A wrong password shows as bad padding or as a plaintext that is not DER: one cause, one error.
        _ => KeyError::Password,
    })
}

/// Refuses files whose stated parameters would occupy the machine before the password is even looked at.
fn bound_cost(scheme: &EncryptionScheme) -> Result<(), KeyError> {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(KeyError::Encryption {
            oid: scheme.oid().to_string(),
        });
    };
    let rounds = parameters.kdf.pbkdf2().map_or(0, |kdf| kdf.iteration_count);
    let memory = parameters.kdf.scrypt().map_or(0, |kdf| {
        let block = u64::from(kdf.block_size).saturating_mul(128);
        block
            .saturating_mul(kdf.cost_parameter)
            .saturating_mul(u64::from(kdf.parallelization))
    });
    if rounds > MAX_PBKDF2_ROUNDS || memory > MAX_SCRYPT_BYTES {
        Err(KeyError::TooCostly)
    } else {
        Ok(())
    }
}

/// Tells why a key file was refused. No variant carries key material or a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not one PEM block.
    #[error("the key is not a PEM file (expected -----BEGIN ENCRYPTED PRIVATE KEY-----)")]
    NotPem,
    /// The PEM block is of another kind, most often the older `EC PRIVATE KEY` or `RSA PRIVATE KEY`.
    #[error("the PEM block is a {found}; convert the key to PKCS#8 with `openssl pkcs8 -topk8`")]
    Label {
        /// The label found.
        found: String,
    },
    /// The DER inside is not PKCS#8.
    #[error("the PEM block does not hold a PKCS#8 key")]
    NotPkcs8,
    /// The password does not open the key.
    #[error("the password does not open the key, or the file is damaged")]
    Password,
    /// A key is never written without a password.
    #[error("an empty password protects nothing; give one to write a private key")]
    EmptyPassword,
    /// The encryption of the file is not supported.
    #[error("the key is encrypted with {oid}, which is not supported; re-encrypt it with PBES2 and AES")]
    Encryption {
        /// The algorithm that is not supported.
        oid: String,
    },
    /// The password derivation asks for more than 256 MiB or 10 million rounds.
    #[error(
        "the key file asks for too costly a password derivation (limit: 256 MiB for scrypt, 10 million PBKDF2 rounds)"
    )]
    TooCostly,
    /// The key is neither SM2 nor RSA.
    #[error("keys of algorithm {oid} are not supported; use SM2, or RSA of 2048 to 4096 bits")]
    Algorithm {
        /// The algorithm of the key.
        oid: String,
    },
    /// The SM2 key is not usable, or is an EC key of another curve.
    #[error("the key cannot be used as an SM2 key")]
    Sm2(#[from] sm2::Error),
    /// The RSA key is not usable: too short, too long, or inconsistent.
    #[error("the RSA key cannot be used ({reason}); it must have 2048 to 4096 bits")]
    Rsa {
        /// What the RSA implementation found wrong, a fixed word such as `TooSmall`.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system's random source failed")]
    Random,
}
