//! Each licence type is issued in each form with the development keys, and what must not be issued is not.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cinnabar_issue::sealing::{self, Placement};
use cinnabar_issue::{
    Credentials, CredentialsError, Draft, Impression, IssueError, SealOrder, admit, compose_face, preview,
};
use cinnabar_keys::Signer;
use cinnabar_keys::soft::SoftKey;
use cinnabar_layout::{Fonts, Pages};
use cinnabar_licence::types::{Catalogue, LicenceType};
use cinnabar_licence::{Licence, from_metadata};
use cinnabar_ofd::{Package, read};
use serde_json::{Value, json};

const PASSWORD: &[u8] = b"cinnabar-development";
const STATUS: &str = "https://status.example/1";
/// 2026-06-01T00:00:00Z.
const TIME: i64 = 1_780_272_000;
const TYPES: [(&str, &str); 3] = [
    ("business-licence", "market"),
    ("household-register", "police"),
    ("marriage-certificate", "civil"),
];

static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(|| match Fonts::load(&[]) {
    Ok(fonts) => Some(fonts),
    Err(fault) => {
        eprintln!("skipped: {fault}");
        None
    }
});
static SEAL_FONT: LazyLock<Vec<u8>> =
    LazyLock::new(|| std::fs::read(cinnabar_issue::seal_order::DEFAULT_SEAL_FONT).unwrap_or_default());

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn key(family: &str, name: &str) -> SoftKey {
    let pem = std::fs::read_to_string(root().join(format!("keys-dev/{family}/{name}.key"))).unwrap();
    SoftKey::open(&pem, PASSWORD).unwrap()
}

fn certificate(family: &str, name: &str) -> Vec<u8> {
    let pem = std::fs::read_to_string(root().join(format!("keys-dev/{family}/{name}.crt"))).unwrap();
    cinnabar_pki::pem::decode(&pem, "CERTIFICATE").unwrap().remove(0)
}

fn kind(id: &str) -> LicenceType {
    Catalogue::load(&[root().join("catalogue")])
        .unwrap()
        .find(id)
        .unwrap()
        .clone()
}

fn example(id: &str) -> Value {
    serde_json::from_slice(&std::fs::read(kind(id).folder.join("example.json")).unwrap()).unwrap()
}

fn order(family: &str, organisation: &str, signer: &str, bottom: Option<&str>) -> SealOrder {
    SealOrder {
        organisation: organisation.to_owned(),
        bottom_text: bottom.map(str::to_owned),
        diameter_mm: 42,
        es_id: None,
        certificates: vec![certificate(family, signer)],
        created: TIME - 86_400,
        valid_from: TIME - 86_400,
        valid_to: TIME + 86_400 * 3650,
    }
}

fn seal_file(family: &str, organisation: &str, signer: &str, bottom: Option<&str>) -> Vec<u8> {
    let maker = key(family, "seal-maker");
    order(family, organisation, signer, bottom)
        .make(&SEAL_FONT, &maker, &certificate(family, "seal-maker"))
        .unwrap()
}

struct Case {
    licence: Licence,
    pages: Pages,
    signer: SoftKey,
    credentials: Credentials,
    impression: Impression,
}

fn case(id: &str, family: &str, signer: &str) -> Option<Case> {
    let fonts = FONTS.as_ref()?;
    let kind = kind(id);
    let licence = admit(&kind, &example(id), STATUS).unwrap();
    let pages = compose_face(&licence, &kind, fonts, TIME).unwrap();
    let bottom = kind.seal.bottom_text.clone();
    let seal = seal_file(family, &licence.issuer.name, signer, bottom.as_deref());
    let key = key(family, signer);
    let certificates = [certificate(family, signer), certificate(family, "org-ca")];
    let credentials = Credentials::new(key.info(), &certificates, &seal).unwrap();
    let bottoms: Vec<&str> = bottom.as_deref().into_iter().collect();
    let impression = Impression::of(credentials.seal(), std::slice::from_ref(&*SEAL_FONT), &bottoms).unwrap();
    Some(Case {
        licence,
        pages,
        signer: key,
        credentials,
        impression,
    })
}

