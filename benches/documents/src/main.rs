//! Documents of about 40 kB, sealed with the development keys, and Cinnabar's library verifying them.
//!
//! ```text
//! bench-documents make KIND FOLDER COUNT          KIND: ofd, sm2.pdf, rsa.pdf; the first few get TAMPERED copies
//! bench-documents serve                           answers `check FILE…` and `round SEED FILE… -- FILE…`, a line each
//! bench-documents once N FILE…                    verifies the files N times, for valgrind to count
//! ```
//!
//! No two documents are alike: each has its own text, number and signature, as in a real archive. What they share is what real
//! ones share: the fonts' bytes, the seal, the certificates.

mod clock;
mod credentials;
mod face;
mod ofd;
mod pdf;
mod serve;

use std::error::Error;
use std::path::Path;

use credentials::Credentials;
use face::Fixture;

type Fault = Box<dyn Error + Send + Sync>;

/// How many get a tampered copy.
const TAMPERED: usize = 3;

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["make", kind, folder, count] => make(kind, Path::new(folder), count.parse()?),
        ["serve"] => serve::serve(),
        ["once", times, files @ ..] => serve::once(times.parse()?, files),
        _ => Err("usage: bench-documents make KIND FOLDER COUNT, serve, once N FILE…".into()),
    }
}

/// Makes them on all cores; nothing of this is timed.
fn make(kind: &str, folder: &Path, count: usize) -> Result<(), Fault> {
    std::fs::create_dir_all(folder)?;
    let fixture = Fixture::open()?;
    let credentials = Credentials::open(if kind == "rsa.pdf" { "rsa" } else { "sm2" })?;
    let one = |number: usize| -> Result<(), Fault> {
        let file = |suffix: &str| folder.join(format!("{number:06}{suffix}-{kind}").replace("-ofd", ".ofd"));
        let (good, bad): (Vec<u8>, fn(&[u8]) -> Result<Vec<u8>, Fault>) = match kind {
            "ofd" => (ofd::make(number, &fixture, &credentials)?, ofd::tamper),
            "sm2.pdf" | "rsa.pdf" => (pdf::make(number, &fixture, &credentials)?, pdf::tamper),
            other => return Err(format!("no such kind: {other}").into()),
        };
        if number < TAMPERED {
            std::fs::write(file("-TAMPERED"), bad(&good)?)?;
        }
        Ok(std::fs::write(file(""), good)?)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let one = &one;
        let workers: Vec<_> = (0..cores)
            .map(|first| scope.spawn(move || (first..count).step_by(cores).try_for_each(one)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a thread stopped")?)
    })
}
