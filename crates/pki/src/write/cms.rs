//! SignedData with one signer, RFC 5652, 5, and GB/T 35275-2017, 8.
//!
//! ```asn1
//! ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT SignedData }
//! SignedData ::= SEQUENCE { version INTEGER (1), digestAlgorithms SET OF AlgorithmIdentifier, encapContentInfo,
//!     certificates [0] IMPLICIT SET OF Certificate, signerInfos SET OF SignerInfo }
//! SignerInfo ::= SEQUENCE { version INTEGER (1), sid IssuerAndSerialNumber, digestAlgorithm AlgorithmIdentifier,
//!     signedAttrs [0] IMPLICIT SET OF Attribute OPTIONAL, signatureAlgorithm AlgorithmIdentifier, signature OCTET STRING,
//!     unsignedAttrs [1] IMPLICIT SET OF Attribute OPTIONAL }
//! Attribute ::= SEQUENCE { attrType OBJECT IDENTIFIER, attrValues SET OF AttributeValue }
//! SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 }   -- RFC 5035, 3
//! ESSCertIDv2 ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier DEFAULT { sha256 }, certHash OCTET STRING }
//! ```

use serde::{Deserialize, Serialize};

use super::{SignatureAlgorithm, WriteError, der};
use crate::{
    certificate::{Certificate, PublicKey},
    cms::Dialect,
};

const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

/// What a SignedData shall say.
///
/// ```no_run
/// use cinnabar_pki::{cms::Dialect, write::{SignatureAlgorithm, SignedContent, SignedDataBuilder}};
/// # fn sign(message: &[u8]) -> Vec<u8> { Vec::new() }
/// # let (certificate, chain, digest) = (vec![], vec![], [0; 32]);
/// let pending = SignedDataBuilder {
///     dialect: Dialect::Cms,
///     algorithm: SignatureAlgorithm::RsaSha256,
///     signer: certificate,
///     chain,
///     content: SignedContent::Detached { digest },
///     signing_time: None,
///     attributes: Vec::new(),
/// }
/// .to_be_signed()?;
/// let signature = sign(pending.message());
/// let der = pending.assemble(&signature, &[])?;
/// # Ok::<(), cinnabar_pki::write::WriteError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDataBuilder {
    /// Whose object identifiers are used.
    pub dialect: Dialect,
    /// What the signer signs with; it also decides the digest.
    pub algorithm: SignatureAlgorithm,
    /// The signer's certificate, DER.
    pub signer: Vec<u8>,
    /// Further certificates to embed, usually the authorities without the root; one equal to the signer's is dropped.
    pub chain: Vec<Vec<u8>>,
    /// What is signed.
    pub content: SignedContent,
    /// The claimed time as a signed attribute, Unix seconds. `None` for PAdES, where the signature dictionary's `/M` has it
    /// (ETSI EN 319 142-1, 6.3).
    pub signing_time: Option<i64>,
    /// Further signed attributes.
    pub attributes: Vec<Attribute>,
}

/// What a SignedData signs, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedContent {
    /// The document is elsewhere; its digest is the messageDigest attribute, beside contentType and signing-certificate-v2.
    Detached {
        /// SM3 (SM2) or SHA-256 (RSA) of the document.
        digest: [u8; 32],
    },
    /// The digest itself is the content, embedded and signed without attributes: what GB/T 35275 signers of OFD files do.
    /// `signing_time` and `attributes` have no place in it and must be empty.
    EmbeddedDigest {
        /// SM3 (SM2) or SHA-256 (RSA) of the document.
        digest: [u8; 32],
    },
}

/// One attribute with a single value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attribute {
    /// Its type, dotted.
    pub oid: String,
    /// Its value, DER: one element of the SET.
    pub value: Vec<u8>,
}

/// A SignedData that lacks only its signature. It can be stored and taken up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignedData {
    message: Vec<u8>,
    signed_data_oid: String,
    head: Vec<u8>,
    signer_head: Vec<u8>,
    signature_algorithm: Vec<u8>,
    longest_signature: usize,
}