impl Case {
    fn placement(&self) -> Placement<'_> {
        Placement {
            anchor: self.pages.seal_anchor().unwrap(),
            impression: &self.impression,
            time: TIME,
        }
    }

    fn seal(&self, draft: &Draft) -> Result<Vec<u8>, IssueError> {
        sealing::seal(draft, &self.credentials, &self.placement(), &self.signer)
    }
}

fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("CINNABAR_KEEP") {
        std::fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn every_type_becomes_a_sealed_ofd_with_its_metadata_and_field_map() {
    for (id, signer) in TYPES {
        let Some(case) = case(id, "sm2", signer) else { return };
        case.credentials.check_issuer(&case.licence.issuer.name).unwrap();
        assert!(case.impression.is_vector(), "{id}: the drawing is the seal's picture");
        let document = case.seal(&Draft::ofd(&case.licence, &case.pages).unwrap()).unwrap();
        keep(&format!("{id}.ofd"), &document);
        let limits = cinnabar_ofd::Limits::default();
        let package = Package::open(&document, &limits).unwrap();
        let ofd = read::read(&package, &limits).unwrap();
        let body = &ofd.bodies[0];
        let metadata = from_metadata(&body.custom_data).unwrap();
        assert_eq!(metadata.identifier, Some(case.licence.identifier.to_string()));
        assert_eq!(metadata.status.unwrap(), case.licence.status);
        let [x, y, width, height] = body.signatures[0].stamps[0].boundary;
        let anchor = case.pages.seal_anchor().unwrap();
        assert_eq!((width, height), (42.0, 42.0));
        assert!((x + 21.0 - anchor.x_mm).abs() < 0.01 && (y + 21.0 - anchor.y_mm).abs() < 0.01);
        let fields = String::from_utf8(package.entry("Doc_0/Tags/Fields.xml").unwrap().to_vec()).unwrap();
        for field in case.pages.shown_fields() {
            assert!(fields.contains(field), "{id}: {field} is in the field map");
        }
    }
}

#[test]
fn every_type_becomes_a_sealed_pdf_with_either_family_of_keys() {
    for (id, signer) in TYPES {
        for family in ["sm2", "rsa"] {
            let Some(case) = case(id, family, signer) else { return };
            let draft = Draft::pdf(&case.licence, &case.pages, TIME).unwrap();
            let document = case.seal(&draft).unwrap();
            keep(&format!("{id}-{family}.pdf"), &document);
            let pdf = cinnabar_pdf::read(&document, &cinnabar_pdf::Limits::default()).unwrap();
            let metadata = from_metadata(&pdf.metadata).unwrap();
            assert_eq!(metadata.identifier, Some(case.licence.identifier.to_string()));
            assert_eq!(metadata.status.unwrap(), case.licence.status);
            assert_eq!(
                pdf.signatures[0].seal.as_deref(),
                Some(case.credentials.seal().raw.as_slice())
            );
            let expected = if family == "rsa" {
                "ETSI.CAdES.detached"
            } else {
                "adbe.pkcs7.detached"
            };
            assert_eq!(pdf.signatures[0].sub_filter, expected);
        }
    }
}

#[test]
fn previews_show_the_seal_where_it_will_stand() {
    let Some(case) = case("marriage-certificate", "sm2", "civil") else {
        return;
    };
    let anchor = case.pages.seal_anchor().unwrap();
    let plain = preview(&case.pages, anchor, None, 100).unwrap();
    let sealed = preview(&case.pages, anchor, Some(&case.impression), 100).unwrap();
    assert_eq!(plain.len(), case.pages.pages.len());
    assert_ne!(plain[anchor.page], sealed[anchor.page]);
    keep("marriage-certificate.png", &sealed[anchor.page]);
}

#[test]
fn a_value_by_another_key_is_withheld() {
    let Some(case) = case("marriage-certificate", "sm2", "civil") else {
        return;
    };
    for draft in [
        Draft::ofd(&case.licence, &case.pages).unwrap(),
        Draft::pdf(&case.licence, &case.pages, TIME).unwrap(),
    ] {
        let pending = sealing::prepare(&draft, &case.credentials, &case.placement()).unwrap();
        let foreign = key("sm2", "police").sign(pending.message()).unwrap();
        assert!(matches!(pending.clone().finish(&foreign), Err(IssueError::Withheld(_))));
        let own = case.signer.sign(pending.message()).unwrap();
        assert!(pending.finish(&own).is_ok());
    }
}

#[test]
fn a_seal_whose_picture_we_did_not_draw_becomes_a_stencil() {
    let Some(case) = case("household-register", "sm2", "police") else {
        return;
    };
    let impression = Impression::of(case.credentials.seal(), &[], &[]).unwrap();
    assert!(!impression.is_vector());
    let placement = Placement {
        impression: &impression,
        ..case.placement()
    };
    let draft = Draft::pdf(&case.licence, &case.pages, TIME).unwrap();
    let document = sealing::seal(&draft, &case.credentials, &placement, &case.signer).unwrap();
    keep("stencil.pdf", &document);
    let anchor = case.pages.seal_anchor().unwrap();
    assert!(preview(&case.pages, anchor, Some(&impression), 100).is_ok());
}

#[test]
fn ofd_refuses_rsa_and_times_outside_the_seals_validity() {
    let Some(rsa) = case("business-licence", "rsa", "market") else {
        return;
    };
    let draft = Draft::ofd(&rsa.licence, &rsa.pages).unwrap();
    assert!(matches!(rsa.seal(&draft), Err(IssueError::OfdNeedsSm2)));
    let Some(case) = case("business-licence", "sm2", "market") else {
        return;
    };
    let early = Placement {
        time: TIME - 86_401,
        ..case.placement()
    };
    let refused = sealing::seal(&draft, &case.credentials, &early, &case.signer);
    assert!(matches!(
        refused,
        Err(IssueError::Credentials(CredentialsError::NotValidAt { .. }))
    ));
}

#[test]
fn credentials_that_do_not_belong_together_are_refused() {
    if SEAL_FONT.is_empty() {
        return;
    }
    let seal = seal_file("sm2", "朱砂市民政局", "civil", None);
    let civil = key("sm2", "civil");
    let certificates = [certificate("sm2", "civil")];
    let new = |key: &SoftKey, certificates: &[Vec<u8>], seal: &[u8]| Credentials::new(key.info(), certificates, seal);
    assert!(matches!(new(&civil, &[], &seal), Err(CredentialsError::NoCertificate)));
    assert!(matches!(
        new(&key("sm2", "police"), &certificates, &seal),
        Err(CredentialsError::OtherKey { .. })
    ));
    let police = [certificate("sm2", "police")];
    assert!(matches!(
        new(&key("sm2", "police"), &police, &seal),
        Err(CredentialsError::NotListed { .. })
    ));
    let authority = [certificate("sm2", "org-ca")];
    assert!(matches!(
        new(&key("sm2", "org-ca"), &authority, &seal),
        Err(CredentialsError::KeyUsage { .. })
    ));
    let mut broken = seal.clone();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert!(matches!(
        new(&civil, &certificates, &broken),
        Err(CredentialsError::SealBroken { .. } | CredentialsError::Seal(_))
    ));
    let credentials = new(&civil, &certificates, &seal).unwrap();
    assert!(matches!(
        credentials.check_issuer("某某市民政局"),
        Err(CredentialsError::OtherIssuer { .. })
    ));
    let maker = order("sm2", "朱砂市民政局", "civil", None).make(&SEAL_FONT, &civil, &certificate("sm2", "seal-maker"));
    assert!(matches!(
        maker,
        Err(IssueError::Credentials(CredentialsError::OtherKey { .. }))
    ));
}

#[test]
fn a_character_without_glyph_is_an_error_that_names_character_and_field() {
    let Some(fonts) = FONTS.as_ref() else { return };
    let kind = kind("business-licence");
    let mut request = example("business-licence");
    request["fields"]["address"] = json!("朱砂市\u{10FFFD}路");
    let licence = admit(&kind, &request, STATUS).unwrap();
    let fault = compose_face(&licence, &kind, fonts, TIME).unwrap_err().to_string();
    assert!(
        fault.contains("fields.address") && fault.contains("U+10FFFD"),
        "{fault}"
    );
}

#[test]
fn a_faulty_request_lists_every_fault() {
    let Err(IssueError::Request(faults)) = admit(&kind("household-register"), &json!({"fields": {}}), STATUS) else {
        panic!("admitted")
    };
    assert!(faults.len() >= 10, "{faults:?}");
}
