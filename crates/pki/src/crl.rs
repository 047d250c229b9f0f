//! Certificate revocation lists.
//!
//! ```asn1
//! -- RFC 5280 5.1; GB/T 20518-2018 has the same shape
//! CertificateList ::= SEQUENCE { tbsCertList TBSCertList, signatureAlgorithm AlgorithmIdentifier, signatureValue BIT STRING }
//! TBSCertList ::= SEQUENCE { version INTEGER OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time,
//!     nextUpdate Time OPTIONAL,
//!     revokedCertificates SEQUENCE OF SEQUENCE { userCertificate INTEGER, revocationDate Time, crlEntryExtensions Extensions OPTIONAL } OPTIONAL,
//!     crlExtensions [0] EXPLICIT Extensions OPTIONAL }
//! ```
//!
//! No signature is checked here. A list limited by an issuing distribution point (parts of a list, indirect lists) reports
//! [`Crl::has_critical_unknown`]: what it lists is revoked, but what it does not list is not thereby good.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::certificate::{algorithm_oid, read_extensions};
use crate::limits::Limits;
use crate::name;
use crate::tlv::{Reader, Tag, Tlv, TlvError};

const REASON_CODE: &str = "2.5.29.21";
const DELTA_CRL_INDICATOR: &str = "2.5.29.27";

/// A revocation list: its exact bytes and an index of its entries. Cloning is cheap; two are equal if their bytes are.
#[derive(Clone)]
pub struct Crl(Arc<Fields>);

struct Fields {
    raw: Vec<u8>,
    tbs: Range<usize>,
    issuer: Range<usize>,
    signature: Range<usize>,
    signature_algorithm: String,
    this_update: i64,
    next_update: Option<i64>,
    /// Sorted by serial number without leading zeros, then by time.
    entries: Vec<Entry>,
    has_critical_unknown: bool,
    is_delta: bool,
}

struct Entry {
    serial: Range<usize>,
    revocation: Revocation,
}

/// When and why a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Unix seconds.
    pub at: i64,
    /// CRLReason (RFC 5280 5.3.1): 1 keyCompromise, 4 superseded, 6 certificateHold and so on.
    pub reason: Option<u32>,
}

