//! Every way to verify, against the crate `sm2`, on cases that are right, slightly wrong and wholly wrong.
//!
//! `CINNABAR_SM2_CASES` sets how many cases there are; a full run takes a million.
#![allow(clippy::unwrap_used, missing_docs)]

use cinnabar_sm::sm2::{
    Backend, Check, Key, PreparedKey, PublicKey, SecretKey, Signature, TableSize, verify_many, verify_many_on,
};
use sm2::dsa::{VerifyingKey, signature::hazmat::PrehashVerifier};

/// SplitMix64: the same cases in every run.
struct Draw(u64);

impl Draw {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.word() % limit as u64).unwrap()
    }

    fn bytes(&mut self) -> [u8; 32] {
        let mut out = [0; 32];
        for chunk in out.as_chunks_mut::<8>().0 {
            *chunk = self.word().to_be_bytes();
        }
        out
    }
}

struct Case {
    key: usize,
    digest: [u8; 32],
    signature: Signature,
    right: bool,
}

struct Peer {
    ours: PublicKey,
    theirs: VerifyingKey,
    signer: sm2::dsa::SigningKey,
}

fn peers(draw: &mut Draw, count: usize) -> Vec<Peer> {
    (0..count)
        .map(|_| {
            let secret = draw.bytes();
            let ours = SecretKey::from_bytes(&secret).unwrap().public_key();
            let theirs = VerifyingKey::from_sec1_bytes("1234567812345678", &ours.to_sec1()).unwrap();
            let secret = sm2::SecretKey::from_slice(&secret).unwrap();
            let signer = sm2::dsa::SigningKey::new("1234567812345678", &secret).unwrap();
            Peer { ours, theirs, signer }
        })
        .collect()
}

/// One case in two is damaged: a bit or all of a half, of the digest, or the key.
fn case(draw: &mut Draw, peers: &[Peer]) -> Case {
    use sm2::dsa::signature::hazmat::PrehashSigner;
    let mut key = draw.below(peers.len());
    let mut digest = draw.bytes();
    let signature: sm2::dsa::Signature = peers[key].signer.sign_prehash(&digest).unwrap();
    let [mut r, mut s]: [[u8; 32]; 2] = [signature.r_bytes().into(), signature.s_bytes().into()];
    let (byte, bit) = (draw.below(32), 1 << draw.below(8));
    match draw.below(16) {
        0 => r[byte] ^= bit,
        1 => s[byte] ^= bit,
        2 => digest[byte] ^= bit,
        3 => r = draw.bytes(),
        4 => s = draw.bytes(),
        5 => digest = draw.bytes(),
        6 => std::mem::swap(&mut r, &mut s),
        7 => key = draw.below(peers.len()),
        _ => {}
    }
    let right = sm2::dsa::Signature::from_scalars(r, s)
        .is_ok_and(|signature| peers[key].theirs.verify_prehash(&digest, &signature).is_ok());
    Case {
        key,
        digest,
        signature: Signature { r, s },
        right,
    }
}

#[test]
fn every_way_answers_as_the_peer_does() {
    let cases = std::env::var("CINNABAR_SM2_CASES").map_or(4_000, |count| count.parse().unwrap());
    let mut draw = Draw(20_210_801);
    let peers = peers(&mut draw, 24);
    let backends = Backend::available();
    let tables: Vec<Vec<PreparedKey>> = backends
        .iter()
        .map(|backend| {
            let sizes = [TableSize::Small, TableSize::Medium, TableSize::Large];
            // One large table a way to verify: it takes a while to make.
            let size = |i: usize| if i == 0 { sizes[2] } else { sizes[i % 2] };
            let make = |(i, peer): (usize, &Peer)| PreparedKey::new_on(*backend, &peer.ours, size(i));
            peers.iter().enumerate().map(make).collect()
        })
        .collect();

    let (mut left, mut right) = (cases, 0);
    while left > 0 {
        let count = left.min(1 + draw.below(300));
        left -= count;
        let batch: Vec<Case> = (0..count).map(|_| case(&mut draw, &peers)).collect();
        let expected: Vec<bool> = batch.iter().map(|case| case.right).collect();
        right += expected.iter().filter(|right| **right).count();
        for (backend, tables) in backends.iter().zip(&tables) {
            // Keys with and without a table, both in one batch.
            let plain = draw.below(4);
            let checks: Vec<Check<'_>> = batch
                .iter()
                .map(|case| Check {
                    key: if draw.below(4) < plain {
                        Key::Plain(&peers[case.key].ours)
                    } else {
                        Key::Prepared(&tables[case.key])
                    },
                    digest: case.digest,
                    signature: case.signature,
                })
                .collect();
            assert_eq!(verify_many_on(*backend, &checks), expected, "{backend}");
            assert_eq!(verify_many(&checks), expected, "{backend}'s tables");
            for (case, expected) in batch.iter().zip(&expected).take(8) {
                let alone = tables[case.key].verify_digest(&case.digest, &case.signature);
                assert_eq!(alone, *expected, "{backend}, alone");
            }
        }
        for (case, expected) in batch.iter().zip(&expected).take(8) {
            assert_eq!(
                peers[case.key].ours.verify_digest(&case.digest, &case.signature),
                *expected
            );
        }
    }
    assert!(right > cases / 3 && right < cases, "{right} of {cases} were right");
}
