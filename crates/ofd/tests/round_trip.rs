//! Written, signed and read back: everything that is shown is covered, and nothing else changes.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

mod support;

use std::collections::BTreeSet;

use cinnabar_ofd::read::{self, DocBody, Ofd};
use cinnabar_ofd::sign::{self, Digest, Provider, Request, SealPlacement, SignError, SignatureKind, ToBeSigned};
use cinnabar_ofd::write::{
    Attachment, Document, FieldTag, Font, Image, ImageFormat, ImageObject, Object, Page, PathCommand, PathObject,
    TextCode, TextObject, WriteError, build,
};
use cinnabar_ofd::{Limits, Package};
use support::{codes, files, pack, read_bytes, samples, with};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn text(x: f64, y: f64, content: &str, name: Option<&str>) -> TextObject {
    let characters = content.chars().count();
    TextObject {
        font: 7,
        size_mm: 5.0,
        fill: [10, 20, 30, 255],
        transform: None,
        x,
        y,
        codes: vec![TextCode {
            text: content.into(),
            delta_x: vec![5.0; characters],
            delta_y: vec![],
        }],
        glyphs: (1..=characters as u16).collect(),
        name: name.map(str::to_owned),
    }
}

fn document() -> Document {
    let mut document = Document::new(
        "0123456789abcdef0123456789ABCDEF",
        "营业执照 <副本> & \"x\"",
        "2026-01-02",
    );
    document.custom_data = vec![("名称".into(), "某某 & 公司".into()), ("empty".into(), String::new())];
    document.fonts = vec![Font {
        id: 7,
        name: "Noto".into(),
        family: "Noto 宋".into(),
        data: b"OTTOdata".to_vec(),
    }];
    document.images = vec![Image {
        id: 7,
        format: ImageFormat::Png,
        data: PNG.to_vec(),
    }];
    let path = PathObject {
        commands: vec![
            PathCommand::M(10.0, 10.0),
            PathCommand::L(20.0, 10.0),
            PathCommand::Q(25.0, 15.0, 20.0, 20.0),
            PathCommand::B(15.0, 25.0, 12.0, 25.0, 10.0, 20.0),
            PathCommand::C,
        ],
        fill: Some([200, 0, 0, 128]),
        stroke: Some([0, 0, 0, 255]),
        line_width: 0.5,
        transform: Some([0.0, 1.0, -1.0, 0.0, 100.0, 0.0]),
        dash: vec![1.0, 0.5],
        even_odd: true,
    };
    let image = ImageObject {
        image: 7,
        boundary: [50.0, 60.0, 30.0, 20.0],
        transform: None,
    };
    let mut turned = text(0.0, 0.0, "竖排", None);
    turned.transform = Some([0.0, 1.0, -1.0, 0.0, 180.0, 40.0]);
    let objects = vec![
        Object::Text(text(30.0, 40.0, "统一社会信用代码", Some("统一社会信用代码"))),
        Object::Text(text(30.0, 50.0, "第二行", Some("统一社会信用代码"))),
        Object::Path(path),
        Object::Image(image),
        Object::Text(turned),
        Object::Text(text(30.0, 60.0, "a<b>&c", Some("field 2"))),
    ];
    document.pages = vec![
        Page {
            width_mm: 297.0,
            height_mm: 210.0,
            objects,
        },
        Page {
            width_mm: 210.0,
            height_mm: 297.0,
            objects: vec![Object::Text(text(1.0, 2.0, "页", None))],
        },
    ];
    document.field_tags = vec![FieldTag {
        name: "页码".into(),
        page: 1,
        object: 0,
    }];
    document.attachments = vec![Attachment {
        name: "数据".into(),
        format: "xml".into(),
        data: b"<a/>".to_vec(),
        visible: false,
    }];
    document
}

fn request<'a>(stamps: &'a [SealPlacement], seal: Option<&'a [u8]>) -> Request<'a> {
    Request {
        kind: if seal.is_some() {
            SignatureKind::Seal
        } else {
            SignatureKind::Sign
        },
        stamps,
        seal,
        method: "1.2.156.10197.1.501",
        digest: Digest::Sm3,
        time: 1_767_312_000,
        provider: Provider::default(),
    }
}

