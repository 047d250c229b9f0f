//! What counts as a signature in DER and what as a public key, beside OpenSSL's parsers and RustCrypto's.

use cinnabar_sm::sm2::{PublicKey, Signature};

use crate::{
    cases::{self, Key},
    curve::{self, N, P, number},
    dice::Dice,
    digests::hex,
    judges::{self, OpenSsl, RustCrypto},
    tally::Tally,
};
use sm2::U256;
use std::rc::Rc;

/// Ways to write `SEQUENCE { INTEGER r, INTEGER s }` otherwise; the first is the only right one.
const WRITINGS: [&str; 18] = [
    "strict DER",
    "integer with a needless zero before it",
    "integer without the zero that keeps it positive",
    "long-form length of the sequence",
    "long-form length of an integer",
    "long-form length with a zero before it",
    "indefinite length",
    "byte after the sequence",
    "byte inside the sequence after s",
    "third integer",
    "cut short",
    "another outer tag",
    "another inner tag",
    "integer empty",
    "zero",
    "half beyond n",
    "33 bytes of number",
    "random bytes changed",
];

/// One good signature in one of those writings, put to our reader and to OpenSSL's.
pub fn der(dice: &mut Dice, tally: &mut Tally, keys: &[Rc<Key>]) {
    let good = loop {
        let vector = cases::next(dice, keys);
        if vector.expected == Some(true) {
            break vector;
        }
    };
    let writing = dice.below(WRITINGS.len());
    let der = write(dice, writing, &good.r, &good.s);
    let read = Signature::from_der(&der);
    let ours = read
        .as_ref()
        .is_ok_and(|read| good.who.subject.key.verify_digest(&good.e, read));
    let theirs = good.who.openssl().verify_der(&good.e, &der);
    let parsed = judges::parses(&der);
    let name = WRITINGS[writing];
    tally.count(&format!("DER, {name}"), ours);
    if parsed && read.is_err() {
        tally.remark(format!(
            "DER, {name}: OpenSSL's parser reads it, ours does not; its verification then {}",
            said(theirs)
        ));
    }
    if ours != theirs {
        tally.disagree(format!(
            "DER, {name}: ours {}, OpenSSL {}: key {} e {} signature {}",
            said(ours),
            said(theirs),
            hex(&good.who.sec1),
            hex(&good.e),
            hex(&der)
        ));
    }
    if writing == 0 && (!ours || der != (Signature { r: good.r, s: good.s }).to_der()) {
        tally.disagree(format!(
            "DER written by OpenSSL differs from ours or is refused: {}",
            hex(&der)
        ));
    }
}

fn said(accepted: bool) -> &'static str {
    if accepted { "accepts" } else { "refuses" }
}

fn write(dice: &mut Dice, writing: usize, r: &[u8; 32], s: &[u8; 32]) -> Vec<u8> {
    let first = dice.one_in(2);
    let (mut r_bytes, mut s_bytes) = (integer(r), integer(s));
    let half = if first { &mut r_bytes } else { &mut s_bytes };
    let mut length_of_half = None;
    let mut tags = [0x30, 0x02, 0x02];
    match writing {
        1 => half.insert(0, 0),
        2 => {
            if half.first() == Some(&0) {
                half.remove(0);
            } else {
                half[0] |= 0x80;
            }
        }
        4 => length_of_half = Some(vec![0x81, half.len() as u8]),
        11 => tags[0] = *dice.pick(&[0x31, 0x10, 0x70, 0xb0, 0x04, 0x24]),
        12 => tags[1 + dice.below(2)] = *dice.pick(&[0x03, 0x04, 0x22, 0x0a, 0x42, 0x82]),
        13 => half.clear(),
        14 => *half = vec![0],
        15 => {
            *half = integer(&curve::bytes(
                number(if first { r } else { s }) | (U256::MAX ^ U256::MAX.shr(31)),
            ))
        }
        16 => {
            half.retain({
                let mut leading = true;
                move |byte| !std::mem::take(&mut leading) || *byte != 0
            });
            half.insert(0, 1 + dice.below(127) as u8);
        }
        _ => {}
    }
    let mut body = Vec::new();
    for (index, half) in [&r_bytes, &s_bytes].into_iter().enumerate() {
        body.push(tags[1 + index]);
        match &length_of_half {
            Some(length) if first == (index == 0) => body.extend(length),
            _ => body.push(half.len() as u8),
        }
        body.extend(half);
    }
    match writing {
        8 => body.push(dice.next() as u8),
        9 => body.extend([0x02, 0x01, 0x01]),
        _ => {}
    }
    let mut der = vec![tags[0]];
    match writing {
        3 => der.extend([0x81, body.len() as u8]),
        5 => der.extend([0x82, 0x00, body.len() as u8]),
        6 => {
            der.push(0x80);
            body.extend([0, 0]);
        }
        _ => der.push(body.len() as u8),
    }
    der.extend(body);
    match writing {
        7 => der.push(dice.next() as u8),
        10 => der.truncate(dice.below(der.len())),
        17 => {
            let place = dice.below(der.len());
            der[place] = dice.next() as u8;
        }
        _ => {}
    }
    der
}

