//! Signed PDFs: a small file written by hand, signed by incremental update, and revisions appended by an attacker.

use cinnabar_pdf::sign::{SignatureField, prepare};
use cinnabar_pki::write::der;
use cinnabar_sm::sm3;

use super::SIGNED_AT;
use super::cms::{self, DATA, SEAL_HASH, SIGNING_TIME};
use super::pki::{Identity, Pki};

const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R >>";

/// One page with one rectangle.
pub fn draft() -> Vec<u8> {
    let drawing = "0 0 1 rg 72 700 100 50 re f";
    let stream = format!("<< /Length {} >>\nstream\n{drawing}\nendstream", drawing.len());
    let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = "xref\n0 5\n0000000000 65535 f \n".to_owned();
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    let tree = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
    for (index, body) in [catalog, tree, PAGE, &stream].iter().enumerate() {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let start = bytes.len();
    bytes.extend(format!("{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    bytes
}

/// How a file is signed; a good sealed PDF by default, each part of which can be left out.
pub struct Signing<'a> {
    pub signer: &'a Identity,
    pub field: &'static str,
    pub seal: Option<Vec<u8>>,
    pub seal_hash: Option<[u8; 32]>,
    pub time: i64,
}

impl<'a> Signing<'a> {
    pub fn good(pki: &'a Pki) -> Self {
        Self {
            signer: &pki.signer,
            field: "Seal",
            seal: Some(pki.seal.clone()),
            seal_hash: Some(sm3::digest([pki.seal.as_slice()])),
            time: SIGNED_AT,
        }
    }

    /// The attributes that the signer signs over a document with this digest.
    pub fn attributes(&self, digest: [u8; 32]) -> Vec<Vec<u8>> {
        let mut all = cms::attributes(DATA, digest);
        all.push(cms::attribute(SIGNING_TIME, der::time(self.time).unwrap()));
        all.push(cms::signing_certificate(self.signer));
        let hash = self
            .seal_hash
            .map(|hash| cms::attribute(SEAL_HASH, der::octet_string(&hash)));
        all.extend(hash);
        all
    }

    /// Signs with a value that `value` makes from the digest of the document.
    pub fn sign_with(&self, pdf: &[u8], value: impl Fn([u8; 32]) -> Vec<u8>) -> Vec<u8> {
        let mut field = SignatureField::new(self.field);
        field.time = self.time;
        field.seal = self.seal.clone();
        field.reserve = 3000;
        let pending = prepare(pdf, &field).unwrap();
        let contents = value(sm3::digest(pending.message()));
        pending.finish(&contents).unwrap()
    }

    pub fn value(&self, digest: [u8; 32]) -> Vec<u8> {
        cms::Plan {
            content_type: DATA,
            content: None,
            certificates: vec![self.signer],
            signers: vec![cms::signer(self.signer, self.attributes(digest))],
        }
        .der()
    }

    pub fn sign(&self, pdf: &[u8]) -> Vec<u8> {
        self.sign_with(pdf, |digest| self.value(digest))
    }

    pub fn document(&self) -> Vec<u8> {
        self.sign(&draft())
    }
}

/// Appends a revision that writes these objects (number, body), as anyone can.
pub fn append(pdf: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    append_with(pdf, objects, "")
}

/// The same with more keys in the trailer.
pub fn append_with(pdf: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(pdf);
    let number = |key: &str| -> usize {
        let rest = &text[text.rfind(key).unwrap() + key.len()..];
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    let (previous, root) = (number("startxref"), number("/Root"));
    let size = number("/Size").max(objects.iter().map(|(n, _)| *n as usize + 1).max().unwrap_or(0));
    let mut bytes = pdf.to_vec();
    let mut table = "xref\n".to_owned();
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = bytes.len();
    let tail = format!(
        "{table}trailer\n<< /Size {size} /Root {root} 0 R /Prev {previous} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    );
    bytes.extend(tail.bytes());
    bytes
}

/// Where the hexadecimal digits of `/Contents` stand.
pub fn contents(pdf: &[u8]) -> std::ops::Range<usize> {
    let key = b"/Contents <";
    let at = pdf.windows(key.len()).rposition(|w| w == key).unwrap() + key.len();
    at..at + pdf[at..].iter().position(|b| *b == b'>').unwrap()
}

/// The signature value without its padding.
pub fn value(pdf: &[u8]) -> Vec<u8> {
    let digits = std::str::from_utf8(&pdf[contents(pdf)]).unwrap();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let length = 4 + usize::from(u16::from_be_bytes([byte(4), byte(6)]));
    (0..length).map(|index| byte(2 * index)).collect()
}
