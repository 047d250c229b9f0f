//! Puts the same questions to `cinnabar-sm`, to RustCrypto and to OpenSSL, and fails when they disagree.
//!
//! ```text
//! differential                       CASES signatures (1000000) on all backends, and digests, encodings and keys with them
//! differential replay KEY E R S      one signature, in hex, on all backends
//! ```
//!
//! Environment: `CASES`, `SEED` (random unless told), `THREADS` (one a core), `ROUND` (that round alone), `OPENSSL_SHARE` (it is
//! asked once in so many signatures; 1).

mod cases;
mod curve;
mod dice;
mod digests;
mod encodings;
mod judges;
mod meetings;
mod subject;
mod tally;

use std::{
    io::{IsTerminal, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    rc::Rc,
    str::FromStr,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

use cases::{Key, Vector};
pub use cinnabar_sm::sm2::{Backend, KeyCache, TableSize};
use dice::Dice;
use digests::hex;
use tally::Tally;

/// Rounds that share one set of keys, whose tables cost far more than a round.
const ROUNDS_A_KEY_SET: u64 = 32;
/// Signatures in a round at most: more than any width of lanes, and no multiple of one.
const BATCH: usize = 300;

struct Plan {
    seed: u64,
    cases: u64,
    threads: u64,
    only: Option<u64>,
    openssl_share: usize,
}

fn setting<T: FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
    match value.parse() {
        Ok(value) => Some(value),
        Err(_) => panic!("{name}={value} is not a number"),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => campaign(),
        ["replay", key, e, r, s] => replay(key, e, r, s),
        _ => {
            eprintln!("usage: differential [replay KEY E R S]");
            ExitCode::from(2)
        }
    }
}

fn campaign() -> ExitCode {
    let clock = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(1, |now| now.as_nanos() as u64);
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let plan = Plan {
        seed: setting("SEED").unwrap_or(clock),
        cases: setting("CASES").unwrap_or(1_000_000),
        threads: setting("THREADS").unwrap_or(cores).max(1),
        only: setting("ROUND"),
        openssl_share: setting("OPENSSL_SHARE").unwrap_or(1).max(1),
    };
    println!(
        "   seed {}, {} signatures, {} threads, {}",
        plan.seed,
        plan.cases,
        plan.threads,
        openssl::version::version()
    );
    println!(
        "   backends {:?}; SM3 lanes {:?}",
        Backend::available(),
        cinnabar_sm::sm3::Lanes::available()
    );

    let (next, done, all) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Tally::default()));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..plan.threads {
            scope.spawn(|| {
                let mut mine = Tally::default();
                work(&plan, &next, &done, started, &mut mine);
                all.lock().expect("no thread panics while it adds").add(mine);
            });
        }
    });
    let tally = all.into_inner().expect("no thread panics while it adds");
    tally.print();
    println!(
        "\n   {} signatures in {:.0} s: {} disagreements",
        done.load(Ordering::Relaxed),
        started.elapsed().as_secs_f64(),
        tally.disagreements
    );
    if tally.disagreements > 0 || done.load(Ordering::Relaxed) == 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Takes sets of rounds until enough signatures were judged.
fn work(plan: &Plan, next: &AtomicU64, done: &AtomicU64, started: Instant, tally: &mut Tally) {
    loop {
        let set = match plan.only {
            Some(round) => round / ROUNDS_A_KEY_SET,
            None => next.fetch_add(1, Ordering::Relaxed),
        };
        let keys = key_set(plan.seed, set);
        // Some caches hold everything, some nearly nothing.
        let cache = KeyCache::new(1 << (10 + 5 * (set % 4)));
        for round in (set * ROUNDS_A_KEY_SET..).take(ROUNDS_A_KEY_SET as usize) {
            if plan.only.is_some_and(|only| only != round) {
                continue;
            }
            let judged = catch_unwind(AssertUnwindSafe(|| one_round(plan, round, &keys, &cache, tally)));
            match judged {
                Ok(judged) => {
                    let before = done.fetch_add(judged, Ordering::Relaxed);
                    progress(plan, before, judged, started);
                    if before + judged >= plan.cases {
                        return;
                    }
                }
                Err(_) => {
                    tally.disagree(format!("a panic; again with SEED={} ROUND={round}", plan.seed));
                    return;
                }
            }
        }
        if plan.only.is_some() {
            return;
        }
    }
}

fn progress(plan: &Plan, before: u64, judged: u64, started: Instant) {
    let step = if std::io::stderr().is_terminal() {
        plan.cases / 500
    } else {
        plan.cases / 20
    }
    .max(1);
    if before / step != (before + judged) / step {
        let line = format!(
            "   {:>9} of {} signatures, {:.0} s",
            before + judged,
            plan.cases,
            started.elapsed().as_secs_f64()
        );
        let end = if std::io::stderr().is_terminal() { '\r' } else { '\n' };
        let _ = write!(std::io::stderr(), "{line}{end}");
    }
}

