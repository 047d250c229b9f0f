//! A signed PDF: a page of text, two fonts, metadata, the seal and one CMS signature, PAdES for RSA.

use std::fmt::Write as _;

use cinnabar_keys::Signer as _;
use cinnabar_pdf::sign::{Appearance, SignatureField, prepare};
use cinnabar_pki::cms::Dialect;
use cinnabar_pki::write::{Attribute, SignatureAlgorithm, SignedContent, SignedDataBuilder, der};
use cinnabar_sm::sm3;

use crate::Fault;
use crate::credentials::Credentials;
use crate::face::{Fixture, Numbers, deflated};

/// The attribute that binds the seal to the signature.
const SEAL_HASH: &str = "1.3.6.1.4.1.59999.1.2";
const LINES: u32 = 40;

pub fn make(number: usize, fixture: &Fixture, credentials: &Credentials) -> Result<Vec<u8>, Fault> {
    let (algorithm, sub_filter, signing_time) = if credentials.rsa {
        (SignatureAlgorithm::RsaSha256, "ETSI.CAdES.detached", None)
    } else {
        (
            SignatureAlgorithm::Sm2Sm3,
            "adbe.pkcs7.detached",
            Some(credentials.time),
        )
    };
    let message = |content: [u8; 32]| {
        SignedDataBuilder {
            dialect: Dialect::Cms,
            algorithm,
            signer: credentials.certificate.clone(),
            chain: credentials.chain.clone(),
            content: SignedContent::Detached { digest: content },
            signing_time,
            attributes: vec![Attribute {
                oid: SEAL_HASH.to_owned(),
                value: der::octet_string(&digest(credentials.rsa, &[&credentials.seal])),
            }],
        }
        .to_be_signed()
    };
    let field = SignatureField {
        rect_mm: [140.0, 20.0, 42.0, 42.0],
        appearance: Some(Appearance {
            content: "1 0 0 RG 2 w 4 4 111 111 re S".to_owned(),
            width_mm: 42.0,
            height_mm: 42.0,
        }),
        sub_filter: sub_filter.to_owned(),
        reason: Some("签发电子证照 / Issue of an electronic licence".to_owned()),
        time: credentials.time,
        reserve: message([0; 32])?.reserve(0)?,
        seal: Some(credentials.seal.clone()),
        info: fixture.metadata(number),
        ..SignatureField::new("Seal")
    };
    let file = prepare(&draft(number, fixture), &field)?;
    let message = message(digest(credentials.rsa, &file.message()))?;
    let signature = credentials.key.sign(message.message())?;
    Ok(file.finish(&message.assemble(&signature, &[])?)?)
}

fn digest(rsa: bool, parts: &[&[u8]]) -> [u8; 32] {
    if !rsa {
        return sm3::digest(parts.iter().copied());
    }
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// A page with the fonts embedded, its streams compressed.
fn draft(number: usize, fixture: &Fixture) -> Vec<u8> {
    let mut numbers = Numbers::new(number);
    let mut drawing = "BT /F1 9 Tf 12 TL 40 800 Td\n".to_owned();
    for line in 0..LINES {
        let text: String = numbers
            .line(30)
            .encode_utf16()
            .map(|unit| format!("{unit:04X}"))
            .collect();
        // Writing to a string cannot fail.
        let _ = writeln!(drawing, "/F{} 9 Tf <{text}> Tj T*", 1 + line % 2);
    }
    drawing += "ET";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] \
                /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> /Contents 4 0 R >>";
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.as_bytes().to_vec(),
        stream(drawing.as_bytes()),
    ];
    for font in [7, 8] {
        objects.push(format!("<< /Type /Font /Subtype /Type0 /BaseFont /Licence{font} /Encoding /Identity-H /DescendantFonts [{font} 0 R] >>").into());
    }
    for font in [7, 8] {
        objects.push(
            format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Licence{font} /CIDToGIDMap /Identity \
                 /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {} 0 R >>",
                font + 2
            )
            .into(),
        );
    }
    for font in [7, 8] {
        objects.push(
            format!(
                "<< /Type /FontDescriptor /FontName /Licence{font} /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 \
                 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 /FontFile2 {} 0 R >>",
                font + 4
            )
            .into(),
        );
    }
    objects.extend(fixture.fonts.iter().map(|font| stream(font)));
    assembled(&objects)
}

fn stream(data: &[u8]) -> Vec<u8> {
    let packed = deflated(data);
    let head = format!("<< /Filter /FlateDecode /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream"].concat()
}

fn assembled(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let size = objects.len() + 1;
    let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
    for (number, body) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(body);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend(format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// One bit changed inside the first stream.
pub fn tamper(good: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut bad = good.to_vec();
    let at = bad.windows(6).position(|part| part == b"stream").ok_or("no stream")?;
    bad[at + 60] ^= 1;
    Ok(bad)
}
