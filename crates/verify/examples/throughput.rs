//! Documents per second, in process, on one thread, and which phase takes how much of it.
//!
//! ```text
//! cargo run --release -p cinnabar-verify --example throughput -- --trust trust.toml FILES...
//! ```
//!
//! The files are verified over and over in batches of 1, 16, 64 and 256. Each row shows the fastest of many runs, because a busy
//! machine can only slow a run down; on Linux the time that the thread waited for a processor is left out. The engine is kept, as in a long run: links and seals met before cost a look-up. Document
//! signatures are computed every time, since the engine keeps none of them.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::claims::Claims;
use cinnabar_verify::{Context, Engine, Limits, extract, judge, plan, policy, verify_batch};

const BATCHES: [usize; 4] = [1, 16, 64, 256];

/// The wall clock less the time that other programs had the processor.
struct Clock(Reading);

/// The wall clock just before and just after the waiting time was read.
struct Reading {
    before: Instant,
    waited: Duration,
    after: Instant,
}

impl Reading {
    /// Reads until nothing came between, so that what was waited lies wholly within or wholly outside of what is measured.
    fn take() -> Self {
        loop {
            let before = Instant::now();
            let waited = waited();
            let after = Instant::now();
            if after - before < Duration::from_micros(200) {
                return Self { before, waited, after };
            }
        }
    }
}

impl Clock {
    fn start() -> Self {
        Self(Reading::take())
    }

    fn lap(&mut self) -> Duration {
        let start = std::mem::replace(&mut self.0, Reading::take());
        let passed = self.0.before - start.after;
        passed.saturating_sub(self.0.waited - start.waited)
    }
}

/// How long this thread has waited for a processor, where the system tells.
fn waited() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split_ascii_whitespace().nth(1).and_then(|n| n.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

struct Arguments {
    trust: Option<TrustSet>,
    at: i64,
    seconds: f64,
    files: Vec<(String, Arc<[u8]>)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    if arguments.files.is_empty() {
        return Err("usage: throughput [--trust FILE] [--at UNIX-SECONDS] [--seconds N] FILES...".into());
    }
    let context = Context::new(arguments.trust.as_ref(), &policy::DOCUMENT, arguments.at);
    let limits = Limits::default();
    let engine = Engine::new();
    tell_verdicts(&arguments, &context, &limits, &engine);
    println!(
        "{:>5} {:>12} {:>10} | {:>10} {:>10} {:>10} {:>10}  us/document",
        "batch", "documents/s", "us", "extract", "plan", "compute", "judge"
    );
    for batch in BATCHES {
        let allowed = Duration::from_secs_f64(arguments.seconds);
        let whole = fastest(allowed, batch.max(arguments.files.len()).div_ceil(batch), |round| {
            let named: Vec<_> = (0..batch)
                .filter_map(|n| arguments.files.get((round * batch + n) % arguments.files.len()))
                .map(|(name, bytes)| (name.clone(), Ok(Arc::clone(bytes))))
                .collect();
            let mut clock = Clock::start();
            std::hint::black_box(verify_batch(&named, &context, &limits, &engine));
            clock.lap()
        });
        let per = |seconds: f64| seconds * 1e6;
        let phases = phases(&arguments.files, batch, allowed, &context, &limits, &engine);
        println!(
            "{batch:>5} {:>12.0} {:>10.1} | {:>10.1} {:>10.1} {:>10.1} {:>10.1}",
            batch as f64 / whole,
            per(whole / batch as f64),
            per(phases[0]),
            per(phases[1]),
            per(phases[2]),
            per(phases[3]),
        );
    }
    Ok(())
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut found = Arguments {
        trust: None,
        at: i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?,
        seconds: 1.0,
        files: Vec::new(),
    };
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--trust" => found.trust = Some(TrustSet::load(value()?)?),
            "--at" => found.at = value()?.parse()?,
            "--seconds" => found.seconds = value()?.parse()?,
            file => found.files.push((file.to_owned(), std::fs::read(file)?.into())),
        }
    }
    Ok(found)
}

/// What is measured must be what was meant: a file that fails early looks fast.
fn tell_verdicts(arguments: &Arguments, context: &Context<'_>, limits: &Limits, engine: &Engine) {
    let named: Vec<_> = arguments
        .files
        .iter()
        .map(|(n, b)| (n.clone(), Ok(Arc::clone(b))))
        .collect();
    for report in verify_batch(&named, context, limits, engine) {
        println!("{} {} {}", report.verdict.as_str(), report.reason, report.file);
    }
}

/// The fastest mean of `rounds` runs in a row, in seconds a run: a whole turn through the files, so that no file is favoured.
fn fastest(allowed: Duration, rounds: usize, mut run: impl FnMut(usize) -> Duration) -> f64 {
    let began = Instant::now();
    let mut best = f64::INFINITY;
    while began.elapsed() < allowed || best.is_infinite() {
        let turn: Duration = (0..rounds).map(&mut run).sum();
        best = best.min(turn.as_secs_f64() / rounds as f64);
    }
    best
}

/// Seconds a document in each phase, each the fastest of its own runs.
fn phases(
    files: &[(String, Arc<[u8]>)],
    batch: usize,
    allowed: Duration,
    context: &Context<'_>,
    limits: &Limits,
    engine: &Engine,
) -> [f64; 4] {
    let mut best = [f64::INFINITY; 4];
    let turns = files.len().max(batch).div_ceil(batch);
    let began = Instant::now();
    while began.elapsed() < allowed || best[0].is_infinite() {
        let mut turn = [Duration::ZERO; 4];
        let mut judged = 0usize;
        for round in 0..turns {
            let documents: Vec<_> = (0..batch)
                .filter_map(|n| files.get((round * batch + n) % files.len()))
                .collect();
            let mut clock = Clock::start();
            let extracted: Vec<Claims> = documents
                .iter()
                .filter_map(|(_, bytes)| extract::extract(bytes, limits).ok())
                .collect();
            turn[0] += clock.lap();
            let works: Vec<_> = extracted
                .iter()
                .map(|claims| plan::plan(claims, context, limits))
                .collect();
            turn[1] += clock.lap();
            let answers = engine.compute(&works);
            turn[2] += clock.lap();
            for (work, answers) in works.iter().zip(&answers) {
                std::hint::black_box(judge::judge("file", work, answers, context, limits));
            }
            turn[3] += clock.lap();
            judged += documents.len();
        }
        for (best, turn) in best.iter_mut().zip(turn) {
            *best = best.min(turn.as_secs_f64() / judged as f64);
        }
    }
    best
}
