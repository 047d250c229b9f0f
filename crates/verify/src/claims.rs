//! What one document claims: digests, signature values, and what its structure shows.
//!
//! Claims hold no judgement. They point into bytes that were read once, so that what is hashed is what was parsed.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::crl::Crl;

use crate::codes::Finding;
use crate::compute::Digest;
use crate::report::LicenceSummary;

/// A digest algorithm that a document may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// GB/T 32905, 32 bytes.
    Sm3,
    /// FIPS 180-4, 32 bytes.
    Sha256,
    /// FIPS 180-4, 48 bytes.
    Sha384,
    /// FIPS 180-4, 64 bytes.
    Sha512,
    /// Broken: answered, so that a report can say what matched, never enough to pass.
    Sha1,
    /// Broken: the default of the OFD schema, never enough to pass.
    Md5,
}

impl DigestAlgorithm {
    /// Reads an OID or one of the names that OFD files use.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim() {
            "1.2.156.10197.1.401" | "1.2.156.10197.1.401.1" | "1.2.156.10197.1.401.2" | "SM3" | "sm3" => Self::Sm3,
            "2.16.840.1.101.3.4.2.1" | "SHA256" | "SHA-256" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            "1.3.14.3.2.26" | "SHA1" | "SHA-1" => Self::Sha1,
            "1.2.840.113549.2.5" | "MD5" => Self::Md5,
            _ => return None,
        })
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sm3 => "SM3",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha1 => "SHA-1",
            Self::Md5 => "MD5",
        }
    }

    /// Whether collisions can be made for it today.
    pub fn is_weak(self) -> bool {
        matches!(self, Self::Sha1 | Self::Md5)
    }
}

/// A contiguous part of a message.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A range of bytes that were read once and are shared by all claims about them.
    Shared(Arc<[u8]>, Range<usize>),
    /// A few bytes that the document does not hold, such as Z or a re-tagged `0x31`.
    Inline(Vec<u8>),
    /// What the issuer of a certificate signed.
    Certificate(Certificate),
    /// What the issuer of a revocation list signed.
    Crl(Arc<Crl>),
}

impl Piece {
    /// All of `bytes`.
    pub fn whole(bytes: &Arc<[u8]>) -> Self {
        Self::Shared(Arc::clone(bytes), 0..bytes.len())
    }

    /// The bytes; empty when the range lies outside, which extraction never makes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(bytes, range) => bytes.get(range.clone()).unwrap_or_default(),
            Self::Inline(bytes) => bytes,
            Self::Certificate(certificate) => certificate.tbs(),
            Self::Crl(crl) => crl.tbs(),
        }
    }
}

/// One reading of what was hashed or signed; the first is the standard's.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// `standard`, `file-order`, `sorted`, `z-prefixed`, `signature-xml`.
    pub name: &'static str,
    /// The message, piece by piece.
    pub pieces: Vec<Piece>,
}

impl Alternative {
    /// The standard reading.
    pub fn standard(pieces: Vec<Piece>) -> Self {
        Self {
            name: "standard",
            pieces,
        }
    }
}

/// "The digest of this message is that value."
#[derive(Debug, Clone)]
pub struct DigestClaim {
    /// How it was hashed.
    pub algorithm: DigestAlgorithm,
    /// What was hashed, in each reading that is known to occur.
    pub alternatives: Vec<Alternative>,
    /// The value found in the document.
    pub expected: Vec<u8>,
}

/// The key that a value is said to be made with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum VerifyingKey {
    /// An uncompressed SM2 point.
    Sm2([u8; 65]),
    /// A DER `RSAPublicKey` and its modulus length in bits.
    Rsa(Vec<u8>, u32),
    /// An uncompressed P-256 point.
    P256(Vec<u8>),
    /// An uncompressed P-384 point.
    P384(Vec<u8>),
    /// An algorithm that this build does not know, by OID.
    Unknown(String),
}

/// How a value is made from a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// SM2 over SM3(Z ‖ M) with the default identifier.
    Sm2Sm3,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS with a salt as long as the digest.
    RsaPss(DigestAlgorithm),
    /// ECDSA, value as DER.
    Ecdsa(DigestAlgorithm),
    /// Named by the document, unknown here, or not fitting the key.
    Unknown(String),
}

impl Scheme {
    /// Whether its digest is broken.
    pub fn is_weak(&self) -> bool {
        matches!(self, Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) if digest.is_weak())
    }
}

