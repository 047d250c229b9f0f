//! From the elements of an SESeal to a [`Seal`].

use super::{CertificateList, Extension, Picture, Seal, Version};
use crate::fields::{Fields, Time, der, is_raw_sm2, unexpected};
use crate::{Deviation, Limits, SealError};
use cinnabar_pki::tlv::{Reader, Tag, Tlv};

/// Reads the seal that `seal` delimits within `source`.
pub(crate) fn read_seal(source: &[u8], seal: &Tlv<'_>, limits: &Limits) -> Result<Seal, SealError> {
    let items = seal.children()?.all(5, "elements of SESeal")?;
    let mut notes = Vec::new();
    let layout = match items.len() {
        2 => Layout::V1,
        4 | 5 => Layout::V4,
        _ => return Err(unexpected(seal, "SESeal", "2 elements (V1), 4 (V4, V5) or 5 (V5)")),
    };
    let mut outer = Fields::of(seal, &mut notes)?;
    let info_raw = outer.expect(Tag::SEQUENCE, "eSealInfo")?;
    let info = read_info(&info_raw, layout, outer.notes, limits)?;
    let maker = match layout {
        Layout::V1 => read_sign_info(source, &mut outer, info_raw.raw_bytes())?,
        Layout::V4 => Maker {
            certificate: outer.octets("cert")?.to_vec(),
            algorithm: outer.oid("signAlgID")?,
            signature: outer.bits("signedValue")?.to_vec(),
            signed_bytes: info_raw.raw_bytes().to_vec(),
        },
    };
    let timestamp = if layout == Layout::V4 {
        read_timestamp(&mut outer)?
    } else {
        None
    };
    outer.finish("SESeal")?;

    let version = match (layout, items.len(), info.header_version) {
        (Layout::V1, ..) => Version::V1,
        (Layout::V4, 5, _) | (Layout::V4, _, 5) => Version::V5,
        _ => Version::V4,
    };
    if info.header_version != version.number() {
        notes.push(Deviation::UnusualHeaderVersion {
            found: info.header_version,
        });
    }
    if is_raw_sm2(&maker.algorithm, &maker.signature) {
        notes.push(Deviation::RawSm2Signature);
    }
    Ok(Seal {
        raw: seal.raw_bytes().to_vec(),
        version,
        header_version: info.header_version,
        id: info.id,
        vid: info.vid,
        es_id: info.es_id,
        kind: info.kind,
        name: info.name,
        certificates: info.certificates,
        created: info.created.instant,
        valid_from: info.valid_from.instant,
        valid_to: info.valid_to.instant,
        picture: info.picture,
        extensions: info.extensions,
        maker_certificate: maker.certificate,
        algorithm: maker.algorithm,
        signature: maker.signature,
        signed_bytes: maker.signed_bytes,
        timestamp,
        deviations: notes,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Layout {
    V1,
    V4,
}

struct Info {
    header_version: u64,
    id: String,
    vid: String,
    es_id: String,
    kind: u64,
    name: String,
    certificates: CertificateList,
    created: Time,
    valid_from: Time,
    valid_to: Time,
    picture: Picture,
    extensions: Vec<Extension>,
}

struct Maker {
    certificate: Vec<u8>,
    algorithm: String,
    signature: Vec<u8>,
    signed_bytes: Vec<u8>,
}

fn read_info(info: &Tlv<'_>, layout: Layout, notes: &mut Vec<Deviation>, limits: &Limits) -> Result<Info, SealError> {
    let mut fields = Fields::of(info, notes)?;

    let header_raw = fields.expect(Tag::SEQUENCE, "header")?;
    let mut header = Fields::of(&header_raw, fields.notes)?;
    let id = header.ia5("header.ID")?;
    if id != "ES" {
        return Err(unexpected(&header_raw, "header.ID", "“ES”"));
    }
    let header_version = header.unsigned("header.version")?;
    let vid = header.ia5("header.Vid")?;
    header.finish("header")?;

    let es_id = fields.ia5("esID")?;

    let mut property = fields.sequence("property")?;
    let kind = property.unsigned("property.type")?;
    let name = property.utf8("property.name")?;
    let certificates = match layout {
        Layout::V1 => read_v1_certificates(&mut property, limits)?,
        Layout::V4 => read_v4_certificates(&mut property, limits)?,
    };
    let usual = if layout == Layout::V1 {
        Tag::UTC_TIME
    } else {
        Tag::GENERALIZED_TIME
    };
    let created = property.time(usual, "property.createDate")?;
    let valid_from = property.time(usual, "property.validStart")?;
    let valid_to = property.time(usual, "property.validEnd")?;
    property.finish("property")?;

    let picture = read_picture(&mut fields, limits)?;
    let extensions = match fields.peek() {
        None => Vec::new(),
        Some(tag) if tag == Tag::context(0) => {
            fields.notes.push(Deviation::ExtensionsTagged);
            let tagged = fields.expect(tag, "extDatas")?;
            read_extensions(&mut Fields::of(&tagged, fields.notes)?, limits)?
        }
        Some(_) => read_extensions(&mut fields, limits)?,
    };
    fields.finish("eSealInfo")?;
    Ok(Info {
        header_version,
        id,
        vid,
        es_id,
        kind,
        name,
        certificates,
        created,
        valid_from,
        valid_to,
        picture,
        extensions,
    })
}

/// GM/T 0031-2014: `certList SEQUENCE OF cert`, each an OCTET STRING of a DER certificate.
fn read_v1_certificates(property: &mut Fields<'_, '_>, limits: &Limits) -> Result<CertificateList, SealError> {
    let list = property.expect(Tag::SEQUENCE, "property.certList")?;
    let mut certificates = Vec::new();
    let (mut unwrapped, mut dummy) = (false, false);
    for entry in list.children()?.all(limits.max_certificates, "certificates")? {
        match der(entry, "certificate")? {
            e if e.tag == Tag::OCTET_STRING => certificates.push(e.primitive()?.to_vec()),
            e if e.tag == Tag::SEQUENCE => {
                unwrapped = true;
                certificates.push(e.raw_bytes().to_vec());
            }
            e if e.tag == Tag::IA5_STRING => dummy = true,
            e => return Err(unexpected(&e, "certificate", "an OCTET STRING holding a certificate")),
        }
    }
    property
        .notes
        .extend(unwrapped.then_some(Deviation::CertificateUnwrapped));
    property.notes.extend(dummy.then_some(Deviation::DummyCertList));
    Ok(CertificateList::Certificates(certificates))
}

/// GB/T 38540: `certListType` 1 has OCTET STRINGs of certificates, 2 has `SEQUENCE { type PrintableString, value OCTET STRING }`.
fn read_v4_certificates(property: &mut Fields<'_, '_>, limits: &Limits) -> Result<CertificateList, SealError> {
    let kind = property.expect(Tag::INTEGER, "property.certListType")?;
    let list = property.expect(Tag::SEQUENCE, "property.certList")?;
    let entries = list.children()?.all(limits.max_certificates, "certificates")?.len();
    let mut fields = Fields::of(&list, property.notes)?;
    match kind.unsigned()? {
        1 => (0..entries)
            .map(|_| Ok(fields.octets("certificate")?.to_vec()))
            .collect::<Result<_, _>>()
            .map(CertificateList::Certificates),
        2 => (0..entries)
            .map(|_| {
                let mut entry = fields.sequence("CertDigestObj")?;
                let kind = entry.expect(Tag::PRINTABLE_STRING, "CertDigestObj.type")?.text()?;
                let value = entry.octets("CertDigestObj.value")?.to_vec();
                entry.finish("CertDigestObj")?;
                Ok((kind, value))
            })
            .collect::<Result<_, _>>()
            .map(CertificateList::Digests),
        _ => Err(unexpected(
            &kind,
            "property.certListType",
            "1 (certificates) or 2 (digests)",
        )),
    }
}

fn read_picture(fields: &mut Fields<'_, '_>, limits: &Limits) -> Result<Picture, SealError> {
    let mut picture = fields.sequence("picture")?;
    let kind = picture.ia5("picture.type")?;
    let data = picture.octets("picture.data")?;
    if data.len() > limits.max_picture_bytes {
        return Err(SealError::TooLarge {
            what: "the seal's picture",
            found: data.len(),
            limit: limits.max_picture_bytes,
        });
    }
    let width_mm = picture.millimetres("picture.width")?;
    let height_mm = picture.millimetres("picture.height")?;
    picture.finish("picture")?;
    Ok(Picture {
        kind,
        data: data.to_vec(),
        width_mm,
        height_mm,
    })
}

/// `SEQUENCE OF SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue }`, the only thing left in `fields`.
pub(crate) fn read_extensions(fields: &mut Fields<'_, '_>, limits: &Limits) -> Result<Vec<Extension>, SealError> {
    let list = fields.expect(Tag::SEQUENCE, "extDatas")?;
    fields.finish("extDatas")?;
    let count = list.children()?.all(limits.max_extensions, "extensions")?.len();
    let mut entries = Fields::of(&list, fields.notes)?;
    (0..count).map(|_| read_extension(&mut entries)).collect()
}

fn read_extension(entries: &mut Fields<'_, '_>) -> Result<Extension, SealError> {
    let mut entry = entries.sequence("ExtData")?;
    let oid = entry.oid("extnID")?;
    let mut critical = false;
    if entry.peek() == Some(Tag::BOOLEAN) {
        let flag = entry.expect(Tag::BOOLEAN, "critical")?;
        critical = flag.boolean()?;
        if critical {
            entry
                .notes
                .push(Deviation::UnknownCriticalExtension { oid: oid.clone() });
        } else if !entry.notes.contains(&Deviation::ExplicitDefault) {
            entry.notes.push(Deviation::ExplicitDefault);
        }
    }
    let value = entry.octets("extnValue")?.to_vec();
    entry.finish("ExtData")?;
    Ok(Extension { oid, critical, value })
}

/// GM/T 0031-2014 `SES_SignInfo`; its certificate and algorithm are signed together with the info.
fn read_sign_info(source: &[u8], outer: &mut Fields<'_, '_>, info: &[u8]) -> Result<Maker, SealError> {
    let mut value = outer.any("signInfo")?;
    if value.tag == Tag::BIT_STRING {
        outer.notes.push(Deviation::SignInfoWrapped);
        value.bit_string_octets()?;
        // One octet says that no bits are unused; signInfo follows it.
        let mut inside = Reader::within(source, value.content.start + 1..value.content.end);
        value = der(inside.read("signInfo")?, "signInfo")?;
        inside.finish("signInfo")?;
    }
    if value.tag != Tag::SEQUENCE {
        return Err(unexpected(&value, "signInfo", "a SEQUENCE"));
    }
    let mut fields = Fields::of(&value, outer.notes)?;
    let certificate = fields.expect(Tag::OCTET_STRING, "signInfo.cert")?;
    let algorithm = fields.expect(Tag::OBJECT_IDENTIFIER, "signInfo.signatureAlgorithm")?;
    let signature = fields.bits("signInfo.signData")?.to_vec();
    fields.finish("signInfo")?;
    Ok(Maker {
        certificate: certificate.primitive()?.to_vec(),
        algorithm: algorithm.oid()?,
        signature,
        signed_bytes: crate::der::sequence(&[info, certificate.raw_bytes(), algorithm.raw_bytes()]),
    })
}

/// `timeStamp [0] EXPLICIT BIT STRING OPTIONAL`, the last element of V4 signatures, V5 signatures and V5 seals.
pub(crate) fn read_timestamp(fields: &mut Fields<'_, '_>) -> Result<Option<Vec<u8>>, SealError> {
    match fields.peek() {
        None => Ok(None),
        Some(tag) if tag == Tag::context(0) => {
            let tagged = fields.expect(tag, "timeStamp")?;
            let mut inside = Fields::of(&tagged, fields.notes)?;
            let token = inside.bits("timeStamp")?.to_vec();
            inside.finish("timeStamp")?;
            Ok(Some(token))
        }
        Some(_) => {
            fields.notes.push(Deviation::TimestampUntagged);
            Ok(Some(fields.bits("timeStamp")?.to_vec()))
        }
    }
}
