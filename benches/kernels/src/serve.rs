//! The conversation with bench.py, and the sampling.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::Fault;
use crate::row::{Row, Work};

/// Long enough for the clock, short enough to fit between two turns of the scheduler.
const SAMPLE: f64 = 2e-3;

pub fn serve(rows: &mut [Row]) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields.as_slice() {
            ["rows"] => rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join("\t"),
            ["check", name] => with(rows, name, check),
            ["time", name, milliseconds] => {
                let allowed = Duration::from_millis(milliseconds.parse()?);
                with(rows, name, |work| format!("{:e}", fastest(work, allowed)))
            }
            ["rest", name] => {
                rows.iter_mut().filter(|row| row.name == *name).for_each(Row::rest);
                "ok".to_owned()
            }
            _ => "what?".to_owned(),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn with(rows: &mut [Row], name: &str, act: impl FnOnce(&mut Work) -> String) -> String {
    let Some(row) = rows.iter_mut().find(|row| row.name == name) else {
        return "not run: no such row".to_owned();
    };
    // A row that panics is lost, and no other.
    let acted = catch_unwind(AssertUnwindSafe(|| match row.work() {
        Ok(work) => act(work),
        Err(why) => format!("not run: {why}"),
    }));
    acted.unwrap_or_else(|_| "wrong: it panicked".to_owned())
}

fn check(work: &mut Work) -> String {
    if !(work.run)() {
        return "wrong: refuses what is good".to_owned();
    }
    if !(work.refuses)() {
        return "wrong: accepts what is corrupted".to_owned();
    }
    format!("ok\t{}", work.note)
}

/// CPU time of this thread: what neighbours do does not count, unless they share the caches.
fn cpu() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec of ours; the clock exists on every Linux.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Seconds for one unit in the fastest sample.
fn fastest(work: &mut Work, allowed: Duration) -> f64 {
    let began = Instant::now();
    let mut runs = 1u32;
    let mut best = f64::INFINITY;
    loop {
        let start = cpu();
        for _ in 0..runs {
            assert!(black_box((work.run)()), "a timed answer was wrong");
        }
        let spent = cpu() - start;
        best = best.min(spent / f64::from(runs) / work.units);
        if began.elapsed() >= allowed {
            return best;
        }
        if spent < SAMPLE / 2.0 {
            runs *= 2;
        }
    }
}

/// Runs a row so often, once more for each `times`, so that a difference of two counts leaves the set-up out.
pub fn once(rows: &mut [Row], name: &str, times: usize) -> Result<(), Fault> {
    let row = rows.iter_mut().find(|row| row.name == name).ok_or("no such row")?;
    let work = row.work()?;
    for _ in 0..times {
        if !(work.run)() {
            return Err("a wrong answer".into());
        }
    }
    println!("{}", work.units);
    Ok(())
}

/// Rounds of a chain of multiplications in so many seconds.
pub fn busy(seconds: f64) -> u64 {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut rounds = 0;
    let mut x = 1u64;
    while Instant::now() < end {
        for _ in 0..100_000 {
            x = black_box(x).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        }
        rounds += 1;
    }
    rounds
}
