//! What the reader makes of a document: the whole closure, and each thing that is wrong by its name.
#![allow(clippy::unwrap_used)]

mod support;

use cinnabar_ofd::read::Role;
use cinnabar_ofd::{Limits, Package, PackageError, XmlFault, read};
use support::{CHECK, NS, codes, files, pack, read_bytes, with};

const MAIN: &str = "OFD.xml";
const ROOT: &str = "Doc_0/Document.xml";
const LIST: &str = "Doc_0/Signs/Signatures.xml";
const SIGNATURE: &str = "Doc_0/Signs/Sign_0/Signature.xml";

fn codes_with(file: &str, from: &str, to: &str) -> Vec<String> {
    codes(&read_bytes(&with(file, from, to)).unwrap())
}

fn error_with(file: &str, from: &str, to: &str) -> PackageError {
    read_bytes(&with(file, from, to)).unwrap_err()
}

#[test]
fn every_file_of_the_small_document_is_reached_in_its_role() {
    let ofd = read_bytes(&pack(&files())).unwrap();
    assert_eq!(codes(&ofd), Vec::<String>::new());
    assert_eq!(ofd.unreachable, Vec::<String>::new());
    let body = &ofd.bodies[0];
    let role = |path: &str| body.reachable.iter().find(|r| r.path == path).map(|r| r.by);
    for (path, expected) in [
        (MAIN, Role::Main),
        (ROOT, Role::DocRoot),
        ("Doc_0/Res/cover.png", Role::Cover),
        ("Doc_0/PublicRes.xml", Role::Resources),
        ("Doc_0/Pages/Page_0/PageRes.xml", Role::Resources),
        ("Doc_0/Res/f.ttf", Role::Font),
        ("Doc_0/Res/m.png", Role::Media),
        ("Doc_0/Pages/Page_0/Res/page.png", Role::Media),
        ("Doc_0/Res/p.icc", Role::ColorProfile),
        ("Doc_0/Tpls/Tpl_0/Content.xml", Role::Template),
        ("Doc_0/Pages/Page_0/Content.xml", Role::Page),
        ("Doc_0/Annots/Annotations.xml", Role::AnnotationList),
        ("Doc_0/Annots/Page_0/Annotation.xml", Role::Annotations),
        ("Doc_0/Tags/CustomTags.xml", Role::TagList),
        ("Doc_0/Tags/t.xsd", Role::TagSchema),
        ("Doc_0/Tags/t.xml", Role::Tags),
        ("Doc_0/Attachs/Attachments.xml", Role::AttachmentList),
        ("Doc_0/Attachs/a.xml", Role::Attachment),
        ("Doc_0/Extensions.xml", Role::ExtensionList),
        ("Doc_0/x.dat", Role::Extension),
        ("Doc_0/Versions/V.xml", Role::Version),
        ("Doc_0/Versions/old.dat", Role::VersionFile),
        (LIST, Role::SignatureList),
        (SIGNATURE, Role::Signature),
        ("Doc_0/Signs/Sign_0/Seal.esl", Role::Seal),
        ("Doc_0/Signs/Sign_0/SignedValue.dat", Role::SignedValue),
    ] {
        assert_eq!(role(path), Some(expected), "{path}");
    }
    assert_eq!(body.reachable.len(), files().len());
    assert_eq!(body.custom_data, [("a".to_owned(), "1".to_owned())]);
    assert_eq!(body.pages[0].size, Some([0.0, 0.0, 100.0, 50.0]));
    let signature = &body.signatures[0];
    assert_eq!((signature.id.as_str(), signature.provider.as_deref()), ("1", Some("p")));
    assert_eq!(signature.stamps[0].boundary, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(signature.references[0].path.as_deref(), Some(MAIN));
    assert_eq!(signature.references[0].check_value.as_deref(), Some([0; 32].as_slice()));
}

#[test]
fn a_smuggled_file_is_listed() {
    let mut files = files();
    files.push(("Doc_0/evil.exe".into(), "x".into()));
    assert_eq!(read_bytes(&pack(&files)).unwrap().unreachable, ["Doc_0/evil.exe"]);
}

#[test]
fn both_namespaces_are_read_and_others_are_not() {
    let old = "http://www.ofdspec.org";
    let mut files = files();
    for (_, text) in files.iter_mut().step_by(2) {
        *text = text.replace("http://www.ofdspec.org/2016", old);
    }
    assert_eq!(codes(&read_bytes(&pack(&files)).unwrap()), Vec::<String>::new());
    let error = error_with(MAIN, "http://www.ofdspec.org/2016", "http://www.ofdspec.org/2017");
    assert_eq!(error.code(), "MISSING_ELEMENT");
    let foreign = "<DocRoot xmlns=\"urn:other\">Doc_0/Evil.xml</DocRoot><ofd:DocRoot>";
    assert_eq!(codes_with(MAIN, "<ofd:DocRoot>", foreign), ["FOREIGN_NAMESPACE!"]);
}

#[test]
fn doubled_elements_are_fatal() {
    for (file, name) in [
        (MAIN, "DocRoot"),
        (MAIN, "Signatures"),
        (ROOT, "Annotations"),
        (SIGNATURE, "SignedValue"),
    ] {
        let open = format!("<ofd:{name}>");
        let doubled = format!("{open}Doc_0/Other.xml</ofd:{name}>{open}");
        let found = match read_bytes(&with(file, &open, &doubled)) {
            Ok(ofd) => codes(&ofd),
            // The first of two is followed, and may lead nowhere.
            Err(error) => vec![error.code().to_owned()],
        };
        let refused = found.iter().any(|c| c == "DUPLICATE_ELEMENT!" || c == "MISSING_FILE");
        assert!(refused, "{name}: {found:?}");
    }
    let twice = "<ofd:SignedInfo/></ofd:Signature>";
    assert!(codes_with(SIGNATURE, "</ofd:Signature>", twice).contains(&"DUPLICATE_ELEMENT!".to_owned()));
    let twice = "</ofd:References><ofd:References/>";
    assert!(codes_with(SIGNATURE, "</ofd:References>", twice).contains(&"DUPLICATE_ELEMENT!".to_owned()));
    let twice = format!("</ofd:CheckValue><ofd:CheckValue>{CHECK}</ofd:CheckValue>");
    assert!(codes_with(SIGNATURE, "</ofd:CheckValue>", &twice).contains(&"DUPLICATE_ELEMENT!".to_owned()));
    let twice = "</ofd:MaxSignId><ofd:MaxSignId>9</ofd:MaxSignId>";
    assert_eq!(codes_with(LIST, "</ofd:MaxSignId>", twice), ["DUPLICATE_MAX_SIGN_ID"]);
}

#[test]
fn references_that_say_two_things_are_named() {
    let reference = |file: &str, value: &str| {
        format!(
            "<ofd:Reference FileRef=\"{file}\"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference></ofd:References>"
        )
    };
    let other = CHECK.replacen('A', "B", 1);
    for (file, value, expected) in [
        ("/OFD.xml", CHECK, vec!["DUPLICATE_REFERENCE"]),
        ("/ofd.xml", CHECK, vec!["DUPLICATE_REFERENCE", "PATH_CASE"]),
        ("/OFD.xml", &other, vec!["CONFLICTING_REFERENCE!"]),
        (
            "/Doc_0/../OFD.xml",
            &other,
            vec!["CONFLICTING_REFERENCE!", "PATH_PARENT"],
        ),
        ("/Doc_0/nothing", CHECK, vec!["REFERENCE_MISSING!"]),
        ("/../etc/passwd", CHECK, vec!["PATH_ESCAPE!", "REFERENCE_MISSING!"]),
        ("", CHECK, vec!["PATH_EMPTY", "REFERENCE_MISSING!"]),
        ("/Doc_0/x.dat", "AAAA", vec!["CHECK_VALUE_LENGTH!"]),
        ("/Doc_0/x.dat", "", vec!["CHECK_VALUE_UNREADABLE!"]),
        ("/Doc_0/x.dat", "AAA*", vec!["CHECK_VALUE_UNREADABLE!"]),
        ("/Doc_0/x.dat", "QQ", vec!["CHECK_VALUE_UNREADABLE!"]),
        ("/Doc_0/x.dat", "QR==", vec!["CHECK_VALUE_UNREADABLE!"]),
        ("/Doc_0/Signs/Sign_0/Signature.xml", CHECK, vec!["SELF_REFERENCE!"]),
        ("/Doc_0/Signs/Sign_0/SignedValue.dat", CHECK, vec!["SELF_REFERENCE!"]),
    ] {
        assert_eq!(
            codes_with(SIGNATURE, "</ofd:References>", &reference(file, value)),
            expected,
            "{file} {value}"
        );
    }
    let spaced = format!("\n {} {}\r\n\t", &CHECK[..10], &CHECK[10..]);
    assert_eq!(codes_with(SIGNATURE, CHECK, &spaced), Vec::<String>::new());
    let split = format!("{}<!-- -->{}", &CHECK[..12], &CHECK[12..]);
    assert_eq!(codes_with(SIGNATURE, CHECK, &split), ["SPLIT_TEXT!"]);
}

#[test]
fn incomplete_signatures_are_named() {
    let value = "<ofd:SignedValue>SignedValue.dat</ofd:SignedValue>";
    assert_eq!(codes_with(SIGNATURE, value, ""), ["SIGNED_VALUE_MISSING!"]);
    assert!(codes_with(SIGNATURE, ">SignedValue.dat<", ">S.dat<").contains(&"SIGNED_VALUE_MISSING!".to_owned()));
    let text = files().into_iter().find(|(name, _)| name == SIGNATURE).unwrap().1;
    let reference = &text[text.find("<ofd:Reference ").unwrap()..text.find("</ofd:References>").unwrap()];
    assert_eq!(codes_with(SIGNATURE, reference, ""), ["NO_REFERENCES!"]);
    let again = "<ofd:Signature ID=\"1\" BaseLoc=\"/Doc_0/Signs/Sign_0/Signature.xml\"/></ofd:Signatures>";
    assert_eq!(
        codes_with(LIST, "</ofd:Signatures>", again),
        ["DUPLICATE_ID!", "SIGNATURE_LISTED_TWICE!"]
    );
    assert_eq!(
        codes_with(LIST, "Sign_0/Signature", "Sign_9/Signature"),
        ["MISSING_FILE", "SIGNATURE_MISSING!"]
    );
    let ofd = read_bytes(&with(
        LIST,
        "<ofd:Signature ID=\"1\" Type=\"Seal\"",
        "<ofd:Signature ID=\"1\"",
    ));
    assert_eq!(ofd.unwrap().bodies[0].signatures[0].kind, None);
    let error = error_with(LIST, " Type=\"Seal\"", " Relative=\"1\"");
    assert!(matches!(error, PackageError::Cyclic { .. }), "{error}");
    assert_eq!(
        codes_with(LIST, " Type=\"Seal\"", " Relative=\"7\""),
        ["RELATIVE_UNKNOWN!"]
    );
    assert_eq!(
        codes_with(SIGNATURE, "\"1 2 3 4\"", "\"1 2 NaN 4\""),
        ["STAMP_UNREADABLE"]
    );
    assert_eq!(
        codes_with(SIGNATURE, "PageRef=\"1\"", "PageRef=\"8\""),
        ["STAMP_PAGE_UNKNOWN"]
    );
    assert!(matches!(
        error_with(MAIN, "Signs/Signatures.xml", "none.xml"),
        PackageError::MissingFile { .. }
    ));
}

#[test]
fn dangerous_xml_is_refused_where_everything_depends_on_it() {
    for file in [MAIN, ROOT, LIST, SIGNATURE] {
        let fault = |from: &str, to: &str| match error_with(file, from, to) {
            PackageError::BadXml { entry, fault } => {
                assert_eq!(entry, file);
                fault
            }
            other => panic!("{other}"),
        };
        let entities = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><ofd:";
        assert_eq!(fault("<ofd:", entities), XmlFault::Dtd);
        let declared = "<?xml version=\"1.0\" encoding=\"GB18030\"?><ofd:";
        assert_eq!(fault("<ofd:", declared), XmlFault::Encoding("GB18030".into()));
        assert!(matches!(fault("<ofd:", "<ofd::"), XmlFault::Malformed(_)));
        let deep = format!("{}{}</ofd:", "<a>".repeat(300), "</a>".repeat(300));
        assert!(matches!(fault("</ofd:", &deep), XmlFault::TooDeep { .. }));
    }
    let page = "Doc_0/Pages/Page_0/Content.xml";
    assert!(codes_with(page, "<ofd:", "<ofd::").contains(&"XML_UNREADABLE!".to_owned()));
    assert!(codes_with(page, "<ofd:Page ", "<ofd:Res ").contains(&"XML_UNREADABLE!".to_owned()));
    let annotation = "Doc_0/Annots/Page_0/Annotation.xml";
    assert_eq!(codes_with(annotation, "ofd:PageAnnot", "ofd:Other"), ["XML_ROOT!"]);
    assert_eq!(codes_with(MAIN, "<ofd:OFD", "\u{feff}<ofd:OFD"), ["XML_BOM"]);
}

#[test]
fn paths_out_of_the_package_are_never_followed() {
    let escape = "../../../etc/passwd";
    assert!(matches!(
        error_with(MAIN, "Doc_0/Document.xml", escape),
        PackageError::MissingFile { .. }
    ));
    for (file, from) in [
        (ROOT, "PublicRes.xml"),
        (ROOT, "Pages/Page_0/Content.xml"),
        (ROOT, "Tpls/Tpl_0/Content.xml"),
        (ROOT, "Attachs/Attachments.xml"),
        ("Doc_0/PublicRes.xml", "f.ttf"),
        ("Doc_0/Attachs/Attachments.xml", "a.xml"),
        ("Doc_0/Annots/Annotations.xml", "Page_0/Annotation.xml"),
    ] {
        let found = codes_with(file, from, "../../../../../etc/passwd");
        assert!(found.contains(&"PATH_ESCAPE!".to_owned()), "{file}: {found:?}");
        assert!(found.contains(&"MISSING_FILE".to_owned()), "{file}: {found:?}");
    }
    let found = codes_with("Doc_0/PublicRes.xml", "BaseLoc=\"Res\"", "BaseLoc=\"../../..\"");
    assert!(found.contains(&"PATH_ESCAPE!".to_owned()), "{found:?}");
}

#[test]
fn circles_end() {
    let template = "Doc_0/Tpls/Tpl_0/Content.xml";
    let own = "><ofd:Template TemplateID=\"2\"/></ofd:Page>";
    assert!(matches!(error_with(template, "/>", own), PackageError::Cyclic { .. }));
    let params = "<ofd:DrawParam ID=\"7\" Relative=\"8\"/><ofd:DrawParam ID=\"8\" Relative=\"7\"/><ofd:Fonts>";
    assert!(matches!(
        error_with("Doc_0/PublicRes.xml", "<ofd:Fonts>", params),
        PackageError::Cyclic { .. }
    ));
    let unit = "<ofd:CompositeGraphicUnit ID=\"7\"><ofd:CompositeObject ResourceID=\"7\"/></ofd:CompositeGraphicUnit><ofd:Fonts>";
    assert!(matches!(
        error_with("Doc_0/PublicRes.xml", "<ofd:Fonts>", unit),
        PackageError::Cyclic { .. }
    ));
    for (file, from, to) in [
        ("Doc_0/Pages/Page_0/Content.xml", "PageRes.xml", "Content.xml"),
        (ROOT, "PublicRes.xml", "Document.xml"),
        (ROOT, "Extensions.xml", "/OFD.xml"),
    ] {
        assert!(
            codes_with(file, from, to).contains(&"ROLE_CONFLICT!".to_owned()),
            "{file}"
        );
    }
}

#[test]
fn another_document_in_the_package_is_read_too() {
    let second = "</ofd:DocBody><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>";
    let ofd = read_bytes(&with(MAIN, "</ofd:DocBody>", second)).unwrap();
    assert_eq!(codes(&ofd), ["SEVERAL_BODIES"]);
    assert_eq!((ofd.bodies.len(), ofd.bodies[1].signatures.len()), (2, 0));
}

#[test]
fn another_version_is_followed_and_named() {
    let mut files = files();
    let main = files.iter_mut().find(|(name, _)| name == MAIN).unwrap();
    main.1 = main.1.replace("Index=\"1\"", "Index=\"1\" Current=\"true\"");
    let version = files.iter_mut().find(|(name, _)| name.ends_with("V.xml")).unwrap();
    version.1 = version
        .1
        .replace("<ofd:DocRoot>/Doc_0/Document.xml", "<ofd:DocRoot>/Doc_0/Document_1.xml");
    version.1 = version.1.replace("old.dat", "/Doc_0/Document_1.xml");
    files.push((
        "Doc_0/Document_1.xml".into(),
        format!(
            "<ofd:Document {NS}><ofd:CommonData/><ofd:Pages><ofd:Page ID=\"1\" BaseLoc=\"New.xml\"/></ofd:Pages></ofd:Document>"
        ),
    ));
    files.push(("Doc_0/New.xml".into(), format!("<ofd:Page {NS}/>")));
    let ofd = read_bytes(&pack(&files)).unwrap();
    assert_eq!(codes(&ofd), ["VERSION_ROOT_DIFFERS"]);
    let reached: Vec<_> = ofd.bodies[0].reachable.iter().map(|r| r.path.as_str()).collect();
    assert!(reached.contains(&"Doc_0/Document_1.xml") && reached.contains(&"Doc_0/New.xml"));
    assert_eq!(ofd.unreachable, ["Doc_0/Versions/old.dat"]);
}

#[test]
fn a_package_encrypted_by_the_standard_is_called_so() {
    for name in ["Encryptions.xml", "decryptseed.dat", "entriesmap.dat"] {
        let mut files = files();
        files.push((name.into(), "x".into()));
        assert!(read_bytes(&pack(&files)).unwrap_err().is_encrypted());
        assert!(
            read_bytes(&pack(&[(name.into(), "x".into())]))
                .unwrap_err()
                .is_encrypted()
        );
    }
}

#[test]
fn a_list_of_entries_shows_what_was_added() {
    let mut files = files();
    let listed: String = files
        .iter()
        .skip(1)
        .map(|(n, _)| format!("<ofd:File ID=\"1\" FileLoc=\"/{n}\"/>"))
        .collect();
    let text = format!(
        "<ofd:DocEntries {NS}><ofd:SignedValueLoc>/signedvalue.dat</ofd:SignedValueLoc><ofd:FileList>{listed}</ofd:FileList></ofd:DocEntries>"
    );
    files.push(("OFDEntries.xml".into(), text));
    files.push(("signedvalue.dat".into(), "x".into()));
    let ofd = read_bytes(&pack(&files)).unwrap();
    assert_eq!(codes(&ofd), ["NOT_IN_ENTRY_LIST"]);
    assert_eq!(ofd.entry_list.unwrap().signed_value.as_deref(), Some("signedvalue.dat"));
    assert_eq!(ofd.unreachable, Vec::<String>::new());
}

#[test]
fn limits_of_counts_are_kept() {
    let package = Package::open(&pack(&files()), &Limits::default()).unwrap();
    let default = Limits::default;
    for limits in [
        Limits {
            max_pages: 0,
            ..default()
        },
        Limits {
            max_bodies: 0,
            ..default()
        },
        Limits {
            max_signatures: 0,
            ..default()
        },
        Limits {
            max_references: 0,
            ..default()
        },
    ] {
        assert_eq!(read::read(&package, &limits).unwrap_err().code(), "TOO_MANY");
    }
    assert_eq!(
        read::read(
            &package,
            &Limits {
                max_xml_bytes: 10,
                ..default()
            }
        )
        .unwrap_err()
        .code(),
        "BAD_XML"
    );
    let other = Package::open(&pack(&[("a.xml".into(), "x".into())]), &default()).unwrap();
    assert_eq!(read::read(&other, &default()).unwrap_err(), PackageError::MissingOfdXml);
}
