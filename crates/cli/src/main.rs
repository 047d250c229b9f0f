//! The `cinnabar` command. Data goes to stdout, everything else to stderr.

mod input;
mod inspect;
mod verify;

#[cfg(feature = "issue")]
mod issue;
#[cfg(feature = "issue")]
mod seal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// 朱砂 Cinnabar: issues, seals and verifies electronic licences (电子证照) in OFD and PDF.
#[derive(Debug, Parser)]
#[command(name = "cinnabar", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 验证: verify sealed documents, with a reason for each
    Verify(Box<verify::Args>),
    /// 查看: show what files contain, without judging them
    Inspect(inspect::Args),
    /// 签发: issue a licence from JSON, sealed
    #[cfg(feature = "issue")]
    Issue(issue::Args),
    /// 印章: make or show an electronic seal
    #[cfg(feature = "issue")]
    Seal(seal::Args),
}

const EXAMPLES: &str = "\
Examples:
  cinnabar verify licence.ofd --trust keys-dev/trust.toml
  cinnabar verify archive/ --trust trust.toml --format ndjson
  cinnabar inspect licence.pdf

Exit codes of verify: 0 all passed, 1 any failed, 2 usage or any unreadable, 3 none of these but some undetermined,
130 stopped by a signal.";

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        #[cfg(feature = "issue")]
        Command::Issue(args) => issue::run(args),
        #[cfg(feature = "issue")]
        Command::Seal(args) => seal::run(args),
    }
}