/// "This key signed this message with that value."
#[derive(Debug, Clone)]
pub struct ValueClaim {
    /// The verifying key.
    pub key: VerifyingKey,
    /// The scheme, already matched to the key type.
    pub scheme: Scheme,
    /// What was signed, in each reading that is known to occur.
    pub alternatives: Vec<Alternative>,
    /// The signature value as found.
    pub value: Vec<u8>,
}

/// A value claim that stands outside of any one document: certificate links and revocation lists, which come with thousands.
///
/// The claim never changes once it is made, so that its digest needs to be made only once, however long the list.
#[derive(Debug)]
pub struct StandingClaim {
    claim: ValueClaim,
    digest: OnceLock<Digest>,
}

impl StandingClaim {
    /// Of this claim.
    pub fn new(claim: ValueClaim) -> Self {
        Self {
            claim,
            digest: OnceLock::new(),
        }
    }

    /// The claim.
    pub fn claim(&self) -> &ValueClaim {
        &self.claim
    }

    /// The digest of the claim's first reading, under its own scheme and key, once somebody has made it.
    pub(crate) fn digest(&self) -> &OnceLock<Digest> {
        &self.digest
    }
}

/// An index into [`Claims::digests`] or the answers to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestId(pub(crate) usize);

/// An index into [`Claims::values`] or the answers to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueId(pub(crate) usize);

/// What kind of thing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// GB/T 33190.
    Ofd,
    /// ISO 32000.
    Pdf,
    /// A seal alone (`.esl`).
    Seal,
    /// A seal signature or SignedData value alone (`.dat`).
    Value,
}

impl Kind {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ofd => "OFD",
            Self::Pdf => "PDF",
            Self::Seal => "SEAL",
            Self::Value => "SIGNATURE_VALUE",
        }
    }
}

/// The shape of a signature value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// SES_Signature of GM/T 0031-2014.
    SesV1,
    /// SES_Signature of GB/T 38540-2020.
    SesV4,
    /// SES_Signature of GM/T 0031-2025.
    SesV5,
    /// RFC 5652 SignedData.
    Cms,
    /// GM/T 0010, GB/T 35275 SignedData.
    Gbt35275,
    /// Two integers and nothing else.
    BareSm2,
    /// A seal without a document.
    SealOnly,
    /// Nothing that this build can read.
    Unreadable,
}

impl Form {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::SesV1 => "SES_V1",
            Self::SesV4 => "SES_V4",
            Self::SesV5 => "SES_V5",
            Self::Cms => "CMS",
            Self::Gbt35275 => "GBT_35275",
            Self::BareSm2 => "BARE_SM2",
            Self::SealOnly => "SEAL",
            Self::Unreadable => "UNREADABLE",
        }
    }
}

/// A time that a document states.
#[derive(Debug, Clone, Default)]
pub struct ClaimedTime {
    /// As written.
    pub text: String,
    /// Unix seconds, when the text is a time with a zone.
    pub unix: Option<i64>,
    /// Where it stood: `timeInfo`, `signingTime`, `M`.
    pub source: &'static str,
}

/// What a seal claims.
#[derive(Debug, Clone)]
pub struct SealClaims {
    /// The seal's number (esID).
    pub id: String,
    /// The seal's name.
    pub name: String,
    /// 1, 4 or 5.
    pub version: u8,
    /// When it was made, Unix seconds.
    pub created: Option<i64>,
    /// The picture's format.
    pub picture: String,
    /// Start of validity, Unix seconds.
    pub valid_from: Option<i64>,
    /// End of validity, Unix seconds.
    pub valid_to: Option<i64>,
    /// The seal maker's certificate, when it can be read.
    pub maker: Option<Certificate>,
    /// The seal maker's signature.
    pub value: Option<ValueId>,
    /// Whether the signer's certificate is in the seal's list; `None` for a seal alone.
    pub lists_signer: Option<bool>,
    /// Digests of a list that holds digests, each to be compared with the signer's certificate.
    pub listed_digests: Vec<DigestId>,
}

/// What a time-stamp token claims.
#[derive(Debug, Clone)]
pub struct StampClaims {
    /// The token's time, Unix seconds.
    pub time: i64,
    /// The imprint against the stamped bytes.
    pub imprint: Option<DigestId>,
    /// The signer of the token.
    pub signer: Option<Certificate>,
    /// The token's own content digest, when it has signed attributes.
    pub content: Option<DigestId>,
    /// The digest of the signer's certificate, when a signed attribute holds it.
    pub certificate: Option<DigestId>,
    /// The token's signature value.
    pub value: Option<ValueId>,
}

