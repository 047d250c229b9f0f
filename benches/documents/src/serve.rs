//! Cinnabar's library verifying files, in this process and on one thread.

use std::io::{BufRead, Write};
use std::sync::Arc;

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::{Context, Document, Engine, Limits, policy, verify_batch};

use crate::Fault;
use crate::clock::cpu_seconds;
use crate::credentials::keys_dev;
use crate::face::now;

/// How many documents are verified at once.
const BATCH: usize = 64;

/// Answers `check FILE…` with a verdict, and `round KNOWN-FILES… -- FILE…` with the CPU seconds that the files after `--` took an
/// engine that knew those before, reading them included.
pub fn serve() -> Result<(), Fault> {
    let trust = TrustSet::load(keys_dev().join("trust.toml"))?;
    let context = Context::new(Some(&trust), &policy::DOCUMENT, now());
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields.split_first() {
            Some((&"check", files)) => verdict(&context, files),
            Some((&"round", files)) => round(&context, files),
            _ => "what?".to_owned(),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

pub fn once(times: usize, files: &[&str]) -> Result<(), Fault> {
    let trust = TrustSet::load(keys_dev().join("trust.toml"))?;
    let context = Context::new(Some(&trust), &policy::DOCUMENT, now());
    let engine = Engine::new();
    for chunk in files.chunks(files.len().div_ceil(times.max(1)).max(1)) {
        if !passed(chunk, &context, &engine) {
            return Err("a document did not pass".into());
        }
    }
    Ok(())
}

fn verdict(context: &Context<'_>, files: &[&str]) -> String {
    let documents: Vec<Document> = files.iter().map(|file| read(file)).collect();
    let reports = verify_batch(&documents, context, &Limits::default(), &Engine::new());
    match reports.iter().find(|report| !report.verdict.is_passed()) {
        Some(report) => {
            let findings: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
            format!("refused {} {}", report.reason, findings.join(","))
        }
        None => "accepted".to_owned(),
    }
}

fn round(context: &Context<'_>, files: &[&str]) -> String {
    let split = files.iter().position(|file| *file == "--").unwrap_or(0);
    let (known, asked) = files.split_at(split);
    let engine = Engine::new();
    if !passed(known, context, &engine) {
        return "refused".to_owned();
    }
    let start = cpu_seconds();
    let good = passed(asked.get(1..).unwrap_or_default(), context, &engine);
    let spent = cpu_seconds() - start;
    if good {
        format!("{spent:e}")
    } else {
        "refused".to_owned()
    }
}

fn passed(files: &[&str], context: &Context<'_>, engine: &Engine) -> bool {
    files.chunks(BATCH).all(|chunk| {
        let documents: Vec<Document> = chunk.iter().map(|file| read(file)).collect();
        let reports = verify_batch(&documents, context, &Limits::default(), engine);
        reports.iter().all(|report| report.verdict.is_passed())
    })
}

fn read(file: &str) -> Document {
    let bytes: Arc<[u8]> = std::fs::read(file).unwrap_or_default().into();
    (file.to_owned(), Ok(bytes))
}
