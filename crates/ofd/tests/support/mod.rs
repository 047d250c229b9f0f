//! Archives and documents made by hand, so that each test can spoil one thing.
#![allow(dead_code, clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::path::PathBuf;

use cinnabar_ofd::read::{self, Ofd};
use cinnabar_ofd::{Limits, Package, PackageError};

pub const NS: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

/// An archive entry with everything an attacker may set apart.
#[derive(Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub stored: Vec<u8>,
    pub size: u32,
    pub local_size: u32,
    pub crc: u32,
    pub flags: u16,
    pub method: u16,
    pub attributes: u32,
    pub extra: Vec<u8>,
    pub descriptor: Vec<u8>,
}

impl Entry {
    pub fn new(name: &str, content: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        Self {
            name: name.into(),
            local_name: name.into(),
            stored: content.to_vec(),
            size: content.len() as u32,
            local_size: content.len() as u32,
            crc: crc.sum(),
            flags: if name.is_ascii() { 0 } else { 0x800 },
            method: 0,
            attributes: 0,
            extra: Vec::new(),
            descriptor: Vec::new(),
        }
    }

    pub fn deflated(name: &str, content: &[u8]) -> Self {
        use std::io::Write;
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        Self {
            stored: encoder.finish().unwrap(),
            method: 8,
            ..Self::new(name, content)
        }
    }

    fn local(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0]);
        let deferred = self.flags & 8 != 0;
        let fields = [self.crc, self.stored.len() as u32, self.local_size];
        out.extend(
            fields
                .iter()
                .flat_map(|v| if deferred { [0; 4] } else { v.to_le_bytes() }),
        );
        out.extend((self.local_name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out.extend(&self.local_name);
        out.extend(&self.stored);
        out.extend(&self.descriptor);
        out
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        let mut out = b"PK\x01\x02\x14\x03\x14\0".to_vec();
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0, 0, 0x21, 0]);
        out.extend(self.crc.to_le_bytes());
        out.extend((self.stored.len() as u32).to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend((self.extra.len() as u16).to_le_bytes());
        out.extend([0; 6]);
        out.extend(self.attributes.to_le_bytes());
        out.extend(offset.to_le_bytes());
        out.extend(&self.name);
        out.extend(&self.extra);
        out
    }
}

pub struct Zip {
    pub entries: Vec<Entry>,
    pub before: Vec<u8>,
    pub between: Vec<u8>,
    pub before_directory: Vec<u8>,
    pub comment: Vec<u8>,
    pub after: Vec<u8>,
    pub count: Option<u16>,
}

