//! Key files of our own and of OpenSSL, and what is refused.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::{Command, Stdio};

use cinnabar_keys::{
    Algorithm, Signer,
    soft::{KeyError, SoftKey},
};

fn openssl(args: &[&str], input: &[u8]) -> Option<String> {
    use std::io::Write;
    let mut child = match Command::new("openssl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(child) => child,
        Err(_) => {
            eprintln!("skipped: no openssl here");
            return None;
        }
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "openssl {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_encrypted_file_opens_with_its_password_only() {
    let key = SoftKey::generate_sm2().unwrap();
    let pem = key.to_encrypted_pem("密码".as_bytes()).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    assert_eq!(SoftKey::open(&pem, "密码".as_bytes()).unwrap().info(), key.info());
    assert_eq!(SoftKey::open(&pem, b"other").unwrap_err(), KeyError::Password);
    assert_eq!(SoftKey::open(&pem, b"").unwrap_err(), KeyError::Password);
    assert_eq!(key.to_encrypted_pem(b"").unwrap_err(), KeyError::EmptyPassword);
}

#[test]
fn openssl_reads_what_we_write() {
    let key = SoftKey::generate_sm2().unwrap();
    let pem = key.to_encrypted_pem(b"pw").unwrap();
    let args = ["pkey", "-passin", "pass:pw", "-pubout", "-outform", "PEM"];
    let Some(public) = openssl(&args, pem.as_bytes()) else {
        return;
    };
    let (_, document) = pkcs8::Document::from_pem(&public).unwrap();
    assert_eq!(document.as_bytes(), key.info().spki);
}

#[test]
fn we_read_what_openssl_writes() {
    let Some(plain) = openssl(&["genpkey", "-algorithm", "SM2"], b"") else {
        return;
    };
    let key = SoftKey::open(&plain, b"").unwrap();
    assert_eq!(key.info().algorithm, Algorithm::Sm2Sm3);
    let sealed = openssl(
        &["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:pw"],
        plain.as_bytes(),
    )
    .unwrap();
    let opened = SoftKey::open(&sealed, b"pw").unwrap();
    assert_eq!(opened.info(), key.info());
    let signature = opened.sign(b"m").unwrap();
    assert!(key.info().verifies(b"m", &signature));
}

#[test]
fn rsa_keys_of_2048_bits_sign_and_shorter_ones_are_refused() {
    let genpkey = |bits| openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", bits], b"");
    let Some(plain) = genpkey("rsa_keygen_bits:2048") else {
        return;
    };
    let key = SoftKey::open(&plain, b"").unwrap();
    assert_eq!(key.info().algorithm, Algorithm::RsaSha256);
    let signature = key.sign(b"m").unwrap();
    assert_eq!(signature.len(), 256);
    assert!(key.info().verifies(b"m", &signature));
    assert!(!key.info().verifies(b"n", &signature));
    let again = SoftKey::open(&key.to_encrypted_pem(b"pw").unwrap(), b"pw").unwrap();
    assert_eq!(again.sign(b"m").unwrap(), signature);

    let short = genpkey("rsa_keygen_bits:1024").unwrap();
    assert!(matches!(SoftKey::open(&short, b""), Err(KeyError::Rsa { .. })));
}

#[test]
fn other_files_are_refused_with_the_reason() {
    assert_eq!(SoftKey::open("", b"").unwrap_err(), KeyError::NotPem);
    assert_eq!(SoftKey::open("hello", b"").unwrap_err(), KeyError::NotPem);
    let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    assert_eq!(
        SoftKey::open(certificate, b"").unwrap_err(),
        KeyError::Label {
            found: "CERTIFICATE".into()
        }
    );
    let hollow = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert_eq!(SoftKey::open(hollow, b"").unwrap_err(), KeyError::NotPkcs8);
    let Some(p256) = openssl(
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        b"",
    ) else {
        return;
    };
    assert!(matches!(SoftKey::open(&p256, b""), Err(KeyError::Sm2(_))));
    let ed25519 = openssl(&["genpkey", "-algorithm", "ED25519"], b"").unwrap();
    assert_eq!(
        SoftKey::open(&ed25519, b"").unwrap_err(),
        KeyError::Algorithm {
            oid: "1.3.101.112".into()
        }
    );
}

#[test]
fn a_file_that_asks_for_gigabytes_is_refused_at_once() {
    let pem = SoftKey::generate_sm2().unwrap().to_encrypted_pem(b"pw").unwrap();
    let (_, document) = pkcs8::Document::from_pem(&pem).unwrap();
    let mut der = document.to_vec();
    let (r8_p1, r127_p127) = ([2, 1, 8, 2, 1, 1], [2, 1, 127, 2, 1, 127]);
    let place = der.windows(6).position(|window| window == r8_p1).unwrap();
    der[place..place + 6].copy_from_slice(&r127_p127);
    let costly = pkcs8::Document::try_from(der)
        .unwrap()
        .to_pem("ENCRYPTED PRIVATE KEY", pkcs8::LineEnding::LF)
        .unwrap();
    assert_eq!(SoftKey::open(&costly, b"pw").unwrap_err(), KeyError::TooCostly);
}

#[test]
fn debug_shows_only_the_public_half() {
    let key = SoftKey::generate_sm2().unwrap();
    let shown = format!("{key:?}");
    assert!(shown.contains("soft:") && shown.ends_with(".. }"), "{shown}");
    assert!(!shown.contains("pkcs8") && !shown.contains("secret"), "{shown}");
}
