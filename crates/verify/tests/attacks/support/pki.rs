//! A throw-away PKI: authorities with a role each, leaves, revocation lists, and trust sets that name them.

use cinnabar_keys::Signer;
use cinnabar_keys::soft::SoftKey;
use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::trust::TrustSet;
use cinnabar_pki::write::{
    CertificateBuilder, CrlBuilder, Extension, Name, NamePart, RevokedEntry, SignatureAlgorithm, Usage,
};
use cinnabar_sm::sm3;

use super::{AT, DAY, SIGNED_AT};

/// A key with its certificate.
pub struct Identity {
    pub key: SoftKey,
    pub der: Vec<u8>,
    pub name: Name,
}

impl Identity {
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).unwrap()
    }

    pub fn certificate(&self) -> Certificate {
        Certificate::parse(&self.der).unwrap()
    }

    pub fn serial(&self) -> Vec<u8> {
        self.certificate().serial().to_vec()
    }
}

/// What a certificate shall say; the defaults make a good document signer.
pub struct Plan {
    pub name: &'static str,
    pub serial: u8,
    pub validity: (i64, i64),
    pub authority: bool,
    pub usages: Vec<Usage>,
    pub time_stamping: bool,
}

impl Plan {
    pub fn leaf(name: &'static str, serial: u8) -> Self {
        Self {
            name,
            serial,
            validity: (SIGNED_AT - 400 * DAY, AT + 400 * DAY),
            authority: false,
            usages: vec![Usage::DigitalSignature, Usage::NonRepudiation],
            time_stamping: false,
        }
    }

    pub fn authority(name: &'static str, serial: u8) -> Self {
        Self {
            authority: true,
            usages: vec![Usage::CertSign, Usage::CrlSign],
            validity: (SIGNED_AT - 4000 * DAY, AT + 4000 * DAY),
            ..Self::leaf(name, serial)
        }
    }

    pub fn valid(mut self, from: i64, to: i64) -> Self {
        self.validity = (from, to);
        self
    }

    pub fn self_signed(&self) -> Identity {
        self.build(None)
    }

    pub fn issued_by(&self, issuer: &Identity) -> Identity {
        self.build(Some(issuer))
    }

    /// The key identifier hangs on the name alone, so that a namesake has the same one.
    fn build(&self, issuer: Option<&Identity>) -> Identity {
        let key = SoftKey::generate_sm2().unwrap();
        let parts = [(NamePart::Country, "CN"), (NamePart::CommonName, self.name)];
        let name = Name::new(&parts).unwrap();
        let issuer_name = issuer.map_or(&name, |i| &i.name);
        let id = |name: &Name| sm3::digest([name.as_der()])[..20].to_vec();
        let mut extensions = Vec::new();
        if self.authority {
            extensions.push(Extension::authority(None));
        }
        extensions.push(Extension::key_usage(&self.usages));
        if self.time_stamping {
            extensions.push(Extension::extended_key_usage(true, &["1.3.6.1.5.5.7.3.8"]).unwrap());
        }
        extensions.push(Extension::subject_key_id(&id(&name)));
        extensions.push(Extension::authority_key_id(&id(issuer_name)));
        let pending = CertificateBuilder {
            serial: vec![0x11, self.serial],
            algorithm: SignatureAlgorithm::Sm2Sm3,
            issuer: issuer_name.clone(),
            not_before: self.validity.0,
            not_after: self.validity.1,
            subject: name.clone(),
            spki: key.info().spki.clone(),
            extensions,
        }
        .finalize()
        .unwrap();
        let value = issuer.map_or(&key, |i| &i.key).sign(pending.message()).unwrap();
        let der = pending.assemble(&value).unwrap();
        Identity { key, der, name }
    }
}

/// A revocation list of `issuer`.
pub fn crl(issuer: &Identity, this_update: i64, next_update: i64, revoked: &[(&Identity, i64)]) -> Vec<u8> {
    crl_signed_by(issuer, issuer, this_update, next_update, revoked)
}