/// What one signature leaves out of the shown document.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// How much it covers, for people: `13 entries`, `whole file`.
    pub extent: String,
    /// Shown or carried, yet not covered: the name and why it counts.
    pub uncovered: Vec<(String, String)>,
}

/// One signature's claims.
#[derive(Debug, Clone)]
pub struct SignatureClaims {
    /// The name or number inside the document.
    pub id: String,
    /// The shape of the value.
    pub form: Form,
    /// Whether it is a document time stamp.
    pub document_time_stamp: bool,
    /// The signer's certificate.
    pub signer: Option<Certificate>,
    /// The signature value over its message.
    pub value: Option<ValueId>,
    /// Digests that bind the signed bytes to the document (dataHash, messageDigest, digest as content).
    pub content: Vec<DigestId>,
    /// Whether the signed bytes are the document itself, so that no digest is needed.
    pub content_is_signed: bool,
    /// Protected files, each with its digest.
    pub references: Vec<(String, DigestId)>,
    /// Other digests that must hold (signing certificate, seal hash), with the code told when one does not.
    pub bindings: Vec<(crate::codes::Code, DigestId)>,
    /// The seal, when there is one.
    pub seal: Option<SealClaims>,
    /// When the signer says that it signed.
    pub claimed: Option<ClaimedTime>,
    /// Tokens over the signature value.
    pub stamps: Vec<StampClaims>,
    /// What is left out.
    pub coverage: Coverage,
    /// What the structure shows.
    pub findings: Vec<Finding>,
}

impl SignatureClaims {
    /// An empty signature of the given form.
    pub fn new(id: impl Into<String>, form: Form) -> Self {
        Self {
            id: id.into(),
            form,
            document_time_stamp: false,
            signer: None,
            value: None,
            content: Vec::new(),
            content_is_signed: false,
            references: Vec::new(),
            bindings: Vec::new(),
            seal: None,
            claimed: None,
            stamps: Vec::new(),
            coverage: Coverage::default(),
            findings: Vec::new(),
        }
    }
}

/// All that one document claims.
#[derive(Debug, Clone)]
pub struct Claims {
    /// What it is.
    pub kind: Kind,
    /// Digests to answer.
    pub digests: Vec<DigestClaim>,
    /// Signature values to answer.
    pub values: Vec<ValueClaim>,
    /// Signatures in the order of the document.
    pub signatures: Vec<SignatureClaims>,
    /// Certificates met anywhere in the document, bounded by [`crate::Limits::certificates`].
    pub certificates: Vec<Certificate>,
    /// Revocation lists that the document carries, as DER.
    pub crls: Vec<Vec<u8>>,
    /// What the structure of the whole document shows.
    pub findings: Vec<Finding>,
    /// The licence that the document says it is.
    pub licence: Option<LicenceSummary>,
}

impl Claims {
    /// No claims yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            digests: Vec::new(),
            values: Vec::new(),
            signatures: Vec::new(),
            certificates: Vec::new(),
            crls: Vec::new(),
            findings: Vec::new(),
            licence: None,
        }
    }

    /// Adds a digest claim.
    pub fn digest(&mut self, claim: DigestClaim) -> DigestId {
        self.digests.push(claim);
        DigestId(self.digests.len() - 1)
    }

    /// Adds a value claim.
    pub fn value(&mut self, claim: ValueClaim) -> ValueId {
        self.values.push(claim);
        ValueId(self.values.len() - 1)
    }

    /// How many shared bytes the digest claims hold, each file counted once.
    pub fn held_bytes(&self) -> usize {
        let mut seen = std::collections::HashSet::new();
        let pieces = self
            .digests
            .iter()
            .flat_map(|d| &d.alternatives)
            .flat_map(|a| &a.pieces);
        pieces
            .filter_map(|piece| match piece {
                Piece::Shared(bytes, _) if seen.insert(bytes.as_ptr()) => Some(bytes.len()),
                _ => None,
            })
            .sum()
    }

    /// The name of the algorithm of a digest claim.
    pub fn digest_algorithm(&self, id: DigestId) -> Option<&'static str> {
        self.digests.get(id.0).map(|claim| claim.algorithm.name())
    }

    /// Remembers a certificate for path building, once, within `limit`.
    pub fn certificate(&mut self, certificate: &Certificate, limit: usize) {
        let known = self.certificates.iter().any(|c| c.raw() == certificate.raw());
        if !known && self.certificates.len() < limit {
            self.certificates.push(certificate.clone());
        }
    }
}
