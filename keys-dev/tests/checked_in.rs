//! What lies in this folder: made by this program, as the profile demands, and right by our own readers.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, path::Path};

use cinnabar_keys::{Algorithm, KeyInfo, Signer};
use cinnabar_keys_dev::{
    Error,
    issue::{crl_path, issue},
    keys::KeyRing,
    output,
    pki::{CRL_FROM, CRL_TO, Chain, Kind, MEMBERS, Member, REVOKED_AT},
};
use cinnabar_pki::{
    certificate::Certificate,
    crl::Crl,
    path::{PathFault, Purpose, candidate_issuers, check},
    pem,
    trust::{Role, TrustSet},
};

const AT: i64 = 1_780_000_000;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn certificate(chain: Chain, file: &str) -> Certificate {
    let path = folder().join(Member::find(file).unwrap().path(chain, "crt"));
    let [der] = pem::decode(&fs::read_to_string(path).unwrap(), "CERTIFICATE")
        .unwrap()
        .try_into()
        .unwrap();
    Certificate::parse(&der).unwrap()
}

fn key_of(chain: Chain, certificate: &Certificate) -> KeyInfo {
    let algorithm = match chain {
        Chain::Sm2 => Algorithm::Sm2Sm3,
        Chain::Rsa => Algorithm::RsaSha256,
    };
    KeyInfo {
        uri: String::new(),
        algorithm,
        spki: certificate.spki_raw().to_vec(),
    }
}

#[test]
fn the_checked_in_keys_give_the_checked_in_files() {
    let keys = KeyRing::open(folder()).unwrap();
    for file in issue(&keys).unwrap() {
        let there = fs::read(folder().join(&file.path)).unwrap();
        assert!(there == file.content, "{} differs; run with --reissue", file.path);
    }
    for chain in Chain::ALL {
        for member in &MEMBERS {
            let spki = &keys.get(chain, member).unwrap().info().spki;
            assert_eq!(
                certificate(chain, member.file).spki_raw(),
                spki,
                "{}",
                member.path(chain, "key")
            );
        }
    }
}

#[test]
fn nothing_is_overwritten_unasked_and_nothing_half_written_is_left() {
    let out = tempfile::tempdir().unwrap();
    let file = |path: &str| output::File {
        path: path.to_owned(),
        content: b"new".to_vec(),
    };
    fs::create_dir(out.path().join("sm2")).unwrap();
    fs::write(out.path().join("sm2/b.crt"), "old").unwrap();
    let files = [file("sm2/a.crt"), file("sm2/b.crt")];
    assert!(
        matches!(output::write(out.path(), &files, false), Err(Error::Exists { path }) if path.ends_with("sm2/b.crt"))
    );
    assert!(!out.path().join("sm2/a.crt").exists());
    output::write(out.path(), &files, true).unwrap();
    assert_eq!(fs::read(out.path().join("sm2/b.crt")).unwrap(), b"new");
    assert_eq!(fs::read_dir(out.path().join("sm2")).unwrap().count(), 2);
    assert!(matches!(
        output::refuse_existing(folder(), KeyRing::paths()),
        Err(Error::Exists { .. })
    ));
}

#[test]
fn every_certificate_keeps_the_profile_and_is_marked() {
    for (chain, member) in Chain::ALL
        .into_iter()
        .flat_map(|chain| MEMBERS.iter().map(move |member| (chain, member)))
    {
        let read = certificate(chain, member.file);
        let issuer = certificate(chain, member.issuer);
        let name = member.path(chain, "crt");
        assert!(read.is_development(), "{name}");
        assert!(
            read.deviations().is_empty() && read.unknown_critical().is_empty(),
            "{name}"
        );
        assert_eq!(read.serial(), member.serial(chain), "{name}");
        assert_eq!(read.signature_algorithm(), chain.algorithm().oid(), "{name}");
        assert_eq!(read.issuer_raw(), issuer.subject_raw(), "{name}");
        assert_eq!(
            read.authority_key_id().unwrap(),
            issuer.subject_key_id().unwrap(),
            "{name}"
        );
        assert_eq!(read.is_ca(), member.is_authority(), "{name}");
        assert_eq!((read.not_before(), read.not_after()), member.validity(), "{name}");
        assert!(key_of(chain, &issuer).verifies(read.tbs(), read.signature()), "{name}");
        let usage = read.key_usage().unwrap();
        assert_eq!(usage.cert_sign() && usage.crl_sign(), member.is_authority(), "{name}");
        assert_eq!(
            usage.digital_signature() && usage.non_repudiation(),
            !member.is_authority(),
            "{name}"
        );
        if let Some(code) = member.code {
            assert_eq!(uscc_check(code), code.chars().last(), "{name}");
            assert_eq!(read.subject_common_name().as_deref(), Some(member.organization));
        }
        assert!(
            !key_of(chain, &certificate(chain, "market")).verifies(read.tbs(), read.signature()),
            "{name}"
        );
    }
}

#[test]
fn the_trust_set_gives_each_role_an_anchor_of_its_own() {
    let trust = TrustSet::load(folder().join("trust.toml")).unwrap();
    assert!(trust.development);
    assert_eq!(trust.crls.len(), 6);
    for chain in Chain::ALL {
        for member in MEMBERS.iter().filter(|member| !member.is_authority()) {
            let leaf = certificate(chain, member.file);
            let anchors: Vec<_> = trust.anchors.iter().map(|anchor| anchor.certificate.clone()).collect();
            let [index] = candidate_issuers(&leaf, &anchors).try_into().unwrap();
            let anchor = &trust.anchors[index];
            let (role, purpose) = match (member.file, member.kind) {
                ("seal-maker", _) => (Role::SealMaker, Purpose::SealMaker),
                (_, Kind::TimeStamp) => (Role::TimeStamp, Purpose::TimeStamp),
                _ => (Role::Signer, Purpose::Signer),
            };
            assert_eq!(anchor.roles, [role], "{}", member.path(chain, "crt"));
            let path = [&leaf, &anchor.certificate];
            assert_eq!(check(&path, AT, purpose), [], "{}", member.path(chain, "crt"));
            let wrong = if purpose == Purpose::TimeStamp {
                Purpose::Signer
            } else {
                Purpose::TimeStamp
            };
            assert_eq!(check(&path, AT, wrong), [(0, PathFault::ExtendedKeyUsage)]);
        }
    }
}

#[test]
fn every_authority_has_a_long_lived_list_and_only_one_certificate_is_revoked() {
    for chain in Chain::ALL {
        for authority in MEMBERS.iter().filter(|member| member.is_authority()) {
            let read = Crl::parse(&fs::read(folder().join(crl_path(chain, authority))).unwrap()).unwrap();
            let issuer = certificate(chain, authority.file);
            assert_eq!(read.issuer_raw(), issuer.subject_raw());
            assert_eq!((read.this_update(), read.next_update()), (CRL_FROM, Some(CRL_TO)));
            assert!(key_of(chain, &issuer).verifies(read.tbs(), read.signature()));
            for member in MEMBERS.iter().filter(|member| member.issuer == authority.file) {
                let revocation = read.revocation(certificate(chain, member.file).serial());
                let expected = (member.file == "revoked").then_some(REVOKED_AT);
                assert_eq!(
                    revocation.map(|entry| entry.at),
                    expected,
                    "{}",
                    member.path(chain, "crt")
                );
            }
        }
    }
}

/// GB 32100-2015, 4.
fn uscc_check(code: &str) -> Option<char> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut sum = 0;
    let mut weight = 1;
    for character in code.chars().take(17) {
        sum += ALPHABET.find(character)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}