const STAMP: SealPlacement = SealPlacement {
    page: 0,
    boundary: [200.5, 150.0, 42.0, 42.0],
    clip: None,
};

fn seal_it(package: &[u8], stamps: &[SealPlacement], seal: &[u8]) -> Vec<u8> {
    let limits = Limits::default();
    sign::prepare(package, &request(stamps, Some(seal)), &limits)
        .unwrap()
        .finish(b"value", &limits)
        .unwrap()
}

fn entry(bytes: &[u8], name: &str) -> String {
    let package = Package::open(bytes, &Limits::default()).unwrap();
    String::from_utf8(package.entry(name).unwrap_or_else(|| panic!("{name}")).to_vec()).unwrap()
}

/// What a signature leaves out of the closure.
fn open_files(body: &DocBody, signature: usize) -> Vec<&str> {
    let references = &body.signatures[signature].references;
    let covered: BTreeSet<&str> = references.iter().filter_map(|r| r.path.as_deref()).collect();
    body.reachable
        .iter()
        .map(|r| r.path.as_str())
        .filter(|path| !covered.contains(path))
        .collect()
}

fn read_clean(bytes: &[u8]) -> Ofd {
    let ofd = read_bytes(bytes).unwrap();
    assert_eq!(
        codes(&ofd),
        Vec::<String>::new(),
        "{:?}",
        ofd.all_deviations().collect::<Vec<_>>()
    );
    assert_eq!(ofd.unreachable, Vec::<String>::new());
    ofd
}

#[test]
fn a_written_document_reads_back() {
    let document = document();
    let draft = build(&document).unwrap();
    let ofd = read_clean(&draft.bytes);
    let body = &ofd.bodies[0];
    assert_eq!(body.doc_id, document.doc_id);
    assert_eq!(body.title.as_deref(), Some(document.title.as_str()));
    assert_eq!(body.custom_data, document.custom_data);
    assert_eq!(body.creation_date.as_deref(), Some("2026-01-02"));
    assert_eq!(
        body.pages.iter().map(|p| p.size.unwrap()).collect::<Vec<_>>(),
        [[0.0, 0.0, 297.0, 210.0], [0.0, 0.0, 210.0, 297.0]]
    );
    assert_eq!(
        body.pages.iter().map(|p| p.id.clone()).collect::<Vec<_>>(),
        draft.page_ids.iter().map(u32::to_string).collect::<Vec<_>>()
    );
    assert!(draft.bytes[30..].starts_with(b"OFD.xml"), "OFD.xml is the first entry");
    assert_eq!(
        draft,
        build(&document).unwrap(),
        "the same document gives the same bytes"
    );
}

