//! The public half of what seals a document: the signing certificate, its chain, the seal.

use cinnabar_keys::{Algorithm, KeyInfo};
use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_seal::{CertificateList, Limits, Seal, parse_seal};

/// A signing certificate and the seal it may use, checked to belong together.
#[derive(Debug, Clone)]
pub struct Credentials {
    certificate: Certificate,
    chain: Vec<Vec<u8>>,
    seal: Seal,
    algorithm: Algorithm,
}

/// Why a key, a certificate and a seal do not make credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// No certificate was given.
    #[error("no certificate was given; pass the signer's certificate, authorities after it")]
    NoCertificate,
    /// A certificate cannot be read.
    #[error("certificate {index} cannot be read: {source}")]
    Certificate {
        /// Its place among those given, from 1.
        index: usize,
        /// What is wrong with it.
        source: cinnabar_pki::certificate::CertificateError,
    },
    /// The certificate names another key.
    #[error("the certificate of {subject} is for another key than {key}")]
    OtherKey {
        /// The certificate's subject.
        subject: String,
        /// The key.
        key: String,
    },
    /// The certificate's key may not sign documents.
    #[error("the certificate of {subject} does not allow its key to sign documents")]
    KeyUsage {
        /// The certificate's subject.
        subject: String,
    },
    /// The key is neither SM2 nor RSA.
    #[error("the key of {subject} is neither SM2 nor RSA")]
    Algorithm {
        /// The certificate's subject.
        subject: String,
    },
    /// The seal cannot be read.
    #[error("the seal cannot be read: {0}")]
    Seal(#[from] cinnabar_seal::SealError),
    /// The seal is not for this certificate.
    #[error("the seal “{seal}” does not list the certificate of {subject}; make a seal for it")]
    NotListed {
        /// The seal's name.
        seal: String,
        /// The certificate's subject.
        subject: String,
    },
    /// The seal's own signature is wrong.
    #[error("the signature of the seal “{seal}” by its maker is wrong: the file was changed or is damaged")]
    SealBroken {
        /// The seal's name.
        seal: String,
    },
    /// The seal was signed with another algorithm than documents will be.
    #[error("the seal “{seal}” was made with {found}, the key signs with {expected}")]
    SealAlgorithm {
        /// The seal's name.
        seal: String,
        /// The maker's algorithm, dotted.
        found: String,
        /// The signer's algorithm, dotted.
        expected: &'static str,
    },
    /// The certificate or the seal is not valid at the signing time.
    #[error("{what} is not valid at the signing time {time} (Unix seconds)")]
    NotValidAt {
        /// What is not valid.
        what: String,
        /// The signing time.
        time: i64,
    },
    /// The certificate belongs to another organisation than the licence's issuer.
    #[error("the licence is issued by “{issuer}”, the certificate belongs to “{organisation}”")]
    OtherIssuer {
        /// The licence's issuer.
        issuer: String,
        /// The certificate's organisation.
        organisation: String,
    },
}

