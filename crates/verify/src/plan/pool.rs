//! The certificates that a plan chooses from: the operator's, shared by all documents, and the document's own.

use std::collections::HashMap;

use cinnabar_pki::certificate::Certificate;

use super::Known;

/// Certificates, each once: first those of the trust set, then the document's.
#[derive(Debug)]
pub struct Pool<'a> {
    known: &'a Known,
    own: Vec<Certificate>,
    places: Places,
}

impl<'a> Pool<'a> {
    pub(super) fn new(known: &'a Known) -> Self {
        Self {
            known,
            own: Vec::new(),
            places: Places::default(),
        }
    }

    /// The certificate at a place.
    pub fn get(&self, index: usize) -> Option<&Certificate> {
        let shared = self.known.certificates();
        match index.checked_sub(shared.len()) {
            None => shared.get(index),
            Some(own) => self.own.get(own),
        }
    }

    /// Where a certificate stands.
    pub fn position(&self, certificate: &Certificate) -> Option<usize> {
        self.known
            .position(certificate)
            .or_else(|| self.places.find(certificate))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.certificates().len() + self.own.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The document's own with their places, those of the trust set left out.
    pub(super) fn own(&self) -> impl Iterator<Item = (usize, &Certificate)> {
        (self.known.certificates().len()..).zip(&self.own)
    }

    /// Adds a certificate of the document, unless it is there; gives its place.
    pub(super) fn add(&mut self, certificate: &Certificate) -> usize {
        if let Some(place) = self.position(certificate) {
            return place;
        }
        let place = self.len();
        self.own.push(certificate.clone());
        self.places.put(certificate.clone(), place);
        place
    }
}

/// Where certificates stand, by where their bytes lie and by the bytes themselves.
///
/// Clones of a certificate share their bytes, so that most look-ups need not read them. An address stands for a certificate because the
/// map holds it, so that nothing else can come to lie there.
#[derive(Debug, Default)]
pub(super) struct Places {
    addresses: HashMap<usize, usize>,
    certificates: HashMap<Certificate, usize>,
}

impl Places {
    pub(super) fn find(&self, certificate: &Certificate) -> Option<usize> {
        let address = certificate.raw().as_ptr().addr();
        let found = self.addresses.get(&address);
        found.or_else(|| self.certificates.get(certificate)).copied()
    }

    pub(super) fn put(&mut self, certificate: Certificate, place: usize) {
        self.addresses.insert(certificate.raw().as_ptr().addr(), place);
        self.certificates.insert(certificate, place);
    }
}
