//! Peers from crates.io. A key is brought into the peer's own form before it is timed.

use std::hint::black_box;

use libsm::sm2::signature::{SigCtx, Signature as LibsmSignature};
use sm2::dsa::signature::hazmat::PrehashVerifier;
use sm2::dsa::{Signature as CrateSignature, VerifyingKey};
use sm3::Digest;

use crate::Fault;
use crate::ours::{LENGTHS, messages};
use crate::row::{Row, Work};
use crate::vectors::{Signed, Vectors, bad};

const ID: &str = "1234567812345678";

pub fn rows(vectors: &Vectors) -> Result<Vec<Row>, Fault> {
    let good = vectors.set("eight");
    let mut rows = vec![
        verify("sm2 0.14", &good, |signed| {
            let key = VerifyingKey::from_sec1_bytes(ID, &signed.key)?;
            let signature = CrateSignature::from_scalars(signed.r, signed.s)?;
            let e = signed.e;
            Ok(Box::new(move || key.verify_prehash(&e, &signature).is_ok()))
        }),
        verify("efficient-sm2", &good, |signed| {
            let key = efficient_sm2::PublicKey::from_slice(&signed.key[1..]);
            let signature = efficient_sm2::Signature::new(&signed.r, &signed.s).map_err(|e| format!("{e:?}"))?;
            let e = signed.e;
            Ok(Box::new(move || signature.verify_digest(&key, &e).is_ok()))
        }),
        verify("libsm", &good, |signed| {
            let context = SigCtx::new();
            let key = context.load_pubkey(&signed.key).map_err(|e| format!("{e:?}"))?;
            let signature = LibsmSignature::new(&signed.r, &signed.s);
            let e = signed.e;
            Ok(Box::new(move || {
                context.verify_raw(&e, &key, &signature).is_ok_and(|right| right)
            }))
        }),
        verify("smcrypto", &good, |signed| {
            let key = hex::encode(&signed.key[1..]);
            let (e, der) = (signed.e, signed.der.clone());
            Ok(Box::new(move || smcrypto::sm2::Verify::new(&key).verify_raw(&e, &der)))
        }),
        verify("sm-crypto", &good, |signed| {
            let key = hex::encode(&signed.key[1..]);
            let (e, der) = (signed.e, signed.der.clone());
            Ok(Box::new(move || {
                sm_crypto::sm2::Verify::new(&key).verify_der(&e, &der, false)
            }))
        }),
    ];
    for (label, length) in LENGTHS {
        let what = format!("sm3 one stream, {label}");
        rows.push(hash(&what, "sm3 0.5", length, |message| {
            black_box(sm3::Sm3::digest(message));
        }));
        rows.push(hash(&what, "libsm", length, |message| {
            black_box(libsm::sm3::hash::Sm3Hash::new(message).get_hash());
        }));
        rows.push(hash(
            &format!("sha256 one stream, {label}"),
            "ring",
            length,
            |message| {
                black_box(ring::digest::digest(&ring::digest::SHA256, message));
            },
        ));
    }
    Ok(rows)
}

type Verify = Box<dyn Fn() -> bool>;

/// One verification after the other, over all signatures of the set.
fn verify(peer: &str, good: &[Signed], prepare: fn(&Signed) -> Result<Verify, Fault>) -> Row {
    let good = good.to_vec();
    Row::new("sm2 verify", peer, move || {
        let ready = |signed: &[Signed]| signed.iter().map(prepare).collect::<Result<Vec<_>, _>>();
        let (right, wrong) = (ready(&good)?, ready(&bad(&good))?);
        let mut next = 0;
        let run = move || {
            next = (next + 1) % right.len();
            right[next]()
        };
        Ok(Work::new(1.0, run).refusing(move || wrong.iter().all(|verify| !verify())))
    })
}

fn hash(what: &str, peer: &str, length: usize, digest: fn(&[u8])) -> Row {
    Row::new(what, peer, move || {
        let message = messages(&[length]);
        Ok(Work::new(length as f64, move || {
            digest(&message[0]);
            true
        }))
    })
}
