//! The 64 rounds of one block in general registers, the message words being expanded already.
//!
//! The rounds of one stream form a chain, so what counts is its latency, not the number of instructions. The chain runs
//! through E: SS1, TT2 and P0 of one round to SS1 of the next, six cycles. GG would add a seventh if it waited for E
//! (an operation and two additions against SS1's addition and rotation). It need not: with x = TT2 and
//! r = x<<<9 ^ x<<<17, E is x ^ r, and choose(E, F, G) = F ^ (¬E & (F ^ G)) = F ^ (¬x & m) ^ (r & m) with m = F ^ G,
//! whose parts are ready before E is. The compiler would reassociate the sums and lose that order, hence assembly.
#![allow(unsafe_code, reason = "one block of assembly that reads the expanded words")]

use std::arch::asm;

use super::portable::constant;
use crate::streams::Words;

/// The words of eight blocks as the rounds read them: row 2j is word j, row 2j + 1 is word j ^ word j + 4; a column a
/// block.
#[repr(C, align(64))]
pub(super) struct Expanded(pub(super) [[u32; 8]; 128]);

/// The constant as the assembler wants a displacement.
const fn t(round: u32) -> i32 {
    constant(round).cast_signed()
}

/// What only some rounds do: `when!(this kind: the kind that does it; text)`.
macro_rules! when {
    (parity: parity; $($text:expr),*) => { concat!($($text,)* "\n") };
    (majority: majority; $($text:expr),*) => { concat!($($text,)* "\n") };
    (choose: choose; $($text:expr),*) => { concat!($($text,)* "\n") };
    ($is:ident: $other:ident; $($text:expr),*) => { "" };
}

/// One round, FF of the one kind and GG of the next round of the other. On entry Y is GG of this round. P is A <<< 12
/// and then SS2, S is SS1 and then r, Q the new C; B is free once FF is taken, and H becomes TT2 and then the next E.
///
/// The order is one of many that are right, found by measuring: which instruction of those that are ready goes first
/// is a matter of their order here.
macro_rules! round {
    ($ff:ident $gg:ident $j:literal $t:literal,
     $a:literal $b:literal $c:literal $d:literal $q:literal $e:literal $f:literal $g:literal $h:literal) => {
        concat!(
            "rorx {p:e}, {", $a, ":e}, 20\n",
            "lea {s:e}, [{p:r} + {", $t, "}]\n",
            "rorx {", $q, ":e}, {", $b, ":e}, 23\n",
            "add {", $d, ":e}, [{w} + 64*", $j, " + 32]\n",
            "add {", $h, ":e}, [{w} + 64*", $j, "]\n",
            "add {", $h, ":e}, {y:e}\n",
            "add {s:e}, {", $e, ":e}\n",
            "rorx {s:e}, {s:e}, 25\n",
            "xor {", $b, ":e}, {", $a, ":e}\n",
            // Where A and B agree either will do, elsewhere C decides.
            when!($ff: majority; "andn {y:e}, {", $b, ":e}, {", $a, ":e}"),
            when!($ff: majority; "add {", $d, ":e}, {y:e}"),
            when!($ff: majority; "and {", $b, ":e}, {", $c, ":e}"),
            when!($ff: parity; "xor {", $b, ":e}, {", $c, ":e}"),
            "rorx {", $f, ":e}, {", $f, ":e}, 13\n",
            "add {", $h, ":e}, {s:e}\n",
            "xor {p:e}, {s:e}\n",
            "add {", $d, ":e}, {", $b, ":e}\n",
            // The next round's F is E, and its G is here in F; m is in B.
            when!($gg: choose; "mov {", $b, ":e}, {", $e, ":e}"),
            when!($gg: choose; "xor {", $b, ":e}, {", $f, ":e}"),
            when!($gg: choose; "andn {y:e}, {", $h, ":e}, {", $b, ":e}"),
            when!($gg: parity; "mov {y:e}, {", $e, ":e}"),
            when!($gg: parity; "xor {y:e}, {", $f, ":e}"),
            "rorx {s:e}, {", $h, ":e}, 23\n",
            "add {", $d, ":e}, {p:e}\n",
            "rorx {p:e}, {", $h, ":e}, 15\n",
            "xor {s:e}, {p:e}\n",
            when!($gg: choose; "xor {y:e}, {", $e, ":e}"),
            when!($gg: choose; "and {", $b, ":e}, {s:e}"),
            "xor {", $h, ":e}, {s:e}\n",
            when!($gg: choose; "xor {y:e}, {", $b, ":e}"),
            when!($gg: parity; "xor {y:e}, {", $h, ":e}"),
        )
    };
}

