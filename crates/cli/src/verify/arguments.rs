//! What can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use cinnabar_verify::bulk::{Options, Order};
use cinnabar_verify::policy::Policy;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::inputs::Input;
use super::output::Format;

/// Verify sealed documents: OFD, PDF, seals, signature values; one or ten million
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files, folders (searched for documents), quoted patterns ('archive/**/*.ofd'), zip and tar archives, or - for standard input
    #[arg(required_unless_present_any = ["files_from", "manifest", "tar"], value_name = "FILE|DIR|PATTERN|-")]
    files: Vec<PathBuf>,
    /// 文件清单: verify the files that a list names, one a line; - for standard input
    #[arg(long, value_name = "LIST|-")]
    files_from: Vec<PathBuf>,
    /// Names in --files-from end in NUL, as 'find -print0' writes them
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,
    /// 清单: verify what an NDJSON manifest names; each line has path, and may have id, sha256, sm3, type
    #[arg(long, value_name = "LIST|-")]
    manifest: Vec<PathBuf>,
    /// Verify the documents in a tar (also .tar.gz), whatever it is called; - for standard input
    #[arg(long, value_name = "TAR|-")]
    tar: Vec<PathBuf>,
    /// 信任集: the trust set (TOML). Without one nothing passes: no authority is trusted by default
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// document (default), licence (status needed) or strict (proven time and revocation evidence needed)
    #[arg(long, value_name = "NAME", default_value = "document", value_parser = parse_policy)]
    pub policy: &'static Policy,
    /// The time of verification, RFC 3339 (default: now)
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<i64>,
    /// Use no network. This version never does; the option states it for scripts
    #[arg(long)]
    offline: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// 输出: write results to a file, called FILE.partial until it is complete
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Results as they are finished, not as listed
    #[arg(long)]
    pub unordered: bool,
    /// 线程: how many threads judge (default: one a core)
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    jobs: Option<u16>,
    /// 时限: what takes longer to read, or to judge, is INDETERMINATE: 500ms, 10s, 2m, or none
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_deadline)]
    deadline: Deadline,
    /// 重复: judge identical files each by itself, instead of once for all
    #[arg(long)]
    judge_repeats: bool,
    /// 进度: show how far it is even if standard error is no terminal
    #[arg(long)]
    pub progress: bool,
    /// Neither progress nor summary on standard error
    #[arg(short, long, conflicts_with = "progress")]
    pub quiet: bool,
    /// 汇总: write the summary as JSON too
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// 断点: record how far it is, so that --resume can go on after an interruption; needs --output
    #[arg(long, value_name = "FILE", requires = "output")]
    pub checkpoint: Option<PathBuf>,
    /// 续跑: go on where the checkpoint ends, with the same arguments and at the same time of verification
    #[arg(long, requires = "checkpoint")]
    pub resume: bool,
}

const EXAMPLES: &str = "\
Examples:
  cinnabar verify licence.ofd --trust keys-dev/trust.toml
  cinnabar verify archive/ more.pdf --trust trust.toml --format ndjson > reports.ndjson
  cat licence.pdf | cinnabar verify - --trust trust.toml --format json
  cinnabar verify licence.ofd --trust trust.toml --policy strict --at 2026-01-01T00:00:00Z
  cinnabar verify 'archive/**/*.ofd' 2026.zip 2025.tar.gz --trust trust.toml --format csv -o result.csv
  find /archive -name '*.ofd' -print0 | cinnabar verify --files-from - -0 --trust trust.toml --format ndjson
  cinnabar verify --manifest list.ndjson --trust trust.toml --format ndjson
  cinnabar verify /archive --trust trust.toml --format ndjson -o all.ndjson --checkpoint all.state --resume

Exit codes: 0 all passed, 1 any failed, 2 usage or any unreadable, 3 none of these but some undetermined,
130 stopped by a signal: the result is partial.";

/// How long one document may take; none for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Deadline(Option<Duration>);

impl Args {
    /// What to verify, in the order: named, listed, in manifests, in tars.
    pub fn inputs(&self) -> Vec<Input> {
        let files = self.files.iter().cloned().map(Input::Path);
        let null = self.null;
        let lists = self.files_from.iter().cloned().map(|list| Input::Files { list, null });
        let manifests = self.manifest.iter().cloned().map(Input::Manifest);
        let tars = self.tar.iter().cloned().map(Input::Tar);
        files.chain(lists).chain(manifests).chain(tars).collect()
    }

    /// Finds what cannot be, before anything is done.
    pub fn check(&self, inputs: &[Input]) -> Result<(), String> {
        if inputs.iter().filter(|input| input.is_standard()).count() > 1 {
            return Err("标准输入只能用一次 standard input can be used once only".to_owned());
        }
        for input in inputs {
            // A list that is not there is a mistake of the caller's, not a document that cannot be read.
            if let Input::Files { list, .. } | Input::Manifest(list) = input
                && !input.is_stream()
                && let Err(error) = std::fs::File::open(list)
            {
                return Err(format!("{}: {error}", list.display()));
            }
        }
        #[cfg(feature = "parquet")]
        if self.format == Format::Parquet {
            if self.output.is_none() {
                return Err("Parquet 须用 --output 写入文件 Parquet needs --output".to_owned());
            }
            if self.checkpoint.is_some() {
                return Err(
                    "Parquet 文件无法续写，断点请用 ndjson 或 csv a Parquet file cannot be continued: use ndjson or csv with --checkpoint"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }

    /// How the run is made.
    pub fn options(&self) -> Options {
        let mut options = match self.jobs {
            Some(jobs) => Options::with_jobs(jobs.into()),
            None => Options::default(),
        };
        options.deadline = self.deadline.0;
        options.judge_repeats = self.judge_repeats;
        if self.unordered {
            options.order = Order::Finished;
        }
        options
    }
}

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

fn parse_deadline(text: &str) -> Result<Deadline, String> {
    if text == "none" {
        return Ok(Deadline(None));
    }
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor = match text.get(digits.len()..) {
        Some("ms") => 1,
        Some("s" | "") => 1000,
        Some("m") => 60_000,
        _ => 0,
    };
    match digits.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)) {
        Some(milliseconds) if milliseconds > 0 => Ok(Deadline(Some(Duration::from_millis(milliseconds)))),
        _ => Err("not a time such as 500ms, 10s, 2m, nor none".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_a_number_with_a_unit_or_none() {
        let milliseconds = |n| Ok(Deadline(Some(Duration::from_millis(n))));
        assert_eq!(parse_deadline("500ms"), milliseconds(500));
        assert_eq!(parse_deadline("10s"), milliseconds(10_000));
        assert_eq!(parse_deadline("10"), milliseconds(10_000));
        assert_eq!(parse_deadline("2m"), milliseconds(120_000));
        assert_eq!(parse_deadline("none"), Ok(Deadline(None)));
        for wrong in [
            "",
            "s",
            "0",
            "0s",
            "-1s",
            "1h",
            "1.5s",
            "99999999999999999999s",
            "18446744073709551615m",
        ] {
            assert!(parse_deadline(wrong).is_err(), "{wrong}");
        }
    }
}
