//! Eight lanes with the rotations and three-way operations of AVX-512 (F and VL), on vectors of 256 bits.
//!
//! For fewer messages than sixteen lanes need. Vectors of this width also leave the processor its clock and, on the
//! makers' older models, all three of its vector ports.

use std::arch::x86_64::*;

pub(crate) use super::avx2::{LANES, Vector, add, block, load, shift_right, splat, store, xor};

#[inline]
#[target_feature(enable = "avx2,avx512f,avx512vl")]
pub(crate) fn xor3(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx2,avx512f,avx512vl")]
pub(crate) fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_ternarylogic_epi32::<0xe8>(a, b, c)
}

/// `b` where `a` is set, `c` elsewhere.
#[inline]
#[target_feature(enable = "avx2,avx512f,avx512vl")]
pub(crate) fn choose(a: Vector, b: Vector, c: Vector) -> Vector {
    _mm256_ternarylogic_epi32::<0xca>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx2,avx512f,avx512vl")]
pub(crate) fn rotate<const LEFT: i32>(a: Vector) -> Vector {
    _mm256_rol_epi32::<LEFT>(a)
}
