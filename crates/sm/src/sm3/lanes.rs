//! The compression of many streams, one a lane, and the expansion of many blocks of one stream.
//!
//! Written once in the operations that the widths share. The rounds are unrolled by macros, so that words live in
//! registers and nothing is moved between rounds: the eight variables change roles instead.

#![allow(
    unsafe_code,
    reason = "calls of functions that need vectors; a caller chooses them by what the processor has"
)]

use super::{
    portable,
    rounds::{Expanded, rounds},
};
use crate::streams::{BLOCK, Stage, State, Words};

/// Word j + 4, if it is not of the block itself, in the place of word j - 12.
macro_rules! next {
    ($w:ident, $j:expr) => {
        if $j >= 12 {
            $w[($j + 4) % 16] = word(
                $w[($j + 4) % 16],
                $w[($j + 7) % 16],
                $w[($j + 11) % 16],
                $w[($j + 14) % 16],
                $w[($j + 1) % 16],
            );
        }
    };
}

/// One round.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $j:expr, $ff:ident, $gg:ident) => {
        next!($w, $j);
        let a12 = rotate::<12>($a);
        let ss1 = rotate::<7>(add(add(a12, splat(const { constant($j) })), $e));
        let both = xor($w[$j % 16], $w[($j + 4) % 16]);
        $d = add(add(add($d, both), $ff($a, $b, $c)), xor(ss1, a12));
        $h = p0(add(add(add($h, $w[$j % 16]), $gg($e, $f, $g)), ss1));
        $b = rotate::<9>($b);
        $f = rotate::<19>($f);
    };
}

/// Four rounds from each j on, after which every variable has its own role again.
macro_rules! fours {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident,
     $($j:literal)*, $ff:ident, $gg:ident) => {$(
        round!($a $b $c $d $e $f $g $h, $w, $j, $ff, $gg);
        round!($d $a $b $c $h $e $f $g, $w, ($j + 1), $ff, $gg);
        round!($c $d $a $b $g $h $e $f, $w, ($j + 2), $ff, $gg);
        round!($b $c $d $a $f $g $h $e, $w, ($j + 3), $ff, $gg);
    )*};
}

/// Writes the two words of round j, and of the three after it.
macro_rules! expand {
    ($w:ident, $rows:ident, $($j:literal)*) => {$(
        expand!($w, $rows, one ($j));
        expand!($w, $rows, one ($j + 1));
        expand!($w, $rows, one ($j + 2));
        expand!($w, $rows, one ($j + 3));
    )*};
    ($w:ident, $rows:ident, one $j:expr) => {
        next!($w, $j);
        store(&mut $rows[2 * $j], $w[$j % 16]);
        store(&mut $rows[2 * $j + 1], xor($w[$j % 16], $w[($j + 4) % 16]));
    };
}

/// The expansion of one stream's blocks, for widths that serve one stream.
macro_rules! expansion {
    ($features:literal) => {
        /// Expands one block of each run, as the rounds read them.
        #[target_feature(enable = $features)]
        pub(in crate::sm3) fn expand(runs: &[&[u8]; LANES], rows: &mut [[u32; LANES]; 128]) {
            let mut w = block(runs, 0);
            expand!(w, rows, 0 4 8 12 16 20 24 28 32 36 40 44 48 52 56 60);
        }
    };
}

