//! SES_Signature of all three versions.

use crate::detect::decode_text;
use crate::fields::{Fields, Time, claimed_time, der, is_raw_sm2, unexpected};
use crate::seal::{read_extensions, read_seal, read_timestamp};
use crate::{Deviation, Extension, Limits, Seal, SealError, SignedValueKind, Version};
use cinnabar_pki::tlv::{Reader, Tag, Tlv};

/// A seal signature as its file states it. Nothing is verified, and the time is a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct SealSignature {
    /// The whole signature, byte for byte (decoded, if it came as base64 text).
    pub raw: Vec<u8>,
    /// The version of structure; that of the embedded seal.
    pub version: Version,
    /// `TBS_Sign.version`.
    pub tbs_version: u64,
    /// The embedded seal; its `raw` must equal a separate `Seal.esl`.
    pub seal: Seal,
    /// `timeInfo` as text; empty if it is a time stamp token.
    pub time_text: String,
    /// The instant that [`SealSignature::time_text`] names. Claimed by the signer; `None` without a zone.
    pub time: Option<i64>,
    /// `timeInfo` of V1 where it is a time stamp token.
    pub time_token: Option<Vec<u8>>,
    /// Digest of the protected original, e.g. of `Signature.xml`.
    pub data_hash: Vec<u8>,
    /// What the digest protects: as a rule the absolute path of `Signature.xml` in the package.
    pub property_info: String,
    /// Certificate of the signer, DER.
    pub certificate: Vec<u8>,
    /// The signer's signature algorithm.
    pub algorithm: String,
    /// The signer's signature value as in the file: DER, or 64 bytes r‖s.
    pub signature: Vec<u8>,
    /// Exactly what the signer signed: the TBS_Sign as it stands in the file.
    pub signed_bytes: Vec<u8>,
    /// Time stamp token over the signature value.
    pub timestamp: Option<Vec<u8>>,
    /// Extensions of the signature, none of them interpreted.
    pub extensions: Vec<Extension>,
    /// Departures from the standard; those of the seal are in the seal.
    pub deviations: Vec<Deviation>,
}

/// Reads a seal signature (SES_Signature, the content of `SignedValue.dat`).
///
/// # Errors
/// Everything that is neither the standard's structure nor a [`Deviation`] listed there; other kinds of signed value by name; bytes
/// after the signature; a limit exceeded.
pub fn parse_signature(bytes: &[u8], limits: &Limits) -> Result<SealSignature, SealError> {
    if bytes.len() > limits.max_bytes {
        return Err(SealError::TooLarge {
            what: "the signature",
            found: bytes.len(),
            limit: limits.max_bytes,
        });
    }
    match crate::detect(bytes) {
        kind @ (SignedValueKind::SignedData | SignedValueKind::BareSm2) => return Err(SealError::AnotherKind { kind }),
        SignedValueKind::SealSignature | SignedValueKind::Unknown => {}
    }
    match decode_text(bytes) {
        Some(decoded) => {
            let mut signature = read_signature(&decoded, limits)?;
            signature.deviations.insert(0, Deviation::Base64Text);
            Ok(signature)
        }
        None => read_signature(bytes, limits),
    }
}

fn read_signature(source: &[u8], limits: &Limits) -> Result<SealSignature, SealError> {
    let mut reader = Reader::new(source);
    let outer = der(reader.expect(Tag::SEQUENCE, "SES_Signature")?, "SES_Signature")?;
    reader.finish("SES_Signature")?;
    let mut notes = Vec::new();
    let mut signature = match outer.children()?.all(5, "elements of SES_Signature")?.len() {
        2 => read_v1(source, &outer, &mut notes, limits)?,
        4 | 5 => read_v4(source, &outer, &mut notes, limits)?,
        _ => return Err(unexpected(&outer, "SES_Signature", "2 elements (V1), 4 or 5 (V4, V5)")),
    };
    if is_raw_sm2(&signature.algorithm, &signature.signature) {
        notes.push(Deviation::RawSm2Signature);
    }
    let (header, tbs) = (signature.seal.header_version, signature.tbs_version);
    if header != tbs {
        notes.push(Deviation::TbsVersionMismatch { header, tbs });
    }
    signature.deviations = notes;
    Ok(signature)
}