impl SignedDataBuilder {
    /// Gives the SignedData that awaits its signature.
    ///
    /// # Errors
    /// [`WriteError::Certificate`] and [`WriteError::KeyMismatch`] for certificates that cannot serve,
    /// [`WriteError::DuplicateAttribute`], [`WriteError::NotDer`] and [`WriteError::NoRoomForAttributes`] for attributes.
    pub fn to_be_signed(&self) -> Result<PendingSignedData, WriteError> {
        let signer = Certificate::parse(&self.signer).map_err(|_| WriteError::Certificate { whose: "signer" })?;
        let longest_signature = match (self.algorithm, signer.public_key()) {
            (SignatureAlgorithm::Sm2Sm3, PublicKey::Sm2(_)) => 72,
            (SignatureAlgorithm::RsaSha256, PublicKey::Rsa { bits, .. }) => bits.div_ceil(8) as usize,
            _ => {
                return Err(WriteError::KeyMismatch {
                    algorithm: self.algorithm.oid(),
                });
            }
        };
        let digest_algorithm = der::sequence([der::oid(self.algorithm.digest_oid())?]);
        let oids = Oids::of(self.dialect);

        let (message, content, attributes) = match &self.content {
            SignedContent::Detached { digest } => {
                let attributes = der::set_content(self.signed_attributes(&oids, digest)?);
                (der::element(0x31, &attributes), None, Some(attributes))
            }
            SignedContent::EmbeddedDigest { digest } => {
                if self.signing_time.is_some() || !self.attributes.is_empty() {
                    return Err(WriteError::NoRoomForAttributes);
                }
                (digest.to_vec(), Some(der::octet_string(digest)), None)
            }
        };

        let mut content_info = vec![der::oid(oids.data)?];
        content_info.extend(content.map(|octets| der::context(0, &octets)));
        let mut head = der::number(1);
        head.extend(der::set_of([digest_algorithm.clone()]));
        head.extend(der::sequence(content_info));
        head.extend(der::context(0, &der::set_content(self.certificates()?)));

        let mut signer_head = der::number(1);
        signer_head.extend(der::sequence([
            signer.issuer_raw().to_vec(),
            der::element(0x02, signer.serial()),
        ]));
        signer_head.extend(digest_algorithm);
        signer_head.extend(attributes.map(|set| der::context(0, &set)).unwrap_or_default());

        Ok(PendingSignedData {
            message,
            signed_data_oid: oids.signed_data.to_owned(),
            head,
            signer_head,
            signature_algorithm: self.signature_algorithm()?,
            longest_signature,
        })
    }

    fn signed_attributes(&self, oids: &Oids, digest: &[u8; 32]) -> Result<Vec<Vec<u8>>, WriteError> {
        let mut all = vec![
            Attribute {
                oid: CONTENT_TYPE.to_owned(),
                value: der::oid(oids.data)?,
            },
            Attribute {
                oid: MESSAGE_DIGEST.to_owned(),
                value: der::octet_string(digest),
            },
            Attribute {
                oid: SIGNING_CERTIFICATE_V2.to_owned(),
                value: self.signing_certificate()?,
            },
        ];
        if let Some(seconds) = self.signing_time {
            all.push(Attribute {
                oid: SIGNING_TIME.to_owned(),
                value: der::time(seconds)?,
            });
        }
        all.extend(self.attributes.iter().cloned());
        encode_attributes(&all)
    }

    /// SigningCertificateV2 with the signer's certificate only. The SHA-256 default is not written; SM2 signers name SM3.
    fn signing_certificate(&self) -> Result<Vec<u8>, WriteError> {
        let certificate = Certificate::parse(&self.signer).map_err(|_| WriteError::Certificate { whose: "signer" })?;
        let fields = match self.algorithm {
            SignatureAlgorithm::Sm2Sm3 => vec![
                der::sequence([der::oid(self.algorithm.digest_oid())?]),
                der::octet_string(&certificate.fingerprint_sm3()),
            ],
            SignatureAlgorithm::RsaSha256 => vec![der::octet_string(&certificate.fingerprint_sha256())],
        };
        Ok(der::sequence([der::sequence([der::sequence(fields)])]))
    }

