//! Makes V4 seals and seal signatures (GB/T 38540-2020) in strict DER.
//!
//! Both are made in phases: a request gives the bytes to sign, a signer somewhere signs them, `finish` embeds the value. The bytes
//! in between can be stored or sent; nothing is encoded twice.
//!
//! ```
//! use cinnabar_seal::make::{SealRequest, SignatureRequest, MakeError, SM2_WITH_SM3};
//! use cinnabar_seal::Picture;
//!
//! fn seal_and_sign(
//!     maker: &dyn Fn(&[u8]) -> Vec<u8>, maker_cert: &[u8], signer: &dyn Fn(&[u8]) -> Vec<u8>, signer_cert: &[u8],
//! ) -> Result<Vec<u8>, MakeError> {
//!     let request = SealRequest {
//!         name: "某某市民政局".into(),
//!         es_id: "11010000000001".into(),
//!         vid: "CINNABAR".into(),
//!         kind: 1,
//!         certificates: vec![signer_cert.to_vec()],
//!         created: 1_790_000_000,
//!         valid_from: 1_790_000_000,
//!         valid_to: 1_885_000_000,
//!         picture: Picture { kind: "PNG".into(), data: b"...".to_vec(), width_mm: 42, height_mm: 42 },
//!     };
//!     let info = request.to_be_signed()?;
//!     let seal = SealRequest::finish(&info, maker_cert, SM2_WITH_SM3, &maker(&info))?;
//!
//!     let request = SignatureRequest { seal: &seal, time: 1_790_000_600, data_hash: [0; 32], property_info: "/Doc_0/Signs/Sign_0/Signature.xml" };
//!     let tbs = request.to_be_signed()?;
//!     SignatureRequest::finish(&tbs, signer_cert, SM2_WITH_SM3, &signer(&tbs), None)
//! }
//! # let value = |_: &[u8]| vec![0x30, 6, 2, 1, 1, 2, 1, 1];
//! # assert!(seal_and_sign(&value, b"maker", &value, b"signer").is_ok());
//! ```

use crate::{Limits, Picture, SealError, SignedValueKind, Version, der, detect, parse_seal, parse_signature};
use thiserror::Error;

/// SM2 signature with SM3: the value is DER `SEQUENCE { r, s }`.
pub const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";
/// RSA PKCS#1 v1.5 with SHA-256, for RSA seals of the same structure.
pub const RSA_WITH_SHA256: &str = "1.2.840.113549.1.1.11";

/// What a new seal shall say.
#[derive(Debug, Clone, PartialEq)]
pub struct SealRequest {
    /// Name of the seal, as a rule the organisation's.
    pub name: String,
    /// Identifier of the seal, ASCII.
    pub es_id: String,
    /// Vendor in the header, ASCII.
    pub vid: String,
    /// `property.type`: 1 organisation, 2 person; other values are business defined.
    pub kind: u64,
    /// DER certificates of those who may use the seal; at least one.
    pub certificates: Vec<Vec<u8>>,
    /// When the seal was made, Unix seconds.
    pub created: i64,
    /// First second of its validity.
    pub valid_from: i64,
    /// Last second of its validity.
    pub valid_to: i64,
    /// Its picture, true size in millimetres.
    pub picture: Picture,
}

/// What a new seal signature shall say.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureRequest<'a> {
    /// The seal, DER, embedded byte for byte; V4.
    pub seal: &'a [u8],
    /// The claimed signing time, Unix seconds.
    pub time: i64,
    /// Digest of the protected original: SM3, or SHA-256 for an RSA seal.
    pub data_hash: [u8; 32],
    /// What is protected: in OFD the absolute path of `Signature.xml`, ASCII.
    pub property_info: &'a str,
}

/// Why a seal or a seal signature is not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeError {
    /// The field is an IA5String.
    #[error("{field} holds characters beyond ASCII: {text:?}")]
    NotAscii {
        /// Field of the standard.
        field: &'static str,
        /// The text given.
        text: String,
    },
    /// The field may not be empty.
    #[error("{field} is empty")]
    Empty {
        /// Field of the standard.
        field: &'static str,
    },
    /// The year is not 1 to 9999.
    #[error("{field} ({unix} seconds since 1970) lies outside the years that can be written")]
    TimeOutOfRange {
        /// Field of the standard.
        field: &'static str,
        /// The time given.
        unix: i64,
    },
    /// The seal would end before it begins.
    #[error("the seal's validity ends before it begins")]
    ValidityReversed,
    /// No dotted OBJECT IDENTIFIER.
    #[error("{oid:?} is no OBJECT IDENTIFIER")]
    BadOid {
        /// The text given.
        oid: String,
    },
    /// An SM2 value is written as DER only; convert r‖s first.
    #[error("the SM2 signature value is not a DER SEQUENCE of r and s")]
    SignatureNotDer,
    /// Only a V4 seal goes into a V4 signature.
    #[error("the seal has version {version:?}; a V4 signature takes a V4 seal")]
    AnotherVersion {
        /// The seal's version.
        version: Version,
    },
    /// The parts given do not make a readable whole: the seal or the bytes that were signed are not what `to_be_signed` gave.
    #[error("what would be written cannot be read: {0}")]
    Unreadable(#[from] SealError),
}