/// `SEQUENCE { toSign, signature }`, toSign holding certificate and algorithm.
fn read_v1(
    source: &[u8],
    outer: &Tlv<'_>,
    notes: &mut Vec<Deviation>,
    limits: &Limits,
) -> Result<SealSignature, SealError> {
    let mut fields = Fields::of(outer, notes)?;
    let tbs_raw = fields.expect(Tag::SEQUENCE, "toSign")?;
    let mut tbs = Fields::of(&tbs_raw, fields.notes)?;
    let tbs_version = tbs.unsigned("toSign.version")?;
    let eseal = tbs.expect(Tag::SEQUENCE, "toSign.eseal")?;
    let seal = read_seal(source, &eseal, limits)?;
    if seal.version != Version::V1 {
        return Err(unexpected(
            &eseal,
            "toSign.eseal",
            "a V1 seal (2 elements) in a V1 signature",
        ));
    }
    let (time, time_token) = read_v1_time(&mut tbs)?;
    let data_hash = tbs.bits("toSign.dataHash")?.to_vec();
    let property_info = tbs.ia5("toSign.propertyInfo")?;
    let certificate = tbs.octets("toSign.cert")?.to_vec();
    let algorithm = tbs.oid("toSign.signatureAlgorithm")?;
    tbs.finish("toSign")?;
    let signature = fields.bits("signature")?.to_vec();
    fields.finish("SES_Signature")?;
    Ok(SealSignature {
        raw: outer.raw_bytes().to_vec(),
        version: Version::V1,
        tbs_version,
        seal,
        time_text: time.text,
        time: time.instant,
        time_token,
        data_hash,
        property_info,
        certificate,
        algorithm,
        signature,
        signed_bytes: tbs_raw.raw_bytes().to_vec(),
        timestamp: None,
        extensions: Vec::new(),
        deviations: Vec::new(),
    })
}

/// V1 `timeInfo BIT STRING`: a time stamp token or the characters of a time.
fn read_v1_time(tbs: &mut Fields<'_, '_>) -> Result<(Time, Option<Vec<u8>>), SealError> {
    let bytes = tbs.bits("toSign.timeInfo")?;
    // `0` of a year is also the tag of a token's SEQUENCE, but no token consists of printable characters.
    let printable = bytes.iter().all(|b| matches!(b, b' '..=b'~'));
    if !printable && bytes.first() == Some(&0x30) {
        return Ok((
            Time {
                text: String::new(),
                instant: None,
            },
            Some(bytes.to_vec()),
        ));
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (instant, standard) = claimed_time(bytes);
    if !standard {
        tbs.notes.push(Deviation::NonStandardTime {
            field: "toSign.timeInfo",
            text: text.clone(),
        });
    }
    Ok((Time { text, instant }, None))
}

/// `SEQUENCE { toSign, cert, signatureAlgID, signature, timeStamp [0] OPTIONAL }`.
fn read_v4(
    source: &[u8],
    outer: &Tlv<'_>,
    notes: &mut Vec<Deviation>,
    limits: &Limits,
) -> Result<SealSignature, SealError> {
    let mut fields = Fields::of(outer, notes)?;
    let tbs_raw = fields.expect(Tag::SEQUENCE, "toSign")?;
    let mut tbs = Fields::of(&tbs_raw, fields.notes)?;
    let tbs_version = tbs.unsigned("toSign.version")?;
    let eseal = tbs.expect(Tag::SEQUENCE, "toSign.eseal")?;
    let seal = read_seal(source, &eseal, limits)?;
    if seal.version == Version::V1 {
        return Err(unexpected(&eseal, "toSign.eseal", "a V4 or V5 seal (4 or 5 elements)"));
    }
    let time = tbs.time(Tag::GENERALIZED_TIME, "toSign.timeInfo")?;
    let data_hash = tbs.bits("toSign.dataHash")?.to_vec();
    let property_info = tbs.ia5("toSign.propertyInfo")?;
    let extensions = match tbs.peek() {
        None => Vec::new(),
        Some(tag) if tag == Tag::context(0) => {
            let tagged = tbs.expect(tag, "toSign.extDatas")?;
            read_extensions(&mut Fields::of(&tagged, tbs.notes)?, limits)?
        }
        Some(_) => {
            tbs.notes.push(Deviation::ExtensionsUntagged);
            read_extensions(&mut tbs, limits)?
        }
    };
    tbs.finish("toSign")?;
    let certificate = fields.octets("cert")?.to_vec();
    let algorithm = fields.oid("signatureAlgID")?;
    let signature = fields.bits("signature")?.to_vec();
    let timestamp = read_timestamp(&mut fields)?;
    fields.finish("SES_Signature")?;
    Ok(SealSignature {
        raw: outer.raw_bytes().to_vec(),
        version: seal.version,
        tbs_version,
        seal,
        time_text: time.text,
        time: time.instant,
        time_token: None,
        data_hash,
        property_info,
        certificate,
        algorithm,
        signature,
        signed_bytes: tbs_raw.raw_bytes().to_vec(),
        timestamp,
        extensions,
        deviations: Vec::new(),
    })
}
