#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
use super::*;
use crate::certificate::DEVELOPMENT_OID;
use crate::testing::{Plan, extension};
use base64::Engine;

fn armour(der: &[u8]) -> String {
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

fn read(file: &str) -> io::Result<Vec<u8>> {
    match file {
        "root.pem" => Ok(armour(&Plan::ca("root", "root", None).der()).into_bytes()),
        "root.cer" => Ok(Plan::ca("root", "root", None).der()),
        "dev.cer" => Ok(Plan::ca("dev", "dev", None)
            .with(extension(DEVELOPMENT_OID, None, &[5, 0]))
            .der()),
        "two.pem" => Ok(armour(&Plan::ca("root", "root", None).der()).repeat(2).into_bytes()),
        "junk" => Ok(b"junk".to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    }
}

const HEAD: &str = "name = \"Test\"\nversion = \"1\"\n";

fn parse(rest: &str) -> Result<TrustSet, TrustError> {
    TrustSet::parse(&format!("{HEAD}{rest}"), &read)
}

fn message(rest: &str) -> String {
    parse(rest).unwrap_err().to_string()
}

#[test]
fn a_full_set_is_read() {
    let pem = armour(&Plan::ca("inline", "root", None).der());
    let set = parse(&format!(
        "[[anchor]]\ncertificate = \"root.pem\"\nroles = [\"signer\", \"time-stamp\"]\narea = \"110000\"\nsunset = \"2035-01-01T00:00:00Z\"\n\
         note = \"by telephone\"\n[[anchor]]\ncertificate = \"dev.cer\"\nroles = [\"seal-maker\"]\nsunset = 2035-01-01T08:00:00+08:00\n\
         [[intermediate]]\npem = \"\"\"{pem}\"\"\"\nnote = \"x\"\n"
    ))
    .unwrap();
    assert_eq!((set.name.as_str(), set.version.as_str()), ("Test", "1"));
    assert_eq!(set.anchors[0].roles, [Role::Signer, Role::TimeStamp]);
    assert_eq!(
        (set.anchors[0].sunset, set.anchors[1].sunset),
        (Some(2_051_222_400), Some(2_051_222_400))
    );
    assert_eq!(set.anchors[0].area.as_deref(), Some("110000"));
    assert_eq!(set.intermediates[0].subject_text(), "CN=inline");
    assert!(set.development);
}

#[test]
fn the_digest_follows_the_files_and_development_is_off_without_such_an_anchor() {
    let text = "[[anchor]]\ncertificate = \"root.cer\"\nroles = [\"signer\"]\n";
    let set = parse(text).unwrap();
    assert!(!set.development);
    let other = TrustSet::parse(&format!("{HEAD}{text}"), &|_| read("dev.cer")).unwrap();
    assert_ne!(set.digest, other.digest);
    assert_eq!(set.digest, parse(text).unwrap().digest);
}

#[test]
fn errors_say_which_entry_what_and_how_to_mend_it() {
    let anchor =
        |file: &str, roles: &str, rest: &str| format!("[[anchor]]\ncertificate = \"{file}\"\nroles = {roles}\n{rest}");
    let good = anchor("root.pem", "[\"signer\"]", "");
    assert_eq!(
        message(&format!("{good}{}", anchor("missing.pem", "[\"signer\"]", ""))),
        "trust set, [[anchor]] number 2: cannot read missing.pem: entity not found; paths are relative to the trust set's folder"
    );
    assert_eq!(
        message(&anchor("root.pem", "[\"signers\"]", "")),
        "trust set, [[anchor]] number 1: there is no role `signers`; roles are seal-maker, signer, time-stamp"
    );
    assert!(message(&anchor("root.pem", "[]", "")).contains("`roles` is empty"));
    assert!(message(&anchor("two.pem", "[\"signer\"]", "")).contains("expected one CERTIFICATE, found 2"));
    assert!(message(&anchor("junk", "[\"signer\"]", "")).contains("expected one CERTIFICATE, found 0"));
    assert!(
        message(&anchor("root.pem", "[\"signer\"]", "sunset = \"2035\"\n"))
            .contains("write it like 2035-01-01T00:00:00Z")
    );
    assert!(message(&anchor("root.pem", "[\"signer\"]", "pem = \"\"\n")).contains("not both or neither"));
    assert!(
        message(&format!("{good}{}", anchor("root.cer", "[\"time-stamp\"]", ""))).contains("merge the two entries")
    );
    assert!(
        message(&format!("{good}[[crl]]\nfile = \"root.cer\"\n"))
            .contains("[[crl]] number 1: not a certificate revocation list")
    );
    assert!(message("").contains("no [[anchor]]"));
}

#[test]
fn unknown_keys_are_refused_at_every_level() {
    let anchor = "[[anchor]]\ncertificate = \"root.pem\"\nroles = [\"signer\"]\n";
    for rest in [
        format!("colour = \"red\"\n{anchor}"),
        format!("{anchor}sunsett = \"2035-01-01T00:00:00Z\"\n"),
        format!("{anchor}[[intermediate]]\nroles = []\n"),
        format!("{anchor}[[crl]]\ncertificate = \"x\"\n"),
    ] {
        assert!(message(&rest).contains("unknown field"), "{rest}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = TrustSet::load("/nonexistent/trust.toml").unwrap_err().to_string();
    assert!(error.starts_with("trust set /nonexistent/trust.toml: "), "{error}");
}
