//! The keys: made anew, or those that are there.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use cinnabar_keys::soft::SoftKey;
use zeroize::Zeroizing;

use crate::{
    Error, PASSWORD,
    output::File,
    pki::{Chain, MEMBERS, Member},
};

/// One key for each member of each chain.
#[derive(Debug)]
pub struct KeyRing(BTreeMap<String, SoftKey>);

impl KeyRing {
    /// Makes all keys. SM2 keys are made here; RSA-3072 keys by the `openssl` command, since `ring` signs with RSA keys but
    /// makes none.
    ///
    /// # Errors
    /// [`Error::OpenSsl`] without that command.
    pub fn generate() -> Result<Self, Error> {
        Self::collect(|chain, member| match chain {
            Chain::Sm2 => SoftKey::generate_sm2().map_err(|source| Error::Key {
                name: member.path(chain, "key"),
                source,
            }),
            Chain::Rsa => generate_rsa(&member.path(chain, "key")),
        })
    }

    /// Opens the keys that lie in a folder.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Key`] for the first that is missing or does not open.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::collect(|chain, member| {
            let path = folder.join(member.path(chain, "key"));
            let pem = fs::read_to_string(&path).map_err(|source| Error::File { path, source })?;
            SoftKey::open(&pem, PASSWORD.as_bytes()).map_err(|source| Error::Key {
                name: member.path(chain, "key"),
                source,
            })
        })
    }

    /// Gives one key.
    ///
    /// # Errors
    /// [`Error::MissingKey`].
    pub fn get(&self, chain: Chain, member: &Member) -> Result<&SoftKey, Error> {
        let name = member.path(chain, "key");
        self.0.get(&name).ok_or(Error::MissingKey { name })
    }

    /// Gives the key files, encrypted with [`PASSWORD`] under fresh salts.
    ///
    /// # Errors
    /// [`Error::Key`] if one cannot be encrypted.
    pub fn files(&self) -> Result<Vec<File>, Error> {
        self.0
            .iter()
            .map(|(path, key)| {
                let pem = key.to_encrypted_pem(PASSWORD.as_bytes()).map_err(|source| Error::Key {
                    name: path.clone(),
                    source,
                })?;
                Ok(File {
                    path: path.clone(),
                    content: pem.into_bytes(),
                })
            })
            .collect()
    }

    /// Gives the path of each key in the output folder.
    pub fn paths() -> impl Iterator<Item = String> {
        everyone().map(|(chain, member)| member.path(chain, "key"))
    }

    fn collect(key: impl Fn(Chain, &Member) -> Result<SoftKey, Error>) -> Result<Self, Error> {
        everyone()
            .map(|(chain, member)| Ok((member.path(chain, "key"), key(chain, member)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn everyone() -> impl Iterator<Item = (Chain, &'static Member)> {
    Chain::ALL
        .into_iter()
        .flat_map(|chain| MEMBERS.iter().map(move |member| (chain, member)))
}

fn generate_rsa(name: &str) -> Result<SoftKey, Error> {
    let output = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"])
        .output()
        .map_err(|error| Error::OpenSsl {
            reason: error.to_string(),
        })?;
    let (pem, said) = (Zeroizing::new(output.stdout), output.stderr);
    if !output.status.success() {
        return Err(Error::OpenSsl {
            reason: String::from_utf8_lossy(&said).trim().to_owned(),
        });
    }
    let pem = str::from_utf8(&pem).map_err(|_| Error::OpenSsl {
        reason: "its output is not PEM".to_owned(),
    })?;
    SoftKey::open(pem, b"").map_err(|source| Error::Key {
        name: name.to_owned(),
        source,
    })
}
