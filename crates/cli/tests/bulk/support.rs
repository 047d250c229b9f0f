//! A folder of documents, the command run in it, and archives put together byte by byte.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn fixture(name: &str) -> Vec<u8> {
    fs::read(root().join("fixtures").join(name)).unwrap()
}

pub struct Desk {
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A named pipe that nobody writes to.
    pub fn pipe(&self, name: &str) {
        assert!(Command::new("mkfifo").arg(self.path(name)).status().unwrap().success());
    }

    /// The command in this folder, under the development trust set and at a fixed time.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cinnabar"));
        command
            .arg("verify")
            .args(arguments)
            .arg("--trust")
            .arg(root().join("keys-dev/trust.toml"))
            .current_dir(self.folder.path());
        if !arguments.contains(&"--at") && !arguments.contains(&"--resume") {
            command.args(["--at", "2026-12-01T00:00:00Z"]);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs with these bytes on standard input, through a pipe.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self.start(arguments, Stdio::piped());
        let mut pipe = child.stdin.take().unwrap();
        let input = input.to_vec();
        // The command may end before it has read everything.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }

    pub fn start(&self, arguments: &[&str], input: Stdio) -> Child {
        self.command(arguments)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The results: file, verdict, reason.
    pub fn results(&self, arguments: &[&str]) -> Vec<(String, String, String)> {
        let output = self.run(&[arguments, &["--format", "ndjson"]].concat());
        rows(&stdout(&output))
    }
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn rows(ndjson: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    ndjson
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|value| (text(&value, "file"), text(&value, "verdict"), text(&value, "reason")))
        .collect()
}

/// Compares results with what is expected, as texts.
pub fn same(found: &[(String, String, String)], expected: &[(&str, &str, &str)]) {
    let found: Vec<_> = found
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    assert_eq!(found, expected);
}

/// Waits until something is so; a minute is far beyond what a good run takes.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// An entry of a zip: raw name, flags, extra fields, content, and what it says of itself.
pub struct Entry<'a> {
    pub name: &'a [u8],
    pub flags: u16,
    pub extra: Vec<u8>,
    pub method: u16,
    pub packed: &'a [u8],
    pub crc: u32,
    pub unpacked: u32,
}

pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

impl<'a> Entry<'a> {
    pub fn stored(name: &'a [u8], bytes: &'a [u8]) -> Self {
        Self {
            name,
            flags: 0,
            extra: Vec::new(),
            method: 0,
            packed: bytes,
            crc: crc(bytes),
            unpacked: bytes.len().try_into().unwrap(),
        }
    }
}

fn le16(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap().to_le_bytes()
}

fn le32(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap().to_le_bytes()
}

/// A zip of these entries.
pub fn zip(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let offset = body.len();
        let mut common = Vec::new();
        common.extend(20u16.to_le_bytes());
        common.extend(entry.flags.to_le_bytes());
        common.extend(entry.method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(entry.crc.to_le_bytes());
        common.extend(le32(entry.packed.len()));
        common.extend(entry.unpacked.to_le_bytes());
        common.extend(le16(entry.name.len()));
        common.extend(le16(entry.extra.len()));
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(entry.name);
        body.extend(&entry.extra);
        body.extend(entry.packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(le32(offset));
        directory.extend(entry.name);
        directory.extend(&entry.extra);
    }
    let (offset, size) = (body.len(), directory.len());
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(le16(entries.len()));
    body.extend(le16(entries.len()));
    body.extend(le32(size));
    body.extend(le32(offset));
    body.extend([0; 2]);
    body
}

/// A header and content of a tar entry.
pub fn tar_entry(name: &[u8], kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut entry = tar_header(name, kind, bytes.len() as u64);
    entry.extend(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

pub fn tar_header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[148..156].fill(b' ');
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