/// Eight keys with tables of all sizes on all backends: ordinary ones and ones that meet G inside additions.
fn key_set(seed: u64, set: u64) -> Vec<Rc<Key>> {
    let mut dice = Dice::new(&[seed, set, 1]);
    let mut keys = Vec::new();
    while keys.len() < 8 {
        let tables: Vec<_> = Backend::available()
            .into_iter()
            .flat_map(|backend| subject::SIZES.map(|size| (backend, size)))
            // Large tables take long to make: two keys have them.
            .filter(|(_, size)| *size != TableSize::Large || keys.len() < 2)
            .collect();
        let key = if keys.len() == 4 {
            Key::new(None, cases::strange_point(&mut dice), &tables)
        } else {
            let secret = cases::secret(&mut dice);
            Key::new(Some(secret), curve::times_g(&secret), &tables)
        };
        keys.extend(key);
    }
    keys
}

fn one_round(plan: &Plan, round: u64, keys: &[Rc<Key>], cache: &KeyCache, tally: &mut Tally) -> u64 {
    let mut dice = Dice::new(&[plan.seed, round, 2]);
    let count = 1 + dice.below(BATCH);
    let vectors: Vec<_> = (0..count).map(|_| cases::next(&mut dice, keys)).collect();
    let truth: Vec<_> = vectors
        .iter()
        .map(|vector| judge(plan, &mut dice, round, vector, tally))
        .collect();
    for answer in subject::ask(&mut dice, &vectors, cache) {
        let (vector, right) = (&vectors[answer.vector], truth[answer.vector]);
        tally.count(&format!("SM2 on {}: {}", answer.backend, answer.form), answer.said);
        if answer.said != right {
            let text = format!("{} ({}) said {}, is {right}", answer.backend, answer.form, answer.said);
            tally.disagree(describe(plan, round, vector, &text));
        }
    }
    for _ in 0..count / 16 {
        encodings::der(&mut dice, tally, keys);
        encodings::point(&mut dice, tally, keys);
    }
    if dice.one_in(4) {
        digests::round(&mut dice, tally);
    }
    count as u64
}

/// What the peers say, and whether they agree with each other and with the construction.
fn judge(plan: &Plan, dice: &mut Dice, round: u64, vector: &Vector, tally: &mut Tally) -> bool {
    let said = vector.who.rust_crypto.verify(&vector.e, &vector.r, &vector.s);
    tally.count(&format!("case: {}", vector.kind), said);
    tally.count("SM2 judged by RustCrypto", said);
    if vector.expected.is_some_and(|expected| expected != said) {
        tally.disagree(describe(
            plan,
            round,
            vector,
            &format!("RustCrypto said {said}, the construction says otherwise"),
        ));
    }
    if dice.one_in(plan.openssl_share) {
        let other = vector.who.openssl().verify(&vector.e, &vector.r, &vector.s);
        tally.count("SM2 judged by OpenSSL", other);
        if other != said {
            tally.disagree(describe(
                plan,
                round,
                vector,
                &format!("RustCrypto said {said}, OpenSSL said {other}"),
            ));
        }
    }
    said
}

fn describe(plan: &Plan, round: u64, vector: &Vector, text: &str) -> String {
    format!(
        "SM2, {}: {text}\n   again: SEED={} ROUND={round} (all of its batch), or alone: replay {} {} {} {}",
        vector.kind,
        plan.seed,
        hex(&vector.who.sec1),
        hex(&vector.e),
        hex(&vector.r),
        hex(&vector.s)
    )
}

fn replay(key: &str, e: &str, r: &str, s: &str) -> ExitCode {
    let (Some(key), Some(e), Some(r), Some(s)) = (unhex::<65>(key), unhex::<32>(e), unhex::<32>(r), unhex::<32>(s))
    else {
        eprintln!("KEY has 65 bytes in hex, E, R and S have 32");
        return ExitCode::from(2);
    };
    let (Some(rust), Some(openssl)) = (judges::RustCrypto::new(&key), judges::OpenSsl::new(&key)) else {
        eprintln!("the peers refuse the key");
        return ExitCode::from(2);
    };
    let expected = rust.verify(&e, &r, &s);
    println!("RustCrypto {expected}\nOpenSSL {}", openssl.verify(&e, &r, &s));
    let mut agreed = openssl.verify(&e, &r, &s) == expected;
    let mut print = |name: String, said: bool| {
        println!("{name} {said}{}", if said == expected { "" } else { "   <- differs" });
        agreed &= said == expected;
    };
    for backend in Backend::available() {
        let tables = subject::SIZES.map(|size| (backend, size));
        let Some(subject) = subject::Subject::new(&key, &tables) else {
            eprintln!("cinnabar-sm refuses the key");
            return ExitCode::FAILURE;
        };
        for (form, said) in subject.every_form(backend, e, cinnabar_sm::sm2::Signature { r, s }) {
            print(format!("{backend:?}, {form}"), said);
        }
    }
    if agreed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}