    fn certificates(&self) -> Result<Vec<Vec<u8>>, WriteError> {
        let mut all = vec![self.signer.clone()];
        for certificate in &self.chain {
            Certificate::parse(certificate).map_err(|_| WriteError::Certificate { whose: "chain" })?;
            if !all.contains(certificate) {
                all.push(certificate.clone());
            }
        }
        Ok(all)
    }

    /// rsaEncryption rather than sha256WithRSAEncryption: every CMS reader must know it (RFC 3370, 3.2), and NSS, Adobe's and
    /// OpenSSL's writers use it. For GB/T 35275 SM2 is named as GM/T 0006 names the bare signature.
    fn signature_algorithm(&self) -> Result<Vec<u8>, WriteError> {
        match (self.algorithm, self.dialect) {
            (SignatureAlgorithm::RsaSha256, _) => Ok(der::sequence([der::oid("1.2.840.113549.1.1.1")?, der::null()])),
            (SignatureAlgorithm::Sm2Sm3, Dialect::Gbt35275) => Ok(der::sequence([der::oid("1.2.156.10197.1.301.1")?])),
            (SignatureAlgorithm::Sm2Sm3, _) => self.algorithm.identifier(),
        }
    }
}

impl PendingSignedData {
    /// Gives the bytes to sign: the DER SET OF signed attributes, or the embedded digest. Hashing, and Z for SM2, are the
    /// signer's job.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Puts the signature in, with unsigned attributes such as a time-stamp token over it, and gives the `ContentInfo`.
    ///
    /// # Errors
    /// [`WriteError::EmptySignature`]; [`WriteError::DuplicateAttribute`] and [`WriteError::NotDer`] for the attributes.
    pub fn assemble(&self, signature: &[u8], unsigned: &[Attribute]) -> Result<Vec<u8>, WriteError> {
        if signature.is_empty() {
            return Err(WriteError::EmptySignature);
        }
        let mut signer = self.signer_head.clone();
        signer.extend_from_slice(&self.signature_algorithm);
        signer.extend(der::octet_string(signature));
        if !unsigned.is_empty() {
            signer.extend(der::context(1, &der::set_content(encode_attributes(unsigned)?)));
        }
        let mut body = self.head.clone();
        body.extend(der::set_of([der::element(0x30, &signer)]));
        let signed_data = der::context(0, &der::element(0x30, &body));
        Ok(der::sequence([der::oid(&self.signed_data_oid)?, signed_data]))
    }

    /// Tells how many bytes to reserve: no signature of this key makes the result longer. `extra` is room for unsigned
    /// attributes, 0 for none.
    ///
    /// # Errors
    /// Those of [`assemble`](Self::assemble).
    pub fn reserve(&self, extra: usize) -> Result<usize, WriteError> {
        let bare = self.assemble(&vec![0xff; self.longest_signature], &[])?.len();
        // Longer content may lengthen the five enclosing length fields and the attributes' own.
        let slack = if extra == 0 { 0 } else { 32 };
        Ok(bare.saturating_add(extra).saturating_add(slack))
    }
}

fn encode_attributes(attributes: &[Attribute]) -> Result<Vec<Vec<u8>>, WriteError> {
    let mut encoded = Vec::with_capacity(attributes.len());
    for (place, attribute) in attributes.iter().enumerate() {
        if attributes
            .iter()
            .take(place)
            .any(|earlier| earlier.oid == attribute.oid)
        {
            return Err(WriteError::DuplicateAttribute {
                oid: attribute.oid.clone(),
            });
        }
        if !der::is_one_element(&attribute.value) {
            return Err(WriteError::NotDer {
                of: attribute.oid.clone(),
            });
        }
        encoded.push(der::sequence([
            der::oid(&attribute.oid)?,
            der::set_of([attribute.value.clone()]),
        ]));
    }
    Ok(encoded)
}

struct Oids {
    signed_data: &'static str,
    data: &'static str,
}

impl Oids {
    fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Cms => Self {
                signed_data: "1.2.840.113549.1.7.2",
                data: "1.2.840.113549.1.7.1",
            },
            Dialect::Gbt35275 => Self {
                signed_data: "1.2.156.10197.6.1.4.2.2",
                data: "1.2.156.10197.6.1.4.2.1",
            },
        }
    }
}