/// Why bytes are no revocation list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrlError {
    /// Not the structure of a list: another kind of file, a truncated one, or a PEM file where DER is expected.
    #[error("not a certificate revocation list: {0}")]
    Structure(#[from] TlvError),
    /// More bytes than are read.
    #[error("the revocation list has {length} bytes; at most {limit} are read")]
    TooLarge {
        /// Bytes given.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// The algorithm inside the signed part is not the one outside.
    #[error("the revocation list names two signature algorithms: {signed} inside, {outer} outside")]
    AlgorithmMismatch {
        /// The one in the signed part.
        signed: String,
        /// The one beside the signature.
        outer: String,
    },
}

impl Crl {
    /// Reads one list, DER or BER.
    ///
    /// # Errors
    /// The bytes are not exactly one list; see [`CrlError`].
    pub fn parse(der: &[u8]) -> Result<Self, CrlError> {
        let limits = Limits::DEFAULT;
        if der.len() > limits.max_crl_bytes {
            return Err(CrlError::TooLarge {
                length: der.len(),
                limit: limits.max_crl_bytes,
            });
        }
        let mut reader = Reader::new(der);
        let list = reader.expect(Tag::SEQUENCE, "CertificateList")?;
        reader.finish("CertificateList")?;
        let mut outer = list.children()?;
        let tbs = outer.expect(Tag::SEQUENCE, "tbsCertList")?;
        let signature_algorithm = algorithm_oid(&outer.expect(Tag::SEQUENCE, "signatureAlgorithm")?)?;
        let signature = outer.expect(Tag::BIT_STRING, "signatureValue")?;
        outer.finish("signatureValue")?;
        signature.bit_string_octets()?;

        let mut fields = tbs.children()?;
        fields.optional(Tag::INTEGER)?;
        let signed = algorithm_oid(&fields.expect(Tag::SEQUENCE, "signature")?)?;
        if signed != signature_algorithm {
            return Err(CrlError::AlgorithmMismatch {
                signed,
                outer: signature_algorithm,
            });
        }
        let issuer = fields.expect(Tag::SEQUENCE, "issuer")?;
        name::check(issuer.raw_bytes())?;
        let this_update = fields.read("thisUpdate")?.time()?;
        let next_update = match fields.peek() {
            Some(Tag::UTC_TIME | Tag::GENERALIZED_TIME) => Some(fields.read("nextUpdate")?.time()?),
            _ => None,
        };
        let revoked = fields.optional(Tag::SEQUENCE)?;
        let extensions = fields.optional(Tag::context(0))?;
        fields.finish("TBSCertList")?;

        let mut has_critical_unknown = false;
        let entries = match revoked {
            Some(revoked) => read_entries(der, &revoked, &limits, &mut has_critical_unknown)?,
            None => Vec::new(),
        };
        let mut is_delta = false;
        if let Some(explicit) = extensions {
            for extension in read_extensions(&explicit.only_child("crlExtensions")?)? {
                if extension.oid == DELTA_CRL_INDICATOR {
                    is_delta = true;
                } else {
                    has_critical_unknown |= extension.critical;
                }
            }
        }
        Ok(Crl(Arc::new(Fields {
            tbs: tbs.raw,
            issuer: issuer.raw,
            signature: signature.content.start + 1..signature.content.end,
            raw: der.to_vec(),
            signature_algorithm,
            this_update,
            next_update,
            entries,
            has_critical_unknown,
            is_delta,
        })))
    }

    /// The whole list as it was given.
    pub fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    /// The bytes the issuer signed: the raw tbsCertList.
    pub fn tbs(&self) -> &[u8] {
        self.part(&self.0.tbs)
    }

    /// The issuer, a raw Name.
    pub fn issuer_raw(&self) -> &[u8] {
        self.part(&self.0.issuer)
    }

    /// The issuer as text.
    pub fn issuer_text(&self) -> String {
        name::text(self.issuer_raw())
    }

    /// The signature: the octets of the BIT STRING.
    pub fn signature(&self) -> &[u8] {
        self.part(&self.0.signature)
    }

    /// OID of the signature algorithm.
    pub fn signature_algorithm(&self) -> &str {
        &self.0.signature_algorithm
    }

    /// When the list was issued, Unix seconds.
    pub fn this_update(&self) -> i64 {
        self.0.this_update
    }

    /// When the next list is due, Unix seconds.
    pub fn next_update(&self) -> Option<i64> {
        self.0.next_update
    }

    /// How many certificates are listed.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Looks a serial number up, given as contents octets; the earliest entry counts. Leading zeros do not matter. The caller makes
    /// sure that the list is of the certificate's issuer.
    pub fn revocation(&self, serial: &[u8]) -> Option<Revocation> {
        let serial = significant(serial);
        let first = self
            .0
            .entries
            .partition_point(|entry| self.part(&entry.serial) < serial);
        let entry = self.0.entries.get(first)?;
        (self.part(&entry.serial) == serial).then_some(entry.revocation)
    }

    /// Whether the list or an entry has a critical extension not processed here: absence from the list then proves nothing.
    pub fn has_critical_unknown(&self) -> bool {
        self.0.has_critical_unknown
    }

    /// Whether this is a delta, which lists changes to another list only.
    pub fn is_delta(&self) -> bool {
        self.0.is_delta
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.0.raw.get(range.clone()).unwrap_or_default()
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Crl {}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer_text())
            .field("this_update", &self.this_update())
            .field("entries", &self.len())
            .finish_non_exhaustive()
    }
}

fn read_entries(source: &[u8], list: &Tlv<'_>, limits: &Limits, critical: &mut bool) -> Result<Vec<Entry>, TlvError> {
    let mut entries = Vec::new();
    let mut items = list.children()?;
    while let Some(item) = items.try_read()? {
        if entries.len() == limits.max_crl_entries {
            return Err(TlvError::TooMany {
                offset: item.offset(),
                what: "revoked certificates",
                limit: limits.max_crl_entries,
            });
        }
        let mut fields = item.children()?;
        let serial = fields.expect(Tag::INTEGER, "userCertificate")?;
        let length = significant(serial.integer_bytes()?).len();
        let at = fields.read("revocationDate")?.time()?;
        let mut reason = None;
        if let Some(extensions) = fields.optional(Tag::SEQUENCE)? {
            for extension in read_extensions(&extensions)? {
                if extension.oid == REASON_CODE {
                    let mut value = Reader::new(extension.value);
                    reason = u32::try_from(value.expect(Tag::ENUMERATED, "reasonCode")?.unsigned()?).ok();
                } else {
                    *critical |= extension.critical;
                }
            }
        }
        fields.finish("revoked certificate")?;
        entries.push(Entry {
            serial: serial.content.end - length..serial.content.end,
            revocation: Revocation { at, reason },
        });
    }
    let bytes = |entry: &Entry| source.get(entry.serial.clone()).unwrap_or_default();
    entries.sort_by(|a, b| bytes(a).cmp(bytes(b)).then(a.revocation.at.cmp(&b.revocation.at)));
    Ok(entries)
}

fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
    use super::*;
    use crate::testing::{SM2_SM3, extension, name, oid, tlv, torment};

    fn entry(serial: &[u8], at: &str, extensions: &[u8]) -> Vec<u8> {
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            tlv(0x30, &[extensions])
        };
        tlv(0x30, &[&tlv(2, &[serial]), &tlv(0x17, &[at.as_bytes()]), &extensions])
    }

    fn list(entries: &[Vec<u8>], extensions: &[u8]) -> Vec<u8> {
        let algorithm = tlv(0x30, &[&oid(SM2_SM3)]);
        let entries = if entries.is_empty() {
            Vec::new()
        } else {
            tlv(0x30, &[&entries.concat()])
        };
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            tlv(0xa0, &[&tlv(0x30, &[extensions])])
        };
        let (this, next) = (tlv(0x17, &[b"200101000000Z"]), tlv(0x18, &[b"20500101000000Z"]));
        let tbs = tlv(
            0x30,
            &[&[2, 1, 1], &algorithm, &name("ca"), &this, &next, &entries, &extensions],
        );
        tlv(0x30, &[&tbs, &algorithm, &tlv(3, &[&[0], &[9; 64]])])
    }

    #[test]
    fn entries_are_found_by_serial_number() {
        let reason = extension(REASON_CODE, None, &[0x0a, 1, 1]);
        let entries = [
            entry(&[9, 9], "210101000000Z", &[]),
            entry(&[0, 0x80], "210101000000Z", &reason),
            entry(&[5], "220101000000Z", &[]),
            entry(&[5], "210101000000Z", &[]),
        ];
        let der = list(&entries, &[]);
        let crl = Crl::parse(&der).unwrap();
        assert_eq!(
            (crl.len(), crl.this_update(), crl.next_update()),
            (4, 1_577_836_800, Some(2_524_608_000))
        );
        assert_eq!(
            crl.revocation(&[0, 0x80]),
            Some(Revocation {
                at: 1_609_459_200,
                reason: Some(1)
            })
        );
        assert_eq!(
            crl.revocation(&[5]),
            Some(Revocation {
                at: 1_609_459_200,
                reason: None
            }),
            "the earliest counts"
        );
        assert_eq!(crl.revocation(&[0, 0, 9, 9]), crl.revocation(&[9, 9]));
        assert_eq!(crl.revocation(&[9]), None);
        assert_eq!(
            (crl.issuer_raw(), crl.signature(), crl.raw()),
            (&name("ca")[..], &[9; 64][..], &der[..])
        );
        assert!(!crl.is_delta() && !crl.has_critical_unknown());
        torment(&der, 5_000, |bytes| {
            if let Ok(crl) = Crl::parse(bytes) {
                crl.revocation(&[5]);
            }
        });
    }

    #[test]
    fn empty_delta_and_partial_lists() {
        assert!(Crl::parse(&list(&[], &[])).unwrap().is_empty());
        let delta = Crl::parse(&list(&[], &extension(DELTA_CRL_INDICATOR, Some(true), &[2, 1, 1]))).unwrap();
        assert!(delta.is_delta() && !delta.has_critical_unknown());
        assert!(
            Crl::parse(&list(&[], &extension("2.5.29.28", Some(true), &[0x30, 0])))
                .unwrap()
                .has_critical_unknown()
        );
        let indirect = entry(&[5], "210101000000Z", &extension("2.5.29.29", Some(true), &[0x30, 0]));
        assert!(Crl::parse(&list(&[indirect], &[])).unwrap().has_critical_unknown());
    }
}
