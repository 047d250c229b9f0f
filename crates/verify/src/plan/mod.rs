//! Adds what the trust set brings: certificate links and revocation lists, as further claims, under limits.
//!
//! Pure: the same claims and the same trust set give the same work. What depends on the trust set alone is prepared once, in
//! [`Known`], so that a plan costs the same under ten anchors and under a thousand.

mod known;
mod pool;
mod scheme;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::crl::Crl;
use cinnabar_pki::path;

pub use known::Known;
use known::Named;
pub use pool::Pool;
pub(crate) use scheme::{scheme, verifying_key};

use crate::Limits;
use crate::claims::{Alternative, Claims, Piece, StandingClaim, ValueClaim};
use crate::context::Context;

/// "This certificate was signed by that issuer's key."
#[derive(Debug, Clone)]
pub struct Link {
    /// Index into [`Work::pool`].
    pub subject: usize,
    /// Index into [`Work::pool`].
    pub issuer: usize,
    /// The arithmetic.
    pub claim: Arc<StandingClaim>,
}

/// "This revocation list was signed by that issuer's key."
#[derive(Debug, Clone)]
pub struct CrlLink {
    /// The list.
    pub crl: Arc<Crl>,
    /// Index into [`Work::pool`].
    pub issuer: usize,
    /// The arithmetic.
    pub claim: Arc<StandingClaim>,
}

/// One document's claims with all that is to be answered about it.
#[derive(Debug)]
pub struct Work<'a> {
    /// What the document claims.
    pub claims: &'a Claims,
    /// Certificates of the document and of the trust set, each once.
    pub pool: Pool<'a>,
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
        self.pool.position(certificate)
    }
}

/// Plans the work for one document.
pub fn plan<'a>(claims: &'a Claims, context: &'a Context<'_>, limits: &Limits) -> Work<'a> {
    // The trust set's come first: a document must not crowd them out of the candidates.
    let known = context.known();
    let mut pool = Pool::new(known);
    let mut wanted = VecDeque::new();
    for signature in &claims.signatures {
        let makers = signature.seal.iter().filter_map(|s| s.maker.as_ref());
        let stamps = signature.stamps.iter().filter_map(|s| s.signer.as_ref());
        for certificate in signature.signer.iter().chain(makers).chain(stamps) {
            wanted.push_back(pool.add(certificate));
        }
    }
    for certificate in claims.certificates.iter().take(limits.certificates) {
        pool.add(certificate);
    }

    let names = Names::new(known, &pool);
    let mut links: Vec<Link> = Vec::new();
    let mut cut = false;
    let mut seen = HashSet::new();
    while let Some(subject) = wanted.pop_front() {
        if !seen.insert(subject) || known.is_anchor(subject) {
            continue;
        }
        let Some(certificate) = pool.get(subject) else { continue };
        for issuer in names.candidate_issuers(certificate).into_iter().take(limits.issuers) {
            if links.len() >= limits.links {
                cut = true;
                break;
            }
            let Some(issuer_certificate) = pool.get(issuer) else {
                continue;
            };
            let claim = match known.link_claim(subject, issuer) {
                Some(claim) => Arc::clone(claim),
                None => Arc::new(certificate_claim(certificate, issuer_certificate)),
            };
            links.push(Link { subject, issuer, claim });
            wanted.push_back(issuer);
        }
    }
    let issuers: BTreeSet<usize> = links.iter().map(|l| l.issuer).chain(seen).collect();
    let crls = plan_crls(claims, &issuers, &names, limits, &mut cut);
    Work {
        claims,
        pool,
        links,
        crls,
        cut,
    }
}

/// The names of a document's own certificates, each read when it is first needed.
struct Names<'a> {
    known: &'a Known,
    pool: &'a Pool<'a>,
    own: Vec<OnceCell<Named>>,
}

impl<'a> Names<'a> {
    fn new(known: &'a Known, pool: &'a Pool<'a>) -> Self {
        Self {
            known,
            pool,
            own: pool.own().map(|_| OnceCell::new()).collect(),
        }
    }

