//! Files made to hurt: encrypted, empty, endless, circular or huge. Each gets its verdict, soon and without a panic.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use cinnabar_verify::codes::Code;
use cinnabar_verify::extract::Unreadable;
use cinnabar_verify::{Context, Engine, Limits, Report, policy, verify_batch};
use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

use crate::support::zip::{Entries, content, replace, text, unzip, zip, zip_with};
use crate::support::*;

/// Not even the worst file may take longer, on a slow machine and without optimisation.
const SOON: Duration = Duration::from_secs(8);

fn soon(bytes: &[u8]) -> Report {
    let start = Instant::now();
    let report = verify(bytes);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    assert!(!report.verdict.is_passed(), "{}", told(&report));
    report
}

/// A PDF of these objects, numbered from 1, the first of which is the catalogue.
fn objects(bodies: &[String], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", bodies.len() + 1);
    for (index, body) in bodies.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", bytes.len()).unwrap();
        bytes.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let start = bytes.len();
    let size = bodies.len() + 1;
    bytes.extend(format!("{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n").bytes());
    bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    bytes
}

fn of(bodies: &[&str]) -> Vec<u8> {
    let bodies: Vec<String> = bodies.iter().map(|body| (*body).to_owned()).collect();
    objects(&bodies, "")
}

#[test]
fn nothing_and_noise_are_no_documents() {
    let noise: Vec<u8> = (0..10_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for bytes in [
        &b""[..],
        b"x",
        b"text\n",
        b"%PDF-",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x30",
        b"\x30\x80",
        &noise,
    ] {
        failed(&soon(bytes), "FORMAT_FAILURE");
    }
}

#[test]
fn an_encrypted_package_cannot_be_judged() {
    undetermined(&soon(&zip_with(&unzip(&OFD), 1)), "ENCRYPTED");
}

#[test]
fn an_encrypted_pdf_cannot_be_judged() {
    let encrypt = "/Encrypt << /Filter /Standard /V 1 /R 2 /O (a) /U (b) /P -4 >> /ID [<00> <00>]";
    let bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [] /Count 0 >>",
    ]
    .map(str::to_owned);
    undetermined(&soon(&objects(&bodies, encrypt)), "ENCRYPTED");
    assert_eq!(
        soon(&pdf::append_with(&PDF, &[], encrypt)).verdict.as_str(),
        "INDETERMINATE"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_undetermined() {
    let context = Context::new(Some(&TRUST), &policy::DOCUMENT, AT);
    let lost = || Err(Unreadable::new(Code::IoError, "no such file"));
    let documents = [
        ("lost".to_owned(), lost()),
        ("good".to_owned(), Ok(OFD.as_slice().into())),
        ("also lost".to_owned(), lost()),
    ];
    let reports = verify_batch(&documents, &context, &Limits::default(), &Engine::new());
    undetermined(&reports[0], "IO_ERROR");
    passed(&reports[1]);
    undetermined(&reports[2], "IO_ERROR");
    assert_eq!(
        reports.iter().map(|r| r.file.as_str()).collect::<Vec<_>>(),
        ["lost", "good", "also lost"]
    );
}

#[test]
fn a_file_beyond_the_limit_is_undetermined() {
    let limits = Limits {
        document_bytes: 1000,
        ..Limits::default()
    };
    let context = Context::new(Some(&TRUST), &policy::DOCUMENT, AT);
    let report = cinnabar_verify::verify_one("big", &OFD.as_slice().into(), &context, &limits, &Engine::new());
    undetermined(&report, "LIMIT_EXCEEDED");
}

/// One deflated entry of zeros, stated as `stated` bytes.
fn bomb(size: usize, stated: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let mut crc = flate2::Crc::new();
    let zeros = vec![0; 1 << 20];
    for _ in 0..size >> 20 {
        encoder.write_all(&zeros).unwrap();
        crc.update(&zeros);
    }
    let packed = encoder.finish().unwrap();
    let mut common = vec![0, 0, 8, 0, 0, 0, 0x21, 0];
    common.extend(crc.sum().to_le_bytes());
    common.extend((packed.len() as u32).to_le_bytes());
    common.extend(stated.to_le_bytes());
    common.extend([7, 0, 0, 0]);
    let mut out = b"PK\x03\x04\x14\x00".to_vec();
    out.extend(&common);
    out.extend(b"OFD.xml");
    out.extend(&packed);
    let start = out.len();
    out.extend(b"PK\x01\x02\x14\x00\x14\x00");
    out.extend(&common);
    out.extend([0; 14]);
    out.extend(b"OFD.xml");
    let length = out.len() - start;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend((length as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn a_package_that_swells_is_stopped() {
    for stated in [300 << 20, 1 << 10, u32::MAX - 1] {
        let report = soon(&bomb(300 << 20, stated));
        assert!(report.signatures.is_empty());
    }
}

#[test]
fn a_stream_that_swells_is_stopped() {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let packed = encoder.finish().unwrap();
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let start = bytes.len();
    let head = "1 0 obj\n<< /Type /XRef /Size 9000000 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode";
    bytes.extend(format!("{head} /Length {} >>\nstream\n", packed.len()).bytes());
    bytes.extend(packed);
    bytes.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    soon(&bytes);
}

fn with_page(xml: String) -> Report {
    let mut entries = unzip(&OFD);
    *content(&mut entries, "Content.xml") = xml.into_bytes();
    soon(&zip(&entries))
}

#[test]
fn deep_and_endless_xml_is_stopped() {
    let ns = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";
    for depth in [500, 200_000] {
        with_page(format!(
            "<ofd:Page {ns}>{}{}</ofd:Page>",
            "<ofd:a>".repeat(depth),
            "</ofd:a>".repeat(depth)
        ));
    }
    with_page(format!("<ofd:Page {ns}>{}", "<ofd:a>".repeat(100_000)));
    let laughs = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    with_page(format!("{laughs}<ofd:Page {ns}>&b;</ofd:Page>"));
    let external = "<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    with_page(format!("{external}<ofd:Page {ns}>&a;</ofd:Page>"));
}

#[test]
fn an_entity_in_the_main_file_is_refused() {
    let mut entries = unzip(&OFD);
    replace(
        &mut entries,
        "OFD.xml",
        "<ofd:OFD",
        "<!DOCTYPE a [<!ENTITY a \"1\">]><ofd:OFD",
    );
    assert_eq!(soon(&zip(&entries)).verdict.as_str(), "FAILED");
}

#[test]
fn names_that_leave_the_package_are_refused() {
    for name in [
        "../evil.xml",
        "/etc/passwd",
        "C:\\evil.xml",
        "a/../../b.xml",
        "Doc_0/\0.xml",
    ] {
        let mut entries = unzip(&OFD);
        entries.push((name.to_owned(), b"<x/>".to_vec()));
        soon(&zip(&entries));
    }
    let mut entries = unzip(&OFD);
    replace(
        &mut entries,
        "Document.xml",
        "Pages/Page_0/Content.xml",
        "../../../Pages/Content.xml",
    );
    assert_eq!(soon(&zip(&entries)).verdict.as_str(), "FAILED");
}

#[test]
fn a_package_of_very_many_entries_is_stopped() {
    let mut entries: Entries = unzip(&OFD);
    entries.extend((0..40_000).map(|n| (format!("x/{n}"), Vec::new())));
    soon(&zip(&entries));
}

#[test]
fn very_many_signatures_are_stopped() {
    let mut entries = unzip(&OFD);
    let list = text(&mut entries, "Signatures.xml");
    let start = list.find("<ofd:Signature ").unwrap();
    let end = start + list[start..].find("/>").unwrap() + 2;
    let one = list[start..end].to_owned();
    let many = one.repeat(20_000);
    *content(&mut entries, "Signatures.xml") = list.replacen(&one, &many, 1).into_bytes();
    soon(&zip(&entries));
}

#[test]
fn circular_pdfs_are_stopped() {
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    for bodies in [
        [catalog, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>", "null"],
        [
            catalog,
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
        ],
        [catalog, "2 0 R", "null"],
        [catalog, "3 0 R", "2 0 R"],
        [
            "<< /Type /Catalog /Pages 2 0 R /AcroForm 3 0 R >>",
            "<< /Type /Pages /Kids [] >>",
            "<< /Fields [3 0 R] /Kids [3 0 R] /Parent 3 0 R >>",
        ],
        [
            catalog,
            "<< /Type /Pages /Kids [] >>",
            "<< /Length 3 0 R >>\nstream\nabc\nendstream",
        ],
    ] {
        soon(&of(&bodies));
    }
    let looped = String::from_utf8(of(&[catalog, "<< /Type /Pages /Kids [] >>"])).unwrap();
    let start: usize = looped
        .rsplit("startxref\n")
        .next()
        .unwrap()
        .split('\n')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    soon(
        looped
            .replace("/Root 1 0 R", &format!("/Root 1 0 R /Prev {start}"))
            .as_bytes(),
    );
}

#[test]
fn deep_pdf_objects_are_stopped() {
    for (open, close) in [("[", "]"), ("<< /A ", ">>"), ("(", ")")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        soon(&of(&[
            "<< /Type /Catalog /Pages 2 0 R /X 3 0 R >>",
            "<< /Type /Pages /Kids [] >>",
            &deep,
        ]));
        soon(&of(&["<< /Type /Catalog /Pages 2 0 R >>", &deep]));
    }
}

#[test]
fn deep_values_are_stopped() {
    let mut deep = Vec::new();
    for _ in 0..2000 {
        deep = cinnabar_pki::write::der::element(0x30, &deep);
    }
    soon(&deep);
    soon(&[0x30, 0x80].repeat(50_000));
    let mut entries = unzip(&OFD);
    *content(&mut entries, "SignedValue.dat") = deep;
    assert_eq!(soon(&zip(&entries)).verdict.as_str(), "FAILED");
}

#[test]
fn a_value_with_very_many_certificates_is_stopped() {
    let signing = pdf::Signing {
        seal: None,
        seal_hash: None,
        ..pdf::Signing::good(&PKI)
    };
    let crowd: Vec<_> = (0..100)
        .map(|_| pki::Plan::authority("Organisation CA", 9).self_signed())
        .collect();
    let mut field = cinnabar_pdf::sign::SignatureField::new("Seal");
    field.time = SIGNED_AT;
    field.reserve = 90_000;
    let pending = cinnabar_pdf::sign::prepare(&pdf::draft(), &field).unwrap();
    let digest = cinnabar_sm::sm3::digest(pending.message());
    let value = cms::Plan {
        content_type: cms::DATA,
        content: None,
        certificates: crowd.iter().chain([&PKI.signer]).collect(),
        signers: vec![cms::signer(&PKI.signer, signing.attributes(digest))],
    };
    soon(&pending.finish(&value.der()).unwrap());
}

#[test]
fn a_seal_or_a_value_without_its_document_is_told_apart() {
    let mut entries = unzip(&OFD);
    let value = content(&mut entries, "SignedValue.dat").clone();
    undetermined(&soon(&value), "SIGNED_DATA_NOT_FOUND");
    let report = verify(&PKI.seal);
    passed(&report);
    assert_eq!(serde_json::to_value(&report).unwrap()["kind"], "SEAL");
    let stranger = pki::Pki::new();
    undetermined(&soon(&stranger.seal), "SEAL_MAKER_UNTRUSTED");
}

/// Numbers that only look like chance, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    /// Changes, takes out, doubles and turns round bytes among the first `limit`.
    fn damage(&mut self, bytes: &mut Vec<u8>, limit: usize) {
        for _ in 0..=self.below(3) {
            let at = self.below(limit.min(bytes.len() - 40));
            let length = 1 + self.below(30);
            match self.below(4) {
                0 => bytes[at] ^= 1 << self.below(7),
                1 => drop(bytes.drain(at..at + length)),
                2 => drop(bytes.splice(at..at, bytes[at..at + length].to_vec())),
                _ => bytes[at..at + length].reverse(),
            }
        }
    }
}

#[test]
fn random_damage_never_passes() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let signed = pdf::contents(&PDF).start - 300;
    let entries = unzip(&OFD);
    let covered: Vec<usize> = (0..entries.len())
        .filter(|index| !entries[*index].0.ends_with("Signatures.xml") && entries[*index].1.len() > 300)
        .collect();
    for _ in 0..1000 {
        let mut changed = PDF.clone();
        dice.damage(&mut changed, signed);
        if changed != *PDF {
            soon(&changed);
        }
        let mut changed = entries.clone();
        let index = covered[dice.below(covered.len())];
        dice.damage(&mut changed[index].1, usize::MAX);
        if changed != entries {
            soon(&zip(&changed));
        }
    }
}