/// One width's compression.
macro_rules! width {
    ($(#[$doc:meta])* $name:ident, $features:literal, $($more:tt)*) => {
        $(#[$doc])*
        mod $name {
            use crate::{
                sm3::portable::constant,
                streams::{BLOCK, State, $name::*},
            };

            #[inline]
            #[target_feature(enable = $features)]
            fn p0(x: Vector) -> Vector {
                xor3(x, rotate::<9>(x), rotate::<17>(x))
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn p1(x: Vector) -> Vector {
                xor3(x, rotate::<15>(x), rotate::<23>(x))
            }

            /// Word j from the words at j - 16, j - 13, j - 9, j - 6 and j - 3.
            #[inline]
            #[target_feature(enable = $features)]
            fn word(w16: Vector, w13: Vector, w9: Vector, w6: Vector, w3: Vector) -> Vector {
                xor3(p1(xor3(w16, w9, rotate::<15>(w3))), rotate::<7>(w13), w6)
            }

            /// Takes so many blocks of each run into its lane of the state.
            #[target_feature(enable = $features)]
            pub(in crate::sm3) fn compress(state: &mut State<LANES>, runs: &[&[u8]; LANES], blocks: usize) {
                let mut words = state.0.each_ref().map(|row| load(row));
                for at in 0..blocks {
                    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = words;
                    let mut w = block(runs, at * BLOCK);
                    fours!(a b c d e f g h, w, 0 4 8 12, xor3, xor3);
                    fours!(a b c d e f g h, w, 16 20 24 28 32 36 40 44 48 52 56 60, majority, choose);
                    let new = [a, b, c, d, e, f, g, h];
                    for i in 0..8 {
                        words[i] = xor(words[i], new[i]);
                    }
                }
                for (row, word) in state.0.iter_mut().zip(words) {
                    store(row, word);
                }
            }

            $($more)*
        }
    };
}

width!(
    /// Eight lanes on AVX2.
    avx2, "avx2", expansion!("avx2");
);
width!(
    /// Eight lanes on AVX-512 VL.
    vl, "avx2,avx512f,avx512bw,avx512vl", expansion!("avx2,avx512f,avx512bw,avx512vl");
);
width!(
    /// Sixteen lanes on AVX-512.
    avx512, "avx512f,avx512bw",
);

// What follows is handed out for `Lanes` that `Lanes::or_portable` has let pass, and only by the parent module.

/// Eight lanes on AVX2.
pub(super) const AVX2: Stage<8> = Stage {
    // SAFETY: chosen for `Lanes::Avx2`, after the processor was asked for AVX2.
    compress: |state: &mut State<8>, runs, blocks| unsafe { avx2::compress(state, runs, blocks) },
    floor: 2,
};

/// Eight lanes on AVX-512.
pub(super) const VL: Stage<8> = Stage {
    // SAFETY: chosen for `Lanes::Avx512`, after the processor was asked for AVX2 and AVX-512 F, BW and VL.
    compress: |state: &mut State<8>, runs, blocks| unsafe { vl::compress(state, runs, blocks) },
    floor: 2,
};

/// Sixteen lanes on AVX-512.
pub(super) const AVX512: Stage<16> = Stage {
    // SAFETY: chosen for `Lanes::Avx512`, after the processor was asked for AVX-512 F and BW.
    compress: |state: &mut State<16>, runs, blocks| unsafe { avx512::compress(state, runs, blocks) },
    floor: 8,
};

/// One stream on AVX2.
pub(super) fn one_avx2(words: &mut Words, blocks: &[u8]) {
    // SAFETY: chosen for `Lanes::Avx2`, after the processor was asked for AVX2, BMI1 and BMI2.
    one(words, blocks, |runs, rows| unsafe { avx2::expand(runs, rows) });
}

/// One stream on AVX-512.
pub(super) fn one_vl(words: &mut Words, blocks: &[u8]) {
    // SAFETY: chosen for `Lanes::Avx512`, after the processor was asked for AVX2, AVX-512 F, BW and VL, BMI1 and BMI2.
    one(words, blocks, |runs, rows| unsafe { vl::expand(runs, rows) });
}

/// Expands eight blocks at a time, then takes them in one by one. For a few an expansion would not pay.
#[inline(always)]
fn one(words: &mut Words, blocks: &[u8], expand: impl Fn(&[&[u8]; 8], &mut [[u32; 8]; 128])) {
    let mut expanded = Expanded([[0; 8]; 128]);
    for eight in blocks.chunks(8 * BLOCK) {
        let count = eight.len() / BLOCK;
        if count < 4 {
            // SAFETY: both callers are chosen for processors with BMI1 and BMI2.
            unsafe { few(words, eight) };
            return;
        }
        let runs = std::array::from_fn(|i| &eight[i.min(count - 1) * BLOCK..]);
        expand(&runs, &mut expanded.0);
        for column in 0..count {
            // SAFETY: as above.
            unsafe { rounds(words, &expanded, column) };
        }
    }
}

#[target_feature(enable = "bmi1,bmi2")]
fn few(words: &mut Words, blocks: &[u8]) {
    portable::compress(words, blocks);
}