impl Zip {
    pub fn new(entries: Vec<Entry>) -> Self {
        let none = Vec::new;
        Self {
            entries,
            before: none(),
            between: none(),
            before_directory: none(),
            comment: none(),
            after: none(),
            count: None,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            if index == 1 {
                out.extend(&self.between);
            }
            directory.extend(entry.central(out.len() as u32));
            out.extend(entry.local());
        }
        out.extend(&self.before_directory);
        let at = out.len() as u32;
        out.extend(&directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        let count = self.count.unwrap_or(self.entries.len() as u16);
        out.extend(count.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend((directory.len() as u32).to_le_bytes());
        out.extend(at.to_le_bytes());
        out.extend((self.comment.len() as u16).to_le_bytes());
        out.extend(&self.comment);
        out.extend(&self.after);
        out
    }
}

/// The files of a small document with one of everything that can be referred to.
pub fn files() -> Vec<(String, String)> {
    let list: &[(&str, String)] = &[
        (
            "OFD.xml",
            format!(
                "<ofd:OFD {NS} Version=\"1.0\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>00</ofd:DocID>\
                 <ofd:Title>T</ofd:Title><ofd:Cover>Doc_0/Res/cover.png</ofd:Cover><ofd:CustomDatas>\
                 <ofd:CustomData Name=\"a\">1</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo>\
                 <ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Versions>\
                 <ofd:Version ID=\"v1\" Index=\"1\" BaseLoc=\"Doc_0/Versions/V.xml\"/></ofd:Versions>\
                 <ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>"
            ),
        ),
        (
            "Doc_0/Document.xml",
            format!(
                "<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea>\
                 <ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>\
                 <ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>\
                 <ofd:TemplatePage ID=\"2\" BaseLoc=\"Tpls/Tpl_0/Content.xml\"/></ofd:CommonData>\
                 <ofd:Pages><ofd:Page ID=\"1\" BaseLoc=\"Pages/Page_0/Content.xml\"/></ofd:Pages>\
                 <ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>\
                 <ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>\
                 <ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>\
                 <ofd:Extensions>Extensions.xml</ofd:Extensions></ofd:Document>"
            ),
        ),
        (
            "Doc_0/PublicRes.xml",
            format!(
                "<ofd:Res {NS} BaseLoc=\"Res\"><ofd:ColorSpaces><ofd:ColorSpace ID=\"3\" Type=\"RGB\" \
                 Profile=\"p.icc\"/></ofd:ColorSpaces><ofd:Fonts><ofd:Font ID=\"4\" FontName=\"F\">\
                 <ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts></ofd:Res>"
            ),
        ),
        (
            "Doc_0/DocumentRes.xml",
            format!(
                "<ofd:Res {NS} BaseLoc=\"Res\"><ofd:MultiMedias><ofd:MultiMedia ID=\"5\" Type=\"Image\">\
                 <ofd:MediaFile>m.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
            ),
        ),
        (
            "Doc_0/Pages/Page_0/Content.xml",
            format!(
                "<ofd:Page {NS}><ofd:Template TemplateID=\"2\"/><ofd:PageRes>PageRes.xml</ofd:PageRes>\
                 <ofd:Area><ofd:PhysicalBox>0 0 100 50</ofd:PhysicalBox></ofd:Area></ofd:Page>"
            ),
        ),
        (
            "Doc_0/Pages/Page_0/PageRes.xml",
            format!(
                "<ofd:Res {NS} BaseLoc=\"Res\"><ofd:MultiMedias><ofd:MultiMedia ID=\"6\" Type=\"Image\">\
                 <ofd:MediaFile>page.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
            ),
        ),
        ("Doc_0/Tpls/Tpl_0/Content.xml", format!("<ofd:Page {NS}/>")),
        (
            "Doc_0/Annots/Annotations.xml",
            format!(
                "<ofd:Annotations {NS}><ofd:Page PageID=\"1\"><ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc>\
                 </ofd:Page></ofd:Annotations>"
            ),
        ),
        ("Doc_0/Annots/Page_0/Annotation.xml", format!("<ofd:PageAnnot {NS}/>")),
        (
            "Doc_0/Tags/CustomTags.xml",
            format!(
                "<ofd:CustomTags {NS}><ofd:CustomTag NameSpace=\"n\"><ofd:SchemaLoc>t.xsd</ofd:SchemaLoc>\
                 <ofd:FileLoc>t.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>"
            ),
        ),
        (
            "Doc_0/Attachs/Attachments.xml",
            format!(
                "<ofd:Attachments {NS}><ofd:Attachment ID=\"a\" Name=\"a\"><ofd:FileLoc>a.xml</ofd:FileLoc>\
                 </ofd:Attachment></ofd:Attachments>"
            ),
        ),
        (
            "Doc_0/Extensions.xml",
            format!(
                "<ofd:Extensions {NS}><ofd:Extension AppName=\"x\" RefId=\"1\"><ofd:ExtendData>x.dat\
                 </ofd:ExtendData></ofd:Extension></ofd:Extensions>"
            ),
        ),
        (
            "Doc_0/Versions/V.xml",
            format!(
                "<ofd:DocVersion {NS} ID=\"v1\"><ofd:FileList><ofd:File ID=\"1\">old.dat</ofd:File>\
                 <ofd:File ID=\"2\">/Doc_0/Document.xml</ofd:File></ofd:FileList>\
                 <ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocVersion>"
            ),
        ),
        (
            "Doc_0/Signs/Signatures.xml",
            format!(
                "<ofd:Signatures {NS}><ofd:MaxSignId>2</ofd:MaxSignId><ofd:Signature ID=\"1\" Type=\"Seal\" \
                 BaseLoc=\"/Doc_0/Signs/Sign_0/Signature.xml\"/></ofd:Signatures>"
            ),
        ),
        (
            "Doc_0/Signs/Sign_0/Signature.xml",
            format!(
                "<ofd:Signature {NS}><ofd:SignedInfo><ofd:Provider ProviderName=\"p\"/>\
                 <ofd:References CheckMethod=\"1.2.156.10197.1.401\"><ofd:Reference FileRef=\"/OFD.xml\">\
                 <ofd:CheckValue>{}</ofd:CheckValue></ofd:Reference></ofd:References>\
                 <ofd:StampAnnot ID=\"2\" PageRef=\"1\" Boundary=\"1 2 3 4\"/>\
                 <ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>\
                 <ofd:SignedValue>SignedValue.dat</ofd:SignedValue></ofd:Signature>",
                CHECK
            ),
        ),
    ];
    let mut files: Vec<(String, String)> = list
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.clone()))
        .collect();
    for name in [
        "Doc_0/Res/cover.png",
        "Doc_0/Res/p.icc",
        "Doc_0/Res/f.ttf",
        "Doc_0/Res/m.png",
        "Doc_0/Pages/Page_0/Res/page.png",
        "Doc_0/Tags/t.xsd",
        "Doc_0/Tags/t.xml",
        "Doc_0/Attachs/a.xml",
        "Doc_0/x.dat",
        "Doc_0/Versions/old.dat",
        "Doc_0/Signs/Sign_0/Seal.esl",
        "Doc_0/Signs/Sign_0/SignedValue.dat",
    ] {
        files.push((name.to_owned(), name.to_owned()));
    }
    files
}

/// Base64 of 32 zero bytes.
pub const CHECK: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub fn pack(files: &[(String, String)]) -> Vec<u8> {
    Zip::new(
        files
            .iter()
            .map(|(name, text)| Entry::new(name, text.as_bytes()))
            .collect(),
    )
    .bytes()
}

/// The small document with one replacement in one file.
pub fn with(file: &str, from: &str, to: &str) -> Vec<u8> {
    let mut files = files();
    let (_, text) = files.iter_mut().find(|(name, _)| name == file).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    *text = text.replacen(from, to, 1);
    pack(&files)
}

pub fn read_bytes(bytes: &[u8]) -> Result<Ofd, PackageError> {
    let limits = Limits::default();
    read::read(&Package::open(bytes, &limits)?, &limits)
}

/// Codes of all deviations, sorted, each once; a fatal one ends in `!`.
pub fn codes(ofd: &Ofd) -> Vec<String> {
    let mut codes: Vec<_> = ofd
        .all_deviations()
        .map(|d| format!("{}{}", d.code, if d.fatal { "!" } else { "" }))
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

pub fn samples() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples/ofd");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}