    /// The subject of the certificate at a place.
    fn subject(&self, place: usize, certificate: &Certificate) -> Option<&Named> {
        match place.checked_sub(self.known.certificates().len()) {
            None => self.known.subject(place),
            Some(own) => {
                let name = self.own.get(own)?;
                Some(name.get_or_init(|| self.known.resolve(certificate.subject_raw())))
            }
        }
    }

    /// Places of certificates that bear this name, in order.
    fn bearers(&self, raw: &[u8], name: &Named) -> Vec<usize> {
        let shared = self.known.bearers(name).iter().copied();
        let own = self.pool.own().filter(|(place, certificate)| {
            certificate.subject_raw() == raw || self.subject(*place, certificate) == Some(name)
        });
        shared.chain(own.map(|(place, _)| place)).collect()
    }

    /// As [`path::candidate_issuers`] of the whole pool.
    fn candidate_issuers(&self, certificate: &Certificate) -> Vec<usize> {
        let raw = certificate.issuer_raw();
        let places = self.bearers(raw, &self.known.resolve(raw));
        let bearers: Vec<Certificate> = places.iter().filter_map(|p| self.pool.get(*p)).cloned().collect();
        let chosen = path::candidate_issuers(certificate, &bearers);
        chosen
            .into_iter()
            .filter_map(|index| places.get(index).copied())
            .collect()
    }
}

/// Pairs each list with each issuer of its name. The operator's come first: a document must not crowd them out.
fn plan_crls(
    claims: &Claims,
    issuers: &BTreeSet<usize>,
    names: &Names<'_>,
    limits: &Limits,
    cut: &mut bool,
) -> Vec<CrlLink> {
    let known = names.known;
    let parsed = claims.crls.iter().take(limits.crls);
    let carried: Vec<(Arc<Crl>, Named)> = parsed
        .filter_map(|der| Crl::parse(der).ok())
        .map(|crl| (Arc::new(crl.clone()), known.resolve(crl.issuer_raw())))
        .collect();
    let mut pairs = Vec::new();
    for &issuer in issuers {
        let Some(certificate) = names.pool.get(issuer) else {
            continue;
        };
        let Some(name) = names.subject(issuer, certificate) else {
            continue;
        };
        pairs.extend(known.crls_of(name).iter().map(|&crl| (crl, issuer)));
        let of_issuer = carried
            .iter()
            .enumerate()
            .filter(|(_, (_, crl_issuer))| crl_issuer == name);
        pairs.extend(of_issuer.map(|(index, _)| (known.crls().len() + index, issuer)));
    }
    pairs.sort_unstable();
    if pairs.len() > limits.crls {
        *cut = true;
        pairs.truncate(limits.crls);
    }
    // Grouped by issuer, and for each in the order of the lists.
    pairs.sort_by_key(|(_, issuer)| *issuer);
    let link = |(index, issuer): (usize, usize)| {
        let crl = known
            .crls()
            .iter()
            .chain(carried.iter().map(|(crl, _)| crl))
            .nth(index)?;
        let claim = match known.crl_claim(index, issuer) {
            Some(claim) => Arc::clone(claim),
            None => Arc::new(crl_claim(crl, names.pool.get(issuer)?)),
        };
        Some(CrlLink {
            crl: Arc::clone(crl),
            issuer,
            claim,
        })
    };
    pairs.into_iter().filter_map(link).collect()
}

fn certificate_claim(subject: &Certificate, issuer: &Certificate) -> StandingClaim {
    let key = issuer.public_key();
    StandingClaim::new(ValueClaim {
        key: verifying_key(key),
        scheme: scheme(subject.signature_algorithm(), None, key),
        alternatives: vec![Alternative::standard(vec![Piece::Certificate(subject.clone())])],
        value: subject.signature().to_vec(),
    })
}

fn crl_claim(crl: &Arc<Crl>, issuer: &Certificate) -> StandingClaim {
    let key = issuer.public_key();
    StandingClaim::new(ValueClaim {
        key: verifying_key(key),
        scheme: scheme(crl.signature_algorithm(), None, key),
        alternatives: vec![Alternative::standard(vec![Piece::Crl(Arc::clone(crl))])],
        value: crl.signature().to_vec(),
    })
}
