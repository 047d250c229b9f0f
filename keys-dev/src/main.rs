//! The command: `cargo run -p cinnabar-keys-dev -- [--force | --reissue] [--out FOLDER]`.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use cinnabar_keys_dev::{Error, PASSWORD, issue::issue, keys::KeyRing, output};

const USAGE: &str = "\
Makes the development keys, certificates, revocation lists and trust set.

Usage: cargo run -p cinnabar-keys-dev -- [--force | --reissue] [--out FOLDER]

  --force        make new keys and overwrite everything
  --reissue      keep the keys, make certificates, lists and trust set again
  --out FOLDER   where to (default: this package's folder)

Without --force or --reissue nothing that exists is overwritten. RSA keys are made by the openssl command.";

enum Mode {
    New,
    Force,
    Reissue,
}

fn main() -> ExitCode {
    let Some((mode, folder)) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&mode, &folder) {
        Ok(count) => {
            eprintln!(
                "{count} files written to {}; the keys' password is {PASSWORD}",
                folder.display()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<(Mode, PathBuf)> {
    let mut mode = Mode::New;
    let mut folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--force" if matches!(mode, Mode::New) => mode = Mode::Force,
            "--reissue" if matches!(mode, Mode::New) => mode = Mode::Reissue,
            "--out" => folder = Some(PathBuf::from(arguments.next()?)),
            _ => return None,
        }
    }
    Some((mode, folder?))
}

fn run(mode: &Mode, folder: &Path) -> Result<usize, Error> {
    let mut files = Vec::new();
    let keys = if let Mode::Reissue = mode {
        KeyRing::open(folder)?
    } else {
        if let Mode::New = mode {
            output::refuse_existing(folder, KeyRing::paths())?;
        }
        let keys = KeyRing::generate()?;
        files.extend(keys.files()?);
        keys
    };
    files.extend(issue(&keys)?);
    output::write(folder, &files, !matches!(mode, Mode::New))?;
    Ok(files.len())
}
