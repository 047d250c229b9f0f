//! SM2 verification in vector registers.
//!
//! | module | what it holds |
//! |---|---|
//! | [`field`] | what the algorithms ask of a width |
//! | [`zmm`], [`residues`] | 512-bit registers; residues in them |
//! | [`ifma`], [`fma`] | their multiplication with IFMA and without |
//! | [`digits`], [`table`] | scalars as odd digits, tables of odd multiples |
//! | [`tree`], [`jacobian`] | additions with one shared inversion, and with none |
//! | [`group`], [`batch`], [`single`], [`unknown`] | many signatures; one; keys without a table |
//!
//! AVX2 has no lanes: a multiplication of four residues took 38 cycles a lane with doubles and 40 with VPMULUDQ, against 41
//! for one residue with MULX and ADX in the same run (trials, not tuned), and a batch is more than multiplications.
//!
//! Everything here runs in variable time: verification handles public data only.

#![expect(
    unsafe_code,
    reason = "calls into functions that enable instructions, after asking for them"
)]

mod batch;
mod digits;
mod field;
mod fma;
mod group;
mod ifma;
mod inverse;
mod jacobian;
mod prime;
mod residues;
mod single;
mod table;
mod tree;
mod unknown;
mod zmm;

#[cfg(test)]
mod tests;

use fma::Fma;
use ifma::Ifma;
use prime::Words;
use table::Entry;
pub(super) use table::Table;

/// The instruction sets that there is a vector path for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// AVX-512 F and DQ: eight lanes, products of doubles.
    Avx512,
    /// AVX-512 with 52-bit integer products: eight lanes.
    Ifma,
}

impl Width {
    /// The widths that this processor has, the fastest first.
    pub(super) fn available() -> Vec<Self> {
        let all = [
            (Self::Ifma, Ifma::detect().is_some()),
            (Self::Avx512, Fma::detect().is_some()),
        ];
        all.into_iter()
            .filter(|(_, has)| *has)
            .map(|(width, _)| width)
            .collect()
    }
}

/// How the public key is multiplied.
#[derive(Clone, Copy)]
pub(super) enum Multiplier<'a> {
    /// By a table of the key.
    Table(&'a Table),
    /// By its coordinates, canonical little-endian words; the point must be on the curve.
    Point { x: Words, y: Words },
}

/// One signature to check: is the x-coordinate of u1·G + u2·Q congruent to `x` modulo n?
///
/// Little-endian words, all below n; `u1` and `u2` are not zero.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) key: Multiplier<'a>,
    pub(super) u1: Words,
    pub(super) u2: Words,
    pub(super) x: Words,
}

/// What came of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Right,
    Wrong,
    /// Equal or opposite points met on the way, or the sum is infinite: complete formulas must decide.
    Exceptional,
}

/// Checks many signatures; `out` has one place for each.
///
/// # Panics
///
/// If the lengths differ, a table was made for another width or the processor lacks the width.
pub(super) fn verify_many(width: Width, g: &Table, jobs: &[Job], out: &mut [Outcome]) {
    assert_eq!(jobs.len(), out.len(), "one outcome a job");
    assert!(jobs.iter().all(|job| fits(width, g, job)), "tables of another width");
    match width {
        Width::Ifma => {
            let f = Ifma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { verify_many_ifma(f, g, jobs, out) }
        }
        Width::Avx512 => {
            let f = Fma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { verify_many_avx512(f, g, jobs, out) }
        }
    }
}

/// Checks one signature with little delay. A key without a table is not for this: it gives `Exceptional`.
///
/// # Panics
///
/// As [`verify_many`].
pub(super) fn verify_one(width: Width, g: &Table, job: &Job) -> Outcome {
    assert!(fits(width, g, job), "tables of another width");
    match width {
        Width::Ifma => {
            let f = Ifma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { verify_one_ifma(f, g, job) }
        }
        Width::Avx512 => {
            let f = Fma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { verify_one_avx512(f, g, job) }
        }
    }
}

const LACKING: &str = "the processor has the width";

fn fits(width: Width, g: &Table, job: &Job) -> bool {
    g.width() == width
        && match job.key {
            Multiplier::Table(table) => table.width() == width,
            Multiplier::Point { .. } => true,
        }
}

/// The entries of a table in the domain of a width.
fn build_table(width: Width, x: &Words, y: &Words, window: u32) -> Vec<Entry> {
    match width {
        Width::Ifma => {
            let f = Ifma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { build_table_ifma(f, x, y, window) }
        }
        Width::Avx512 => {
            let f = Fma::detect().expect(LACKING);
            // SAFETY: `detect` found the instructions that the function enables.
            unsafe { build_table_avx512(f, x, y, window) }
        }
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn verify_many_ifma(f: Ifma, g: &Table, jobs: &[Job], out: &mut [Outcome]) {
    batch::verify_many(f, g, jobs, out);
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn verify_one_ifma(f: Ifma, g: &Table, job: &Job) -> Outcome {
    single::verify(f, g, job)
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn build_table_ifma(f: Ifma, x: &Words, y: &Words, window: u32) -> Vec<Entry> {
    table::build(f, x, y, window)
}

#[target_feature(enable = "avx512f,avx512dq")]
fn verify_many_avx512(f: Fma, g: &Table, jobs: &[Job], out: &mut [Outcome]) {
    batch::verify_many(f, g, jobs, out);
}

#[target_feature(enable = "avx512f,avx512dq")]
fn verify_one_avx512(f: Fma, g: &Table, job: &Job) -> Outcome {
    single::verify(f, g, job)
}

#[target_feature(enable = "avx512f,avx512dq")]
fn build_table_avx512(f: Fma, x: &Words, y: &Words, window: u32) -> Vec<Entry> {
    table::build(f, x, y, window)
}