fn integer(number: &[u8; 32]) -> Vec<u8> {
    let zeros = number.iter().take(31).take_while(|byte| **byte == 0).count();
    let mut bytes = number[zeros..].to_vec();
    if bytes[0] >= 0x80 {
        bytes.insert(0, 0);
    }
    bytes
}

/// One encoding of a point, right or wrong, put to the three readers of keys.
pub fn point(dice: &mut Dice, tally: &mut Tally, keys: &[Rc<Key>]) {
    let (name, encoding) = encoding(dice, keys);
    let ours = PublicKey::from_sec1(&encoding).is_ok();
    let (rust, openssl) = (RustCrypto::new(&encoding).is_some(), OpenSsl::new(&encoding).is_some());
    tally.count(&format!("key, {name}"), ours);
    // Others read compressed and hybrid points too; we take only the form that certificates have.
    let uncompressed = encoding.len() == 65 && encoding[0] == 4;
    let expected = uncompressed && openssl;
    if ours != expected || (uncompressed && rust != openssl) {
        tally.disagree(format!(
            "key, {name}: ours {}, RustCrypto {}, OpenSSL {}: {}",
            said(ours),
            said(rust),
            said(openssl),
            hex(&encoding)
        ));
    }
    if openssl && !ours {
        tally.remark(format!("key, {name}: OpenSSL reads it, ours does not"));
    }
}

fn encoding(dice: &mut Dice, keys: &[Rc<Key>]) -> (&'static str, Vec<u8>) {
    let strange = cases::strange_point(dice);
    let good = match dice.one_in(2) {
        true => dice.pick(keys).sec1.to_vec(),
        false => curve::sec1(&strange).expect("not infinity").to_vec(),
    };
    let coordinate = |dice: &mut Dice| 1 + 32 * dice.below(2);
    let mut bytes = good;
    let name = match dice.below(11) {
        0 | 1 => "good",
        2 => {
            let bit = dice.below(512);
            bytes[1 + bit / 8] ^= 1 << (bit % 8);
            "one bit wrong"
        }
        3 => {
            let at = coordinate(dice);
            let half: &mut [u8; 32] = (&mut bytes[at..at + 32]).try_into().expect("32 bytes");
            // x + p, where it fits in 32 bytes: the same number modulo p.
            *half = curve::bytes(number(half).wrapping_add(&P));
            "coordinate with p added"
        }
        4 => {
            let at = coordinate(dice);
            let step = U256::from_u64(dice.next() % 5);
            let number = *dice.pick(&[
                step,
                P.wrapping_add(&step),
                P.wrapping_sub(&step),
                N,
                U256::MAX.wrapping_sub(&step),
            ]);
            bytes[at..at + 32].copy_from_slice(&curve::bytes(number));
            "coordinate at an edge"
        }
        5 => {
            bytes[0] = dice.next() as u8;
            "another first byte"
        }
        6 => {
            bytes.truncate(dice.below(65));
            "cut short"
        }
        7 => {
            bytes.push(dice.next() as u8);
            "too long"
        }
        8 => {
            bytes[0] = 2 + (bytes[64] & 1);
            bytes.truncate(33);
            "compressed"
        }
        9 => {
            bytes[0] = 6 + (bytes[64] & 1);
            "hybrid"
        }
        _ => {
            bytes = vec![0; *dice.pick(&[1, 33, 65])];
            "infinity"
        }
    };
    (name, bytes)
}
