//! Adds what the trust set brings: certificate links and revocation lists, as further claims, under limits.
//!
//! Pure: the same claims and the same trust set give the same work.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use cinnabar_pki::certificate::{Certificate, PublicKey};
use cinnabar_pki::crl::Crl;
use cinnabar_pki::{name, path};

use crate::Limits;
use crate::claims::{Alternative, Claims, DigestAlgorithm, Piece, Scheme, ValueClaim, VerifyingKey};
use crate::context::Context;

/// "This certificate was signed by that issuer's key."
#[derive(Debug, Clone)]
pub struct Link {
    /// Index into [`Work::pool`].
    pub subject: usize,
    /// Index into [`Work::pool`].
    pub issuer: usize,
    /// The arithmetic.
    pub claim: ValueClaim,
}

/// "This revocation list was signed by that issuer's key."
#[derive(Debug, Clone)]
pub struct CrlLink {
    /// The list.
    pub crl: Arc<Crl>,
    /// Index into [`Work::pool`].
    pub issuer: usize,
    /// The arithmetic.
    pub claim: ValueClaim,
}

/// One document's claims with all that is to be answered about it.
#[derive(Debug)]
pub struct Work<'a> {
    /// What the document claims.
    pub claims: &'a Claims,
    /// Certificates of the document and of the trust set, each once.
    pub pool: Vec<Certificate>,
    /// Links between them, bounded by [`Limits::links`].
    pub links: Vec<Link>,
    /// Revocation lists whose issuer is in the pool.
    pub crls: Vec<CrlLink>,
    /// A limit cut the plan short, so a path may have been missed.
    pub cut: bool,
}

impl Work<'_> {
    /// Where a certificate stands in the pool.
    pub fn position(&self, certificate: &Certificate) -> Option<usize> {
        self.pool.iter().position(|c| c.raw() == certificate.raw())
    }
}

/// Plans the work for one document.
pub fn plan<'a>(claims: &'a Claims, context: &Context<'_>, limits: &Limits) -> Work<'a> {
    let mut pool: Vec<Certificate> = Vec::new();
    let mut place: HashMap<[u8; 32], usize> = HashMap::new();
    let mut add = |certificate: &Certificate| {
        let index = *place.entry(certificate.fingerprint_sm3()).or_insert(pool.len());
        if index == pool.len() {
            pool.push(certificate.clone());
        }
        index
    };

    // The trust set's come first: a document must not crowd them out of the candidates.
    let mut anchors = HashSet::new();
    if let Some(trust) = context.trust {
        for anchor in &trust.anchors {
            anchors.insert(add(&anchor.certificate));
        }
        for certificate in &trust.intermediates {
            add(certificate);
        }
    }
    let mut wanted = VecDeque::new();
    for signature in &claims.signatures {
        let makers = signature.seal.iter().filter_map(|s| s.maker.as_ref());
        let stamps = signature.stamps.iter().filter_map(|s| s.signer.as_ref());
        for certificate in signature.signer.iter().chain(makers).chain(stamps) {
            wanted.push_back(add(certificate));
        }
    }
    for certificate in claims.certificates.iter().take(limits.certificates) {
        add(certificate);
    }

    let mut work = Work {
        claims,
        pool,
        links: Vec::new(),
        crls: Vec::new(),
        cut: false,
    };
    let mut seen = HashSet::new();
    while let Some(subject) = wanted.pop_front() {
        if !seen.insert(subject) || anchors.contains(&subject) {
            continue;
        }
        let Some(certificate) = work.pool.get(subject).cloned() else {
            continue;
        };
        for issuer in path::candidate_issuers(&certificate, &work.pool)
            .into_iter()
            .take(limits.issuers)
        {
            if issuer == subject {
                continue;
            }
            if work.links.len() >= limits.links {
                work.cut = true;
                break;
            }
            let claim = certificate_claim(&certificate, &work.pool[issuer]);
            work.links.push(Link { subject, issuer, claim });
            wanted.push_back(issuer);
        }
    }
    plan_crls(&mut work, &seen, context, limits);
    work
}

