//! What the operator brings, prepared once for all documents: the trust set's certificates, revocation lists, and their claims.

use std::collections::HashMap;
use std::sync::Arc;

use cinnabar_pki::certificate::Certificate;
use cinnabar_pki::crl::Crl;
use cinnabar_pki::name;
use cinnabar_pki::trust::TrustSet;

use super::pool::Places;
use super::{certificate_claim, crl_claim};
use crate::claims::StandingClaim;

/// The part of every plan that no document changes.
#[derive(Debug, Default)]
pub struct Known {
    pool: Vec<Certificate>,
    /// The first so many of the pool are anchors.
    anchors: usize,
    places: Places,
    /// The subject of each certificate of the pool.
    subjects: Vec<Named>,
    names: HashMap<Vec<u8>, usize>,
    keys: HashMap<name::Key, usize>,
    groups: Vec<Group>,
    crls: Vec<Arc<Crl>>,
    crl_claims: HashMap<(usize, usize), Arc<StandingClaim>>,
    link_claims: HashMap<(usize, usize), Arc<StandingClaim>>,
}

/// What goes by one name.
#[derive(Debug, Default)]
struct Group {
    /// Places of certificates with this subject, in order.
    certificates: Vec<usize>,
    /// Places of revocation lists with this issuer, in order.
    crls: Vec<usize>,
}

/// A name as plans compare it: equal exactly when [`name::equal`] says so.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A name that the operator's certificates or lists bear.
    Known(usize),
    /// Any other.
    Other(name::Key),
}

impl Known {
    /// Prepares the trust set's certificates and these revocation lists.
    pub(crate) fn new(trust: Option<&TrustSet>, crls: Vec<Arc<Crl>>) -> Self {
        let mut known = Self::default();
        if let Some(trust) = trust {
            for anchor in &trust.anchors {
                known.add(&anchor.certificate);
            }
            known.anchors = known.pool.len();
            for certificate in &trust.intermediates {
                known.add(certificate);
            }
        }
        for (place, crl) in crls.iter().enumerate() {
            let group = known.group(crl.issuer_raw());
            known.groups[group].crls.push(place);
        }
        known.crls = crls;
        known.prepare_claims();
        known
    }

    fn add(&mut self, certificate: &Certificate) {
        if self.places.find(certificate).is_some() {
            return;
        }
        let place = self.pool.len();
        self.places.put(certificate.clone(), place);
        self.pool.push(certificate.clone());
        let group = self.group(certificate.subject_raw());
        self.groups[group].certificates.push(place);
        self.subjects.push(Named::Known(group));
    }

    fn group(&mut self, raw: &[u8]) -> usize {
        let next = self.groups.len();
        let group = *self.keys.entry(name::Key::of(raw)).or_insert(next);
        if group == next {
            self.groups.push(Group::default());
        }
        self.names.insert(raw.to_vec(), group);
        group
    }

    fn prepare_claims(&mut self) {
        for group in &self.groups {
            for (&crl, &issuer) in group
                .crls
                .iter()
                .flat_map(|c| group.certificates.iter().map(move |i| (c, i)))
            {
                let claim = crl_claim(&self.crls[crl], &self.pool[issuer]);
                self.crl_claims.insert((crl, issuer), Arc::new(claim));
            }
        }
        // An anchor is where paths end, so nobody asks who issued it.
        for (subject, certificate) in self.pool.iter().enumerate().skip(self.anchors) {
            let Named::Known(group) = self.resolve(certificate.issuer_raw()) else {
                continue;
            };
            for &issuer in &self.groups[group].certificates {
                let claim = certificate_claim(certificate, &self.pool[issuer]);
                self.link_claims.insert((subject, issuer), Arc::new(claim));
            }
        }
    }

    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.pool
    }

    pub(super) fn position(&self, certificate: &Certificate) -> Option<usize> {
        self.places.find(certificate)
    }

    pub(super) fn is_anchor(&self, place: usize) -> bool {
        place < self.anchors
    }

    pub(super) fn crls(&self) -> &[Arc<Crl>] {
        &self.crls
    }

    pub(super) fn resolve(&self, raw: &[u8]) -> Named {
        if let Some(&group) = self.names.get(raw) {
            return Named::Known(group);
        }
        let key = name::Key::of(raw);
        self.keys
            .get(&key)
            .map_or(Named::Other(key), |&group| Named::Known(group))
    }

    /// The subject of the operator's certificate at a place.
    pub(super) fn subject(&self, place: usize) -> Option<&Named> {
        self.subjects.get(place)
    }

    /// The operator's certificates with this subject.
    pub(super) fn bearers(&self, name: &Named) -> &[usize] {
        self.named(name).map_or(&[], |group| &group.certificates)
    }

    /// The operator's revocation lists with this issuer.
    pub(super) fn crls_of(&self, name: &Named) -> &[usize] {
        self.named(name).map_or(&[], |group| &group.crls)
    }

    fn named(&self, name: &Named) -> Option<&Group> {
        match name {
            Named::Known(group) => self.groups.get(*group),
            Named::Other(_) => None,
        }
    }

    /// The claim that one of the operator's lists was signed by one of the operator's certificates.
    pub(super) fn crl_claim(&self, crl: usize, issuer: usize) -> Option<&Arc<StandingClaim>> {
        self.crl_claims.get(&(crl, issuer))
    }

    /// The claim that one of the operator's certificates was issued by another.
    pub(super) fn link_claim(&self, subject: usize, issuer: usize) -> Option<&Arc<StandingClaim>> {
        self.link_claims.get(&(subject, issuer))
    }
}
