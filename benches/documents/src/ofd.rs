//! A sealed OFD: a page of text and ruling, two fonts, metadata, one SES V4 signature.

use std::io::{Cursor, Read as _, Write as _};

use cinnabar_keys::Signer as _;
use cinnabar_ofd::Limits;
use cinnabar_ofd::sign::{Digest, Provider, Request, SealPlacement, SignatureKind, prepare};
use cinnabar_ofd::write::{Document, Font, Object, Page, PathCommand, PathObject, TextCode, TextObject, build};
use cinnabar_seal::make::{SM2_WITH_SM3, SignatureRequest};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::Fault;
use crate::credentials::Credentials;
use crate::face::{Fixture, Numbers};

const LINES: u32 = 66;
const PAGE: &str = "Doc_0/Pages/Page_0/Content.xml";

pub fn make(number: usize, fixture: &Fixture, credentials: &Credentials) -> Result<Vec<u8>, Fault> {
    let draft = build(&document(number, fixture))?.bytes;
    let stamps = [SealPlacement {
        page: 0,
        boundary: [220.0, 140.0, 42.0, 42.0],
        clip: None,
    }];
    let request = Request {
        kind: SignatureKind::Seal,
        stamps: &stamps,
        seal: Some(&credentials.seal),
        method: SM2_WITH_SM3,
        digest: Digest::Sm3,
        time: credentials.time,
        provider: Provider::default(),
    };
    let pending = prepare(&draft, &request, &Limits::default())?;
    let tbs = SignatureRequest {
        seal: &credentials.seal,
        time: credentials.time,
        data_hash: pending.data_hash,
        property_info: &pending.property_info,
    }
    .to_be_signed()?;
    let signature = credentials.key.sign(&tbs)?;
    let value = SignatureRequest::finish(&tbs, &credentials.certificate, SM2_WITH_SM3, &signature, None)?;
    Ok(pending.finish(&value, &Limits::default())?)
}

fn document(number: usize, fixture: &Fixture) -> Document {
    let mut numbers = Numbers::new(number);
    let mut document = Document::new(&format!("{number:032x}"), "营业执照", "2026-09-01");
    document.custom_data = fixture.metadata(number);
    document.fonts = fixture
        .fonts
        .iter()
        .zip(1u32..)
        .map(|(data, id)| Font {
            id,
            name: format!("Licence{id}"),
            family: "Licence".to_owned(),
            data: data.clone(),
        })
        .collect();
    let mut objects = Vec::new();
    for line in 0..LINES {
        let y = 10.0 + 3.0 * f64::from(line);
        objects.push(Object::Path(PathObject {
            commands: vec![
                PathCommand::M(10.0, y),
                PathCommand::L(200.0 + f64::from(numbers.below(80)), y),
            ],
            stroke: Some([140, 120, 90, 255]),
            line_width: 0.1,
            ..PathObject::default()
        }));
        let text = numbers.line(20);
        objects.push(Object::Text(TextObject {
            font: 1 + line % 2,
            size_mm: 2.8,
            fill: [20, 20, 20, 255],
            transform: None,
            x: 12.0,
            y: y + 2.6,
            codes: vec![TextCode {
                delta_x: vec![2.8; text.chars().count() - 1],
                text,
                delta_y: Vec::new(),
            }],
            glyphs: Vec::new(),
            name: None,
        }));
    }
    document.pages.push(Page {
        width_mm: 297.0,
        height_mm: 210.0,
        objects,
    });
    document
}

/// One bit of the first page's last character changed; every other entry as it was, and the archive in order.
pub fn tamper(good: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(good))?;
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let name = file.name()?.into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        if name == PAGE {
            let end = b"</ofd:TextCode>";
            let at = content
                .windows(end.len())
                .rposition(|part| part == end)
                .ok_or("no text")?;
            content[at - 1] ^= 1;
        }
        changed.start_file(name, SimpleFileOptions::default())?;
        changed.write_all(&content)?;
    }
    Ok(changed.finish()?.into_inner())
}