fn plan_crls(work: &mut Work<'_>, met: &HashSet<usize>, context: &Context<'_>, limits: &Limits) {
    let carried = work
        .claims
        .crls
        .iter()
        .take(limits.crls)
        .filter_map(|der| Crl::parse(der).ok())
        .map(Arc::new);
    let known = context.crls.iter().cloned();
    let issuers: BTreeSet<usize> = work.links.iter().map(|l| l.issuer).chain(met.iter().copied()).collect();
    let mut planned = Vec::new();
    // The operator's come first: a document must not crowd them out.
    for crl in known.chain(carried) {
        for &issuer in &issuers {
            if planned.len() >= limits.crls {
                work.cut = true;
                break;
            }
            let certificate = &work.pool[issuer];
            if !name::equal(crl.issuer_raw(), certificate.subject_raw()) {
                continue;
            }
            let claim = ValueClaim {
                key: verifying_key(certificate.public_key()),
                scheme: certificate_scheme(crl.signature_algorithm(), certificate.public_key()),
                alternatives: vec![Alternative::standard(vec![Piece::Inline(crl.tbs().to_vec())])],
                value: crl.signature().to_vec(),
            };
            planned.push(CrlLink {
                crl: Arc::clone(&crl),
                issuer,
                claim,
            });
        }
    }
    planned.sort_by_key(|c| c.issuer);
    work.crls = planned;
}

fn certificate_claim(subject: &Certificate, issuer: &Certificate) -> ValueClaim {
    ValueClaim {
        key: verifying_key(issuer.public_key()),
        scheme: certificate_scheme(subject.signature_algorithm(), issuer.public_key()),
        alternatives: vec![Alternative::standard(vec![Piece::Inline(subject.tbs().to_vec())])],
        value: subject.signature().to_vec(),
    }
}

/// The key of a certificate, as compute takes it.
pub(crate) fn verifying_key(key: &PublicKey) -> VerifyingKey {
    match key {
        PublicKey::Sm2(point) => VerifyingKey::Sm2(*point),
        PublicKey::Rsa { der, bits } => VerifyingKey::Rsa(der.clone(), *bits),
        PublicKey::P256(point) => VerifyingKey::P256(point.clone()),
        PublicKey::P384(point) => VerifyingKey::P384(point.clone()),
        PublicKey::Unknown { algorithm } => VerifyingKey::Unknown(algorithm.clone()),
    }
}

fn certificate_scheme(oid: &str, key: &PublicKey) -> Scheme {
    scheme(oid, None, key)
}

/// The scheme that a signature algorithm OID names, if it fits the key; `digest` settles OIDs that name none.
pub(crate) fn scheme(oid: &str, digest: Option<DigestAlgorithm>, key: &PublicKey) -> Scheme {
    let unknown = || Scheme::Unknown(oid.to_owned());
    match (key, oid) {
        (PublicKey::Sm2(_), "1.2.156.10197.1.501" | "1.2.156.10197.1.301.1" | "1.2.156.10197.1.301") => Scheme::Sm2Sm3,
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.5") => Scheme::RsaPkcs1(DigestAlgorithm::Sha1),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.11") => Scheme::RsaPkcs1(DigestAlgorithm::Sha256),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.12") => Scheme::RsaPkcs1(DigestAlgorithm::Sha384),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.13") => Scheme::RsaPkcs1(DigestAlgorithm::Sha512),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.1") => digest.map_or_else(unknown, Scheme::RsaPkcs1),
        (PublicKey::Rsa { .. }, "1.2.840.113549.1.1.10") => digest.map_or_else(unknown, Scheme::RsaPss),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.4.3.2") => Scheme::Ecdsa(DigestAlgorithm::Sha256),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.4.3.3") => Scheme::Ecdsa(DigestAlgorithm::Sha384),
        (PublicKey::P256(_) | PublicKey::P384(_), "1.2.840.10045.2.1") => digest.map_or_else(unknown, Scheme::Ecdsa),
        _ => unknown(),
    }
}
