//! Signed OFD packages, and packages that their own signer made wrong on purpose.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cinnabar_ofd::Limits;
use cinnabar_ofd::sign::{Digest, Provider, Request, SealPlacement, SignatureKind, prepare};
use cinnabar_ofd::write::{Attachment, Document, Object, Page, PathCommand, PathObject, build};
use cinnabar_sm::sm3;

use super::pki::{Identity, Pki};
use super::zip::{Entries, content, text, unzip, zip};
use super::{SIGNED_AT, seal};

/// An unsigned page with outlines, metadata and an attachment.
pub fn draft(custom_data: &[(&str, &str)]) -> Vec<u8> {
    use PathCommand::{C, L, M};
    let mut document = Document::new("0123456789abcdef0123456789abcdef", "Test", "2026-09-01");
    document.custom_data = custom_data
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    document.pages.push(Page {
        width_mm: 210.0,
        height_mm: 297.0,
        objects: vec![Object::Path(PathObject {
            commands: vec![M(10.0, 10.0), L(50.0, 10.0), L(30.0, 40.0), C],
            fill: Some([10, 20, 30, 255]),
            ..PathObject::default()
        })],
    });
    document.attachments.push(Attachment {
        name: "data".to_owned(),
        format: "xml".to_owned(),
        data: b"<data>1</data>".to_vec(),
        visible: true,
    });
    build(&document).unwrap().bytes
}

/// How a package is signed.
pub struct Signing<'a> {
    pub signer: &'a Identity,
    pub seal: &'a [u8],
    pub time: i64,
    pub stamp: Option<seal::Stamper<'a>>,
}

impl<'a> Signing<'a> {
    pub fn good(pki: &'a Pki) -> Self {
        Self {
            signer: &pki.signer,
            seal: &pki.seal,
            time: SIGNED_AT,
            stamp: None,
        }
    }

    pub fn at(mut self, time: i64) -> Self {
        self.time = time;
        self
    }

    pub fn value(&self, data_hash: [u8; 32], path: &str) -> Vec<u8> {
        seal::value(self.signer, self.seal, self.time, data_hash, path, self.stamp)
    }

    /// Adds a seal signature to a package.
    pub fn sign(&self, package: &[u8]) -> Vec<u8> {
        let stamps = [SealPlacement {
            page: 0,
            boundary: [150.0, 240.0, 42.0, 42.0],
            clip: None,
        }];
        let request = Request {
            kind: SignatureKind::Seal,
            stamps: &stamps,
            seal: Some(self.seal),
            method: "1.2.156.10197.1.501",
            digest: Digest::Sm3,
            time: self.time,
            provider: Provider::default(),
        };
        let pending = prepare(package, &request, &Limits::default()).unwrap();
        let value = self.value(pending.data_hash, &pending.property_info);
        pending.finish(&value, &Limits::default()).unwrap()
    }

    pub fn document(&self) -> Vec<u8> {
        self.sign(&draft(&[]))
    }

    /// The package after its signer changed `entries`, made every digest that is still listed right again, changed
    /// `Signature.xml` and signed it: what only the owner of the key can make.
    pub fn forge(&self, entries: &mut Entries, edit: impl Fn(String) -> String) -> Vec<u8> {
        let xml = edit(rehashed(entries));
        let path = entries
            .iter()
            .find(|(name, _)| name.ends_with("Signature.xml"))
            .unwrap();
        let value = self.value(sm3::digest([xml.as_bytes()]), &format!("/{}", path.0));
        *content(entries, "Signature.xml") = xml.into_bytes();
        *content(entries, "SignedValue.dat") = value;
        zip(entries)
    }

    /// Like [`Signing::forge`], from a good document.
    pub fn forged(&self, change: impl Fn(&mut Entries), edit: impl Fn(String) -> String) -> Vec<u8> {
        let mut entries = unzip(&self.document());
        change(&mut entries);
        self.forge(&mut entries, edit)
    }
}

/// `Signature.xml` with the digests that the entries have now.
fn rehashed(entries: &mut Entries) -> String {
    let mut xml = text(entries, "Signature.xml");
    for (name, content) in entries.iter() {
        let Some(at) = xml.find(&format!("FileRef=\"/{name}\"")) else {
            continue;
        };
        let start = at + xml[at..].find("CheckValue>").unwrap() + "CheckValue>".len();
        let end = start + xml[start..].find('<').unwrap();
        xml.replace_range(start..end, &BASE64.encode(sm3::digest([content.as_slice()])));
    }
    xml
}

/// Takes the `Reference` of an entry out of `Signature.xml`.
pub fn without_reference(xml: String, ending: &str) -> String {
    let at = xml
        .find(&format!("{ending}\""))
        .unwrap_or_else(|| panic!("{ending} is not in {xml}"));
    let start = xml[..at].rfind("<ofd:Reference ").unwrap();
    let end = start + xml[start..].find("</ofd:Reference>").unwrap() + "</ofd:Reference>".len();
    let mut shorter = xml;
    shorter.replace_range(start..end, "");
    shorter
}

/// The first `Reference` element of `Signature.xml`.
pub fn first_reference(xml: &str) -> String {
    let start = xml.find("<ofd:Reference ").unwrap();
    let end = start + xml[start..].find("</ofd:Reference>").unwrap() + "</ofd:Reference>".len();
    xml[start..end].to_owned()
}
