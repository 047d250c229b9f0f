//! The compression of many streams, one a lane, and the expansion of many blocks of one stream.
//!
//! Written once in the operations that the widths share, and unrolled by macros as that of SM3 is.
#![allow(
    unsafe_code,
    reason = "calls of functions that need vectors; a caller chooses them by what the processor has"
)]

use crate::streams::{Stage, State, Words};

/// One round; word j takes the place of word j - 16 on the way.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $j:expr) => {
        if $j >= 16 {
            $w[$j % 16] = word($w[$j % 16], $w[($j + 1) % 16], $w[($j + 9) % 16], $w[($j + 14) % 16]);
        }
        let wk = add($w[$j % 16], splat(K[$j]));
        $h = add(add($h, wk), add(choose($e, $f, $g), sum1($e)));
        $d = add($d, $h);
        $h = add($h, add(majority($a, $b, $c), sum0($a)));
    };
}

/// Eight rounds from each j on, after which every variable has its own role again.
macro_rules! eights {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $w:ident, $($j:literal)*) => {$(
        round!($a $b $c $d $e $f $g $h, $w, $j);
        round!($h $a $b $c $d $e $f $g, $w, ($j + 1));
        round!($g $h $a $b $c $d $e $f, $w, ($j + 2));
        round!($f $g $h $a $b $c $d $e, $w, ($j + 3));
        round!($e $f $g $h $a $b $c $d, $w, ($j + 4));
        round!($d $e $f $g $h $a $b $c, $w, ($j + 5));
        round!($c $d $e $f $g $h $a $b, $w, ($j + 6));
        round!($b $c $d $e $f $g $h $a, $w, ($j + 7));
    )*};
}

/// One stream's compression, for widths that serve one stream.
macro_rules! single {
    ($features:literal) => {
        /// Takes whole blocks of one stream into the words, eight of them expanded at a time.
        #[target_feature(enable = $features, enable = "bmi1,bmi2")]
        pub(super) fn one(words: &mut crate::streams::Words, blocks: &[u8]) {
            let mut rows = [[0; LANES]; 64];
            for some in blocks.chunks(LANES * BLOCK) {
                let count = some.len() / BLOCK;
                let runs = std::array::from_fn(|i| &some[i.min(count - 1) * BLOCK..]);
                let mut w = block(&runs, 0);
                for j in 0..64 {
                    if j >= 16 {
                        w[j % 16] = word(w[j % 16], w[(j + 1) % 16], w[(j + 9) % 16], w[(j + 14) % 16]);
                    }
                    store(&mut rows[j], add(w[j % 16], splat(K[j])));
                }
                for column in 0..count {
                    crate::sha256::portable::rounds(words, |j| rows[j][column]);
                }
            }
        }
    };
}

/// One width's compression.
macro_rules! width {
    ($(#[$doc:meta])* $name:ident, $features:literal, $($more:tt)*) => {
        $(#[$doc])*
        mod $name {
            use crate::{
                sha256::portable::K,
                streams::{BLOCK, State, $name::*},
            };

            #[inline]
            #[target_feature(enable = $features)]
            fn sum0(x: Vector) -> Vector {
                xor3(rotate::<30>(x), rotate::<19>(x), rotate::<10>(x))
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn sum1(x: Vector) -> Vector {
                xor3(rotate::<26>(x), rotate::<21>(x), rotate::<7>(x))
            }

            /// Word j from the words at j - 16, j - 15, j - 7 and j - 2.
            #[inline]
            #[target_feature(enable = $features)]
            fn word(w16: Vector, w15: Vector, w7: Vector, w2: Vector) -> Vector {
                let s0 = xor3(rotate::<25>(w15), rotate::<14>(w15), shift_right::<3>(w15));
                let s1 = xor3(rotate::<15>(w2), rotate::<13>(w2), shift_right::<10>(w2));
                add(add(w16, w7), add(s0, s1))
            }

            /// Takes so many blocks of each run into its lane of the state.
            #[target_feature(enable = $features)]
            pub(super) fn compress(state: &mut State<LANES>, runs: &[&[u8]; LANES], blocks: usize) {
                let mut words = state.0.each_ref().map(|row| load(row));
                for at in 0..blocks {
                    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = words;
                    let mut w = block(runs, at * BLOCK);
                    eights!(a b c d e f g h, w, 0 8 16 24 32 40 48 56);
                    let new = [a, b, c, d, e, f, g, h];
                    for i in 0..8 {
                        words[i] = add(words[i], new[i]);
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
    avx2, "avx2", single!("avx2");
);
width!(
    /// Eight lanes on AVX-512 VL.
    vl, "avx2,avx512f,avx512bw,avx512vl", single!("avx2,avx512f,avx512bw,avx512vl");
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
    unsafe { avx2::one(words, blocks) }
}

/// One stream on AVX-512.
pub(super) fn one_vl(words: &mut Words, blocks: &[u8]) {
    // SAFETY: chosen for `Lanes::Avx512`, after the processor was asked for AVX2, AVX-512 F, BW and VL, BMI1 and BMI2.
    unsafe { vl::one(words, blocks) }
}