/// A revocation list in the name of `issuer`, signed with the key of `hand`.
pub fn crl_signed_by(
    issuer: &Identity,
    hand: &Identity,
    this_update: i64,
    next_update: i64,
    revoked: &[(&Identity, i64)],
) -> Vec<u8> {
    let entry = |(identity, at): &(&Identity, i64)| RevokedEntry {
        serial: identity.serial(),
        at: *at,
        reason: None,
    };
    let pending = CrlBuilder {
        algorithm: SignatureAlgorithm::Sm2Sm3,
        issuer: issuer.name.clone(),
        authority_key_id: sm3::digest([issuer.name.as_der()])[..20].to_vec(),
        number: 1,
        this_update,
        next_update,
        revoked: revoked.iter().map(entry).collect(),
    }
    .finalize()
    .unwrap();
    let value = hand.sign(pending.message());
    pending.assemble(&value).unwrap()
}

/// A trust set that names these authorities for these roles, with these revocation lists.
pub fn trust(anchors: &[(&Identity, &[&str])], crls: &[Vec<u8>]) -> TrustSet {
    let mut text = "name = \"test\"\nversion = \"1\"\n".to_owned();
    for (index, (_, roles)) in anchors.iter().enumerate() {
        text += &format!("[[anchor]]\ncertificate = \"a{index}\"\nroles = {roles:?}\n");
    }
    for index in 0..crls.len() {
        text += &format!("[[crl]]\nfile = \"c{index}\"\n");
    }
    let read = |file: &str| {
        let index: usize = file[1..].parse().unwrap();
        Ok(match &file[..1] {
            "a" => anchors[index].0.der.clone(),
            _ => crls[index].clone(),
        })
    };
    TrustSet::parse(&text, &read).unwrap()
}

/// Everyone who takes part in a good document.
pub struct Pki {
    pub seal_ca: Identity,
    pub org_ca: Identity,
    pub stamp_ca: Identity,
    pub maker: Identity,
    pub signer: Identity,
    pub other_signer: Identity,
    pub stamper: Identity,
    pub seal: Vec<u8>,
}

impl Pki {
    /// Each call makes other keys under the same names, serial numbers and key identifiers.
    pub fn new() -> Self {
        let seal_ca = Plan::authority("Seal maker CA", 1).self_signed();
        let org_ca = Plan::authority("Organisation CA", 2).self_signed();
        let stamp_ca = Plan::authority("Time CA", 3).self_signed();
        let maker = Plan::leaf("Seal maker", 4).issued_by(&seal_ca);
        let signer = Plan::leaf("Bureau", 5).issued_by(&org_ca);
        let other_signer = Plan::leaf("Other bureau", 6).issued_by(&org_ca);
        let stamper = Plan {
            time_stamping: true,
            ..Plan::leaf("Time stamper", 7)
        }
        .issued_by(&stamp_ca);
        let seal = super::seal::Order::default().make(&maker, &[&signer]);
        Self {
            seal_ca,
            org_ca,
            stamp_ca,
            maker,
            signer,
            other_signer,
            stamper,
            seal,
        }
    }

    /// Each authority for its own role alone, without revocation lists.
    pub fn trust(&self) -> TrustSet {
        self.trust_with(&[])
    }

    pub fn trust_with(&self, crls: &[Vec<u8>]) -> TrustSet {
        let anchors: [(&Identity, &[&str]); 3] = [
            (&self.seal_ca, &["seal-maker"]),
            (&self.org_ca, &["signer"]),
            (&self.stamp_ca, &["time-stamp"]),
        ];
        trust(&anchors, crls)
    }

    /// Fresh and empty lists of all three authorities.
    pub fn fresh_crls(&self) -> Vec<Vec<u8>> {
        [&self.seal_ca, &self.org_ca, &self.stamp_ca]
            .map(|ca| crl(ca, AT - DAY, AT + DAY, &[]))
            .to_vec()
    }
}
