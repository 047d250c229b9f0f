//! Certificates, revocation lists and the trust set. Equal keys give equal bytes.

use cinnabar_keys::Signer;
use cinnabar_pki::{
    certificate::DEVELOPMENT_OID,
    write::{CertificateBuilder, CrlBuilder, Extension, RevokedEntry, ToBeSigned, Usage, key_identifier},
};
use der::pem::LineEnding;

use crate::{
    Error, MARK,
    keys::KeyRing,
    output::File,
    pki::{CRL_FROM, CRL_TO, Chain, Kind, MEMBERS, Member, REVOKED_AT},
};

/// id-kp-timeStamping, RFC 3161.
const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// cessationOfOperation, RFC 5280, 5.3.1.
const CESSATION: u8 = 5;

/// Issues everything but the keys.
///
/// # Errors
/// [`Error::Write`] or [`Error::Sign`], neither of which happens with the members there are and sound keys.
pub fn issue(keys: &KeyRing) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for chain in Chain::ALL {
        for member in &MEMBERS {
            let certificate = certificate(keys, chain, member)?;
            let pem = der::pem::encode_string("CERTIFICATE", LineEnding::LF, &certificate).map_err(Error::Pem)?;
            files.push(File {
                path: member.path(chain, "crt"),
                content: pem.into_bytes(),
            });
        }
        for member in MEMBERS.iter().filter(|member| member.is_authority()) {
            let path = crl_path(chain, member);
            files.push(File {
                path,
                content: revocation_list(keys, chain, member)?,
            });
        }
    }
    files.push(File {
        path: "trust.toml".to_owned(),
        content: trust_set().into_bytes(),
    });
    Ok(files)
}

/// Gives the path of an authority's revocation list in the output folder.
#[must_use]
pub fn crl_path(chain: Chain, authority: &Member) -> String {
    format!("crl/{}-{}.crl", chain.folder(), authority.file)
}

fn certificate(keys: &KeyRing, chain: Chain, member: &Member) -> Result<Vec<u8>, Error> {
    let issuer = issuer_of(member)?;
    let spki = keys.get(chain, member)?.info().spki.clone();
    let issuer_key = keys.get(chain, issuer)?;
    let (not_before, not_after) = member.validity();
    let mut extensions = match member.kind {
        Kind::Authority { path_length } => {
            vec![
                Extension::authority(Some(path_length)),
                Extension::key_usage(&[Usage::CertSign, Usage::CrlSign]),
            ]
        }
        Kind::Signer => vec![Extension::key_usage(&[Usage::DigitalSignature, Usage::NonRepudiation])],
        Kind::TimeStamp => vec![
            Extension::key_usage(&[Usage::DigitalSignature, Usage::NonRepudiation]),
            Extension::extended_key_usage(true, &[TIME_STAMPING])?,
        ],
    };
    extensions.extend([
        Extension::subject_key_id(&key_identifier(&spki)),
        Extension::authority_key_id(&key_identifier(&issuer_key.info().spki)),
        Extension::text(DEVELOPMENT_OID, MARK),
    ]);
    let builder = CertificateBuilder {
        serial: member.serial(chain),
        algorithm: chain.algorithm(),
        issuer: issuer.name(chain)?,
        not_before,
        not_after,
        subject: member.name(chain)?,
        spki,
        extensions,
    };
    sign(builder.finalize()?, issuer_key)
}

fn revocation_list(keys: &KeyRing, chain: Chain, authority: &Member) -> Result<Vec<u8>, Error> {
    let key = keys.get(chain, authority)?;
    let revoked = MEMBERS
        .iter()
        .filter(|member| member.file == "revoked" && member.issuer == authority.file);
    let builder = CrlBuilder {
        algorithm: chain.algorithm(),
        issuer: authority.name(chain)?,
        authority_key_id: key_identifier(&key.info().spki).to_vec(),
        number: 1,
        this_update: CRL_FROM,
        next_update: CRL_TO,
        revoked: revoked
            .map(|member| RevokedEntry {
                serial: member.serial(chain),
                at: REVOKED_AT,
                reason: Some(CESSATION),
            })
            .collect(),
    };
    sign(builder.finalize()?, key)
}

fn sign(to_be_signed: ToBeSigned, key: &dyn Signer) -> Result<Vec<u8>, Error> {
    let signature = key.sign(to_be_signed.message())?;
    Ok(to_be_signed.assemble(&signature)?)
}

fn issuer_of(member: &Member) -> Result<&'static Member, Error> {
    Member::find(member.issuer).ok_or_else(|| Error::MissingKey {
        name: member.issuer.to_owned(),
    })
}

fn trust_set() -> String {
    let mut text = String::from(
        "# 开发测试信任集：只用于开发，任何报告都会标明。由 keys-dev 程序生成。\n\
         # Development trust set: for development only, and every report says so. Made by the keys-dev program.\n\
         # Each role has an anchor of its own: a seal maker's certificate can never pass as a signer's, nor the reverse.\n\n\
         name = \"Cinnabar development\"\nversion = \"1\"\n",
    );
    for chain in Chain::ALL {
        let folder = chain.folder();
        for (file, role, note) in [
            ("seal-maker-ca", "seal-maker", "制章人 CA: certifies who makes seals"),
            ("org-ca", "signer", "机构 CA: certifies who signs licences"),
            (
                "root",
                "time-stamp",
                "根: certifies the time-stamp authority itself, and is trusted for nothing else",
            ),
        ] {
            text += &format!(
                "\n[[anchor]]\ncertificate = \"{folder}/{file}.crt\"\nroles = [\"{role}\"]\narea = \"990100\"\nnote = \"{note}\"\n"
            );
        }
    }
    for chain in Chain::ALL {
        for member in MEMBERS.iter().filter(|member| member.is_authority()) {
            text += &format!("\n[[crl]]\nfile = \"{}\"\n", crl_path(chain, member));
        }
    }
    text
}
