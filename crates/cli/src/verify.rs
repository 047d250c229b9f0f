//! `cinnabar verify`.

use std::io::{self, BufWriter, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use cinnabar_pki::trust::TrustSet;
use cinnabar_verify::codes::Code;
use cinnabar_verify::policy::Policy;
use cinnabar_verify::{Context, Engine, Limits, Report, Verdict, verify_batch};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::input::{self, Source};
use crate::output::{Format, Writer};

/// How many documents one thread reads and judges at a time.
const BATCH: usize = 16;

/// How many bytes of documents one thread reads at a time, unless one alone is larger.
const BATCH_BYTES: u64 = 64 << 20;

/// Verify sealed documents: OFD, PDF, seals, signature values
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files, folders (searched for documents), or - for standard input
    #[arg(required = true, value_name = "FILE|DIR|-")]
    files: Vec<PathBuf>,
    /// The trust set (TOML). Without one nothing passes: no authority is trusted by default
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// document (default), licence (status needed) or strict (proven time and revocation evidence needed)
    #[arg(long, value_name = "NAME", default_value = "document", value_parser = parse_policy)]
    policy: &'static Policy,
    /// The time of verification, RFC 3339 (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<i64>,
    /// Use no network. This version never does; the option states it for scripts
    #[arg(long)]
    offline: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  cinnabar verify licence.ofd --trust keys-dev/trust.toml
  cinnabar verify archive/ more.pdf --trust trust.toml --format ndjson > reports.ndjson
  cat licence.pdf | cinnabar verify - --trust trust.toml --format json
  cinnabar verify licence.ofd --trust trust.toml --policy strict --at 2026-01-01T00:00:00Z

Exit codes: 0 all passed, 1 any failed, 2 usage or any unreadable, 3 none of these but some undetermined.";

fn parse_policy(name: &str) -> Result<&'static Policy, String> {
    Policy::named(name).ok_or_else(|| {
        let names: Vec<&str> = Policy::ALL.iter().map(|p| p.name).collect();
        format!("no such policy; there are {}", names.join(", "))
    })
}

fn parse_time(text: &str) -> Result<i64, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "not an RFC 3339 time such as 2026-01-01T00:00:00Z".to_owned())
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let trust = match args.trust.as_deref().map(TrustSet::load).transpose() {
        Ok(trust) => trust,
        Err(error) => {
            eprintln!("cinnabar: 信任集无法读取 the trust set cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    if trust.as_ref().is_some_and(|t| t.development) {
        eprintln!("cinnabar: ** DEVELOPMENT TRUST 开发用信任集，仅供演示 **");
    }
    let at = args.at.unwrap_or_else(|| OffsetDateTime::now_utc().unix_timestamp());
    let context = Context::new(trust.as_ref(), args.policy, at);
    let (sources, skipped) = input::collect(&args.files);
    match verify_all(&sources, &context, args.format) {
        Ok(tally) => {
            tally.tell(skipped, sources.len());
            tally.exit_code()
        }
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(2),
        Err(error) => {
            eprintln!("cinnabar: 输出失败 the output failed: {error}");
            ExitCode::from(2)
        }
    }
}

fn verify_all(sources: &[Source], context: &Context<'_>, format: Format) -> io::Result<Tally> {
    let limits = Limits::default();
    let engine = Engine::new();
    let mut writer = Writer::new(format, BufWriter::new(io::stdout().lock()))?;
    let mut tally = Tally::default();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let judge = |batch: &[Source]| {
        let documents: Vec<_> = batch
            .iter()
            .map(|s| (s.name(), s.read(limits.document_bytes)))
            .collect();
        verify_batch(&documents, context, &limits, &engine)
    };
    let batches = batches(sources);
    for round in batches.chunks(threads) {
        let reports: Vec<Vec<Report>> = thread::scope(|scope| {
            let judge = &judge;
            let workers: Vec<_> = round.iter().map(|batch| scope.spawn(move || judge(batch))).collect();
            workers.into_iter().map(|w| w.join()).collect::<Result<_, _>>()
        })
        .map_err(|_| io::Error::other("a verifying thread stopped"))?;
        for report in reports.iter().flatten() {
            tally.count(report);
            writer.write(report)?;
        }
    }
    writer.finish()?;
    Ok(tally)
}

/// Cuts the list into batches of at most [`BATCH`] documents and, unless one alone is larger, [`BATCH_BYTES`] bytes.
fn batches(sources: &[Source]) -> Vec<&[Source]> {
    let mut cut = Vec::new();
    let mut rest = sources;
    while !rest.is_empty() {
        let mut bytes = 0u64;
        let more = rest.iter().take(BATCH).take_while(|source| {
            bytes = bytes.saturating_add(source.size());
            bytes <= BATCH_BYTES
        });
        let (batch, later) = rest.split_at(more.count().max(1));
        cut.push(batch);
        rest = later;
    }
    cut
}

#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    undetermined: usize,
    unreadable: usize,
}

impl Tally {
    fn count(&mut self, report: &Report) {
        match report.verdict {
            Verdict::Passed(_) => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Indeterminate if report.reason == Code::IoError.as_str() => self.unreadable += 1,
            Verdict::Indeterminate => self.undetermined += 1,
        }
    }

    fn tell(&self, skipped: usize, total: usize) {
        if total == 1 && skipped == 0 && io::stderr().is_terminal() {
            return;
        }
        eprintln!(
            "cinnabar: {total} documents: {} PASSED 通过, {} FAILED 不通过, {} INDETERMINATE 无法确定, {} unreadable 无法读取{}",
            self.passed,
            self.failed,
            self.undetermined,
            self.unreadable,
            if skipped > 0 {
                format!("; {skipped} other files left out 跳过")
            } else {
                String::new()
            }
        );
    }

    /// Unreadable outranks failed: a script must not take a partial run for a whole one.
    fn exit_code(&self) -> ExitCode {
        match self {
            _ if self.unreadable > 0 => ExitCode::from(2),
            _ if self.failed > 0 => ExitCode::from(1),
            _ if self.undetermined > 0 => ExitCode::from(3),
            // A folder without any document proves nothing.
            _ if self.passed == 0 => ExitCode::from(2),
            _ => ExitCode::SUCCESS,
        }
    }
}