impl Credentials {
    /// Puts a key's public half, its certificate (first; authorities may follow) and a seal together.
    ///
    /// Checked: the certificate is for the key and allows signing, the seal lists it, the seal's own signature is
    /// right, and both use one family of algorithms. Not checked: whether anyone trusts the certificates.
    ///
    /// # Errors
    /// [`CredentialsError`] names the two things that do not fit.
    pub fn new(key: &KeyInfo, certificates: &[Vec<u8>], seal: &[u8]) -> Result<Self, CredentialsError> {
        let mut parsed = Vec::new();
        for (index, der) in certificates.iter().enumerate() {
            let certificate = Certificate::parse(der);
            parsed.push(certificate.map_err(|source| CredentialsError::Certificate {
                index: index + 1,
                source,
            })?);
        }
        let certificate = parsed.first().cloned().ok_or(CredentialsError::NoCertificate)?;
        let subject = certificate.subject_text();
        if certificate.spki_raw() != key.spki {
            return Err(CredentialsError::OtherKey {
                subject,
                key: key.uri.clone(),
            });
        }
        let may_sign =
            |usage: cinnabar_pki::certificate::KeyUsage| usage.digital_signature() || usage.non_repudiation();
        if certificate.is_ca() || !certificate.key_usage().is_none_or(may_sign) {
            return Err(CredentialsError::KeyUsage { subject });
        }
        let seal = parse_seal(seal, &Limits::default())?;
        if !seal.lists(certificate.raw()) {
            return Err(CredentialsError::NotListed {
                seal: seal.name,
                subject,
            });
        }
        if seal.algorithm != key.algorithm.oid() {
            let (seal, found) = (seal.name, seal.algorithm);
            return Err(CredentialsError::SealAlgorithm {
                seal,
                found,
                expected: key.algorithm.oid(),
            });
        }
        if !seal_is_intact(&seal) {
            return Err(CredentialsError::SealBroken { seal: seal.name });
        }
        let chain = parsed
            .iter()
            .skip(1)
            .map(|certificate| certificate.raw().to_vec())
            .collect();
        Ok(Self {
            certificate,
            chain,
            seal,
            algorithm: key.algorithm,
        })
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The authorities' certificates, DER, as given.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The seal.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// What the key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Checks that certificate and seal are valid at a time.
    ///
    /// # Errors
    /// [`CredentialsError::NotValidAt`].
    pub fn check_time(&self, time: i64) -> Result<(), CredentialsError> {
        let certificate = &self.certificate;
        if !(certificate.not_before()..=certificate.not_after()).contains(&time) {
            let what = format!("the certificate of {}", certificate.subject_text());
            return Err(CredentialsError::NotValidAt { what, time });
        }
        let seal = &self.seal;
        let from = seal.valid_from.is_some_and(|from| from <= time);
        let to = seal.valid_to.is_some_and(|to| time <= to);
        if !(from && to) {
            return Err(CredentialsError::NotValidAt {
                what: format!("the seal “{}”", seal.name),
                time,
            });
        }
        Ok(())
    }

    /// Checks that the certificate belongs to the organisation that the licence names as its issuer.
    ///
    /// # Errors
    /// [`CredentialsError::OtherIssuer`].
    pub fn check_issuer(&self, issuer: &str) -> Result<(), CredentialsError> {
        let organisation = self.certificate.subject_organization();
        let name = self.certificate.subject_common_name();
        if organisation.as_deref() == Some(issuer) || name.as_deref() == Some(issuer) {
            return Ok(());
        }
        let organisation = organisation.or(name).unwrap_or_default();
        Err(CredentialsError::OtherIssuer {
            issuer: issuer.to_owned(),
            organisation,
        })
    }
}

/// Whether the maker's certificate inside a seal accepts the seal's signature.
pub fn seal_is_intact(seal: &Seal) -> bool {
    Certificate::parse(&seal.maker_certificate)
        .is_ok_and(|maker| accepts(&maker, &seal.algorithm, &seal.signed_bytes, &seal.signature))
}

/// Whether a certificate's key accepts a signature; the algorithm must be the one of the key.
pub(crate) fn accepts(certificate: &Certificate, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let Some(known) = algorithm_of(certificate) else {
        return false;
    };
    let info = KeyInfo {
        uri: String::new(),
        algorithm: known,
        spki: certificate.spki_raw().to_vec(),
    };
    known.oid() == algorithm && info.verifies(message, signature)
}

fn algorithm_of(certificate: &Certificate) -> Option<Algorithm> {
    match certificate.public_key() {
        PublicKey::Sm2(_) => Some(Algorithm::Sm2Sm3),
        PublicKey::Rsa { .. } => Some(Algorithm::RsaSha256),
        _ => None,
    }
}

/// How many certificates a seal lists, for people.
pub fn listed(seal: &Seal) -> usize {
    match &seal.certificates {
        CertificateList::Certificates(list) => list.len(),
        CertificateList::Digests(list) => list.len(),
    }
}