/// The rounds listed, each with the registers' roles moved on by one.
macro_rules! rounds {
    ([], $($role:literal)*; $($text:expr,)*) => { concat!($($text,)*) };
    ([$ff:ident $gg:ident $j:literal $t:literal, $($rest:tt)*],
     $a:literal $b:literal $c:literal $d:literal $q:literal $e:literal $f:literal $g:literal $h:literal;
     $($text:expr,)*) => {
        rounds!([$($rest)*], $d $a $q $c $b $h $e $f $g;
            $($text,)* round!($ff $gg $j $t, $a $b $c $d $q $e $f $g $h),)
    };
}

/// Takes the block of one column into the words.
///
/// # Safety
/// The processor has BMI1 and BMI2.
#[inline(never)]
pub(super) unsafe fn rounds(words: &mut Words, expanded: &Expanded, column: usize) {
    let [mut a, mut b, c, mut d, mut e, mut f, mut g, mut h] = *words;
    assert!(column < 8);
    let q: u32;
    // SAFETY: reads 128 words, one a row of `expanded`, in a column that was just checked; touches no other memory and
    // no stack. `rorx` and `andn` are of BMI2 and BMI1, which the caller vouches for.
    unsafe {
        asm!(
            rounds!([
                parity parity 0 "t0", parity parity 1 "t1", parity parity 2 "t2", parity parity 3 "t3",
                parity parity 4 "t4", parity parity 5 "t5", parity parity 6 "t6", parity parity 7 "t7",
                parity parity 8 "t8", parity parity 9 "t9", parity parity 10 "t10", parity parity 11 "t11",
                parity parity 12 "t12", parity parity 13 "t13", parity parity 14 "t14", parity choose 15 "t15",
                majority choose 16 "t16", majority choose 17 "t17", majority choose 18 "t18", majority choose 19 "t19",
                majority choose 20 "t20", majority choose 21 "t21", majority choose 22 "t22", majority choose 23 "t23",
                majority choose 24 "t24", majority choose 25 "t25", majority choose 26 "t26", majority choose 27 "t27",
                majority choose 28 "t28", majority choose 29 "t29", majority choose 30 "t30", majority choose 31 "t31",
                majority choose 32 "t32", majority choose 33 "t33", majority choose 34 "t34", majority choose 35 "t35",
                majority choose 36 "t36", majority choose 37 "t37", majority choose 38 "t38", majority choose 39 "t39",
                majority choose 40 "t40", majority choose 41 "t41", majority choose 42 "t42", majority choose 43 "t43",
                majority choose 44 "t44", majority choose 45 "t45", majority choose 46 "t46", majority choose 47 "t47",
                majority choose 48 "t16", majority choose 49 "t17", majority choose 50 "t18", majority choose 51 "t19",
                majority choose 52 "t20", majority choose 53 "t21", majority choose 54 "t22", majority choose 55 "t23",
                majority choose 56 "t24", majority choose 57 "t25", majority choose 58 "t26", majority choose 59 "t27",
                majority choose 60 "t28", majority choose 61 "t29", majority choose 62 "t30", majority choose 63 "t31",
            ], "a" "b" "c" "d" "q" "e" "f" "g" "h";),
            t0 = const t(0), t1 = const t(1), t2 = const t(2), t3 = const t(3),
            t4 = const t(4), t5 = const t(5), t6 = const t(6), t7 = const t(7),
            t8 = const t(8), t9 = const t(9), t10 = const t(10), t11 = const t(11),
            t12 = const t(12), t13 = const t(13), t14 = const t(14), t15 = const t(15),
            t16 = const t(16), t17 = const t(17), t18 = const t(18), t19 = const t(19),
            t20 = const t(20), t21 = const t(21), t22 = const t(22), t23 = const t(23),
            t24 = const t(24), t25 = const t(25), t26 = const t(26), t27 = const t(27),
            t28 = const t(28), t29 = const t(29), t30 = const t(30), t31 = const t(31),
            t32 = const t(32), t33 = const t(33), t34 = const t(34), t35 = const t(35),
            t36 = const t(36), t37 = const t(37), t38 = const t(38), t39 = const t(39),
            t40 = const t(40), t41 = const t(41), t42 = const t(42), t43 = const t(43),
            t44 = const t(44), t45 = const t(45), t46 = const t(46), t47 = const t(47),
            a = inout(reg) a,
            b = inout(reg) b,
            c = inout(reg) c => _,
            d = inout(reg) d,
            e = inout(reg) e,
            f = inout(reg) f,
            g = inout(reg) g,
            h = inout(reg) h,
            q = out(reg) q,
            y = inout(reg) e ^ f ^ g => _,
            p = out(reg) _,
            s = out(reg) _,
            w = in(reg) expanded.0.as_ptr().cast::<u32>().add(column),
            options(pure, readonly, nostack),
        );
    }
    // Five registers take turns at A to D, so that after 64 rounds A is in b, B in q, C in d and D in a.
    for (word, new) in words.iter_mut().zip([b, q, d, a, e, f, g, h]) {
        *word ^= new;
    }
}
