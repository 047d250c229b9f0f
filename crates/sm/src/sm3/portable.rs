//! The compression as the standard writes it (5.3), for any processor.
#![forbid(unsafe_code)]

use crate::streams::{BLOCK, Words};

/// The first words, 4.1.
pub(super) const INITIAL: Words = [
    0x7380_166f,
    0x4914_b2b9,
    0x1724_42d7,
    0xda8a_0600,
    0xa96f_30bc,
    0x1631_38aa,
    0xe38d_ee4d,
    0xb0fb_0e4e,
];

/// T of round j, 4.2, already rotated by j.
pub(super) const fn constant(round: u32) -> u32 {
    let t: u32 = if round < 16 { 0x79cc_4519 } else { 0x7a87_9d8a };
    t.rotate_left(round % 32)
}

/// Takes whole blocks into the words.
#[inline(always)]
pub(super) fn compress(words: &mut Words, blocks: &[u8]) {
    for block in blocks.chunks_exact(BLOCK) {
        let mut w = [0; 16];
        for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        rounds(words, w);
    }
}

fn p0(x: u32) -> u32 {
    x ^ x.rotate_left(9) ^ x.rotate_left(17)
}

fn p1(x: u32) -> u32 {
    x ^ x.rotate_left(15) ^ x.rotate_left(23)
}

/// The 64 rounds of one block. Words are expanded as the rounds need them: that fills the time in which the rounds
/// wait for each other.
#[inline(always)]
fn rounds(words: &mut Words, mut w: [u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *words;
    macro_rules! round {
        ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $j:expr, $ff:expr, $gg:expr) => {
            let w_now = w[$j % 16];
            if $j >= 12 {
                // Word j + 4 takes the place of word j - 12.
                let mixed = p1(w[($j + 4) % 16] ^ w[($j + 11) % 16] ^ w[($j + 1) % 16].rotate_left(15));
                w[($j + 4) % 16] = mixed ^ w[($j + 7) % 16].rotate_left(7) ^ w[($j + 14) % 16];
            }
            let a12 = $a.rotate_left(12);
            let ss1 = a12
                .wrapping_add($e)
                .wrapping_add(const { constant($j) })
                .rotate_left(7);
            let ff: u32 = $ff($a, $b, $c);
            let gg: u32 = $gg($e, $f, $g);
            $d = $d
                .wrapping_add(ff)
                .wrapping_add(ss1 ^ a12)
                .wrapping_add(w_now ^ w[($j + 4) % 16]);
            $h = p0($h.wrapping_add(gg).wrapping_add(ss1).wrapping_add(w_now));
            $b = $b.rotate_left(9);
            $f = $f.rotate_left(19);
        };
    }
    macro_rules! fours {
        ($($j:literal)*, $ff:expr, $gg:expr) => {$(
            round!(a b c d e f g h, $j, $ff, $gg);
            round!(d a b c h e f g, ($j + 1), $ff, $gg);
            round!(c d a b g h e f, ($j + 2), $ff, $gg);
            round!(b c d a f g h e, ($j + 3), $ff, $gg);
        )*};
    }
    let parity = |x: u32, y: u32, z: u32| x ^ y ^ z;
    let majority = |x: u32, y: u32, z: u32| (x & y) | (x & z) | (y & z);
    let choose = |x: u32, y: u32, z: u32| ((y ^ z) & x) ^ z;
    fours!(0 4 8 12, parity, parity);
    fours!(16 20 24 28 32 36 40 44 48 52 56 60, majority, choose);
    for (word, new) in words.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word ^= new;
    }
}
