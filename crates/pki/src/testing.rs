//! Hand-made certificates and CRLs for tests: right in structure, signed by nobody.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use crate::certificate::Certificate;

pub(crate) const SM2_SM3: &str = "1.2.156.10197.1.501";

/// A DER value with these parts as contents.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        long => {
            out.push(0x83);
            out.extend_from_slice(&(long as u32).to_be_bytes()[1..]);
            if long < 0x1_0000 {
                let two = if long < 0x100 { 1 } else { 2 };
                out.truncate(1);
                out.push(0x80 | two);
                out.extend_from_slice(&(long as u32).to_be_bytes()[4 - usize::from(two)..]);
            }
        }
    }
    out.extend_from_slice(&content);
    out
}

pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = Vec::new();
    let joined = arcs[0] * 40 + arcs[1];
    for arc in std::iter::once(joined).chain(arcs[2..].iter().copied()) {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(groups.iter().rev());
    }
    tlv(6, &[&content])
}

pub(crate) fn name(common_name: &str) -> Vec<u8> {
    let part = tlv(0x30, &[&oid("2.5.4.3"), &tlv(0x0c, &[common_name.as_bytes()])]);
    tlv(0x30, &[&tlv(0x31, &[&part])])
}

pub(crate) fn extension(dotted: &str, critical: Option<bool>, value: &[u8]) -> Vec<u8> {
    let flag = critical
        .map(|flag| tlv(1, &[&[if flag { 0xff } else { 0 }]]))
        .unwrap_or_default();
    tlv(0x30, &[&oid(dotted), &flag, &tlv(4, &[value])])
}

pub(crate) fn basic_constraints(ca: bool, path_length: Option<u8>) -> Vec<u8> {
    let flag = if ca { tlv(1, &[&[0xff]]) } else { Vec::new() };
    let length = path_length.map(|length| tlv(2, &[&[length]])).unwrap_or_default();
    extension("2.5.29.19", Some(true), &tlv(0x30, &[&flag, &length]))
}

/// `bits` as in a BIT STRING: 0x80 is bit 0.
pub(crate) fn key_usage(bits: u8) -> Vec<u8> {
    extension("2.5.29.15", Some(true), &tlv(3, &[&[0, bits]]))
}

pub(crate) fn extended_key_usage(critical: bool, usages: &[&str]) -> Vec<u8> {
    let oids: Vec<u8> = usages.iter().flat_map(|usage| oid(usage)).collect();
    extension("2.5.29.37", Some(critical), &tlv(0x30, &[&oids]))
}

pub(crate) fn sm2_spki() -> Vec<u8> {
    let algorithm = tlv(0x30, &[&oid("1.2.840.10045.2.1"), &oid("1.2.156.10197.1.301")]);
    tlv(0x30, &[&algorithm, &tlv(3, &[&[0, 4], &[7; 64]])])
}

pub(crate) fn rsa_spki(bytes: usize) -> Vec<u8> {
    let modulus = tlv(2, &[&[0], &vec![0x81; bytes]]);
    let key = tlv(0x30, &[&modulus, &tlv(2, &[&[1, 0, 1]])]);
    let algorithm = tlv(0x30, &[&oid("1.2.840.113549.1.1.1"), &[5, 0]]);
    tlv(0x30, &[&algorithm, &tlv(3, &[&[0], &key])])
}

/// The parts of a certificate; each may be changed before [`Plan::der`].
pub(crate) struct Plan {
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    pub serial: Vec<u8>,
    pub not_before: &'static str,
    pub not_after: &'static str,
    pub spki: Vec<u8>,
    pub inner_algorithm: Vec<u8>,
    pub outer_algorithm: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
}

impl Plan {
    /// An SM2 certificate valid in the years 2020 to 2029, Unix time 1577836800 to 1893455999.
    pub(crate) fn new(subject: &str, issuer: &str) -> Self {
        let algorithm = tlv(0x30, &[&oid(SM2_SM3)]);
        Plan {
            subject: name(subject),
            issuer: name(issuer),
            serial: vec![5],
            not_before: "200101000000Z",
            not_after: "291231235959Z",
            spki: sm2_spki(),
            inner_algorithm: algorithm.clone(),
            outer_algorithm: algorithm,
            extensions: Vec::new(),
        }
    }

    pub(crate) fn ca(subject: &str, issuer: &str, path_length: Option<u8>) -> Self {
        Self::new(subject, issuer)
            .with(basic_constraints(true, path_length))
            .with(key_usage(0x06))
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let validity = tlv(
            0x30,
            &[
                &tlv(0x17, &[self.not_before.as_bytes()]),
                &tlv(0x17, &[self.not_after.as_bytes()]),
            ],
        );
        let extensions = match self.extensions.is_empty() {
            true => Vec::new(),
            false => tlv(0xa3, &[&tlv(0x30, &[&self.extensions.concat()])]),
        };
        let tbs = tlv(
            0x30,
            &[
                &tlv(0xa0, &[&[2, 1, 2]]),
                &tlv(2, &[&self.serial]),
                &self.inner_algorithm,
                &self.issuer,
                &validity,
                &self.subject,
                &self.spki,
                &extensions,
            ],
        );
        tlv(0x30, &[&tbs, &self.outer_algorithm, &tlv(3, &[&[0], &[9; 64]])])
    }

    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::parse(&self.der()).unwrap()
    }
}

/// Calls `read` with every prefix of `bytes` and with thousands of copies damaged at random, always the same ones.
pub(crate) fn torment(bytes: &[u8], rounds: usize, read: impl Fn(&[u8])) {
    let step = (bytes.len() / 3000).max(1);
    for length in (0..bytes.len()).step_by(step) {
        read(&bytes[..length]);
    }
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..rounds {
        let mut copy = bytes.to_vec();
        for _ in 0..=random(4) {
            let at = random(copy.len());
            match random(4) {
                0 => copy[at] ^= 1 << random(8),
                1 => copy[at] = [0, 0x30, 0x7f, 0x80, 0x84, 0xff, 0x24, 0xa0][random(8)],
                2 => drop(copy.remove(at)),
                _ => copy.insert(at, random(256) as u8),
            }
        }
        read(&copy);
    }
}
