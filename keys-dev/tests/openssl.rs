//! OpenSSL's opinion. Skipped, saying so, where there is no `openssl` command.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use cinnabar_keys::Signer;
use cinnabar_keys_dev::{
    issue::crl_path,
    keys::KeyRing,
    pki::{Chain, Kind, MEMBERS, Member},
};
use cinnabar_pki::{
    cms::Dialect,
    pem,
    write::{Attribute, SignatureAlgorithm, SignedContent, SignedDataBuilder, der},
};
use sha2::Digest;

const DISTID: [&str; 2] = ["-vfyopt", "distid:1234567812345678"];

fn openssl(args: &[&str]) -> Option<Output> {
    let run = Command::new("openssl")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .output();
    if run.is_err() {
        eprintln!("skipped: no openssl here");
    }
    run.ok()
}

fn accepts(args: &[&str]) {
    let Some(output) = openssl(args) else { return };
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "openssl {args:?}: {}",
        String::from_utf8_lossy(&said)
    );
}

fn path(chain: Chain, file: &str) -> String {
    Member::find(file).unwrap().path(chain, "crt")
}

#[test]
fn openssl_accepts_every_link_of_the_sm2_chain() {
    for member in MEMBERS.iter().filter(|member| member.file != "root") {
        let (issuer, own) = (path(Chain::Sm2, member.issuer), path(Chain::Sm2, member.file));
        let anchored = if member.issuer == "root" {
            ["-CAfile", &issuer]
        } else {
            ["-trusted", &issuer]
        };
        let mut args = vec!["verify", DISTID[0], DISTID[1]];
        args.extend((member.issuer != "root").then_some("-partial_chain"));
        args.extend(anchored);
        args.push(&own);
        accepts(&args);
    }
}

#[test]
fn openssl_refuses_a_link_to_another_authority() {
    let (issuer, own) = (path(Chain::Sm2, "seal-maker-ca"), path(Chain::Sm2, "market"));
    let args = [
        "verify",
        DISTID[0],
        DISTID[1],
        "-partial_chain",
        "-trusted",
        &issuer,
        &own,
    ];
    let Some(output) = openssl(&args) else { return };
    assert!(!output.status.success());
}

#[test]
fn openssl_accepts_the_whole_rsa_chain_strictly() {
    let root = path(Chain::Rsa, "root");
    accepts(&["verify", "-x509_strict", "-check_ss_sig", "-CAfile", &root, &root]);
    for member in MEMBERS.iter().filter(|member| !member.is_authority()) {
        let (issuer, own) = (path(Chain::Rsa, member.issuer), path(Chain::Rsa, member.file));
        let mut args = vec!["verify", "-x509_strict", "-CAfile", &root, "-untrusted", &issuer];
        if member.kind == Kind::TimeStamp {
            args.extend(["-purpose", "timestampsign"]);
        }
        args.push(&own);
        accepts(&args);
    }
}

#[test]
fn openssl_accepts_the_rsa_revocation_lists_and_finds_the_revoked_certificate() {
    let out = tempfile::tempdir().unwrap();
    let mut bundle = Vec::new();
    for authority in MEMBERS.iter().filter(|member| member.is_authority()) {
        let (list, issuer) = (crl_path(Chain::Rsa, authority), path(Chain::Rsa, authority.file));
        let Some(output) = openssl(&["crl", "-inform", "DER", "-in", &list, "-CAfile", &issuer]) else {
            return;
        };
        assert!(
            output.status.success() && output.stderr.starts_with(b"verify OK"),
            "{list}"
        );
        bundle.extend(fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(issuer)).unwrap());
        bundle.extend(output.stdout);
    }
    let file = out.path().join("bundle.pem");
    fs::write(&file, bundle).unwrap();
    for member in MEMBERS.iter().filter(|member| !member.is_authority()) {
        let own = path(Chain::Rsa, member.file);
        let output = openssl(&["verify", "-crl_check_all", "-CAfile", file.to_str().unwrap(), &own]).unwrap();
        assert_eq!(output.status.success(), member.file != "revoked", "{own}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr).contains("certificate revoked"),
            member.file == "revoked"
        );
    }
}

#[test]
fn openssl_opens_every_key_file_with_the_documented_password() {
    for chain in Chain::ALL {
        for member in &MEMBERS {
            let key = member.path(chain, "key");
            accepts(&["pkey", "-in", &key, "-passin", "pass:cinnabar-development", "-noout"]);
        }
    }
}

#[test]
fn openssl_accepts_a_detached_cades_signature_by_the_rsa_key() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let keys = KeyRing::open(folder).unwrap();
    let read = |file: &str| {
        let text = fs::read_to_string(folder.join(path(Chain::Rsa, file))).unwrap();
        pem::decode(&text, "CERTIFICATE").unwrap().remove(0)
    };
    let document = b"the bytes of a document";
    let pending = SignedDataBuilder {
        dialect: Dialect::Cms,
        algorithm: SignatureAlgorithm::RsaSha256,
        signer: read("market"),
        chain: vec![read("org-ca")],
        content: SignedContent::Detached {
            digest: sha2::Sha256::digest(document).into(),
        },
        signing_time: None,
        attributes: vec![Attribute {
            oid: "1.3.6.1.4.1.59999.1.2".to_owned(),
            value: der::octet_string(&[7; 32]),
        }],
    }
    .to_be_signed()
    .unwrap();
    let key = keys.get(Chain::Rsa, Member::find("market").unwrap()).unwrap();
    let value = pending.assemble(&key.sign(pending.message()).unwrap(), &[]).unwrap();
    assert_eq!(value.len(), pending.reserve(0).unwrap());

    let out = tempfile::tempdir().unwrap();
    let (content, signature) = (out.path().join("document"), out.path().join("document.p7s"));
    fs::write(&content, document).unwrap();
    fs::write(&signature, value).unwrap();
    let root = path(Chain::Rsa, "root");
    let args = [
        "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile", &root,
    ];
    let files = [
        "-in",
        signature.to_str().unwrap(),
        "-content",
        content.to_str().unwrap(),
        "-out",
        "/dev/null",
    ];
    accepts(&[&args[..], &files[..]].concat());
    fs::write(&content, b"the bytes of a documend").unwrap();
    if let Some(output) = openssl(&[&args[..], &files[..]].concat()) {
        assert!(!output.status.success());
    }
}
