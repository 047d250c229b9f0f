//! Keys, certificates, fonts and catalogues named on the command line.

use std::fmt::Display;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use cinnabar_issue::seal_order::DEFAULT_SEAL_FONT;
use cinnabar_keys::soft::SoftKey;
use cinnabar_licence::types::Catalogue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Largest file read as a key, certificate, seal or request.
const MAX_BYTES: u64 = 32 << 20;
/// Largest font file.
const MAX_FONT_BYTES: u64 = 256 << 20;

/// What went wrong, for people: Chinese and English in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(String);

impl Trouble {
    /// Something that stands by itself.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Something about a file.
    pub fn about(path: &Path, fault: impl Display) -> Self {
        Self(format!("{}: {fault}", path.display()))
    }
}

/// How a private key is opened. The password itself is no argument: others could read it.
#[derive(Debug, clap::Args)]
pub struct PasswordArgs {
    /// The environment variable that holds the key's password
    #[arg(long, value_name = "VAR", conflicts_with = "password_file")]
    password_env: Option<String>,
    /// The file that holds the key's password in its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// Opens a key.
    pub fn open(&self, key: &Path) -> Result<SoftKey, Trouble> {
        let password = match (&self.password_env, &self.password_file) {
            (Some(name), _) => std::env::var(name).map_err(|_| {
                Trouble::new(format!(
                    "环境变量 {name} 未设置 / the environment variable {name} is not set"
                ))
            })?,
            (None, Some(path)) => text(path)?.lines().next().unwrap_or_default().to_owned(),
            (None, None) => String::new(),
        };
        SoftKey::open(&text(key)?, password.as_bytes()).map_err(|fault| Trouble::about(key, fault))
    }
}

/// Reads a file, or standard input for `-`.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    limited(path, MAX_BYTES)
}

fn limited(path: &Path, limit: u64) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    let read = read.map_err(|fault| Trouble::about(path, format!("无法读取 / cannot be read: {fault}")))?;
    if u64::try_from(read).is_ok_and(|read| read > limit) {
        return Err(Trouble::about(
            path,
            format!("大于 {limit} 字节 / larger than {limit} bytes"),
        ));
    }
    Ok(bytes)
}

/// Reads a text file.
pub fn text(path: &Path) -> Result<String, Trouble> {
    String::from_utf8(bytes(path)?).map_err(|_| Trouble::about(path, "不是 UTF-8 文本 / is no UTF-8 text"))
}

/// Reads all certificates of some PEM or DER files, in order.
pub fn certificates(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Trouble> {
    let mut all = Vec::new();
    for path in paths {
        let bytes = bytes(path)?;
        if bytes.first() == Some(&0x30) {
            all.push(bytes);
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        let found = cinnabar_pki::pem::decode(&text, "CERTIFICATE").map_err(|fault| Trouble::about(path, fault))?;
        if found.is_empty() {
            return Err(Trouble::about(path, "其中没有证书 / holds no certificate"));
        }
        all.extend(found);
    }
    Ok(all)
}

/// Reads the font that seals are drawn with. Without a choice it is the default one.
pub fn seal_font(choice: Option<&Path>) -> Result<Vec<u8>, Trouble> {
    let path = choice.unwrap_or(Path::new(DEFAULT_SEAL_FONT));
    limited(path, MAX_FONT_BYTES).map_err(|fault| match choice {
        Some(_) => fault,
        None => Trouble::new(format!("{fault} (apt install fonts-noto-cjk, or --seal-font)")),
    })
}

/// Loads the catalogue that belongs to the program and the folders named.
///
/// The program's own is `$CINNABAR_CATALOGUE`, else `catalogue/` here or beside the program.
pub fn catalogue(more: &[PathBuf]) -> Result<Catalogue, Trouble> {
    let mut dirs: Vec<PathBuf> = own_catalogue().into_iter().collect();
    for dir in more {
        if !dirs.iter().any(|known| same(known, dir)) {
            dirs.push(dir.clone());
        }
    }
    if dirs.is_empty() {
        return Err(Trouble::new(
            "找不到证照目录，请用 --catalogue 指定 / no catalogue found; name one with --catalogue",
        ));
    }
    Catalogue::load(&dirs).map_err(|fault| Trouble::new(fault.to_string()))
}

fn own_catalogue() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CINNABAR_CATALOGUE") {
        return Some(PathBuf::from(named));
    }
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|program| program.ancestors().skip(1).take(4));
    let candidates = above.flat_map(|dir| [dir.join("catalogue"), dir.join("share/cinnabar/catalogue")]);
    std::iter::once(PathBuf::from("catalogue"))
        .chain(candidates)
        .find(|dir| dir.is_dir())
}

fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Parses an RFC 3339 time.
pub fn parse_time(text: &str) -> Result<i64, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::unix_timestamp)
        .map_err(|_| "not an RFC 3339 time such as 2026-01-01T00:00:00Z".to_owned())
}

/// Shows a Unix time as RFC 3339.
pub fn show_time(unix: i64) -> String {
    let shown = OffsetDateTime::from_unix_timestamp(unix)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok());
    shown.unwrap_or_else(|| unix.to_string())
}

/// The time now.
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