impl SealRequest {
    /// The bytes that the seal maker signs: `SES_SealInfo`.
    ///
    /// # Errors
    /// A field that cannot be written as the standard has it.
    pub fn to_be_signed(&self) -> Result<Vec<u8>, MakeError> {
        if self.valid_to < self.valid_from {
            return Err(MakeError::ValidityReversed);
        }
        if self.name.is_empty() {
            return Err(MakeError::Empty { field: "property.name" });
        }
        if self.certificates.is_empty() {
            return Err(MakeError::Empty {
                field: "property.certList",
            });
        }
        let header = der::sequence(&[
            &ia5("header.ID", "ES")?,
            &der::unsigned(Version::V4.number()),
            &ia5("header.Vid", &self.vid)?,
        ]);
        let list = self
            .certificates
            .iter()
            .flat_map(|c| der::octet_string(c))
            .collect::<Vec<u8>>();
        let property = der::sequence(&[
            &der::unsigned(self.kind),
            &der::utf8(&self.name),
            &der::unsigned(1),
            &der::sequence(&[&list]),
            &time("property.createDate", self.created)?,
            &time("property.validStart", self.valid_from)?,
            &time("property.validEnd", self.valid_to)?,
        ]);
        let picture = der::sequence(&[
            &ia5("picture.type", &self.picture.kind)?,
            &der::octet_string(&self.picture.data),
            &der::unsigned(self.picture.width_mm.into()),
            &der::unsigned(self.picture.height_mm.into()),
        ]);
        Ok(der::sequence(&[
            &header,
            &ia5("esID", &self.es_id)?,
            &property,
            &picture,
        ]))
    }

    /// The seal: `info` as signed, the maker's certificate and algorithm, and the value.
    ///
    /// # Errors
    /// A value that is not written this way, or parts that do not make a readable seal. The signature is not verified.
    pub fn finish(info: &[u8], maker_cert: &[u8], algorithm_oid: &str, signature: &[u8]) -> Result<Vec<u8>, MakeError> {
        check_value(algorithm_oid, signature)?;
        let seal = der::sequence(&[
            info,
            &der::octet_string(maker_cert),
            &oid(algorithm_oid)?,
            &der::bit_string(signature),
        ]);
        check_seal(&seal)?;
        Ok(seal)
    }
}

impl SignatureRequest<'_> {
    /// The bytes that the signer signs: `TBS_Sign`.
    ///
    /// # Errors
    /// A field that cannot be written as the standard has it; a seal that is not V4.
    pub fn to_be_signed(&self) -> Result<Vec<u8>, MakeError> {
        check_seal(self.seal)?;
        Ok(der::sequence(&[
            &der::unsigned(Version::V4.number()),
            self.seal,
            &time("toSign.timeInfo", self.time)?,
            &der::bit_string(&self.data_hash),
            &ia5("toSign.propertyInfo", self.property_info)?,
        ]))
    }

    /// The seal signature: `tbs` as signed, the signer's certificate and algorithm, the value, and a time stamp token over the
    /// value if there is one.
    ///
    /// # Errors
    /// A value that is not written this way, or parts that do not make a readable signature. The signature is not verified.
    pub fn finish(
        tbs: &[u8],
        cert: &[u8],
        algorithm_oid: &str,
        signature: &[u8],
        timestamp: Option<&[u8]>,
    ) -> Result<Vec<u8>, MakeError> {
        check_value(algorithm_oid, signature)?;
        let stamp = timestamp
            .map(|token| der::explicit_0(&der::bit_string(token)))
            .unwrap_or_default();
        let value = der::bit_string(signature);
        let whole = der::sequence(&[tbs, &der::octet_string(cert), &oid(algorithm_oid)?, &value, &stamp]);
        parse_signature(&whole, &Limits::default())?;
        Ok(whole)
    }
}

fn check_seal(seal: &[u8]) -> Result<(), MakeError> {
    match parse_seal(seal, &Limits::default())?.version {
        Version::V4 => Ok(()),
        version => Err(MakeError::AnotherVersion { version }),
    }
}

fn check_value(algorithm: &str, signature: &[u8]) -> Result<(), MakeError> {
    if algorithm == SM2_WITH_SM3 && detect(signature) != SignedValueKind::BareSm2 {
        return Err(MakeError::SignatureNotDer);
    }
    if signature.is_empty() {
        return Err(MakeError::Empty { field: "signature" });
    }
    Ok(())
}

fn ia5(field: &'static str, text: &str) -> Result<Vec<u8>, MakeError> {
    if text.is_empty() {
        return Err(MakeError::Empty { field });
    }
    der::ia5(text).ok_or_else(|| MakeError::NotAscii {
        field,
        text: text.to_owned(),
    })
}

fn time(field: &'static str, unix: i64) -> Result<Vec<u8>, MakeError> {
    der::generalized_time(unix).ok_or(MakeError::TimeOutOfRange { field, unix })
}

fn oid(dotted: &str) -> Result<Vec<u8>, MakeError> {
    der::oid(dotted).ok_or_else(|| MakeError::BadOid { oid: dotted.to_owned() })
}