#[test]
fn text_is_text_and_every_id_is_its_own() {
    let draft = build(&document()).unwrap();
    let content = entry(&draft.bytes, "Doc_0/Pages/Page_0/Content.xml");
    for expected in [
        "统一社会信用代码</ofd:TextCode>",
        "a&lt;b&gt;&amp;c",
        "CodeCount=\"8\" GlyphCount=\"8\"",
        "<ofd:Glyphs>1 2 3 4 5 6 7 8<",
        "DeltaX=\"5 5 5 5 5 5 5\"",
        "Rule=\"Even-Odd\"",
        "Alpha=\"128\"",
        "DashPattern=\"1 0.5\"",
        "Name=\"统一社会信用代码\"",
    ] {
        assert!(content.contains(expected), "{expected}\n{content}");
    }
    let package = Package::open(&draft.bytes, &Limits::default()).unwrap();
    let mut ids = Vec::new();
    for name in package
        .names()
        .iter()
        .filter(|name| name.ends_with(".xml") && !name.contains("Attach"))
    {
        let text = entry(&draft.bytes, name);
        let found = text
            .split(" ID=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse::<u32>().unwrap());
        ids.extend(found);
    }
    let unique: BTreeSet<u32> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let greatest = format!("<ofd:MaxUnitID>{}</ofd:MaxUnitID>", unique.last().unwrap());
    assert!(entry(&draft.bytes, "Doc_0/Document.xml").contains(&greatest));
}

#[test]
fn fields_point_to_the_objects_that_show_them() {
    let draft = build(&document()).unwrap();
    let tags = entry(&draft.bytes, "Doc_0/Tags/Fields.xml");
    let content = entry(&draft.bytes, "Doc_0/Pages/Page_0/Content.xml");
    let object = |text: &str| {
        let end = content.find(text).unwrap();
        let start = content[..end].rfind("TextObject ID=\"").unwrap() + 15;
        content[start..].split('"').next().unwrap().to_owned()
    };
    let first = format!(
        "<f:统一社会信用代码><ofd:ObjectRef PageRef=\"1\">{}</ofd:ObjectRef><ofd:ObjectRef PageRef=\"1\">{}</ofd:ObjectRef></f:统一社会信用代码>",
        object(">统一社会信用代码"),
        object(">第二行")
    );
    assert!(tags.contains(&first), "{tags}");
    assert!(
        tags.contains("<f:field Name=\"field 2\"><ofd:ObjectRef PageRef=\"1\">"),
        "{tags}"
    );
    assert!(tags.contains("<f:页码><ofd:ObjectRef PageRef=\"2\">"), "{tags}");
}

/// Undoes boundary and CTM: where does the first number pair of each object come to lie on the page?
#[test]
fn placed_objects_lie_where_the_model_says() {
    let draft = build(&document()).unwrap();
    let content = entry(&draft.bytes, "Doc_0/Pages/Page_0/Content.xml");
    let parsed = roxmltree::Document::parse(&content).unwrap();
    let numbers = |text: &str| {
        text.split(' ')
            .filter_map(|w| w.parse::<f64>().ok())
            .collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for node in parsed.descendants().filter(|n| n.attribute("Boundary").is_some()) {
        let boundary = numbers(node.attribute("Boundary").unwrap());
        let ctm = node
            .attribute("CTM")
            .map_or(vec![1.0, 0.0, 0.0, 1.0, 0.0, 0.0], numbers);
        let child = |name: &str| node.children().find(|c| c.tag_name().name() == name);
        let (x, y) = match node.tag_name().name() {
            "TextObject" => {
                let code = child("TextCode").unwrap();
                (
                    numbers(code.attribute("X").unwrap())[0],
                    numbers(code.attribute("Y").unwrap())[0],
                )
            }
            "PathObject" => {
                let data = numbers(child("AbbreviatedData").unwrap().text().unwrap());
                (data[0], data[1])
            }
            _ => (0.0, 0.0),
        };
        let (px, py) = (
            ctm[0] * x + ctm[2] * y + ctm[4] + boundary[0],
            ctm[1] * x + ctm[3] * y + ctm[5] + boundary[1],
        );
        assert!(px >= boundary[0] - 1e-3 && px <= boundary[0] + boundary[2] + 1e-3);
        assert!(py >= boundary[1] - 1e-3 && py <= boundary[1] + boundary[3] + 1e-3);
        found.push(((px * 1e3).round() / 1e3, (py * 1e3).round() / 1e3));
    }
    assert_eq!(
        found,
        [
            (30.0, 40.0),
            (30.0, 50.0),
            (90.0, 10.0),
            (50.0, 60.0),
            (180.0, 40.0),
            (30.0, 60.0)
        ]
    );
}

#[test]
fn what_cannot_be_written_is_named() {
    let spoil = |change: &dyn Fn(&mut Document)| {
        let mut document = document();
        change(&mut document);
        build(&document).unwrap_err()
    };
    assert_eq!(spoil(&|d| d.pages.clear()), WriteError::NoPages);
    assert!(matches!(spoil(&|d| d.doc_id = "x".into()), WriteError::BadDocId(_)));
    assert!(matches!(
        spoil(&|d| d.creation_date = "2026-02-30".into()),
        WriteError::BadDate(_)
    ));
    assert_eq!(
        spoil(&|d| d.fonts.push(d.fonts[0].clone())),
        WriteError::DuplicateId { what: "font", id: 7 }
    );
    assert_eq!(
        spoil(&|d| d.fonts.clear()),
        WriteError::Unknown {
            page: 0,
            what: "font",
            id: 7
        }
    );
    assert_eq!(
        spoil(&|d| d.images.clear()),
        WriteError::Unknown {
            page: 0,
            what: "picture",
            id: 7
        }
    );
    assert!(matches!(
        spoil(&|d| d.fonts[0].data = b"ttcf".to_vec()),
        WriteError::BadFont(_)
    ));
    assert!(matches!(
        spoil(&|d| d.images[0].data = b"GIF8".to_vec()),
        WriteError::BadImage(7)
    ));
    assert!(matches!(
        spoil(&|d| d.title = "a\u{1}".into()),
        WriteError::Character(1)
    ));
    assert!(matches!(
        spoil(&|d| d.pages[0].width_mm = f64::NAN),
        WriteError::BadNumber { .. }
    ));
    assert!(matches!(
        spoil(&|d| d.field_tags[0].object = 9),
        WriteError::UnknownObject { .. }
    ));
    assert!(matches!(
        spoil(&|d| d.attachments[0].format = "../x".into()),
        WriteError::BadAttachment(_)
    ));
    let text = |d: &mut Document, change: &dyn Fn(&mut TextObject)| {
        if let Object::Text(text) = &mut d.pages[0].objects[0] {
            change(text);
        }
    };
    assert!(matches!(
        spoil(&|d| text(d, &|t| t.x = f64::INFINITY)),
        WriteError::BadNumber { .. }
    ));
    assert!(matches!(
        spoil(&|d| text(d, &|t| t.size_mm = 0.0)),
        WriteError::BadNumber { .. }
    ));
    let split = |t: &mut TextObject| {
        t.codes.push(t.codes[0].clone());
        t.glyphs.pop();
    };
    assert!(matches!(spoil(&|d| text(d, &split)), WriteError::GlyphCount { .. }));
    let path = Object::Path(PathObject {
        commands: vec![PathCommand::L(0.0, 0.0)],
        ..PathObject::default()
    });
    assert_eq!(
        spoil(&|d| d.pages[0].objects = vec![path.clone()]),
        WriteError::BadPath { page: 0 }
    );
}

#[test]
fn a_sealed_document_covers_all_but_its_own_description_value_and_the_list() {
    let signed = seal_it(&build(&document()).unwrap().bytes, &[STAMP], b"seal bytes");
    let ofd = read_clean(&signed);
    let body = &ofd.bodies[0];
    assert_eq!(
        open_files(body, 0),
        [
            "Doc_0/Signs/Signatures.xml",
            "Doc_0/Signs/Sign_0/Signature.xml",
            "Doc_0/Signs/Sign_0/SignedValue.dat"
        ]
    );
    let signature = &body.signatures[0];
    assert_eq!(
        (signature.id.as_str(), signature.kind.as_deref()),
        ("s001", Some("Seal"))
    );
    assert_eq!(signature.stamps[0].id, "s002");
    assert_eq!(body.max_sign_id.as_deref(), Some("s002"));
    assert_eq!(signature.stamps[0].boundary, STAMP.boundary);
    assert_eq!(signature.stamps[0].page_ref, body.pages[0].id);
    assert_eq!(signature.check_method.as_deref(), Some("1.2.156.10197.1.401"));
    assert_eq!(signature.date_time.as_deref(), Some("20260102000000Z"));
    assert!(
        signature
            .references
            .iter()
            .all(|r| r.file_ref.starts_with('/') && !r.file_ref.starts_with("//"))
    );
    assert!(signature.references.iter().any(|r| r.file_ref == "/OFD.xml"));
    assert!(
        signature
            .references
            .iter()
            .any(|r| r.file_ref == "/Doc_0/Signs/Sign_0/Seal.esl")
    );
}

#[test]
fn preparing_can_be_interrupted_and_is_deterministic() {
    let limits = Limits::default();
    let draft = build(&document()).unwrap().bytes;
    let prepared = sign::prepare(&draft, &request(&[STAMP], Some(b"seal")), &limits).unwrap();
    assert_eq!(
        prepared,
        sign::prepare(&draft, &request(&[STAMP], Some(b"seal")), &limits).unwrap()
    );
    assert_eq!(
        prepared.data_hash,
        cinnabar_sm::sm3::digest([prepared.signature_xml.as_slice()])
    );
    assert_eq!(prepared.property_info, "/Doc_0/Signs/Sign_0/Signature.xml");
    let stored = serde_json::to_string(&prepared).unwrap();
    let restored: ToBeSigned = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        restored.clone().finish(b"v", &limits).unwrap(),
        prepared.finish(b"v", &limits).unwrap()
    );
    assert_eq!(restored.finish(b"", &limits).unwrap_err(), SignError::EmptyValue);
}

#[test]
fn a_second_signature_covers_the_first_whole_and_leaves_it_intact() {
    let limits = Limits::default();
    let first = seal_it(&build(&document()).unwrap().bytes, &[STAMP], b"seal one");
    let riding = [0, 1].map(|page| SealPlacement {
        page,
        boundary: [1.0, 2.0, 42.0, 42.0],
        clip: Some([0.0, 0.0, 21.0, 42.0]),
    });
    let second = seal_it(&first, &riding, b"seal two");
    let third = sign::prepare(&second, &request(&[], None), &limits)
        .unwrap()
        .finish(b"third", &limits)
        .unwrap();
    let ofd = read_clean(&third);
    let body = &ofd.bodies[0];
    assert_eq!(
        body.signatures.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["s001", "s003", "s006"]
    );
    assert_eq!(body.signatures[2].kind.as_deref(), Some("Sign"));
    assert_eq!(body.max_sign_id.as_deref(), Some("s006"));
    assert_eq!(body.signatures[1].stamps[1].clip, Some([0.0, 0.0, 21.0, 42.0]));
    let own = |n: usize, files: &[&str]| {
        files
            .iter()
            .map(|f| format!("Doc_0/Signs/Sign_{n}/{f}"))
            .collect::<Vec<_>>()
    };
    let mut expected = vec!["Doc_0/Signs/Signatures.xml".to_owned()];
    expected.extend(own(2, &["Signature.xml", "SignedValue.dat"]));
    assert_eq!(open_files(body, 2), expected);
    let mut expected = vec!["Doc_0/Signs/Signatures.xml".to_owned()];
    expected.extend(own(1, &["Signature.xml", "SignedValue.dat"]));
    expected.extend(own(2, &["Signature.xml", "SignedValue.dat"]));
    assert_eq!(open_files(body, 1), expected);
    let package = Package::open(&third, &limits).unwrap();
    for signature in &body.signatures {
        for reference in &signature.references {
            let content = package.entry(reference.path.as_deref().unwrap()).unwrap();
            assert_eq!(
                reference.check_value.as_deref(),
                Some(cinnabar_sm::sm3::digest([content]).as_slice())
            );
        }
    }
    // Untouched entries keep their local header and stored data.
    let end = first.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let list = first.windows(4).rposition(|w| w == b"PK\x03\x04").unwrap().min(end);
    assert!(list > 1000);
    let head = first
        .windows(26)
        .position(|w| w == b"Doc_0/Signs/Signatures.xml")
        .unwrap()
        - 30;
    assert_eq!(first[..head], third[..head]);
}

#[test]
fn what_must_not_be_signed_is_refused() {
    let limits = Limits::default();
    let draft = build(&document()).unwrap().bytes;
    let refuse = |bytes: &[u8], request: &Request<'_>| sign::prepare(bytes, request, &limits).unwrap_err();
    let seal: &[u8] = b"seal";
    assert_eq!(
        refuse(
            &draft,
            &Request {
                kind: SignatureKind::Seal,
                ..request(&[], None)
            }
        ),
        SignError::SealMissing
    );
    assert_eq!(refuse(&draft, &request(&[STAMP], None)), SignError::SealUnexpected);
    let far = [SealPlacement { page: 2, ..STAMP }];
    assert_eq!(
        refuse(&draft, &request(&far, Some(seal))),
        SignError::NoSuchPage { page: 2, pages: 2 }
    );
    let flat = [SealPlacement {
        boundary: [0.0, 0.0, 0.0, 9.0],
        ..STAMP
    }];
    assert_eq!(
        refuse(&draft, &request(&flat, Some(seal))),
        SignError::BadStamp { page: 0 }
    );
    assert!(matches!(
        refuse(b"junk", &request(&[], Some(seal))),
        SignError::Package(_)
    ));
    assert!(matches!(
        refuse(
            &draft,
            &Request {
                time: i64::MAX,
                ..request(&[], Some(seal))
            }
        ),
        SignError::Time(_)
    ));
    let covers_list = "</ofd:References>";
    let reference = format!(
        "<ofd:Reference FileRef=\"/Doc_0/Signs/Signatures.xml\"><ofd:CheckValue>{}</ofd:CheckValue></ofd:Reference></ofd:References>",
        support::CHECK
    );
    let whole = with("Doc_0/Signs/Sign_0/Signature.xml", covers_list, &reference);
    assert_eq!(
        refuse(&whole, &request(&[], Some(seal))),
        SignError::Final { signature: "1".into() }
    );
    let ambiguous = with(
        "Doc_0/Signs/Sign_0/Signature.xml",
        "<ofd:SignedValue>",
        "<ofd:SignedValue/><ofd:SignedValue>",
    );
    assert!(matches!(
        refuse(&ambiguous, &request(&[], Some(seal))),
        SignError::Deviation(_)
    ));
    let second = "</ofd:DocBody><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>";
    let two = with("OFD.xml", "</ofd:DocBody>", second);
    assert_eq!(refuse(&two, &request(&[], Some(seal))), SignError::SeveralDocuments(2));
}

#[test]
fn foreign_packages_are_signed_in_their_own_manner() {
    let signed = seal_it(&pack(&files()), &[STAMP], b"seal");
    let ofd = read_bytes(&signed).unwrap();
    let body = &ofd.bodies[0];
    assert_eq!(body.signatures[1].id, "3");
    assert_eq!(body.signatures[1].path, "Doc_0/Signs/Sign_1/Signature.xml");
    assert_eq!(body.max_sign_id.as_deref(), Some("4"));
    let Some(folder) = samples() else { return };
    let limits = Limits::default();
    for (file, id) in [
        ("tax-v4-baiwang-test-invoice.ofd", Some("2")),
        ("ofdrw-v4-SESV4SignDoc-expired-cert.ofd", Some("3")),
        ("ofdrw-raw-sm2-digital-sign.ofd", Some("s002")),
        ("iofd-v1-TAMPERED.ofd", Some("2")),
        ("ofdrw-v4-whole-protected.ofd", None),
        ("licence-sign-cms-yunnan-landuse.ofd", None),
        ("ofdrw-two-sigs-FIRST-BROKEN-BY-SECOND.ofd", None),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        match (sign::prepare(&bytes, &request(&[STAMP], Some(b"seal")), &limits), id) {
            (Err(SignError::Final { .. }), None) => {}
            (Ok(prepared), Some(id)) => {
                assert_eq!(prepared.signature_id, id, "{file}");
                let signed = prepared.finish(b"value", &limits).unwrap();
                let package = Package::open(&signed, &limits).unwrap();
                let body = &read::read(&package, &limits).unwrap().bodies[0];
                assert_eq!(open_files(body, 1).len(), 3, "{file}");
            }
            (other, _) => panic!("{file}: {other:?}"),
        }
    }
}

#[test]
fn other_software_opens_the_archive() {
    let signed = seal_it(&build(&document()).unwrap().bytes, &[STAMP], b"seal");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&signed)).unwrap();
    for index in 0..archive.len() {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_index(index).unwrap(), &mut content).unwrap();
        assert!(!content.is_empty());
    }
}
