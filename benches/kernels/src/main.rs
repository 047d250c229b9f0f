//! The kernels of `cinnabar-sm` beside the Rust crates and OpenSSL's library, each asked in turn by benches/bench.py.
//!
//! ```text
//! bench-kernels vectors FILE     writes keys and signatures that every peer in any language reads
//! bench-kernels serve FILE       answers `rows`, `check ROW` and `time ROW MILLISECONDS`, a line each
//! bench-kernels once ROW N FILE  runs a row N times, for valgrind to count
//! bench-kernels busy SECONDS     one core's worth of arithmetic that needs no memory
//! ```
//!
//! Neither Criterion nor Divan is used: both run one process and one row to its end, where a shared host asks for turns among
//! processes in four languages, and for the minimum of short samples rather than a mean.

mod crates;
mod library;
mod ours;
mod row;
mod serve;
mod vectors;

use std::error::Error;

use row::Row;
use vectors::Vectors;

type Fault = Box<dyn Error>;

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["vectors", file] => vectors::write(file),
        ["serve", file] => serve::serve(&mut rows(&Vectors::read(file)?)?),
        ["once", row, times, file] => serve::once(&mut rows(&Vectors::read(file)?)?, row, times.parse()?),
        ["busy", seconds] => {
            println!("{}", serve::busy(seconds.parse()?));
            Ok(())
        }
        _ => Err("usage: bench-kernels vectors|serve FILE, once ROW N FILE, busy SECONDS".into()),
    }
}

/// All rows of this process. A row is made when it is first asked for, so that tables of one do not crowd another's caches.
fn rows(vectors: &Vectors) -> Result<Vec<Row>, Fault> {
    let mut all = ours::rows(vectors)?;
    all.extend(crates::rows(vectors)?);
    all.extend(library::rows(vectors)?);
    Ok(all)
}
