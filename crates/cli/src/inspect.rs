//! `cinnabar inspect`: what a file contains, without judgement.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cinnabar_verify::claims::{Claims, SignatureClaims};
use cinnabar_verify::text::rfc3339;
use cinnabar_verify::{Limits, extract};
use serde_json::{Value, json};

use crate::input;

/// Show what files contain, without judging them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cinnabar inspect licence.ofd\n\nNothing is verified here: everything shown is what the file says of itself."
)]
pub struct Args {
    /// Files, folders, or - for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let limits = Limits::default();
    let (sources, _) = input::collect(&args.files);
    let mut out = io::stdout().lock();
    let mut unreadable = false;
    for source in &sources {
        let shown = match source
            .read(limits.document_bytes)
            .and_then(|bytes| extract::extract(&bytes, &limits))
        {
            Ok(claims) => describe(&source.name(), &claims),
            Err(why) => {
                unreadable = true;
                json!({ "file": source.name(), "unreadable": why.code.as_str(), "detail": why.detail })
            }
        };
        let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
        if writeln!(out, "{text}").is_err() {
            return ExitCode::from(2);
        }
    }
    ExitCode::from(if unreadable { 2 } else { 0 })
}

fn describe(file: &str, claims: &Claims) -> Value {
    json!({
        "file": file,
        "kind": claims.kind.name(),
        "judged": false,
        "licence": claims.licence,
        "signatures": claims.signatures.iter().map(|s| signature(claims, s)).collect::<Vec<_>>(),
        "certificates": claims.certificates.iter().map(|c| json!({
            "subject": c.subject_text(),
            "issuer": c.issuer_text(),
            "not_before": rfc3339(c.not_before()),
            "not_after": rfc3339(c.not_after()),
            "sm3": c.fingerprint_sm3().iter().map(|b| format!("{b:02x}")).collect::<String>(),
        })).collect::<Vec<_>>(),
        "digests": claims.digests.len(),
        "findings": claims.findings,
    })
}

fn signature(claims: &Claims, signature: &SignatureClaims) -> Value {
    json!({
        "id": signature.id,
        "form": signature.form.name(),
        "document_time_stamp": signature.document_time_stamp,
        "signer": signature.signer.as_ref().map(|c| c.subject_text()),
        "claimed_time": signature.claimed.as_ref().map(|c| json!({ "text": c.text, "source": c.source })),
        "seal": signature.seal.as_ref().map(|s| json!({
            "id": s.id, "name": s.name, "version": s.version, "picture": s.picture,
            "valid_from": s.valid_from.map(rfc3339), "valid_to": s.valid_to.map(rfc3339),
            "maker": s.maker.as_ref().map(|c| c.subject_text()),
        })),
        "protects": signature.references.iter().map(|(path, id)| json!({
            "entry": path,
            "algorithm": claims.digest_algorithm(*id),
        })).collect::<Vec<_>>(),
        "covers": signature.coverage.extent,
        "leaves_out": signature.coverage.uncovered.iter().map(|(path, _)| path).collect::<Vec<_>>(),
        "time_stamps": signature.stamps.iter().map(|s| rfc3339(s.time)).collect::<Vec<_>>(),
        "findings": signature.findings,
    })
}
