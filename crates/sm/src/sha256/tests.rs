//! Each compression, whichever of them this processor would choose, against another implementation.
#![allow(clippy::unwrap_used)]

use sha2::Digest;

use super::*;

type Single = fn(&mut Words, &[u8]);
type Many = fn(&Plan, &[&[&[u8]]]) -> Vec<[u8; 32]>;

/// Every compression of one stream that the processor has.
fn singles() -> Vec<(&'static str, Single)> {
    let mut ways: Vec<(&'static str, Single)> = vec![("portable", portable::compress)];
    #[cfg(target_arch = "x86_64")]
    {
        let available = Lanes::available();
        if available.contains(&Lanes::Avx2) {
            ways.push(("AVX2", lanes::one_avx2));
        }
        if available.contains(&Lanes::Avx512) {
            ways.push(("AVX-512 VL", lanes::one_vl));
        }
        if ni::is_available() {
            ways.push(("SHA", ni::one));
        }
    }
    ways
}

/// Every stage that the processor has, by itself.
fn stages() -> Vec<(&'static str, Many)> {
    let mut ways: Vec<(&'static str, Many)> = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let available = Lanes::available();
        if available.contains(&Lanes::Avx2) {
            ways.push(("AVX2", |plan, messages| {
                streams::digest_many::<8, 8>(plan, Some(lanes::AVX2), None, messages)
            }));
        }
        if available.contains(&Lanes::Avx512) {
            ways.push(("AVX-512 VL", |plan, messages| {
                streams::digest_many::<8, 8>(plan, Some(lanes::VL), None, messages)
            }));
            ways.push(("AVX-512", |plan, messages| {
                streams::digest_many::<16, 8>(plan, Some(lanes::AVX512), Some(lanes::VL), messages)
            }));
        }
        if ni::is_available() {
            ways.push(("SHA", |plan, messages| {
                streams::digest_many::<2, 2>(plan, Some(ni::TWO), None, messages)
            }));
        }
    }
    ways
}

fn sample(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(length)
    .collect()
}

#[test]
fn every_single_stream_agrees_with_another_implementation() {
    let data = sample(1200);
    for (name, compress) in singles() {
        for length in 0..data.len() {
            let mut stream = Stream::new(portable::INITIAL, compress);
            stream.update(&data[..length]);
            let expected = sha2::Sha256::digest(&data[..length]);
            assert_eq!(stream.finalize()[..], expected[..], "{name} {length}");
        }
    }
}

#[test]
fn every_stage_agrees_with_another_implementation() {
    let data = sample(2500);
    let cut: Vec<[&[u8]; 3]> = (0..data.len())
        .map(|n| [&data[..n / 4], &data[n / 4..n / 2], &data[n / 2..n]])
        .collect();
    let messages: Vec<&[&[u8]]> = cut.iter().map(|pieces| &pieces[..]).collect();
    for (name, many) in stages() {
        for (_, one) in singles() {
            let plan = Plan {
                initial: portable::INITIAL,
                one,
            };
            for (length, digest) in many(&plan, &messages).iter().enumerate() {
                assert_eq!(digest[..], sha2::Sha256::digest(&data[..length])[..], "{name} {length}");
            }
        }
    }
}
