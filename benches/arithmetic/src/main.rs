//! Measures `cinnabar-sm`: prints `sm2-verify SECONDS` and `sm3 SECONDS` for one verification and 16 KiB, each the best of
//! many short samples.

use std::hint::black_box;
use std::time::Instant;

use cinnabar_sm::{sm2, sm3};

const SAMPLES: usize = 300;
/// What `openssl speed` signs.
const MESSAGE: usize = 20;
const BLOCK: usize = 16 << 10;
/// Different signatures, so that no branch is learnt.
const SIGNATURES: usize = 64;

fn main() -> Result<(), sm2::Error> {
    let secret = sm2::SecretKey::generate()?;
    let public = secret.public_key();
    let signed = (0..SIGNATURES)
        .map(|i| {
            let message = vec![i as u8; MESSAGE];
            secret.sign(&message).map(|signature| (message, signature))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut next = signed.iter().cycle();
    let verify = best(8, || {
        if let Some((message, signature)) = next.next() {
            assert!(public.verify(message, signature));
        }
    });
    let block = vec![7u8; BLOCK];
    let digest = best(32, || {
        black_box(sm3::digest([black_box(&block[..])]));
    });
    println!("sm2-verify {verify:e}\nsm3 {digest:e}");
    Ok(())
}

/// Seconds for one call of `work`, in the best of the samples.
fn best(calls: u32, mut work: impl FnMut()) -> f64 {
    (0..SAMPLES)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(|_| work());
            start.elapsed().as_secs_f64() / f64::from(calls)
        })
        .fold(f64::INFINITY, f64::min)
}
